"""What a file is, by its bytes; and reading it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latentscope.files.opening import kind_of, read_open_model, read_picture
from trainer.config import make_config
from trainer.errors import DataError, ModelFileError, RunError
from trainer.files import ModelFile, write_model
from trainer.run import create_run


def test_bytes_decide_not_names(tmp_path: Path, model_file: ModelFile) -> None:
    Image.new("L", (3, 3)).save(tmp_path / "a.safetensors", "PNG")
    assert kind_of(tmp_path / "a.safetensors") == "image"
    np.save(tmp_path / "b.npy", np.zeros((2, 3, 3), np.uint8))
    assert kind_of(tmp_path / "b.npy") == "data"
    np.savez(tmp_path / "c.npz", images=np.zeros((2, 3, 3), np.uint8))
    assert kind_of(tmp_path / "c.npz") == "data"
    write_model(tmp_path / "d.png", model_file)
    assert kind_of(tmp_path / "d.png") == "model"
    assert kind_of(tmp_path) == "model"
    assert kind_of(tmp_path / "missing") == "model"
    (tmp_path / "empty").touch()
    assert kind_of(tmp_path / "empty") == "model"


def test_a_run_folder_opens_its_model_or_newest_snapshot(tmp_path: Path, model_file: ModelFile) -> None:
    run = create_run(tmp_path / "my-run", make_config({"epochs": 1}))
    with pytest.raises(ModelFileError, match="my-run has no model and no snapshot yet"):
        read_open_model(run.folder)
    write_model(run.model_path, model_file)
    opened = read_open_model(run.folder)
    assert (opened.title, opened.path) == ("my-run", run.model_path)
    assert read_open_model(run.model_path).title == "my-run"


def test_a_folder_that_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        read_open_model(tmp_path)


def test_a_picture_is_brought_to_the_models_shape(tmp_path: Path) -> None:
    picture = np.zeros((40, 40), np.uint8)
    picture[10:30, 15:25] = 255
    Image.fromarray(picture).save(tmp_path / "dark.png")
    Image.fromarray(255 - picture).save(tmp_path / "light.png")
    dark, light = (read_picture(tmp_path / f"{name}.png", (8, 8, 1)) for name in ("dark", "light"))
    assert dark.shape == (1, 8, 8, 1)
    assert dark[0, 4, 4, 0] > 200 > 50 > dark[0, 0, 0, 0]
    # Dark strokes on white paper are turned round.
    assert np.abs(dark.astype(int) - light).max() <= 1
    assert read_picture(tmp_path / "light.png", (5, 6, 3)).shape == (1, 5, 6, 3)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"\x89PNG garbage", b"GIF89a" + bytes(50)])
def test_a_damaged_picture_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"broken.png cannot be read as an image"):
        read_picture(path, (8, 8, 1))
