"""The Film strip dock: every step of the path as a decoded frame, to be hovered, pinned, scrolled and played."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.panels.film.bar import PlayBar
from latentscope.panels.film.controls import FilmControls
from latentscope.panels.film.frames import FrameRow
from latentscope.panels.film.pointing import Pointing
from latentscope.panels.film.scroll import FrameScroll
from latentscope.panels.film.title import FilmTitle
from latentscope.paths.anchors import end_images
from latentscope.paths.playing import Playing
from latentscope.paths.reel import Pictures, Reel
from latentscope.paths.routes import Route, Routes
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme

__all__ = ["FilmStripPanel"]

REAL = "real"


class FilmStripPanel(QWidget):
    """Every step along the path, decoded; hover a frame, click to pin it, or play them."""

    title = "Film strip"
    export_wanted = Signal()
    title_changed = Signal(str)

    def __init__(
        self,
        workspace: Workspace,
        decoding: Decoding,
        routes: Routes,
        playing: Playing,
        originals: Originals,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._workspace, self._routes, self._playing, self._originals = workspace, routes, playing, originals
        self._route: Route | None = None
        self._seen = True
        self.reel = Reel(decoding, "film strip", self)
        self.frames = FrameRow(theme, "Frames of the film strip")
        self.area = FrameScroll(self.frames)
        self.bar = PlayBar(playing, theme)
        self.pointing = Pointing(workspace, playing, self)
        self._titling = FilmTitle(workspace, self.title, self)
        self.header = FilmControls(workspace, playing, theme)
        self.header.setParent(self)
        self._hint = QLabel("Shift + drag on the map to draw a path. Every step between its ends appears here.")
        self._hint.setProperty("role", "muted")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 2)
        layout.setSpacing(0)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self._hint, 1)
        self.setMinimumHeight(84)

        self._titling.changed.connect(self.title_changed)
        self.reel.cut.connect(lambda: self.frames.show_count(len(self.reel)))
        self.reel.arrived.connect(self._show_arrived)
        self.header.export_wanted.connect(self.export_wanted)
        self.frames.chosen.connect(self.pointing.choose)
        self.frames.pointed.connect(self.pointing.point_at)
        self.pointing.changed.connect(self._mark)
        self.area.sight_changed.connect(self._take_sight)
        self.area.laid_out.connect(self._follow)
        for signal in (workspace.pathing.changed, workspace.model_changed, workspace.condition_changed, routes.changed):
            signal.connect(self.refresh)
        workspace.probe_changed.connect(self._mark)
        playing.moved.connect(self._follow)
        originals.changed.connect(self._show_ends)
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(900, 104)

    def set_theme(self, theme: Theme) -> None:
        for part in (self.frames, self.bar, self.header):
            part.set_theme(theme)

    # --- what it shows --------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Another path, or the same one runs otherwise."""
        path = self._workspace.pathing.current
        if path is None and self._has_focus():
            self.setFocus()  # else Qt would give it to the button that closes the dock
        for part in (self.area, self.bar, self.header):
            part.setVisible(path is not None)
        self._hint.setVisible(path is None)
        if path is None:
            self._route = None
            self.pointing.show(None)
            self.reel.wind(np.empty((0, 0)))
            self._titling.refresh()
            return
        self._titling.refresh()
        if not self._seen:
            return
        self._route = route = self._routes.route(path)
        self.header.show_path(path, final=route.final)
        self.pointing.show(route.steps)
        self.reel.wind(route.steps)
        self._show_ends()
        self._take_sight()
        self._mark()

    def set_seen(self, seen: bool) -> None:
        """Whether anybody can see it. Behind another tab nothing is decoded for it; it keeps its title up to date."""
        if seen != self._seen:
            self._seen = seen
            self.refresh()

    def _has_focus(self) -> bool:
        focus = self.window().focusWidget()
        return focus is not None and (self.isAncestorOf(focus) or self.header.isAncestorOf(focus))

    def _show_arrived(self, frames: NDArray[np.intp], pictures: Pictures) -> None:
        self.frames.put(frames.tolist(), pictures)
        self._show_ends()

    def _end_images(self) -> dict[int, Pictures]:
        """The real images (H, W, C) in which the film begins and ends, by their frames."""
        first, last = end_images(self._workspace.pathing.current, self._originals)
        ends = ((0, first), (len(self.frames) - 1, last))
        return {frame: image for frame, image in ends if image is not None and 0 <= frame < len(self.frames)}

    def _show_ends(self) -> None:
        """An end that is an encoded point is its real image. One that is no longer gets its decoded one back."""
        ends = self._end_images()
        was = {frame for frame, words in self.frames.captions.items() if words == REAL}
        decoded = self.reel.pictures
        if decoded is not None:
            gone = sorted(frame for frame in was - ends.keys() if frame < len(decoded))
            self.frames.put(gone, decoded[gone])
        self.frames.put(ends.keys(), ends.values())
        self.frames.set_captions(dict.fromkeys(ends, REAL))

    # --- where it stands ------------------------------------------------------------------------------------------

    def _mark(self) -> None:
        self.frames.set_current(self.pointing.current)
        self.frames.set_pinned(self.pointing.pinned)

    def _follow(self) -> None:
        """The playhead has moved: keep it in sight. A frame that was clicked stays under the mouse."""
        playing = self._playing
        if playing.begun:
            under_mouse = self.frames.underMouse() and not playing.playing
            self.area.follow(self.frames.x_of(playing.frame), closely=under_mouse)

    def _take_sight(self) -> None:
        """Other frames are in sight, or they lie elsewhere."""
        left, right = self.area.sight
        self.reel.look_at(*self.frames.in_sight(left, right))
        last = max(len(self.frames) - 1, 1)
        start, end = self.frames.x_of(0), self.frames.x_of(last)
        if self.area.fits:
            self.bar.stand_below(start, end)
        else:
            self.bar.show_sight((left - start) / (end - start), (right - start) / (end - start))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self._route is not None:
            self._playing.toggle()
        else:
            super().keyPressEvent(event)
