"""One file a dock. A panel is a QWidget with a ``title``; its docstring is the tooltip of its menu entry."""
