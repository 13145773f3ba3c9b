"""The window's part that plays paths: the film strip, the playhead on the map, and what the Edit menu says of them."""

from functools import partial
from typing import TYPE_CHECKING

from latentscope.map.view import MapView
from latentscope.panels.film.controls import MODES
from latentscope.panels.film.panel import FilmStripPanel
from latentscope.paths.playing import SPEEDS, Mode, Playing, standing
from latentscope.paths.possible import possible_style
from latentscope.state.paths import Latent
from latentscope.window.commands import Command, Separator

if TYPE_CHECKING:
    from latentscope.main_window import MainWindow

__all__ = ["Playback"]

MENU = "Edit/Film Strip"
MODE_KEYS = {False: "film/mode", True: "film/mode of loops"}  # of open paths, of closed ones
SPEED_KEY = "film/speed"


class Playback:
    """The film of one window's active path."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = w = window
        self.playing = Playing(w.workspace, w.map.routes, w)
        self._recall()
        self.panel = FilmStripPanel(w.workspace, w.decoding, w.map.routes, self.playing, w.originals, w.theme)

    def commands(self) -> list[Command | Separator]:
        playing = self.playing
        return [
            Command("play", MENU, "Play", playing.toggle, "Ctrl+Space", "Run the probe along the path"),
            Command("next-frame", MENU, "Next Frame", partial(self._step, 1), "Ctrl+Alt+Right"),
            Command("previous-frame", MENU, "Previous Frame", partial(self._step, -1), "Ctrl+Alt+Left"),
            Separator(MENU),
            *(
                Command(f"play-{mode}", MENU, title, partial(self._take_mode, mode), tip=tip, group="film mode")
                for mode, (title, _, tip) in MODES.items()
            ),
            Separator(MENU),
            Command("play-faster", MENU, "Faster", partial(self._faster, 1)),
            Command("play-slower", MENU, "Slower", partial(self._faster, -1)),
        ]

    def connect(self) -> None:
        """Wire the film to the rest of the window, once that is there."""
        w = self._window
        self.panel.title_changed.connect(w.docks[self.panel.title].setWindowTitle)
        w.docks[self.panel.title].visibilityChanged.connect(self.panel.set_seen)
        self.playing.moved.connect(self._show_playhead)
        self.playing.changed.connect(self._show_playhead)
        w.compare.links.paths_moved.connect(self._show_playhead)
        self.playing.changed.connect(self._refresh)
        self.playing.changed.connect(self._remember)
        w.workspace.pathing.changed.connect(self._refresh)
        w.workspace.model_changed.connect(self._refresh)
        w.workspace.model_changed.connect(self._fit_style)
        self._refresh()

    def _fit_style(self) -> None:
        """The next path that is drawn must be one that the model which is open now can have."""
        workspace = self._window.workspace
        workspace.pathing.style = possible_style(workspace.pathing.style, workspace.codes)

    def _recall(self) -> None:
        """Play as in the session before."""
        for closed, key in MODE_KEYS.items():
            mode = self._window.settings.text(key)
            self.playing.set_mode(
                next((one for one in MODES if one == mode), self.playing.mode_of(closed=closed)), closed=closed
            )
        speed = self._window.settings.text(SPEED_KEY)
        self.playing.set_speed(next((known for known in SPEEDS if f"{known:g}" == speed), self.playing.speed))

    def restore(self, modes: dict[bool, Mode], speed: float, moment: float) -> None:
        """Play as in a workspace that was kept, closed paths (True) and others, and stand where it stood."""
        self.playing.pause()
        for closed, mode in modes.items():
            self.playing.set_mode(mode, closed=closed)
        self.playing.set_speed(min(SPEEDS, key=lambda known: abs(known - speed)))
        if moment > 0:
            self.playing.seek(moment)

    def _remember(self) -> None:
        for closed, key in MODE_KEYS.items():
            self._window.settings.set_text(key, self.playing.mode_of(closed=closed))
        self._window.settings.set_text(SPEED_KEY, f"{self.playing.speed:g}")

    def _show_playhead(self) -> None:
        """On every map: each has the path as it runs there, and its playhead at the same moment of it."""
        playing, w = self.playing, self._window
        put_playhead(w.map, (playing.place, playing.ahead) if playing.begun else (None, None))
        for companion in w.compare.companions:
            path, routes = companion.workspace.pathing.current, companion.map.routes
            shown = standing(routes.route(path), playing.moment) if path is not None and playing.begun else (None, None)
            put_playhead(companion.map, shown)

    def _refresh(self) -> None:
        window, playing = self._window, self.playing
        for name in ("play", "next-frame", "previous-frame"):
            window.action(name).setEnabled(playing.frames > 0)
        window.action("play").setText("Pause" if playing.playing else "Play")
        window.action(f"play-{playing.mode}").setChecked(True)
        window.action("play-faster").setEnabled(playing.speed < SPEEDS[-1])
        window.action("play-slower").setEnabled(playing.speed > SPEEDS[0])

    def _step(self, frames: int) -> None:
        last = max(self.playing.frames - 1, 1)
        self.playing.pause()
        self.playing.seek((round(self.playing.frame) + frames) / last)

    def _take_mode(self, mode: Mode, _checked: bool = True) -> None:
        self.playing.set_mode(mode)

    def _faster(self, steps: int) -> None:
        place = SPEEDS.index(self.playing.speed) + steps
        self.playing.set_speed(SPEEDS[min(max(place, 0), len(SPEEDS) - 1)])


def put_playhead(view: MapView, place_and_ahead: tuple[Latent | None, Latent | None]) -> None:
    view.playhead_overlay.place, view.playhead_overlay.ahead = place_and_ahead
    view.repaint_overlay(view.playhead_overlay)
