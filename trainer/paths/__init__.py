"""Paths through a latent space: the rules that join waypoints, and how they are walked. The table of rules.

A rule is a module with one function, ``join(waypoints, around) -> Curve``: see ``rule.py``. The window, the command
line and the race know it from the table on.
"""

from trainer.registry import Choice, Table

__all__ = ["NEEDS_CODES", "NEEDS_DECODER", "RULES"]

# Traits of a rule: what it has to look at besides the waypoints.
NEEDS_DECODER, NEEDS_CODES = "decoder", "codes"

RULES = Table(
    "path kind",
    Choice("linear", "Linear", "The straight line.", "trainer.paths.linear"),
    Choice(
        "slerp",
        "Slerp",
        "Turns at a constant rate round the prior's centre, and keeps its distance from it.",
        "trainer.paths.spherical",
    ),
    Choice("spline", "Spline", "A smooth curve through all waypoints.", "trainer.paths.spline"),
    Choice(
        "geodesic",
        "Geodesic",
        "The shortest way in image space, as the decoder has it, that does not lead where the data is not.",
        "trainer.paths.geodesic",
        (NEEDS_DECODER,),
    ),
    Choice(
        "data",
        "Through the data",
        "From encoded point to encoded point, where they lie densest.",
        "trainer.paths.through_data",
        (NEEDS_CODES,),
    ),
)
