"""Which layers the map has, and which of them are shown. Pure data."""

import json
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from trainer.analysis.factors import FACTORS

__all__ = ["LAYERS", "LEAST_DEPTH", "Layer", "Layers", "Whose"]

Whose = Literal["hovered", "selected", "all"]
TIED = "\N{NO-BREAK SPACE}"
LEAST_DEPTH = 0.02  # with nothing at all to be seen, nobody would know why


@dataclass(frozen=True)
class Layer:
    """A switch in the Layers panel: what it is called, and in one line what it shows."""

    name: str
    title: str
    explanation: str
    group: str  # the heading that it stands under
    shown: bool = False  # at the first start


# In the order of the panel. To add a layer: a line here, and what draws it in map/canvas.py's list.
MAP, CODES, TRUST = "The map", "How the codes lie", "Where to trust the decoder"
LAYERS = (
    Layer(
        "points",
        "Points",
        "The encoded test images, each at its code: of a VAE, the mean of its posterior.",
        MAP,
        shown=True,
    ),
    Layer("atlas", "Atlas", "What the decoder makes of each place on the map.", MAP, shown=True),
    Layer("prior", "Prior", "1, 2 and 3 σ around the centre of the prior N(0, I).", MAP, shown=True),
    Layer("codebook", "Codebook", "The codes of the codebook, larger the more they are used.", MAP, shown=True),
    Layer("fade", "Fade with distance", "Points fade the farther they lie from the plane of the map.", MAP, shown=True),
    Layer(
        "density",
        "Density contours",
        "The smallest regions with 50, 80 and 95 % of the codes (aggregate posterior).",
        CODES,
    ),
    Layer("boundaries", "Class boundaries", "Where the majority of the 25 nearest codes changes its class.", CODES),
    Layer("regions", "Class regions", "The class of that majority, fainter where the vote is close.", CODES),
    Layer("ellipses", "Posterior ellipses", "1 σ of q(z|x), as it falls on the map, round its mean.", CODES),
    Layer("factors", "Factor arrows", "Where each factor grows on the map: the longer the arrow, the stronger.", CODES),
    Layer(
        "sparse",
        "Far from data",
        "Tinted where hardly any code lies: the decoder has seen nothing like it there.",
        TRUST,
    ),
    Layer("round-trip", "Round trip", "Tinted where the encoder does not find the way back: ‖z − enc(dec(z))‖.", TRUST),
    Layer(
        "stretch",
        "Decoder stretch",
        f"How much the image changes with a small step: ½{TIED}log{TIED}det{TIED}JᵀJ of the decoder.",
        TRUST,
    ),
    Layer(
        "trust", "Trust at the probe", "The border of the decoded image: is the probe on the data?", TRUST, shown=True
    ),
)


@dataclass(frozen=True)
class Layers:
    """Which layers of the map are shown, and how: ``colour_by`` names what gives the points their colours, ``ellipses``
    says which points have theirs drawn, beside the one under the mouse."""

    shown: frozenset[str] = frozenset(layer.name for layer in LAYERS if layer.shown)
    atlas_opacity: float = 0.35
    colour_by: str = "class"
    arrows: frozenset[str] = frozenset(factor.name for factor in FACTORS)  # the factors that have one
    depth: float = 0.5  # the share of the points, the nearest to the plane, that keep at least half their strength
    ellipses: Whose = "all"

    def shows(self, name: str) -> bool:
        return name in self.shown

    def with_shown(self, name: str, shown: bool) -> "Layers":
        """The same with one layer on or off."""
        return replace(self, shown=self.shown | {name} if shown else self.shown - {name})

    @classmethod
    def from_json(cls, text: str) -> "Layers":
        """The layers that ``to_json`` wrote; the usual ones where the text is of another program or time.

        A layer that the text does not know is shown if it is at the first start, and so it is with all else.
        """
        usual = cls()
        try:
            known = dict(json.loads(text))
            switches = dict(known["layers"])
            shown = frozenset(layer.name for layer in LAYERS if switches.get(layer.name, layer.shown))
            arrows = frozenset(known.get("arrows", usual.arrows)) & usual.arrows
            whose = known.get("ellipses")
            return cls(
                shown,
                _between(0.05, known["atlas_opacity"]),
                arrows=arrows,
                depth=_between(LEAST_DEPTH, known.get("depth", usual.depth)),
                ellipses=cast("Whose", whose) if whose in get_args(Whose) else usual.ellipses,
            )
        except (ValueError, TypeError, KeyError):
            return usual

    def to_json(self) -> str:
        """What is shown and how, for the next start; what colours the points is asked anew of each model."""
        return json.dumps(
            {
                "layers": {layer.name: self.shows(layer.name) for layer in LAYERS},
                "atlas_opacity": self.atlas_opacity,
                "depth": self.depth,
                "ellipses": self.ellipses,
                "arrows": sorted(self.arrows),
            }
        )


def _between(least: float, value: object) -> float:
    """A share from ``least`` to 1. Raises ValueError or TypeError for what is no number."""
    return min(1.0, max(least, float(value)))  # type: ignore[arg-type]
