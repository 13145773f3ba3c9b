import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from latentscope.map.camera import Bounds
from latentscope.map.pace import DroppedError, Pace
from latentscope.map.points.cells import Cells, sorted_into_cells


def no_pace() -> None:
    """Nobody waits."""


def cells_of(position: NDArray[np.float32], around: Bounds | None = None) -> Cells:
    return sorted_into_cells(position, around or Bounds(-2, -2, 2, 2), no_pace)


def heap(count: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(count, 2)).astype(np.float32)


def rows_in(cells: Cells, bounds: Bounds, piece: int = 1000) -> NDArray[np.int32]:
    parts = [cells.order[part] for group in cells.slices(bounds, piece) for part in group]
    return np.concatenate(parts) if parts else np.empty(0, np.int32)


def inside(position: NDArray[np.float32], bounds: Bounds) -> set[int]:
    x, y = position.T.astype(float)
    return set(
        np.flatnonzero((x >= bounds.left) & (x <= bounds.right) & (y >= bounds.bottom) & (y <= bounds.top)).tolist()
    )


def test_every_point_is_in_the_index_once() -> None:
    position = heap(5000)
    cells = cells_of(position)
    assert sorted(cells.order.tolist()) == list(range(5000))
    assert (cells.position == position[cells.order]).all()
    assert cells.starts[0] == 0
    assert cells.starts[-1] == 5000
    assert cells.count(Bounds(-1e9, -1e9, 1e9, 1e9)) == 5000


@given(
    x=st.floats(-6, 6), y=st.floats(-6, 6), width=st.floats(0, 5), height=st.floats(0, 5),
    count=st.integers(1, 4000), piece=st.sampled_from([7, 900]),
)  # fmt: skip
def test_a_rectangle_gets_all_of_its_points_and_few_others(
    x: float, y: float, width: float, height: float, count: int, piece: int
) -> None:
    position = heap(count)
    cells, bounds = cells_of(position), Bounds(x, y, x + width, y + height)
    rows = rows_in(cells, bounds, piece)
    assert len(set(rows.tolist())) == len(rows) == cells.count(bounds)
    assert inside(position, bounds) <= set(rows.tolist())
    assert all(sum(part.stop - part.start for part in group) <= piece for group in cells.slices(bounds, piece))
    if Bounds(-2, -2, 2, 2).holds(bounds.padded(cells.width + cells.height)):  # away from the cells at the edge
        assert set(rows.tolist()) <= inside(position, bounds.padded(max(cells.width, cells.height) + 1e-6))


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0, 4))
def test_the_nearest_point_is_that_of_a_plain_search(x: float, y: float, within: float) -> None:
    position = heap(3000)
    cells, xy = cells_of(position), np.array([x, y])
    distance = np.hypot(*(position - xy).T)
    expected = int(distance.argmin()) if distance.min() <= within else -1
    assert cells.nearest(xy, within, None) == expected
    odd = cells.nearest(xy, within, lambda rows: rows % 2 == 1)
    distance[::2] = np.inf
    assert odd == (int(distance.argmin()) if distance.min() <= within else -1)


@pytest.mark.parametrize(
    "position",
    [np.zeros((1, 2)), np.full((5000, 2), 3.0), np.array([[0, 0], [1e30, -1e30]]), np.array([[1e9, 0]] * 9)],
    ids=["one", "all equal", "very far", "beside the cells"],
)
def test_strange_points_are_found(position: NDArray[np.float64]) -> None:
    flat = position.astype(np.float32)
    cells = cells_of(flat)
    for row in (0, len(flat) - 1):
        found = cells.nearest(flat[row].astype(float), 0.5, None)
        assert (flat[found] == flat[row]).all()
        assert row in rows_in(cells, Bounds(*flat[row].tolist(), *flat[row].tolist()).padded(0.1))


def test_an_area_of_no_size_has_one_cell_or_few() -> None:
    cells = cells_of(np.zeros((1000, 2), np.float32), Bounds(0, 0, 0, 0))
    assert cells.nearest(np.zeros(2), 1, None) >= 0


def test_work_that_nobody_waits_for_is_given_up() -> None:
    pace = Pace()
    pace()
    pace.dropped = True
    with pytest.raises(DroppedError):
        sorted_into_cells(heap(10), Bounds(-2, -2, 2, 2), pace)
