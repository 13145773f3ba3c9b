"""Files of dead processes are offered to one window only; those of living ones are left alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from latentscope.files.autosaved import keep, leftovers, new_place, take
from latentscope.settings import autosave_folder


@pytest.fixture
def folder() -> Path:
    return autosave_folder()


def dead(folder: Path) -> Path:
    """A file that a process has kept which is no more."""
    code = (
        "from latentscope.files.autosaved import keep, new_place\nfrom latentscope.settings import autosave_folder\n"
        "place = new_place(autosave_folder()); keep(place, b'kept'); print(place)"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return Path(made.stdout.strip())


def test_a_dead_process_leaves_its_file_and_one_window_takes_it(folder: Path) -> None:
    assert leftovers(folder) == []
    left = dead(folder)
    assert leftovers(folder) == [left]
    own = take(left)
    assert own is not None
    assert own.read_bytes() == b"kept"
    assert leftovers(folder) == [], "it is of a living process now"
    assert take(left) is None, "the second comes too late"


def test_files_of_living_processes_and_strangers_are_left_alone(folder: Path) -> None:
    keep(new_place(folder), b"mine")
    (folder / "notes.latentscope").write_text("{}")
    other = new_place(folder)
    (folder / re.sub(r"-[0-9a-f]{8}-", "-00000000-", other.name, count=1)).write_text("another computer's")
    assert leftovers(folder) == []


def test_the_newest_comes_first(folder: Path) -> None:
    first, second = dead(folder), dead(folder)
    os.utime(first, (2e9, 2e9))
    assert leftovers(folder) == [first, second]


def test_a_number_that_another_process_was_given_since_is_another_process(folder: Path) -> None:
    own = new_place(folder)
    pid, created, rest = own.name.split("-", 2)
    old = folder / f"{pid}-{int(created) - 3_600_000}-{rest}"
    keep(old, b"old")
    assert leftovers(folder) == [old]
