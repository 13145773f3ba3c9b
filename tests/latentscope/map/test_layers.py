"""What the layers draw, looked at in the pixels."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from latentscope.map.base import BasePicture, paint_base
from latentscope.map.camera import Camera
from latentscope.map.grid import AxesLayer, GridLayer, axis_names
from latentscope.map.overlays.hover import HoverOverlay
from latentscope.map.overlays.path import Grip, PathOverlay
from latentscope.map.overlays.probe import ProbeOverlay
from latentscope.map.points.layer import PointsLayer, point_radius
from latentscope.map.points.look import look_of
from latentscope.map.prior import PriorLabels, PriorLayer
from latentscope.map.scene import BaseLayer, Overlay, Scene
from latentscope.state.layers import Layers
from latentscope.state.paths import LatentPath, Paths
from latentscope.theme import DARK, LIGHT, class_colours
from trainer.files import Codes
from trainer.geometry import axis_plane, pca_plane

MakeScene = Callable[..., Scene]
Rgb = Callable[[QImage], NDArray[np.int64]]


def painted(layer: BaseLayer, scene: Scene) -> QImage:
    image = QImage(*scene.camera.device_size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scene.camera.ratio)
    paint_base(image, [layer], scene)
    return image


def far_from(background: str, pixels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pixels (H, W) differ from the background."""
    colour = QColor(background)
    return np.abs(pixels - (colour.red(), colour.green(), colour.blue())).max(axis=-1) > 2


# --- points -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_points_have_their_class_s_colour_where_they_are(
    make_scene: MakeScene, rgb: Rgb, ratio: float, theme: object
) -> None:
    scene = make_scene(camera=Camera(scale=100, width=400, height=300, ratio=ratio), theme=theme)
    pixels = rgb(painted(PointsLayer(), scene))
    for number, x in enumerate((100, 200, 300)):
        got = pixels[round(150 * ratio), round(x * ratio)]
        assert np.abs(got - class_colours(3, scene.theme)[number]).max() < 60
    other = far_from(scene.theme.map_background, pixels)
    assert other.sum() == pytest.approx(3 * np.pi * (point_radius(scene) * ratio) ** 2, rel=0.5)


def test_classes_that_are_not_decoded_are_faint_and_lie_below(make_scene: MakeScene, rgb: Rgb) -> None:
    scene = make_scene(faint=frozenset({0, 2}))
    pixels, plain = rgb(painted(PointsLayer(), scene)), rgb(painted(PointsLayer(), make_scene()))
    assert np.array_equal(pixels[150, 200], plain[150, 200])
    background = QColor(DARK.map_background)
    ground = np.array([background.red(), background.green(), background.blue()])
    for x in (100, 300):
        assert 0 < np.abs(pixels[150, x] - ground).sum() < 0.4 * np.abs(plain[150, x] - ground).sum()
    same = Codes(np.zeros((2, 2), np.float32), None, np.array([0, 1]))
    above = rgb(painted(PointsLayer(), make_scene(codes=same, faint=frozenset({0}))))[150, 200]
    assert np.abs(above - class_colours(3, DARK)[1]).max() < 60


def test_hidden_classes_and_hidden_points_are_not_drawn(make_scene: MakeScene, rgb: Rgb) -> None:
    pixels = rgb(painted(PointsLayer(), make_scene(hidden=frozenset({1}))))
    seen = far_from(DARK.map_background, pixels)
    assert seen[150, 100]
    assert seen[150, 300]
    assert not seen[140:160, 190:210].any()
    assert not far_from(
        DARK.map_background, rgb(painted(PointsLayer(), make_scene(layers=Layers().with_shown("points", False))))
    ).any()


def test_without_labels_points_have_the_accent_s_colour(make_scene: MakeScene, rgb: Rgb) -> None:
    scene = make_scene(codes=Codes(np.zeros((1, 2), np.float32)), class_count=0)
    accent = QColor(DARK.accent)
    got = rgb(painted(PointsLayer(), scene))[150, 200]
    assert np.abs(got - (accent.red(), accent.green(), accent.blue())).max() < 60


def test_a_point_of_no_known_class_is_muted(make_scene: MakeScene, rgb: Rgb) -> None:
    scene = make_scene(codes=Codes(np.zeros((1, 2), np.float32), None, np.array([99])))
    muted = QColor(DARK.muted)
    got = rgb(painted(PointsLayer(), scene))[150, 200]
    assert np.abs(got - (muted.red(), muted.green(), muted.blue())).max() < 60


def test_points_are_drawn_once_for_one_scene_and_again_for_another(make_scene: MakeScene) -> None:
    layer, scene = PointsLayer(), make_scene()
    painted(layer, scene)
    painted(layer, replace(scene, probe=np.ones(2), paths=Paths((LatentPath(((0.0, 0.0), (1.0, 1.0))),), 0)))
    assert layer.drawn == 1
    for changed in (
        replace(scene, camera=scene.camera.panned(3, 0)),
        replace(scene, look=look_of(scene.cloud, DARK, 3, frozenset({0}))),
        replace(scene, theme=LIGHT),
    ):
        before = layer.drawn
        painted(layer, changed)
        assert layer.drawn == before + 1


def test_lone_points_are_larger(make_scene: MakeScene) -> None:
    scene = make_scene()
    closer = replace(scene, camera=scene.camera.zoomed(4, (200, 150)))
    assert point_radius(closer) > point_radius(scene)
    many = make_scene(codes=Codes(np.zeros((5000, 2), np.float32)))
    assert point_radius(many) < point_radius(scene)


# --- prior, grid, axes ------------------------------------------------------------------------------------------------


