"""A widget that may be higher than there is room for."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

__all__ = ["scrolled"]


def scrolled(inner: QWidget) -> QScrollArea:
    """A scroll area as wide as it is given room, which scrolls ``inner`` up and down only."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    return area
