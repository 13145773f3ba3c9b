"""Which layers of the map are shown. Pure data."""

import json
from dataclasses import asdict, dataclass

__all__ = ["Layers"]


@dataclass(frozen=True)
class Layers:
    """Which layers of the map are shown, and how strongly."""

    points: bool = True
    atlas: bool = True
    prior: bool = True
    atlas_opacity: float = 0.35
    codebook: bool = True

    @classmethod
    def from_json(cls, text: str) -> "Layers":
        """The layers that ``to_json`` wrote; the usual ones where the text is of another program or time."""
        try:
            known = json.loads(text)
            shown = {name: bool(known[name]) for name in ("points", "atlas", "prior")}
            shown["codebook"] = bool(known.get("codebook", True))
            return cls(**shown, atlas_opacity=min(1.0, max(0.05, float(known["atlas_opacity"]))))
        except (ValueError, TypeError, KeyError):
            return cls()

    def to_json(self) -> str:
        return json.dumps(asdict(self))
