"""What the comparison with others counts and measures, without the others."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from fitting import last, small, train
from peer import course, ours
from peer.course import Course, Mark, from_line
from peer.elbo import Floats, negative_elbo
from peer.keras_twin import KerasTwin
from peer.our_network import Ours
from peer.torch_loop import Functions

from trainer.config import make_config
from trainer.data import load_dataset
from trainer.evaluate import evaluate
from trainer.events import Epoch, Finished, Snapshot, to_json
from trainer.models.build import build_model

ROOT = Path(__file__).resolve().parents[2]
IMAGES = np.random.default_rng(0).integers(0, 256, (50, 6, 5, 1), dtype=np.uint8)


def count(*modules: torch.nn.Module) -> int:
    return sum(weights.numel() for module in modules for weights in module.parameters())


def test_the_twin_has_as_many_weights_as_the_keras_example_says_of_itself() -> None:
    twin = KerasTwin()
    assert count(twin.encoder, twin.mean, twin.logvar) == 69_076
    assert count(twin.decoder) == 65_089


def test_the_twins_loss_is_the_bound_that_is_measured() -> None:
    torch.manual_seed(0)
    twin = KerasTwin()
    images = np.random.default_rng(0).integers(0, 256, (400, 28, 28, 1), dtype=np.uint8)
    functions = Functions(twin)
    with torch.no_grad():
        loss = float(twin.loss(torch.from_numpy(images).permute(0, 3, 1, 2) / 255))
    assert negative_elbo(functions.encode, functions.decode, images) == pytest.approx(loss, rel=1e-3)


def test_the_bound_is_that_of_evaluate() -> None:
    model = build_model(make_config({"epochs": 1, "hidden": (16,), "latent": 3}), (6, 5, 1)).eval()
    with torch.no_grad():
        for weights in model.parameters():
            weights *= 3  # a KL that counts
    images = np.repeat(IMAGES, 400, axis=0)  # as good as 400 samples an image, and faster
    figures = evaluate(model, images, samples=1).figures
    assert figures["kl"] > 0.1
    functions = Functions(Ours(model))
    bound = negative_elbo(functions.encode, functions.decode, images)
    assert bound == pytest.approx(figures["negative_elbo"], abs=0.15)  # each within 0.03


def test_the_bound_of_many_images_is_the_mean_over_all() -> None:
    images = np.concatenate([np.full((1500, 2, 2, 1), 255, np.uint8), np.zeros((500, 2, 2, 1), np.uint8)])

    def encode(x: Floats) -> tuple[Floats, Floats]:
        return np.ones((len(x), 1), np.float32), np.zeros((len(x), 1), np.float32)

    def decode(z: Floats) -> Floats:
        return np.full((len(z), 2, 2, 1), 0.9, np.float32)

    exact = -4 * (0.75 * np.log(0.9) + 0.25 * np.log(0.1)) + 0.5
    assert negative_elbo(encode, decode, images) == pytest.approx(exact, rel=1e-5)


def start(monkeypatch: pytest.MonkeyPatch, now: list[float], **settings: object) -> tuple[Course, io.StringIO]:
    """A course whose clock shows now[0], and what it says; its process began at 1000 s."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdout", said)
    monkeypatch.setattr(sys, "stderr", io.StringIO())  # where the course sends what else is printed
    monkeypatch.setattr(course, "time", SimpleNamespace(time=lambda: now[0], perf_counter=lambda: now[0]))
    asked = {"data": "digits", "started": 1000, "epochs": 9, "target": 0, "seed": 0} | settings
    monkeypatch.setattr(sys, "argv", ["peer", *(str(w) for name, v in asked.items() for w in (f"--{name}", v))])
    return Course(), said


