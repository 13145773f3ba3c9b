"""Steps of the undo stack."""

import gc
import weakref

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication

from latentscope.state.undo import push_change


class Owner:
    """Whoever a step changes: a window, in the end."""

    def apply(self, value: object) -> None:
        self.value = value


@pytest.mark.parametrize("last", [4, 0], ids=["somewhere else", "back at the start"])
def test_steps_that_became_one_keep_nobody_alive(qapp: QApplication, last: int) -> None:
    stack, owner = QUndoStack(), Owner()
    for old, new in [(0, 1), (1, 2), (2, 3), (3, last)]:
        push_change(stack, "Change It", old, new, owner.apply, merge=True)
    assert stack.count() == (1 if last else 0)
    gone = weakref.ref(owner)
    del owner
    stack.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    assert gone() is None
