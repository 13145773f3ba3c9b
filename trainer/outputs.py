"""Files that a user asked for: named as their content asks, written whole or not at all, with a sentence if not."""

import errno
import os
import stat
from pathlib import Path

from trainer.atomic import reason, write_atomically
from trainer.errors import OutputError

__all__ = ["check_suffix", "check_target", "write_output"]


def check_suffix(path: Path, suffix: str, kind: str) -> None:
    """Raises OutputError if path does not end as its content asks: another name would lie about what is in it."""
    if path.suffix.lower() != suffix:
        raise OutputError(f"{kind} are saved with a name that ends with {suffix}; '{path.name}' does not.")


def check_target(path: Path) -> None:
    """Raises OutputError where a file plainly cannot be written: nobody should wait long for what is lost then."""
    try:
        kept = path.exists()
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        if not path.parent.stat().st_mode & stat.S_IFDIR:
            raise NotADirectoryError(errno.ENOTDIR, "")
        if not os.access(path if kept else path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "")
    except OSError as error:
        raise refused(path, error) from None


def write_output(path: str | Path, data: bytes) -> None:
    """Write a file in one step. Raises OutputError with a sentence for the user; an older file then stays whole."""
    path = Path(path)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise refused(path, error) from None


def refused(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path.name} was not saved in {path.parent}, because {reason(error)}.")