def black(now: list[float]) -> tuple[object, object]:
    """A model that takes 50 s to encode and knows nothing: an image of 8 × 8 costs it 64 · log 2 nats."""

    def encode(x: Floats) -> tuple[Floats, Floats]:
        now[0] += 50
        return np.zeros((len(x), 2), np.float32), np.zeros((len(x), 2), np.float32)

    return encode, lambda z: np.full((len(z), 8, 8, 1), 0.5, np.float32)


def test_the_clock_of_a_peer_stands_still_while_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1003.0]
    peer, said = start(monkeypatch, now)
    for _ in range(2):
        now[0] += 10
        assert not peer.epoch_done(*black(now))  # type: ignore[arg-type]
    marks = [from_line(line) for line in said.getvalue().splitlines()]
    images = len(peer.dataset.train_images)
    bound = pytest.approx(64 * np.log(2))
    assert marks == [Mark(13.0, images, 1, bound), Mark(23.0, 2 * images, 2, bound)]


@pytest.mark.parametrize(
    ("settings", "epochs"),
    [({"epochs": 3}, 3), ({"target": 60}, 2), ({"seconds": 25}, 3), ({"epochs": 1, "target": 60}, 1)],
)
def test_a_peer_ends_at_its_target_or_budget_but_not_before_its_speed_is_known(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], epochs: int
) -> None:
    now = [1003.0]
    peer, said = start(monkeypatch, now, **settings)
    enough = False
    while not enough:
        now[0] += 10
        enough = peer.epoch_done(*black(now))  # type: ignore[arg-type]
    assert len(said.getvalue().splitlines()) == epochs


def test_what_else_a_peer_prints_is_no_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    _, said = start(monkeypatch, [1000.0])
    print("Epoch 1/30")
    assert said.getvalue() == ""
    assert from_line("Epoch 1/30\n") is None
    assert from_line('{"loss": 3}\n') is None


def test_ours_is_measured_in_its_snapshots(tmp_path: Path) -> None:
    digits = load_dataset("digits")
    run, events = train(tmp_path / "run", small(epochs=6), digits)
    lines = [(10.0 + i, to_json(event)) for i, event in enumerate(events)]
    snapshots = [i for i, event in enumerate(events) if isinstance(event, Snapshot)]
    end = last(events, Finished)
    assert isinstance(end, Finished)

    found, speed = ours.marks(iter(lines), run.folder, digits.test_images, target=0)
    assert [mark.seconds for mark in found] == [10.0 + i for i in snapshots] + [10.0 + len(events) - 1]
    assert found[0].images == 0
    assert found[-1].images == end.step * 128
    assert found[-1].negative_elbo == pytest.approx(end.figures["negative_elbo"], abs=0.5)
    first = next(event for event in events if isinstance(event, Epoch))
    assert speed == pytest.approx((end.step - first.step) * 128 / (end.seconds - first.seconds))

    # The first snapshot reaches a target that any model reaches; what comes after it is not looked at.
    found, _ = ours.marks(iter(lines), run.folder, digits.test_images, target=1000)
    assert [mark.seconds for mark in found] == [10.0 + snapshots[0], 10.0 + len(events) - 1]


def test_the_whole_comparison_runs(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (600, 28, 28, 1), dtype=np.uint8)
    np.savez(tmp_path / "noise.npz", images=images, test_images=images[:100])
    script = ROOT / "tests" / "benchmarks" / "peers.py"
    asked = ["--only", "ours,twin", "--seconds-each", "1", "--epochs", "2", "--limit", "512", "--target", "540"]
    result = subprocess.run(
        [sys.executable, script, "--data", tmp_path / "noise.npz", *asked],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert result.returncode == 0, result.stderr
    table = result.stdout.splitlines()
    assert "512 train and 100 test images" in table[0]
    assert table[2].startswith("  this engine ")
    assert table[3].startswith("  the example's network")
    assert all("nats after" in line for line in table[2:4])


def test_a_mark_survives_its_line() -> None:
    mark = Mark(1.5, 60_000, 1, 151.25)
    assert from_line(json.dumps(vars(mark))) == mark
