"""Two or three models side by side, or one over the other: linked in probe, view, path and classes, and aligned."""
