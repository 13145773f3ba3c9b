"""What was measured on which model: kept while the window is open and, for the model of a run, in the run's folder."""

import hashlib
import json
import logging
import math
from pathlib import Path
from typing import Any

from latentscope.state.open_model import OpenModel
from trainer.atomic import write_atomically
from trainer.container import parse_json
from trainer.files import ModelFile
from trainer.measures.codebook import codebook_figures
from trainer.measures.codes import active_dimensions
from trainer.measures.table import DIMENSIONS, MEASURES

__all__ = ["FILE_NAME", "Evaluations", "every_of", "fingerprint", "known_figures"]

FILE_NAME = "evaluation.json"
MOST_BYTES = 1 << 20
# Numbers of codes that can be averaged at every snapshot without the mouse noticing; of more a sample of about so many.
MOST_VALUES, SAMPLE_VALUES = 1 << 20, 1 << 18
log = logging.getLogger(__name__)


class Evaluations:
    """The results, under the fingerprint of the model that they are of."""

    def __init__(self) -> None:
        self._results: dict[str, dict[str, Any]] = {}

    def keep(self, model: OpenModel, result: dict[str, Any]) -> None:
        """Remember what was measured. Into a run's folder it is written, too; if the disk refuses, that is logged."""
        key = fingerprint(model.file)
        self._results[key] = checked(result)
        folder = _run_folder(model.path)
        if folder is not None:
            text = json.dumps({"fingerprint": key, "evaluation": self._results[key]}, indent=1)
            try:
                write_atomically(folder / FILE_NAME, text.encode())
            except OSError as error:
                log.info("The evaluation was not kept in %s: %s", folder, error)

    def of(self, model: OpenModel) -> dict[str, Any]:
        """What was measured on this model; empty if nothing was."""
        key = fingerprint(model.file)
        if key not in self._results and (folder := _run_folder(model.path)) is not None:
            try:
                path = folder / FILE_NAME
                content = parse_json(path.read_bytes()) if path.stat().st_size <= MOST_BYTES else None
            except (OSError, ValueError):
                return {}
            match content:
                case {"fingerprint": str(of), "evaluation": dict(result)} if of == key:
                    self._results[key] = checked(result)
        return self._results.get(key, {})


def fingerprint(file: ModelFile) -> str:
    """Tells models apart: recipe, how far they are trained, and where some test images are."""
    parts = [file.config.model_dump_json().encode(), json.dumps(file.record, sort_keys=True, default=str).encode()]
    if file.codes is not None:
        parts.append(file.codes.mean[:64].tobytes())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def known_figures(model: OpenModel, evaluations: Evaluations) -> dict[str, Any]:
    """Every figure that is known of a model: what its codes and its file say, and what was measured since."""
    return code_figures(model.file) | model.file.figures | evaluations.of(model)


def every_of(values: int) -> int:
    """Of codes with so many numbers every so-manieth tells their means well enough: 1 but for very many."""
    return 1 if values <= MOST_VALUES else math.ceil(values / SAMPLE_VALUES)


def code_figures(file: ModelFile) -> dict[str, float]:
    """What can be said at once from the codes: of the snapshot of a training, too."""
    codes = file.codes
    if codes is None:
        return {}
    if codes.tokens is not None:
        return codebook_figures(codes.tokens, file.config.codes)
    if codes.logvar is None:
        return {}
    every = every_of(codes.mean.size)
    return {"active_units": float(active_dimensions(codes.mean[::every]).sum())}


def checked(result: dict[str, Any]) -> dict[str, Any]:
    """Only what a figure can be: a file may say anything."""

    def is_number(value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

    def is_known(name: str, value: object) -> bool:
        match value:
            case bool():
                return name == "density"
            case str():
                return name in ("data", "unit")
            case list():
                return name in DIMENSIONS and all(map(is_number, value))
        known = name == "images" or name.removesuffix("_images").removesuffix("_samples") in MEASURES
        return known and is_number(value)

    return {name: value for name, value in result.items() if is_known(name, value)}


def _run_folder(path: Path | None) -> Path | None:
    """The run that a model file belongs to."""
    if path is None:
        return None
    for folder in (path, path.parent, path.parent.parent):
        if (folder / "config.json").is_file() and (folder / "events.jsonl").is_file():
            return folder
    return None
