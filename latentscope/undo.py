"""One step of the undo stack: a setter between two of its values."""

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand, QUndoStack

__all__ = ["push_change"]


def push_change(stack: QUndoStack, text: str, old: Any, new: Any, apply: Callable[[Any], None]) -> None:
    """Do ``apply(new)`` as one step to undo; nothing, if both are equal."""
    if old != new:
        stack.push(_Change(text, old, new, apply))


class _Change(QUndoCommand):
    def __init__(self, text: str, old: Any, new: Any, apply: Callable[[Any], None]) -> None:
        super().__init__(text)
        self._old, self._new, self._apply = old, new, apply

    def redo(self) -> None:
        self._apply(self._new)

    def undo(self) -> None:
        self._apply(self._old)
