"""The nearest-neighbour graph of codes, and the shortest ways through it. Pure NumPy and SciPy."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.paths.curve import Array

__all__ = ["CodeGraph", "code_graph"]

Rows = NDArray[np.intp]

NEIGHBOURS = 10
# Parts of the graph that hold less than this share of the codes are tied to the nearest code of a larger part; between
# any two larger ones there is a bridge, found among so many codes of each.
SMALL, BRIDGEHEADS = 0.01, 300
# Up to so many dimensions a tree finds neighbours faster than looking at all codes, so many of which are asked at once.
FEW, CHUNK = 10, 256
LEAST = 1e-12  # SciPy takes an edge of no length for none


@dataclass(frozen=True, eq=False)
class CodeGraph:
    """``nodes`` (M, D), M ≥ 1, and its edges: edge i is between nodes ``start[i]`` and ``end[i]``. It is connected."""

    nodes: Array
    start: Rows
    end: Rows

    @cached_property
    def _finder(self) -> "_Finder":
        return _Finder(self.nodes)

    @property
    def lengths(self) -> Array:
        """Of the edges, (E,), in latent units."""
        return np.linalg.norm(self.nodes[self.start] - self.nodes[self.end], axis=1)

    def way(self, ends: Array, costs: Array, toll: Callable[[int, Rows], Array]) -> tuple[Rows, Array]:
        """The cheapest way between two latent points, ``ends`` (2, D): its nodes (K,), and the costs (K + 1,) of its
        edges, of which the first and the last are the ways from and to the ends.

        ``costs`` (E,) are those of the edges; ``toll(i, nodes)`` those from end i, 0 or 1, to nodes near it. The way is
        found by Dijkstra's algorithm (1959).
        """
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import dijkstra

        count = len(self.nodes)
        near = self._finder.nearest(ends, min(NEIGHBOURS, count))
        start = np.concatenate([self.start, *(np.full(len(near[i]), count + i) for i in (0, 1))])
        end = np.concatenate([self.end, near[0], near[1]])
        price = np.maximum(np.concatenate([costs, toll(0, near[0]), toll(1, near[1])]), LEAST)
        matrix = csr_matrix((price, (start, end)), (count + 2, count + 2))
        _, before = dijkstra(matrix, directed=False, indices=count + 1, return_predecessors=True)
        way = [count]
        while way[-1] != count + 1:
            way.append(int(before[way[-1]]))
        paid = [float(max(matrix[a, b], matrix[b, a])) for a, b in pairwise(way)]
        return np.array(way[1:-1], np.intp), np.array(paid)


def code_graph(nodes: Array) -> CodeGraph:
    """The graph that ties each of nodes (M, D) to its ten nearest, and what is then in parts together."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    count = min(NEIGHBOURS, len(nodes) - 1)
    near = _Finder(nodes).nearest(nodes, count + 1)
    start, end = np.repeat(np.arange(len(nodes)), count + 1), near.ravel()
    # Of twins each may find the other before itself.
    low, high = np.minimum(start, end)[start != end], np.maximum(start, end)[start != end]
    pair = np.unique(low * np.intp(len(nodes)) + high)
    low, high = pair // len(nodes), pair % len(nodes)
    links = csr_matrix((np.ones(len(low)), (low, high)), (len(nodes), len(nodes)))
    parts, part = connected_components(links, directed=False)
    if parts > 1:
        more = np.array(_bridges(nodes, part, parts), np.intp).reshape(-1, 2)
        low, high = np.concatenate([low, more[:, 0]]), np.concatenate([high, more[:, 1]])
    return CodeGraph(nodes, low, high)


def _bridges(nodes: Array, part: NDArray[np.integer], parts: int) -> list[tuple[int, int]]:
    """Edges that make one of the ``parts`` that nodes (M, D) are in, ``part`` (M,)."""
    sizes = np.bincount(part, minlength=parts)
    large = np.flatnonzero((sizes >= SMALL * len(nodes)) | (sizes == sizes.max()))
    found: list[tuple[int, int]] = []
    inside = np.flatnonzero(np.isin(part, large))
    outside = np.flatnonzero(~np.isin(part, large))
    if len(outside):
        finder = _Finder(nodes[inside])
        near = inside[finder.nearest(nodes[outside], 1)[:, 0]]
        away = np.linalg.norm(nodes[outside] - nodes[near], axis=1)
        order = np.lexsort((away, part[outside]))
        _, first = np.unique(part[outside][order], return_index=True)
        found += [(int(outside[i]), int(near[i])) for i in order[first]]
    finders: dict[int, Any] = {}
    for one, other in combinations(large, 2):
        mine, theirs = np.flatnonzero(part == one), np.flatnonzero(part == other)
        finder = finders.setdefault(int(one), _Finder(nodes[mine]))
        some = theirs[:: max(1, len(theirs) // BRIDGEHEADS)]
        near = mine[finder.nearest(nodes[some], 1)[:, 0]]
        best = int(np.linalg.norm(nodes[some] - nodes[near], axis=1).argmin())
        found.append((int(some[best]), int(near[best])))
    return found


class _Finder:
    """Finds the nearest of nodes (M, D)."""

    def __init__(self, nodes: Array) -> None:
        from scipy.spatial import cKDTree

        self._nodes = nodes
        self._tree = cKDTree(nodes) if nodes.shape[1] <= FEW else None

    def nearest(self, points: Array, count: int) -> Rows:
        """The ``count`` ≤ M nodes nearest to points (N, D), nearest first: (N, count)."""
        parts = [np.empty((0, count), np.intp)]
        for begin in range(0, len(points), CHUNK):
            some = points[begin : begin + CHUNK]
            if self._tree is not None:
                parts.append(np.asarray(self._tree.query(some, count)[1], np.intp).reshape(len(some), count))
                continue
            squares = (self._nodes**2).sum(1) - 2 * some @ self._nodes.T
            near = np.argpartition(squares, count - 1, axis=1)[:, :count]
            order = np.argsort(np.take_along_axis(squares, near, axis=1), axis=1, kind="stable")
            parts.append(np.take_along_axis(near, order, axis=1))
        return np.concatenate(parts)
