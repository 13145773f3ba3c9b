"""The classifier of the real images behind a map: found where it is kept, or trained, once for each data set.

It is trained by ``python -m trainer classifier`` in a low-priority process, so that the window does not feel it.
"""

import logging
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from PySide6.QtCore import QObject, QTimer, Signal

from latentscope.background import Background
from latentscope.files.originals import Originals
from latentscope.runs.worker import start_worker, trainer_command
from trainer.atomic import reason
from trainer.classifier import ImageClassifier, place_of, read_classifier, suits
from trainer.data.dataset import Dataset
from trainer.errors import ModelFileError

__all__ = ["Judging", "training_command"]

START_MS = 1500  # before a training begins: first comes what the user has asked for
POLL_MS = 250
MOST_SAID = 4096  # bytes of a process's last words that go into the log
log = logging.getLogger(__name__)

Found = tuple[Path, ImageClassifier | None]


def training_command(data: str, place: Path) -> Sequence[str]:
    return trainer_command("classifier", "--data", data, "--out", str(place), "--events")


class Judging(QObject):
    """Has the classifier of one window's data set as long as it is wanted. ``changed``: there is another, or none."""

    changed = Signal()

    def __init__(
        self,
        originals: Originals,
        command: Callable[[str, Path], Sequence[str]] = training_command,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._originals, self._command = originals, command
        self._background = Background("classifier", self, brief=True)
        self._wanted = False
        self._dataset: Dataset | None = None  # whose classifier is known, sought or trained
        self._place: Path | None = None
        self._classifier: ImageClassifier | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._output: BinaryIO | None = None
        self._start = QTimer(self, singleShot=True, interval=START_MS)
        self._start.timeout.connect(self._train)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._look)
        originals.changed.connect(self._follow)

    @property
    def classifier(self) -> ImageClassifier | None:
        return self._classifier

    @property
    def training(self) -> bool:
        """Whether one is being trained, or is about to be."""
        return self._process is not None or self._start.isActive()

    def set_wanted(self, wanted: bool) -> None:
        """Whether anybody asks it. A training that has begun goes on: it will be asked again."""
        self._wanted = wanted
        self._follow()

    def is_settled(self) -> bool:
        return not self._background.busy()

    def close(self) -> None:
        self._wanted = False
        self._end()
        self._background.close()

    def _follow(self) -> None:
        """Another data set may be at hand, or it is wanted now."""
        dataset = self._originals.dataset
        if dataset is not self._dataset and (dataset is not None or not self._originals.looking):
            self._end()
            self._background.cancel("find")
            self._dataset = None
            if self._classifier is not None:
                self._classifier = None
                self.changed.emit()
        if self._wanted and dataset is not None and self._dataset is None:
            self._dataset = dataset
            if suits(dataset):
                self._background.submit("find", lambda: find(dataset), self._take, self._fail)

    def _take(self, found: Found) -> None:
        self._place, self._classifier = found
        if self._classifier is None:
            self._start.start()
        self.changed.emit()

    def _train(self) -> None:
        dataset, place = self._dataset, self._place
        if dataset is None or place is None or not self._wanted:
            self._dataset = None  # to be looked for again when it is wanted
            return
        output = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process writes
        try:
            self._process = start_worker(self._command(dataset.name, place), output)
        except OSError as error:
            output.close()
            log.warning("The classifier of %s could not be trained, because %s.", dataset.name, reason(error))
            return
        self._output = output
        self._poll.start()

    def _look(self) -> None:
        process, dataset, place = self._process, self._dataset, self._place
        if process is None or dataset is None or place is None or process.poll() is None:
            return
        if process.returncode == 0:
            self._end()
            self._background.submit("find", lambda: (place, read_classifier(place)), self._take, self._fail)
        else:
            log.warning("The classifier of %s could not be trained: %s", dataset.name, self._last_words())
            self._end()
            self.changed.emit()

    def _last_words(self) -> str:
        assert self._output is not None
        self._output.seek(0, 2)
        self._output.seek(max(0, self._output.tell() - MOST_SAID))
        lines = self._output.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing."

    def _end(self) -> None:
        """End the process, if there is one."""
        self._start.stop()
        self._poll.stop()
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            self._process = None
        if self._output is not None:
            self._output.close()
            self._output = None

    def _fail(self, error: Exception) -> None:
        """What was written a moment ago cannot be read: the votes go on."""
        if not isinstance(error, ModelFileError):
            raise error
        log.warning("%s", error)
        self.changed.emit()


def find(dataset: Dataset) -> Found:
    """Where the classifier of a data set is kept, and the classifier if it is there and whole."""
    place = place_of(dataset)
    try:
        return place, read_classifier(place)
    except ModelFileError:  # there is none, or it is damaged: it is trained anew
        return place, None
