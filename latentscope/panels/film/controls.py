"""What stands beside the title of the film strip: play it, and say how the path is joined, walked and timed."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from latentscope.panels.film.menus import MenuButton
from latentscope.paths.playing import SPEEDS, Mode, Playing
from latentscope.paths.possible import lacking
from latentscope.state.paths import LatentPath
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.window.boxes import ComboBox, WholeBox
from trainer.paths import NEEDS_DECODER, RULES
from trainer.paths.timing import Ease, Pace

__all__ = ["EASES", "MODES", "PACES", "STEPS", "FilmControls", "speed_text"]

STEPS = (2, 1000)
SPACING = 6  # px
PLAY_WIDTH = 38  # px
LEAST_KIND = 98  # px
STEPS_ROOM = 40  # px beside the number of steps: for the arrows

# In words, and what they mean.
MODES: dict[Mode, tuple[str, str, str]] = {
    "once": ("Once", "→", "To the end, and stop there"),
    "loop": ("Loop", "↻", "To the end, and from the beginning again"),
    "ping-pong": ("There and back", "⇄", "To the end, and back again"),
}
PACES: dict[Pace, tuple[str, str]] = {
    "latent": ("Even in latent space", "From step to step the same distance in latent space"),
    "visual": ("Even to the eye", "From step to step the image changes by the same amount"),
}
TIMINGS: dict[Pace, str] = {"latent": "Latent", "visual": "Visual"}  # in short
EASES: dict[Ease, tuple[str, str]] = {
    "none": ("At one pace", "As fast at the ends as in between"),
    "in": ("Start slowly", "Smaller steps at the beginning"),
    "out": ("End slowly", "Smaller steps at the end"),
    "both": ("Start and end slowly", "Smaller steps at both ends"),
}


def speed_text(speed: float) -> str:
    """ "0.25×", "2×"."""
    return f"{speed:g}×"


class FilmControls(QWidget):
    """One line of small controls for the active path. Whatever changes the path is a step to undo."""

    export_wanted = Signal()

    def __init__(self, workspace: Workspace, playing: Playing, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._playing = workspace, playing
        self.play_button = QPushButton()
        self.play_button.setProperty("role", "primary")
        self.play_button.setFixedWidth(PLAY_WIDTH)
        self.play_button.setStyleSheet("padding-left: 0; padding-right: 0;")
        self.play_button.clicked.connect(playing.toggle)

        self.how_button = MenuButton("How the film plays")
        self.modes = self.how_button.add_choice(
            "Play", {mode: (title, tip) for mode, (title, _, tip) in MODES.items()}, playing.set_mode
        )
        self.speeds = self.how_button.add_choice(
            "Speed", {speed: (speed_text(speed), "") for speed in SPEEDS}, playing.set_speed
        )
        self.kind_choice = ComboBox()
        self.kind_choice.setMinimumWidth(LEAST_KIND)
        self.kind_choice.setAccessibleName("How waypoints are joined")
        for rule in RULES.choices.values():
            self.kind_choice.addItem(rule.title, rule.name)
            self.kind_choice.setItemData(self.kind_choice.count() - 1, rule.help, Qt.ItemDataRole.ToolTipRole)
        self.kind_choice.setToolTip("\n".join(f"{rule.title}: {rule.help}" for rule in RULES.choices.values()))
        self.kind_choice.activated.connect(self._choose_kind)
        self.steps_choice = StepsBox()
        self.steps_choice.setRange(*STEPS)
        self.steps_choice.setSuffix(" steps")
        self.steps_choice.setMaximumWidth(self.steps_choice.fontMetrics().horizontalAdvance("1000 steps") + STEPS_ROOM)
        self.steps_choice.setKeyboardTracking(False)  # half a number that is being typed is none
        self.steps_choice.setAccessibleName("Steps along the path")
        self.steps_choice.setToolTip("How many frames there are from end to end")
        self.steps_choice.valueChanged.connect(self._choose_steps)
        self.timing_button = MenuButton("Timing")
        self.paces = self.timing_button.add_choice("Steps", PACES, lambda pace: self._change_walk("Pace", pace=pace))
        self.eases = self.timing_button.add_choice("Ends", EASES, lambda ease: self._change_walk("Ease", ease=ease))
        self.busy = BusyDot(theme)
        self.export_button = QPushButton("Export…")
        self.export_button.setToolTip("Save the path as a picture, a film or arrays")
        self.export_button.clicked.connect(self.export_wanted)

        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACING)
        for widget in (self.play_button, self.how_button, self.kind_choice, self.steps_choice, self.timing_button):
            layout.addWidget(widget)
        layout.addWidget(self.export_button)
        layout.addWidget(self.busy)
        playing.changed.connect(self._show_playing)
        self._show_playing()

    def set_theme(self, theme: Theme) -> None:
        self.busy.set_theme(theme)

    def minimumSizeHint(self) -> QSize:
        """Where there is little room the choice of the rule is cut short, and what the File menu has, too, is left
        out."""
        whole = self.sizeHint()
        spared = self.kind_choice.sizeHint().width() - LEAST_KIND + self._export_width()
        return QSize(whole.width() - spared, whole.height())

    def sizeHint(self) -> QSize:
        whole = super().sizeHint()
        return whole if not self.export_button.isHidden() else whole + QSize(self._export_width(), 0)

    def _export_width(self) -> int:
        return self.export_button.sizeHint().width() + SPACING

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        spared = self.kind_choice.sizeHint().width() - LEAST_KIND
        self.export_button.setHidden(self.width() < self.sizeHint().width() - spared)

    def show_path(self, path: LatentPath, *, final: bool) -> None:
        """The path that all this is about; not ``final`` while a better way is sought for it."""
        self._offer()
        self.kind_choice.setCurrentIndex(self.kind_choice.findData(path.kind))
        self.steps_choice.blockSignals(True)
        self.steps_choice.setValue(path.steps)
        self.steps_choice.blockSignals(False)
        self.paces.check(path.walk.pace)
        self.eases.check(path.walk.ease)
        pace, ease = PACES[path.walk.pace][0], EASES[path.walk.ease][0]
        self.timing_button.setText(TIMINGS[path.walk.pace] + (" pace" if path.walk.ease == "none" else ", eased"))
        self.timing_button.setToolTip(f"Timing: {pace[0].lower()}{pace[1:]}, {ease[0].lower()}{ease[1:]}")
        self.timing_button.setAccessibleDescription(self.timing_button.toolTip())
        self.busy.setVisible(not final)

    def _offer(self) -> None:
        """The rules and paces that the open model can follow."""
        missing = lacking(self._workspace.codes)
        rules = self.kind_choice.model()
        for index, rule in enumerate(RULES.choices.values()):
            item = rules.item(index) if isinstance(rules, QStandardItemModel) else None
            if item is not None:
                item.setEnabled(missing.isdisjoint(rule.traits))
        self.paces.actions["visual"].setEnabled(NEEDS_DECODER not in missing)

    def _show_playing(self) -> None:
        playing = self._playing
        self.play_button.setText("❚❚" if playing.playing else "▶")
        what = "Pause" if playing.playing else "Play the path: the probe runs along it"
        self.play_button.setToolTip(f"{what} (Ctrl+Space)")
        self.play_button.setAccessibleName(what)
        title, sign, _ = MODES[playing.mode]
        self.how_button.setText(f"{sign} {speed_text(playing.speed)}")
        self.how_button.setToolTip(f"{title}, at speed {speed_text(playing.speed)}")
        self.how_button.setAccessibleDescription(self.how_button.toolTip())
        self.modes.check(playing.mode)
        self.speeds.check(playing.speed)

    def _choose_kind(self) -> None:
        path = self._workspace.pathing.current
        kind = str(self.kind_choice.currentData())
        if path is not None and path.kind != kind:
            self._workspace.pathing.change_current(replace(path, kind=kind), f"Join by {RULES[kind].title.lower()}")

    def _choose_steps(self, steps: int) -> None:
        self._change_walk("Steps of the path", steps=steps)

    def _change_walk(self, text: str, **change: object) -> None:
        path = self._workspace.pathing.current
        if path is not None:
            walk = replace(path.walk, **change)  # type: ignore[arg-type]
            if walk != path.walk:
                self._workspace.pathing.change_current(replace(path, walk=walk), text, merge="steps" in change)


class StepsBox(WholeBox):
    """Undo and redo mean the path here, too, and not the digits that were typed."""

    def event(self, event: QEvent) -> bool:
        keys = QKeySequence.StandardKey
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (event.matches(keys.Undo) or event.matches(keys.Redo))
        ):
            event.ignore()
            return False
        return super().event(event)


class BusyDot(QWidget):
    """A small dot that is there while something better is sought. It keeps its place when it is not."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setToolTip("A better way is being sought; the frames follow")
        self.setAccessibleName(self.toolTip())
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.setSizePolicy(policy)
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(14, 14)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.accent))
            painter.drawEllipse(QPointF(7, 7), 3.5, 3.5)
