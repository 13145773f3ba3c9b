"""The training loop. It knows no family: it trains a LatentModel, writes a run folder, and yields events.

A run is one generator: it trains while events are asked of it. All that is needed if the worker dies at any moment is
in the run folder: see trainer.run and trainer.checkpoint.
"""

import math
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress

import numpy as np

from trainer.batches import Batches, Split
from trainer.checkpoint import Checkpoint, describe, load_checkpoint, save_checkpoint
from trainer.config import Config
from trainer.data.dataset import Dataset
from trainer.errors import FitError, RunError, TrainerError
from trainer.evaluate import Bound, Evaluation, evaluate, measure_bound
from trainer.events import (
    Epoch,
    Event,
    Failed,
    Finished,
    Paused,
    Resumed,
    Snapshot,
    Started,
    Step,
    Stopped,
    this_process,
)
from trainer.files import ModelFile, write_model
from trainer.learner import Learner
from trainer.models.fits import check_fits
from trainer.portrait import portrait
from trainer.run import EventLog, Run, clear_control, read_control, status
from trainer.schedule import Budget, Clock, Timer, batch_size, learning_rate
from trainer.tally import Tally

__all__ = ["fit"]

STEP_EVERY = 0.1  # s between two Step events
CONTROL_EVERY = 0.05  # s between two looks at the control file
CHECKPOINT_EVERY = 10.0  # s
SNAPSHOT_EVERY = 0.5  # s
SNAPSHOT_GROWTH = 0.08
HURRY = 10.0  # s: so short a training spends less of itself on being watched
SHARE = 0.05  # of the time, for snapshots, and as much for checkpoints


def fit(
    config: Config, dataset: Dataset, run: Run, *, continue_from_checkpoint: bool = False
) -> Generator[Event, None, None]:
    """Train as the config asks and yield what happens, each event after it is in the run's log.

    Pause, resume and stop come through the run's control file. With ``continue_from_checkpoint`` the run goes on from
    its newest whole checkpoint, or from the beginning where it has none; with a budget in epochs it then ends, on one
    kind of processor, with the very weights that it would have had without the interruption.

    Raises, after a Failed event: FitError if the loss is no longer a number, or memory or the disk is full; RunError
    if the checkpoints are damaged or the data set has changed; ConfigError if the device is missing, or the model is
    too large or none for this data set; ModelFileError if a snapshot cannot be written. Raises RunError, without an
    event, if the run has finished or another process is working on it.
    """
    log = EventLog(run)
    if status(run) == "finished":
        raise RunError(f"The run {run.folder.name} has finished; start a new run to train on.")
    training: Training | None = None
    try:
        with memory_errors_explained():
            training = Training(config, dataset, run, continue_from_checkpoint)
            for event in training.events():
                log.append(event)
                yield event
    except TrainerError as error:
        failed = Failed(training.learner.steps if training else 0, training.seconds() if training else 0.0, str(error))
        with suppress(RunError):  # a full disk may have no room for this line either
            log.append(failed)
        yield failed
        raise


