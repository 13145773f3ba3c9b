"""How long an atlas of 30 × 30 images takes to decode.

    python tests/benchmarks/atlas_time.py [MODEL] [--size 30]

Beside it, in the same run: the same images decoded one by one by an eager call of the module.
Budget for the shipped model: 20 ms.
"""

import argparse
import os
import statistics
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
from trainer.geometry import atlas_grid, axis_plane  # noqa: E402
from trainer.models.build import load_model  # noqa: E402

SHIPPED = ROOT / "assets" / "mnist-vae-2d.safetensors"


def median_ms(call: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times + 1):
        start = time.perf_counter()
        call()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", nargs="?", type=Path, default=SHIPPED, metavar="MODEL")
    parser.add_argument("--size", type=int, default=30)
    options = parser.parse_args()
    file = read_model(options.model)
    codec, model = Codec.from_file(file), load_model(file)
    grid = atlas_grid(options.size).reshape(-1, 2)
    points = axis_plane(codec.latent).to_latent(grid).astype(np.float32)

    @torch.no_grad()
    def one_by_one() -> list[np.ndarray]:
        return [model.decode(torch.from_numpy(point[None])).numpy() for point in points]

    print(f"{options.model.name}, {torch.get_num_threads()} threads, atlas of {options.size} × {options.size}, medians")
    print(f"  {'codec':<14} {median_ms(lambda: codec.decode(points), 50):7.2f} ms")
    print(f"  {'one by one':<14} {median_ms(one_by_one, 5):7.2f} ms")


if __name__ == "__main__":
    main()
