"""Workspace files: what the window shows, in one small JSON text with the suffix ``.latentscope``.

An object whose first name is ``latentscope_workspace``: the number of the format, which is raised when an older program
would misunderstand the file. The other names are the fields of ``WorkspaceFile``; its parts are the dataclasses that
the window's state is made of, field by field. What is missing has its usual value. A name that this program does not
know is left out, and is gone when the file is saved again.

Places are in the latent coordinates of the model, or (the camera's) in units of the map; all numbers are finite, and
written with as many digits as they need to come back as they were. Chosen points are their rows in the model's codes,
as ``row_text`` writes them. Nothing of a file is ever executed, and no more of it is read than ``MOST_BYTES``.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from latentscope.files.model_reference import ModelReference
from latentscope.files.row_text import rows_from
from latentscope.state.painting import Painting
from latentscope.state.paths import NO_PATHS, LatentPath, Paths
from latentscope.state.planes import PlaneChoice
from trainer.atomic import reason, write_atomically
from trainer.errors import DataError, OutputError

__all__ = [
    "FORMAT",
    "KEY",
    "SUFFIX",
    "ComparedPart",
    "ComparisonPart",
    "DirectionPart",
    "InspectorPart",
    "LayersPart",
    "PicturePart",
    "PlayPart",
    "SelectionPart",
    "ViewPart",
    "WorkspaceFile",
    "content_of",
    "read_workspace",
    "workspace_from",
    "write_workspace",
]

FORMAT = 1
KEY = "latentscope_workspace"
SUFFIX = ".latentscope"
MOST_BYTES = 64 * 2**20
MOST_ITEMS = 10_000  # paths, kept selections, hidden classes
MOST_WAYPOINTS = 100_000  # of all paths together
MOST_STEPS = 10_000  # of one path
LARGEST = 3.4e38  # single precision, in which decoders count, goes no farther

Number = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Vector = tuple[Number, ...]
Text = Annotated[str, Field(max_length=4096)]


class _Part(BaseModel):
    # defer_build: what checks these classes is made when the first file is read or written, not while a window starts.
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, allow_inf_nan=False, defer_build=True)


class PicturePart(_Part):
    """How the map is exported, or all maps that are compared: the size of the whole in logical pixels, the picture's
    pixels to one of these, and its colours."""

    width: Annotated[int, Field(ge=1, le=32768)]
    height: Annotated[int, Field(ge=1, le=32768)]
    scale: Annotated[float, Field(ge=0.25, le=16)] = 2.0
    theme: Literal["dark", "light"] = "dark"


class ViewPart(_Part):
    """The middle of the map and its pixels a unit; ``chosen``: by the user, so that it stays in a window of another
    size. ``embedding`` is "t-sne", "umap" or, where the points lie on the plane, empty. ``basis`` has the origin and
    the two directions of the plane, where it is not the only one."""

    x: Number
    y: Number
    scale: Annotated[float, Field(gt=0, le=LARGEST)]
    chosen: bool = False
    embedding: Text = ""
    plane: PlaneChoice = PlaneChoice()
    basis: tuple[Vector, Vector, Vector] | None = None


class LayersPart(_Part):
    """``state.layers.Layers``, with a switch for each layer: one that the file does not know is shown as it usually
    is."""

    switches: dict[Text, bool] = {}
    atlas_opacity: Annotated[float, Field(ge=0, le=1)] = 0.35
    colour_by: Text = "class"
    arrows: tuple[Text, ...] | None = None
    depth: Annotated[float, Field(ge=0, le=1)] = 0.5
    ellipses: Literal["hovered", "selected", "all"] = "all"


class SelectionPart(_Part):
    """The rows of the chosen points, as text; ``name`` if they are kept under one."""

    rows: str
    name: Text = ""

    @field_validator("rows")
    @classmethod
    def _are_rows(cls, rows: str) -> str:
        rows_from(rows)
        return rows


class GroupPart(_Part):
    """``analysis.groups.Group``."""

    kind: Literal["selected", "kept", "class", "rest"]
    key: Text = ""


class DirectionPart(_Part):
    """From group ``b`` to group ``a``, the probe at ``t``; ``shown``: its panel is in use."""

    a: GroupPart
    b: GroupPart
    t: Annotated[float, Field(ge=-1e6, le=1e6)] = 0.0
    shown: bool = False


class ComparedPart(_Part):
    """A model beside the main one. ``followed``: a run, whose newest snapshot is shown as it comes."""

    model: ModelReference
    followed: bool = False


class ComparisonPart(_Part):
    """The models beside the main one, from left to right; ``wipe``: one map lies over the other, and ``share`` of the
    width shows the first."""

    models: Annotated[tuple[ComparedPart, ...], Field(max_length=MOST_ITEMS)] = ()
    wipe: bool = False
    share: Annotated[float, Field(ge=0, le=1)] = 0.5


class PlayPart(_Part):
    """How paths are played, those with two ends and closed ones, and the share of its film's time at which the active
    one stands."""

    mode: Literal["once", "loop", "ping-pong"] = "ping-pong"
    closed_mode: Literal["once", "loop", "ping-pong"] = "loop"
    speed: Annotated[float, Field(ge=0.01, le=100)] = 1.0
    moment: Annotated[float, Field(ge=0, le=1)] = 0.0


class InspectorPart(_Part):
    """``everything``: all points are inspected while none is selected; ``current``: the one that is looked at."""

    everything: bool = False
    current: Count | None = None


class WorkspaceFile(_Part):
    """All of a workspace file. ``saved_as`` is where the workspace was saved last, in a copy that is kept for a crash.

    ``data`` is the data set that was chosen instead of the one that the model names. ``style`` says how the next path
    is joined and walked. ``dimension`` is that of the model's latent space. ``followed``: the model is of a run that
    was being trained, and shown as it went on. ``seconds`` of training is where its film stands, if not at its newest.
    ``panels`` are the titles of those in front. Where they are and how large is not in the file: that is as whoever
    opens it likes it, and on a screen of another size.
    """

    latentscope_workspace: Annotated[int, Field(ge=1)] = FORMAT
    program: Text = ""
    model: ModelReference
    dimension: Annotated[int, Field(ge=1, le=2**31)]
    followed: bool = False
    seconds: Annotated[float, Field(ge=0, le=LARGEST)] | None = None
    data: Text | None = None
    view: ViewPart
    picture: PicturePart | None = None
    layers: LayersPart = LayersPart()
    hidden: Annotated[tuple[Count, ...], Field(max_length=MOST_ITEMS)] = ()
    selection: SelectionPart = SelectionPart(rows="")
    kept: Annotated[tuple[SelectionPart, ...], Field(max_length=MOST_ITEMS)] = ()
    paths: Paths = NO_PATHS
    style: LatentPath = LatentPath(())
    condition: Annotated[Vector, Field(max_length=MOST_ITEMS)] | None = None
    probe: Vector
    direction: DirectionPart | None = None
    painting: Painting | None = None
    comparison: ComparisonPart = ComparisonPart()
    playing: PlayPart | None = None
    inspector: InspectorPart = InspectorPart()
    panels: Annotated[tuple[Text, ...], Field(max_length=MOST_ITEMS)] = ()
    saved_as: Text = ""

    @model_validator(mode="after")
    def _make_sense(self) -> "WorkspaceFile":
        paths = self.paths
        if paths.active is not None and not 0 <= paths.active < len(paths.items):
            raise ValueError("the active path should be one of the paths")
        every = (*paths.items, self.style)
        if len(every) > MOST_ITEMS or sum(len(path.waypoints) for path in every) > MOST_WAYPOINTS:
            raise ValueError(f"the paths should not have more than {MOST_WAYPOINTS:,} waypoints")
        if not all(2 <= path.walk.steps <= MOST_STEPS for path in every):
            raise ValueError(f"a path should have between 2 and {MOST_STEPS:,} steps")
        numbers = (number for path in every for z in path.waypoints for number in z)
        if not all(abs(number) <= LARGEST for number in numbers):
            raise ValueError("the waypoints of a path should be numbers that a model can decode")
        return self


def content_of(file: WorkspaceFile) -> bytes:
    """The JSON text, a line for each part. Raises OutputError for what could not be read again."""
    try:
        parts = file.model_dump(mode="json")
        lines = (f"{json.dumps(name)}: {_compact(value)}" for name, value in parts.items())
        content = ("{\n" + ",\n".join(lines) + "\n}\n").encode()
    except UnicodeError:  # some file systems allow names that no text can hold
        raise OutputError(
            f"The workspace cannot be saved: the model, or a folder that it is in, has a name that is no text "
            f"({file.model.path!r}); rename it first."
        ) from None
    except ValueError as error:
        raise OutputError(f"The workspace cannot be saved: it holds something that is no number ({error}).") from None
    if len(content) > MOST_BYTES:
        raise OutputError(
            f"The workspace would need {len(content) / 2**20:.0f} MB; remove kept selections or paths first."
        )
    return content


def workspace_from(content: bytes, name: str) -> WorkspaceFile:
    """Check a workspace file's bytes. Raises DataError in one sentence that begins with ``name``."""
    start = content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not content.strip():
        raise DataError(f"{name} is empty; open another copy of it.")
    if not start.startswith(b"{"):
        raise DataError(f"{name} is no workspace: it does not begin as one; open another file.")
    try:
        json_text = content.removeprefix(b"\xef\xbb\xbf")
        head = _Head.model_validate_json(json_text)
        if head.latentscope_workspace is None:
            raise DataError(f"{name} is a JSON text, but no workspace of Latentscope; open another file.")
        if head.latentscope_workspace > FORMAT:
            raise DataError(f"{name} is of a newer Latentscope; update the program to open it.")
        return WorkspaceFile.model_validate_json(json_text)
    except ValidationError as error:
        raise DataError(f"{name} {_fault(error)}") from None
    except RecursionError:
        raise DataError(f"{name} is damaged: it is nested too deeply; open another copy of it.") from None


