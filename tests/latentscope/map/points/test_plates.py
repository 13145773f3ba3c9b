"""The pictures of the points that are made on another thread, looked at in the pixels."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from latentscope.map.camera import Bounds, Camera
from latentscope.map.points import plates
from latentscope.map.points.cells import sorted_into_cells
from latentscope.map.points.cloud import Cloud, cloud_of
from latentscope.map.points.look import Look, look_of
from latentscope.map.points.plates import compression_at, draw_overview, draw_plate, levels_of
from latentscope.state.selection import Selection
from latentscope.theme import DARK
from trainer.files import Codes
from trainer.geometry import axis_plane

CAMERA = Camera(scale=40, width=300, height=200)


def no_pace() -> None:
    """Nobody waits."""


def heap(count: int, classes: int = 3) -> Cloud:
    random = np.random.default_rng(0)
    mean = random.normal(size=(count, 2)).astype(np.float32)
    return cloud_of(Codes(mean, None, random.integers(0, classes, count)), axis_plane(2))


def look(cloud: Cloud, selection: Selection | None = None) -> Look:
    return look_of(cloud, DARK, 3, selection=selection)


def channels(image: QImage) -> NDArray[np.float64]:
    """Red, green, blue, alpha (H, W, 4), premultiplied."""
    assert image.format() == QImage.Format.Format_ARGB32_Premultiplied
    pixels = np.frombuffer(image.constBits(), np.uint32, image.sizeInBytes() // 4)
    pixels = pixels.reshape(image.height(), -1)[:, : image.width()]
    return np.stack([(pixels >> shift) & 255 for shift in (16, 8, 0, 24)], axis=-1).astype(float)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, points are counted however few they are."""
    return lambda: monkeypatch.setattr(plates, "FEW", 0)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("selected", [0, 300])
def test_both_ways_of_drawing_make_the_same_picture(counting: Callable[[], None], ratio: float, selected: int) -> None:
    cloud = heap(4000)
    seen = look(cloud, Selection.of(np.arange(selected)))
    camera = Camera(scale=40, width=300, height=200, ratio=ratio)
    single = channels(draw_plate(cloud, seen, camera).image)
    counting()
    counted = channels(draw_plate(cloud, seen, camera).image)
    assert counted.shape == single.shape == (200 * ratio, 300 * ratio, 4)
    assert np.abs(counted - single).mean() < 8  # each disc is up to half a pixel beside its place
    assert counted.mean(axis=(0, 1)) == pytest.approx(single.mean(axis=(0, 1)), rel=0.05)


@pytest.mark.parametrize("few", [True, False])
def test_an_index_changes_nothing_but_the_time(counting: Callable[[], None], few: bool) -> None:
    if not few:
        counting()
    cloud = heap(3000)
    close = Camera(x=0.4, y=-0.3, scale=150, width=300, height=200)
    plain = [channels(draw_plate(cloud, look(cloud), camera).image) for camera in (CAMERA, close)]
    cloud.cells = sorted_into_cells(cloud.position, Bounds(-2, -2, 2, 2), no_pace)
    sorted_ = [channels(draw_plate(cloud, look(cloud), camera).image) for camera in (CAMERA, close)]
    assert all(np.abs(one - other).max() <= 1 for one, other in zip(plain, sorted_, strict=True))


def test_the_margin_is_what_lies_beside_the_view() -> None:
    cloud = heap(2000)
    bare, plate = draw_plate(cloud, look(cloud), CAMERA), draw_plate(cloud, look(cloud), CAMERA, (20, 10))
    assert (plate.image.width(), plate.image.height()) == (340, 220)
    assert np.abs(channels(plate.image)[10:210, 20:320] - channels(bare.image)).max() <= 1
    place = plate.place(CAMERA)
    assert [place.left(), place.top(), place.width(), place.height()] == pytest.approx([-20, -10, 340, 220])
    nearer = plate.place(CAMERA.zoomed(2, (150, 100)))
    assert [nearer.left(), nearer.top(), nearer.width()] == pytest.approx([-190, -120, 680])


def test_what_is_not_selected_stays_dim_however_many_there_are() -> None:
    cloud = heap(50_000)
    camera = Camera(scale=20, width=300, height=200)
    dim = channels(draw_plate(cloud, look(cloud, Selection.of([0])), camera).image)
    assert dim[100, 150, 3] < 0.25 * 255
    assert channels(draw_plate(cloud, look(cloud), camera).image)[100, 150, 3] > 0.9 * 255


