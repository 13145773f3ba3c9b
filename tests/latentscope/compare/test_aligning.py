"""Maps that lie over one another, and coordinates that stay true."""

from dataclasses import replace

import numpy as np
import pytest

from latentscope.compare.aligning import Alignment, align, common_points
from latentscope.map.camera import Bounds, Camera
from trainer.alignment import turned
from trainer.config import make_config
from trainer.files import Codes, ModelFile
from trainer.geometry import axis_plane, map_plane

LABELS = np.arange(200) % 4


def model(mean: np.ndarray, family: str = "vae", data: str = "digits", labels: np.ndarray | None = LABELS) -> ModelFile:
    points = np.asarray(mean, np.float32)
    logvar = np.zeros_like(points) if family == "vae" else None
    kept = None if labels is None else labels[: len(points)].astype(np.int64)
    config = make_config({"data": data, "family": family, "latent": points.shape[1], "epochs": 1})
    return ModelFile(config, (8, 8, 1), ("a", "b", "c", "d"), {}, Codes(points, logvar, kept))


def heaps(dimension: int = 2) -> np.ndarray:
    """Codes (200, D) that look the same from no two sides."""
    random = np.random.default_rng(0)
    return random.normal(0, 0.2, (200, dimension)) + random.normal(0, 1.5, (4, dimension))[LABELS]


def turn(dimension: int, seed: int = 1) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(dimension, dimension)))[0]


def same_places(alignment: Alignment, ours: np.ndarray, theirs: np.ndarray) -> bool:
    mine = alignment.reference.to_map(ours)
    return np.allclose(alignment.scale * alignment.plane.to_map(theirs), mine, atol=1e-5)


@pytest.mark.parametrize("dimension", [1, 2, 5])
def test_a_turned_copy_lies_over_the_main_map(dimension: int) -> None:
    ours = heaps(dimension)
    theirs = ours @ turn(dimension)
    found = align(model(ours), map_plane(dimension, ours), model(theirs))
    assert found.note == "aligned"
    assert found.scale == 1
    assert found.fit == pytest.approx(1)
    assert same_places(found, ours, theirs)
    assert np.allclose(found.to_main(theirs), ours, atol=1e-5)
    assert np.allclose(found.to_companion(ours), theirs, atol=1e-5)


def test_the_prior_s_centre_stays_the_centre_of_both() -> None:
    found = align(model(heaps()), axis_plane(2), model(heaps() + 1))
    assert not found.plane.origin.any()
    assert not found.to_companion([0, 0]).any()


def test_an_autoencoder_is_moved_and_sized_and_its_coordinates_stay_its_own() -> None:
    ours = heaps()
    theirs = 20 * ours @ turn(2) + (300, -40)
    found = align(model(ours), axis_plane(2), model(theirs, "autoencoder"))
    assert found.scale == pytest.approx(1 / 20)
    assert same_places(found, ours, theirs)
    # The plane's directions have length one: its coordinates are distances in the companion's own space.
    assert np.allclose([np.linalg.norm(found.plane.u), np.linalg.norm(found.plane.v)], 1)
    place = np.array([0.3, -0.7])
    assert np.allclose(found.plane.to_latent(place / found.scale), found.to_companion(found.reference.to_latent(place)))


def test_spaces_of_different_dimension_are_aligned_on_the_map() -> None:
    flat = heaps()
    deep = np.concatenate([flat @ turn(2), 1e-3 * np.random.default_rng(2).normal(size=(200, 3))], axis=1) @ turn(5)
    for main, companion in ((flat, deep), (deep, flat)):
        found = align(model(main), map_plane(main.shape[1], main), model(companion))
        assert found.note == "aligned on the map"
        assert np.allclose(found.plane.to_map(companion), found.reference.to_map(main), atol=0.02)
        place = np.array([0.4, 0.2])
        there = found.to_companion(found.reference.to_latent(place))
        assert np.allclose(found.plane.to_map(there), place)
        assert np.allclose(found.reference.to_map(found.to_main(there)), place)


def test_one_dimension_beside_two_is_not_aligned_but_linked_by_place() -> None:
    found = align(model(heaps()), axis_plane(2), model(heaps(1)))
    assert "not aligned" in found.note
    assert found.to_companion([0.5, 2]).tolist() == [0.5]
    assert found.to_main([0.5]).tolist() == [0.5, 0]


@pytest.mark.parametrize(
    "other",
    [
        model(heaps(), labels=LABELS[::-1]),
        model(heaps(), data="mnist"),
        model(heaps(), labels=None),
        replace(model(heaps()), codes=None),
    ],
)
def test_other_test_points_are_not_aligned(other: ModelFile) -> None:
    found = align(model(heaps()), axis_plane(2), other)
    assert "not aligned" in found.note
    assert found.fit is None
    assert np.array_equal(found.to_companion([1, 2]), [1, 2])


def test_codes_all_in_one_place_are_no_fault() -> None:
    collapsed = model(np.zeros((200, 2)))
    for one, other in ((collapsed, model(heaps())), (model(heaps()), collapsed), (collapsed, collapsed)):
        found = align(one, axis_plane(2), other)
        assert np.isfinite(found.to_companion([1.0, 2.0])).all()
    pile = align(model(heaps(), "autoencoder"), axis_plane(2), model(np.ones((200, 2)), "autoencoder"))
    assert np.isfinite(pile.to_main([1.0, 2.0])).all()


def test_a_model_may_have_fewer_of_the_same_points() -> None:
    assert common_points(model(heaps()), model(heaps()[:150])) == 150
    assert common_points(model(heaps(), labels=None), model(heaps()[:150], labels=None)) == 0


def test_cameras_look_at_the_same_and_keep_their_sizes() -> None:
    found = align(model(heaps()), axis_plane(2), model(10 * heaps() + 5, "autoencoder"))
    main, own = Camera(1, 2, 80, 900, 600, 2), Camera(0, 0, 1, 450, 600, 1)
    there = found.camera_of(main, own)
    assert (there.width, there.height, there.ratio) == (450, 600, 1)
    assert there.scale == pytest.approx(8)
    back = found.main_camera_of(there, main)
    assert (back.x, back.y, back.scale) == pytest.approx((1, 2, 80))
    bounds = Bounds(-1, -2, 3, 4)
    assert found.bounds_in_main(found.bounds_in_companion(bounds)).width == pytest.approx(4)


def test_a_main_model_that_is_turned_takes_the_alignment_along() -> None:
    ours = heaps()
    found = align(model(ours), axis_plane(2), model(ours @ turn(2) + 3, "autoencoder"))
    rotation = turn(2, seed=8)
    again = found.seen_from(rotation, turned(found.reference, rotation.T))
    z = np.array([0.3, -1.2])
    assert np.allclose(again.to_companion(z @ rotation), found.to_companion(z))
    assert np.allclose(again.to_main(z), found.to_main(z) @ rotation)
    assert np.allclose(again.reference.to_map(z @ rotation), found.reference.to_map(z))
