"""The Condition dock: what the probe looks like in every class of a conditional model, live."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from latentscope.decoding import Decoding
from latentscope.panels.layers.class_cells import ClassCells
from latentscope.panels.mixture_bar import MixtureBar
from latentscope.state.open_model import Condition
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from trainer.conditions import lean, mixed, pure

__all__ = ["ConditionRail"]

MOST_FOOT = 420  # px: in a row of classes the slider is no longer than this


class ConditionRail(QWidget):
    """The probe decoded as every class of a conditional model: click one to see it, drag two together to mix them."""

    title = "Condition"

    def __init__(self, workspace: Workspace, decoding: Decoding, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._decoding = workspace, decoding
        self._before: Condition | None = None  # the condition when the gesture began that goes on
        self.cells = ClassCells(theme)
        self.cells.chosen.connect(self._choose)
        self.cells.mixing.connect(self._mix)
        self.cells.released.connect(self._end_gesture)
        self.cells.cancelled.connect(self._cancel)
        self.mixture = MixtureBar()
        # The cells must not move under the mouse when a mixture begins, so there is always something below them.
        self.foot = QStackedWidget()
        hint = QLabel("Drag a class onto another to mix them")
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        hint.setContentsMargins(6, 0, 6, 0)
        self.foot.addWidget(hint)
        self.foot.addWidget(self.mixture)
        self.foot.setFixedHeight(52)
        self.foot.setMaximumWidth(MOST_FOOT)
        self.mixture.slider.sliderPressed.connect(self._begin_gesture)
        self.mixture.slider.valueChanged.connect(self._weigh)
        self.mixture.slider.sliderReleased.connect(self._end_gesture)
        self.mixture.pure_wanted.clicked.connect(self.purify)
        self.mixture.slider.installEventFilter(self)

        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.cells)
        self.area.viewport().installEventFilter(self)
        for bar in (self.area.verticalScrollBar(), self.area.horizontalScrollBar()):
            bar.valueChanged.connect(self.refresh)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 6)
        layout.setSpacing(4)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.foot)
        self.setMinimumSize(76, 92)

        workspace.model_changed.connect(self._start_afresh)
        workspace.condition_changed.connect(self._show_condition)
        workspace.probe_shown.connect(self.refresh)
        decoding.ready.connect(self.refresh)
        self._start_afresh()

    def set_theme(self, theme: Theme) -> None:
        self.cells.set_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(self.cells.wanted_width() + 8, 400)

    # --- what it shows --------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Decode the probe under every class that is seen, in one batch."""
        labels = list(self.cells.labels_in(self._seen())) if self._workspace.classes and self.isVisible() else []
        if not labels:
            return
        condition = np.zeros((len(labels), self._workspace.classes), np.float32)
        condition[np.arange(len(labels)), labels] = 1
        z = np.repeat(self._workspace.probe[None], len(labels), axis=0)

        def show(pictures: NDArray[np.uint8], _: float) -> None:
            self.cells.show_pictures(dict(zip(labels, pictures, strict=True)))

        self._decoding.request("condition rail", z, show, condition)

    def _seen(self) -> QRect:
        return self.cells.visibleRegion().boundingRect()

    def _start_afresh(self) -> None:
        self._before = None
        model = self._workspace.model
        names = model.file.class_names if model and self._workspace.classes else ()
        self.cells.show_classes(names)
        self.updateGeometry()
        self._show_condition()
        self.refresh()

    def _show_condition(self) -> None:
        condition, model = self._workspace.condition, self._workspace.model
        if condition is None or model is None:
            return
        weights = np.array(condition)
        self.cells.show_weights(weights)
        self.foot.setCurrentIndex(int(self.mixture.show_mixture(weights, model.file.class_names)))
        if np.count_nonzero(weights) == 1 and not self.cells.dragging:
            rect = self.cells.cell_rect(lean(weights))
            self.area.ensureVisible(rect.center().x(), rect.center().y(), rect.width() // 2, rect.height() // 2)

    # --- gestures -------------------------------------------------------------------------------------------------

    def _choose(self, label: int) -> None:
        name = self._name(label)
        self._workspace.change_condition(pure(label, self._workspace.classes), f"Decode class {name}")

    def _mix(self, one: int, other: int, share: float) -> None:
        self._begin_gesture()
        self._workspace.set_condition(mixed(one, other, share, self._workspace.classes))

    def _weigh(self, percent: int) -> None:
        one, other = self.mixture.classes
        weights = mixed(one, other, percent / 100, self._workspace.classes)
        if self._before is not None:
            self._workspace.set_condition(weights)
        else:
            self._workspace.change_condition(weights, self._mixing_in_words())

    def purify(self) -> None:
        """Back from a mixture to the class that weighs most."""
        condition = self._workspace.condition
        if condition is not None and max(condition) < 1:
            self._choose(lean(condition))

    def _begin_gesture(self) -> None:
        if self._before is None:
            self._before = self._workspace.condition

    def _end_gesture(self) -> None:
        before, self._before = self._before, None
        condition = self._workspace.condition
        if before is not None and condition is not None:
            text = self._mixing_in_words() if max(condition) < 1 else f"Decode class {self._name(lean(condition))}"
            self._workspace.change_condition(condition, text, before)
        self._show_condition()

    def _cancel(self) -> None:
        before, self._before = self._before, None
        if before is not None:
            self._workspace.set_condition(before)

    def _mixing_in_words(self) -> str:
        one, other = self.mixture.classes
        return f"Mix classes {self._name(one)} and {self._name(other)}"

    def _name(self, label: int) -> str:
        model = self._workspace.model
        return model.file.class_names[label] if model else str(label)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back to one class, wherever the focus is in here; with one class it means what it always does."""
        condition = self._workspace.condition
        if event.key() == Qt.Key.Key_Escape and condition is not None and max(condition) < 1:
            self.purify()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.mixture.slider and event.type() == QEvent.Type.MouseButtonDblClick:
            self._before = None
            self.purify()
            return True
        if watched is self.area.viewport() and isinstance(event, QResizeEvent):
            self.cells.fit(event.size())
            self._show_condition()
            self.refresh()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
