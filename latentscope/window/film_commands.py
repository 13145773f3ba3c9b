"""What the Train menu offers for the film of the open run."""

from functools import partial
from typing import TYPE_CHECKING

from latentscope.window.commands import Command, Separator

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["FilmCommands"]


class FilmCommands:
    """The commands of one window's film."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def all(self) -> list[Command | Separator]:
        film = self._window.film
        whole = "Show the open run as a film, from its first snapshot to its newest"
        back = "Back from an earlier moment of the training"
        return [
            Separator("Train"),
            Command("play-film", "Train", "Play the Training", film.toggle_play, "Ctrl+Alt+Space", whole),
            Command("earlier", "Train", "Earlier Snapshot", partial(film.step_by, -1), "Alt+Left"),
            Command("later", "Train", "Later Snapshot", partial(film.step_by, 1), "Alt+Right"),
            Command("newest", "Train", "Newest Snapshot", film.newest, "Alt+End", back),
        ]

    def connect(self) -> None:
        """Keep the entries up to date, once they are there."""
        self._window.film.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        window, film = self._window, self._window.film
        there, last = len(film.shots) > 1, len(film.shots) - 1
        window.action("play-film").setEnabled(there)
        window.action("play-film").setText("Stop Playing the Training" if film.playing else "Play the Training")
        window.action("earlier").setEnabled(there and film.position > 0)
        window.action("later").setEnabled(there and (film.position < last or film.detached))
        window.action("newest").setEnabled(there and not film.at_newest)
