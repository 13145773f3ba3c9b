"""A peer's training, seen from inside its process: what it is to do, and what it says about it."""

import argparse
import dataclasses
import json
import sys
import time
from dataclasses import dataclass

from peer.elbo import Decode, Encode, negative_elbo
from trainer.data import load_dataset

__all__ = ["Course", "Mark", "from_line"]


@dataclass(frozen=True)
class Mark:
    """How far a training was at one moment."""

    seconds: float  # from the start of the process, without the time in which −ELBO was measured
    images: int  # trained on so far, each as often as it was seen
    epochs: float
    negative_elbo: float  # on the test images, nats per image


class Course:
    """What the command line asks of a peer. Says a Mark, as one line of JSON on stdout, after each epoch.

    Whatever else is printed in this process goes to stderr.
    """

    def __init__(self) -> None:
        parser = argparse.ArgumentParser()
        parser.add_argument("--data", required=True)
        parser.add_argument("--started", type=float, required=True)  # s since 1970
        parser.add_argument("--epochs", type=int, required=True)
        parser.add_argument("--seconds", type=float, default=float("inf"))
        parser.add_argument("--target", type=float, required=True)
        parser.add_argument("--seed", type=int, required=True)
        options = parser.parse_args()
        self._out, sys.stdout = sys.stdout, sys.stderr
        self.dataset = load_dataset(options.data)
        self.epochs: int = options.epochs
        self.seed: int = options.seed
        self._target: float = options.target
        self._started: float = options.started
        self._measuring = 0.0  # s spent in measuring so far
        self._done = 0  # epochs
        self._limit = self._seconds() + options.seconds

    def _seconds(self) -> float:
        return time.time() - self._started - self._measuring

    def epoch_done(self, encode: Encode, decode: Decode) -> bool:
        """Measure and say how it stands after one more epoch. Whether that is enough.

        It is when the target is reached or the budget used up; not before the second epoch, since speed is counted
        from the end of the first.
        """
        seconds, begin = self._seconds(), time.perf_counter()
        self._done += 1
        mark = Mark(
            seconds,
            self._done * len(self.dataset.train_images),
            self._done,
            negative_elbo(encode, decode, self.dataset.test_images),
        )
        print(json.dumps(dataclasses.asdict(mark)), file=self._out, flush=True)
        self._measuring += time.perf_counter() - begin
        reached = mark.negative_elbo <= self._target and self._done > 1
        return reached or self._done >= self.epochs or seconds >= self._limit


def from_line(line: str) -> Mark | None:
    """The mark of one line of a peer's stdout; None for a line that is none."""
    try:
        return Mark(**json.loads(line))
    except (ValueError, TypeError):
        return None
