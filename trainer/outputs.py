"""Files that a user asked for: named as their content asks, written whole or not at all, with a sentence if not."""

import errno
import os
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
    folder = path.parent
    if path.is_dir():
        number = errno.EISDIR
    elif not folder.is_dir():
        number = errno.ENOTDIR if folder.exists() else errno.ENOENT
    elif not os.access(path if path.exists() else folder, os.W_OK):
        number = errno.EACCES
    else:
        return
    raise refused(path, OSError(number, os.strerror(number)))


def write_output(path: str | Path, data: bytes) -> None:
    """Write a file in one step. Raises OutputError with a sentence for the user; an older file then stays whole."""
    path = Path(path)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise refused(path, error) from None


def refused(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path.name} was not saved in {path.parent}, because {reason(error)}.")
