"""Images a second in training, everything included, and the test −ELBO that they buy.

    python tests/benchmarks/throughput.py [--data mnist] [--seconds 20]

Beside it, in the same run, on the same data and for the same time: the same network in a plain PyTorch loop, with a
DataLoader over a TensorDataset and torch's own Adam.
Budget on two cores, MNIST: 20,000 images/s.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the program does: see trainer/__main__.py
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset  # noqa: E402

from trainer.config import Config, make_config  # noqa: E402
from trainer.data import Dataset, load_dataset  # noqa: E402
from trainer.evaluate import evaluate  # noqa: E402
from trainer.events import Finished  # noqa: E402
from trainer.files import read_model  # noqa: E402
from trainer.fit import fit  # noqa: E402
from trainer.models.build import build_model  # noqa: E402
from trainer.run import create_run  # noqa: E402


def ours(config: Config, dataset: Dataset) -> tuple[float, float]:
    """Images a second, and the test −ELBO in nats."""
    with tempfile.TemporaryDirectory() as folder:
        run = create_run(Path(folder) / "run", config)
        *_, finished = fit(config, dataset, run)
        assert isinstance(finished, Finished)
        return read_model(run.model_path).record["images_per_second"], finished.figures["negative_elbo"]


def plain(config: Config, dataset: Dataset) -> tuple[float, float]:
    model = build_model(config, dataset.image_shape)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    images = torch.from_numpy(dataset.train_images).permute(0, 3, 1, 2).float() / 255
    loader = DataLoader(TensorDataset(images), batch_size=config.batch, shuffle=True)
    count, start = 0, time.perf_counter()
    while True:
        for (x,) in loader:
            optimiser.zero_grad()
            model.loss(x).total.backward()
            optimiser.step()
            count += len(x)
            if (seconds := time.perf_counter() - start) >= (config.seconds or 0):
                return count / seconds, evaluate(model, dataset.test_images).figures["negative_elbo"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    config = make_config({"data": options.data, "seconds": options.seconds, "device": "cpu"})
    dataset = load_dataset(config.data)
    print(f"{config.data}, {options.seconds:g} s each, {torch.get_num_threads()} threads")
    for name, train in (("this engine", ours), ("plain PyTorch loop", plain)):
        speed, bound = train(config, dataset)
        print(f"  {name:<20} {speed:9,.0f} images/s   test −ELBO {bound:7.2f} nats")


if __name__ == "__main__":
    main()
