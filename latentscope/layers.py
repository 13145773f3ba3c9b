"""Which layers the map has, and which of them are shown. Pure data."""

import json
from dataclasses import dataclass, replace

from trainer.factors import FACTORS

__all__ = ["LAYERS", "Layer", "Layers"]


@dataclass(frozen=True)
class Layer:
    """A switch in the Layers panel: what it is called, and in one line what it shows."""

    name: str
    title: str
    explanation: str
    shown: bool = False  # at the first start


# In the order of the panel. To add a layer: a line here, and what draws it in map/canvas.py's list.
LAYERS = (
    Layer("points", "Points", "The encoded test images, each where the mean of its posterior lies.", shown=True),
    Layer("atlas", "Atlas", "What the decoder makes of each place on the map.", shown=True),
    Layer("prior", "Prior", "The circles of 1, 2 and 3 σ around the centre of the prior N(0, 1).", shown=True),
    Layer("fade", "Fade with distance", "Points fade the farther they lie from the plane of the map.", shown=True),
    Layer("factors", "Factor arrows", "Where each factor grows on the map: the longer the arrow, the stronger."),
    Layer("codebook", "Codebook", "The codes of the codebook, larger the more they are used.", shown=True),
)


@dataclass(frozen=True)
class Layers:
    """Which layers of the map are shown, and how: ``colour_by`` names what gives the points their colours."""

    shown: frozenset[str] = frozenset(layer.name for layer in LAYERS if layer.shown)
    atlas_opacity: float = 0.35
    colour_by: str = "class"
    arrows: frozenset[str] = frozenset(factor.name for factor in FACTORS)  # the factors that have one
    depth: float = 0.5  # the share of the points, the nearest to the plane, that keep at least half their strength

    def shows(self, name: str) -> bool:
        return name in self.shown

    def with_shown(self, name: str, shown: bool) -> "Layers":
        """The same with one layer on or off."""
        return replace(self, shown=self.shown | {name} if shown else self.shown - {name})

    @classmethod
    def from_json(cls, text: str) -> "Layers":
        """The layers that ``to_json`` wrote; the usual ones where the text is of another program or time.

        A layer that the text does not know is shown if it is at the first start.
        """
        try:
            switches = dict(json.loads(text)["layers"])
            shown = frozenset(layer.name for layer in LAYERS if switches.get(layer.name, layer.shown))
            opacity = min(1.0, max(0.05, float(json.loads(text)["atlas_opacity"])))
            return cls(shown, opacity)
        except (ValueError, TypeError, KeyError):
            return cls()

    def to_json(self) -> str:
        """What is shown, for the next start; what colours the points is asked anew of each model."""
        switches = {layer.name: self.shows(layer.name) for layer in LAYERS}
        return json.dumps({"layers": switches, "atlas_opacity": self.atlas_opacity})
