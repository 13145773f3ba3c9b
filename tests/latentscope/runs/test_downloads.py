"""Downloads: progress, cancel and faults, with the network replaced by a function."""

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

import trainer.data
from latentscope.runs.downloads import Downloads
from trainer.errors import Cancelled, DataError

Progress = Callable[[int, int], None]
IsCancelled = Callable[[], bool]


@pytest.fixture
def downloads(qtbot: QtBot) -> Iterator[Downloads]:
    downloads = Downloads()
    yield downloads
    downloads.close()


def fake(monkeypatch: pytest.MonkeyPatch, work: Callable[[str, Progress, IsCancelled], None]) -> None:
    monkeypatch.setattr(trainer.data, "download", work)


def test_progress_is_told_and_then_the_end(qtbot: QtBot, downloads: Downloads, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = threading.Event()

    def download(name: str, progress: Progress, cancelled: IsCancelled) -> None:
        progress(300, 1000)
        assert seen.wait(10)

    fake(monkeypatch, download)
    told: list[tuple[str, int, int]] = []
    downloads.progressed.connect(lambda *args: told.append(args))
    downloads.progressed.connect(lambda name, done, total: seen.set() if done else None)
    with qtbot.waitSignal(downloads.finished) as finished:
        assert downloads.start("mnist")
        assert downloads.name == "mnist"
        assert not downloads.start("fashion-mnist"), "one at a time"
    assert finished.args == ["mnist"]
    assert ("mnist", 300, 1000) in told
    assert downloads.name is None


def test_cancel_ends_it(qtbot: QtBot, downloads: Downloads, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(name: str, progress: Progress, cancelled: IsCancelled) -> None:
        while not cancelled():
            threading.Event().wait(0.01)
        raise Cancelled("The download was cancelled.")

    fake(monkeypatch, download)
    failures: list[str] = []
    downloads.failed.connect(lambda name, message: failures.append(message))
    downloads.start("mnist")
    with qtbot.waitSignal(downloads.cancelled) as cancelled:
        downloads.cancel()
    assert cancelled.args == ["mnist"]
    assert not failures
    assert downloads.start("mnist"), "another may follow"
    downloads.cancel()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DataError("MNIST could not be downloaded: no mirror answered."), "no mirror answered"),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_a_fault_is_one_sentence(
    qtbot: QtBot,
    downloads: Downloads,
    monkeypatch: pytest.MonkeyPatch,
    allow_log: Callable[[str], None],
    error: Exception,
    words: str,
) -> None:
    allow_log("A download failed in an unexpected way")

    def download(name: str, progress: Progress, cancelled: IsCancelled) -> None:
        raise error

    fake(monkeypatch, download)
    with qtbot.waitSignal(downloads.failed) as failed:
        downloads.start("mnist")
    name, message = failed.args
    assert name == "mnist"
    assert words in message


def test_closing_ends_the_thread(qtbot: QtBot, downloads: Downloads, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def download(name: str, progress: Progress, cancelled: IsCancelled) -> None:
        while not cancelled():
            threading.Event().wait(0.01)
        ended.set()
        raise Cancelled("The download was cancelled.")

    fake(monkeypatch, download)
    downloads.start("mnist")
    downloads.close()
    assert ended.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("download")]
