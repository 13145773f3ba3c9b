"""The dock of paths: those that were kept, and the draft."""
