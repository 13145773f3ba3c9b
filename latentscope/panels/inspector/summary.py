"""What the inspected images have in common: mean image, mean code, figures, and how many there are of each class."""

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from latentscope.inspecting.inspecting import Inspecting
from latentscope.panels.inspector.picture_pair import PicturePair
from latentscope.panels.inspector.words import ABOUT_ERRORS, error_text
from latentscope.panels.layers.class_bars import ClassBars
from latentscope.panels.scrolled import scrolled
from latentscope.theme import Theme
from latentscope.words import figure

__all__ = ["SummaryPage"]

LOW = 380  # px: below this height the pictures are small


class SummaryPage(QWidget):
    """The whole of what is inspected, in a few pictures and figures."""

    def __init__(self, inspecting: Inspecting, theme: Theme) -> None:
        super().__init__()
        self._inspecting = inspecting
        self.pair = PicturePair("Mean image", "Mean code", theme)
        self.pair.first.say("Mean image", "The mean of the original images")
        self.bars = ClassBars(theme)
        self._no_labels = QLabel("The points of this model have no labels.")
        self._no_labels.setProperty("role", "muted")
        self._no_labels.setWordWrap(True)
        inner = QWidget()
        bars = QVBoxLayout(inner)
        bars.setContentsMargins(0, 0, 6, 0)
        bars.addWidget(self.bars)
        bars.addWidget(self._no_labels)
        bars.addStretch(1)
        area = scrolled(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(8)
        layout.addWidget(self.pair)
        layout.addWidget(area, 1)
        for signal in (
            inspecting.summarising.changed,
            inspecting.sorting.errors_changed,
            inspecting.subject_changed,
            inspecting.source_changed,
        ):
            signal.connect(self.refresh)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        self.pair.set_theme(theme)
        self.bars.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.pair.set_compact(self.height() < LOW)

    def refresh(self) -> None:
        summary, source = self._inspecting.summarising.summary, self._inspecting.source
        if source is None:
            return
        image, code = self.pair.first.view, self.pair.second.view
        if summary.mean_image is not None:
            image.show_picture(summary.mean_image)
        else:
            image.show_text("not at hand" if source.images is None else "…")
        if summary.mean_code_decoded is not None:
            code.show_picture(summary.mean_code_decoded)
        else:
            code.show_text("…" if source.timed is None or source.can_decode else "not to be decoded")
        if source.codes.tokens is not None:
            tip = "This model decodes no points: the encoded image nearest to the mean code"
        elif source.is_conditional:
            tip = "The mean of these codes, decoded with the mixture of classes that these images have"
        else:
            tip = "The mean of these codes, decoded"
        self.pair.second.say("Mean code" if source.codes.tokens is None else "Nearest image", tip)
        error = self._inspecting.sorting.mean_error()
        parts = [] if error is None else [f"mean error {error_text(error)}"]
        if summary.kl is not None:
            parts.append(f"mean KL {figure(summary.kl)} nats")
        self.pair.say("", parts, ABOUT_ERRORS)
        labels = source.codes.labels
        self._no_labels.setVisible(labels is None)
        self.bars.setVisible(labels is not None)
        if labels is not None and summary.counts is not None:
            self.bars.show_counts(summary.counts, source.codes.class_counts, source.class_names)
