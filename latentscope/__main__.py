"""The command ``latentscope``: read the arguments, look whether Qt can start, and only then let it.

argparse rather than typer, and few imports: every millisecond here is one before the map is on screen.
"""

import argparse
import gc
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from latentscope import __version__
from latentscope.start import preflight
from latentscope.start.imports import import_plainly

__all__ = ["Options", "main", "parse"]

Point = tuple[float, ...]
MIN_SIDE, MAX_SIDE = 320, 16384
MIN_SCALE, MAX_SCALE = 0.25, 16.0


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line. ``trace``: print when the map was there, and end (a benchmark's)."""

    model: Path | None = None
    data: str | None = None
    screenshot: Path | None = None
    export_map: Path | None = None
    scale: float | None = None
    size: tuple[int, int] | None = None
    theme: Literal["system", "dark", "light"] | None = None
    at: Point | None = None
    label: str | None = None
    path: tuple[Point, ...] | None = None
    trace: bool = False


def point(text: str) -> Point:
    """A latent point from "0.3,-1.2"."""
    try:
        values = tuple(float(part) for part in text.split(","))
    except ValueError:
        values = (math.nan,)
    if not all(math.isfinite(value) for value in values):
        raise argparse.ArgumentTypeError(f"'{text}' is not a latent point; write its numbers like 0.3,-1.2")
    return values


def waypoints(text: str) -> tuple[Point, ...]:
    """The waypoints of a path from "-1,0:2,1"."""
    points = tuple(point(part) for part in text.split(":"))
    if len(points) < 2 or len({len(one) for one in points}) != 1:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a path; write two points or more, of equally many numbers, like -1,0:2,1"
        )
    return points


def size(text: str) -> tuple[int, int]:
    """Width and height in pixels from "1600x1000"."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"'{text}' is not a size; write it like 1600x1000")
    if not all(MIN_SIDE <= int(side) <= MAX_SIDE for side in (width, height)):
        raise argparse.ArgumentTypeError(f"the sides of the window must lie between {MIN_SIDE} and {MAX_SIDE} pixels")
    return int(width), int(height)


def scale(text: str) -> float:
    """How many pixels a logical pixel of a picture has."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not MIN_SCALE <= value <= MAX_SCALE:
        raise argparse.ArgumentTypeError(f"'{text}' is no scale between {MIN_SCALE:g} and {MAX_SCALE:g}")
    return value


def picture(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"the picture is a PNG, so '{text}' must end in .png")
    return path


def parse(arguments: Sequence[str] | None) -> Options:
    """The options; ends the program, as argparse does, with a message (2) or after --help and --version (0)."""
    parser = argparse.ArgumentParser(
        prog="latentscope",
        description="A microscope for latent spaces: a map of encoded test points, decoded under the mouse.",
        epilog="Points whose first number is negative need the equals sign: --at=-1,0.5",
    )
    add = parser.add_argument
    add("model", nargs="?", type=Path, metavar="FILE", help="a model, a run's folder, a workspace (the shipped model)")
    add(
        "--data",
        metavar="NAME",
        help="the data set behind the map: mnist, digits, cifar10, ... or a .npz/.npy file",
    )
    add("--screenshot", type=picture, metavar="OUT.png", help="draw the window, save it and end; needs no display")
    add(
        "--export-map",
        type=picture,
        metavar="OUT.png",
        help="save the map as the window exports it, of a workspace in the size that it has there, and end",
    )
    add("--scale", type=scale, metavar="N", help="of --export-map: pixels to a logical pixel, such as 2")
    add("--size", type=size, metavar="WxH", help="of the window, or the exported map, in logical pixels: 1600x1000")
    add("--theme", choices=["system", "dark", "light"], help="this time only; the View menu sets it for good")
    add("--at", type=point, metavar="Z", help="decode this latent point, such as --at=0.3,-1.2")
    add("--label", metavar="CLASS", help="of a conditional model, the class to decode, such as 7 or 3:0.5,8:0.5")
    add("--path", type=waypoints, metavar="Z:Z", help="show a path through these points, such as --path=-1,0:2,1")
    add("--trace", action="store_true", help=argparse.SUPPRESS)
    add("--version", action="version", version=f"latentscope {__version__}")
    return Options(**vars(parser.parse_args(arguments)))


def fail(sentence: str) -> int:
    if sys.stderr is not None:
        print(f"latentscope: {sentence}", file=sys.stderr)
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the application; returns the exit code."""
    options = parse(arguments)
    if options.model is not None and not options.model.exists():
        return fail(f"There is no file or folder '{options.model}'.")
    pictures = [path for path in (options.screenshot, options.export_map) if path is not None]
    if len(pictures) > 1:
        return fail("Ask for --screenshot or for --export-map, not for both at once.")
    if pictures:
        if not pictures[0].parent.is_dir():
            return fail(f"There is no folder '{pictures[0].parent}' to save the picture in.")
        os.environ["QT_QPA_PLATFORM"] = os.environ.get("QT_QPA_PLATFORM") or "offscreen"  # empty is not set, to Qt
    gc.disable()  # what is imported now stays, so looking for garbage in it is time lost; garbage.py sees to the rest
    try:
        return start(options)
    finally:
        gc.enable()


def start(options: Options) -> int:
    """The part that needs Qt."""
    problem = preflight.library_problem() or preflight.display_problem(os.environ)
    if problem is not None:
        return fail(problem)
    import_plainly()
    from latentscope import app

    try:
        return app.run(options)
    except app.StartError as error:
        return fail(str(error))


if __name__ == "__main__":
    sys.exit(main())
