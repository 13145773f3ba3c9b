"""The format of workspace files: what is written comes back, and what is damaged is one plain sentence."""

import json
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentscope.files.model_reference import ModelReference
from latentscope.files.opening import kind_of
from latentscope.files.row_text import text_of
from latentscope.files.workspace_file import (
    MOST_BYTES,
    ComparedPart,
    ComparisonPart,
    DirectionPart,
    GroupPart,
    InspectorPart,
    LayersPart,
    PicturePart,
    PlayPart,
    SelectionPart,
    ViewPart,
    WorkspaceFile,
    content_of,
    read_workspace,
    workspace_from,
    write_workspace,
)
from latentscope.state.painting import Painting
from latentscope.state.paths import LatentPath, Paths
from latentscope.state.planes import PlaneChoice
from trainer.errors import DataError, OutputError
from trainer.paths.timing import Walk

PATH = LatentPath(
    ((0.1, -2.0), (1e-9, 3.0)), "slerp", Walk(24, "latent", "both"), True, (None, 7), "from a 3 to an 8", 2
)


@pytest.fixture
def whole() -> WorkspaceFile:
    """A file in which everything has another value than the usual one."""
    return WorkspaceFile(
        program="9.9",
        model=ModelReference("/models/mine.safetensors", "mine", "../mine.safetensors", False, 123, "ab" * 32),
        dimension=2,
        data="mnist",
        view=ViewPart(
            x=0.1, y=-0.2, scale=123.456, chosen=True, embedding="umap",
            plane=PlaneChoice("points", (1, 0), ((0.0, 1.0), (1.0, 0.0), (2.0, 2.0)), (0.5, 0.5)),
            basis=((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)),
        ),
        picture=PicturePart(width=800, height=600, scale=3.0, theme="light"),
        layers=LayersPart(
            switches={"atlas": False, "density": True}, atlas_opacity=0.7, colour_by="kl", arrows=("slant",), depth=0.3,
            ellipses="hovered",
        ),
        hidden=(1, 3),
        selection=SelectionPart(rows="0-99,105"),
        kept=(SelectionPart(rows="7", name="seven"), SelectionPart(rows="", name="none")),
        paths=Paths((LatentPath(((0.0, 0.0), (1.0, 1.0))), PATH), 1),
        style=LatentPath((), "spline", Walk(9)),
        condition=(0.25, 0.75),
        probe=(0.1 + 0.2, -1.0),
        direction=DirectionPart(a=GroupPart(kind="kept", key="seven"), b=GroupPart(kind="rest"), t=0.5, shown=True),
        painting=Painting("cat.png", ((1, 2), (3, 4)), ((1, 2), (3, 5))),
        followed=True,
        seconds=12.25,
        comparison=ComparisonPart(
            models=(ComparedPart(model=ModelReference("/runs/other", size=7), followed=True),), wipe=True, share=0.25
        ),
        playing=PlayPart(mode="once", closed_mode="once", speed=2.0, moment=0.75),
        inspector=InspectorPart(everything=True, current=12),
        panels=("Race", "Decoded"),
        saved_as="/somewhere/else.latentscope",
    )  # fmt: skip


def content(whole: WorkspaceFile) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(content_of(whole))
    return value


def put(value: Any, *place: str | int) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        part: Any = content
        for step in place[:-1]:
            part = part[step]
        part[place[-1]] = value

    return change


def test_everything_comes_back(whole: WorkspaceFile, tmp_path: Path) -> None:
    path = tmp_path / "mine.latentscope"
    write_workspace(path, whole)
    assert read_workspace(path) == whole
    assert kind_of(path) == "workspace"
    usual = {name: field.default for name, field in WorkspaceFile.model_fields.items()}
    same = [name for name in usual if getattr(whole, name) == usual[name] and name != "latentscope_workspace"]
    assert same == [], "this test has to try every field"
    assert not [field.name for field in fields(LatentPath) if getattr(PATH, field.name) == field.default]


def test_a_million_chosen_points_are_a_small_file(whole: WorkspaceFile) -> None:
    import numpy as np

    rows = np.flatnonzero(np.random.default_rng(0).random(1_000_000) < 0.5)
    many = whole.model_copy(update={"selection": SelectionPart(rows=text_of(rows))})
    assert len(content_of(many)) < 250_000


