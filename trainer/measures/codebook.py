"""How well a codebook is used. No torch: the window measures snapshots as they come."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["codebook_figures", "usage"]


def usage(tokens: NDArray[np.int16], codes: int) -> NDArray[np.int64]:
    """How often each of a codebook's entries (codes,) stands in a cell of the grids (N, h, w)."""
    return np.bincount(tokens.ravel(), minlength=codes)


def codebook_figures(tokens: NDArray[np.int16], codes: int) -> dict[str, float]:
    """``codes``: entries of the codebook; ``codes_used``: those that stand in at least one cell of these images;
    ``codes_unused``: the others; ``perplexity``: e to the entropy of how often each is used, over all cells.

    The perplexity is that of van den Oord et al. 2017, "Neural Discrete Representation Learning", arXiv:1711.00937, but
    counted over all images at once: that of one batch is lower, since a batch has too few cells for a large codebook.
    """
    count = usage(tokens, codes)
    share = count[count > 0] / count.sum()
    used = int((count > 0).sum())
    perplexity = math.exp(-float((share * np.log(share)).sum()))
    return {
        "codes": float(codes),
        "codes_used": float(used),
        "codes_unused": float(codes - used),
        "perplexity": perplexity,
    }
