"""From what a film is made. Needs no torch."""

from dataclasses import dataclass, field

from trainer.paths.timing import Walk

__all__ = ["Recipe"]


@dataclass(frozen=True)
class Recipe:
    """Waypoints (W, D), the rule that joins them, and how it is walked; of a conditional model also the weights of its
    classes, (K,) for all steps or (steps, K) for each."""

    waypoints: tuple[tuple[float, ...], ...]
    kind: str = "linear"
    walk: Walk = field(default_factory=Walk)
    closed: bool = False
    condition: tuple[float, ...] | tuple[tuple[float, ...], ...] | None = None
