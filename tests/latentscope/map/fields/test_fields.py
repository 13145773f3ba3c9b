"""What the map computes about its plane: when, how often, and what of."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding, load_codec
from latentscope.map.camera import Bounds, Camera
from latentscope.map.fields import fields
from latentscope.map.fields.ellipses import EllipsesLayer, ellipses_in_view, half_axes, lots
from latentscope.map.fields.layers import KeptLayer
from latentscope.map.fields.lines import label_place
from latentscope.map.fields.tints import TintLayer, draw_field, tint_colour
from latentscope.map.fields.work import (
    Contours,
    Regions,
    Superseded,
    Ticket,
    Tint,
    Usual,
    contours_of,
    distances_of,
    regions_of,
    tint_of,
    usual_of,
)
from latentscope.map.points.cloud import cloud_of
from latentscope.map.scene import Scene
from latentscope.map.view import MapView
from latentscope.state.open_model import OpenModel
from latentscope.state.selection import Selection
from latentscope.state.workspace import Workspace
from latentscope.theme import DARK
from trainer.analysis.plane_fields import Votes
from trainer.files import Codes, ModelFile
from trainer.geometry import axis_plane

MakeScene = Callable[..., Scene]


@pytest.fixture(autouse=True)
def small_grids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fields, "SETTLE_MS", 10)
    monkeypatch.setattr(fields, "DECODER_NODES", (8, 16))
    monkeypatch.setattr(fields, "CLASS_NODES", (12, 40))


@pytest.fixture
def seen(open_workspace: Workspace, show_map: Callable[..., MapView]) -> Iterator[MapView]:
    """A map of three heaps at (−2, 0), (0, 0) and (2, 0), whose fields' thread is ended."""
    view = show_map(open_workspace)
    yield view
    view.fields.close()


def switch(qtbot: QtBot, view: MapView, *layers: str) -> None:
    shown = view.workspace.layers
    for name in layers:
        shown = shown.with_shown(name, True)
    view.workspace.set_layers(shown)
    qtbot.waitUntil(view.is_settled)


def test_nothing_is_computed_that_nobody_sees(seen: MapView) -> None:
    assert seen.fields.contours is None
    assert seen.fields.regions is None
    assert seen.fields.computed == 0


def test_a_pan_within_the_margin_costs_nothing_and_one_beyond_it_is_served(qtbot: QtBot, seen: MapView) -> None:
    switch(qtbot, seen, "boundaries", "round-trip", "stretch", "density")
    computed, regions = seen.fields.computed, seen.fields.regions
    assert computed >= 4
    seen.move_camera(seen.camera.panned(60, -40))
    qtbot.waitUntil(seen.is_settled)
    assert seen.fields.computed == computed
    assert seen.fields.regions is regions
    seen.move_camera(seen.camera.panned(900, 0))
    qtbot.waitUntil(seen.is_settled)
    assert seen.fields.regions is not regions
    assert seen.fields.regions is not None
    assert seen.fields.regions.bounds.holds(seen.camera.visible())
    seen.move_camera(seen.camera.zoomed(8, (200, 200)))
    qtbot.waitUntil(seen.is_settled)
    tint = seen.fields.tint("stretch")
    assert tint is not None
    assert tint.bounds.width < 3 * seen.camera.visible().width  # as fine as before, of a smaller part


def test_hidden_classes_do_not_vote(qtbot: QtBot, seen: MapView) -> None:
    switch(qtbot, seen, "regions")
    assert seen.fields.regions is not None
    assert set(np.unique(seen.fields.regions.winner)) == {0, 1, 2}
    seen.workspace.set_hidden_classes(frozenset({1}))
    qtbot.waitUntil(seen.is_settled)
    regions = seen.fields.regions
    assert set(np.unique(regions.winner)) == {0, 2}
    line = np.concatenate(regions.lines)
    assert np.abs(line[np.abs(line[:, 1]) < 0.3, 0]).max() < 0.5  # half way between the two that are left


