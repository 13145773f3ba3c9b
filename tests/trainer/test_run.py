import errno
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from runs import CONFIG, here, step, write

from trainer.config import Config
from trainer.errors import RunError
from trainer.events import (
    Event,
    Failed,
    Finished,
    Paused,
    Resumed,
    Snapshot,
    Started,
    Stopped,
    this_process,
    to_json,
)
from trainer.run import (
    Catalogue,
    EventLog,
    EventReader,
    Run,
    Status,
    create_run,
    delete_run,
    list_runs,
    read_config,
    status,
    summarise,
)


def snapshot(number: int, negative_elbo: float = 150.0) -> Snapshot:
    return Snapshot(number, number / 10, f"snapshots/{number}.safetensors", negative_elbo - 5, 5.0, negative_elbo)


@pytest.fixture
def other_process() -> Iterator[psutil.Process]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        yield psutil.Process(child.pid)
        child.kill()


NOBODY = 2**22 + 1  # no process has this number


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], "new"),
        ([here()], "running"),
        ([here(), step(1), Paused(1, 1.0)], "paused"),
        ([here(), Paused(1, 1.0), Resumed(1, 1.0)], "running"),
        ([here(), Stopped(1, 1.0)], "stopped"),
        ([here(), Finished(1, 1.0, "model.safetensors")], "finished"),
        ([here(), Failed(1, 1.0, "No.")], "failed"),
        ([here(pid=NOBODY)], "interrupted"),
        ([here(pid=NOBODY), step(1), Paused(1, 1.0)], "interrupted"),
        ([here(pid=NOBODY), Stopped(1, 1.0)], "stopped"),
        ([here(pid=NOBODY), Stopped(1, 1.0), here(1, continued=True)], "running"),
        ([here(), Stopped(1, 1.0), here(1, continued=True, pid=NOBODY), step(2)], "interrupted"),
        ([here(process_created=this_process()[1] - 100)], "interrupted"),
        ([here(pid=-3)], "interrupted"),
        ([here(pid=10**30)], "interrupted"),
        ([step(1)], "interrupted"),
    ],
)
def test_status(run: Run, events: list[Event], expected: Status) -> None:
    write(run, *events)
    assert status(run) == expected
    assert summarise(run).status == expected


def test_a_worker_that_dies_is_noticed(run: Run) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        write(run, here(pid=child.pid, process_created=psutil.Process(child.pid).create_time()))
        assert status(run) == "running"
        child.kill()
        while (
            psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE and child.returncode is None and os.name != "nt"
        ):
            time.sleep(0.01)
        assert status(run) == "interrupted"  # dead, though nobody has asked for its exit code yet
    assert status(run) == "interrupted"


def test_a_worker_elsewhere_lives_as_long_as_its_log_grows(run: Run) -> None:
    write(run, here(host=f"not-{socket.gethostname()}", pid=NOBODY))
    assert status(run) == "running"
    long_ago = time.time() - 600
    os.utime(run.events_path, (long_ago, long_ago))
    assert status(run) == "interrupted"


def test_a_run_in_use_is_left_alone(run: Run, other_process: psutil.Process) -> None:
    worker = here(pid=other_process.pid, process_created=other_process.create_time())
    write(run, worker)
    with pytest.raises(RunError, match=rf"in use by another process \(number {other_process.pid}\)"):
        EventLog(run)
    with pytest.raises(RunError, match="still going on"):
        delete_run(run)
    write(run, Stopped(1, 1.0))
    EventLog(run)
    write(run, here(1, continued=True))
    EventLog(run)  # by this very process, whose earlier training was given up


def test_summary_of_a_new_run(run: Run) -> None:
    summary = summarise(run)
    assert (summary.run, summary.config, summary.status, summary.can_resume) == (run, CONFIG, "new", True)
    assert (summary.started, summary.seconds, summary.step, summary.message) == (None, 0.0, 0, "")
    assert (summary.negative_elbo, summary.reconstruction, summary.newest_snapshot) == (None, None, None)


def test_summary_of_a_finished_run(run: Run) -> None:
    write(
        run,
        here(),
        step(5),
        snapshot(5, 150.0),
        step(10),
        Finished(10, 1.5, "model.safetensors", {"negative_elbo": 136.5}),
    )
    summary = summarise(run)
    assert (summary.status, summary.can_resume, summary.started) == ("finished", False, 1.8e9)
    assert (summary.step, summary.seconds, summary.negative_elbo) == (10, 1.5, 136.5)
    assert (summary.reconstruction, summary.kl) == (145.0, 5.0)
    assert summary.images_per_second == pytest.approx(0.5 * 9 / 1.0), "half an epoch of 9 images in a second"
    assert summary.newest_snapshot is None  # told of, but not there
    (run.snapshots_folder / "5.safetensors").touch()
    assert summarise(run).newest_snapshot == run.snapshots_folder / "5.safetensors"


def test_summary_of_a_failed_run_says_why(run: Run) -> None:
    write(run, here(), step(5), Failed(7, 0.9, "The loss is not a number."))
    assert (summarise(run).message, summarise(run).can_resume) == ("The loss is not a number.", False)
    run.previous_checkpoint_path.touch()
    assert summarise(run).can_resume


