"""Downloads that can be trusted, watched and cancelled.

pooch fetches each file into a temporary folder beside its place and compares its checksum; only when all files are
whole are they moved into place. The transfer runs on a thread of its own, because a network call cannot be interrupted:
a server that is silent would otherwise hold up a cancel until its timeout.
"""

import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trainer.errors import Cancelled, DataError

__all__ = ["RemoteFile", "fetch"]

CHUNK = 16 * 1024  # bytes
TIMEOUT = 10.0  # seconds of silence until a mirror is given up
POLL = 0.05  # seconds between two looks at the transfer
STALE = 3600.0  # seconds after which a temporary folder belongs to a download that was killed
PREFIX = ".download-"


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its name (the same on every mirror), its size in bytes and its MD5 checksum."""

    name: str
    size: int
    md5: str


def fetch(
    title: str,
    files: Sequence[RemoteFile],
    mirrors: Sequence[str],
    folder: Path,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout: float = TIMEOUT,
) -> None:
    """Puts the files into ``folder``, each from the first mirror (an address that ends in "/") that serves it whole.

    ``progress(bytes_done, bytes_total)`` counts all files together. Raises DataError (saying of every mirror what was
    wrong, or why the folder cannot be written) or Cancelled; neither leaves anything in the folder that was not there.
    """
    staging: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder)
        staging = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        transfer = _Transfer(title, files, mirrors, staging, timeout)
        transfer.run_watched(progress or (lambda done, total: None), cancelled or (lambda: False))
        for file in files:
            (staging / file.name).replace(folder / file.name)
    except OSError as error:
        raise DataError(f"{title} cannot be saved in '{folder}': {error.strerror or error}.") from None
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)


def _remove_stale(folder: Path) -> None:
    for path in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):  # another process may be quicker
            if time.time() - path.stat().st_mtime > STALE:
                shutil.rmtree(path, ignore_errors=True)


class _Transfer:
    """Fetches the files on a thread of its own, which writes only ``done`` and ``fault``."""

    def __init__(
        self, title: str, files: Sequence[RemoteFile], mirrors: Sequence[str], staging: Path, timeout: float
    ) -> None:
        self.title = title
        self.files = files
        self.mirrors = list(mirrors)
        self.staging = staging
        self.timeout = timeout
        self.done = 0  # bytes
        self.stop = threading.Event()
        self.fault: Exception | None = None

    def run_watched(self, progress: Callable[[int, int], None], cancelled: Callable[[], bool]) -> None:
        """Returns when all files are there; otherwise raises what went wrong, and OSError for a fault of the disk."""
        total = sum(file.size for file in self.files)
        # A daemon: after a cancel it may sit in a silent connection until the timeout, and must not hold up the exit.
        worker = threading.Thread(target=self._run, name=f"download {self.title}", daemon=True)
        worker.start()
        try:
            while worker.is_alive():
                progress(self.done, total)
                if cancelled():
                    raise Cancelled(f"The download of {self.title} was cancelled.")
                worker.join(POLL)
        finally:
            self.stop.set()
            worker.join(POLL)  # time enough unless the connection is silent
        if self.fault is not None:
            raise self.fault
        progress(total, total)

    def _run(self) -> None:
        try:
            for file in self.files:
                self._fetch_file(file)
        except Exception as error:
            self.fault = error  # raised again on the thread that asked
        if self.stop.is_set():  # nobody waits any more: what pooch may have made since is in nobody's way
            shutil.rmtree(self.staging, ignore_errors=True)

    def _fetch_file(self, file: RemoteFile) -> None:
        import pooch  # these two take a quarter of a second, so only when they are wanted
        import requests  # what pooch itself downloads with

        pooch.get_logger().setLevel("WARNING")  # it would announce every file on stderr
        faults = []
        before = self.done
        for mirror in list(self.mirrors):
            try:
                pooch.retrieve(
                    mirror + file.name,
                    known_hash=f"md5:{file.md5}",
                    fname=file.name,
                    path=self.staging,
                    downloader=lambda url, path, _: self._stream(url, Path(path), before + file.size),
                )
            except (requests.RequestException, ValueError) as error:  # pooch: ValueError for another checksum
                faults.append(f"{urlsplit(mirror).hostname}: {_reason(error)}")
                self.done = before
                continue
            # The next file starts with the mirror that works, not with one that may have to time out first.
            self.mirrors.remove(mirror)
            self.mirrors.insert(0, mirror)
            return
        raise DataError(
            f"{self.title} could not be downloaded, no mirror served '{file.name}' ({'; '.join(faults)}); "
            "check the network connection and try again."
        )

    def _stream(self, url: str, path: Path, most: int) -> None:
        import requests

        # "identity": the published checksum is of the gzipped file, which a server must not unpack on the way.
        headers = {"Accept-Encoding": "identity"}
        with requests.get(url, stream=True, timeout=self.timeout, headers=headers) as response, path.open("wb") as out:
            response.raise_for_status()
            for chunk in response.iter_content(CHUNK):
                if self.stop.is_set():
                    raise Cancelled(f"The download of {self.title} was cancelled.")
                self.done += len(chunk)
                if self.done > most:
                    raise ValueError("more bytes than published")
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())


def _reason(error: Any) -> str:
    import requests

    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"HTTP status {error.response.status_code}"
    # Silence in the middle of a file is a ConnectionError to requests, and known by its words alone.
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    if isinstance(error, requests.RequestException):
        return "no connection"
    return "not the published file, its checksum differs"
