"""A run folder: its places, how it is made and opened, and how a run is steered through it."""

import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

import platformdirs

from trainer.atomic import reason, write_atomically
from trainer.config import Config, make_config
from trainer.container import parse_json
from trainer.errors import ConfigError, RunError

__all__ = [
    "Command",
    "Group",
    "Run",
    "clear_control",
    "create_run",
    "new_run_folder",
    "open_run",
    "read_config",
    "read_control",
    "read_group",
    "runs_folder",
    "send",
]

Command = Literal["pause", "resume", "stop"]

MAX_CONFIG = 2**20  # bytes
MAX_GROUP = 4096  # bytes


@dataclass(frozen=True)
class Group:
    """What runs that are to be compared have in common: equal groups belong together.

    ``name`` is the folder name of the first of them, so that two comparisons of one ``title`` stay apart.
    """

    name: str
    title: str


@dataclass(frozen=True)
class Run:
    """The places in one run folder."""

    folder: Path

    @property
    def config_path(self) -> Path:
        return self.folder / "config.json"

    @property
    def group_path(self) -> Path:
        return self.folder / "group.json"

    @property
    def events_path(self) -> Path:
        return self.folder / "events.jsonl"

    @property
    def snapshots_folder(self) -> Path:
        return self.folder / "snapshots"

    @property
    def checkpoint_path(self) -> Path:
        return self.folder / "checkpoint.safetensors"

    @property
    def previous_checkpoint_path(self) -> Path:
        return self.folder / "previous-checkpoint.safetensors"

    @property
    def control_path(self) -> Path:
        return self.folder / "control"

    @property
    def model_path(self) -> Path:
        return self.folder / "model.safetensors"

    @property
    def log_path(self) -> Path:
        return self.folder / "log.txt"


def create_run(folder: str | Path, config: Config, group: Group | None = None) -> Run:
    """A new run folder with its config, the group that it belongs to if there is one, and nothing else.

    Raises RunError if the folder exists and is not empty, or cannot be made; nothing of it is then left behind.
    """
    run = Run(Path(folder).absolute())
    try:
        run.folder.mkdir(parents=True, exist_ok=True)
        if any(run.folder.iterdir()):
            raise RunError(f"The folder {folder} is not empty; choose another one for the new run.")
        run.snapshots_folder.mkdir()
        if group is not None:
            write_atomically(run.group_path, json.dumps(asdict(group), ensure_ascii=False).encode())
        write_atomically(run.config_path, (config.model_dump_json(indent=2) + "\n").encode())
    except FileExistsError:
        raise RunError(f"{folder} is a file; choose a folder for the new run.") from None
    except OSError as error:
        with suppress(OSError):
            run.group_path.unlink(missing_ok=True)
            run.snapshots_folder.rmdir()
            run.folder.rmdir()
        raise RunError(f"The run folder {folder} cannot be made, because {reason(error)}.") from None
    return run


def open_run(folder: str | Path) -> Run:
    """An existing run folder. Raises RunError if there is none, or it has no config.json."""
    run = Run(Path(folder).absolute())
    if not run.folder.is_dir():
        raise RunError(f"There is no run folder {folder}.")
    if not run.config_path.is_file():
        raise RunError(f"The folder {folder} is not a run: it has no config.json.")
    return run


def read_config(run: Run) -> Config:
    """What was asked of the run. Raises RunError if config.json is damaged or asks the impossible."""
    where = f"config.json of the run {run.folder.name}"
    try:
        with run.config_path.open("rb") as file:
            data = file.read(MAX_CONFIG + 1)
        if len(data) > MAX_CONFIG:
            raise RunError(f"The {where} is damaged: it is too large.")
        settings = parse_json(data)
    except OSError as error:
        raise RunError(f"The {where} cannot be read, because {reason(error)}.") from None
    except ValueError as error:
        raise RunError(f"The {where} is damaged: {error}.") from None
    if not isinstance(settings, dict):
        raise RunError(f"The {where} is damaged: it holds no settings.")
    try:
        return make_config(settings)
    except ConfigError as error:
        raise RunError(f"The {where} makes no sense: {error}") from None


def read_group(run: Run) -> Group | None:
    """The group that a run belongs to; None if it belongs to none, or what the folder says of it makes no sense."""
    try:
        with run.group_path.open("rb") as file:
            content = parse_json(file.read(MAX_GROUP))
        return Group(str(content["name"]), str(content["title"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def runs_folder() -> Path:
    """Where runs are kept: $LATENTSCOPE_HOME/runs, else in the user's data folder. It need not exist yet."""
    home = os.environ.get("LATENTSCOPE_HOME")
    return (Path(home).expanduser() if home else platformdirs.user_data_path("latentscope", appauthor=False)) / "runs"


def new_run_folder(root: str | Path, config: Config) -> Path:
    """A free name under root, such as 2026-11-20-mnist-vae, -2, -3 ...; the folder is not made."""
    data = re.sub(r"[^\w-]+", "-", Path(config.data).stem).strip("-").lower()[:40] or "data"
    name = f"{date.today().isoformat()}-{data}-{config.family}"
    number = 1
    while (folder := Path(root) / (name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return folder


def send(run: Run, command: Command) -> None:
    """Tell a run what it shall do from now on; the newest command counts. Raises RunError if it cannot be written."""
    try:
        write_atomically(run.control_path, command.encode())
    except OSError as error:
        raise RunError(f"The run {run.folder.name} cannot be told to {command}, because {reason(error)}.") from None


def read_control(run: Run) -> Command | None:
    """What the run shall do: the newest command, or None if there is none (or it makes no sense)."""
    try:
        with run.control_path.open("rb") as file:
            text = file.read(16).decode("ascii", "replace").strip()
    except OSError:
        return None
    return next((command for command in get_args(Command) if command == text), None)


def clear_control(run: Run) -> None:
    """Forget the command; a worker does so when it starts and when it has stopped."""
    with suppress(OSError):
        run.control_path.unlink()
