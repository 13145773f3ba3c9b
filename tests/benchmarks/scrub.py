"""How long one frame of the film of a training takes: from the seek to the painted map, curves and decoded image.

    python tests/benchmarks/scrub.py [MODEL] [--snapshots 8] [--frames 300]

The real main window, on a run whose snapshots have the shipped model's 10,000 points, wandering, and its weights, with
noise. Budget: one frame of a display, 16.7 ms. Beside it: a frame without new points, a move of the probe.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the program does; before torch is imported
if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from latentscope.app import make_application  # noqa: E402
from latentscope.main_window import MainWindow  # noqa: E402
from latentscope.settings import Settings  # noqa: E402
from latentscope.start.garbage import Garbage  # noqa: E402
from trainer.events import Finished, Snapshot, Started, Step, this_process, to_json  # noqa: E402
from trainer.files import Codes, ModelFile, read_model, write_model  # noqa: E402
from trainer.run import Run, create_run  # noqa: E402

SHIPPED = ROOT / "assets" / "mnist-vae-2d.safetensors"
SIZE = 1600, 1000
FRAME_MS = 1000 / 60


def filmed(folder: Path, file: ModelFile, count: int) -> Run:
    """A run with so many snapshots of a model, whose points and weights wander a little from one to the next."""
    run, random = create_run(folder, file.config), np.random.default_rng(0)
    codes = file.codes
    assert codes is not None
    mean = codes.mean
    events: list[Started | Step | Snapshot | Finished] = [
        Started(time.time(), *this_process()[:2], this_process()[2], "cpu", "float32", 60_000, len(mean))
    ]
    for number in range(count):
        name = f"snapshots/{100 * number:09d}.safetensors"
        weights = {k: v + random.normal(0, 1e-3, v.shape).astype(np.float32) for k, v in file.weights.items()}
        write_model(folder / name, replace(file, weights=weights, codes=Codes(mean, None, codes.labels)))
        events.append(Step(100 * number, number / 2, number, 140.0, 6.0, 146.0, 1e-3, 2e4, number / count, 1.0))
        events.append(Snapshot(100 * number, float(number), name, 140.0, 6.0, 146.0))
        mean = (0.97 * mean + random.normal(0, 0.1, mean.shape)).astype(np.float32)
    events.append(Finished(100 * count, float(count), run.model_path.name))
    run.events_path.write_text("".join(to_json(event) + "\n" for event in events), encoding="utf-8")
    return run


def wait(application: QApplication, until: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.perf_counter() + seconds
    while not until() and time.perf_counter() < deadline:
        application.processEvents()
        time.sleep(0.002)
    assert until(), "the window did not get ready"


def show(what: str, taken: list[float]) -> None:
    median, late = np.percentile(taken, [50, 99])
    print(f"  {what:<26} median {median:5.1f} ms ({median / FRAME_MS:.0%} of a frame)   99 of 100 {late:5.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path, default=SHIPPED)
    parser.add_argument("--snapshots", type=int, default=8)
    parser.add_argument("--frames", type=int, default=300)
    options = parser.parse_args()
    application = make_application()
    with tempfile.TemporaryDirectory(prefix="latentscope-", ignore_cleanup_errors=True) as home:
        os.environ["LATENTSCOPE_HOME"] = home
        run = filmed(Path(home) / "runs" / "film", read_model(options.model), options.snapshots)
        window = MainWindow(Settings(Path(home) / "settings.ini"), "dark")
        garbage = Garbage()
        window.resize(*SIZE)
        window.show()
        window.open_path(run.folder)
        wait(application, lambda: len(window.film.shots) == options.snapshots and window.is_settled())
        window.show_panel(window.training_panel)
        for shot in range(options.snapshots):  # decoders come from the disk once
            window.film.seek(float(shot))
            wait(application, window.is_settled)
        garbage.freeze()

        def frames(change: Callable[[float], None]) -> list[float]:
            taken = []
            for share in np.linspace(0, 1, options.frames):
                begin = time.perf_counter()
                change(float(share))
                application.processEvents()
                taken.append((time.perf_counter() - begin) * 1000)
                while time.perf_counter() < begin + FRAME_MS / 1000:
                    application.processEvents()
            return taken

        last = options.snapshots - 1
        codes = window.workspace.codes
        assert codes is not None
        print(f"{len(codes.mean):,} points, {options.snapshots} snapshots, map of {window.map.width()} × ", end="")
        print(window.map.height())
        show("a frame of the film", frames(lambda share: window.film.seek(share * last)))
        window.workspace.set_layers(replace(window.workspace.layers, atlas=False))
        show("the same, no atlas", frames(lambda share: window.film.seek((1 - share) * last)))
        show("a move of the probe", frames(lambda share: window.workspace.set_probe([share, np.sin(9 * share)])))
        window.close()


if __name__ == "__main__":
    main()
