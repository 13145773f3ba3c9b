"""The command that says how good a model is."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console, Group
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from trainer.console.exploring import Data, Device, Model, find_model
from trainer.console.speech import explained
from trainer.console.supervision import lower_priority, parent_is_there
from trainer.data import load_dataset
from trainer.errors import ConfigError, ModelFileError
from trainer.geometry import axis_name
from trainer.measures.table import DIMENSIONS, scope, shown, unit_of

__all__ = ["evaluate"]

EVENT_EVERY = 0.1  # s between two progress events
KINDS = ("iw", "exact", "none")
MOST_ROWS = 32  # dimensions that the table for people lists one by one


@explained
def evaluate(
    model: Model,
    data: Data = None,
    bound: Annotated[
        list[str] | None,
        typer.Option(
            "--bound",
            metavar="iw|exact|none",
            help="A closer look at log p(x) than −ELBO: the importance-weighted bound, the exact integral (one or two "
            "latent dimensions), or none; may be given twice. Default: exact where it is possible.",
        ),
    ] = None,
    samples: Annotated[int, typer.Option("--samples", help="For iw: samples of the posterior an image.")] = 5000,
    images: Annotated[
        int | None,
        typer.Option("--images", help="For iw and exact: the first so many test images. Default: 1,000; all."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")] = False,
    events: Annotated[
        bool, typer.Option("--events", help="Print how far it is, and at the end the figures, as lines of JSON.")
    ] = False,
    nice: Annotated[bool, typer.Option("--nice", help="Work at low priority.")] = False,
    parent: Annotated[
        int | None, typer.Option("--parent", metavar="PID", help="End when that process is gone.")
    ] = None,
    device: Device = "auto",
) -> None:
    """Measure a model on the test split: likelihood, latent space, reconstruction, classes, codebook."""
    asked = set(bound or [])
    if unknown := asked - set(KINDS):
        raise ConfigError(f"There is no bound '{min(unknown)[:80]}'; choose iw, exact or none.")
    if "none" in asked and len(asked) > 1:
        raise ConfigError("Either ask for no bound, or for one or two of iw and exact.")
    if samples < 1 or (images is not None and images < 1):
        option, value = ("--samples", samples) if samples < 1 else ("--images", images)
        raise ConfigError(f"{option} must be at least 1, and is {value}.")
    if nice:
        lower_priority()
    file, name = find_model(model)
    dataset = load_dataset(data or file.config.data)
    from trainer.device import choose_device  # imports torch, and so do the next two
    from trainer.full_evaluation import Bounds, evaluate_fully
    from trainer.models.build import load_model

    try:
        network = load_model(file, choose_device(device))
    except ModelFileError as error:
        raise ModelFileError(f"{name}: {error}") from None
    bounds = Bounds("iw" in asked, "exact" in asked if asked else None, samples, images)
    with parent_is_there(parent), progress(events) as tell:
        evaluation = evaluate_fully(network, dataset, bounds, tell=tell)
    about = {"model": str(model), "data": data or file.config.data, "images": len(dataset.test_images)}
    content = about | evaluation.to_json()
    if events:
        print(json.dumps({"event": "evaluation"} | content), flush=True)
    elif as_json:
        print(json.dumps(content))
    else:
        Console().print(tables(content))


@contextmanager
def progress(events: bool) -> Iterator[Any]:
    """How far it is: on stderr a bar where there is a terminal, or events on stdout."""
    if events:
        yield Events().tell
        return
    console = Console(stderr=True)
    columns = (TextColumn("Measuring {task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda part, share: bar.update(task, description=part, completed=share)


class Events:
    """Lines of JSON on stdout, not more often than a person can see."""

    def __init__(self) -> None:
        self._part, self._told = "", 0.0

    def tell(self, part: str, share: float) -> None:
        now = time.monotonic()
        if part != self._part or now - self._told >= EVENT_EVERY:
            self._part, self._told = part, now
            print(json.dumps({"event": "progress", "part": part, "share": share}), flush=True)


def tables(content: dict[str, Any]) -> Group:
    """The figures in the groups of the table of measures, and below them one row a latent dimension."""
    parts: list[Table] = []
    group = ""
    for measure, value in shown(content):
        if measure.group != group:
            group = measure.group
            parts.append(Table(title=f"{group}, {content['images']:,} test images", show_header=False, min_width=64))
        unit = unit_of(measure, content["density"]) + scope(measure, content)
        parts[-1].add_row(measure.title, measure.text(value), unit)
    lists = [(measure, content[key]) for key, measure in DIMENSIONS.items() if key in content]
    if lists:
        table = Table(title="Latent dimensions", min_width=64)
        table.add_column("dimension")
        for measure, _ in lists:
            table.add_column(f"{measure.title} ({measure.unit})" if measure.unit else measure.title)
        count = len(lists[0][1])
        for index in range(min(count, MOST_ROWS)):
            table.add_row(axis_name(index), *(measure.text(values[index]) for measure, values in lists))
        if count > MOST_ROWS:
            table.caption = f"{count - MOST_ROWS} more are in --json"
        parts.append(table)
    return Group(*parts)
