"""The Race dock: the ends of the active path under each rule, a lane a rule."""
