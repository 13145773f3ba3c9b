"""The command that trains the classifier of a data set's images."""

from pathlib import Path
from typing import Annotated

import typer

from trainer.console.evaluating import progress
from trainer.console.speech import explained
from trainer.console.supervision import lower_priority, parent_is_there
from trainer.data import load_dataset

__all__ = ["classifier"]


@explained
def classifier(
    data: Annotated[str, typer.Option("--data", metavar="NAME|FILE", help="Whose images, and whose classes.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE.safetensors", help="Where it is saved; else where the window looks for it."
        ),
    ] = None,
    events: Annotated[bool, typer.Option("--events", help="Print how far it is, as lines of JSON.")] = False,
    nice: Annotated[bool, typer.Option("--nice", help="Work at low priority.")] = False,
    parent: Annotated[
        int | None, typer.Option("--parent", metavar="PID", help="End when that process is gone.")
    ] = None,
) -> None:
    """Train the classifier that says, in the window's race, of which class an image is and how sure that is."""
    if nice:
        lower_priority()
    dataset = load_dataset(data)
    import torch

    from trainer.classifier import place_of, train_image_classifier, write_classifier

    torch.set_num_threads(1)  # it is no hurry, and a window may want the others
    place = out if out is not None else place_of(dataset)
    with parent_is_there(parent), progress(events) as tell:
        trained = train_image_classifier(dataset, lambda share: tell("a classifier", share))
    write_classifier(place, trained)
    if not events:
        print(f"Right about {100 * trained.accuracy:.1f} % of {len(dataset.test_images):,} test images: {place}")
