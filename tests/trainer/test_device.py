import pytest
import torch

from trainer import device as device_module
from trainer.device import choose_device, choose_precision
from trainer.errors import ConfigError

CPU = torch.device("cpu")


def test_auto_takes_a_graphics_card_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == CPU
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert choose_device("auto") == torch.device("cuda")


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(ConfigError, match="CUDA"):
        choose_device("cuda")
    with pytest.raises(ConfigError, match="Apple"):
        choose_device("mps")
    with pytest.raises(ConfigError, match="toaster"):
        choose_device("toaster")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert choose_device("cuda:0") == torch.device("cuda:0")
    with pytest.raises(ConfigError, match="cuda:1"):
        choose_device("cuda:1")


def test_auto_is_bfloat16_only_for_a_fast_processor_and_a_model_that_gains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "_processor_has_bfloat16", lambda: True)
    assert choose_precision("auto", CPU, 1_000_000) == "bfloat16"
    assert choose_precision("auto", CPU, 10_000) == "float32"
    monkeypatch.setattr(device_module, "_processor_has_bfloat16", lambda: False)
    assert choose_precision("auto", CPU, 1_000_000) == "float32"
    assert choose_precision("auto", torch.device("mps"), 1_000_000) == "float32"


def test_what_is_asked_for_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_module, "_processor_has_bfloat16", lambda: False)
    assert choose_precision("bfloat16", CPU, 10) == "bfloat16"
    monkeypatch.setattr(device_module, "_processor_has_bfloat16", lambda: True)
    assert choose_precision("float32", CPU, 10**6) == "float32"


def test_a_processor_is_asked_without_torchs_help_failing(monkeypatch: pytest.MonkeyPatch) -> None:
    for question in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, question, raising=False)
    assert choose_precision("auto", CPU, 1_000_000) == "float32"
