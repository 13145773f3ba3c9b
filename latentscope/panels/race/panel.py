"""The Race dock: the two ends of the active path under each rule, one under another and in step."""

from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from latentscope.decoding import Decoding, Pictures
from latentscope.panels.race.columns import COLUMNS
from latentscope.panels.race.lane import COLUMN, NAME, LaneFrames, LaneHead
from latentscope.panels.scrolled import scrolled
from latentscope.paths.playing import Playing
from latentscope.paths.race import Lane, Race
from latentscope.paths.routes import Route
from latentscope.state.paths import KEPT_COLOURS
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme, path_colour
from trainer.paths import RULES

__all__ = ["RacePanel", "lane_colour"]

HEAD = 38  # px: the height of the titles
LOWEST, GOOD, HIGHEST = 50, 74, 130  # px: of a lane
SCROLL_BAR = 12
ON_STEP = 1e-9  # latent units
NEAR = 60  # px: more than half a frame


class RacePanel(QWidget):
    """The ends of the active path joined by every rule, in step: how long each way is, and what it leads through."""

    title = "Race"
    looked = Signal()  # it is seen, or not any more

    def __init__(self, race: Race, workspace: Workspace, decoding: Decoding, playing: Playing, theme: Theme) -> None:
        super().__init__()
        self._playing = playing
        self.race, self._workspace, self._decoding, self._theme = race, workspace, decoding, theme
        self._routes: dict[str, Route] = {}  # what the frames show, or are being decoded for
        self.heads = {rule.name: LaneHead(rule) for rule in RULES.choices.values()}
        self.lanes = {rule.name: LaneFrames(rule, theme) for rule in RULES.choices.values()}
        self.judge = QLabel()
        self.judge.setProperty("role", "muted")
        self.judge.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # cut short, not pushing
        self._judge_in_words = ""
        self._hint = QLabel("Draw a path on the map (Shift + drag): its two ends then race by every rule there is.")
        self._hint.setProperty("role", "muted")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        self.strip = QScrollArea()
        self.strip.setWidgetResizable(True)
        self.strip.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.strip.setWidget(self._column([*self.lanes.values()]))
        inner = QWidget()
        beside = QHBoxLayout(inner)
        beside.setContentsMargins(8, 0, 4, 0)
        beside.setSpacing(12)
        beside.setAlignment(Qt.AlignmentFlag.AlignTop)
        left = self._column([*self.heads.values()])
        left.setFixedWidth(NAME + COLUMN * len(COLUMNS))
        beside.addWidget(left, 0, Qt.AlignmentFlag.AlignTop)
        beside.addWidget(self.strip, 1, Qt.AlignmentFlag.AlignTop)
        self.area = scrolled(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self._titles = self._title_line()
        layout.addWidget(self._titles)
        layout.addWidget(self.area, 1)
        layout.addWidget(self._hint, 1)
        self.setMinimumHeight(84)

        for name, head in self.heads.items():
            head.name.clicked.connect(partial(self._choose, name))
        for name, lane in self.lanes.items():
            lane.frames.pointed.connect(partial(self._go_to, name))
            lane.frames.chosen.connect(partial(self._go_to, name))
            lane.frames.dragged.connect(self._pull)
        race.changed.connect(self.refresh)
        decoding.ready.connect(self._decode_again)
        workspace.probe_shown.connect(self._mark_probe)
        playing.moved.connect(self._follow)
        self.refresh()

    @staticmethod
    def _column(widgets: list[LaneHead] | list[LaneFrames]) -> QWidget:
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in widgets:
            layout.addWidget(widget)
        return column

    def _title_line(self) -> QWidget:
        line = QWidget()
        layout = QHBoxLayout(line)
        layout.setContentsMargins(8, 0, 4, 0)
        layout.setSpacing(0)
        layout.addSpacing(NAME)
        for column in COLUMNS:
            title = QLabel(column.title.replace(" ", "\n"))
            title.setProperty("role", "muted")
            title.setToolTip(column.definition)
            title.setAccessibleName(column.title)
            title.setFixedWidth(COLUMN)
            title.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
            layout.addWidget(title)
        layout.addSpacing(16)
        layout.addWidget(self.judge, 1, Qt.AlignmentFlag.AlignBottom)
        line.setFixedHeight(HEAD)
        return line

    def sizeHint(self) -> QSize:
        return QSize(900, HEAD + GOOD * len(self.heads) + SCROLL_BAR)

    @property
    def enough(self) -> int:
        """How high it must be for all lanes to be seen, in pixels."""
        return HEAD + LOWEST * len(self.heads) + SCROLL_BAR

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for lane in self.lanes.values():
            lane.set_theme(theme)
        self.show_colours()

    def show_colours(self) -> None:
        for name, head in self.heads.items():
            head.set_colour(lane_colour(name, self._theme), self.devicePixelRatioF())

    # --- what it shows --------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """The race has changed."""
        path, lanes = self._workspace.pathing.current, self.race.lanes
        for part in (self._titles, self.area):
            part.setVisible(bool(lanes))
        self._hint.setVisible(not lanes)
        model = self._workspace.model
        names = model.file.class_names if model is not None else ()
        figures = [lane.figures for lane in lanes]
        for lane in lanes:
            name = lane.rule.name
            self.heads[name].show_lane(lane, path is not None and path.kind == name, figures)
            self.lanes[name].show_lane(lane, names)
            self._decode(lane)
        said = bool(lanes) and any(lane.along is not None for lane in lanes)
        self._judge_in_words = f"Which class, and how sure: by {self.race.judge}" if said else ""
        self.judge.setToolTip(self._judge_in_words)
        self._lay_out()
        self._mark_probe()

    def _decode(self, lane: Lane) -> None:
        """Ask for the frames of a lane, where they are others than before."""
        name, route = lane.rule.name, lane.route
        if route is None or self._routes.get(name) is route or not self.race.watched:
            return

        def show(pictures: Pictures, _: float) -> None:
            frames = self.lanes[name].frames
            if len(pictures) == len(frames):
                frames.show_pictures(pictures)
                self.lanes[name].align()

        if self._decoding.request(f"race {name}", route.steps, show, behind=True):
            self._routes[name] = route

    def _decode_again(self) -> None:
        self._routes.clear()
        for lane in self.race.lanes:
            self._decode(lane)

    def _mark_probe(self) -> None:
        """Frame the step where the probe is, if it is one of the race."""
        if not self.race.watched:
            return
        for lane in self.race.lanes:
            current = None
            if lane.route is not None and lane.route.steps.shape[1] == len(self._workspace.probe):
                apart = np.linalg.norm(lane.route.steps - self._workspace.probe, axis=1)
                nearest = int(apart.argmin())
                current = nearest if apart[nearest] <= self._near(lane) else None
            self.lanes[lane.rule.name].frames.set_current(current)

    def _near(self, lane: Lane) -> float:
        """How near to a step the probe is on it: while the film runs along the lane, between two steps, too."""
        path, route = self._workspace.pathing.current, lane.route
        if path is None or route is None or not self._playing.begun or path.kind != lane.rule.name:
            return ON_STEP
        return ON_STEP + 0.5 * float(np.linalg.norm(np.diff(route.steps, axis=0), axis=1).max(initial=0))

    def _follow(self) -> None:
        """The film of the path has moved on: the lanes are passed in step."""
        if self.race.watched:
            playing, share = self._playing, None
            if playing.begun:
                share = playing.moment
                row = self.lanes[next(iter(self.lanes))].frames
                self._keep_in_sight(row.x_of(share * max(len(row) - 1, 1)))
            for lane in self.lanes.values():
                lane.bar.set_playhead(None if share is None else share * max(len(lane.frames) - 1, 1))

    # --- what is done with it -------------------------------------------------------------------------------------

    def _choose(self, kind: str) -> None:
        """Have the active path use a rule."""
        path = self._workspace.pathing.current
        if path is not None and path.kind != kind:
            self._workspace.pathing.change_current(replace(path, kind=kind), f"Join by {RULES[kind].title.lower()}")
        self.refresh()  # a button that was checked already stays so

    def _go_to(self, name: str, frame: int) -> None:
        lane = next((lane for lane in self.race.lanes if lane.rule.name == name), None)
        if lane is not None and lane.route is not None and 0 <= frame < len(lane.route.steps):
            self._workspace.set_probe(lane.route.steps[frame])
            self._show_frame(name, frame)

    def _show_frame(self, name: str, frame: int) -> None:
        """Keys can lead out of sight."""
        self._keep_in_sight(self.lanes[name].frames.x_of(frame))

    def _keep_in_sight(self, x: float) -> None:
        """Scroll no further than it takes."""
        bar = self.strip.horizontalScrollBar()
        bar.setValue(round(min(max(bar.value(), x + NEAR - self.strip.viewport().width()), x - NEAR)))

    def _pull(self, pixels: float) -> None:
        bar = self.strip.horizontalScrollBar()
        bar.setValue(bar.value() - round(pixels))

    # --- layout ---------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """Give all lanes the same height: as much as there is, within reason."""
        count = max(1, len(self.heads))
        height = min(max((self.height() - HEAD - SCROLL_BAR) // count, LOWEST), HIGHEST)
        room = self.strip.viewport().width()
        words = self.judge.fontMetrics().elidedText(self._judge_in_words, Qt.TextElideMode.ElideRight, room)
        self.judge.setText(words)
        for head, lane in zip(self.heads.values(), self.lanes.values(), strict=True):
            head.setFixedHeight(height)
            lane.setFixedHeight(height)
            lane.set_room(room)
        self.strip.setFixedHeight(count * height + SCROLL_BAR)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_colours()
        self.looked.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.looked.emit()


def lane_colour(kind: str, theme: Theme) -> str:
    """The colour of a rule, #rrggbb: of the six for paths those five that are least like each other."""
    return path_colour(RULES.names().index(kind) + 1 if kind != "linear" else KEPT_COLOURS, theme)
