"""Fields of points, for the digits that come with the program and for images that are not at hand."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from digits_model import digits_model
from pytestqt.qtbot import QtBot

from latentscope.analysis.point_fields import PointFields
from latentscope.background import Background
from latentscope.decoding import Decoding, load_codec
from latentscope.files.originals import Originals
from latentscope.state.open_model import OpenModel
from latentscope.state.workspace import Workspace
from trainer.analysis.factors import FACTORS, measure
from trainer.analysis.fields import FIELDS, kl
from trainer.data import load_dataset
from trainer.files import ModelFile

ALL = frozenset(field.name for field in FIELDS)
Open = Callable[[ModelFile], None]


@pytest.fixture(scope="module")
def digits() -> ModelFile:
    return digits_model()


@pytest.fixture
def decoding(background: Background) -> Decoding:
    return Decoding(background)


@pytest.fixture
def fields(
    workspace: Workspace, decoding: Decoding, originals: Originals, background: Background
) -> Iterator[PointFields]:
    result = PointFields(workspace, decoding, originals, background)
    yield result
    result.stop()


@pytest.fixture
def open_file(workspace: Workspace, decoding: Decoding, originals: Originals) -> Open:
    def open_it(file: ModelFile, data: str = "digits") -> None:
        decoding.drop()
        workspace.open_model(OpenModel(file, "test"))
        originals.open(data, file.codes, file.image_shape)
        decoding.set_condition(workspace.condition)
        decoding.use(load_codec(file))

    return open_it


def test_every_field_of_a_model_is_measured(
    qtbot: QtBot, fields: PointFields, open_file: Open, digits: ModelFile
) -> None:
    fields.want(ALL)
    open_file(digits)
    qtbot.waitUntil(lambda: all(fields.get(name) is not None for name in ALL) and not fields.busy())
    assert digits.codes is not None
    for name in ALL:
        found = fields.get(name)
        assert found is not None and len(found) == len(digits.codes.mean), name
        assert found.missing == 0 and found.low < found.high, name
    images = load_dataset("digits").test_images
    for factor in FACTORS:
        found = fields.get(factor.name)
        assert found is not None and found.values() == pytest.approx(measure(images)[factor.name], rel=1e-3, abs=1e-3)
    found = fields.get("kl")
    assert found is not None and found.values() == pytest.approx(kl(digits.codes), rel=1e-3)


@pytest.mark.parametrize("family", ["conditional-vae", "vq-vae", "autoencoder"])
def test_every_family_has_what_it_can_have(qtbot: QtBot, fields: PointFields, open_file: Open, family: str) -> None:
    fields.want(ALL)
    open_file(digits_model(family))
    impossible = {name for name in ALL if fields.problem(name)}
    assert impossible == (set() if family == "conditional-vae" else {"kl", "sigma"})
    qtbot.waitUntil(lambda: all(fields.get(name) is not None for name in ALL - impossible) and not fields.busy())
    assert all(fields.get(name) is None for name in impossible)


def test_without_images_what_needs_none_is_measured(
    qtbot: QtBot, fields: PointFields, open_file: Any, digits: ModelFile
) -> None:
    fields.want(ALL)
    open_file(digits, "nowhere.npz")
    qtbot.waitUntil(lambda: all(fields.get(name) is not None for name in ("kl", "sigma", "density")))
    qtbot.waitUntil(lambda: not fields.busy())
    lacking = {name for name in ALL if fields.lacks_images(name)}
    assert lacking == {"error", *(factor.name for factor in FACTORS)}
    assert all(fields.get(name) is None and not fields.problem(name) for name in lacking)


def test_only_what_is_wanted_is_measured_and_only_once(
    qtbot: QtBot, fields: PointFields, open_file: Open, digits: ModelFile
) -> None:
    open_file(digits)
    fields.want(frozenset({"kl"}))
    qtbot.waitUntil(lambda: fields.get("kl") is not None)
    assert fields.get("sigma") is None and not fields.busy()
    before = fields.get("kl")
    fields.want(frozenset({"class"}))
    fields.want(frozenset({"kl"}))
    assert fields.get("kl") is before and not fields.busy()


def test_another_model_has_its_own_and_a_snapshot_shows_the_old_until_the_new_is_there(
    qtbot: QtBot, fields: PointFields, open_file: Open, workspace: Workspace, digits: ModelFile
) -> None:
    fields.want(frozenset({"kl", "slant"}))
    open_file(digits)
    qtbot.waitUntil(lambda: fields.get("kl") is not None and fields.get("slant") is not None)
    before, slant = fields.get("kl"), fields.get("slant")
    assert digits.codes is not None
    newer = replace(digits, codes=replace(digits.codes, mean=digits.codes.mean + np.float32(1)))
    workspace.set_snapshot(OpenModel(newer, "test"))
    assert fields.get("kl") is before
    qtbot.waitUntil(lambda: fields.get("kl") is not before)
    assert fields.get("slant") is slant, "the images are the same"
    open_file(digits_model("autoencoder"))
    assert fields.get("kl") is None and fields.problem("kl")


def test_what_is_dropped_is_never_delivered(
    qtbot: QtBot, fields: PointFields, open_file: Open, background: Background, digits: ModelFile
) -> None:
    open_file(digits)
    fields.want(ALL)
    fields.want(frozenset())
    qtbot.waitUntil(lambda: not background.busy())
    assert not fields.busy() and all(fields.get(name) is None for name in ("kl", "sigma", "density"))


def test_without_a_model_nothing_can_be_measured(fields: PointFields) -> None:
    fields.want(ALL)
    assert not fields.busy() and all(fields.problem(name) == "No model is open." for name in ALL)
