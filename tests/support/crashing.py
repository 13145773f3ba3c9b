"""A window in a process of its own that is worked in and then waits to be killed: run as a program."""

import json
import sys

from hand import Hand
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from latentscope.app import make_application
from latentscope.assets import shipped_model
from latentscope.main_window import MainWindow
from latentscope.settings import Settings

__all__ = ["PATH", "PROBE"]

PATH = (-1.0, 0.5), (1.5, -0.5)
PROBE = (0.4, 0.8)


def main() -> None:
    application = make_application()
    window = MainWindow(Settings(), "dark")
    model = shipped_model()
    assert model is not None
    window.open_path(model)
    window.resize(1280, 800)
    window.show()
    wait_for(window.is_settled)
    autosaving = window.workspaces.autosaving
    autosaving.begin()
    hand = Hand(window)
    hand.drag(*PATH, Qt.KeyboardModifier.ShiftModifier)
    QTest.mouseClick(window.legend.buttons[1], Qt.MouseButton.LeftButton)
    hand.click(*PROBE)
    wait_for(autosaving.is_settled)
    path = window.workspace.pathing.current
    assert path is not None
    print(json.dumps({"path": path.waypoints, "probe": window.workspace.probe.tolist()}), flush=True)
    application.exec()


def wait_for(what: object) -> None:
    while not what():  # type: ignore[operator]
        QTest.qWait(20)


if __name__ == "__main__":
    sys.exit(main())
