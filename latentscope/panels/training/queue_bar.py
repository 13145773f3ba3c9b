"""The line above the runs that says what is queued, with the buttons that hold the queue and let it go on."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from latentscope.runs.queue import RunQueue
from latentscope.runs.words import count
from trainer.run import Run

__all__ = ["QueueBar"]


class QueueBar(QFrame):
    """What is queued. Hidden while nothing is."""

    def __init__(self, queue: RunQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue = queue
        self._chosen: Run | None = None
        self.text = QLabel()
        self.text.setProperty("role", "muted")
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.earlier = self._arrow("↑", "Earlier in the queue (Alt+Up)", -1)
        self.later = self._arrow("↓", "Later in the queue (Alt+Down)", 1)
        self.go = QPushButton()
        self.go.clicked.connect(self._toggle)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 12, 2)
        layout.setSpacing(2)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.earlier)
        layout.addWidget(self.later)
        layout.addSpacing(4)
        layout.addWidget(self.go)
        queue.changed.connect(self.refresh)
        self.refresh()

    def choose(self, run: Run | None) -> None:
        """The queued run that the arrows move; None: there is none to move."""
        self._chosen = run
        self.refresh()

    def move_chosen(self, by: int) -> None:
        if self._chosen is not None:
            self._queue.move(self._chosen, by)

    def refresh(self) -> None:
        runs, held = self._queue.runs, self._queue.all_held
        self.setVisible(bool(runs))
        self.text.setText(f"{count(len(runs), 'run')} queued{', on hold' if held else ''}")
        self.go.setText("Go on" if held else "Hold")
        self.go.setToolTip(
            "Train the queued runs, one after the other"
            if held
            else "Begin no other run when the one that is being trained has ended"
        )
        place = runs.index(self._chosen) if self._chosen in runs else None
        for arrow in (self.earlier, self.later):
            arrow.setVisible(place is not None and len(runs) > 1)
        self.earlier.setEnabled(place is not None and place > 0)
        self.later.setEnabled(place is not None and place < len(runs) - 1)

    def _toggle(self) -> None:
        if self._queue.all_held:
            self._queue.go_on()
        else:
            self._queue.hold()

    def _arrow(self, text: str, tip: str, by: int) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.move_chosen(by))
        return button
