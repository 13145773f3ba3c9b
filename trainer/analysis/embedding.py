"""Codes laid out in two dimensions so that neighbours stay neighbours: t-SNE and UMAP, as views of a latent space.

Such a picture has no axes: neither its distances nor its directions are those of the latent space, and what is between
its points is nothing that could be decoded.
"""

import importlib.util
import io
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.errors import ConfigError, DataError

__all__ = ["INSTALL_UMAP", "METHODS", "MOST_POINTS", "EmbeddingMethod", "Layout", "chosen", "embed", "umap_is_there"]

EmbeddingMethod = Literal["t-sne", "umap"]
METHODS: tuple[EmbeddingMethod, ...] = get_args(EmbeddingMethod)
MOST_POINTS = 5_000  # t-SNE of so many takes some ten seconds
FEWEST_POINTS = 5
PERPLEXITY, NEIGHBOURS = 30, 15  # the defaults of both papers' own programs
STEPS = 1_000  # of t-SNE
INSTALL_UMAP = "pip install 'latentscope[views]'"


@dataclass(frozen=True, eq=False)
class Layout:
    """``position`` (M, 2) of the codes ``index`` (M,), ascending."""

    index: NDArray[np.int64]
    position: NDArray[np.float32]


def umap_is_there() -> bool:
    """Whether umap-learn is installed. It is not imported, which takes seconds."""
    return importlib.util.find_spec("umap") is not None


def chosen(codes: ArrayLike, most: int, seed: int = 0) -> NDArray[np.int64]:
    """The indices of at most ``most`` codes (N, D) that are finite: all of them, or as many drawn at random."""
    index = np.flatnonzero(np.isfinite(np.asarray(codes)).all(axis=1))
    if len(index) > most:
        index = np.sort(np.random.default_rng(seed).choice(index, most, replace=False))
    return index.astype(np.int64)


def embed(
    codes: ArrayLike,
    method: EmbeddingMethod = "t-sne",
    *,
    most: int = MOST_POINTS,
    seed: int = 0,
    tell: Callable[[str, float], None] = lambda part, share: None,
) -> Layout:
    """Lay codes (N, D) out, or ``most`` of them; the same codes and seed give the same layout.

    t-SNE: van der Maaten & Hinton 2008, J. Machine Learning Research 9, in the Barnes-Hut form, begun with the codes'
    principal components. UMAP: McInnes, Healy & Melville 2018, arXiv:1802.03426. ``tell`` hears what is being done and
    which share of it is. Raises DataError for fewer than five codes or codes that are all the same, ConfigError for an
    unknown method or a missing package.
    """
    if method not in METHODS:
        raise ConfigError(f"There is no view '{str(method)[:80]}'; choose one of {', '.join(METHODS)}.")
    index = chosen(codes, most, seed)
    points = np.asarray(codes, np.float32)[index]
    if len(points) < FEWEST_POINTS:
        raise DataError(f"There are only {len(points)} codes; a {method} view needs at least {FEWEST_POINTS}.")
    if not (points.max(axis=0) > points.min(axis=0)).any():
        raise DataError("All codes are the same, so there is nothing to lay out.")
    tell(method, 0.0)
    position = _tsne(points, seed, tell) if method == "t-sne" else _umap(points, seed, tell)
    if not np.isfinite(position).all():
        raise DataError(f"These codes give no {method} view: its numbers grew beyond all bounds.")
    tell(method, 1.0)
    return Layout(index, position.astype(np.float32))


def _tsne(points: NDArray[np.float32], seed: int, tell: Callable[[str, float], None]) -> NDArray[np.float32]:
    from sklearn.manifold import TSNE

    perplexity = min(PERPLEXITY, (len(points) - 1) / 3)
    begin = "pca" if points.shape[1] > 1 else "random"
    model = TSNE(
        perplexity=perplexity, init=begin, random_state=seed, max_iter=STEPS, learning_rate="auto", verbose=2, n_jobs=1
    )
    with redirect_stdout(_Progress(r"Iteration (\d+)", lambda found: tell("t-sne", min(1.0, int(found[1]) / STEPS)))):
        position: NDArray[np.float32] = model.fit_transform(points)
    return position


def _umap(points: NDArray[np.float32], seed: int, tell: Callable[[str, float], None]) -> NDArray[np.float32]:
    if not umap_is_there():
        raise ConfigError(f"UMAP needs a package that is not installed; install it: {INSTALL_UMAP}.")
    from umap import UMAP

    progress = _Progress(r"(\d+)/(\d+)", lambda found: tell("umap", int(found[1]) / max(1, int(found[2]))))
    model = UMAP(
        n_neighbors=min(NEIGHBOURS, len(points) - 1),
        random_state=seed,
        n_jobs=1,
        verbose=True,
        tqdm_kwds={"file": progress, "bar_format": "{n}/{total}"},
    )
    with redirect_stdout(io.StringIO()):  # what it prints of its other steps has clock times in it
        position: NDArray[np.float32] = model.fit_transform(points)
    return position


class _Progress(io.TextIOBase):
    """Reads the steps from what scikit-learn and umap-learn print: they have no other way to say how far they are."""

    def __init__(self, pattern: str, tell: Callable[[re.Match[str]], None]) -> None:
        self._pattern, self._tell, self._out = re.compile(pattern), tell, sys.stdout

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if found := self._pattern.search(text):
            with redirect_stdout(self._out):  # who is told may print
                self._tell(found)
        return len(text)
