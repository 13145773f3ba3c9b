"""The rule ``data``: from encoded point to encoded point, where they lie densest."""

from collections.abc import Generator, Iterator

import numpy as np

from trainer.paths.code_graph import CodeGraph, Rows, code_graph
from trainer.paths.curve import Array, Curve
from trainer.paths.density import some_of
from trainer.paths.rule import Surroundings, better_legs

__all__ = ["join"]

MOST = 5_000  # codes in the graph
POWER = 2.0


def join(waypoints: Array, closed: bool, around: Surroundings) -> Generator[float, None, Curve]:
    """Shortest ways in the nearest-neighbour graph of the codes (as in Isomap: Tenenbaum, de Silva & Langford 2000).

    A step costs the square of its length, so that a way keeps to where the codes lie close together (power-weighted
    shortest paths: Hwang, Damelin & Hero 2016). Every point between the waypoints is a code; of more than 5,000
    codes those of a fixed sample. See ``trainer.paths.rule.joining``.
    """
    assert around.codes is not None
    codes = around.codes
    graph: CodeGraph = around.once("graph of the codes", lambda: code_graph(some_of(codes, MOST)))
    costs = around.once("costs of its edges", lambda: graph.lengths**POWER)

    def shapes(start: Array, end: Array) -> Iterator[Array]:
        if np.array_equal(start, end):
            return
        ends = np.stack([start, end])

        def toll(which: int, nodes: Rows) -> Array:
            away: Array = np.linalg.norm(graph.nodes[nodes] - ends[which], axis=1)
            return away**POWER

        way, _ = graph.way(ends, costs, toll)
        points = graph.nodes[way]
        # An end that is a code is one already.
        points = points[(points != start).any(axis=1) & (points != end).any(axis=1)]
        yield np.concatenate([start[None], points, end[None]])

    return better_legs(waypoints, closed, around, shapes)
