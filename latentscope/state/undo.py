"""One step of the undo stack: a setter between two of its values."""

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QUndoCommand, QUndoStack

__all__ = ["ONE_GO", "let_go", "push_change"]

# Changes of one kind that follow each other as fast as this are one step, where they may be: the notches of a wheel.
ONE_GO = 0.8  # s


def push_change(
    stack: QUndoStack, text: str, old: Any, new: Any, apply: Callable[[Any], None], *, merge: bool = False
) -> None:
    """Do ``apply(new)`` as one step to undo; nothing, if both are equal.

    With ``merge`` it becomes part of the step before, if that is of the same text and has only just been made.
    """
    if old != new:
        stack.push(_Change(text, old, new, apply, merge))


def let_go(merged: QUndoCommand) -> None:
    """Drop all that a step holds once another has taken it in.

    Qt deletes such a step, but PySide 6.11 keeps its Python half for good, and with that the window it belongs to."""
    vars(merged).clear()


class _Change(QUndoCommand):
    def __init__(self, text: str, old: Any, new: Any, apply: Callable[[Any], None], merge: bool) -> None:
        super().__init__(text)
        self._old, self._new, self._apply, self._merge = old, new, apply, merge
        self._when = time.monotonic()

    def id(self) -> int:
        return 2 if self._merge else -1  # the view's moves are 1; −1 is never merged

    def mergeWith(self, other: Any) -> bool:
        if not isinstance(other, _Change) or other.text() != self.text() or other._when - self._when > ONE_GO:
            return False
        self._new, self._when = other._new, other._when
        self.setObsolete(self._new == self._old)
        let_go(other)
        return True

    def redo(self) -> None:
        self._apply(self._new)

    def undo(self) -> None:
        self._apply(self._old)
