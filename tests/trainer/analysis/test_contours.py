import numpy as np
import pytest

from trainer.analysis.contours import boundaries, contour_lines
from trainer.analysis.plane_fields import Field, grid_nodes


def field_of(function: object, rows: int = 60, columns: int = 80) -> Field:
    nodes = grid_nodes(-2, -1.5, 2, 1.5, rows, columns)
    return Field(-2, -1.5, 2, 1.5, np.asarray(function(nodes), np.float32))  # type: ignore[operator]


def test_the_level_line_of_a_cone_is_a_circle() -> None:
    lines = contour_lines(field_of(lambda nodes: np.hypot(nodes[..., 0] - 0.2, nodes[..., 1])), 1.0)
    assert len(lines) == 1
    assert lines[0][0] == pytest.approx(lines[0][-1])  # it is closed
    assert np.hypot(lines[0][:, 0] - 0.2, lines[0][:, 1]) == pytest.approx(1, abs=2e-3)
    length = np.linalg.norm(np.diff(lines[0], axis=0), axis=1).sum()
    assert length == pytest.approx(2 * np.pi, rel=5e-3)


def test_a_line_that_leaves_the_grid_is_open_and_whole() -> None:
    lines = contour_lines(field_of(lambda nodes: nodes[..., 0] + 0.5 * nodes[..., 1]), 0.3)
    assert len(lines) == 1
    assert lines[0] @ (1, 0.5) == pytest.approx(0.3, abs=1e-5)
    assert sorted(abs(lines[0][[0, -1], 1])) == pytest.approx([1.5, 1.5])


def test_where_there_is_no_such_value_there_is_no_line() -> None:
    assert contour_lines(field_of(lambda nodes: nodes[..., 0]), 5.0) == []


def test_no_piece_of_a_rough_field_is_lost_or_drawn_twice() -> None:
    # Every cell with corners on both sides is crossed; in noise half of the cases are saddles.
    values = np.random.default_rng(0).normal(0, 1, (30, 30)).astype(np.float32)
    lines = contour_lines(Field(0, 0, 29, 29, values), 0.0)
    high = values >= 0
    corners = high[:-1, :-1] * 1 + high[:-1, 1:] + high[1:, 1:] + high[1:, :-1]
    saddle = (corners == 2) & (high[:-1, :-1] == high[1:, 1:])
    pieces = np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in lines])
    assert len(pieces) == ((corners % 4 > 0) & ~saddle).sum() + 2 * saddle.sum()
    assert len(np.unique(np.sort(pieces.round(9), axis=1).reshape(-1, 4), axis=0)) == len(pieces)
    assert Field(0, 0, 29, 29, values).at(np.concatenate(lines)) == pytest.approx(0, abs=1e-5)


def test_two_classes_meet_half_way_and_three_in_a_point() -> None:
    seeds = np.array([[-1, 0], [1, 0]])
    two = field_of(lambda nodes: -((nodes[..., None, :] - seeds) ** 2).sum(-1))
    lines = boundaries(two)
    assert len(lines) == 1
    assert lines[0][:, 0] == pytest.approx(0, abs=1e-6)
    three = field_of(lambda nodes: -((nodes[..., None, :] - [*seeds, [0, 1.2]]) ** 2).sum(-1))
    ends = np.concatenate(boundaries(three))
    assert boundaries(three)
    distances = np.sort(np.linalg.norm(ends[:, None] - np.array([*seeds, [0, 1.2]]), axis=2), axis=1)
    assert distances[:, 0] == pytest.approx(distances[:, 1], abs=0.03)


def test_one_class_has_no_boundary() -> None:
    assert boundaries(field_of(lambda nodes: np.ones((*nodes.shape[:2], 1)))) == []
