"""Where published data sets lie on this computer."""

import os
from pathlib import Path

import platformdirs

__all__ = ["cache", "folders", "is_file"]


def cache(name: str) -> Path:
    """The folder that a data set is downloaded to."""
    return Path(platformdirs.user_cache_dir("latentscope")) / "data" / name


def folders(name: str) -> list[Path]:
    """Where the files of a data set are looked for, in this order: ``$LATENTSCOPE_DATA/<name>``, the user's cache."""
    own = os.environ.get("LATENTSCOPE_DATA")
    return [*([Path(own).expanduser() / name] if own else []), cache(name)]


def is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder that may not be looked into
        return False
