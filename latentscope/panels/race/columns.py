"""The figures of the race: a column each, with what it is and which value is the best."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trainer.paths.measures import Figures

__all__ = ["COLUMNS", "NOTHING", "Column", "best_of"]

NOTHING = "–"


@dataclass(frozen=True)
class Column:
    """``title`` is of one or two words, which stand one above the other; ``least``: whether the lowest value is the
    best, else the highest."""

    title: str
    definition: str
    value: Callable[[Figures], float | None]
    form: Callable[[float], str]
    least: bool = True

    def text(self, figures: Figures | None) -> str:
        value = self.value(figures) if figures is not None else None
        return NOTHING if value is None else self.form(value)


def times(value: float) -> str:
    """ "×0.62", "×0.03", "×1e-05"."""
    if value >= 0.995 or value == 0:
        return f"×{value:.2f}"
    return f"×{value:.2g}"


COLUMNS = (
    Column("Latent length", "Length in latent units.", lambda one: one.latent, lambda x: f"{x:.3g}"),
    Column(
        "Image length",
        "Length in image space: how much the image changes in all. The sum of the distances between decoded images, "
        "each close to the one before; pixels go from 0 to 1.",
        lambda one: one.image,
        lambda x: f"{x:.3g}",
    ),
    Column(
        "Energy",
        "The work done in image space, ∫ ‖d image / dt‖² dt, held against that of the straight line. It is low where "
        "the image changes little and evenly; a geodesic is the way that has the least.",
        lambda one: one.energy,
        times,
    ),
    Column(
        "Lowest density",
        "The lowest density of the codes on the way, held against the median at the codes themselves: ×1 is where half "
        "of them are, ×0 where there are none.",
        lambda one: one.density,
        times,
        least=False,
    ),
)


def best_of(column: Column, figures: Sequence[Figures | None]) -> str:
    """The text of the best value in a column; empty where all are alike, or there are fewer than two."""
    values = [value for one in figures if one is not None and (value := column.value(one)) is not None]
    texts = {column.form(value) for value in values}
    if len(texts) < 2:
        return ""
    return column.form(min(values) if column.least else max(values))