def test_a_model_without_a_prior_has_no_circles(make_scene: MakeScene, rgb: Rgb) -> None:
    scene = make_scene(has_prior=False)
    for layer in (PriorLayer(), PriorLabels()):
        assert not far_from(DARK.map_background, rgb(painted(layer, scene))).any()


def test_the_prior_s_circles_are_at_one_two_and_three_sigma(make_scene: MakeScene, rgb: Rgb) -> None:
    scene = make_scene(camera=Camera(scale=40, width=400, height=300))
    seen = far_from(DARK.map_background, rgb(painted(PriorLayer(), scene)))
    for sigma in (1, 2, 3):
        assert seen[150, 200 + 40 * sigma - 1 : 200 + 40 * sigma + 1].any()
        assert not seen[150, 200 + 40 * sigma - 20 : 200 + 40 * sigma - 4].any()
    labels = far_from(DARK.map_background, rgb(painted(PriorLabels(), scene)))
    assert labels[150 - 100 : 150 - 80, 200 + 84 : 200 + 110].any()
    off = replace(scene, layers=Layers().with_shown("prior", False))
    assert not far_from(DARK.map_background, rgb(painted(PriorLayer(), off))).any()
    assert not far_from(DARK.map_background, rgb(painted(PriorLabels(), off))).any()


def test_in_one_dimension_the_prior_is_lines(make_scene: MakeScene, rgb: Rgb) -> None:
    scene = make_scene(plane=axis_plane(1), codes=None, camera=Camera(scale=40, width=400, height=300))
    seen = far_from(DARK.map_background, rgb(painted(PriorLayer(), scene)))
    assert seen[10:290, 200 - 40 - 1 : 200 - 40 + 1].any(axis=1).all()


@pytest.mark.parametrize("scale", [1e-3, 1e9])
@pytest.mark.parametrize("dimension", [1, 2])
def test_layers_bear_the_furthest_and_the_closest_view(make_scene: MakeScene, scale: float, dimension: int) -> None:
    plane = axis_plane(dimension)
    codes = Codes(np.zeros((3, dimension), np.float32), None, np.arange(3))
    scene = make_scene(plane=plane, codes=codes, camera=Camera(x=0.3, y=1e-4, scale=scale, width=400, height=300))
    for layer in (GridLayer(), PriorLayer(), PriorLabels(), PointsLayer(), AxesLayer()):
        assert not painted(layer, scene).isNull()


def test_axes_are_named_after_what_lies_along_them(make_scene: MakeScene) -> None:
    assert axis_names(make_scene()) == ("z₀", "z₁")
    assert axis_names(make_scene(plane=axis_plane(20, 3, 12), codes=None)) == ("z₃", "z₁₂")
    assert axis_names(make_scene(plane=axis_plane(1), codes=None)) == ("z₀", "")
    codes = np.random.default_rng(0).normal(size=(50, 4))
    assert axis_names(make_scene(plane=pca_plane(codes), codes=None)) == ("PC 1", "PC 2")


def test_the_axes_are_written_along_two_edges_only(make_scene: MakeScene, rgb: Rgb) -> None:
    seen = far_from(DARK.map_background, rgb(painted(AxesLayer(), make_scene())))
    assert seen[-30:].any()
    assert seen[:, :46].any()
    assert not seen[:-40, 60:].any()


# --- the cached picture -----------------------------------------------------------------------------------------------


def test_the_base_picture_is_composed_again_only_when_it_has_expired(make_scene: MakeScene) -> None:
    base, scene = BasePicture([PointsLayer()]), make_scene()
    for _ in range(3):
        base.image(scene)
    assert base.composed == 1
    base.expire()
    base.image(scene)
    assert base.composed == 2
    larger = base.image(replace(scene, camera=scene.camera.resized(500, 300, 2)))
    assert (larger.width(), larger.height()) == (1000, 600)


# --- overlays ---------------------------------------------------------------------------------------------------------


def overlays() -> list[tuple[Overlay, dict[str, object]]]:
    hover, path, selected = HoverOverlay(), PathOverlay(), PathOverlay()
    hover.row = 2
    selected.selected, selected.hovered = 1, Grip(1)
    line = Paths((LatentPath(((-1.0, -0.5), (0.2, 1.1), (1.0, 0.0)), "slerp"),), 0)
    return [
        (ProbeOverlay(), {"probe": np.array([0.31, -0.77])}),
        (hover, {}),
        (path, {"paths": line}),
        (selected, {"paths": line}),
    ]


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_an_overlay_paints_something_and_only_where_it_says(
    make_scene: MakeScene, rgb: Rgb, number: int, ratio: float
) -> None:
    overlay, changes = overlays()[number]
    scene = make_scene(camera=Camera(scale=100, width=400, height=300, ratio=ratio), **changes)
    image = QImage(*scene.camera.device_size, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("black"))
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        overlay.paint(painter, scene)
    touched = np.argwhere(rgb(image).any(axis=-1))
    assert len(touched) > 20
    region = overlay.region(scene)
    assert all(region.contains(QPoint(int(x / ratio), int(y / ratio))) for y, x in touched)


def test_overlays_with_nothing_to_draw_have_no_region(make_scene: MakeScene) -> None:
    scene = make_scene(probe=None)
    assert ProbeOverlay().region(scene).isEmpty()
    assert HoverOverlay().region(scene) == QRegion()
    gone = HoverOverlay()
    gone.row = 99
    assert gone.region(scene).isEmpty()


def test_a_probe_at_the_end_of_the_world_is_not_drawn(make_scene: MakeScene) -> None:
    assert ProbeOverlay().region(make_scene(probe=np.array([1e12, 0]))).isEmpty()
