"""Run folders and events as a worker would write them."""

from trainer.config import make_config
from trainer.events import Event, Started, Step, this_process, to_json
from trainer.run import Run

__all__ = ["CONFIG", "here", "step", "write"]

CONFIG = make_config({"seconds": 60})


def here(
    step: int = 0,
    continued: bool = False,
    pid: int | None = None,
    process_created: float | None = None,
    host: str | None = None,
) -> Started:
    """The start of a worker, which is this process unless something else is said."""
    mine = this_process()
    return Started(
        time=1.8e9,
        pid=mine[0] if pid is None else pid,
        process_created=mine[1] if process_created is None else process_created,
        host=host or mine[2],
        device="cpu",
        precision="float32",
        train_images=9,
        test_images=3,
        step=step,
        continued=continued,
    )


def step(number: int) -> Step:
    return Step(number, 0.5, number / 10, 100.0, 3.0, 103.0, 1e-3, 20_000.0, 0.25, 3.0)


def write(run: Run, *events: Event) -> None:
    with run.events_path.open("a", encoding="utf-8") as file:
        file.writelines(to_json(event) + "\n" for event in events)
