"""Where to compute, and how precisely."""

from typing import Literal

import torch

from trainer.errors import ConfigError

__all__ = ["Precision", "choose_device", "choose_precision"]

Precision = Literal["float32", "bfloat16"]

# Below so many weights a step is mostly overhead, to which the conversions of mixed precision only add.
SMALLEST_FOR_BFLOAT16 = 200_000


def choose_device(name: str) -> torch.device:
    """The device of a config: "auto" (a CUDA graphics card if there is one, else the processor), "cpu", "cuda",
    "cuda:1" or "mps". Raises ConfigError for one that this machine does not have."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if name.startswith("cuda"):
        if not torch.cuda.is_available():
            raise ConfigError("There is no CUDA graphics card that PyTorch can use; choose the device auto or cpu.")
        index = int(name.partition(":")[2] or 0)
        if index >= torch.cuda.device_count():
            raise ConfigError(f"There is no device {name}: the last one is cuda:{torch.cuda.device_count() - 1}.")
    elif name == "mps" and not torch.backends.mps.is_available():
        raise ConfigError("There is no Apple graphics processor that PyTorch can use; choose the device auto or cpu.")
    elif name not in ("cpu", "mps"):
        raise ConfigError(f"There is no device '{name}'; choose auto, cpu, cuda or mps.")
    return torch.device(name)


def choose_precision(name: str, device: torch.device, parameters: int) -> Precision:
    """The precision of matrix products in training; weights, sums and losses stay float32.

    "auto" is bfloat16 where ``device`` has instructions for it and the model (of so many ``parameters``) is large
    enough to gain: on two cores with AVX512-BF16 a 1.1-million-parameter VAE trains 1.5 times as fast, an 8×8 model
    of a few thousand units no faster.
    """
    if name in ("float32", "bfloat16"):
        return "bfloat16" if name == "bfloat16" else "float32"
    if device.type == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    if device.type == "cpu" and parameters >= SMALLEST_FOR_BFLOAT16 and _processor_has_bfloat16():
        return "bfloat16"
    return "float32"


def _processor_has_bfloat16() -> bool:
    """AVX512-BF16 or AMX. torch has no public question for this yet, hence the cautious way of asking."""
    questions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, question, lambda: False)() for question in questions)