def test_a_newer_decoder_is_measured_anew(
    qtbot: QtBot, seen: MapView, decoding: Decoding, model_file: ModelFile
) -> None:
    switch(qtbot, seen, "stretch")
    before = seen.fields.tint("stretch")
    weights = {name: value * 1.3 for name, value in model_file.weights.items()}
    newer = ModelFile(model_file.config, model_file.image_shape, model_file.class_names, weights, model_file.codes)
    decoding.use(load_codec(newer))
    seen.workspace.set_snapshot(OpenModel(newer, "newer"))
    qtbot.waitUntil(lambda: seen.is_settled() and seen.fields.tint("stretch") is not before)
    after = seen.fields.tint("stretch")
    assert before is not None and after is not None
    assert after.low != before.low


def test_another_model_and_another_plane_leave_nothing_behind(
    qtbot: QtBot, seen: MapView, model_file: ModelFile
) -> None:
    switch(qtbot, seen, "density", "boundaries", "stretch")
    seen.workspace.set_plane(axis_plane(2, 1, 0))
    assert seen.fields.contours is None
    assert seen.fields.usual is not None
    qtbot.waitUntil(seen.is_settled)
    assert seen.fields.contours is not None
    seen.workspace.open_model(OpenModel(model_file, "again"))
    assert seen.fields.contours is None
    assert seen.fields.usual is None
    qtbot.waitUntil(seen.is_settled)


def test_a_decoder_that_is_as_stiff_everywhere_is_not_tinted_as_if_it_were_torn() -> None:
    class Stiff:
        def measure(self, what: str, z: NDArray[np.float64], ticket: Ticket) -> NDArray[np.float64]:
            return np.linspace(0.0, 0.02, len(z))

        plane = axis_plane(2)

    usual = Usual(np.ones(3), np.ones(3), np.linspace(0.0, 0.01, 50))
    tint = tint_of(Stiff(), "stretch", usual, Bounds(-1, -1, 1, 1), (6, 6), Ticket())  # type: ignore[arg-type]
    assert tint.high - tint.low >= np.log(2) - 1e-9
    assert tint.tone.max() < 10


