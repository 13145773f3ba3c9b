"""What the documents say is true: their examples run as they stand, and the files that they name are there."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"


def example(name: str) -> dict[str, Any]:
    """The names that the example for a file defines."""
    blocks = re.findall(r"```python\n(.*?)```", CONTRIBUTING.read_text(encoding="utf-8"), re.DOTALL)
    (source,) = (block for block in blocks if block.startswith(f"# {name}\n"))
    namespace: dict[str, Any] = {"__name__": name}
    exec(compile(source, name, "exec"), namespace)
    return namespace


def test_the_two_commands_and_the_picture_are_on_the_first_screen() -> None:
    first_screen = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:22]
    commands = [line for line in first_screen if line.startswith("pip ")]
    assert commands == ["pip install . && latentscope", "pip install '.[test]' && pytest"]
    (picture,) = re.findall(r"!\[.+\]\((.+)\)", "\n".join(first_screen))
    assert (ROOT / picture).is_file()


def test_the_commands_in_the_readme_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.main import get_command

    from latentscope.__main__ import parse
    from trainer.console import app

    monkeypatch.chdir(ROOT)  # for the paths that must be there
    trainer = get_command(app)
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    commands = [shlex.split(line, comments=True) for line in lines if re.match("latentscope(-trainer)? ", line)]
    assert len(commands) > 10
    for program, *words in commands:
        if program == "latentscope":
            parse(words)
        else:
            assert not trainer.commands[words[0]].make_context(words[0], words[1:]).args


def test_the_example_of_python_in_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (source,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(compile(source, "README.md", "exec"), namespace)
    assert namespace["images"].shape == (1, 28, 28, 1)
    assert namespace["means"].shape == namespace["logvars"].shape == (1, 2)


def test_every_file_in_the_plan_of_the_house_is_there() -> None:
    text = CONTRIBUTING.read_text(encoding="utf-8")
    plan = text.split("```\ntrainer/")[1].split("```")[0]
    package, where, named = "trainer", "trainer", []
    for line in plan.splitlines():
        if not line.startswith("  "):
            package = line.split("/")[0]
            continue
        if not line.startswith("   "):  # else the line before goes on
            folder = re.match(r"  (\w+)/", line)
            where = f"{package}/{folder[1]}" if folder else package
        named += [where, *(f"{where}/{name}" for name in re.findall(r"\b\w+\.py\b", line))]
    assert len(named) > 25
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_example_of_a_family_trains() -> None:
    import torch

    from trainer.config import make_config
    from trainer.models.base import Batch

    config = make_config({"epochs": 1, "family": "autoencoder"})
    model = example("trainer/models/denoising.py")["model"](config, (8, 8, 1), 0)
    optimiser = torch.optim.Adam(model.parameters(), 3e-3)
    x = torch.rand(64, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    generator = torch.Generator().manual_seed(1)
    losses = []
    for _ in range(60):
        loss = model.loss(Batch(x), generator)
        optimiser.zero_grad()
        loss.total.backward()
        optimiser.step()
        losses.append(loss.total.item())
    assert losses[-1] < losses[0]
    assert model.decode(model.encode(x)[0]).shape == x.shape


def test_the_example_of_a_data_set_loads() -> None:
    module = example("trainer/data/spots.py")
    data = module["load"]("spots")
    assert module["is_at_hand"]("spots")
    assert (len(data.train_images), len(data.test_images), data.image_shape) == (1600, 400, (16, 16, 1))
    for images, labels in ((data.train_images, data.train_labels), (data.test_images, data.test_labels)):
        upper = images[:, :8].reshape(len(images), -1).sum(1) > images[:, 8:].reshape(len(images), -1).sum(1)
        assert (upper == (labels < 2)).mean() > 0.97


@pytest.fixture
def open_model() -> Any:
    import numpy as np

    from latentscope.state.open_model import OpenModel
    from trainer.config import make_config
    from trainer.files import Codes, ModelFile

    mean = np.repeat(np.array([[-1, 0], [1, 0]], np.float32), 5, axis=0)
    codes = Codes(mean, None, np.repeat(np.arange(2), 5))
    file = ModelFile(make_config({"epochs": 1}), (8, 8, 1), ("a", "b"), {}, codes, figures={"negative_elbo": 12.5})
    return OpenModel(file, "test")


def test_the_example_of_a_layer_paints(qapp: Any, open_model: Any) -> None:
    import numpy as np
    from PySide6.QtGui import QFont, QImage, QPainter

    from latentscope.map.camera import Camera
    from latentscope.map.points.cloud import cloud_of
    from latentscope.map.points.look import look_of
    from latentscope.map.scene import Scene
    from latentscope.state.layers import Layers
    from latentscope.theme import DARK
    from trainer.geometry import axis_plane

    camera, plane = Camera().resized(400, 300, 1.0), axis_plane(2)
    cloud = cloud_of(open_model.file.codes, plane)
    look = look_of(cloud, DARK, 2, hidden=frozenset({1}))
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    image.fill(0)
    scene = Scene(camera, DARK, QFont(), plane, cloud, look, Layers(), None, None)
    with QPainter(image) as painter:
        example("latentscope/map/centres.py")["CentresLayer"]().paint(painter, scene)
    for point, painted in (((-1, 0), True), ((1, 0), False)):  # the second class is hidden
        x, y = np.rint(camera.to_pixel(np.array(point, float))).astype(int)
        near = {image.pixel(int(x) + dx, int(y) + dy) & 0xFFFFFF for dx in (-1, 0, 1) for dy in (-1, 0, 1)}
        assert (near != {0}) == painted


def test_the_example_of_a_panel_shows_the_open_model(qtbot: Any, open_model: Any) -> None:
    from PySide6.QtWidgets import QLabel

    from latentscope.state.workspace import Workspace
    from latentscope.theme import DARK

    workspace = Workspace()
    panel = example("latentscope/panels/figures.py")["FiguresPanel"](workspace, DARK)
    qtbot.addWidget(panel)
    assert panel.findChildren(QLabel) == []
    workspace.open_model(open_model)
    assert [label.text() for label in panel.findChildren(QLabel)] == ["negative elbo", "12.5"]
