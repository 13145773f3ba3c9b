"""The Film strip dock: every step of the path as a decoded frame, and a play button that runs the probe along it."""

import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from latentscope.analysis.neighbours import nearest
from latentscope.decoding import Decoding
from latentscope.images import enlarged
from latentscope.paths.routes import Routes
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.window.boxes import ComboBox, WholeBox
from latentscope.words import class_name
from trainer.paths import RULES

__all__ = ["FilmStripPanel"]

FRAME_GAP = 6
LEAST_FRAME = 44.0  # px; below that a digit or a face can hardly be told
STEPS = (2, 128)
SECONDS_PER_STEP = 0.15
VOTERS = 15  # encoded points that say by majority which class an end of the path is in
TICK_MS = 16


class FilmStripPanel(QWidget):
    """Every step along the path, decoded; play it, or click a frame to go there."""

    title = "Film strip"
    export_wanted = Signal()
    title_changed = Signal(str)

    def __init__(self, workspace: Workspace, decoding: Decoding, routes: Routes, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._decoding, self._routes = workspace, decoding, routes
        self.frames = FrameRow(theme)
        self.frames.chosen.connect(self._go_to)
        self._way: NDArray[np.float64] = np.empty((0, 2))
        self._started = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)

        self.play_button = QPushButton("▶  Play")
        self.play_button.setProperty("role", "primary")
        self.play_button.setToolTip("Run the probe along the path, there and back (Ctrl+Space)")
        self.play_button.clicked.connect(self.toggle_play)
        self.kind_choice = ComboBox()
        self.kind_choice.setAccessibleName("How waypoints are joined")
        for rule in RULES.choices.values():
            self.kind_choice.addItem(rule.title, rule.name)
            self.kind_choice.setItemData(self.kind_choice.count() - 1, rule.help, Qt.ItemDataRole.ToolTipRole)
        self.kind_choice.setToolTip("\n".join(f"{rule.title}: {rule.help}" for rule in RULES.choices.values()))
        self.kind_choice.activated.connect(self._choose_kind)
        self.steps_choice = WholeBox()
        self.steps_choice.setRange(*STEPS)
        self.steps_choice.setValue(16)
        self.steps_choice.setSuffix(" steps")
        self.steps_choice.setAccessibleName("Steps along the path")
        self.steps_choice.editingFinished.connect(self._choose_steps)
        self.steps_choice.valueChanged.connect(self._choose_steps)
        self._export = QPushButton("Export…")
        self._export.setToolTip("Save the film strip as a PNG")
        self._export.clicked.connect(self.export_wanted)
        self._hint = QLabel("Shift + drag on the map to draw a path. Every step between its ends appears here.")
        self._hint.setProperty("role", "muted")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)

        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.frames)
        self._area = area
        # The controls stand in the dock's title line, so that the frames have all the room below it.
        self.header = QWidget(self)
        controls = QHBoxLayout(self.header)
        controls.setContentsMargins(0, 0, 0, 0)
        controls.setSpacing(6)
        for widget in (self.play_button, self.kind_choice, self.steps_choice, self._export):
            controls.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(area, 1)
        layout.addWidget(self._hint, 1)
        self.setMinimumHeight(76)

        workspace.path_changed.connect(self.refresh)
        routes.changed.connect(self.refresh)
        workspace.model_changed.connect(self.refresh)
        workspace.probe_changed.connect(self._mark_probe)
        decoding.ready.connect(self._decode)
        self.refresh()

    def sizeHint(self) -> QSize:
        return QSize(900, 104)

    def set_theme(self, theme: Theme) -> None:
        self.frames.set_theme(theme)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    def refresh(self) -> None:
        path = self._workspace.path
        self._area.setVisible(path is not None)
        self.header.setVisible(path is not None)
        self._hint.setVisible(path is None)
        if path is None:
            self.stop()
            self.frames.show_pictures(None)
            self.title_changed.emit(self.title)
            return
        self.kind_choice.setCurrentIndex(self.kind_choice.findData(path.kind))
        self.steps_choice.blockSignals(True)
        self.steps_choice.setValue(path.steps)
        self.steps_choice.blockSignals(False)
        self._way = self._routes.route(path).steps
        self._decode()

    def toggle_play(self) -> None:
        if self.playing:
            self.stop()
        elif self._workspace.path is not None:
            self._started = time.perf_counter()
            self._timer.start()
            self.play_button.setText("❚❚  Pause")

    def stop(self) -> None:
        self._timer.stop()
        self.play_button.setText("▶  Play")

    def _ends_in_words(self) -> str:
        model, codes = self._workspace.model, self._workspace.codes
        if self._workspace.classes:  # the codes of all classes lie in the same place
            return f"{self.title}   {self._workspace.condition_text}"
        if model is None or codes is None or codes.labels is None:
            return self.title
        names = []
        for end in (self._way[0], self._way[-1]):
            found, _ = nearest(codes.mean, end, VOTERS)
            if len(found):
                names.append(class_name(model.file.class_names, int(np.bincount(codes.labels[found]).argmax())))
        # With a codebook the path is a walk from image to image: nothing between two of them can be decoded.
        walk = "   the nearest images along the path" if codes.tokens is not None else ""
        return f"{self.title}   {' → '.join(names)}{walk}"

    def _decode(self) -> None:
        if self._workspace.path is not None:
            self._decoding.request("film strip", self._way, lambda pictures, _: self.frames.show_pictures(pictures))
            self.title_changed.emit(self._ends_in_words())
            self._mark_probe()

    def _mark_probe(self) -> None:
        """Frame the step where the probe is, if it is on the path."""
        if self._workspace.path is None:
            return
        found, distance = nearest(self._way.astype(np.float32), self._workspace.probe, 1)
        step = np.linalg.norm(np.diff(self._way, axis=0), axis=1).max()
        self.frames.set_current(int(found[0]) if len(found) and distance[0] <= 0.5 * step + 1e-6 else None)

    def _go_to(self, frame: int) -> None:
        self.stop()
        if frame < len(self._way):
            self._workspace.set_probe(self._way[frame])

    def _tick(self) -> None:
        """Move the probe to where the film is now: along the path and back again, smoothly between frames."""
        last = len(self._way) - 1
        passed = (time.perf_counter() - self._started) / SECONDS_PER_STEP
        position = last - abs(passed % (2 * last) - last)
        frame = min(int(position), last - 1)
        part = position - frame
        self._workspace.set_probe((1 - part) * self._way[frame] + part * self._way[frame + 1])

    def _choose_kind(self) -> None:
        path = self._workspace.path
        kind = str(self.kind_choice.currentData())
        if path is not None:
            self._workspace.change_path(replace(path, kind=kind), f"Join by {kind}")

    def _choose_steps(self) -> None:
        path = self._workspace.path
        if path is not None and path.steps != self.steps_choice.value():
            walk = replace(path.walk, steps=self.steps_choice.value())
            self._workspace.change_path(replace(path, walk=walk), "Steps of the path")


