"""How long the five rules take, and how good their paths are: pairs of test points of different classes.

    python tests/benchmarks/paths.py [MODEL] [--pairs 100] [--peer-steps 150] [--without-window]

For each rule the seconds for all pairs together, which two threads share, what is prepared for the model included, and
the medians of what its paths are like: their energy as a multiple of the straight line's, and the lowest density of the
codes along them as a multiple of the median at the codes. Budgets: 5 s for the five rules on two cores; a geodesic's
energy at most 0.7; no lowest density below its line's. Beside it, in the same run, what one would write
without this program: the same discrete energy (64 pieces, all pairs at once) from the straight line, lowered by torch's
autograd and Adam, in image space alone. Then the steps of a geodesic at constant visual speed: between the largest and
the smallest change of the image, as a share of the mean; budget 5 %. Last the real window: from the choice of Geodesic
to the first curve on the map, and to the last; budget for the first: 200 ms.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the program does; before torch is imported
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import torch
from numpy.typing import NDArray
from probe_drag import SHIPPED, main_window, wait

from latentscope.app import make_application
from latentscope.state.paths import LatentPath, latent_tuple
from trainer.codec import Codec
from trainer.files import ModelFile, read_model
from trainer.models.build import load_model
from trainer.paths import RULES
from trainer.paths.around import surroundings
from trainer.paths.curve import Curve
from trainer.paths.measures import CodeDensity, figures
from trainer.paths.rule import Surroundings, joined
from trainer.paths.timing import Walk, walked

Pairs = NDArray[np.float64]
PEER_PIECES = 64


def pairs_of(file: ModelFile, count: int) -> Pairs:
    """The ends (count, 2, D) of paths: random test points of different classes."""
    codes = file.codes
    if codes is None or codes.labels is None:
        sys.exit("This model file has no labelled codes.")
    random, chosen = np.random.default_rng(0), []
    while len(chosen) < count:
        one, other = random.integers(len(codes.labels), size=2)
        if codes.labels[one] != codes.labels[other]:
            chosen.append(codes.mean[[one, other]].astype(float))
    return np.stack(chosen)


def described(name: str, seconds: float, curves: list[Curve], around: Surroundings, density: CodeDensity) -> Pairs:
    """Prints a row of the table; the lowest density along each curve."""
    found = [figures(curve, around, density) for curve in curves]
    energy = np.array([one.energy for one in found], float)
    lowest = np.array([one.density for one in found], float)
    print(
        f"  {name:<28} {seconds:7.2f} {np.median(energy):9.3f} {(energy > 1).mean():9.0%} {np.median(lowest):11.3f}"
        f" {np.quantile(lowest, 0.05):11.4f}"
    )
    return lowest


def by_rules(around: Surroundings, pairs: Pairs, density: CodeDensity) -> list[Curve]:
    print("  rule                         seconds    energy   above 1     lowest     5 of 100")
    total, curves, lowest = 0.0, {}, {}
    for kind, rule in RULES.choices.items():
        begun = time.perf_counter()
        curves[kind] = [joined(pairs[0], kind, around)]  # which prepares what all of them need
        with ThreadPoolExecutor(2, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            curves[kind] += pool.map(lambda ends, kind=kind: joined(ends, kind, around), pairs[1:])
        seconds = time.perf_counter() - begun
        total += seconds
        lowest[kind] = described(rule.title, seconds, curves[kind], around, density)
    print(f"  {'all five':<28} {total:7.2f}")
    short = np.log(lowest["geodesic"] / lowest["linear"])
    print(
        f"  of {len(pairs)} geodesics {(short < -0.01).sum()} pass sparser places than the straight line,"
        f" {(short < -0.1).sum()} of them by more than a tenth; the worst by a factor of {np.exp(-short.min()):.2f}"
    )
    return curves["geodesic"]


def by_autograd(file: ModelFile, around: Surroundings, pairs: Pairs, density: CodeDensity, steps: int) -> None:
    begun = time.perf_counter()
    model = load_model(file).eval().requires_grad_(False)
    ends = torch.tensor(pairs, dtype=torch.float32)
    share = torch.linspace(0, 1, PEER_PIECES + 1)[None, :, None]
    line = (1 - share) * ends[:, :1] + share * ends[:, 1:]
    inner = line[:, 1:-1].clone().requires_grad_(True)
    optimiser = torch.optim.Adam([inner], lr=0.02)
    for _ in range(steps):
        z = torch.cat([line[:, :1], inner, line[:, -1:]], dim=1)
        images = model.decode(z.flatten(0, 1)).flatten(1).unflatten(0, z.shape[:2])
        energy = PEER_PIECES * images.diff(dim=1).square().sum()
        optimiser.zero_grad()
        energy.backward()
        optimiser.step()
    points = torch.cat([line[:, :1], inner, line[:, -1:]], dim=1).detach().double().numpy()
    points[:, 0], points[:, -1] = pairs[:, 0], pairs[:, 1]
    curves = [Curve(one, np.array([0, PEER_PIECES])) for one in points]
    described(f"autograd and Adam, {steps} steps", time.perf_counter() - begun, curves, around, density)


def visual_speed(curves: list[Curve], around: Surroundings) -> None:
    assert around.decode is not None
    uneven, begun = [], time.perf_counter()
    for curve in curves:
        images = around.decode(walked(curve, Walk(16, "visual"), around)).astype(float)
        change = np.linalg.norm(np.diff(images, axis=0), axis=1)
        uneven.append(float(np.ptp(change) / change.mean()))
    print(
        f"  16 steps of equal image change along the geodesics: they differ by {np.median(uneven):.1%} of their mean,"
        f" {max(uneven):.1%} at most ({(time.perf_counter() - begun) / len(curves) * 1000:.0f} ms each)"
    )


def in_the_window(model: Path, pairs: Pairs) -> None:
    application = make_application()
    first, last = [], []
    with main_window(application, model) as window:
        for number, ends in enumerate(pairs):
            window.workspace.pathing.set_current(LatentPath(tuple(latent_tuple(z) for z in ends)))
            wait(application, window.is_settled)
            path = LatentPath(tuple(latent_tuple(z) for z in ends), "geodesic")
            begun = time.perf_counter()
            window.workspace.pathing.set_current(path)
            wait(application, lambda path=path: len(window.map.routes.route(path).curve.points) > 2)
            first.append((time.perf_counter() - begun) * 1000)
            wait(application, lambda path=path: window.map.routes.route(path).final)
            last.append((time.perf_counter() - begun) * 1000)
            if number == 0:
                print(f"  in the window: the first geodesic is seen after {first[0]:.0f} ms, done after {last[0]:.0f}")
    print(
        f"  the next {len(pairs) - 1}: seen after {np.median(first[1:]):.0f} ms (the slowest {max(first[1:]):.0f}),"
        f" done after {np.median(last[1:]):.0f} ({max(last[1:]):.0f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("model", nargs="?", type=Path, default=SHIPPED, metavar="MODEL")
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--peer-steps", type=int, default=150, help="of Adam; 0: no peer")
    parser.add_argument("--without-window", action="store_true")
    options = parser.parse_args()
    file = read_model(options.model)
    codec, pairs = Codec.from_file(file), pairs_of(file, options.pairs)
    density = CodeDensity.of(file.codes.mean if file.codes is not None else None)
    assert density is not None
    codec.means(pairs[:, 0])  # torch loads some of itself at its first use
    around = surroundings(codec, file.codes)
    print(f"{options.model.name}, {len(pairs)} pairs of test points, {torch.get_num_threads()} threads")
    for kind in RULES.names():  # loads the modules, and prepares nothing of this model
        joined(pairs[0], kind, replace(around, codes=pairs.reshape(-1, codec.latent), kept={}))
    curves = by_rules(around, pairs, density)
    visual_speed(curves, around)
    if options.peer_steps:
        by_autograd(file, around, pairs, density, options.peer_steps)
    if not options.without_window:
        in_the_window(options.model, pairs[:20])


if __name__ == "__main__":
    main()
