"""The classifier behind the race: found, trained once in a process of its own, and ended with the window."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from digits_model import digits_model
from pytestqt.qtbot import QtBot

from latentscope.files.originals import Originals
from latentscope.paths import judging as module
from latentscope.paths.judging import Judging, training_command
from trainer.classifier import ImageClassifier, place_of, write_classifier
from trainer.measures.recognition import classifier_network

Make = Callable[..., Judging]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A classifier that nobody has trained, in a file."""
    network = classifier_network((8, 8, 1), 10).eval()
    write_classifier(tmp_path / "source", ImageClassifier(network, (8, 8, 1), 10, 0.5))
    return tmp_path / "source"


@pytest.fixture
def make(qtbot: QtBot, originals: Originals, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes one whose training runs a line of Python, with the digits at hand."""
    monkeypatch.setattr(module, "START_MS", 1)
    monkeypatch.setattr(module, "POLL_MS", 10)
    made: list[Judging] = []

    def make(line: str) -> Judging:
        def command(data: str, place: Path) -> Sequence[str]:
            assert data == "digits"
            return [sys.executable, "-c", f"import pathlib, sys, time; place = pathlib.Path({str(place)!r}); {line}"]

        made.append(Judging(originals, command))
        return made[-1]

    file = digits_model()
    originals.open("digits", file.codes, file.image_shape)
    qtbot.waitUntil(lambda: originals.at_hand)
    yield make
    for one in made:
        one.close()


def test_one_is_trained_where_there_is_none_and_found_the_next_time(
    qtbot: QtBot, make: Make, source: Path, originals: Originals
) -> None:
    assert originals.dataset is not None
    place = place_of(originals.dataset)
    judging = make(f"place.parent.mkdir(); place.write_bytes(pathlib.Path({str(source)!r}).read_bytes())")
    assert not place.exists()
    judging.set_wanted(True)
    qtbot.waitUntil(lambda: judging.training)
    qtbot.waitUntil(lambda: judging.classifier is not None, timeout=20_000)
    assert place.exists()
    assert not judging.training
    again = make("sys.exit('not a second time')")
    again.set_wanted(True)
    qtbot.waitUntil(lambda: again.classifier is not None)
    assert not again.training
    originals.open("no-such-data", None, (8, 8, 1))
    assert again.classifier is None


def test_what_fails_is_logged_and_not_tried_again(qtbot: QtBot, make: Make, allow_log: Callable[[str], None]) -> None:
    allow_log("could not be trained: out of paper")
    judging = make("sys.exit('out of paper')")
    judging.set_wanted(True)
    qtbot.waitUntil(lambda: judging.training)
    qtbot.waitUntil(lambda: not judging.training, timeout=20_000)
    judging.set_wanted(False)
    judging.set_wanted(True)
    assert judging.classifier is None
    assert judging.is_settled()


def test_it_ends_with_the_window(qtbot: QtBot, make: Make) -> None:
    judging = make("time.sleep(600)")
    judging.set_wanted(True)
    qtbot.waitUntil(lambda: judging._process is not None)
    process = judging._process
    assert process is not None
    judging.close()
    assert process.poll() is not None
    assert not judging.training


def test_nothing_is_trained_for_nobody(qtbot: QtBot, make: Make, tmp_path: Path) -> None:
    judging = make("sys.exit('nobody wants it')")
    qtbot.wait(30)
    assert not judging.training
    assert "--nice" in training_command("digits", tmp_path)
