"""One line above the map for what the user should know: it never blocks, and never takes the focus."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from latentscope.theme import Theme

__all__ = ["MessageBar"]

Kind = Literal["info", "warning", "error"]

INFO_MS = 8000


class MessageBar(QFrame):
    """The latest message. An information leaves by itself; a warning or an error stays until it is closed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._kind: Kind = "info"
        self._action: Callable[[], None] | None = None
        self._other_action: Callable[[], None] | None = None
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button, self._other_button = QPushButton(), QPushButton()
        self._button.clicked.connect(self._act)
        self._other_button.clicked.connect(self._act_otherwise)
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setToolTip("Close this message")
        self._close.setAccessibleName("Close this message")
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 8, 7)
        layout.setSpacing(10)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        layout.addWidget(self._other_button)
        layout.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.set_theme(theme)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def kind(self) -> Kind:
        return self._kind

    @property
    def buttons(self) -> list[QPushButton]:
        """For what can be done about it."""
        return [button for button in (self._button, self._other_button) if not button.isHidden()]

    def say(
        self,
        text: str,
        kind: Kind = "info",
        button: str = "",
        action: Callable[[], None] | None = None,
        otherwise: tuple[str, Callable[[], None]] | None = None,
        *,
        passing: bool = False,
    ) -> None:
        """Show a sentence, and a button for what can be done about it where there is such a thing, or two.

        An information with a button stays, unless it is a ``passing`` one, which can be done elsewhere, too.
        """
        self._kind, self._action = kind, action
        other, self._other_action = otherwise or ("", None)
        self._other_button.setText(other)
        self._other_button.setVisible(bool(other))
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._restyle()
        self.show()
        if kind == "info" and (passing or not button):
            self._timer.start(INFO_MS)
        else:
            self._timer.stop()

    def add(self, text: str) -> None:
        """Show a warning, after the one that is being shown if there is one: neither takes the other's place."""
        before = self.text if self._kind == "warning" and not self.buttons else ""
        self.say(before if text in before else f"{before} {text}".strip(), "warning")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._restyle()

    def _restyle(self) -> None:
        colour = {"info": self._theme.accent, "warning": self._theme.warning, "error": self._theme.danger}[self._kind]
        self.setStyleSheet(
            f"QFrame#messageBar {{ background: {self._theme.raised}; border-radius: 5px;"
            f" border-left: 3px solid {colour}; }}"
        )

    def _act(self) -> None:
        action = self._action
        self.hide()
        if action is not None:
            action()

    def _act_otherwise(self) -> None:
        action = self._other_action
        self.hide()
        if action is not None:
            action()
