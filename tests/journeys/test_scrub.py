"""Train for a moment, then drag its film: what is seen and decoded is what each snapshot's file says."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentscope.main_window import MainWindow
from latentscope.state.paths import LatentPath
from trainer.codec import Codec
from trainer.config import make_config
from trainer.files import read_model
from trainer.paths.rule import joined
from trainer.paths.timing import Walk, walked

PATIENCE = 90_000  # ms; a worker imports torch first, on a machine that may be busy
LEFT = Qt.MouseButton.LeftButton


def train(qtbot: QtBot, window: MainWindow, **settings: object) -> None:
    window.flow.start(make_config({"data": "digits", "hidden": [64], **settings}))
    qtbot.waitUntil(lambda: len(window.film.shots) >= 3, timeout=PATIENCE)


def spot(window: MainWindow, shot: int) -> QPoint:
    bar = window.training_panel.scrubber.bar
    return QPoint(round(bar.x_of(window.film.shots[shot].seconds)), bar.height() // 2)


def wait_for(qtbot: QtBot, window: MainWindow, shot: int) -> None:
    """Until this snapshot's own decoder answers, and all that it decodes has come."""
    path = window.film.shots[shot].path

    def there() -> bool:
        model = window.workspace.model
        final = window.film.run is not None and window.film.run.model_path
        last = shot == len(window.film.shots) - 1
        return model is not None and (model.path == path or (last and model.path == final))

    qtbot.waitUntil(there, timeout=PATIENCE)
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)


def test_every_snapshot_can_be_dragged_through(window: MainWindow, qtbot: QtBot) -> None:
    train(qtbot, window, seconds=2)
    qtbot.waitUntil(lambda: window.training.state == "finished", timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.film.at_newest and not window.film_thread.busy(), timeout=PATIENCE)
    workspace, film, bar = window.workspace, window.film, window.training_panel.scrubber.bar
    window.training_panel.grab()  # the time axis has been painted
    probe, path = [0.6, -0.4], LatentPath(((-1.0, 0.0), (1.0, 1.0)), walk=Walk(5))
    workspace.set_probe(probe)
    workspace.pathing.set_current(path)
    newest, undo = workspace.codes, workspace.undo_stack.count()
    last = len(film.shots) - 1

    QTest.mousePress(bar, LEFT, pos=spot(window, last))
    for shot in [*range(last, -1, -1), *range(1, last)]:
        QTest.mouseMove(bar, spot(window, shot))
        if film.position != shot:  # two snapshots that share a pixel: the last ones of a training
            assert film.shots[last].seconds - film.shots[shot].seconds < 0.2
            continue
        wait_for(qtbot, window, shot)
        file = read_model(film.shots[shot].path)
        codec = Codec.from_file(file)
        assert np.array_equal(workspace.codes.mean, file.codes.mean)
        assert np.allclose(window.map.cloud.position, workspace.plane.to_map(file.codes.mean), atol=1e-5)
        assert np.array_equal(window.map.cloud.label, file.codes.labels)
        assert np.allclose(workspace.plane.to_map(workspace.probe), probe)
        assert np.array_equal(window.decoded.view.picture, codec.decode(workspace.probe[None])[0])
        way = walked(joined(workspace.pathing.current.waypoints, "linear"), Walk(5))
        assert np.array_equal(window.film_strip.frames.pictures, codec.decode(way))
        assert bar.accessibleDescription().startswith(f"step {film.shots[shot].step:,} · ")
    # Aligned: no turn of this map would bring it nearer to the one of the snapshot after it.
    QTest.mouseMove(bar, spot(window, 1))
    wait_for(qtbot, window, 1)
    here = window.map.cloud.position
    QTest.mouseMove(bar, spot(window, 2))
    wait_for(qtbot, window, 2)
    left, _, right = np.linalg.svd(here.T @ window.map.cloud.position)
    assert np.allclose(left @ right, np.eye(2), atol=1e-3)
    QTest.mouseRelease(bar, LEFT, pos=spot(window, 2))

    # Back to the newest: everything is exactly as it was.
    QTest.mouseClick(window.training_panel.scrubber.newest, LEFT)
    qtbot.waitUntil(window.is_settled, timeout=PATIENCE)
    assert workspace.codes.mean is newest.mean
    assert np.array_equal(workspace.probe, probe)
    assert workspace.pathing.current == path
    assert workspace.undo_stack.count() == undo

    # Play it: it begins at the beginning and ends at the newest.
    positions: list[float] = []
    film.changed.connect(lambda: positions.append(film.position))
    window.action("play-film").trigger()
    qtbot.waitUntil(lambda: not film.playing, timeout=PATIENCE)
    assert positions[0] == 0
    assert positions == sorted(positions)
    assert film.at_newest


