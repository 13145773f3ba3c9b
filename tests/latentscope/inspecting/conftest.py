"""The inspection of a small model, with and without its original images."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from latentscope.background import Background
from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.inspecting.inspecting import Inspecting
from latentscope.state.workspace import Workspace

IMAGES = np.random.default_rng(1).integers(0, 256, (90, 8, 8, 1), np.uint8)


@pytest.fixture
def give_originals(originals: Originals) -> Callable[[], None]:
    """Puts the images behind the 90 codes at hand."""

    def give() -> None:
        originals._images = IMAGES
        originals.changed.emit()

    return give


@pytest.fixture
def inspecting(
    open_workspace: Workspace, decoding: Decoding, originals: Originals, background: Background, qtbot: QtBot
) -> Iterator[Inspecting]:
    result = Inspecting(open_workspace, decoding, originals, background)
    result.set_active(True)
    yield result
    result.set_active(False)
