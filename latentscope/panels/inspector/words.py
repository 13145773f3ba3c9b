"""How the inspected images and their figures are put into words."""

import numpy as np

from latentscope.inspecting.inspecting import Inspecting
from latentscope.words import class_name, figure
from trainer.analysis.inspection import kl

__all__ = [
    "ABOUT_ERRORS",
    "caption_of",
    "count_text",
    "distance_text",
    "error_text",
    "facts_of",
    "share_text",
    "title_of",
]

ABOUT_ERRORS = "Error: squared difference a pixel, in units of [0, 1], between an image and its reconstruction"


def error_text(error: float) -> str:
    """A squared error a pixel, with three figures."""
    return f"{error:.4f}" if error < 0.0995 else f"{error:.3f}"


def distance_text(distance: float) -> str:
    return f"{distance:.3f}" if distance < 1 else f"{distance:.2f}" if distance < 100 else f"{distance:,.0f}"


def share_text(count: int, total: int) -> str:
    """ "12 %", "0.4 %", "< 0.1 %"."""
    percent = 100 * count / max(1, total)
    if count and percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.1f} %" if 0 < percent < 1 else f"{percent:.0f} %"


def count_text(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"


def title_of(inspecting: Inspecting, image: int) -> str:
    """ "7, test image 1,234"."""
    source = inspecting.source
    if source is None or source.codes.labels is None or image >= len(source.codes.labels):
        return f"Test image {image:,}"
    return f"{class_name(source.class_names, int(source.codes.labels[image]))}, test image {image:,}"


def facts_of(inspecting: Inspecting, image: int) -> list[str]:
    """What is known of an image in figures: "error 0.0312", "KL 6.4 nats"."""
    source, errors = inspecting.source, inspecting.sorting.errors
    if source is None or not 0 <= image < len(source.codes.mean):
        return []
    parts = []
    if image < len(errors) and np.isfinite(errors[image]):
        parts.append(f"error {error_text(float(errors[image]))}")
    divergence = kl(source.codes, np.array([image]))
    if divergence is not None:
        parts.append(f"KL {figure(float(divergence[0]))} nats")
    return parts


def caption_of(inspecting: Inspecting, position: int) -> str:
    """What stands under the thumbnail at this position of the order: what the images are sorted by."""
    sorting, source = inspecting.sorting, inspecting.source
    image = int(inspecting.order[position])
    if sorting.sort == "class" and source is not None and source.codes.labels is not None:
        return class_name(source.class_names, int(source.codes.labels[image]))
    if sorting.values is None or sorting.sort == "index" or not sorting.is_of(inspecting.index):
        return str(image)
    value = float(sorting.values[position])
    if not np.isfinite(value):
        return "–"
    if sorting.sort == "kl":
        return figure(value)
    return error_text(value) if sorting.sort == "error" else distance_text(value)
