"""Imports as Python itself does them.

PySide6 replaces ``__import__`` by one that also reads, and keeps, the source text of every module that is imported
after it, to find out whether the module might ask for Qt's functions under other names (``from __feature__ import
snake_case``). Nobody here does, and reading the source of whatever comes after Qt is a tenth of the time until the map
is there, and torch has two thousand modules more.
"""

import builtins

__all__ = ["import_plainly"]


def import_plainly() -> None:
    """Give Python its own ``__import__`` back, which PySide6 keeps under this name; where it does not, all is well."""
    original = getattr(builtins, "__orig_import__", None)
    if original is not None:
        builtins.__import__ = original
