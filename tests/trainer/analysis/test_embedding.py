"""Codes laid out by t-SNE and UMAP, as a function and as a command."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from commands import call, make_model, refused

from trainer.analysis import embedding
from trainer.analysis.embedding import chosen, embed, umap_is_there
from trainer.errors import ConfigError, DataError


def heaps(count: int = 60, dimension: int = 6) -> np.ndarray:
    """Two heaps of codes far from each other: the even ones and the odd ones."""
    random = np.random.default_rng(0)
    return random.normal(0, 0.1, (count, dimension)) + 5 * (np.arange(count) % 2)[:, None]


def test_tsne_keeps_neighbours_together_and_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "STEPS", 300)
    codes = heaps()
    codes[7] = np.nan
    told: list[float] = []
    layout = embed(codes, tell=lambda _part, share: told.append(share))
    assert layout.index.tolist() == [i for i in range(60) if i != 7]
    even, odd = (layout.position[layout.index % 2 == part] for part in (0, 1))
    between = np.linalg.norm(even.mean(axis=0) - odd.mean(axis=0))
    assert between > 2 * max(np.linalg.norm(heap - heap.mean(axis=0), axis=1).mean() for heap in (even, odd))
    assert told == sorted(told)
    assert len(told) > 4
    assert told[-1] == 1
    again = embed(codes)
    assert np.array_equal(again.position, layout.position), "the same codes give the same picture"


def test_of_very_many_codes_some_are_drawn() -> None:
    codes = heaps(50)
    codes[3] = np.inf
    index = chosen(codes, 10, seed=1)
    assert len(set(index.tolist())) == 10
    assert index.tolist() == sorted(index.tolist())
    assert index.tolist() != chosen(codes, 10, seed=2).tolist()
    assert 3 not in chosen(codes, 49)


@pytest.mark.parametrize("dimension", [1, 2])
def test_few_dimensions_do(dimension: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "STEPS", 250)
    assert embed(heaps(12, dimension)).position.shape == (12, 2)


def test_what_cannot_be_laid_out_is_said() -> None:
    with pytest.raises(DataError, match="only 4 codes"):
        embed(heaps(4))
    with pytest.raises(DataError, match="All codes are the same"):
        embed(np.ones((20, 3)))
    with pytest.raises(ConfigError, match="choose one of t-sne, umap"):
        embed(heaps(), "pca")  # type: ignore[arg-type]


def test_umap_that_is_missing_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "umap_is_there", lambda: False)
    with pytest.raises(ConfigError, match="pip install"):
        embed(heaps(), "umap")


@pytest.mark.skipif(not umap_is_there(), reason="umap-learn is not installed")
def test_umap_lays_codes_out(tmp_path: Path) -> None:
    out = tmp_path / "layout.npz"
    model = make_model(tmp_path / "m.safetensors", latent=5)
    # In a process of its own: what it imports warns of many things.
    command = [sys.executable, "-m", "trainer", "embed", str(model), "--method", "umap", "--out", str(out)]
    subprocess.run(command, check=True)
    with np.load(out, allow_pickle=False) as layout:
        assert np.isfinite(layout["position"]).all()


def test_the_command_saves_a_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "STEPS", 250)
    model, out = make_model(tmp_path / "m.safetensors", latent=5), tmp_path / "layout.npz"
    result = call("embed", model, "--out", out, "--points", 50, "--events")
    assert result.exit_code == 0, result.output
    *progress, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert progress
    assert {line["event"] for line in progress} == {"progress"}
    assert last["event"] == "embedding"
    with np.load(out, allow_pickle=False) as layout:
        assert layout["index"].tolist() == last["index"]
        assert np.allclose(layout["position"], last["position"])
        assert layout["position"].shape == (50, 2)


def test_what_the_command_cannot_do_is_one_sentence(tmp_path: Path) -> None:
    model = make_model(tmp_path / "m.safetensors", latent=5)
    assert "--out FILE.npz" in refused("embed", model)
    assert "ending with .npz" in refused("embed", model, "--out", tmp_path / "x.csv")
    assert "choose one of" in refused("embed", model, "--out", tmp_path / "x.npz", "--method", "pca")
    assert "--points must be" in refused("embed", model, "--out", tmp_path / "x.npz", "--points", 0)
