"""What of paths an open model can do: one with a codebook decodes no single points, and one may have no codes."""

from dataclasses import replace

from latentscope.state.paths import LatentPath
from trainer.files import Codes
from trainer.paths import NEEDS_CODES, NEEDS_DECODER, RULES

__all__ = ["lacking", "possible_style"]


def lacking(codes: Codes | None) -> frozenset[str]:
    """Those of the traits of rules that a model with these codes cannot serve."""
    if codes is None or len(codes.mean) < 2:
        return frozenset({NEEDS_CODES})
    return frozenset() if codes.tokens is None else frozenset({NEEDS_DECODER})


def possible_style(style: LatentPath, codes: Codes | None) -> LatentPath:
    """How the next path is joined and walked: as the last one was, as far as a model with these codes can."""
    missing = lacking(codes)
    if not missing.isdisjoint(RULES[style.kind].traits):
        style = replace(style, kind="linear")
    if NEEDS_DECODER in missing and style.walk.pace == "visual":
        style = replace(style, walk=replace(style.walk, pace="latent"))
    return style
