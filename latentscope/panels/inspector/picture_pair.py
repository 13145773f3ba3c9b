"""Two pictures to compare, with words: side by side in a line where there is little height, else below the words."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from latentscope.panels.elided import ElidedLabel
from latentscope.panels.picture import PictureView
from latentscope.theme import Theme

__all__ = ["Captioned", "PicturePair"]

SMALL, LARGE = 72, 104  # px: a picture beside the words, and the least below them
GAP = 8
GROWN = 16777215  # px: no limit (Qt's QWIDGETSIZE_MAX)


class Captioned(QWidget):
    """A picture with a line of words below."""

    def __init__(self, caption: str, theme: Theme) -> None:
        super().__init__()
        self.view = PictureView(theme)
        self.view.setMinimumSize(SMALL, SMALL)
        self.caption = ElidedLabel()
        self.caption.setProperty("role", "muted")
        self.caption.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.caption)
        self.say(caption)

    def say(self, caption: str, tip: str = "") -> None:
        self.caption.setText(caption)
        self.caption.setToolTip(tip or caption)
        self.view.setAccessibleName(caption)
        self.view.setToolTip(tip)


class PicturePair(QWidget):
    """``first`` and ``second`` with a heading and facts, which are one line or, beside the pictures, several."""

    def __init__(self, first: str, second: str, theme: Theme) -> None:
        super().__init__()
        self.first, self.second = Captioned(first, theme), Captioned(second, theme)
        self.heading = ElidedLabel()
        self.heading.setProperty("role", "heading")
        self._facts = QLabel()
        self._facts.setProperty("role", "muted")
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._parts: list[str] = []
        self._compact = True
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.heading)
        words.addWidget(self._facts)
        self._pictures = QWidget()
        pictures = QHBoxLayout(self._pictures)
        pictures.setContentsMargins(0, 0, 0, 0)
        pictures.setSpacing(GAP)
        pictures.addWidget(self.first)
        pictures.addWidget(self.second)
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(10)
        self._layout.addWidget(self._pictures)
        self._layout.addLayout(words, 1)
        self._layout.setAlignment(words, Qt.AlignmentFlag.AlignTop)
        self.set_compact(True)

    def set_compact(self, compact: bool) -> None:
        """Little height: small pictures beside the words; else as large as there is room, below them."""
        self._compact = compact
        along, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.BottomToTop
        self._layout.setDirection(along if compact else down)
        self._layout.setAlignment(self._pictures, Qt.AlignmentFlag.AlignTop if compact else Qt.AlignmentFlag(0))
        self._limit_width()
        small = SMALL + 2 + self.fontMetrics().height()
        self._pictures.setMinimumHeight(small if compact else LARGE)
        self._pictures.setMaximumHeight(small)
        self._show_facts()
        self._fit()

    def _limit_width(self) -> None:
        """Small pictures stand as close as their captions let them."""
        captions = self.first.caption, self.second.caption
        widest = max(caption.fontMetrics().horizontalAdvance(caption.text()) for caption in captions)
        self._pictures.setMaximumWidth(2 * max(SMALL, widest + 2) + GAP if self._compact else GROWN)
        for caption in captions:
            caption.setMinimumWidth(widest + 2 if self._compact else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        """Pictures below the words need no more height than their width asks for."""
        if not self._compact:
            side = max(LARGE, (self.width() - GAP) // 2)
            self._pictures.setMaximumHeight(side + 2 + self.fontMetrics().height())

    @property
    def facts(self) -> str:
        return " · ".join(self._parts)

    def say(self, heading: str, parts: list[str], tip: str = "") -> None:
        """A heading (it may be empty) and facts."""
        self.heading.setText(heading)
        self.heading.setVisible(bool(heading))
        self._parts = parts
        self._facts.setToolTip(tip)
        self._limit_width()
        self._show_facts()

    def set_theme(self, theme: Theme) -> None:
        self.first.view.set_theme(theme)
        self.second.view.set_theme(theme)

    def _show_facts(self) -> None:
        self._facts.setText(("\n" if self._compact else " · ").join(self._parts))
        self._facts.setVisible(bool(self._parts))
