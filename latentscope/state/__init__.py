"""What the window knows and can undo: the workspace, and the pure data it is made of."""
