"""A strip at the top of the map: what it shows just now that is not as usual, and what can be done about it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from latentscope.theme import Theme

__all__ = ["MapNotice"]

MARGIN = 8  # px from the edges of the map
LEFT = 46  # px: the numbers of the vertical axis

Action = tuple[str, Callable[[], object]]


class MapNotice(QFrame):
    """A child of the map, in the middle of its upper edge; hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._map = parent
        self._shown: tuple[object, ...] = ()
        self.setObjectName("mapNotice")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAccessibleName("What the map shows")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(90, 6)
        self.buttons = (QPushButton(), QPushButton())
        self._actions: tuple[Action, ...] = ()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 5, 6, 5)
        layout.setSpacing(8)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.progress)
        for number, button in enumerate(self.buttons):
            button.setProperty("role", "flat")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the map
            button.clicked.connect(lambda _=False, number=number: self._act(number))
            layout.addWidget(button)
        parent.installEventFilter(self)
        self.set_theme(theme)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self.setStyleSheet(
            f"QFrame#mapNotice {{ background: {theme.panel}; border: 1px solid {theme.border}; border-radius: 8px; }}"
            f"QFrame#mapNotice QPushButton {{ color: {theme.accent}; padding: 3px 8px; }}"
        )

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self.words.text()

    def say(self, text: str, actions: Sequence[Action] = (), share: float | None = None) -> None:
        """Show this, with up to two buttons and, where ``share`` (0 to 1) says how far something is, a bar."""
        self._actions = tuple(actions)
        shown = (text, share, tuple(name for name, _ in actions), self._map.size())
        if shown == self._shown and not self.isHidden():
            return
        self._shown = shown
        self.words.setText(text)
        self.progress.setVisible(share is not None)
        self.progress.setValue(round(1000 * (share or 0)))
        for button, action in zip(self.buttons, (*actions, None, None), strict=False):
            button.setVisible(action is not None)
            if action is not None:
                button.setText(action[0])
        self._place()
        self.show()
        self.raise_()

    def clear(self) -> None:
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False

    def _act(self, number: int) -> None:
        if number < len(self._actions):
            self._actions[number][1]()

    def _place(self) -> None:
        """As wide as the words need, within the map."""
        room = max(120, self._map.width() - LEFT - 2 * MARGIN)
        metrics, layout = self.words.fontMetrics(), self.layout()
        assert layout is not None
        self.words.setMinimumWidth(0)
        self.words.setFixedWidth(metrics.horizontalAdvance(self.words.text()) + 4)
        layout.activate()
        if self.sizeHint().width() > room:
            self.words.setFixedWidth(max(80, self.words.width() - (self.sizeHint().width() - room)))
            layout.activate()
        width = min(room, self.sizeHint().width())
        height = max(self.sizeHint().height(), self.heightForWidth(width) if self.hasHeightForWidth() else 0)
        self.setGeometry(LEFT + MARGIN + (room - width) // 2, MARGIN, width, height)
