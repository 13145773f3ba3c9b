"""What goes with a factor, in words: the measured answer to "does z₀ control slant?"."""

import math

from trainer.analysis.correlation import UNDEFINED, Correlation, Direction, Relation
from trainer.analysis.factors import Factor
from trainer.geometry import axis_name

__all__ = ["axis_words", "dimension_words", "direction_words", "interval_text", "rank_text", "value_text"]

# From which |r| on it is which answer.
ANSWERS = ((0.7, "Largely"), (0.4, "Partly"), (0.15, "A little"), (0.0, "Hardly"))
BENT = 0.1  # by so much the ranks go together better where that is worth a sentence
COMPASS = ("right", "upper right", "top", "upper left", "left", "lower left", "bottom", "lower right")


def value_text(value: float, signed: bool = True) -> str:
    """ "+0.83"; a dash where it is undefined."""
    if not math.isfinite(value):
        return "–"
    return f"{value:{'+' if signed else ''}.2f}".replace("-", "\N{MINUS SIGN}")


def interval_text(correlation: Correlation, signed: bool = True) -> str:
    """ "+0.82 to +0.84"."""
    return f"{value_text(correlation.low, signed)} to {value_text(correlation.high, signed)}"


def dimension_words(factor: Factor, dimension: int, relation: Relation) -> str:
    """Whether a latent dimension goes with a factor: the answer, its correlation and what it is measured on."""
    found = relation.with_dimensions()[dimension]
    return axis_words(factor, axis_name(dimension), found, relation) + bend_words(dimension, relation)


def axis_words(factor: Factor, axis: str, found: Correlation, relation: Relation) -> str:
    """The same of a direction of that name, whose correlation with the factor is known."""
    question = f"Does {axis} control {factor.title.lower()}?"
    if (why := _undefined(factor, relation)) or not found.is_defined:
        return f"{question} {why or f'{axis} is the same for all images, so nothing can go with it.'}"
    measured = f"r = {value_text(found.value)}, 95 % interval {interval_text(found)}, {relation.count:,} images"
    if not found.excludes_zero:
        return f"{question} No: what there is may be chance ({measured})."
    answer = next(word for least, word in ANSWERS if abs(found.value) >= least)
    more = "larger" if found.value > 0 else "smaller"
    told = f"{measured}; {variance(found.value)}"
    return f"{question} {answer}: the {more} {axis}, the {factor.more} ({told})."


def rank_text(dimension: int, relation: Relation) -> str:
    """Spearman's correlation with a dimension and its interval; empty where it is undefined."""
    ranked = relation.ranked[dimension] if dimension < len(relation.ranked) else UNDEFINED
    return f"ρ = {value_text(ranked.value)}, 95 % interval {interval_text(ranked)}" if ranked.is_defined else ""


def bend_words(dimension: int, relation: Relation) -> str:
    """A sentence where the ranks go together clearly better than the numbers: the relation is bent. Else nothing."""
    ranked = relation.ranked[dimension] if dimension < len(relation.ranked) else UNDEFINED
    straight = relation.with_dimensions()[dimension]
    if not ranked.excludes_zero or abs(ranked.value) < abs(straight.value) + BENT:
        return ""
    return f" By rank more: it goes one way, but not in a straight line ({rank_text(dimension, relation)})."


def direction_words(factor: Factor, direction: Direction, relation: Relation, on_map: bool) -> str:
    """Where a factor grows on the map, or how much of it all dimensions tell together."""
    name, found = factor.title.lower(), direction.strength
    question = f"Where on the map does {name} grow?" if on_map else f"Do all dimensions together tell {name}?"
    if (why := _undefined(factor, relation)) or not found.is_defined:
        alike = not relation.covariance.any()
        nothing = (
            "All codes lie in one place, so nothing can go with it." if alike else "There are too few images to say."
        )
        return f"{question} {why or nothing}"
    measured = f"R = {value_text(found.value, False)}, 95 % interval {interval_text(found, False)}"
    measured = f"{measured}, {relation.count:,} images"
    if not found.excludes_zero:
        return f"{question} In no direction: what there is may be chance ({measured})."
    if on_map:
        return f"{question} Towards the {towards(float(direction.unit[0]), float(direction.unit[1]))} ({measured})."
    answer = next(word for least, word in ANSWERS if found.value >= least)
    return f"{question} {answer}, along their best direction ({measured}; {variance(found.value)})."


def variance(correlation: float) -> str:
    """ "31 % of its variance"."""
    share = correlation**2
    return f"{f'{100 * share:.0f} %' if share >= 0.01 else 'under 1 %'} of its variance"


def towards(x: float, y: float) -> str:
    """The side or the corner of the map that a direction points to."""
    return COMPASS[round(math.atan2(y, x) / (math.pi / 4)) % 8]


def _undefined(factor: Factor, relation: Relation) -> str:
    """Why nothing can be said of a factor; empty where something can."""
    if relation.count < 4:
        have = "has" if relation.count == 1 else "have"
        return f"Only {relation.count} of the images {have} a {factor.title.lower()}, too few to say."
    return f"{factor.title} is the same on all images, so nothing can go with it." if relation.is_constant else ""
