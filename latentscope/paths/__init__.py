"""Paths in the window: how they run, how they are walked, and what is made of them."""
