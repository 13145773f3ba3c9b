"""What is found out about the selected points, behind the Inspector dock: all of it off the GUI thread, in steps."""