def read_workspace(path: Path) -> WorkspaceFile:
    """Read and check a workspace file. Raises DataError in one sentence that names it."""
    name = path.name or str(path)
    try:
        if not path.is_file():  # looked at before it is opened: opening a pipe would wait for ever
            raise DataError(f"There is no file {path}; look for where it has been moved to.")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise DataError(f"{name} cannot be read, because {reason(error)}.") from None
    if len(content) > MOST_BYTES:
        raise DataError(f"{name} is larger than the {MOST_BYTES // 2**20} MB that a workspace may have.")
    return workspace_from(content, name)


def write_workspace(path: Path, file: WorkspaceFile) -> None:
    """Write a workspace file in one step. Raises OutputError; an old file of that name then stays as it was."""
    content = content_of(file)
    try:
        write_atomically(path, content)
    except OSError as error:
        raise OutputError(
            f"The workspace cannot be saved as '{path}', because {reason(error)}; save it somewhere else."
        ) from None


class _Head(_Part):
    """The beginning alone, which tells what the file is."""

    latentscope_workspace: int | None = None


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _fault(error: ValidationError) -> str:
    """What is wrong, where, and what to do, as the rest of a sentence that begins with the file's name."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = _place(first["loc"])
    if first["type"] == "json_invalid":
        what = "it was cut short or changed by something that does not know JSON"
    elif first["type"] == "missing":
        what = f"'{where}' is missing"
    else:
        what = first["msg"].removeprefix("Value error, ").replace("Input should", "should")
        what = f"'{where}' {what}" if where else what
    return f"is damaged: {what}; open another copy of it."


def _place(location: Iterable[int | str]) -> str:
    """ "paths.items.2.kind"; shortened, since the names are a stranger's."""
    words = ".".join(str(part) for part in location)
    return words if len(words) <= 80 else words[:79] + "…"
