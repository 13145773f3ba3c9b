"""The Film strip dock: the steps of the active path as frames, to be scrolled, hovered, played and timed."""
