"""Paths through the data: from code to code, in a graph that is connected whatever the codes are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from trainer.paths.code_graph import code_graph
from trainer.paths.rule import Surroundings, joined


@given(
    st.integers(1, 12).flatmap(
        lambda d: arrays(float, st.tuples(st.integers(1, 40), st.just(d)), elements=st.integers(-3, 3).map(float))
    )
)
def test_the_graph_is_connected_also_where_codes_lie_on_one_spot(nodes: np.ndarray) -> None:
    graph = code_graph(nodes)
    assert (graph.start != graph.end).all()
    links = csr_matrix((np.ones(len(graph.start)), (graph.start, graph.end)), (len(nodes), len(nodes)))
    assert connected_components(links, directed=False)[0] == 1


def test_heaps_far_apart_and_strays_are_tied_together() -> None:
    random = np.random.default_rng(0)
    heaps = [random.normal(centre, 0.1, (300, 2)) for centre in (-10, 0, 10)]
    graph = code_graph(np.concatenate([*heaps, [[50.0, 50.0]], [[50.1, 50.0]]]))
    links = csr_matrix((np.ones(len(graph.start)), (graph.start, graph.end)), (902, 902))
    assert connected_components(links, directed=False)[0] == 1
    curve = joined([[-10.0, -10.0], [10.0, 10.0]], "data", Surroundings(codes=graph.nodes))
    assert np.linalg.norm(curve.points, axis=1).min() < 0.5  # by way of the heap in the middle


@pytest.mark.parametrize("dimension", [1, 2, 20])
def test_every_point_between_the_ends_is_a_code(dimension: int) -> None:
    codes = np.random.default_rng(0).standard_normal((3000, dimension)).astype(np.float32)
    ends = np.stack([codes[0], codes[1] + 0.01]).astype(float)
    curve = joined(ends, "data", Surroundings(codes=codes))
    between = {tuple(point) for point in curve.points[1:-1]}
    assert len(between) == len(curve.points) - 2 > 0
    assert between <= {tuple(code) for code in codes.astype(float)}
    assert tuple(codes[0].astype(float)) not in between
    again = joined(ends, "data", Surroundings(codes=codes))
    assert np.array_equal(curve.points, again.points)


def test_legs_and_ends_on_one_spot() -> None:
    codes = np.random.default_rng(0).standard_normal((500, 2))
    points = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    curve = joined(points, "data", Surroundings(codes=codes), closed=True)
    assert (curve.points[curve.corners] == points).all()
    assert (curve.points[-1] == points[0]).all()
