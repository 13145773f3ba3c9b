"""The Selection dock: what is selected, as figures and as a gallery."""
