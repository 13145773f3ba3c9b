"""What can be measured on a model: one file a kind of figure. trainer.evaluate puts them together."""
