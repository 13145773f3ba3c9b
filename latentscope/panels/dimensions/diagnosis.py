"""What is said of a model's latent dimensions: which carry information, which do not, and what can be done about it."""

import numpy as np
from numpy.typing import NDArray

from latentscope.analysis.dimensions import Dimension
from trainer.config import Config
from trainer.files import Codes
from trainer.geometry import axis_name
from trainer.measures.codebook import codebook_figures

__all__ = ["advice", "diagnosis", "listed", "words_about"]

MOST_NAMED = 8


def words_about(codes: Codes | None, rows: list[Dimension], config: Config) -> tuple[str, str]:
    """The diagnosis of a model, and advice; of every family as far as there is something to say."""
    if codes is None:
        return "This model has no codes of test images, so there is nothing to measure.", ""
    if codes.tokens is not None:
        return codebook_words(codes.tokens, config.codes)
    if codes.logvar is None:
        return (
            "An autoencoder encodes an image as one point: there is no posterior, and so neither KL nor σ.",
            "Nothing draws its dimensions to a prior, so none of them can collapse onto it. The sliders go as far as "
            "its codes do.",
        )
    return diagnosis(rows, config)


def diagnosis(rows: list[Dimension], config: Config) -> tuple[str, str]:
    """What the dimensions are like, and what can be done about it."""
    inactive = sorted(row.index for row in rows if not row.active)
    count = len(rows)
    if not inactive:
        which = {1: "The one dimension is", 2: "Both dimensions are"}.get(count, f"All {count} dimensions are")
        return f"{which} in use: the codes differ from image to image in {'it' if count == 1 else 'each'}.", ""
    if len(inactive) == count:
        words = (
            "The model has collapsed: every code is the same, whatever the image, and the decoder draws one picture."
            if count > 1
            else "The one dimension is inactive: every code is the same, whatever the image."
        )
    else:
        one = len(inactive) == 1
        words = (
            f"{len(inactive)} of {count} dimensions {'is' if one else 'are'} inactive: {listed(inactive)}. "
            f"{'It carries' if one else 'They carry'} no information: the decoder ignores {'it' if one else 'them'}."
        )
    return words, advice(config, everything=len(inactive) == count)


def advice(config: Config, everything: bool) -> str:
    """What to try; only what has not been tried yet."""
    if not config.reconstruction:
        return "That is what training without the reconstruction term does: only the KL was left, and it is zero now."
    ways = []
    if config.kl_warm_up == 0:
        ways.append("KL warm-up")
    if config.free_bits == 0:
        ways.append("free bits")
    if config.beta > 0:
        ways.append(f"a lower β (now {config.beta:g})")
    what = (
        f"To bring them into use, try {joined(ways, 'or')}." if ways else "A longer training may bring them into use."
    )
    return what if everything else f"{what} Or leave it so: the model may need no more than the others."


def joined(parts: list[str], word: str) -> str:
    """ "a, b or c"."""
    *most, last = parts
    return f"{', '.join(most)} {word} {last}" if most else last


def listed(numbers: list[int]) -> str:
    """ "z₃, z₆ and z₁₈"; of very many the first ones, and how many more."""
    if len(numbers) > MOST_NAMED:
        return f"{', '.join(map(axis_name, numbers[: MOST_NAMED - 1]))} and {len(numbers) - MOST_NAMED + 1} more"
    return joined(list(map(axis_name, numbers)), "and")


def codebook_words(tokens: NDArray[np.int16], codes: int) -> tuple[str, str]:
    """How a codebook is used, where a code is a choice and not a point of a space."""
    figures = codebook_figures(tokens, codes)
    used, unused = int(figures["codes_used"]), int(figures["codes_unused"])
    dead = "none is dead" if not unused else f"{unused:,} {'is' if unused == 1 else 'are'} dead: no test image uses "
    dead += "" if not unused else ("it" if unused == 1 else "them")
    words = f"{used:,} of {codes:,} codes are in use; {dead}. Perplexity {figures['perplexity']:,.0f}."
    about = (
        "A VQ-VAE has no posterior, and so neither KL nor σ: what collapses is its codebook. Perplexity says how many "
        "codes, used equally often, would be as varied as these. There are no sliders: between two images there is "
        "nothing to decode."
    )
    if unused:
        about += " Fewer codes, or a longer training, leave fewer of them dead."
    return words, about
