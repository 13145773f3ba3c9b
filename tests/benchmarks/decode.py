"""How long one decode of a model takes, numpy in and numpy out.

    python tests/benchmarks/decode.py [MODEL]

Beside it, in the same run: the model's own module called eagerly, with the same conversions written plainly.
Budget for the shipped model: 0.5 ms.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the program does: see trainer/__main__.py
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
import torch  # noqa: E402

from trainer.codec import Codec  # noqa: E402
from trainer.files import read_model  # noqa: E402
from trainer.models.build import load_model  # noqa: E402

SHIPPED = ROOT / "assets" / "mnist-vae-2d.safetensors"


def milliseconds(call: Callable[[], object], times: int) -> np.ndarray:
    """What each of so many calls takes, after some to warm up."""
    for _ in range(max(3, times // 10)):
        call()
    taken = np.empty(times)
    for i in range(times):
        start = time.perf_counter()
        call()
        taken[i] = (time.perf_counter() - start) * 1000
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", nargs="?", type=Path, default=SHIPPED, metavar="MODEL")
    parser.add_argument("--times", type=int, default=2000)
    options = parser.parse_args()
    file = read_model(options.model)
    codec, model = Codec.from_file(file), load_model(file)
    point = np.zeros((1, codec.latent), np.float32)

    def eager() -> np.ndarray:
        with torch.no_grad():
            image = model.decode(torch.from_numpy(point))
        return (image * 255).round().byte().permute(0, 2, 3, 1).numpy()

    assert np.abs(codec.decode(point).astype(int) - eager()).max() <= 1
    print(f"{options.model.name}, {torch.get_num_threads()} threads, {options.times} decodes of one image")
    for name, call in (("codec", lambda: codec.decode(point)), ("eager module", eager)):
        taken = milliseconds(call, options.times)
        print(f"  {name:<14} median {np.median(taken):6.3f} ms   p99 {np.percentile(taken, 99):6.3f} ms")


if __name__ == "__main__":
    main()
