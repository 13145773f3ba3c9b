"""The card beside a thumbnail under the mouse: original and reconstruction, larger, and what is known of the image."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from latentscope.images import enlarged
from latentscope.inspecting.inspecting import Inspecting
from latentscope.panels.inspector.thumbs import Thumbs
from latentscope.panels.inspector.words import facts_of, title_of
from latentscope.theme import Theme
from latentscope.words import latent_text

__all__ = ["GalleryCard"]

SIDE, OFFSET = 96, 16


class GalleryCard(QFrame):
    """Floats above everything, like a tool tip, and never takes the mouse."""

    def __init__(self, inspecting: Inspecting, thumbs: Thumbs, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self._inspecting, self._thumbs = inspecting, thumbs
        self.setObjectName("galleryCard")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.name, self.facts = QLabel(), QLabel()
        self.name.setProperty("role", "heading")
        self.facts.setProperty("role", "muted")
        self._pictures = (QLabel(), QLabel())
        row = QHBoxLayout()
        row.setSpacing(6)
        for label in self._pictures:
            row.addWidget(label)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 10, 12, 10)
        layout.setSpacing(4)
        layout.addLayout(row)
        layout.addWidget(self.name)
        layout.addWidget(self.facts)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(f"QFrame#galleryCard {{ background: {theme.panel}; border: 1px solid {theme.border}; }}")

    def show_image(self, image: int, where: QPoint) -> None:
        """Show an image beside a place on the screen; none, if it is −1."""
        source = self._inspecting.source
        if source is None or not 0 <= image < len(source.codes.mean):
            self.hide()
            return
        self._thumbs.begin([image], {"decoded"})
        ratio = self.devicePixelRatioF()
        for label, kind in zip(self._pictures, ("original", "decoded"), strict=True):
            picture = self._thumbs.picture(kind, image)  # type: ignore[arg-type]
            label.setVisible(picture is not None)
            if picture is not None:
                height, width = picture.shape[:2]
                scale = SIDE * ratio / max(height, width)
                pixmap = QPixmap.fromImage(
                    enlarged(picture, max(1, round(width * scale)), max(1, round(height * scale)))
                )
                pixmap.setDevicePixelRatio(ratio)
                label.setPixmap(pixmap)
        facts = " · ".join(facts_of(self._inspecting, image))
        code = latent_text(source.codes.mean[image], limit=2)
        self.name.setText(title_of(self._inspecting, image))
        self.facts.setText(f"{facts}\n{code}" if facts else code)
        self.adjustSize()
        room = self.screen().availableGeometry() if self.screen() else None
        x, y = where.x() + OFFSET, where.y() + OFFSET
        if room is not None:
            x = where.x() - OFFSET - self.width() if x + self.width() > room.right() else x
            y = where.y() - OFFSET - self.height() if y + self.height() > room.bottom() else y
            x, y = max(room.left(), x), max(room.top(), y)
        self.move(x, y)
        self.show()
