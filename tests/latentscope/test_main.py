"""The command, from its arguments to its end, in processes of its own."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from latentscope.__main__ import Options, main, parse

GRAPHICAL = ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM")


def start(*arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
    rest = {name: value for name, value in os.environ.items() if name not in GRAPHICAL}
    command = [sys.executable, "-m", "latentscope", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=rest | environment, stdout=pipe, stderr=pipe, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit code, standard output and standard error."""
    try:
        out, err = process.communicate(timeout=300)
    finally:
        process.kill()
        process.wait()
    return process.returncode, out, err


# --- arguments ----------------------------------------------------------------------------------------------------


def test_no_arguments_ask_for_nothing() -> None:
    assert parse([]) == Options()


def test_every_argument_is_read() -> None:
    words = (
        "m.safetensors --data mnist --screenshot o.png --export-map p.png --scale 1.5 --size 1600x1000 --theme dark "
        "--at=-0.3,1.2 --path=-1,0:2,1"
    )
    assert parse(words.split()) == Options(
        model=Path("m.safetensors"),
        data="mnist",
        screenshot=Path("o.png"),
        export_map=Path("p.png"),
        scale=1.5,
        size=(1600, 1000),
        theme="dark",
        at=(-0.3, 1.2),
        path=((-1.0, 0.0), (2.0, 1.0)),
    )


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("--at=1,x", "'1,x' is not a latent point"),
        ("--at=nan,0", "is not a latent point"),
        ("--at=", "is not a latent point"),
        ("--path=1,2", "is not a path"),
        ("--path=1,2:3", "is not a path"),
        ("--size=big", "is not a size; write it like 1600x1000"),
        ("--size=10x10", "between 320 and 16384"),
        ("--size=99999x1000", "between 320 and 16384"),
        ("--screenshot=out.jpg", "must end in .png"),
        ("--export-map=out.jpg", "must end in .png"),
        ("--scale=0", "is no scale between 0.25 and 16"),
        ("--scale=nan", "is no scale"),
        ("--theme=pink", "invalid choice: 'pink'"),
    ],
)
def test_a_wrong_argument_is_explained(argument: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse([argument])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_a_model_that_is_not_there_is_said_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no/such/model.safetensors"]) == 1
    assert (
        capsys.readouterr().err == f"latentscope: There is no file or folder '{Path('no/such/model.safetensors')}'.\n"
    )


def test_a_picture_that_has_no_place_is_said_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "no-such-folder"
    assert main(["--screenshot", str(folder / "window.png")]) == 1
    assert capsys.readouterr().err == f"latentscope: There is no folder '{folder}' to save the picture in.\n"


def test_two_pictures_at_once_are_refused_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--screenshot", "a.png", "--export-map", "b.png"]) == 1
    assert capsys.readouterr().err == "latentscope: Ask for --screenshot or for --export-map, not for both at once.\n"


# --- the whole program --------------------------------------------------------------------------------------------


def test_the_map_is_on_screen_before_torch_is_loaded_and_the_end_is_quiet() -> None:
    code, out, err = finish(start("--trace", QT_QPA_PLATFORM="offscreen"))
    assert (code, err) == (0, "")
    events = {event["event"]: event for event in map(json.loads, out.splitlines())}
    assert list(events) == ["map", "decode", "settled"]
    assert events["map"]["loaded"] == []
    assert "torch" in events["settled"]["loaded"]


def test_a_picture_that_cannot_be_saved_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "window.png").mkdir()
    code, out, err = finish(start("--screenshot", tmp_path / "window.png"))
    assert (code, out) == (1, "")
    assert "window.png' because" in err
    assert len(err.splitlines()) == 1


def test_a_screenshot_needs_no_display_and_leaves_no_settings(tmp_path: Path, own_home: Path) -> None:
    picture = tmp_path / "window.png"
    code, out, err = finish(
        start("--screenshot", picture, "--size", "1200x800", "--theme", "dark", "--at=0.5,0.5", "--path=-1,0:1,1")
    )
    assert (code, out, err) == (0, "", "")
    image = QImage(str(picture))
    assert image.size().toTuple() == (1200, 800)
    colours = {image.pixel(x, y) for x in range(0, 1200, 5) for y in range(0, 800, 5)}
    assert len(colours) > 100  # a map, a decoded image, texts: not an empty window
    assert list(tmp_path.iterdir()) == [picture]
    assert not (own_home / "settings.ini").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["garbage.safetensors"], "garbage.safetensors"),
        (["--at=1,2,3"], "A point of --at has 3 numbers, but a latent code of this model has 2"),
        (["--path=1,2,3:4,5,6"], "A point of --path has 3 numbers"),
        (["--data", "no-such-data"], "There is no data set 'no-such-data'; choose one of digits, mnist"),
        (["--size", "320x320"], "cannot be as small as that"),
    ],
)
def test_a_screenshot_of_something_wrong_is_one_sentence(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "garbage.safetensors").write_bytes(b"\x00\x01garbage" * 100)
    arguments = [str(tmp_path / word) if word.startswith("garbage") else word for word in arguments]
    picture = tmp_path / "window.png"
    code, out, err = finish(start(*arguments, "--screenshot", picture))
    assert (code, out) == (1, "")
    assert words in err
    assert len(err.splitlines()) == 1
    assert not picture.exists()


def test_the_map_of_a_model_is_exported_in_any_size(tmp_path: Path) -> None:
    picture = tmp_path / "map.png"
    code, out, err = finish(start("--export-map", picture, "--size", "500x400", "--scale", "1.5", "--theme", "light"))
    assert (code, out, err) == (0, "", "")
    assert QImage(str(picture)).size().toTuple() == (750, 600)
    assert list(tmp_path.iterdir()) == [picture]


def test_a_map_of_a_damaged_workspace_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "mine.latentscope").write_text('{"latentscope_workspace": 1, "model":')
    code, out, err = finish(start(tmp_path / "mine.latentscope", "--export-map", tmp_path / "map.png"))
    assert (code, out) == (1, "")
    assert "mine.latentscope is damaged: it was cut short" in err
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "map.png").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals between processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_polite_kill_closes_the_window_and_its_layout_is_kept(number: int, own_home: Path) -> None:
    process = start("--trace", "--theme", "light", QT_QPA_PLATFORM="offscreen")
    assert process.stdout is not None
    assert '"map"' in process.stdout.readline()
    process.send_signal(number)
    code, _, err = finish(process)
    assert (code, err) == (0, "")
    assert "geometry" in (own_home / "settings.ini").read_text()
