"""Writing a file in one step: whoever reads it sees the old content or the new, never a part, whatever happens."""

import errno
import os
import secrets
import stat
import time
from contextlib import suppress
from pathlib import Path

__all__ = ["TEMPORARY", "reason", "write_atomically"]

TEMPORARY = ".latentscope-*.tmp"  # what a killed writer can leave behind

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your disk quota is used up",
    errno.EFBIG: "the file would be larger than this disk allows",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission is denied",
    errno.EPERM: "permission is denied",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "a part of its path is not a folder",
    errno.EISDIR: "it is a folder",
    errno.ENAMETOOLONG: "its name is too long",
    errno.EIO: "the disk reports a fault",
    errno.ELOOP: "its links go round in a circle",
}


def reason(error: OSError) -> str:
    """The cause in plain words, to go on with after "because"."""
    return _REASONS.get(error.errno or 0) or (error.strerror.lower() if error.strerror else type(error).__name__)


def write_atomically(path: str | Path, data: bytes) -> None:
    """Write data to path through a temporary file in the same folder, flushed to disk before it takes the name.

    An existing file keeps its permissions, and stays whole if anything goes wrong; a new one gets the usual ones. A
    link is written through. Raises OSError; the temporary file is then gone.
    """
    target = Path(os.path.realpath(path))
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mode = None
    if mode is not None and not os.access(target, os.W_OK):
        # Replacing would succeed on POSIX, where only the folder's permissions count; a write-protected file means it.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    temporary = target.with_name(TEMPORARY.replace("*", secrets.token_hex(8)))
    # Not tempfile: that makes files which only their owner may read, and the result would stay so.
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            temporary.chmod(mode)
        _replace(temporary, target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(target.parent)


def _replace(source: Path, target: Path, patience: int = 20 if os.name == "nt" else 1) -> None:
    # On Windows a file cannot be replaced while another program (a window that reads it, a virus scanner) has it open.
    for attempt in range(patience):
        try:
            source.replace(target)
            return
        except PermissionError:
            if attempt == patience - 1:
                raise
            time.sleep(0.05)


def _flush_folder(folder: Path) -> None:
    """Makes the new name itself survive a power cut. The file is in place already, so a refusal is no failure."""
    if os.name == "nt":
        return  # Windows has no such call
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
