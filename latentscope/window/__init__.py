"""What the main window is made of besides its map and its panels."""
