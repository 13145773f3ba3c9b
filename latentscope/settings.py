"""What is remembered between two starts: recent files, layout, last folder, theme.

A thin wrapper of one ini file: in the folder that ``LATENTSCOPE_HOME`` names where that is set (tests, portable
installs), else in the user's own configuration folder. A damaged, foreign or unwritable file is never a fault: what
cannot be read counts as never set.
"""

import logging
import os
from pathlib import Path
from typing import cast, get_args

import platformdirs
from PySide6.QtCore import QByteArray, QSettings

from latentscope.theme import ThemeChoice

__all__ = ["MAX_RECENT", "Settings", "autosave_folder", "last_session_path", "log_folder", "settings_path"]

MAX_RECENT = 10

log = logging.getLogger(__name__)


def settings_path() -> Path:
    """Where the settings of this user live."""
    home = os.environ.get("LATENTSCOPE_HOME")
    folder = Path(home) if home else platformdirs.user_config_path("latentscope", appauthor=False)
    return folder / "settings.ini"


def log_folder() -> Path:
    """Where the log files of this user live."""
    home = os.environ.get("LATENTSCOPE_HOME")
    return Path(home) / "logs" if home else platformdirs.user_log_path("latentscope", appauthor=False)


def autosave_folder() -> Path:
    """Where windows keep what they show, in case they do not come to a good end."""
    home = os.environ.get("LATENTSCOPE_HOME")
    return (Path(home) if home else platformdirs.user_state_path("latentscope", appauthor=False)) / "autosave"


def last_session_path() -> Path:
    """What was in no file when a window was closed for the last time."""
    return autosave_folder().parent / "last-session.latentscope"


class Settings:
    """The remembered choices. Reading never fails; ``save`` writes at once what Qt would write some time later."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or settings_path()
        self._store = QSettings(str(self.path), QSettings.Format.IniFormat)
        if self._store.status() != QSettings.Status.NoError:
            log.info("The settings in %s cannot be read; starting with fresh ones.", self.path)

    # --- files ----------------------------------------------------------------------------------------------------

    def recent_files(self) -> list[Path]:
        """The models opened last, newest first; those that are gone are left out."""
        return [path for path in self._recent() if path.exists()]

    def add_recent_file(self, path: Path) -> None:
        """Put a path at the head of the recent files."""
        path = path.absolute()
        others = [other for other in self._recent() if other != path]
        self._store.setValue("files/recent", [str(one) for one in [path, *others][:MAX_RECENT]])

    def clear_recent_files(self) -> None:
        self._store.remove("files/recent")

    def _recent(self) -> list[Path]:
        value = self._store.value("files/recent")
        # An ini file keeps a list of one as a plain string.
        names = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        return [Path(name) for name in names if isinstance(name, str) and name]

    @property
    def last_folder(self) -> Path:
        """The folder that a file dialog starts in: the one used last, or the user's home."""
        name = self.text("files/folder")
        folder = Path(name) if name else Path.home()
        return folder if folder.is_dir() else Path.home()

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self.set_text("files/folder", str(folder.absolute()))

    # --- appearance -----------------------------------------------------------------------------------------------

    @property
    def theme(self) -> ThemeChoice:
        value = self.text("window/theme", "system")
        return cast("ThemeChoice", value) if value in get_args(ThemeChoice) else "system"

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self.set_text("window/theme", choice)

    @property
    def geometry(self) -> QByteArray:
        """For ``QWidget.restoreGeometry``; empty where nothing is remembered."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self._store.setValue("window/geometry", value)

    @property
    def layout(self) -> QByteArray:
        """For ``QMainWindow.restoreState``; empty where nothing is remembered."""
        return self._bytes("window/layout")

    @layout.setter
    def layout(self, value: QByteArray) -> None:
        self._store.setValue("window/layout", value)

    # --- anything else --------------------------------------------------------------------------------------------

    def text(self, key: str, default: str = "") -> str:
        """The text under ``group/name``; the default where there is none or it is no text."""
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def set_text(self, key: str, value: str) -> None:
        self._store.setValue(key, value)

    def _bytes(self, key: str) -> QByteArray:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()

    def save(self) -> None:
        """Write to disk now. A folder that cannot be written to costs the memory of this session, nothing else."""
        self._store.sync()
        if self._store.status() == QSettings.Status.AccessError:
            log.info("The settings cannot be saved in %s.", self.path)
