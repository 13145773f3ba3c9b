"""What windows have kept for a crash: a workspace file each, whose name says which process it belongs to.

A window removes its file at a clean end, so a file of a process that is no more was left by a crash. Whoever wants to
restore one takes it first, by giving it a name of its own: of two windows that look at once only one gets it. Files of
another computer, which shares the folder, are left alone.
"""

import hashlib
import re
import secrets
import socket
from contextlib import suppress
from pathlib import Path

from latentscope.files.workspace_file import SUFFIX
from trainer.atomic import TEMPORARY, write_atomically
from trainer.events import this_process
from trainer.run_log import is_running

__all__ = ["keep", "leftovers", "new_place", "take"]

_NAME = re.compile(r"(\d{1,10})-(\d{1,16})-([0-9a-f]{8})-[0-9a-f]{8}" + re.escape(SUFFIX), re.ASCII)


def new_place(folder: Path) -> Path:
    """A file in the folder that belongs to this process; it is not made."""
    pid, created, host = this_process()
    return folder / f"{pid}-{int(created * 1000)}-{_short(host)}-{secrets.token_hex(4)}{SUFFIX}"


def keep(path: Path, content: bytes) -> None:
    """Write to a place, in one step. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)


def leftovers(folder: Path) -> list[Path]:
    """The files of processes of this computer that are no more, newest first."""
    found: list[tuple[float, Path]] = []
    with suppress(OSError):
        for path in folder.iterdir():
            if _is_left(path):
                with suppress(OSError):
                    found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found, reverse=True)]


def take(path: Path) -> Path | None:
    """Make a leftover this process's own. Where it is now; None if somebody else has it, or it is gone."""
    own = new_place(path.parent)
    try:
        path.rename(own)
    except OSError:
        return None
    with suppress(OSError):
        for part in path.parent.glob(TEMPORARY):  # of a process that was killed while it wrote
            part.unlink()
    return own


def _is_left(path: Path) -> bool:
    match = _NAME.fullmatch(path.name)
    if match is None or match[3] != _short(socket.gethostname()):
        return False
    return not is_running(int(match[1]), int(match[2]) / 1000)


def _short(host: str) -> str:
    return hashlib.sha256(host.encode()).hexdigest()[:8]
