"""The card that appears beside a point under the mouse: its picture, class, index and code."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from latentscope.images import enlarged
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.words import class_name, latent_text

__all__ = ["PointCard"]

PICTURE = 64
OFFSET = 16


class PointCard(QFrame):
    """A child of the map that never takes the mouse."""

    def __init__(self, workspace: Workspace, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace, self._map = workspace, parent
        self.setObjectName("pointCard")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._picture = QLabel()
        self._name = QLabel()
        self._name.setProperty("role", "heading")
        self._facts = QLabel()
        self._facts.setProperty("role", "muted")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name)
        words.addWidget(self._facts)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 10, 14, 10)
        layout.setSpacing(12)
        layout.addWidget(self._picture)
        layout.addLayout(words)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"QFrame#pointCard {{ background: {theme.panel}; border: 1px solid {theme.border}; border-radius: 8px; }}"
        )

    def show_point(self, index: int, position: QPoint, picture: NDArray[np.uint8] | None, value: str = "") -> None:
        """Show test point ``index`` beside a position of the parent; ``value`` is what its colour stands for."""
        model, codes = self._workspace.model, self._workspace.codes
        if model is None or codes is None or index >= len(codes.mean):
            self.hide()
            return
        label = None if codes.labels is None else int(codes.labels[index])
        name = "Test image" if label is None else class_name(model.file.class_names, label)
        facts = [f"Test image {index:,}", latent_text(codes.mean[index], limit=2), value]
        self._show(name, "\n".join(fact for fact in facts if fact), position, picture)

    def show_code(self, code: int, words: str, position: QPoint, picture: NDArray[np.uint8] | None) -> None:
        """Show a code of the codebook, and how often it is used."""
        self._show(f"Code {code:,}", words, position, picture)

    def _show(self, name: str, facts: str, position: QPoint, picture: NDArray[np.uint8] | None) -> None:
        self._name.setText(name)
        self._facts.setText(facts)
        self._picture.setVisible(picture is not None)
        if picture is not None:
            ratio = self.devicePixelRatioF()
            pixmap = QPixmap.fromImage(enlarged(picture, round(PICTURE * ratio), round(PICTURE * ratio)))
            pixmap.setDevicePixelRatio(ratio)
            self._picture.setPixmap(pixmap)
        self.adjustSize()
        # Right and below the point, or on its other side where the map ends.
        room = self._map.size()
        x, y = position.x() + OFFSET, position.y() + OFFSET
        if x + self.width() > room.width():
            x = position.x() - OFFSET - self.width()
        if y + self.height() > room.height():
            y = position.y() - OFFSET - self.height()
        self.move(max(0, x), max(0, y))
        self.show()
        self.raise_()
