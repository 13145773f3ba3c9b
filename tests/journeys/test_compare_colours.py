"""The maps of a comparison are coloured by the same numbers, on one scale."""

from pathlib import Path

import numpy as np
from comparing import compare, digits, models
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from trainer.analysis.fields import kl

__all__ = ["digits", "models"]  # fixtures


def test_the_same_colour_is_the_same_number_on_every_map(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    digits.action("colour-kl").trigger()
    (companion,) = compare(digits, qtbot, models["two"])
    main, other = digits.colours.colouring(), companion.colours.colouring()
    assert main is not None and other is not None
    assert (other.low, other.high) == (main.low, main.high)
    codes = companion.workspace.codes
    assert codes is not None and np.allclose(other.values(), kl(codes), rtol=1e-3)
    assert (companion.map._scene.look.colour == other.rows()).all()

    for name in ("slant", "error", "class"):
        digits.action(f"colour-{name}").trigger()
        qtbot.waitUntil(digits.is_settled, timeout=20_000)
        main, other = digits.colours.colouring(), companion.colours.colouring()
        assert (main is None) == (other is None) == (name == "class"), name
        if main is not None and other is not None:
            assert (other.low, other.high) == (main.low, main.high)
            assert (main.values() == other.values()).all() == (name == "slant")
    digits.action("layer-factors").trigger()
    qtbot.waitUntil(digits.is_settled, timeout=20_000)
    assert companion.map._scene.arrows and companion.map._scene.arrows != digits.map._scene.arrows


def test_a_model_without_such_a_number_keeps_its_classes(
    digits: MainWindow, models: dict[str, Path], qtbot: QtBot
) -> None:
    digits.action("colour-kl").trigger()
    (companion,) = compare(digits, qtbot, models["auto"])
    assert digits.colours.colouring() is not None and companion.colours.colouring() is None
