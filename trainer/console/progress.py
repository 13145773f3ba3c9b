"""A training's progress on the terminal: a live line where there is one, else a line for each snapshot."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from trainer.console.speech import say
from trainer.events import Event, Paused, Resumed, Snapshot, Started, Step

__all__ = ["Display", "clock"]


class Display:
    """Shows events on stderr, unless ``quiet``."""

    def __init__(self, quiet: bool = False) -> None:
        console = Console(stderr=True)
        live = console.is_terminal and not quiet
        self._lines = not live and not quiet
        self._progress = Progress(
            TextColumn("{task.fields[state]}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[figures]}"),
            TextColumn("[dim]{task.fields[speed]}"),
            console=console,
            disable=not live,
            transient=True,
        )
        self._task = self._progress.add_task("", total=1.0, state="Starting", figures="", speed="")
        self._speed = ""

    def __enter__(self) -> "Display":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, event: Event) -> None:
        match event:
            case Started():
                self._update(state="Training", speed=f"{event.device}, {event.precision}")
            case Step():
                left = "" if event.seconds_left is None else f", {clock(event.seconds_left)} left"
                self._speed = f"{event.images_per_second:,.0f} images/s{left}"
                state = "Training" if event.progress < 1 else "Measuring"  # the test split, which takes a while
                self._update(
                    state=state,
                    completed=event.progress,
                    figures=parts(event.reconstruction, event.kl),
                    speed=self._speed,
                )
            case Paused():
                self._update(state="Paused")
            case Resumed():
                self._update(state="Training")
            case Snapshot() if self._lines:
                say(f"step {event.step:,}: test {parts(event.reconstruction, event.kl)}  {self._speed}".rstrip())

    def _update(self, **fields: object) -> None:
        self._progress.update(self._task, **fields)  # type: ignore[arg-type]


def parts(reconstruction: float, kl: float | None) -> str:
    """−ELBO and the two parts that it is made of, in nats per image; for an autoencoder the one that there is."""
    if kl is None:
        return f"reconstruction {reconstruction:.2f}"
    return f"−ELBO {reconstruction + kl:.2f} = {reconstruction:.2f} + KL {kl:.2f}"


def clock(seconds: float) -> str:
    """Such as 7 s, 2:05 (minutes) and 1:02:05 (hours)."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes}:{rest:02d}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
