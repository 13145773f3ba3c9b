"""The docks of training: the form, the curves, the runs and the film of a run."""
