"""Two classes and a slider between them: how much of each a mixture has."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSlider, QToolButton, QVBoxLayout, QWidget

from latentscope.panels.elided import ElidedLabel

__all__ = ["MixtureBar"]


class MixtureBar(QWidget):
    """The handle of a mixture of two classes."""

    def __init__(self) -> None:
        super().__init__()
        self.classes = (0, 1)  # those at the slider's left and right end
        self.one, self.other = ElidedLabel(), ElidedLabel()
        self.other.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setAccessibleName("Mixture of two classes")
        self.slider.setToolTip("How much of each class is decoded. Double click or Esc goes back to one class.")
        self.pure_wanted = QToolButton()
        self.pure_wanted.setText("✕")
        self.pure_wanted.setToolTip("Back to one class (Esc)")
        self.pure_wanted.setAccessibleName("Back to one class")
        names = QHBoxLayout()
        names.setContentsMargins(0, 0, 0, 0)
        names.addWidget(self.one, 1)
        names.addWidget(self.pure_wanted)
        names.addWidget(self.other, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 0, 6, 0)
        layout.setSpacing(0)
        layout.addLayout(names)
        layout.addWidget(self.slider)

    def show_mixture(self, weights: NDArray[np.float64], names: tuple[str, ...]) -> bool:
        """Show the weights (K,) if they are of two classes; returns whether they are.

        While the slider is held it keeps its ends, and is a mixture even at one of them.
        """
        found = [int(label) for label in np.flatnonzero(weights)]
        held = self.slider.isSliderDown() and set(found) <= set(self.classes)
        if len(found) != 2 and not held:
            return False
        if not set(found) <= set(self.classes):
            self.classes = (found[0], found[1])
        one, other = self.classes
        self.one.setText(names[one])
        self.other.setText(names[other])
        self.slider.blockSignals(True)
        self.slider.setValue(round(100 * float(weights[other])))
        self.slider.blockSignals(False)
        return True