class FrameRow(QWidget):
    """The frames side by side, as tall as the strip. Arrow keys step through them."""

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._pictures: NDArray[np.uint8] | None = None
        self._current: int | None = None
        self.setMinimumHeight(52)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Frames of the film strip")

    @property
    def pictures(self) -> NDArray[np.uint8] | None:
        """uint8 (steps, H, W, C)"""
        return self._pictures

    @property
    def current(self) -> int | None:
        return self._current

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_pictures(self, pictures: NDArray[np.uint8] | None) -> None:
        self._pictures = pictures
        if pictures is None:
            self._current = None
        self._fit()
        self.update()

    def set_current(self, frame: int | None) -> None:
        if frame != self._current:
            self._current = frame
            self.update()

    def frame_rect(self, frame: int) -> QRectF:
        width, height = self._frame_size()
        return QRectF(2 + frame * (width + FRAME_GAP), (self.height() - height) / 2, width, height)

    def _frame_size(self) -> tuple[float, float]:
        if self._pictures is None:
            return 1.0, 1.0
        count, rows, columns = self._pictures.shape[:3]
        height = max(LEAST_FRAME, self.height() - 8.0)
        # Shrink the frames until they all fit, but not below that.
        parent = self.parentWidget()
        room = ((parent.width() if parent else self.width()) - 4 - FRAME_GAP * (count - 1)) / count
        height = min(height, max(LEAST_FRAME, room * rows / columns))
        return height * columns / rows, height

    def _fit(self) -> None:
        if self._pictures is not None:
            width, _ = self._frame_size()
            self.setMinimumWidth(int(len(self._pictures) * (width + FRAME_GAP) - FRAME_GAP + 4))
        else:
            self.setMinimumWidth(0)

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._pictures is not None:
            for frame in range(len(self._pictures)):
                if self.frame_rect(frame).adjusted(-FRAME_GAP / 2, -4, FRAME_GAP / 2, 4).contains(event.position()):
                    self.chosen.emit(frame)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or self._pictures is None:
            super().keyPressEvent(event)
            return
        now = self._current if self._current is not None else 0
        self.chosen.emit(max(0, min(now + step, len(self._pictures) - 1)))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pictures is None:
            return
        ratio = self.devicePixelRatioF()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for frame, picture in enumerate(self._pictures):
                target = self.frame_rect(frame)
                if not target.intersects(QRectF(event.rect())):
                    continue
                size = (max(1, round(target.width() * ratio)), max(1, round(target.height() * ratio)))
                painter.drawImage(target, enlarged(picture, *size))
                if frame == self._current:
                    painter.setPen(QPen(QColor(self._theme.accent), 2))
                    painter.drawRoundedRect(target.adjusted(-1, -1, 1, 1), 3, 3)
