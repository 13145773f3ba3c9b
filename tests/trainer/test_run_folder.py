import errno
import os
import re
import threading
from pathlib import Path

import pytest
from runs import CONFIG

from trainer.config import make_config
from trainer.errors import RunError
from trainer.run import (
    Group,
    Run,
    clear_control,
    create_run,
    new_run_folder,
    open_run,
    read_config,
    read_control,
    read_group,
    runs_folder,
    send,
    status,
    summarise,
)


def test_a_new_run_holds_its_config(tmp_path: Path) -> None:
    config = make_config({"epochs": 3, "latent": 5, "hidden": [64, 32], "data": "mnist"})
    made = create_run(tmp_path / "deep" / "er", config)
    assert read_config(made) == config
    assert open_run(made.folder) == made
    assert status(made) == "new"
    assert made.snapshots_folder.is_dir()


def test_a_run_can_belong_to_a_group(tmp_path: Path) -> None:
    group = Group("2026-11-20-mnist-vae", "β = 0.25 / 1 / 4")
    made = create_run(tmp_path / "run", CONFIG, group)
    assert read_group(made) == group
    assert read_config(made) == CONFIG, "what the run is asked to do is the same"
    assert read_group(create_run(tmp_path / "alone", CONFIG)) is None


@pytest.mark.parametrize("content", ["", "{", "[]", "7", '{"name": "a"}', "\x00" * 9000, '{"name": "a", "title": '])
def test_a_damaged_group_is_none(tmp_path: Path, content: str) -> None:
    made = create_run(tmp_path / "run", CONFIG)
    made.group_path.write_text(content)
    assert read_group(made) is None


def test_a_relative_folder_is_meant_from_where_it_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = create_run("run", CONFIG)
    monkeypatch.chdir("/")
    assert read_config(made) == CONFIG


def test_folders_that_cannot_be_new_runs(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RunError, match="not empty"):
        create_run(tmp_path, CONFIG)
    with pytest.raises(RunError, match="file is a file"):
        create_run(tmp_path / "file", CONFIG)
    with pytest.raises(RunError, match="cannot be made, because"):
        create_run(tmp_path / "file" / "run", CONFIG)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_full_disk_when_a_run_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "no")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        with pytest.raises(RunError, match="cannot be made, because the disk is full"):
            create_run(tmp_path / "run", CONFIG)


def test_folders_that_are_no_runs(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="There is no run folder"):
        open_run(tmp_path / "missing")
    with pytest.raises(RunError, match="has no config"):
        open_run(tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is damaged: not JSON"),
        (b"{", "is damaged: not JSON"),
        (b"\xff", "is damaged: not UTF-8"),
        (b"[]", "holds no settings"),
        (b" " * 2**21, "is too large"),
        (b'{"latent": 0, "seconds": 3}', "makes no sense: Latent dimension must be"),
        (b'{"seconds": 3, "magic": 1}', "There is no setting 'magic'"),
    ],
)
def test_a_damaged_config(run: Run, content: bytes, words: str) -> None:
    run.config_path.write_bytes(content)
    with pytest.raises(RunError, match=f"config.json of the run run .*{words}"):
        read_config(run)
    with pytest.raises(RunError):
        summarise(run)


def test_a_config_that_is_gone(run: Run) -> None:
    run.config_path.unlink()
    with pytest.raises(RunError, match="cannot be read, because there is no such file"):
        read_config(run)


def test_the_runs_folder_follows_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENTSCOPE_HOME", str(tmp_path))
    assert runs_folder() == tmp_path / "runs"
    monkeypatch.delenv("LATENTSCOPE_HOME")
    assert runs_folder().name == "runs"
    assert "latentscope" in str(runs_folder())
    assert runs_folder().is_absolute()


def test_new_names_are_free_and_plain(tmp_path: Path) -> None:
    first = new_run_folder(tmp_path, CONFIG)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-digits-vae", first.name)
    assert not first.exists()
    first.mkdir()
    assert new_run_folder(tmp_path, CONFIG).name == f"{first.name}-2"
    (tmp_path / f"{first.name}-2").mkdir()
    assert new_run_folder(tmp_path, CONFIG).name == f"{first.name}-3"
    odd = make_config({"seconds": 1, "data": "/some/where/My Cats: (1).npz", "family": "autoencoder"})
    assert new_run_folder(tmp_path, odd).name.endswith("-my-cats-1-autoencoder")
    assert new_run_folder(tmp_path, make_config({"seconds": 1, "data": "…….npy"})).name.endswith("-data-vae")


def test_the_newest_command_counts(run: Run) -> None:
    assert read_control(run) is None
    send(run, "pause")
    send(run, "stop")
    assert read_control(run) == "stop"
    clear_control(run)
    clear_control(run)
    assert read_control(run) is None


@pytest.mark.parametrize("content", [b"", b"explode", b"stop it", b"\xff\xfe", b"p" * 2**20])
def test_a_command_that_makes_no_sense_is_none(run: Run, content: bytes) -> None:
    run.control_path.write_bytes(content)
    assert read_control(run) is None


def test_a_command_typed_by_hand(run: Run) -> None:
    run.control_path.write_text("stop\n")
    assert read_control(run) == "stop"


def test_a_command_is_never_seen_in_part(run: Run) -> None:
    done = threading.Event()

    def change() -> None:
        for _ in range(50):
            send(run, "pause")
            send(run, "resume")
        done.set()

    send(run, "resume")
    thread = threading.Thread(target=change)
    thread.start()
    seen = set()
    while not done.is_set():
        seen.add(read_control(run))
    thread.join()
    assert seen <= {"pause", "resume"}


def test_a_command_to_a_run_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be told to stop, because there is no such file or folder"):
        send(Run(tmp_path / "gone"), "stop")
