"""The dock of kept selections, and of the direction from one to another."""
