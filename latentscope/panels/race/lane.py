"""One lane of the race: its head with the rule and its figures, and the frames with the classes under them."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from latentscope.panels.film.frames import FrameRow
from latentscope.panels.race.columns import COLUMNS, NOTHING, best_of
from latentscope.panels.race.confidence import BAR_HEIGHTS, ConfidenceBar
from latentscope.paths.race import Lane
from latentscope.theme import Theme
from trainer.paths.measures import Figures
from trainer.registry import Choice

__all__ = ["COLUMN", "NAME", "LaneFrames", "LaneHead"]

NAME, COLUMN = 158, 62  # px: the widths of the name and of each figure
LEAST_FRAME = 24.0  # px: side by side with others and in step, a digit of that size is told well enough
BELOW = 2  # px
SWATCH, AIR = 14, 5  # px: the width of a swatch, and how far from it the name begins


class LaneHead(QWidget):
    """The name of the rule, which makes the path use it, and the figures of its way."""

    def __init__(self, rule: Choice) -> None:
        super().__init__()
        self.rule = rule
        self.name = QToolButton()
        self.name.setText(rule.title)
        self.name.setCheckable(True)
        self.name.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.name.setIconSize(QSize(SWATCH + AIR, SWATCH))
        self.name.setFixedWidth(NAME)
        self.name.setCursor(Qt.CursorShape.PointingHandCursor)
        self.values = [QLabel(NOTHING) for _ in COLUMNS]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.name)
        for column, value in zip(COLUMNS, self.values, strict=True):
            value.setFixedWidth(COLUMN)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            value.setToolTip(column.definition)
            layout.addWidget(value)

    def show_lane(self, lane: Lane, active: bool, all_figures: Sequence[Figures | None]) -> None:
        """``active``: whether the path uses the rule; ``all_figures`` are those of all lanes, to tell the best."""
        self.name.setChecked(active)
        self.name.setEnabled(not lane.problem)
        does = "The path is joined so." if active else "Click to join the path so."
        self.name.setToolTip(f"{lane.rule.help}\n{lane.problem or does}")
        self.name.setAccessibleName(f"Join the path by {lane.rule.title}")
        for column, label in zip(COLUMNS, self.values, strict=True):
            text = column.text(lane.figures)
            best = text != NOTHING and text == best_of(column, all_figures)
            if text == label.text() and best == label.font().bold():
                continue
            font = label.font()
            font.setBold(best)
            label.setFont(font)
            role = "success" if best else "muted" if text == NOTHING else ""
            if role != (label.property("role") or ""):
                label.setProperty("role", role)
                label.style().unpolish(label)
                label.style().polish(label)
            label.setText(text)
            label.setAccessibleName(f"{column.title} of {lane.rule.title}: {text}{', the best' if best else ''}")

    def set_colour(self, colour: str, ratio: float) -> None:
        self.name.setIcon(swatch(colour, ratio))


class LaneFrames(QWidget):
    """The frames, or why there are none."""

    def __init__(self, rule: Choice, theme: Theme) -> None:
        super().__init__()
        self.frames = FrameRow(theme, f"Frames of {rule.title}", LEAST_FRAME)
        self.bar = ConfidenceBar(theme)
        self.problem = QLabel()
        self.problem.setProperty("role", "muted")
        self.problem.setContentsMargins(8, 0, 8, 0)
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, BELOW)
        layout.setSpacing(0)
        layout.addWidget(self.frames, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.problem, 1)

    def set_theme(self, theme: Theme) -> None:
        self.frames.set_theme(theme)
        self.bar.set_theme(theme)

    def show_lane(self, lane: Lane, names: tuple[str, ...]) -> None:
        there = lane.route is not None
        self.frames.setVisible(there)
        self.bar.setVisible(there)
        self.problem.setVisible(not there)
        self.problem.setText(lane.problem)
        self.frames.show_count(len(lane.route.shares) if lane.route is not None else 0)
        self.bar.show_along(lane.along, names)
        self.align()

    def set_room(self, width: int) -> None:
        """How much of the lane is in sight."""
        self.frames.set_room(width)
        least, most = BAR_HEIGHTS
        frames = self.frames.height_for_all()
        # What frames that are all in sight leave over is the classes'.
        spare = self.height() - BELOW - int(frames) if frames >= LEAST_FRAME else 0
        self.bar.setFixedHeight(min(max(spare, least), most))
        self.problem.setFixedWidth(max(80, width))
        self.align()

    def align(self) -> None:
        """Have the line under the frames where they are."""
        first = self.frames.x_of(0)
        self.bar.stand_under(first, self.frames.x_of(1) - first)


def swatch(colour: str, ratio: float) -> QIcon:
    """A short thick line, as it is on the map."""
    pixmap = QPixmap(round((SWATCH + AIR) * ratio), round(SWATCH * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        place = QRectF(QPointF(0, SWATCH / 2 - 2.5), QPointF(SWATCH, SWATCH / 2 + 2.5))
        painter.drawRoundedRect(place, 2.5, 2.5)
    return QIcon(pixmap)
