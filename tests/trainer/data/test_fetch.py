"""Downloads from a server on this machine, which serves, refuses, lies, stalls and hangs up as told."""

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from trainer.data import download, is_at_hand, load_dataset, mnist
from trainer.data.fetch import RemoteFile, fetch
from trainer.errors import Cancelled, DataError

SLOW_CHUNK = 1000
FILES = {"images.gz": bytes(range(256)) * 400, "labels.gz": b"labels" * 50}


class _Handler(BaseHTTPRequestHandler):
    """The first part of the path says how to behave, the last is the file."""

    server: "Mirror"

    def do_GET(self) -> None:
        _, behaviour, name = self.path.split("/")
        self.server.asked.append(f"{behaviour}/{name}")
        content = self.server.files.get(name)
        if behaviour == "missing" or content is None:
            self.send_error(404)
            return
        if behaviour == "silent":
            self.server.release.wait()
            return
        if behaviour == "other":
            content = content[::-1]
        if behaviour == "endless":
            content += bytes(10_000_000)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if behaviour == "dropped":
            self.wfile.write(content[: len(content) // 2])
        elif behaviour == "stalled":
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self.server.release.wait()
        elif behaviour == "slow":
            for start in range(0, len(content), SLOW_CHUNK):
                self.wfile.write(content[start : start + SLOW_CHUNK])
                if self.server.release.wait(0.02):
                    return
        else:
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Mirror(ThreadingHTTPServer):
    daemon_threads = False  # so that server_close waits for them

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = dict(FILES)
        self.asked: list[str] = []
        self.release = threading.Event()

    def url(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that hangs up is what some tests are about


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Mirror()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


def _remote(files: dict[str, bytes]) -> list[RemoteFile]:
    return [
        RemoteFile(name, len(content), hashlib.md5(content, usedforsecurity=False).hexdigest())
        for name, content in files.items()
    ]


def _get(mirror: Mirror, folder: Path, *behaviours: str, **more: Any) -> None:
    fetch("Test data", _remote(FILES), [mirror.url(behaviour) for behaviour in behaviours], folder, **more)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_arrive_whole_and_progress_counts_them_together(mirror: Mirror, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    caller = threading.get_ident()

    def progress(done: int, total: int) -> None:
        assert threading.get_ident() == caller
        seen.append((done, total))

    _get(mirror, tmp_path / "new" / "folder", "good", progress=progress, cancelled=lambda: False)
    assert _contents(tmp_path / "new" / "folder") == FILES
    total = sum(map(len, FILES.values()))
    assert {of for _, of in seen} == {total}
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize("bad", ["missing", "other", "dropped", "endless"])
def test_the_next_mirror_is_tried_and_kept(mirror: Mirror, tmp_path: Path, bad: str) -> None:
    _get(mirror, tmp_path, bad, "good")
    assert _contents(tmp_path) == FILES
    assert mirror.asked == [f"{bad}/images.gz", "good/images.gz", "good/labels.gz"]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("missing", "HTTP status 404"),
        ("other", "not the published file"),
        ("endless", "not the published file"),
        ("dropped", "the connection broke off"),
        ("silent", "no answer in time"),
        ("stalled", "no answer in time"),
    ],
)
def test_when_every_mirror_fails_one_sentence_says_why(mirror: Mirror, tmp_path: Path, bad: str, reason: str) -> None:
    with pytest.raises(DataError, match=rf"Test data could not be downloaded.*127\.0\.0\.1: ({reason})") as caught:
        _get(mirror, tmp_path, "missing", bad, timeout=0.2)
    assert "\n" not in str(caught.value) and str(caught.value).count(";") == 2
    assert list(tmp_path.iterdir()) == []


def test_nobody_listening(mirror: Mirror, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"images.gz' \(127.0.0.1: no connection\)"):
        fetch("Test data", _remote(FILES), ["http://127.0.0.1:1/"], tmp_path)


def test_a_later_file_that_fails_leaves_nothing_and_what_was_there_stays(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "images.gz").write_bytes(b"from before")
    del mirror.files["labels.gz"]
    with pytest.raises(DataError, match=r"no mirror served 'labels\.gz'"):
        _get(mirror, tmp_path, "good")
    assert _contents(tmp_path) == {"images.gz": b"from before"}


@pytest.mark.parametrize("behaviour", ["slow", "stalled", "silent"])
def test_cancel_does_not_wait_for_the_server(mirror: Mirror, tmp_path: Path, behaviour: str) -> None:
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(bool(mirror.asked))
        return asked[-1]  # as soon as the request is under way

    with pytest.raises(Cancelled, match="Test data was cancelled"):
        _get(mirror, tmp_path, behaviour, cancelled=cancelled, timeout=60)
    assert not mirror.release.is_set()  # the server is still holding the line
    assert list(tmp_path.iterdir()) == []
    assert asked.count(True) == 1


def test_an_interruption_in_the_callback_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    def progress(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _get(mirror, tmp_path, "slow", progress=progress)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_download_left_is_swept_up(mirror: Mirror, tmp_path: Path) -> None:
    old, young = tmp_path / ".download-old", tmp_path / ".download-young"
    for folder in (old, young):
        folder.mkdir()
        (folder / "part").write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    _get(mirror, tmp_path, "good")
    assert not old.exists() and young.exists()


def test_a_folder_that_cannot_be_written(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DataError, match="Test data cannot be saved in"):
        _get(mirror, tmp_path / "file" / "cache", "good")
    assert mirror.asked == []


def test_a_full_disk_is_not_blamed_on_the_mirrors(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fsync)
    with pytest.raises(DataError, match=r"cannot be saved in .*: No space left on device"):
        _get(mirror, tmp_path, "good", "missing")
    assert mirror.asked == ["good/images.gz"]
    assert list(tmp_path.iterdir()) == []


def test_the_family_is_downloaded_into_the_cache_and_found_there(
    mirror: Mirror, cache: Path, idx_files: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror.files = idx_files
    small = mnist.Source("MNIST", tuple("0123456789"), (mirror.url("good"),), tuple(_remote(idx_files)))
    monkeypatch.setitem(mnist.SOURCES, "mnist", small)
    assert not is_at_hand("mnist")
    seen: list[tuple[int, int]] = []
    download("mnist", lambda done, total: seen.append((done, total)), lambda: False)
    assert seen[-1] == (sum(map(len, idx_files.values())),) * 2
    assert is_at_hand("mnist")
    assert _contents(cache / "data" / "mnist") == idx_files
    assert load_dataset("mnist").test_images.shape == (10, 5, 4, 1)


def test_mirrors_can_be_given(mirror: Mirror, cache: Path) -> None:
    with pytest.raises(DataError, match=r"MNIST could not be .*\(127.0.0.1: HTTP status 404\)"):
        mnist.download("mnist", mirrors=(mirror.url("good"),))
    assert mirror.asked == ["good/train-images-idx3-ubyte.gz"]
