"""Where a model is, so that it is found again: after a move, or by its content."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from latentscope.assets import shipped_model
from trainer.errors import TrainerError
from trainer.run import open_run, summarise

__all__ = ["Found", "ModelReference", "find", "reference_to"]

MOST_HEADER = 16 * 2**20  # bytes; no model file that can be opened has a longer one
MOST_NEIGHBOURS = 500  # files that are looked at beside the file that refers to the model


@dataclass(frozen=True)
class ModelReference:
    """``path`` is absolute: of a model file, or of a run's folder. ``relative`` leads there from the folder of the file
    that refers to it, with slashes, if both lie in one tree. ``size`` in bytes and ``header``, the SHA-256 of the
    file's header as hexadecimal digits, tell whether it is the same; of a run, those of its newest model.
    """

    path: str
    title: str = ""
    relative: str = ""
    shipped: bool = False
    size: int = 0
    header: str = ""

    @property
    def name(self) -> str:
        return self.title or Path(self.path).name or self.path


@dataclass(frozen=True)
class Found:
    """``same``: its content is that of the model that was meant. ``grown``: it is a run, trained further since."""

    path: Path
    same: bool
    grown: bool = False


def reference_to(path: Path, title: str = "", folder: Path | None = None) -> ModelReference:
    """A reference to the model at ``path``, from a file in ``folder``."""
    path = path.absolute()
    shipped = shipped_model()
    size, header = _fingerprint(path)
    relative = "" if folder is None else _relative(path, folder.absolute())
    is_shipped = shipped is not None and path == shipped.absolute()
    return ModelReference(str(path), title, relative, is_shipped, size, header)


def find(reference: ModelReference, folder: Path | None = None, others: Iterable[Path] = ()) -> Found | None:
    """The model, as seen from a file in ``folder``; ``others`` are paths where it might be. None: it is nowhere.

    A model with the same content anywhere counts for more than another one in its place.
    """
    there: list[Path] = []
    for path in _candidates(reference, folder, others, there):
        if _is_same(path, reference):
            return Found(path, same=True)
    if not there:
        return None
    return Found(there[0], same=False, grown=there[0].is_dir())


def _candidates(
    reference: ModelReference, folder: Path | None, others: Iterable[Path], there: list[Path]
) -> Iterator[Path]:
    """Where to look, likeliest first; those of them that are where the model was go to ``there``, too."""
    places = [Path(reference.path)]
    if folder is not None and reference.relative:
        places.insert(0, Path(os.path.normpath(folder.joinpath(*reference.relative.split("/")))))
    if reference.shipped and (shipped := shipped_model()) is not None:
        places.insert(0, shipped)
    if folder is not None:
        places.append(folder / places[-1].name)
    for place in places:
        with suppress(OSError, ValueError):  # ValueError: a path with a NUL
            if place.exists():
                there.append(place)
                yield place
    if folder is not None:
        with suppress(OSError):
            yield from islice(folder.glob("*.safetensors"), MOST_NEIGHBOURS)
    yield from others


def _is_same(path: Path, reference: ModelReference) -> bool:
    source = _source(path)
    try:
        if source is None or source.stat().st_size != reference.size:
            return False
    except (OSError, ValueError):
        return False
    return _fingerprint(path) == (reference.size, reference.header)


def _fingerprint(path: Path) -> tuple[int, str]:
    """The size of a model's file, and the SHA-256 of its header; (0, "") where it cannot be read."""
    source = _source(path)
    try:
        if source is None or not source.is_file():
            return 0, ""
        with source.open("rb") as file:
            start = file.read(8)
            length = min(int.from_bytes(start, "little"), MOST_HEADER)
            return source.stat().st_size, hashlib.sha256(start + file.read(length)).hexdigest()
    except (OSError, ValueError):
        return 0, ""


def _source(path: Path) -> Path | None:
    """The model file itself; of a run's folder, its model or else its newest snapshot."""
    if not path.is_dir():
        return path
    try:
        run = open_run(path)
        return run.model_path if run.model_path.exists() else summarise(run).newest_snapshot
    except (TrainerError, OSError):
        return None


def _relative(path: Path, folder: Path) -> str:
    """The way from a folder to a path, with slashes; empty where both have no more than their root in common."""
    try:
        common = Path(os.path.commonpath([path, folder]))
        return "" if common == Path(common.anchor) else Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # on different drives
        return ""
