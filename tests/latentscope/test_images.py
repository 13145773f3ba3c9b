"""Pictures enlarged together look as each of them does by itself."""

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from latentscope.images import enlarged, enlarged_together


def pixels(image: QImage) -> np.ndarray:
    """(H, W, 4), as BGRA or as the machine has it, not premultiplied."""
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    return np.frombuffer(plain.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(int)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (8, 12, 1), (90, 70, 3)])
def test_enlarged_together(qtbot: QtBot, shape: tuple[int, int, int]) -> None:
    y, x = np.mgrid[: shape[0], : shape[1]]
    waves = [128 + 127 * np.sin(x / (3 + i) + i)[..., None] * np.cos(y / 4)[..., None] for i in range(3)]
    pictures = np.stack([np.repeat(wave, shape[2], axis=2) for wave in waves]).astype(np.uint8)
    pictures[..., 0] //= 2
    together = enlarged_together(pictures, 64, 60)
    assert len(together) == 3
    for one, picture in zip(together, pictures, strict=True):
        assert np.abs(pixels(one) - pixels(enlarged(picture, 64, 60))).max() <= 2
    round_ones = enlarged_together(pictures, 64, 60, radius=6)
    alpha = pixels(round_ones[0])[..., 3]
    assert alpha[0, 0] == alpha[-1, -1] == 0
    assert (alpha[10:-10] == 255).all()
    assert np.array_equal(pixels(round_ones[2])[10:-10], pixels(together[2])[10:-10])
    assert enlarged_together([], 4, 4) == []
