"""What is found out about the selected points, and when."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding, load_codec
from latentscope.files.originals import Originals
from latentscope.inspecting.inspecting import Inspecting
from latentscope.inspecting.sorting import SORTS, reason_against
from latentscope.state.open_model import OpenModel
from latentscope.state.selection import Selection
from latentscope.state.workspace import Workspace
from trainer.analysis.inspection import squared_errors
from trainer.conditions import pure
from trainer.files import Codes, ModelFile

IMAGES = np.random.default_rng(1).integers(0, 256, (90, 8, 8, 1), np.uint8)


def settle(inspecting: Inspecting, qtbot: QtBot) -> None:
    qtbot.waitUntil(inspecting.is_settled, timeout=20_000)


def select(workspace: Workspace, *index: int) -> None:
    workspace.selecting.set(Selection.of(index))


def test_it_is_about_what_is_selected(inspecting: Inspecting, open_workspace: Workspace, qtbot: QtBot) -> None:
    assert len(inspecting.index) == 0
    select(open_workspace, 7, 3, 8, 4)
    settle(inspecting, qtbot)
    assert inspecting.sorting.order.tolist() == [3, 4, 7, 8]
    summary = inspecting.summarising.summary
    assert summary.counts is not None
    assert summary.counts.tolist() == [1, 2, 1]
    assert summary.mean_image is None
    codes, codec = open_workspace.codes, inspecting.source.timed.codec
    assert np.array_equal(summary.mean_code_decoded, codec.decode(codes.mean[[3, 4, 7, 8]].mean(axis=0)[None])[0])


def test_everything_is_all_that_is_shown_while_nothing_is_selected(
    inspecting: Inspecting, open_workspace: Workspace
) -> None:
    inspecting.inspect_all(True)
    assert len(inspecting.index) == 90
    open_workspace.set_hidden_classes(frozenset({0}))
    assert len(inspecting.index) == 60
    select(open_workspace, 1)
    assert inspecting.index.tolist() == [1]
    assert not inspecting.is_everything
    select(open_workspace)
    assert len(inspecting.index) == 60
    inspecting.inspect_all(False)
    assert len(inspecting.index) == 0


def test_codes_that_are_not_numbers_are_left_out(
    inspecting: Inspecting, workspace: Workspace, model_file: ModelFile, qtbot: QtBot
) -> None:
    mean = model_file.codes.mean.copy()
    mean[[2, 5]] = np.nan
    workspace.open_model(OpenModel(replace(model_file, codes=replace(model_file.codes, mean=mean)), "nan"))
    inspecting.inspect_all(True)
    settle(inspecting, qtbot)
    assert len(inspecting.index) == 88
    select(workspace, 2, 3)
    settle(inspecting, qtbot)
    assert inspecting.index.tolist() == [3]
    inspecting.reconstructions.want([2, 3])
    assert inspecting.reconstructions.get(2) is None


def test_the_errors_are_those_of_the_decoded_means(
    inspecting: Inspecting, open_workspace: Workspace, give_originals: Callable[[], None], qtbot: QtBot
) -> None:
    assert reason_against("error", inspecting.source) == "The original images are not at hand."
    give_originals()
    select(open_workspace, *range(10, 40))
    inspecting.choose_sort("error", True)
    settle(inspecting, qtbot)
    codec = inspecting.source.timed.codec
    errors = squared_errors(IMAGES, codec.decode(open_workspace.codes.mean))
    order = inspecting.sorting.order
    assert sorted(order.tolist()) == list(range(10, 40))
    assert np.allclose(inspecting.sorting.values, errors[order], atol=1e-5)
    assert (np.diff(inspecting.sorting.values) <= 0).all()
    assert inspecting.sorting.mean_error() == pytest.approx(errors[10:40].mean(), rel=1e-4)
    assert np.array_equal(inspecting.summarising.summary.mean_image, np.round(IMAGES[10:40].mean(axis=0)))


@pytest.mark.parametrize("sort", [sort.name for sort in SORTS])
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_has_each_image_once(
    inspecting: Inspecting,
    open_workspace: Workspace,
    give_originals: Callable[[], None],
    qtbot: QtBot,
    sort: str,
    descending: bool,
) -> None:
    give_originals()
    open_workspace.set_probe([1.5, 0.5])
    inspecting.inspect_all(True)
    settle(inspecting, qtbot)
    inspecting.choose_sort(sort, descending)
    settle(inspecting, qtbot)
    order, values = inspecting.sorting.order, inspecting.sorting.values
    assert sorted(order.tolist()) == list(range(90))
    by_label = order if sort == "index" else open_workspace.codes.labels[order]
    steps = np.diff(by_label if values is None else values)
    assert ((steps <= 0) if descending else (steps >= 0)).all()
    if sort == "probe":
        assert np.allclose(values, np.linalg.norm(open_workspace.codes.mean[order] - [1.5, 0.5], axis=1))


def test_the_order_by_distance_follows_the_probe_but_not_a_click_on_an_image(
    inspecting: Inspecting, open_workspace: Workspace, qtbot: QtBot
) -> None:
    inspecting.inspect_all(True)
    inspecting.choose_sort("probe", False)
    settle(inspecting, qtbot)
    before = inspecting.sorting.order.tolist()
    inspecting.look_at(before[-1])
    settle(inspecting, qtbot)
    assert np.allclose(open_workspace.probe, open_workspace.codes.mean[before[-1]])
    assert inspecting.sorting.order.tolist() == before
    open_workspace.set_probe([-2, 0])
    settle(inspecting, qtbot)
    assert inspecting.sorting.order.tolist() != before


def test_the_nearest_are_found_in_both_spaces(
    inspecting: Inspecting, open_workspace: Workspace, give_originals: Callable[[], None], qtbot: QtBot
) -> None:
    give_originals()
    select(open_workspace, 4, 5)
    settle(inspecting, qtbot)
    for image in (3, 9, 4):  # only the last one counts
        inspecting.look_at(image)
    settle(inspecting, qtbot)
    near, mean = inspecting.nearness.near, open_workspace.codes.mean
    assert near.of == 4
    by_code = np.linalg.norm(mean - mean[4], axis=1)
    by_pixel = ((IMAGES.astype(float) - IMAGES[4]) ** 2).mean(axis=(1, 2, 3))
    assert near.latent[0].tolist() == np.argsort(by_code, kind="stable")[1:8].tolist()
    assert near.pixels[0].tolist() == np.argsort(by_pixel, kind="stable")[1:8].tolist()


def test_another_model_ends_it(
    inspecting: Inspecting, open_workspace: Workspace, model_file: ModelFile, qtbot: QtBot
) -> None:
    inspecting.inspect_all(True)
    inspecting.look_at(3)
    inspecting.choose_sort("kl", True)
    settle(inspecting, qtbot)
    codes = Codes(model_file.codes.mean[:4])  # neither labels nor log-variances
    open_workspace.open_model(OpenModel(replace(model_file, codes=codes), "other"))
    settle(inspecting, qtbot)
    assert inspecting.current == -1
    assert len(inspecting.index) == 0
    inspecting.inspect_all(True)
    settle(inspecting, qtbot)
    assert inspecting.sorting.sort == "index"
    assert reason_against("kl", inspecting.source) == "This model encodes an image as one point, which has no KL."
    assert reason_against("class", inspecting.source) == "The data has no labels."
    assert inspecting.summarising.summary.counts is None


def test_nothing_is_computed_while_nobody_looks(
    inspecting: Inspecting, open_workspace: Workspace, background: Background, qtbot: QtBot
) -> None:
    settle(inspecting, qtbot)
    inspecting.set_active(False)
    select(open_workspace, 1, 2, 3)
    assert len(inspecting.index) == 3  # that much is known
    assert inspecting.is_settled()
    assert len(inspecting.sorting.order) == 0
    inspecting.set_active(True)
    settle(inspecting, qtbot)
    assert inspecting.sorting.order.tolist() == [1, 2, 3]


def test_a_conditional_model_decodes_each_with_its_own_class(
    workspace: Workspace,
    make_conditional: Callable[..., ModelFile],
    background: Background,
    originals: Originals,
    qtbot: QtBot,
) -> None:
    file = make_conditional()
    decoding = Decoding(background)
    workspace.open_model(OpenModel(file, "conditional"))
    decoding.set_condition(workspace.condition)
    decoding.use(load_codec(file))
    inspecting = Inspecting(workspace, decoding, originals, background)
    inspecting.set_active(True)
    inspecting.inspect_all(True)
    settle(inspecting, qtbot)
    source, codec = inspecting.source, decoding.codec
    made = source.reconstruct(np.arange(3))
    for label in range(3):
        assert np.array_equal(made[label], codec.decode(file.codes.mean[label][None], pure(label, 3))[0])
    mean = file.codes.mean[:2].mean(axis=0)[None]
    assert np.array_equal(source.decode_mean(np.arange(2)), codec.decode(mean, [0.5, 0.5, 0])[0])
    # Without labels all are decoded as the class that is decoded now.
    unlabelled = replace(source, codes=Codes(file.codes.mean), condition=(0.0, 1.0, 0.0))
    assert np.array_equal(unlabelled.reconstruct(np.arange(3)), codec.decode(file.codes.mean, pure(1, 3)))
    inspecting.set_active(False)
