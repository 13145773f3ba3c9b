"""One image looked at closely: beside its reconstruction, and what is nearest to it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from latentscope.inspecting.inspecting import Inspecting
from latentscope.panels.inspector.picture_pair import PicturePair
from latentscope.panels.inspector.thumb_row import ThumbRow
from latentscope.panels.inspector.thumbs import Thumbs
from latentscope.panels.inspector.words import ABOUT_ERRORS, distance_text, error_text, facts_of, title_of
from latentscope.theme import Theme
from trainer.analysis.inspection import squared_errors

__all__ = ["ImagePage"]

LOW = 400  # px: below this height the pictures are small

INVITATION = "Click an image of the gallery to look at it closely: its reconstruction, and what is nearest to it."


class ImagePage(QWidget):
    """The image that is looked at: original and reconstruction, their difference, and the images nearest to it."""

    chosen = Signal(int)
    pointed = Signal(int)

    def __init__(self, inspecting: Inspecting, thumbs: Thumbs, theme: Theme) -> None:
        super().__init__()
        self._inspecting, self._thumbs = inspecting, thumbs
        self.pair = PicturePair("Original", "Decoded", theme)
        self.original, self.decoded = self.pair.first, self.pair.second
        self.in_latent_space = ThumbRow(inspecting, thumbs, theme, "Nearest in latent space")
        self.in_pixels = ThumbRow(inspecting, thumbs, theme, "Nearest in pixel space")
        self._invitation = QLabel(INVITATION)
        self._invitation.setProperty("role", "muted")
        self._invitation.setWordWrap(True)
        self._invitation.setMargin(16)

        found = QWidget()
        layout = QVBoxLayout(found)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(3)
        layout.addWidget(self.pair)
        for row, tip in (
            (self.in_latent_space, "Euclidean distance of the codes' means"),
            (self.in_pixels, "Squared difference a pixel of the original images, in units of [0, 1]"),
        ):
            heading = QLabel(row.accessibleName())
            heading.setProperty("role", "muted")
            heading.setToolTip(tip)
            layout.addSpacing(2)
            layout.addWidget(heading)
            layout.addWidget(row)
            row.chosen.connect(self.chosen)
            row.pointed.connect(self.pointed)
        layout.addStretch(1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._invitation)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(found)
        self._pages.addWidget(area)
        inspecting.current_changed.connect(self.refresh)
        inspecting.source_changed.connect(self.refresh)
        inspecting.reconstructions.changed.connect(self._show_pictures)
        inspecting.nearness.changed.connect(self._show_near)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        for part in (self.pair, self.in_latent_space, self.in_pixels):
            part.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.pair.set_compact(self.height() < LOW)

    def refresh(self) -> None:
        current, source = self._inspecting.current, self._inspecting.source
        there = source is not None and 0 <= current < len(source.codes.mean)
        self._pages.setCurrentIndex(int(there))
        if not there or source is None:
            return
        which = ""
        if source.is_conditional:
            which = " with its class" if source.codes.labels is not None else " with the class decoded now"
        self.decoded.say("Decoded", f"The reconstruction: what the decoder makes of the code of this image{which}")
        self._show_pictures()
        self._show_near()

    def _show_pictures(self) -> None:
        current, source = self._inspecting.current, self._inspecting.source
        if source is None or not 0 <= current < len(source.codes.mean):
            return
        self._thumbs.begin([current] if self.isVisible() else [], {"decoded"})
        original, decoded = (self._thumbs.picture(kind, current) for kind in ("original", "decoded"))
        if original is None:
            self.original.view.show_text("not at hand")
        else:
            self.original.view.show_picture(original)
        if decoded is None:
            self.decoded.view.show_text("…" if source.timed is None or source.can_decode else "not to be decoded")
        else:
            self.decoded.view.show_picture(decoded)
        facts = facts_of(self._inspecting, current)
        if original is not None and decoded is not None and not any(fact.startswith("error") for fact in facts):
            facts = [f"error {error_text(float(squared_errors(original[None], decoded)[0]))}", *facts]
        self.pair.say(title_of(self._inspecting, current), facts, ABOUT_ERRORS)

    def _show_near(self) -> None:
        near, source = self._inspecting.nearness.near, self._inspecting.source
        if near.latent is None or near.of != self._inspecting.current:
            self.in_latent_space.show_text("…")
        else:
            self.in_latent_space.show_images(near.latent[0], [distance_text(float(away)) for away in near.latent[1]])
        if source is None or source.images is None:
            self.in_pixels.show_text("Needs the original images, which are not at hand.")
        elif near.pixels is None or near.of != self._inspecting.current:
            self.in_pixels.show_text("…")
        else:
            self.in_pixels.show_images(near.pixels[0], [f"{away:.3f}" for away in near.pixels[1]])

    def showEvent(self, event: object) -> None:
        self._show_pictures()
