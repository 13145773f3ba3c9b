"""Films as files: every format holds the frames that were given, whole or not at all."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from trainer import atomic
from trainer.errors import OutputError
from trainer.films import FORMATS, MOVING, format_of, write_film
from trainer.films.film import Film
from trainer.films.recipe import Recipe
from trainer.films.style import Style, frames_in_order, shown
from trainer.paths.timing import Walk

STEPS = 7
MOVING_FORMATS = [name for name, one in FORMATS.choices.items() if MOVING in one.traits]


def film(channels: int = 1, height: int = 6, width: int = 5) -> Film:
    pictures = np.random.default_rng(3).integers(0, 256, (STEPS, height, width, channels), np.uint8)
    recipe = Recipe(((0.0, 1.0), (2.0, -1.0)), "slerp", Walk(STEPS))
    return Film(recipe, np.linspace([0.0, 1.0], [2.0, -1.0], STEPS), pictures)


def save(path: Path, made: Film, style: Style | None = None) -> list[float]:
    return list(write_film(path, made, style or Style()))


def frames_of_gif(path: Path) -> list[NDArray[np.uint8]]:
    with Image.open(path) as image:
        frames = []
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(np.array(image.convert("RGB")))
        return frames


def frames_of_video(path: Path) -> tuple[list[NDArray[np.uint8]], float]:
    import av

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 0)
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)], rate


@pytest.mark.parametrize("name", FORMATS.names())
@pytest.mark.parametrize("channels", [1, 3])
def test_each_format_tells_how_far_it_is_and_writes_its_file_at_the_end(
    name: str, channels: int, tmp_path: Path
) -> None:
    path = tmp_path / f"film.{name}"
    steps: Iterator[float] = write_film(path, film(channels), Style())
    shares = []
    for share in steps:
        shares.append(share)
        assert path.exists() == (share == 1)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", FORMATS.names())
def test_who_stops_in_between_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"film.{name}"
    path.write_bytes(b"older")
    steps = write_film(path, film(), Style())
    next(steps)
    steps.close()
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_strip_and_a_grid_have_every_frame_in_its_place(tmp_path: Path) -> None:
    made = film()
    save(tmp_path / "strip.png", made, Style(scale=2))
    strip = np.array(Image.open(tmp_path / "strip.png"))
    assert strip.shape == (12, STEPS * 10 + STEPS - 1)
    assert (strip[::2, 11:21:2] == made.pictures[1, ..., 0]).all()
    save(tmp_path / "grid.png", made, Style(scale=2, columns=3))
    grid = np.array(Image.open(tmp_path / "grid.png"))
    assert grid.shape == (3 * 13 - 1, 3 * 11 - 1)
    assert (grid[13:25:2, 0:10:2] == made.pictures[3, ..., 0]).all()


def test_the_header_of_a_picture_says_how_it_was_made(tmp_path: Path) -> None:
    save(tmp_path / "strip.png", film())
    with Image.open(tmp_path / "strip.png") as image:
        told = json.loads(image.text["Description"])
    assert told["kind"] == "slerp"
    assert told["waypoints"] == [[0.0, 1.0], [2.0, -1.0]]


@pytest.mark.parametrize("bounce", [False, True])
def test_a_gif_keeps_every_grey(bounce: bool, tmp_path: Path) -> None:
    made, style = film(), Style(scale=3, rate=25, bounce=bounce)
    save(tmp_path / "film.gif", made, style)
    frames = frames_of_gif(tmp_path / "film.gif")
    assert len(frames) == (2 * STEPS - 2 if bounce else STEPS) == shown(len(made.pictures), style)
    for frame, picture in zip(frames, frames_in_order(made.pictures, style), strict=True):
        assert (frame[::3, ::3] == picture).all()
    with Image.open(tmp_path / "film.gif") as image:
        assert image.info["duration"] == 40
        assert image.info["loop"] == 0


def test_a_gif_takes_as_long_as_it_should_and_may_play_once(tmp_path: Path) -> None:
    save(tmp_path / "film.gif", film(), Style(rate=30, loop=False))
    with Image.open(tmp_path / "film.gif") as image:
        assert "loop" not in image.info
        times = []
        for number in range(image.n_frames):
            image.seek(number)
            times.append(image.info["duration"])
    assert sum(times) == pytest.approx(1000 * STEPS / 30, abs=5)
    assert set(times) == {30, 40}


def test_frames_that_do_not_change_are_kept(tmp_path: Path) -> None:
    still = Film(film().recipe, film().latent, film().pictures[[0] * STEPS])
    save(tmp_path / "film.gif", still)
    assert len(frames_of_gif(tmp_path / "film.gif")) == STEPS


@pytest.mark.parametrize("suffix", ["mp4", "webm"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_video_shows_every_frame_at_its_time(suffix: str, channels: int, tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, STEPS).astype(np.uint8)  # what a codec for the eye keeps well: large areas
    pictures = np.broadcast_to(ramp[:, None, None, None], (STEPS, 7, 9, channels))
    made = Film(film().recipe, film().latent, pictures)
    path = tmp_path / f"film.{suffix}"
    save(path, made, Style(scale=5, rate=10))
    frames, rate = frames_of_video(path)
    assert len(frames) == STEPS
    assert rate == pytest.approx(10)
    assert frames[0].shape == (36, 46, 3)  # 35 × 45, made even
    for frame, value in zip(frames, ramp, strict=True):
        assert abs(frame.astype(int) - int(value)).max() <= 4


def test_arrays_are_the_film_itself(tmp_path: Path) -> None:
    made = film()
    save(tmp_path / "film.npz", made)
    with np.load(tmp_path / "film.npz", allow_pickle=False) as arrays:
        assert (arrays["z"] == made.latent).all()
        assert (arrays["images"] == made.pictures).all()
        assert arrays["waypoints"].tolist() == [[0.0, 1.0], [2.0, -1.0]]
        assert str(arrays["kind"]) == "slerp"


def test_a_name_that_asks_for_no_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"ends with one of \.png, \.gif, \.mp4, \.webm, \.npz; 'film\.avi' does not"):
        format_of(tmp_path / "film.avi")


@pytest.mark.parametrize("name", FORMATS.names())
def test_a_disk_that_is_full_is_said_and_leaves_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(OutputError, match="the disk is full"):
        save(tmp_path / f"film.{name}", film())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FORMATS.names())
def test_a_folder_that_is_not_there_is_said(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such file or folder"):
        save(tmp_path / "nowhere" / f"film.{name}", film())


@pytest.mark.parametrize("name", MOVING_FORMATS)
@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), 1e9])
def test_a_rate_that_cannot_be_is_refused(name: str, rate: float, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"from 0\.1 to (50|120) frames a second"):
        save(tmp_path / f"film.{name}", film(), Style(rate=rate))


@pytest.mark.parametrize("name", ["png", *MOVING_FORMATS])
def test_frames_too_large_to_be_opened_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="too large"):
        save(tmp_path / f"film.{name}", film(height=300, width=300), Style(scale=64))


def test_one_frame_is_a_film_too(tmp_path: Path) -> None:
    one = Film(film().recipe, film().latent[:1], film().pictures[:1])
    for name in FORMATS.names():
        assert save(tmp_path / f"one.{name}", one, Style(bounce=True))[-1] == 1


def test_without_its_library_a_video_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    with pytest.raises(OutputError, match=r"pip install 'latentscope\[film\]'"):
        save(tmp_path / "film.mp4", film())
    assert not (tmp_path / "film.mp4").exists()
