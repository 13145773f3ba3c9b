"""What the window makes of the fields of its map: their legends, and the trust at the probe."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from latentscope.analysis.trusting import ProbeTrust
from latentscope.map.fields.ellipses import ellipses_in_view
from latentscope.map.fields.lines import CONTOUR
from latentscope.map.fields.tints import TINTS, tint_colour
from latentscope.map.fields.work import Tint
from latentscope.panels.layers.field_legends import EllipsesLegend, LineLegend, RampLegend, TrustLegend
from latentscope.state.layers import Whose

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["TrustLayers"]


# What the ends of the tints are.
MEANINGS = {
    "sparse": "Begins at the line round the densest 95 % of the codes; full where they are ten times sparser.",
    "round-trip": "Begins at what 95 % of the codes do not exceed; full at ten times as much. "
    "In σ of the posterior, the root mean square over the dimensions; of an autoencoder, in latent units.",
    "stretch": "By how much an area of the map grows among images, from what 5 % of the codes have to what 99 % do "
    "not exceed, at least to twice as much; ×1 is the median of the codes.",
}


class TrustLayers:
    """Puts the legends into the Layers panel and the trust into the decoded panel, and keeps both up to date."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        view, rows = window.map, window.layers_panel.rows
        self.ramps = {name: RampLegend(view, name.replace("-", " ")) for name in TINTS}
        for name, ramp in self.ramps.items():
            ramp.setToolTip(MEANINGS[name])
            rows[name].add_legend(ramp)
        shares = [(width, f"{share:.0%}".replace("%", " %")) for share, width in CONTOUR.items()]
        rows["density"].add_legend(LineLegend(view, "density contours", shares))
        rows["boundaries"].add_legend(LineLegend(view, "class boundaries", [(1.4, "hidden classes do not vote")], True))
        rows["trust"].add_legend(TrustLegend(view))
        self.ellipses = EllipsesLegend()
        self.ellipses.chosen.connect(self._choose)
        rows["ellipses"].add_legend(self.ellipses)
        self.probe = ProbeTrust(
            window.workspace, window.decoding, view.fields, lambda: window.decoded.neighbours.reach, window
        )
        # Among very many codes the neighbours come a moment after the probe.
        window.decoded.neighbours.near.changed.connect(self.probe.refresh)
        self.probe.changed.connect(lambda: window.decoded.show_trust(self.probe.trust))
        view.fields.changed.connect(self._show_ranges)
        view.looking.rested.connect(self._count)
        for signal in (
            window.workspace.layers_changed,
            window.workspace.model_changed,
            window.workspace.snapshot_changed,
            window.workspace.selecting.changed,
        ):
            signal.connect(self._count)
        window.workspace.model_changed.connect(self._show_ranges)
        window.closed.connect(self.close)
        self._count()

    def is_settled(self) -> bool:
        return self.probe.is_settled() and self._window.decoded.neighbours.near.is_settled()

    def close(self) -> None:
        """End what is under way."""
        self.probe.stop()
        self._window.decoded.neighbours.near.close()

    def _show_ranges(self) -> None:
        fields = self._window.map.fields
        for name, ramp in self.ramps.items():
            if (tint := fields.tint(name)) is not None:
                low, high = self._ends(name, tint)
                ramp.show_range(tint_colour(name, self._window.theme), low, high)

    def _ends(self, layer: str, tint: Tint) -> tuple[str, str]:
        """What the two ends of a tint are called."""
        if layer == "sparse":
            return "95 % line", "10 × sparser"
        codes, usual = self._window.workspace.codes, self._window.map.fields.usual
        if layer == "round-trip":
            unit = " σ" if codes is not None and codes.logvar is not None else ""
            return f"{tint.low:.2g}{unit}", f"{tint.high:.2g}{unit} and more"
        middle = float(np.median(usual.stretch)) if usual is not None and len(usual.stretch) else tint.low
        return f"×{np.exp(tint.low - middle):.2g}", f"×{np.exp(tint.high - middle):.2g} of the usual"

    def _choose(self, whose: str) -> None:
        workspace = self._window.workspace
        layers = replace(workspace.layers, ellipses=cast("Whose", whose))
        workspace.change_layers(layers, "Choose posterior ellipses")

    def _count(self) -> None:
        """Say how many ellipses are drawn."""
        window = self._window
        whose = window.workspace.layers.ellipses
        scene = window.map.fields.scene
        if scene is None or not scene.layers.shows("ellipses"):
            return
        rows, seen = ellipses_in_view(scene, window.workspace.selecting.selection)
        text = f"{len(rows):,} of {seen:,} are drawn" if len(rows) < seen else f"{seen:,} in view"
        if whose == "hovered":
            text = "Point at one on the map."
        elif whose == "selected" and not len(window.workspace.selecting.selection):
            text = "Nothing is selected."
        self.ellipses.show_choice(whose, text)
