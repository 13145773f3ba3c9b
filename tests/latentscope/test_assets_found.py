"""The files that come with the program are there, and are what they should be."""

import pytest
from PySide6.QtGui import QImage, QImageReader

from latentscope import assets


def test_every_icon_is_square_and_of_its_size() -> None:
    for size, path in zip(assets.ICON_SIZES, assets.icon_paths(), strict=True):
        assert QImageReader(str(path)).size().toTuple() == (size, size)


def test_the_icon_is_seen_on_dark_and_on_light() -> None:
    image = QImage(str(assets.icon_paths()[-1]))
    assert image.pixelColor(0, 0).alpha() == 0  # rounded corners
    ground, rim = image.pixelColor(20, 256), image.pixelColor(224, 88)
    assert ground.alpha() == rim.alpha() == 255
    assert rim.lightness() - ground.lightness() > 100


def test_the_shipped_model_is_small_enough_to_ship() -> None:
    path = assets.shipped_model()
    assert path is not None
    assert path.parent == assets.assets_folder()
    assert path.stat().st_size <= 6_000_000


def test_an_installation_without_its_model_says_so_with_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "SHIPPED_MODEL", "no-such-model.safetensors")
    assert assets.shipped_model() is None
