"""What is painted over the map at every move of the mouse, without painting the map again."""
