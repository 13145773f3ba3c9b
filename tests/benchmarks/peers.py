"""Images a second and seconds to a given test −ELBO: this engine beside what people use, in one run on the same data.

    pip install '.[bench]'
    python tests/benchmarks/peers.py [--data mnist] [--target 151.3] [--only ours,keras] [--seed 0]

- quick        ``python -m trainer fit --preset quick``: what is asked of this engine where seconds count
- ours         the same with its defaults, for --seconds-each (60)
- network      this engine's default network in a plain PyTorch loop with a DataLoader
- keras        the VAE code example of keras.io under TensorFlow
- twin         the network of that example in a plain PyTorch loop with a DataLoader
- pythae       pythae's default VAE

Each trains in a process of its own on the train split, on the processor, until it reaches the target or has seen
--epochs (30: the Keras example's) passes or trained for --seconds-each (no limit, but for ours). ``--target 0`` lets
each use up its budget. All have two latent dimensions, and −ELBO is measured by the same code on the same test images:
peer/elbo.py.

*Seconds to the target* begin with the start of the process: imports, reading the data and compiling are in them. A peer
is looked at after each epoch, and the time that this takes is taken off its clock. Ours is looked at in its snapshots,
which it makes in any case, and whatever it spends on measuring, saving and telling stays on its clock. *Images a
second* are counted from the end of the first epoch to the end of the training, in all of which the same holds; they
need two epochs.

Budgets on two cores, MNIST: 7 s to the 151.3 that the Keras example has after its 30 epochs, and ten times its
images/s.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT)]

import numpy as np  # noqa: E402
from peer import ours  # noqa: E402
from peer.course import Mark, from_line  # noqa: E402

from trainer.data import Dataset, load_dataset  # noqa: E402
from trainer.errors import TrainerError  # noqa: E402

OURS_SECONDS = 60.0  # the default budget


@dataclass(frozen=True)
class Peer:
    title: str
    module: str
    needs: tuple[str, ...]  # what must be installed


PEERS = {
    "quick": Peer("this engine, --preset quick", "trainer", ("torch",)),
    "ours": Peer("this engine", "trainer", ("torch",)),
    "network": Peer("this engine's network, PyTorch loop", "peer.our_network", ("torch",)),
    "keras": Peer("Keras example, TensorFlow", "peer.keras_example", ("tensorflow", "keras")),
    "twin": Peer("the example's network, PyTorch loop", "peer.keras_twin", ("torch",)),
    "pythae": Peer("pythae's VAE", "peer.pythae_vae", ("pythae",)),
}


class Failure(Exception):
    """A peer did not get through; the text says why."""


@dataclass(frozen=True)
class Result:
    marks: list[Mark]
    images_per_second: float | None


def lines_of(command: list[str]) -> Iterator[tuple[float, str]]:
    """What a new process prints, each line with the seconds since its start. Raises Failure if it fails."""
    paths = [str(HERE), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONIOENCODING": "utf-8",
        "CUDA_VISIBLE_DEVICES": "-1",  # everybody on the processor
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        start = time.time()
        command = [word.replace("{started}", repr(start)) for word in command]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8", errors="replace", env=environment
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    yield time.time() - start, line
            finally:
                if sys.exc_info()[0] is not None:  # Ctrl+C, or a fault here: nobody listens any more
                    process.terminate()
        if process.returncode:
            errors.seek(0)
            last = [line.strip() for line in errors.read().splitlines() if line.strip()][-3:]
            raise Failure(f"failed with code {process.returncode}: {' / '.join(last)}")


def measure(name: str, options: argparse.Namespace, data: str, dataset: Dataset) -> Result:
    """Train one peer. Raises Failure."""
    if name in ("ours", "quick"):
        seconds_each = None if name == "quick" else options.seconds_each or OURS_SECONDS
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder) / "run"
            command = ours.command(data, seconds_each, options.seed, run)
            found, speed = ours.marks(lines_of(command), run, dataset.test_images, options.target)
        for snapshot in found:
            tell(name, snapshot)
        return Result(found, speed)
    settings = {"--data": data, "--epochs": options.epochs, "--target": options.target, "--seed": options.seed}
    command = [sys.executable, "-m", PEERS[name].module, "--started", "{started}"]
    if options.seconds_each:
        settings["--seconds"] = options.seconds_each
    command += [str(word) for setting in settings.items() for word in setting]
    found = []
    for _, line in lines_of(command):
        if (mark := from_line(line)) is not None:
            tell(name, mark)
            found.append(mark)
    if not found:
        raise Failure("said nothing")
    first, last = found[0], found[-1]
    return Result(found, (last.images - first.images) / (last.seconds - first.seconds) if len(found) > 1 else None)


def tell(name: str, mark: Mark) -> None:
    print(f"  {name:<10}{mark.epochs:6.1f} epochs{mark.seconds:8.1f} s{mark.negative_elbo:9.2f} nats", file=sys.stderr)


def line_of_table(title: str, result: Result, target: float) -> str:
    speed = f"{result.images_per_second:,.0f}" if result.images_per_second else "–"
    reached = next((mark for mark in result.marks if mark.negative_elbo <= target), None)
    seconds = f"{reached.seconds:.1f}" if reached else "–"
    end = result.marks[-1]
    return (
        f"  {title:<36}{speed:>10}{seconds:>12}   "
        f"{end.negative_elbo:.2f} nats after {end.seconds:.1f} s, {end.epochs:.1f} epochs"
    )


def trial(dataset: Dataset, limit: int, folder: Path) -> Path:
    """A file of the first so many images of both splits."""
    path = folder / "trial.npz"
    np.savez(path, images=dataset.train_images[:limit], test_images=dataset.test_images[:limit])
    return path


def missing(peer: Peer) -> list[str]:
    return [module for module in peer.needs if importlib.util.find_spec(module) is None]


def names(text: str) -> list[str]:
    chosen = [name.strip() for name in text.split(",")]
    if unknown := [name for name in chosen if name not in PEERS]:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(unknown)}; choose from {', '.join(PEERS)}")
    return chosen


def count(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("give 1 or more")
    return number


def duration(text: str) -> float:
    if not (seconds := float(text)) > 0:
        raise argparse.ArgumentTypeError("give more than 0 seconds")
    return seconds


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n\n", 1)[0],
        epilog=(__doc__ or "").split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", default="mnist", help="a data set of grey images of 28×28 (mnist)")
    parser.add_argument("--target", type=float, default=151.3, help="test −ELBO, nats per image (151.3)")
    parser.add_argument("--epochs", type=count, default=30, help="most passes of the peers over the data (30)")
    parser.add_argument("--seconds-each", type=duration, help="of training: the budget of ours, a limit for the others")
    parser.add_argument("--only", type=names, default=list(PEERS), help=f"some of {','.join(PEERS)}")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=count, help="a trial, with so few images")
    return parser.parse_args()


def main(options: argparse.Namespace) -> int:
    dataset = load_dataset(options.data)
    if dataset.image_shape != (28, 28, 1):
        print("The peers' networks are made for grey images of 28×28; choose mnist or fashion-mnist.", file=sys.stderr)
        return 2
    failures = 0
    results: dict[str, Result | str] = {}
    with tempfile.TemporaryDirectory() as folder:
        data = str(trial(dataset, options.limit, Path(folder))) if options.limit else options.data
        dataset = load_dataset(data)
        for name in options.only:
            try:
                if lacking := missing(PEERS[name]):
                    raise Failure(f"{' and '.join(lacking)} not installed: pip install '.[bench]'")
                results[name] = measure(name, options, data, dataset)
            except Failure as failure:
                results[name] = str(failure)
                failures += 1
    train, test = len(dataset.train_images), len(dataset.test_images)
    print(f"{options.data}, {train:,} train and {test:,} test images, {os.cpu_count()} processor cores")
    print(f"  {'':<36}{'images/s':>10}{f's to {options.target:g}':>12}   at the end")
    for name, result in results.items():
        title = PEERS[name].title
        print(f"  {title:<36}{result:>10}" if isinstance(result, str) else line_of_table(title, result, options.target))
    return 1 if failures else 0


if __name__ == "__main__":
    try:
        sys.exit(main(parse()))
    except TrainerError as error:
        sys.exit(str(error))
