"""Aligning codes against closed forms: what was turned is turned back, and nothing else is done."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trainer.alignment import align, aligned_plane, chain, turned
from trainer.geometry import axis_plane, pca_plane

seeds = st.integers(0, 2**32 - 1)


def some_rotation(dimension: int, seed: int, mirrored: bool = False) -> np.ndarray:
    basis = np.linalg.qr(np.random.default_rng(seed).normal(size=(dimension, dimension)))[0]
    basis[:, 0] *= np.sign(np.linalg.det(basis)) * (-1 if mirrored else 1)
    return basis


def cloud(dimension: int, seed: int, count: int = 60) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(count, dimension)) * generator.uniform(0.2, 3, dimension) + generator.normal(size=1)


@given(st.integers(1, 8), st.booleans(), st.floats(-6, 6), seeds)
def test_a_known_turn_is_undone_whatever_the_scale(dimension: int, mirrored: bool, power: float, seed: int) -> None:
    codes, rotation = cloud(dimension, seed), some_rotation(dimension, seed + 1, mirrored)
    found = align(10.0**power * codes @ rotation.T, codes)
    assert np.allclose(found, rotation, atol=1e-6)


@given(st.integers(1, 5), seeds)
def test_no_turn_lies_nearer(dimension: int, seed: int) -> None:
    codes, reference = cloud(dimension, seed), cloud(dimension, seed + 1)
    found = align(codes, reference)
    assert np.allclose(found @ found.T, np.eye(dimension))
    best = np.linalg.norm(codes @ found - reference)
    for number in range(20):
        other = some_rotation(dimension, seed + 2 + number, mirrored=bool(number % 2))
        assert best <= np.linalg.norm(codes @ other - reference) + 1e-6


@given(
    st.integers(1, 4).flatmap(
        lambda d: st.tuples(
            *[hnp.arrays(np.float32, st.tuples(st.integers(0, 12), st.just(d)), elements=st.floats(width=32))] * 2
        )
    )
)
def test_whatever_the_codes_are_the_answer_is_a_rotation(pair: tuple[np.ndarray, np.ndarray]) -> None:
    found = align(*pair)
    assert np.isfinite(found).all()
    assert np.allclose(found @ found.T, np.eye(len(found)))


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_codes_that_say_nothing_are_not_turned(dimension: int) -> None:
    reference = cloud(dimension, 3)
    for codes in (np.zeros_like(reference), np.full_like(reference, np.nan), reference[:0]):
        assert np.array_equal(align(codes, reference), np.eye(dimension))
    same = np.ones_like(reference)
    assert np.allclose(align(same, same), np.eye(dimension))


def test_a_direction_that_says_nothing_stays() -> None:
    codes = cloud(3, 0) * [1, 1, 0]
    angle = 0.7
    rotation = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    assert np.allclose(align(codes @ rotation.T, codes), rotation, atol=1e-6)


def test_a_line_is_only_mirrored() -> None:
    codes = cloud(1, 0)
    assert align(-codes, codes).tolist() == [[-1.0]]
    assert align(3 * codes, codes).tolist() == [[1.0]]


def test_only_rows_that_both_have_and_that_are_numbers_count() -> None:
    codes, rotation = cloud(2, 0), some_rotation(2, 5)
    moved = codes @ rotation.T
    moved[3] = [np.nan, 1e9]
    more = np.concatenate([moved, 100 * cloud(2, 9)])
    assert np.allclose(align(more, codes), rotation, atol=1e-6)


def test_other_dimensions_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="cannot be aligned"):
        align(np.zeros((4, 2)), np.zeros((4, 3)))


@given(st.integers(2, 6), st.booleans(), seeds)
def test_an_aligned_plane_shows_the_same_map_and_is_exact(dimension: int, mirrored: bool, seed: int) -> None:
    reference, rotation = cloud(dimension, seed), some_rotation(dimension, seed + 1, mirrored)
    codes = reference @ rotation.T
    for plane in (axis_plane(dimension), pca_plane(reference)):
        aligned = aligned_plane(plane, codes, reference)
        assert np.allclose(aligned.to_map(codes), plane.to_map(reference), atol=1e-5)
        assert np.allclose(aligned.to_map(aligned.to_latent([[1.5, -0.5]])), [[1.5, -0.5]])


def test_turning_a_line_keeps_the_void_axis_void() -> None:
    plane = turned(axis_plane(1), [[-1.0]])
    assert plane.to_map([[2.0]]).tolist() == [[-2.0, 0.0]]


@given(st.integers(1, 4), st.integers(1, 6), st.data())
def test_a_chain_leads_every_set_to_the_anchor(dimension: int, count: int, data: st.DataObject) -> None:
    anchor = data.draw(st.integers(0, count - 1))
    codes = cloud(dimension, 0)
    sets = [codes @ some_rotation(dimension, 10 + i, mirrored=i % 2 == 0).T for i in range(count)]
    rotations = chain([align(one, next_one) for one, next_one in pairwise(sets)], anchor, dimension)
    assert np.array_equal(rotations[anchor], np.eye(dimension))
    for one, rotation in zip(sets, rotations, strict=True):
        assert np.allclose(one @ rotation, sets[anchor], atol=1e-6)
