"""Whether the probe is on the data: by its neighbours at every move; by round trip and stretch where it rests.

Each is held against what is usual among the codes themselves. The distance to the neighbours is that in the whole
latent space, so that a probe off the data is told from one that only looks so on a plane through many dimensions.

While a model trains its codes move, and what is usual among those of one snapshot says nothing about a place among
those of the next. Until that is known a probe on the data is left in peace where it rests; of others nothing is said.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.decoding import Decoding
from latentscope.map.fields.fields import PlaneFields
from latentscope.map.fields.work import DecoderAt, Ticket, Usual
from latentscope.panels.layers.panel import is_offered
from latentscope.panels.trust_line import Trust
from latentscope.state.workspace import Workspace

__all__ = ["ProbeTrust", "level_of", "trust_of"]

KEY = "probe"
REST_MS = 140
# A value beyond that of such a share of the codes is at the edge of the data, and off it.
EDGE, OFF = 0.95, 0.99
WORDS = "On the data", "At the edge of the data", "Off the data"
BUT = ", but stretched", ", but not found again"  # what makes it worse than it looks
UNKNOWN = Trust(None, "Not measured yet", "", "The codes have moved, and are measured when they rest.")


def level_of(usual: NDArray[np.float64], value: float) -> int:
    """0 where at least 5 of 100 codes (``usual``, ascending) have so large a value, 1 where at least one, else 2."""
    if not len(usual):
        return 0
    share = np.searchsorted(usual, value) / len(usual)
    return int(share > EDGE) + int(share > OFF)


def trust_of(usual: Usual, reach: float, round_trip: float | None, stretch: float | None, sigmas: bool) -> Trust:
    """What the three measures say; ``sigmas``: the round trip is in σ of the posterior, not in latent units."""
    near = level_of(usual.distance, reach)
    lines = [f"The seventh nearest code is {reach:.2g} away; {_compared(usual.distance, reach)}."]
    if round_trip is None or stretch is None:
        return Trust(near, WORDS[near], "", lines[0])
    back = level_of(usual.round_trip, round_trip)
    # The stretch may be unusual in both directions. By itself it puts nothing off the data.
    odd = int(max(level_of(usual.stretch, stretch), level_of(-usual.stretch[::-1], -stretch)) == 2)
    unit = " σ" if sigmas else ""
    fold = float(np.exp(stretch - np.median(usual.stretch)))
    lines.append(f"Encoding the decoded image leads {round_trip:.2g}{unit} away; "
                 f"{_compared(usual.round_trip, round_trip)}.")  # fmt: skip
    lines.append(f"A small step changes the image {fold:.2g} times as much as it does at the usual code.")
    details = f" · round trip {round_trip:.2g}{unit} · stretch ×{fold:.2g}"
    level = max(near, back, odd)
    but = "" if level == near else BUT[1 if back == level else 0]
    return Trust(level, WORDS[near] + but, details, "\n".join(lines))


def _compared(usual: NDArray[np.float64], value: float) -> str:
    share = float(np.searchsorted(usual, value)) / max(len(usual), 1)
    return f"of 100 codes, {round(100 * share)} have less"


class ProbeTrust(QObject):
    """``changed`` says that ``trust`` is another. Whoever makes it calls ``refresh`` after the neighbours are known."""

    changed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        decoding: Decoding,
        fields: PlaneFields,
        reach: Callable[[], float | None],
        parent: QObject | None = None,
    ) -> None:
        """``reach`` is the distance of the probe's seventh neighbour."""
        super().__init__(parent)
        self._workspace, self._decoding, self._fields, self._reach = workspace, decoding, fields, reach
        self.trust: Trust | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._measure)
        self._ticket = Ticket()
        self._asked = False
        self._said_of: object = None  # the probe that ``trust`` is about
        workspace.model_changed.connect(self.refresh)
        workspace.snapshot_changed.connect(self.refresh)
        workspace.layers_changed.connect(self.refresh)
        workspace.probe_shown.connect(self.refresh)
        fields.usual_changed.connect(self.refresh)
        decoding.ready.connect(self.refresh)

    def is_settled(self) -> bool:
        return not self._rest.isActive() and not self._asked

    def stop(self) -> None:
        self._rest.stop()
        self._ticket.wanted = False

    def refresh(self) -> None:
        """By the neighbours at once; the rest when the probe has rested."""
        self._ticket.wanted = False
        self._asked = False
        wanted = self._workspace.layers.shows("trust") and is_offered("trust", self._workspace)
        wanted = wanted and self._workspace.model is not None
        self._fields.want_usual(wanted)
        usual, reach, probe = self._fields.usual_now, self._reach(), self._workspace.probe
        if not wanted or reach is None:
            self._rest.stop()
            self._set(None)
            return
        near = trust_of(usual, reach, None, None, False) if usual is not None else UNKNOWN
        at_peace = self.trust is not None and self.trust.level == 0 and self._said_of is probe
        if not at_peace or near.level not in (0, None):
            self._set(near)
        self._said_of = probe
        if usual is not None:
            self._rest.start()
        else:
            self._rest.stop()

    def _measure(self) -> None:
        usual, reach, codec = self._fields.usual_now, self._reach(), self._decoding.codec
        condition, plane = self._workspace.condition, self._workspace.plane
        if usual is None or reach is None or codec is None or not len(usual.stretch):
            return
        if codec.classes != len(condition or ()) or codec.latent != plane.dimension:
            return
        z, ticket, decoder = self._workspace.probe[None].copy(), Ticket(), DecoderAt(codec, condition, plane)
        codes = self._workspace.codes
        sigmas = codes is not None and codes.logvar is not None
        self._ticket, self._asked = ticket, True

        def work() -> tuple[float, float]:
            back, stretch = decoder.measure("round-trip", z, ticket), decoder.measure("stretch", z, ticket)
            return float(back[0]), float(stretch[0])

        def take(measured: tuple[float, float]) -> None:
            if ticket.wanted:
                self._asked = False
                self._set(trust_of(usual, reach, *measured, sigmas))

        self._fields.background.submit(KEY, work, take, self._fail)

    def _fail(self, error: Exception) -> None:
        """The decoder says itself what is wrong with it."""
        self._asked = False

    def _set(self, trust: Trust | None) -> None:
        if trust != self.trust:
            self.trust = trust
            self.changed.emit()
