"""The scale below the slider of a direction: where t is 0 and 1, and how long the direction may be as well."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QWidget

from latentscope.theme import Theme
from latentscope.words import MINUS
from trainer.analysis.directions import Direction, Uncertainty

__all__ = ["DirectionScale"]

BAR, TICKS = 4.0, 9.0  # px from the top: the error bar, and the upper end of the ticks
CAP, TICK = 3.0, 3.0  # px: half a cap of the bar, and a tick


class DirectionScale(QWidget):
    """Ticks at the whole numbers of a slider, ``fineness`` of whose steps make one; and about 1, the mean of group A
    seen from that of B, the 95 % error bar of the direction's length."""

    def __init__(self, slider: QSlider, fineness: int, theme: Theme) -> None:
        super().__init__()
        self._slider, self._fineness, self._theme = slider, fineness, theme
        self.bar: tuple[float, float] | None = None  # from where to where it goes, in t
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Error bar of the length")

    def sizeHint(self) -> QSize:
        return QSize(120, round(TICKS + TICK) + 1 + self.fontMetrics().height())

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_sureness(self, found: Direction | None, sure: Uncertainty | None) -> None:
        """Draw the bar, as soon as it is known."""
        there = found is not None and sure is not None and found.length > 0
        self.bar = (sure.low / found.length, sure.high / found.length) if there and found and sure else None
        words = "" if self.bar is None else f"95 % of what the bootstrap draws is {self.words} as long."
        self.setToolTip(words and f"The bar at 1: {words}")
        self.setAccessibleDescription(words)
        self.update()

    @property
    def words(self) -> str:
        low, high = self.bar or (1.0, 1.0)
        return f"{low:.2f} to {high:.2f} times".replace("-", MINUS)

    def x_of(self, t: float) -> float:
        """Where the middle of the slider's handle is at t, in pixels."""
        slider, style = self._slider, self._slider.style()
        option = QStyleOptionSlider()
        slider.initStyleOption(option)
        ends = []
        for value in (slider.minimum(), slider.maximum()):
            option.sliderPosition = value
            handle = style.subControlRect(
                QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
            )
            ends.append(handle.x() + handle.width() / 2)
        share = (t * self._fineness - slider.minimum()) / (slider.maximum() - slider.minimum())
        return ends[0] + share * (ends[1] - ends[0])

    def paintEvent(self, event: QPaintEvent) -> None:
        metrics, theme = self.fontMetrics(), self._theme
        first, last = (end // self._fineness for end in (self._slider.minimum(), self._slider.maximum()))
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.muted), 1.0))
            for t in range(first, last + 1):
                x, text = self.x_of(t), str(t).replace("-", MINUS)
                painter.drawLine(QPointF(x, TICKS), QPointF(x, TICKS + TICK))
                width = metrics.horizontalAdvance(text) + 2.0
                left = min(max(x - width / 2, 0.0), self.width() - width)
                words = QRectF(left, TICKS + TICK + 1, width, metrics.height())
                painter.drawText(words, Qt.AlignmentFlag.AlignCenter, text)
            if self.bar is not None:
                low, high = (self.x_of(min(max(t, first), last)) for t in self.bar)
                painter.setPen(QPen(QColor(theme.accent), 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawLine(QPointF(low, BAR), QPointF(high, BAR))
                for x in (low, high):
                    painter.drawLine(QPointF(x, BAR - CAP), QPointF(x, BAR + CAP))
