"""The command ``path``: from latent point to latent point, as a picture, a film or arrays."""

from pathlib import Path
from typing import Annotated, Any, get_args

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from trainer.console.conditions import Label, asked_between
from trainer.console.exploring import Data, Device, Model, Scale, find_model, make_codec, parse_point
from trainer.console.speech import explained, say
from trainer.errors import ConfigError
from trainer.files import ModelFile
from trainer.films import FORMATS, MOVING, check_film, format_of, write_film
from trainer.films.recipe import Recipe
from trainer.paths import RULES
from trainer.paths.timing import Ease, Pace, Walk

__all__ = ["path"]

MOST_WAYPOINTS = 10_000
ENDINGS = ", ".join(f".{name}" for name in FORMATS.names())

Out = Annotated[
    Path, typer.Option("--out", metavar="FILE", help=f"What to write, by its ending: {ENDINGS}.", show_default=False)
]


@explained
def path(
    model: Model,
    out: Out,
    start: Annotated[
        str | None, typer.Option("--from", metavar="Z1,Z2,...|#N", help="Where it begins.", show_default=False)
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", metavar="Z1,Z2,...|#N", help="Where it ends.", show_default=False)
    ] = None,
    through: Annotated[
        str | None,
        typer.Option(
            "--through", metavar="Z;Z;...", help="All waypoints instead, with semicolons.", show_default=False
        ),
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", metavar="RULE", help=f"How waypoints are joined: {', '.join(RULES.names())}.")
    ] = "linear",
    closed: Annotated[bool, typer.Option("--closed", help="Lead back to the first waypoint.")] = False,
    steps: Annotated[int, typer.Option("--steps", min=2, max=10_000, help="How many images.")] = 16,
    timing: Annotated[
        str,
        typer.Option("--timing", metavar="|".join(get_args(Pace)), help="By which measure the steps are equal."),
    ] = "latent",
    ease: Annotated[
        str, typer.Option("--ease", metavar="|".join(get_args(Ease)), help="Where it goes slowly: at the ends.")
    ] = "none",
    real_ends: Annotated[
        bool, typer.Option("--real-ends", help="Show ends that are test images, #N, as these and not decoded.")
    ] = False,
    data: Data = None,
    columns: Annotated[int, typer.Option("--columns", min=0, help="Of a picture: images in a row; 0 is a strip.")] = 0,
    rate: Annotated[float, typer.Option("--rate", help="Of a film: images a second.")] = 12.0,
    bounce: Annotated[bool, typer.Option("--bounce", help="Of a film: there and back.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Of a GIF: do not repeat it for ever.")] = False,
    label: Label = None,
    to_label: Annotated[
        str | None,
        typer.Option("--to-label", metavar="CLASS", help="Go from --label to this class.", show_default=False),
    ] = None,
    scale: Scale = None,
    device: Device = "auto",
) -> None:
    """Decode the way between latent points: as a strip or grid (png), a film (gif, mp4, webm) or arrays (npz).

    A latent point is its numbers, with commas between them, or [bold]#12[/bold]: the code of test image 12, counted
    from 0. Of a conditional model there is also the way between two classes: the same point --from and --to shows the
    classes alone. A geodesic is that of the class in which it begins.
    """
    from trainer.films.film import film_steps, finished, real_images  # imports torch
    from trainer.films.style import Style

    kept = format_of(out)
    file, name = find_model(model)
    waypoints, rows = asked_waypoints(start, end, through, file)
    condition = asked_between(file, label, to_label, steps)
    walk: Any = Walk(steps, timing, ease)  # type: ignore[arg-type] # what walks the path says so if it is none
    weights: Any = None
    if condition is not None:
        weights = tuple(map(tuple, condition.tolist())) if condition.ndim == 2 else tuple(condition.tolist())
    ends = (rows[0], rows[0 if closed else -1]) if real_ends else (None, None)
    if real_ends and ends == (None, None):
        raise ConfigError("--real-ends needs an end that is a test image, such as --from=#12.")
    recipe = Recipe(waypoints, kind, walk, closed, weights, ends, data or "")
    style = Style(scale, columns, rate, bounce, not once)
    check_film(out, steps, file.image_shape, style)  # before anything is computed
    originals = real_images(recipe, file.config.data)
    console, columns_of_bar = Console(stderr=True), (TextColumn("{task.description}", markup=False), BarColumn())
    with Progress(*columns_of_bar, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(out.name, total=2.0)
        steps_of_film = film_steps(make_codec(file, name, device), file.codes, recipe, originals)
        film = finished(steps_of_film, lambda share: bar.update(task, completed=share))
        for share in write_film(out, film, style):
            bar.update(task, completed=1 + share)
    say(f"The {'film' if MOVING in kept.traits else kept.title.lower()} is {out}.")


def asked_waypoints(
    start: str | None, end: str | None, through: str | None, file: ModelFile
) -> tuple[tuple[tuple[float, ...], ...], list[int | None]]:
    """The waypoints that are asked for, by both ends or one by one, and which test images these are.

    Raises ConfigError.
    """
    if through is not None:
        if start is not None or end is not None:
            raise ConfigError("Give either --from and --to, or all waypoints by --through.")
        texts = [text for text in through.split(";") if text.strip()]
        if not 2 <= len(texts) <= MOST_WAYPOINTS:
            raise ConfigError(
                f"--through takes from 2 to {MOST_WAYPOINTS:,} latent points with semicolons between them, "
                f"such as --through='-1,0;0,1;2,1', and has {len(texts):,}."
            )
        asked = [(text, "--through") for text in texts]
    else:
        if start is None or end is None:
            raise ConfigError("Say where the path begins and ends, by --from and --to, or all waypoints, by --through.")
        asked = [(start, "--from"), (end, "--to")]
    rows = [parse_row(text, option, file) for text, option in asked]
    points = [
        parse_point(text, option, file.config.latent) if row is None or file.codes is None else file.codes.mean[row]
        for (text, option), row in zip(asked, rows, strict=True)
    ]
    return tuple(tuple(np.asarray(point, float).tolist()) for point in points), rows


def parse_row(text: str, option: str, file: ModelFile) -> int | None:
    """Which test image "#12" is; None of text that is a latent point. Raises ConfigError."""
    text = text.strip()
    if not text.startswith("#"):
        return None
    count = 0 if file.codes is None else len(file.codes.mean)
    row = int(text[1:]) if text[1:].isascii() and text[1:].isdigit() else -1
    if file.codes is None or not 0 <= row < count or not np.isfinite(file.codes.mean[row]).all():
        raise ConfigError(
            f"{option} takes the number of a test image that is on this model's map, from #0 to #{count - 1}, and is "
            f"'{text[:80]}'."
            if count
            else f"{option} cannot be '{text[:80]}': this model file has no codes of test images."
        )
    return row