def test_summary_counts_only_what_a_later_worker_left_standing(run: Run) -> None:
    write(run, here(pid=NOBODY), step(5), snapshot(5, 150.0), step(20), snapshot(20, 140.0))
    assert (summarise(run).step, summarise(run).negative_elbo) == (20, 140.0)
    write(run, here(10, continued=True, pid=NOBODY))
    assert (summarise(run).step, summarise(run).negative_elbo) == (5, 150.0)
    write(run, step(12))
    assert (summarise(run).step, summarise(run).seconds, summarise(run).negative_elbo) == (12, 1.2, 150.0)
    write(run, here(pid=NOBODY))
    assert (summarise(run).step, summarise(run).negative_elbo, summarise(run).can_resume) == (0, None, True)


def test_a_snapshot_outside_the_run_is_not_believed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "secret.safetensors").touch()
    write(run, here(), Snapshot(1, 1.0, "../../secret.safetensors", 1.0, 1.0, 2.0))
    assert summarise(run).newest_snapshot is None


def test_a_long_log_is_read_only_at_its_ends(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    line = (to_json(step(7)) + "\n").encode()
    with run.events_path.open("wb") as file:
        file.write((to_json(here()) + "\n").encode())
        file.write(line * 100_000)
        file.write((to_json(snapshot(8)) + "\n").encode())
        file.write(line * 10)
        file.write((to_json(Stopped(9, 1.0)) + "\n").encode())
    parsed = []
    loads = json.loads

    def counted(*args: Any, **kwargs: Any) -> Any:
        parsed.append(1)
        return loads(*args, **kwargs)

    monkeypatch.setattr(json, "loads", counted)
    summary = summarise(run)
    assert (summary.status, summary.step, summary.started, summary.negative_elbo) == ("stopped", 9, 1.8e9, 150.0)
    assert len(parsed) < 2000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.integers(0, 400))
def test_a_damaged_log_never_breaks_the_list(run: Run, garbage: bytes, at: int) -> None:
    content = "".join(to_json(event) + "\n" for event in (here(), step(1), snapshot(2), step(3))).encode()
    run.events_path.write_bytes(content[:at] + garbage + content[at:])
    [summary] = list_runs(run.folder.parent)
    assert summary.status in ("new", "running", "interrupted")
    assert len(EventReader(run).poll()) >= 2


def test_the_list_has_the_newest_first_and_leaves_out_what_is_no_run(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "missing") == []
    for name, begun in (("a", 100.0), ("b", 300.0), ("c", 200.0)):
        write(create_run(tmp_path / name, CONFIG), Started(begun, 1, 1.0, "x", "cpu", "float32", 1, 1))
    new = create_run(tmp_path / "new", CONFIG)
    (create_run(tmp_path / "damaged", CONFIG)).config_path.write_bytes(b"{")
    (tmp_path / "other").mkdir()
    (tmp_path / "file").touch()
    assert [summary.run.folder.name for summary in list_runs(tmp_path)] == ["new", "b", "c", "a"]
    assert list_runs(tmp_path)[0].run == new


def test_deleting_takes_all_that_is_the_runs(run: Run) -> None:
    write(run, here(), Stopped(1, 1.0))
    checkpoints = (run.checkpoint_path, run.previous_checkpoint_path)
    for path in (*checkpoints, run.model_path, run.log_path, run.control_path, run.group_path):
        path.touch()
    (run.snapshots_folder / "1.safetensors").touch()
    (run.folder / ".latentscope-0123.tmp").touch()
    delete_run(run)
    assert not run.folder.exists()


def test_deleting_spares_what_others_put_there(run: Run, tmp_path: Path) -> None:
    (run.folder / "notes.txt").write_text("mine")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "photo").touch()
    run.snapshots_folder.rmdir()
    try:
        run.snapshots_folder.symlink_to(tmp_path / "kept", target_is_directory=True)
    except OSError:
        pytest.skip("this computer does not let its users make links")
    delete_run(run)
    assert [path.name for path in run.folder.iterdir()] == ["notes.txt"]
    assert (tmp_path / "kept" / "photo").exists()


def test_a_folder_that_is_no_run_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "model.safetensors").touch()
    with pytest.raises(RunError, match="is not a run"):
        delete_run(Run(tmp_path))
    assert (tmp_path / "model.safetensors").exists()


def test_a_deletion_that_the_disk_refuses(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(RunError, match="run was not deleted, because permission is denied"):
            delete_run(run)
    assert read_config(run) == CONFIG
    assert isinstance(summarise(run).config, Config)


def test_what_has_not_changed_is_not_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue, read = Catalogue(tmp_path), []
    summary_of = summarise

    def look(run: Run) -> object:
        read.append(run.folder.name)
        return summary_of(run)

    monkeypatch.setattr("trainer.run.summarise", look)
    a, b = (create_run(tmp_path / name, CONFIG) for name in "ab")
    write(a, here(pid=NOBODY), step(1))
    first = catalogue.read()
    assert sorted(read) == ["a", "b"]
    read.clear()
    assert all(new is old for new, old in zip(catalogue.read(), first, strict=True))
    assert read == []
    write(a, snapshot(2))
    assert next(one for one in catalogue.read() if one.run == a).negative_elbo == 150.0
    assert read == ["a"]
    write(b, here(), step(1))
    assert next(one for one in catalogue.read_one(b) if one.run == b).status == "running"
    read.clear()
    catalogue.read()
    assert read == ["b"], "a worker that dies leaves no trace in any file"
    delete_run(a)
    assert [one.run for one in catalogue.read()] == [b]
    assert [one.run for one in catalogue.read_one(a)] == [b]


def test_a_catalogue_of_no_folder_is_empty(tmp_path: Path) -> None:
    assert Catalogue(tmp_path / "gone").read() == []
    (tmp_path / "file").touch()
    assert Catalogue(tmp_path / "file").read() == []