def test_points_of_all_strengths_are_dim_as_they_are_weak_on_average() -> None:
    cloud = heap(20_000)
    strength = np.random.default_rng(1).integers(0, 128, 20_000).astype(np.uint8)
    plain = look(cloud)
    pictures = [
        channels(draw_plate(cloud, Look(plain.colour, plain.table, one), CAMERA).image)
        for one in (strength, np.full(20_000, 255, np.uint8))
    ]
    weak, strong = (picture[90:110, 140:160, 3].mean() for picture in pictures)
    assert weak / strong == pytest.approx(64 / 255, rel=0.15)
    assert levels_of(strength, no_pace).tolist() == list(range(128))


def test_a_crowd_does_not_saturate_and_few_points_are_not_touched() -> None:
    few, many = heap(500), heap(60_000)
    assert compression_at(few, 40) == 0
    alpha = channels(draw_plate(many, look(many), CAMERA).image)[..., 3]
    middle, beside = alpha[80:120, 130:170].mean(), alpha[90:110, 230:240].mean()
    assert 235 < middle < 250  # the crowd's middle is just short of opaque
    assert beside < 0.9 * middle  # and what lies at 2 σ is less so


def test_no_class_hides_another() -> None:
    """One class first, then the other: where they lie on each other the colour is the mean of both."""
    mean = np.repeat(np.random.default_rng(0).normal(size=(30_000, 2)).astype(np.float32), 2, axis=0)
    cloud = cloud_of(Codes(mean, None, np.tile([0, 1], 30_000)), axis_plane(2))
    seen = look_of(cloud, DARK, 2)
    middle = channels(draw_plate(cloud, seen, CAMERA).image)[90:110, 140:160].mean(axis=(0, 1))
    assert middle[:3] / middle[3] * 255 == pytest.approx(seen.table[:2].astype(float).mean(axis=0), abs=3)


@pytest.mark.parametrize(
    "mean",
    [[[0, 0]], [[0.2, 0.1]] * 70, [[0, 0], [1e9, 0]], [[0, 0], [3e38, -3e38]]],
    ids=["one", "all equal", "far outlier", "at the end of the world"],
)
def test_strange_clouds_are_drawn(counting: Callable[[], None], mean: list[list[float]]) -> None:
    cloud = cloud_of(Codes(np.array(mean, np.float32)), axis_plane(2))
    seen = look_of(cloud, DARK, 0)
    for _ in range(2):
        assert channels(draw_plate(cloud, seen, CAMERA).image)[..., 3].max() > 100
        for plate in draw_overview(cloud, seen, 1.0, no_pace):
            assert max(plate.image.width(), plate.image.height()) <= 2200
        counting()


def test_200_classes_and_hidden_ones(counting: Callable[[], None]) -> None:
    cloud = heap(5000, classes=200)
    counting()
    seen = look_of(cloud, DARK, 200, hidden=frozenset(range(199)))
    drawn = channels(draw_plate(cloud, seen, CAMERA).image)
    shown = drawn[drawn[..., 3] > 100]
    assert np.abs(shown[:, :3] / shown[:, 3:] * 255 - seen.table[199]).max() < 4
    nothing = look_of(cloud, DARK, 200, hidden=frozenset(range(200)))
    assert not channels(draw_plate(cloud, nothing, CAMERA).image).any()
    assert not any(channels(plate.image).any() for plate in draw_overview(cloud, nothing, 1.0, no_pace))


def test_the_whole_cloud_s_pictures_halve_and_show_what_is_there() -> None:
    cloud = heap(90_000)
    seen = look(cloud)
    whole = draw_overview(cloud, seen, 1.0, no_pace)
    assert all(one.scale == 2 * other.scale for one, other in pairwise(whole))
    assert len(whole) >= 3
    for plate in whole:
        width, height = plate.image.width(), plate.image.height()
        middle = plate.left + width / plate.scale / 2, plate.top - height / plate.scale / 2
        exact = draw_plate(cloud, seen, Camera(*middle, plate.scale, width, height))
        assert np.abs(channels(plate.image) - channels(exact.image)).mean() < 6


@pytest.mark.parametrize("zoom", [70, 3000])
def test_what_is_stretched_very_far_is_enlarged_in_two_steps(monkeypatch: pytest.MonkeyPatch, zoom: float) -> None:
    cloud = heap(5000)
    whole = draw_overview(cloud, look(cloud), 1.0, no_pace)[0]
    camera = Camera(0.05, 0.02, zoom * whole.scale, 300, 200)

    def seen() -> NDArray[np.float64]:
        image = QImage(300, 200, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            whole.paint(painter, camera)
        return channels(image)

    two = seen()
    monkeypatch.setattr("latentscope.map.points.plates.MOST_SMOOTH", 1e9)
    one = seen()
    assert one.max() > 20
    assert np.abs(two - one).mean() < 2
    assert np.abs(two - one).max() < 16