def test_a_file_of_another_program_is_read_as_far_as_it_goes(whole: WorkspaceFile) -> None:
    other = content(whole) | {"weather": "fine"}
    other["view"]["tilt"] = 3
    other["paths"]["items"][0]["speed"] = 1
    assert workspace_from(json.dumps(other).encode(), "x") == whole
    for name, field in WorkspaceFile.model_fields.items():
        if not field.is_required() and name != "latentscope_workspace":
            del other[name]
    bare = workspace_from(json.dumps(other).encode(), "x")
    assert (bare.paths, bare.comparison, bare.followed, bare.playing) == (Paths(), ComparisonPart(), False, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("wide", "view", "scale"), r"'view\.scale' should be a valid number"),
        (put(True, "view", "x"), r"'view\.x'"),
        (put(-1, "view", "scale"), r"'view\.scale' should be greater than 0"),
        (put([1, "a"], "probe"), r"'probe\.1' should be a valid number"),
        (put(10**400, "probe", 0), r"'probe\.0'"),
        (put(1e39, "probe", 0), r"'probe\.0'"),
        (put(1e39, "paths", "items", 0, "waypoints", 0, 0), "waypoints"),
        (put(99, "paths", "active"), "active path"),
        (put(-1, "paths", "active"), "active path"),
        (put(10**9, "paths", "items", 0, "walk", "steps"), "steps"),
        (put({}, "paths", "items", 0, "kind"), r"'paths\.items\.0\.kind'"),
        (put([1.5], "paths", "items", 0, "anchors"), r"'paths\.items\.0\.anchors\.0'"),
        (put("fast", "paths", "items", 0, "walk", "pace"), r"'paths\.items\.0\.walk\.pace'"),
        (put("3-1", "selection", "rows"), r"'selection\.rows'"),
        (put(["a"], "hidden"), r"'hidden\.0'"),
        (put([0] * 20_000, "hidden"), "'hidden'"),
        (put(7, "layers", "switches"), r"'layers\.switches'"),
        (put(None, "model"), "'model'"),
        (put(-1, "seconds"), "'seconds'"),
        (put(2, "comparison", "share"), r"'comparison\.share'"),
        (put({}, "comparison", "models", 0, "model"), r"'comparison\.models\.0\.model\.path'"),
        (put("backwards", "playing", "mode"), r"'playing\.mode'"),
        (put(-1, "inspector", "current"), r"'inspector\.current'"),
        (put([1], "panels"), r"'panels\.0'"),
        (put(0, "picture", "width"), r"'picture\.width'"),
        (put(99, "latentscope_workspace"), "newer Latentscope; update"),
        (put("one", "latentscope_workspace"), "latentscope_workspace"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(whole: WorkspaceFile, change: Any, words: str) -> None:
    damaged = content(whole)
    change(damaged)
    with pytest.raises(DataError, match=words) as fault:
        workspace_from(json.dumps(damaged).encode(), "mine.latentscope")
    sentence = str(fault.value)
    assert sentence.startswith("mine.latentscope ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 300


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: data[: len(data) // 2], "cut short"),
        (lambda data: b"", "is empty"),
        (lambda data: b"\x89PNG\r\n" + data, "is no workspace"),
        (lambda data: bytes(1000), "is no workspace"),
        (lambda data: b'{"a": 1}', "no workspace of Latentscope"),
        (lambda data: data.replace(b"0.1", b"NaN", 1), "finite"),
        (lambda data: data.replace(b"0.1", b"1e999", 1), "finite"),
        (lambda data: b'{"latentscope_workspace":' + b"[" * 100_000, "damaged"),
        (lambda data: data.replace(b"cat", b"\xff\xfe"), "damaged"),
        (lambda data: b"[1]", "is no workspace"),
    ],
)
def test_damaged_bytes_are_one_sentence(whole: WorkspaceFile, damage: Callable[[bytes], bytes], words: str) -> None:
    with pytest.raises(DataError, match=words) as fault:
        workspace_from(damage(content_of(whole)), "mine.latentscope")
    assert len(str(fault.value)) < 300


def test_files_that_cannot_be_read_or_written_are_one_sentence(whole: WorkspaceFile, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        read_workspace(tmp_path / "none.latentscope")
    with pytest.raises(DataError, match="There is no file"):
        read_workspace(tmp_path)
    large = tmp_path / "large.latentscope"
    with large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(DataError, match="larger than the 64 MB"):
        read_workspace(large)
    (tmp_path / "folder.latentscope").mkdir()
    for place in (tmp_path / "no" / "folder.latentscope", tmp_path / "folder.latentscope"):
        with pytest.raises(OutputError, match=r"because .*; save it somewhere else\.$"):
            write_workspace(place, whole)
    endless = whole.model_copy(update={"paths": Paths((LatentPath(((float("nan"), 0.0), (1.0, 1.0))),), 0)})
    with pytest.raises(OutputError, match="cannot be saved"):
        content_of(endless)
    nameless = whole.model_copy(update={"model": ModelReference("/models/\udce9.safetensors")})
    with pytest.raises(OutputError, match="name that is no text"):
        content_of(nameless)


# --- anything that can be kept ------------------------------------------------------------------------------------

numbers = st.floats(-1e30, 1e30, allow_nan=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@st.composite
def paths(draw: Any) -> LatentPath:
    points = draw(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=5))
    anchors = draw(st.just(()) | st.tuples(*[st.none() | st.integers(0, 2**40) for _ in points]))
    walk = Walk(draw(st.integers(2, 500)), "latent", draw(st.sampled_from(["none", "in", "out", "both"])))
    return LatentPath(
        tuple(points), draw(texts), walk, draw(st.booleans()), anchors, draw(texts), draw(st.integers(0, 99))
    )


@st.composite
def workspaces(draw: Any) -> WorkspaceFile:
    items = tuple(draw(st.lists(paths(), max_size=4)))
    active = draw(st.none() | st.integers(0, len(items) - 1)) if items else None
    return WorkspaceFile(
        model=ModelReference(draw(texts), draw(texts), draw(texts), draw(st.booleans()), draw(st.integers(0, 2**50))),
        dimension=draw(st.integers(1, 1000)),
        data=draw(st.none() | texts),
        view=ViewPart(x=draw(numbers), y=draw(numbers), scale=draw(st.floats(1e-30, 1e30)), chosen=draw(st.booleans())),
        layers=LayersPart(switches=draw(st.dictionaries(texts, st.booleans(), max_size=3)), colour_by=draw(texts)),
        hidden=tuple(draw(st.lists(st.integers(0, 10**6), max_size=4))),
        kept=tuple(SelectionPart(rows="1-3,8", name=name) for name in draw(st.lists(texts, max_size=3))),
        paths=Paths(items, active),
        condition=draw(st.none() | st.lists(st.floats(0, 1), max_size=4).map(tuple)),
        followed=draw(st.booleans()),
        seconds=draw(st.none() | st.floats(0, 1e9)),
        comparison=ComparisonPart(
            models=tuple(ComparedPart(model=ModelReference(name)) for name in draw(st.lists(texts, max_size=2))),
            wipe=draw(st.booleans()),
            share=draw(st.floats(0, 1)),
        ),
        playing=draw(st.none() | st.builds(PlayPart, moment=st.floats(0, 1), speed=st.floats(0.1, 9))),
        inspector=InspectorPart(current=draw(st.none() | st.integers(0, 2**40))),
        panels=tuple(draw(st.lists(texts, max_size=3))),
        probe=tuple(draw(st.lists(numbers, min_size=1, max_size=6))),
    )


@given(workspaces())
@hypothesis.settings(max_examples=60)
def test_whatever_is_kept_comes_back_to_the_last_digit(file: WorkspaceFile) -> None:
    written = content_of(file)
    again = workspace_from(written, "x")
    assert again == file
    assert content_of(again) == written


@given(st.binary(max_size=400))
@hypothesis.settings(max_examples=200)
def test_any_bytes_are_a_sentence(data: bytes) -> None:
    with pytest.raises(DataError) as fault:
        workspace_from(data, "x")
    assert re.fullmatch(r"x [^\n]*\.", str(fault.value))


@given(st.data())
@hypothesis.settings(max_examples=100, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_a_changed_byte_is_a_sentence_or_another_workspace(whole: WorkspaceFile, data: st.DataObject) -> None:
    bytes_ = bytearray(content_of(whole))
    bytes_[data.draw(st.integers(0, len(bytes_) - 1))] = data.draw(st.integers(0, 255))
    try:
        workspace_from(bytes(bytes_), "x")
    except DataError as error:
        assert re.fullmatch(r"x [^\n]*\.", str(error))
