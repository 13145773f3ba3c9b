"""The command that lays a model's codes out in two dimensions."""

import io
import json
from pathlib import Path
from typing import Annotated, cast

import numpy as np
import typer

from trainer.analysis.embedding import METHODS, MOST_POINTS, EmbeddingMethod, embed
from trainer.atomic import reason, write_atomically
from trainer.console.evaluating import progress
from trainer.console.exploring import Model, find_model
from trainer.console.speech import explained
from trainer.console.supervision import lower_priority, parent_is_there
from trainer.errors import ConfigError, DataError, OutputError

__all__ = ["embed_codes"]


@explained
def embed_codes(
    model: Model,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.npz", help="index (which codes) and position (two numbers each)."),
    ] = None,
    method: Annotated[
        str, typer.Option("--method", metavar="|".join(METHODS), help="How they are laid out.")
    ] = "t-sne",
    points: Annotated[int, typer.Option("--points", help="Of more codes, so many drawn at random.")] = MOST_POINTS,
    seed: Annotated[int, typer.Option("--seed", help="What chance begins with.")] = 0,
    events: Annotated[
        bool, typer.Option("--events", help="Print how far it is, and at the end the layout, as lines of JSON.")
    ] = False,
    nice: Annotated[bool, typer.Option("--nice", help="Work at low priority.")] = False,
    parent: Annotated[
        int | None, typer.Option("--parent", metavar="PID", help="End when that process is gone.")
    ] = None,
) -> None:
    """Lay a model's codes of test images out in two dimensions, by t-SNE or UMAP."""
    if out is None and not events:
        raise ConfigError("Say where the layout is to be saved: --out FILE.npz.")
    if out is not None and out.suffix.lower() != ".npz":
        raise OutputError(f"A layout is saved as NumPy arrays; give a name ending with .npz instead of '{out.name}'.")
    if points < 1:
        raise ConfigError(f"--points must be at least 1, and is {points}.")
    if nice:
        lower_priority()
    file, name = find_model(model)
    if file.codes is None:
        raise DataError(f"{name} holds no codes of test images, so there is nothing to lay out.")
    with parent_is_there(parent), progress(events) as tell:
        layout = embed(file.codes.mean, cast("EmbeddingMethod", method), most=points, seed=seed, tell=tell)
    if events:
        content = {"index": layout.index.tolist(), "position": layout.position.tolist()}
        print(json.dumps({"event": "embedding"} | content), flush=True)
    if out is not None:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, index=layout.index, position=layout.position)
        try:
            write_atomically(out, buffer.getvalue())
        except OSError as error:
            raise OutputError(f"{out} cannot be written, because {reason(error)}; choose another place.") from None
