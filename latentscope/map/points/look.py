"""How each point of the cloud is drawn: in which colour, and how strongly. Pure NumPy, no Qt but for colours' names."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from latentscope.analysis.colouring import Colouring
from latentscope.analysis.ramp import ramp
from latentscope.map.points.cloud import Cloud
from latentscope.state.selection import Selection
from latentscope.theme import Rgb, Theme, class_colours

__all__ = ["Look", "look_of"]

# Of the full strength, 255: points of classes that a conditional model is not asked for, and what is not selected.
FAINT, DIM = 51, 45


@dataclass(frozen=True, eq=False)
class Look:
    """``colour`` (M,) is each point's row of ``table`` (K, 3), 0..255; ``strength`` (M,) 0..255: 0 is not drawn."""

    colour: NDArray[np.uint8] | NDArray[np.uint16]
    table: NDArray[np.uint8]
    strength: NDArray[np.uint8]

    @property
    def colours(self) -> NDArray[np.uint8]:
        """The colour (M, 3) of each point."""
        result: NDArray[np.uint8] = self.table[self.colour]
        return result


def look_of(
    cloud: Cloud,
    theme: Theme,
    class_count: int,
    hidden: frozenset[int] = frozenset(),
    faint: frozenset[int] = frozenset(),
    selection: Selection | None = None,
    colouring: Colouring | None = None,
) -> Look:
    """Points in their class's colour; without classes in the accent's. Classes in ``hidden`` are not drawn.

    Those in ``faint`` are drawn faintly, and where something is selected so is all the rest. With a ``colouring`` of
    the codes a point's colour is that of its number, or the muted one where it has none.
    """
    strength = np.full(len(cloud.index), 255, np.uint8)
    if faint:
        strength[~cloud.shown(faint)] = FAINT
    last = int(cloud.index[-1]) if len(cloud.index) else -1
    if selection is not None and len(selection):
        selected = cloud.of_codes(selection.mask(last + 1))
        # In bytes throughout: with a mask it would take several times as long.
        np.minimum(strength, selected.view(np.uint8) * np.uint8(255 - DIM) + np.uint8(DIM), out=strength)
    if hidden:
        strength *= cloud.shown(hidden).view(np.uint8)
    if colouring is not None and len(colouring) > last:
        table = np.vstack([ramp(theme), _rgb(theme.muted)]).astype(np.uint8)
        return Look(cloud.of_codes(colouring.rows()), table, strength)
    plain = _rgb(theme.accent if class_count == 0 else theme.muted)
    table = np.array([*class_colours(class_count, theme), plain], np.uint8)
    colour: NDArray[Any] = cloud.label.astype(np.uint8 if len(table) <= 256 else np.uint16)
    if cloud.label.min(initial=0) < 0 or cloud.label.max(initial=-1) >= class_count:
        colour[(cloud.label < 0) | (cloud.label >= class_count)] = class_count
    return Look(colour, table, strength)


def _rgb(name: str) -> Rgb:
    colour = QColor(name)
    return colour.red(), colour.green(), colour.blue()
