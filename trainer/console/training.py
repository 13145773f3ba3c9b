"""The commands that train: fit and resume."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer

from trainer.atomic import reason
from trainer.config import DEFAULT_SECONDS, Config, make_config
from trainer.console.options import parse_settings, with_settings
from trainer.console.progress import Display
from trainer.console.speech import INTERRUPTED, explained, say, stop_printing
from trainer.console.supervision import lower_priority, watching
from trainer.container import parse_json
from trainer.data import load_dataset
from trainer.data.dataset import Dataset
from trainer.errors import ConfigError, RunError
from trainer.events import Event, Finished, Stopped, to_json
from trainer.models import unit
from trainer.models.fits import check_fits
from trainer.presets import PRESETS, preset_settings
from trainer.run import (
    EventLog,
    Run,
    create_run,
    new_run_folder,
    open_run,
    read_config,
    runs_folder,
    send,
    status,
)

__all__ = ["fit", "resume"]

PRESET_HELP = " ".join(f"[bold]{preset.name}[/bold]: {preset.expect}" for preset in PRESETS.values())

Json = Annotated[bool, typer.Option("--json", help="Print each event as one line of JSON on stdout.")]
Nice = Annotated[bool, typer.Option("--nice", help="Work at low priority, so that the computer stays responsive.")]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, help="Threads of the processor to use. Default: one a core.")
]
Parent = Annotated[
    int | None,
    typer.Option("--parent", metavar="PID", help="Stop, with a checkpoint, when that process is gone."),
]


@explained
@with_settings
def fit(
    out: Annotated[Path | None, typer.Option("--out", help="The run's folder. Default: a new one among yours.")] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", metavar="FILE.json", help="Settings; options given beside it win.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="|".join(PRESETS), help=f"How well. {PRESET_HELP}")
    ] = None,
    as_json: Json = False,
    nice: Nice = False,
    threads: Threads = None,
    parent: Parent = None,
    **settings: Any,
) -> None:
    """Train a new model. Without a preset or a budget in seconds or epochs it trains for a minute.

    Ctrl+C stops it with a checkpoint, from which [bold]resume[/bold] goes on.
    """
    given = parse_settings(settings)
    asked: dict[str, Any] = {}
    for newer in (read_settings(config_file) if config_file else {}, preset_settings(preset) if preset else {}, given):
        if {"seconds", "epochs"} & newer.keys():  # one budget takes the place of the other
            asked = {name: value for name, value in asked.items() if name not in ("seconds", "epochs")}
        asked |= newer
    if asked.get("seconds") is None and asked.get("epochs") is None:
        asked["seconds"] = DEFAULT_SECONDS
    config = make_config(asked)
    if Path(config.data).suffix:  # a file: a resume from another folder must find it, too
        config = config.model_copy(update={"data": str(Path(config.data).expanduser().resolve())})
    dataset = load_beside_torch(config.data)
    check_fits(config, dataset)  # the loop checks it, too, but here no folder has been made yet
    run = create_run(out or new_run_folder(runs_folder(), config), config)
    work(run, dataset, as_json, nice, threads, parent)


@explained
def resume(
    folder: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.", show_default=False)],
    as_json: Json = False,
    nice: Nice = False,
    threads: Threads = None,
    parent: Parent = None,
) -> None:
    """Go on with a run that was stopped or interrupted, from its checkpoint, or start one that has not begun."""
    run = open_run(folder)
    EventLog(run)  # says so if another process is working on it
    if status(run) == "finished":
        raise RunError(f"The run {run.folder.name} has finished; its model is {run.model_path}.")
    work(run, load_beside_torch(read_config(run).data), as_json, nice, threads, parent)


def load_beside_torch(name: str) -> Dataset:
    """A data set, loaded while torch is imported: that takes over a second, and unpacking needs little of Python.

    Raises DataError as ``load_dataset`` does.
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        loading = pool.submit(load_dataset, name)
        with suppress(Exception):  # what is wrong with it is said where it is used
            import_module("trainer.fit")
        return loading.result()


def read_settings(path: Path) -> dict[str, Any]:
    """The settings in a JSON file. Raises ConfigError."""
    try:
        settings = parse_json(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"The settings {path} cannot be read, because {reason(error)}.") from None
    except ValueError as error:
        raise ConfigError(f"The settings {path} are damaged: {error}.") from None
    if not isinstance(settings, dict):
        raise ConfigError(f"{path} holds no settings; it should be a JSON object like a run's config.json.")
    return settings


def work(run: Run, dataset: Dataset, as_json: bool, nice: bool, threads: int | None, parent: int | None) -> None:
    """Train a run to its end, saying what happens. Raises typer.Exit unless it finishes or is told to stop."""
    if nice:
        lower_priority()
    from trainer.fit import fit as train  # imports torch

    if threads is not None:
        import torch

        torch.set_num_threads(threads)

    config = read_config(run)
    events = train(config, dataset, run, continue_from_checkpoint=True)
    show = print_json(run) if as_json else None
    last: Event | None = None
    with (
        stopping_on_signals(run) as caught,
        watching(parent, partial(ask_to_stop, run)),
        Display(quiet=as_json) as display,
    ):
        for last in events:
            display.show(last)
            if show:
                show(last)
    if isinstance(last, Finished):
        say(f"{finished(last, config)} The model is {run.folder / last.model}.")
    elif isinstance(last, Stopped):
        say(f'Stopped at step {last.step:,}. Go on with: latentscope-trainer resume "{run.folder}"')
    if caught:
        raise typer.Exit(INTERRUPTED if caught[0] == signal.SIGINT else 128 + caught[0])


def finished(event: Finished, config: Config) -> str:
    parts = {"test −ELBO": "negative_elbo", "reconstruction": "reconstruction", "KL": "kl"}
    figures = [f"{word} {event.figures[name]:.2f}" for word, name in parts.items() if name in event.figures]
    return f"Finished after {event.step:,} steps in {event.seconds:,.0f} s: {', '.join(figures)} {unit(config)}."


def print_json(run: Run) -> Callable[[Event], None]:
    """Prints events on stdout. If nobody listens any more, the run is stopped, as any program in a pipe would be."""
    listening = True

    def show(event: Event) -> None:
        nonlocal listening
        if listening:
            try:
                print(to_json(event), flush=True)
            except BrokenPipeError:
                listening = False
                stop_printing()
                send(run, "stop")

    return show


@contextmanager
def stopping_on_signals(run: Run) -> Iterator[list[int]]:
    """Ctrl+C and a request to terminate stop the run as the window's Stop does; a second Ctrl+C ends it at once.

    Yields a list that then holds the signals that came.
    """
    caught: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        if caught:
            raise KeyboardInterrupt
        caught.append(number)
        say("Stopping with a checkpoint; press Ctrl+C again to end at once.")
        send(run, "stop")

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():  # only there can signals be handled
        numbers = []
    old = [signal.signal(number, stop) for number in numbers]
    try:
        yield caught
    finally:
        for number, handler in zip(numbers, old, strict=True):
            signal.signal(number, handler)


def ask_to_stop(run: Run) -> None:
    with suppress(RunError):
        send(run, "stop")
