"""What the tests of training run under."""

import math
from pathlib import Path

import pytest
from runs import CONFIG

from trainer import fit as fit_module
from trainer.data import Dataset, load_dataset
from trainer.run import Run, create_run


@pytest.fixture(scope="session")
def digits() -> Dataset:
    return load_dataset("digits")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run folder in which nothing has happened yet."""
    return create_run(tmp_path / "run", CONFIG)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events, snapshots and checkpoints after nearly every step."""
    for name in ("STEP_EVERY", "CONTROL_EVERY", "SNAPSHOT_EVERY", "SNAPSHOT_GROWTH", "CHECKPOINT_EVERY"):
        monkeypatch.setattr(fit_module, name, 0.0)
    monkeypatch.setattr(fit_module, "SHARE", math.inf)
