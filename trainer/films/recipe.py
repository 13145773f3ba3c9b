"""From what a film is made. Needs no torch."""

from dataclasses import dataclass, field

from trainer.paths.timing import Walk

__all__ = ["Recipe"]


@dataclass(frozen=True)
class Recipe:
    """Waypoints (W, D), the rule that joins them, and how it is walked; of a conditional model also the weights of its
    classes, (K,) for all steps or (steps, K) for each.

    ``ends`` are the test images, by their rows, that stand for the first and the last picture: those whose codes the
    ends are; None for one that is decoded. They are of the data set ``data``, by default the model's own.
    """

    waypoints: tuple[tuple[float, ...], ...]
    kind: str = "linear"
    walk: Walk = field(default_factory=Walk)
    closed: bool = False
    condition: tuple[float, ...] | tuple[tuple[float, ...], ...] | None = None
    ends: tuple[int | None, int | None] = (None, None)
    data: str = ""
