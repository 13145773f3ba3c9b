"""The command that fetches a data set: the only one that uses the network."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from trainer import data
from trainer.console.speech import explained, say

__all__ = ["download"]


@explained
def download(
    name: Annotated[str, typer.Argument(metavar="NAME", help="mnist, fashion-mnist or cifar10.", show_default=False)],
) -> None:
    """Fetch a data set into your cache, where every command finds it. Ctrl+C leaves nothing behind."""
    if name in data.SOURCES and data.is_at_hand(name):
        say(f"The data set {name} is on this computer already.")
        return
    size = data.download_size(name)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=size is None) as progress:
        task = progress.add_task(name, total=size)
        data.download(name, lambda done, total: progress.update(task, completed=done, total=total))
    say(f"The data set {name} is on this computer now.")
