"""The encoded points that are selected, and the selections that were given a name to be kept."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QUndoStack

from latentscope.state.undo import push_change

__all__ = ["NOTHING", "HowToSelect", "Selecting", "Selection", "how_by_keys", "unused"]

HowToSelect = Literal["replace", "add", "remove"]
Rows = NDArray[np.signedinteger]


def how_by_keys(keys: Qt.KeyboardModifier) -> HowToSelect:
    """Shift adds; Alt removes, and so does Ctrl, since many window managers keep Alt + drag for themselves."""
    if keys & Qt.KeyboardModifier.ShiftModifier:
        return "add"
    removes = Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier
    return "remove" if keys & removes else "replace"


@dataclass(frozen=True, eq=False)
class Selection:
    """``index`` (M,): which codes are selected, ascending, each once. Equal to another if these are the same.

    It is kept in 32 bits, which count more codes than any map has, since most of a million of them may be selected.
    """

    index: Rows
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", np.asarray(self.index, np.int32))

    @classmethod
    def of(cls, index: ArrayLike, name: str = "") -> "Selection":
        """The selection of these codes, in any order."""
        rows = np.asarray(index, np.int32)
        ascending = bool((rows[1:] > rows[:-1]).all())  # as what was found in order is; making sure takes long
        return cls(rows if ascending else np.flatnonzero(_marks(rows, int(rows.max()) + 1)), name)

    def __len__(self) -> int:
        return len(self.index)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Selection) and self.name == other.name and bool(np.array_equal(self.index, other.index))
        )

    def __hash__(self) -> int:
        return hash((self.name, self.index.tobytes()))

    def combined(self, index: ArrayLike, how: HowToSelect) -> "Selection":
        """This selection replaced by these codes, with them added, or without them."""
        if how == "replace":
            return Selection.of(index)
        # By marks in a row: with np.unique, a million numbers take seconds.
        other = np.asarray(index, np.int32)
        count = max(int(self.index.max(initial=-1)), int(other.max(initial=-1))) + 1
        marks = _marks(self.index, count)
        marks[other] = how == "add"
        return Selection(np.flatnonzero(marks))

    def mask(self, count: int) -> NDArray[np.bool_]:
        """Which of ``count`` codes are selected, (count,)."""
        return _marks(self.index[self.index < count], count)


def _marks(index: Rows, count: int) -> NDArray[np.bool_]:
    result = np.zeros(count, bool)
    result[index] = True
    return result


NOTHING = Selection.of(())
# What is selected is remembered as it is up to so many points, and more of them by a bit for each code: a step to undo
# that holds the indices of ten million would take eighty megabytes.
FEW = 20_000


@dataclass(frozen=True, eq=False)
class _Packed:
    """A selection as a bit for each code up to the last that is selected."""

    bits: NDArray[np.uint8]
    name: str

    @classmethod
    def of(cls, selection: Selection) -> "_Packed":
        return cls(np.packbits(_marks(selection.index, int(selection.index[-1]) + 1)), selection.name)

    def unpacked(self) -> Selection:
        return Selection(np.flatnonzero(np.unpackbits(self.bits)), self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Packed) and self.name == other.name and bool(np.array_equal(self.bits, other.bits))

    def __hash__(self) -> int:
        return hash((self.name, self.bits.tobytes()))


def unused(name: str, taken: Collection[str]) -> str:
    """The name itself, or if it is taken the first of "name 2", "name 3" … that is not."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name} {number}"
    return found


class Selecting(QObject):
    """What is selected in one workspace. ``change`` and its kind are steps to undo; ``set`` leaves no trace."""

    changed = Signal()
    kept_changed = Signal()

    def __init__(self, undo_stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo_stack = undo_stack
        self._selection = NOTHING
        self._kept: tuple[Selection, ...] = ()

    @property
    def selection(self) -> Selection:
        return self._selection

    @property
    def possible(self) -> bool:
        """Whether the points of this map can be selected at all."""
        return True

    def set(self, selection: Selection) -> None:
        if selection != self._selection:
            self._selection = selection
            self.changed.emit()

    def change(self, selection: Selection, text: str, before: Selection | None = None) -> None:
        """Select as one step to undo. ``before`` is the selection at the gesture's start (default: the present one)."""
        old, new = (_Packed.of(one) if len(one) > FEW else one for one in (before or self._selection, selection))
        push_change(self._undo_stack, text, old, new, self._restore)

    def _restore(self, selection: Selection | _Packed) -> None:
        self.set(selection.unpacked() if isinstance(selection, _Packed) else selection)

    def choose(self, index: ArrayLike, how: HowToSelect = "replace", what: str = "") -> None:
        """Select these codes, add them or take them away, as a step to undo. ``what`` they are, in its text."""
        chosen = Selection.of(index)
        what = what or f"{len(chosen):,} {'point' if len(chosen) == 1 else 'points'}"
        text = {"replace": f"Select {what}", "add": f"Add {what}", "remove": f"Remove {what} from the selection"}[how]
        new = self._selection.combined(chosen.index, how)
        self.change(new, text if len(new) or how == "remove" else "Clear selection")

    def clear(self) -> None:
        """Select nothing, as a step to undo."""
        self.change(NOTHING, "Clear selection")

    @property
    def kept(self) -> tuple[Selection, ...]:
        """The named selections, in the order in which they were kept."""
        return self._kept

    def set_kept(self, kept: tuple[Selection, ...]) -> None:
        if kept != self._kept:
            self._kept = kept
            self.kept_changed.emit()

    def keep(self, name: str) -> None:
        """Keep what is selected under a name; it takes the place of another of that name."""
        new = Selection(self._selection.index, name)
        kept = tuple(new if one.name == name else one for one in self._kept)
        kept = kept if new in kept else (*kept, new)
        push_change(self._undo_stack, f"Keep selection {name}", self._kept, kept, self.set_kept)

    def rename(self, name: str, new: str) -> None:
        """Give a kept selection another name; one that another has already gets a number."""
        others = {one.name for one in self._kept if one.name != name}
        new = unused(new, others)
        kept = tuple(Selection(one.index, new) if one.name == name else one for one in self._kept)
        push_change(self._undo_stack, f"Rename selection {name}", self._kept, kept, self.set_kept)

    def forget(self, name: str) -> None:
        """Remove a kept selection."""
        kept = tuple(one for one in self._kept if one.name != name)
        push_change(self._undo_stack, f"Remove selection {name}", self._kept, kept, self.set_kept)

    def start_afresh(self) -> None:
        """Another model is open: nothing is selected and nothing kept."""
        self.set(NOTHING)
        self.set_kept(())