class Training:
    """One worker's work on a run."""

    def __init__(self, config: Config, dataset: Dataset, run: Run, continued: bool) -> None:
        check_fits(config, dataset)
        self.config, self.dataset, self.run = config, dataset, run
        self.learner = Learner(config, dataset.image_shape, dataset.classes)
        self.data = describe(dataset)
        checkpoint = load_checkpoint(run, self.learner, self.data) if continued else None
        self.continued = checkpoint is not None
        self.clock = Clock(checkpoint.seconds if checkpoint else 0.0)
        device = self.learner.device
        train = Split.resident(dataset.train_images, dataset.train_labels, device)
        self.batches = Batches(train, batch_size(config, len(train)), config.seed)
        if checkpoint is None and config.reconstruction:  # without that term nothing of the data is to be seen
            self.learner.start_at(dataset.train_images.mean(0, dtype=np.float32) / 255)
        self.test = Split.resident(dataset.test_images, dataset.test_labels, device)
        self.budget = Budget(config, self.batches.steps_per_epoch)
        self.tally = Tally()
        self.epochs_told = self.learner.steps // self.batches.steps_per_epoch
        self.told = time.perf_counter()  # when the last Step event was made, or the steps after it began

    def seconds(self) -> float:
        return self.clock.seconds()

    def events(self) -> Iterator[Event]:
        """Everything from Started to Finished or Stopped."""
        yield self.started()
        yield self.snapshot()
        hurried = self.config.seconds is not None and self.config.seconds <= HURRY
        snapshots = Timer(SNAPSHOT_EVERY, SNAPSHOT_GROWTH, SHARE, 12.0 if hurried else 6.0)
        checkpoints = Timer(CHECKPOINT_EVERY, 0.0, SHARE)
        looked = 0.0
        while not self.budget.spent(self.learner.steps, self.seconds()):
            if time.perf_counter() - looked >= CONTROL_EVERY:
                looked = time.perf_counter()
                if read_control(self.run) == "pause":
                    yield from self.tell()
                    yield from self.pause()
                if read_control(self.run) == "stop":
                    yield from self.tell()
                    yield from self.stop()
                    return
            self.step()
            if time.perf_counter() - self.told >= STEP_EVERY:
                yield from self.tell()
            if snapshots.due():
                yield from self.tell()
                with snapshots.spend():
                    event = self.snapshot()
                yield event
            if checkpoints.due():
                yield from self.tell()
                with checkpoints.spend():
                    self.checkpoint()
        yield from self.tell()
        yield from self.finish()

    def step(self) -> None:
        steps, position = self.learner.steps, self.budget.position(self.learner.steps, self.seconds())
        batch = self.batches.batch(steps, self.learner.model.classes, position)
        self.tally.add(self.learner.step(batch, learning_rate(self.config.learning_rate, position)))

    def started(self) -> Started:
        pid, created, host = this_process()
        # A command from before this worker was meant for another one; one from after it must not be lost.
        with suppress(OSError):
            if self.run.control_path.stat().st_mtime < created:
                clear_control(self.run)
        for path in self.run.snapshots_folder.glob("*.safetensors"):
            if path.stem.isdecimal() and int(path.stem) > self.learner.steps:
                path.unlink()  # of steps that are now done again
        return Started(
            time=time.time(),
            pid=pid,
            process_created=created,
            host=host,
            device=str(self.learner.device),
            precision=self.learner.precision,
            train_images=len(self.dataset.train_images),
            test_images=len(self.dataset.test_images),
            step=self.learner.steps,
            continued=self.continued,
        )

    def tell(self) -> Iterator[Event]:
        """What the steps since the last Step event have brought. Raises FitError if it is no number."""
        averages = self.tally.take()
        if averages is None:
            return
        if not averages.are_finite():
            raise not_a_number(self.config, self.learner.steps)
        step, seconds, now = self.learner.steps, self.seconds(), time.perf_counter()
        per_epoch = self.batches.steps_per_epoch
        yield Step(
            step=step,
            epoch=step / per_epoch,
            seconds=seconds,
            reconstruction=averages.reconstruction,
            kl=averages.kl,
            loss=averages.loss,
            learning_rate=learning_rate(self.config.learning_rate, self.budget.progress(step, seconds)),
            images_per_second=averages.steps * self.batches.size / (now - self.told),
            progress=self.budget.progress(step, seconds),
            seconds_left=self.budget.seconds_left(step, seconds),
        )
        if step // per_epoch > self.epochs_told:
            self.epochs_told = step // per_epoch
            yield Epoch(step, self.epochs_told, seconds)
        self.told = time.perf_counter()

    def snapshot(self) -> Snapshot:
        """Measure and save the averaged weights. Raises FitError, and saves nothing, if they are no numbers."""
        self.check_weights()
        return self.save(measure_bound(self.learner.average, self.test, precision=self.learner.autocast()))

    def save(self, measured: Bound) -> Snapshot:
        path = self.run.snapshots_folder / f"{self.learner.steps:09d}.safetensors"
        event = Snapshot(
            step=self.learner.steps,
            seconds=self.seconds(),
            file=f"{path.parent.name}/{path.name}",
            reconstruction=measured.figures["reconstruction"],
            kl=measured.figures.get("kl"),
            negative_elbo=measured.figures.get("negative_elbo"),
        )
        write_model(path, self.portrait(measured))
        self.told = time.perf_counter()
        return event

    def portrait(self, measured: Bound | Evaluation) -> ModelFile:
        if not all(map(math.isfinite, measured.figures.values())):
            raise not_a_number(self.config, self.learner.steps)
        return portrait(
            self.config, self.dataset, self.learner, measured, batch=self.batches.size, seconds=self.seconds()
        )

    def checkpoint(self) -> None:
        self.check_weights()
        save_checkpoint(self.run, self.learner, Checkpoint(self.learner.steps, self.seconds(), self.data))
        self.told = time.perf_counter()

    def check_weights(self) -> None:
        if not self.learner.is_finite():
            raise not_a_number(self.config, self.learner.steps)

    def pause(self) -> Iterator[Event]:
        """Wait until the command is another one. The clock stands still."""
        self.clock.pause()
        self.checkpoint()
        yield Paused(self.learner.steps, self.seconds())
        while read_control(self.run) == "pause":
            time.sleep(CONTROL_EVERY)
        self.clock.resume()
        self.told = time.perf_counter()
        yield Resumed(self.learner.steps, self.seconds())

    def stop(self) -> Iterator[Event]:
        self.clock.pause()
        self.checkpoint()
        yield self.snapshot()
        clear_control(self.run)
        yield Stopped(self.learner.steps, self.seconds())

    def finish(self) -> Iterator[Event]:
        self.clock.pause()
        yield self.snapshot()  # at once, for whoever watches: measuring all the rest takes a second or more
        evaluation = evaluate(self.learner.average, self.dataset.test_images, self.dataset.test_labels)
        write_model(self.run.model_path, self.portrait(evaluation))
        for path in (self.run.checkpoint_path, self.run.previous_checkpoint_path):
            path.unlink(missing_ok=True)  # there is nothing left to go on with
        clear_control(self.run)
        yield Finished(self.learner.steps, self.seconds(), self.run.model_path.name, evaluation.figures)


def not_a_number(config: Config, step: int) -> FitError:
    return FitError(
        f"The training came to numbers that are not finite at step {step:,}; start it again with a learning rate "
        f"below {config.learning_rate:g}. The last snapshot is still good."
    )


@contextmanager
def memory_errors_explained() -> Iterator[None]:
    """torch says that memory is lacking in several ways; this makes one FitError of them."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        told = ("can't allocate memory", "not enough memory", "out of memory")  # Linux, Windows, graphics cards
        if not isinstance(error, MemoryError) and not any(words in str(error).lower() for words in told):
            raise
        raise FitError(
            "There is not enough memory for this training; choose a smaller batch or narrower layers."
        ) from error
