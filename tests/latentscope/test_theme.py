"""The colours hold what theme.py promises."""

import numpy as np
import pytest
from colour_vision import LAB, LMS, SIGHTS, contrast, linear

from latentscope.state.paths import KEPT_COLOURS
from latentscope.theme import DARK, LIGHT, Theme, class_colours, path_colour, style_sheet


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("sight", SIGHTS)
def test_ten_classes_are_told_apart(theme: Theme, sight: str) -> None:
    rgb = linear(np.array(class_colours(10, theme))) @ np.array(SIGHTS[sight]).T
    lab = np.cbrt(np.clip(rgb, 0, 1) @ np.array(LMS).T) @ np.array(LAB).T
    distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1)[~np.eye(10, dtype=bool)]
    assert distance.min() > 0.09


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_texts_can_be_read(theme: Theme) -> None:
    for ground in (theme.window, theme.panel, theme.raised):
        assert contrast(theme.text, ground) >= 7
        assert contrast(theme.muted, ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    for text in (theme.danger, theme.warning, theme.success, theme.accent):
        assert contrast(text, theme.panel) >= 4.5


def test_many_classes_get_many_colours() -> None:
    colours = class_colours(200, DARK)
    assert len(set(colours)) == 200
    assert colours[:10] == class_colours(10, DARK)
    assert all(0 <= channel <= 255 for colour in colours for channel in colour)


def test_a_style_sheet_leaves_no_placeholder() -> None:
    for theme in (DARK, LIGHT):
        assert "None" not in style_sheet(theme)
        assert theme.accent in style_sheet(theme)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("sight", SIGHTS)
def test_paths_are_told_apart_and_as_far_as_there_is_room_from_classes(theme: Theme, sight: str) -> None:
    paths = [path_colour(number, theme) for number in range(KEPT_COLOURS + 1)]
    rgb = np.array([[int(one[i : i + 2], 16) for i in (1, 3, 5)] for one in paths] + class_colours(10, theme))
    seen = np.clip(linear(rgb) @ np.array(SIGHTS[sight]).T, 0, 1)
    lab = np.cbrt(seen @ np.array(LMS).T) @ np.array(LAB).T
    distance = np.linalg.norm(lab[:, None] - lab[None], axis=-1) + 10 * np.eye(len(rgb))
    count = len(paths)
    assert distance[:count, :count].min() > 0.09
    assert distance[1:count, count:].min() > 0.05
    for path in paths:
        assert contrast(path, theme.map_background) >= 3
    assert path_colour(KEPT_COLOURS + 1, theme) == paths[1]