def test_where_grids_of_codes_are_decoded_nothing_is_far_from_data(
    qtbot: QtBot, seen: MapView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A VQ-VAE has no such layer, even if it was on for the model before."""
    switch(qtbot, seen, "sparse", "density")
    assert seen.fields.tint("sparse") is not None
    monkeypatch.setattr(fields.PlaneFields, "decodes_points", False)
    assert seen.fields.tint("sparse") is None and seen.fields.contours is not None


def test_whose_ellipses_are_drawn_does_not_depend_on_where_points_of_one_dimension_lie() -> None:
    index = np.arange(10_000, dtype=np.int32)
    height = cloud_of(Codes(np.zeros((10_000, 1), np.float32)), axis_plane(1)).position[:, 1]
    chosen = lots(index) < np.uint64(1 << 30)
    assert chosen.mean() == pytest.approx(0.25, abs=0.02)
    assert np.ptp(height[chosen]) > 0.95 * np.ptp(height)
    assert height[chosen].mean() == pytest.approx(height.mean(), abs=0.03)


def test_labels_of_contours_lie_over_nothing(make_scene: MakeScene) -> None:
    angle = np.linspace(0, 2 * np.pi, 400)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    taken: list[QRectF] = []
    for radius in (0.90, 0.95, 1.0):
        box = label_place(make_scene(), [radius * circle], QSizeF(32, 12), taken)
        assert box is not None and not any(box.intersects(other) for other in taken)
        taken.append(box)


@pytest.mark.parametrize("count", [0, 1])
def test_no_codes_and_one_code_are_drawn_as_what_they_are(qtbot: QtBot, seen: MapView, count: int) -> None:
    model = seen.workspace.model
    assert model is not None
    codes = Codes(np.zeros((count, 2), np.float32), np.zeros((count, 2), np.float32), np.zeros(count, np.int64))
    file = ModelFile(model.file.config, (8, 8, 1), ("a",), model.file.weights, codes)
    seen.workspace.open_model(OpenModel(file, "few"))
    switch(qtbot, seen, "density", "boundaries", "regions", "ellipses", "sparse", "round-trip", "stretch")
    assert (seen.fields.contours is not None) == (count > 0)
    assert not seen.grab().isNull()


def test_what_nobody_wants_any_more_is_given_up(make_scene: MakeScene) -> None:
    scene, ticket = make_scene(), Ticket()
    ticket.wanted = False
    codes = Codes(np.zeros((3, 2), np.float32), np.zeros((3, 2), np.float32))
    with pytest.raises(Superseded):
        contours_of(scene.cloud, codes, scene.plane, ticket)
    with pytest.raises(Superseded):
        regions_of(Votes(scene.cloud.position, scene.cloud.label, 2), Bounds(-1, -1, 1, 1), (5, 5), ticket)
    with pytest.raises(Superseded):
        distances_of(codes, ticket)


def test_codes_that_are_not_numbers_have_no_part_in_what_is_usual() -> None:
    mean = np.random.default_rng(0).normal(0, 1, (50, 2)).astype(np.float32)
    whole = distances_of(Codes(mean), Ticket())
    broken = np.concatenate([mean, np.full((5, 2), np.nan, np.float32)])
    assert np.allclose(distances_of(Codes(broken), Ticket()), whole)
    assert usual_of(Codes(broken), whole, None, Ticket()).distance is whole
    with np.errstate(over="ignore"):
        for logvar in (np.nan, np.inf, -np.inf):
            some = distances_of(Codes(broken, np.full(broken.shape, logvar, np.float32)), Ticket())
            assert len(some) == 50
            assert not np.isnan(some).any()


def test_what_is_usual_is_how_far_the_posteriors_reach_not_only_their_means() -> None:
    """Before a training all means lie on one another; what is drawn from the posteriors is the prior's."""
    mean = np.random.default_rng(0).normal(0, 0.01, (500, 2)).astype(np.float32)
    wide = distances_of(Codes(mean, np.zeros((500, 2), np.float32)), Ticket())
    assert np.median(wide) == pytest.approx(np.sqrt(2 * np.log(2)), rel=0.15)  # of a normal distribution in the plane
    narrow = distances_of(Codes(mean, np.full((500, 2), -20, np.float32)), Ticket())
    assert narrow[-1] < 0.02


def test_what_was_usual_of_an_earlier_snapshot_is_not_taken_for_that_of_the_newest(
    qtbot: QtBot, seen: MapView, decoding: Decoding, model_file: ModelFile
) -> None:
    seen.fields.want_usual(True)
    qtbot.waitUntil(seen.is_settled)
    before = seen.fields.usual_now
    assert before is not None and len(before.stretch)
    decoding.use(load_codec(model_file))
    between = seen.fields.usual_now
    assert between is not None and len(between.distance)
    assert not len(between.stretch), "that of the decoder before says nothing of this one"
    assert model_file.codes is not None
    moved = replace(model_file, codes=Codes(model_file.codes.mean * 3, model_file.codes.logvar))
    seen.workspace.set_snapshot(OpenModel(moved, "newer"))
    assert seen.fields.usual_now is None
    qtbot.waitUntil(lambda: seen.fields.usual_now is not None and seen.is_settled())
    after = seen.fields.usual_now
    assert after is not None and len(after.stretch)
    assert np.median(after.distance) != np.median(before.distance)


# --- how it is drawn --------------------------------------------------------------------------------------------------


class _Fields:
    """What a layer asks of ``PlaneFields``."""

    def __init__(self, tint: Tint) -> None:
        self._tint = tint

    def tint(self, layer: str) -> Tint:
        return self._tint


def painted(scene: Scene, layer: object) -> QImage:
    image = QImage(scene.camera.width, scene.camera.height, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        layer.paint(painter, scene)  # type: ignore[attr-defined]
    return image


def test_a_tint_lies_where_its_nodes_lie(make_scene: MakeScene, rgb: Callable[[QImage], NDArray[np.int64]]) -> None:
    tone = np.zeros((31, 41), np.uint8)
    tone[5:11, 20:26] = 255  # map x 0 to 0.5, y 0.5 to 1: rows count from the top
    layers = make_scene().layers.with_shown("stretch", True)
    scene = make_scene(layers=layers)
    image = rgb(painted(scene, TintLayer("stretch", _Fields(Tint(Bounds(-2, -1.5, 2, 1.5), (0.1, 0.1), tone, 0, 1)))))
    full = tint_colour("stretch", DARK)
    x, y = (int(c) for c in scene.camera.to_pixel((0.25, 0.75)))
    expected = np.array([full.red(), full.green(), full.blue()]) * full.alphaF()
    assert np.abs(image[y, x] - expected).max() <= 2
    assert image[y, x - 60].sum() == 0
    assert image[y + 60, x].sum() == 0


def test_beyond_the_density_all_is_far_from_data(
    make_scene: MakeScene, rgb: Callable[[QImage], NDArray[np.int64]]
) -> None:
    scene = make_scene(layers=make_scene().layers.with_shown("sparse", True))
    tint = Tint(Bounds(-0.5, -0.5, 0.5, 0.5), (0.1, 0.1), np.zeros((11, 11), np.uint8), 0, 1)
    image = rgb(painted(scene, TintLayer("sparse", _Fields(tint))))
    assert image[150, 200].sum() == 0
    assert image[5, 5].sum() > 60


def test_a_field_seen_from_very_near_is_drawn_where_it_is(
    qapp: object, rgb: Callable[[QImage], NDArray[np.int64]]
) -> None:
    source = QImage(2, 2, QImage.Format.Format_ARGB32_Premultiplied)
    source.fill(0xFFFFFFFF)
    camera = Camera(x=0.1, y=0.1, scale=1e7, width=60, height=40)
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        draw_field(painter, camera, source, Bounds(0, 0, 1, 1), (1, 1))
    assert (rgb(image) == 255).all()


def test_an_ellipse_has_the_posterior_s_axes_on_the_map(make_scene: MakeScene) -> None:
    logvar = np.log(np.array([[0.04, 0.25], [1, 1], [0.01, 0.09]], np.float32))
    codes = Codes(np.array([[-1, 0], [0, 0], [1, 0]], np.float32), logvar, np.arange(3))
    drawn = replace(make_scene(codes=codes), codes=codes)
    axes, angle = half_axes(drawn, np.array([0, 2]))
    assert axes == pytest.approx(np.array([[20, 50], [10, 30]]), rel=1e-5)  # 100 pixels a unit
    assert np.abs(np.sin(np.radians(angle))) == pytest.approx([0, 0], abs=1e-6)


def test_only_the_selected_points_have_ellipses_when_that_is_asked(
    make_scene: MakeScene, rgb: Callable[[QImage], NDArray[np.int64]], workspace: Workspace
) -> None:
    codes = Codes(
        np.array([[-1, 0], [0, 0], [1, 0]], np.float32), np.full((3, 2), np.log(0.09), np.float32), np.arange(3)
    )
    made = make_scene(codes=codes)
    layers = replace(made.layers.with_shown("ellipses", True), ellipses="selected")
    scene = replace(made, codes=codes, layers=layers)
    assert ellipses_in_view(scene, Selection.of([2]))[0].tolist() == [2]
    workspace.selecting.set(Selection.of([2, 77]))
    image = rgb(painted(scene, EllipsesLayer(workspace.selecting)))
    ring = [tuple(int(c) for c in scene.camera.to_pixel((x + 0.3, 0))) for x in (-1, 0, 1)]
    assert [image[y - 2 : y + 3, x - 2 : x + 3].sum() > 0 for x, y in ring] == [False, False, True]


def test_of_very_many_ellipses_evenly_chosen_ones_are_drawn(make_scene: MakeScene) -> None:
    random = np.random.default_rng(0)
    count = 60_000
    codes = Codes(random.normal(0, 0.7, (count, 2)).astype(np.float32), np.full((count, 2), -8, np.float32))
    made = make_scene(codes=codes, class_count=0)
    scene = replace(made, layers=made.layers.with_shown("ellipses", True), codes=codes)
    rows, seen = ellipses_in_view(scene, Selection.of([]))
    assert 800 < len(rows) <= 2700
    assert seen > 50_000
    half = scene.cloud.position[rows, 0] < 0
    assert 0.4 < half.mean() < 0.6


def test_the_shapes_of_results(qtbot: QtBot, seen: MapView) -> None:
    switch(qtbot, seen, "density", "regions")
    contours, regions = seen.fields.contours, seen.fields.regions
    assert isinstance(contours, Contours) and isinstance(regions, Regions)
    assert [share for share, _ in contours.lines] == [0.5, 0.8, 0.95]
    # The posteriors of these heaps are as wide as the prior: they flow into one hill, and a line round it is closed.
    for _, lines in contours.lines:
        assert all(np.allclose(line[0], line[-1]) for line in lines)


def test_a_background_of_its_own_can_be_closed_twice(qapp: object, open_workspace: Workspace) -> None:
    background = Background("test")
    plane = fields.PlaneFields(open_workspace, Decoding(background))
    plane.close()
    plane.close()
    background.close()
    assert plane.is_settled()


def test_of_ellipses_that_would_hide_each_other_few_are_drawn(make_scene: MakeScene) -> None:
    random = np.random.default_rng(0)
    mean = random.normal(0, 0.7, (1000, 2)).astype(np.float32)
    wide, narrow = (
        replace(
            (made := make_scene(codes=(codes := Codes(mean, np.full((1000, 2), size, np.float32))), class_count=0)),
            layers=made.layers.with_shown("ellipses", True),
            codes=codes,
        )
        for size in (0.0, -8.0)
    )
    few, seen = ellipses_in_view(wide, Selection.of([]))
    assert 10 <= len(few) < 80
    assert len(ellipses_in_view(narrow, Selection.of([]))[0]) == seen


def test_lines_are_drawn_once_while_nothing_of_them_changes(
    make_scene: MakeScene, rgb: Callable[[QImage], NDArray[np.int64]], workspace: Workspace
) -> None:
    codes = Codes(np.array([[-1, 0], [0, 0], [1, 0]], np.float32), np.full((3, 2), -2.0, np.float32), np.arange(3))
    made = make_scene(codes=codes)
    scene = replace(made, codes=codes, layers=made.layers.with_shown("ellipses", True))
    shown: list[tuple[object, ...] | None] = [("these",)]
    kept = KeptLayer((EllipsesLayer(workspace.selecting),), lambda scene: shown[0])
    first = rgb(painted(scene, kept))
    assert np.array_equal(rgb(painted(scene, kept)), first)
    assert first.sum() > 0
    assert kept.drawn == 1
    shown[0] = ("others",)
    painted(scene, kept)
    painted(replace(scene, camera=scene.camera.panned(5, 0)), kept)
    assert kept.drawn == 3
    moving = rgb(painted(replace(scene, moving=True), kept))
    assert np.array_equal(moving, first)
    assert kept.drawn == 3  # on the way there is nothing to keep
    shown[0] = None
    assert rgb(painted(scene, kept)).sum() == 0
