"""What can be found out about codes and images once a model is trained."""