def test_a_training_goes_on_while_its_beginning_is_looked_at(window: MainWindow, qtbot: QtBot) -> None:
    train(qtbot, window, seconds=600)
    scrubber, film = window.training_panel.scrubber, window.film
    window.workspace.set_probe([0.5, 0.5])
    assert scrubber.newest.text() == "Live"
    window.training_panel.grab()
    QTest.mouseClick(scrubber.bar, LEFT, pos=spot(window, 0))
    assert film.position == 0
    wait_for(qtbot, window, 0)
    shown = window.map.cloud.position
    count = len(film.shots)
    qtbot.waitUntil(lambda: len(film.shots) >= count + 2, timeout=PATIENCE)
    assert film.position == 0
    assert np.array_equal(window.map.cloud.position, shown), "what is looked at stays"

    QTest.mouseClick(scrubber.newest, LEFT)
    assert film.at_newest
    assert np.array_equal(window.workspace.probe, [0.5, 0.5])
    step = film.shots[-1].step
    qtbot.waitUntil(lambda: film.shots[-1].step > step and film.at_newest, timeout=PATIENCE)
    assert window.workspace.model.live

    # The end of a training that is not looked at comes when it is asked for.
    QTest.mouseClick(scrubber.bar, LEFT, pos=spot(window, 1))
    window.action("stop").trigger()
    qtbot.waitUntil(lambda: window.training.state == "stopped", timeout=PATIENCE)
    assert film.detached
    assert scrubber.newest.text() == "Newest"
    window.action("newest").trigger()
    qtbot.waitUntil(lambda: film.at_newest, timeout=PATIENCE)
    assert window.workspace.model.path == film.shots[-1].path


def test_a_deleted_snapshot_is_said_and_the_rest_stays(window: MainWindow, qtbot: QtBot) -> None:
    train(qtbot, window, seconds=2)
    qtbot.waitUntil(lambda: window.training.state == "finished", timeout=PATIENCE)
    run = window.training.run
    window.close()
    snapshots = sorted(run.snapshots_folder.iterdir())
    snapshots[1].unlink()
    again = MainWindow(window.settings, "light")
    qtbot.addWidget(again)
    again.resize(1280, 800)
    with qtbot.waitExposed(again):
        again.show()
    again.open_path(run.folder)
    qtbot.waitUntil(lambda: len(again.film.shots) == len(snapshots) - 1, timeout=PATIENCE)
    qtbot.waitUntil(lambda: again.training.run == run and again.is_settled(), timeout=PATIENCE)
    assert again.message_bar.text.count("which is gone or damaged") == 1
    assert again.message_bar.text.endswith(".")

    # One goes while the film is looked at: something is shown all the time, and the film goes on without it.
    film, gone = again.film, again.film.shots[1]
    film.seek(0.0)
    wait_for(qtbot, again, 0)
    gone.path.unlink()
    film.seek(1.0)
    qtbot.waitUntil(lambda: gone not in film.shots, timeout=PATIENCE)
    qtbot.waitUntil(again.is_settled, timeout=PATIENCE)
    assert f"step {gone.step:,}," in again.message_bar.text
    assert film.seconds == pytest.approx(gone.seconds)
    assert again.workspace.model.path in (film.shots[0].path, film.shots[1].path)
    assert again.decoded.view.picture is not None
    assert len(again.map.cloud.position) == 360
    again.close()
