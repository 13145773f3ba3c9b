"""The Decoded dock: the probe's image, its coordinates, and the encoded points around it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QPushButton, QToolTip, QVBoxLayout, QWidget

from latentscope.after_paint import AfterPaint
from latentscope.analysis.near_probe import NearProbe
from latentscope.decoding import Decoding
from latentscope.files.originals import Originals
from latentscope.images import enlarged, rounded
from latentscope.panels.elided import ElidedLabel
from latentscope.panels.picture import PictureView
from latentscope.panels.readout import Readout
from latentscope.panels.trust_line import Trust, TrustLine
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme, class_colours
from latentscope.turns import Turn
from latentscope.words import class_name, latent_text, numbers_text

__all__ = ["DecodedPanel"]

NEIGHBOURS = 7
MOST_THUMBNAILS = 1024
CORNER = 5.0  # px: how round a thumbnail is
NO_POINTS = (
    "This model decodes grids of codes, not points. A place on its map stands for the encoded test image that lies "
    "nearest."
)


class DecodedPanel(QWidget):
    """What the decoder makes of the probe, and the test images encoded nearest to it."""

    title = "Decoded"
    shown = Signal(object)  # the picture of the probe, uint8 (H, W, C)
    data_wanted = Signal()  # the user asks for the data set behind the model

    def __init__(self, workspace: Workspace, decoding: Decoding, originals: Originals, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._decoding = workspace, decoding
        self.view = PictureView(theme)
        self.coordinates = QLabel()
        copy = QAction("Copy Coordinates", self)
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(numbers_text(workspace.probe)))
        self.coordinates.addAction(copy)
        self.coordinates.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.coordinates.setAccessibleName("Coordinates of the probe")
        self.condition = ElidedLabel()
        self.condition.setProperty("role", "heading")
        self.condition.setAccessibleName("Class that is decoded")
        self.time = QLabel()
        self.time.setProperty("role", "muted")
        self.trust = TrustLine(theme)
        self.neighbours = NeighbourRow(workspace, originals, theme)
        heading = QLabel("Nearest test images")
        heading.setProperty("role", "muted")
        self.data_button = QPushButton()
        self.data_button.setProperty("role", "flat")
        self.data_button.clicked.connect(self.data_wanted)
        self.data_button.hide()

        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.condition)
        self._readout = Readout(self.coordinates, self.time, "decoded in 00.00 ms", theme)
        layout.addWidget(self._readout)
        layout.addWidget(self.trust)
        layout.addWidget(heading)
        layout.addWidget(self.neighbours)
        layout.addWidget(self.data_button)

        self._milliseconds: float | None = None
        self._after_paint = AfterPaint(self._show_time, self)
        workspace.probe_changed.connect(self._decode)
        workspace.probe_shown.connect(self._tell)
        workspace.model_changed.connect(self._start_afresh)
        workspace.plane_changed.connect(self._tell)
        # A snapshot's decoder says itself that it is there; its codes have moved.
        self._telling = Turn(self._tell, workspace.turns, self)
        workspace.snapshot_changed.connect(self._telling.ask)
        decoding.ready.connect(self._take_decoder)
        decoding.failed.connect(self._give_up)
        self._start_afresh()

    def set_theme(self, theme: Theme) -> None:
        self.view.set_theme(theme)
        self.trust.set_theme(theme)
        self.view.set_border(self.trust.colour)
        self.neighbours.set_theme(theme)
        self._readout.set_theme(theme)

    def offer_data(self, text: str) -> None:
        """Show a button with this text below the neighbours; empty hides it."""
        self.data_button.setText(text)
        self.data_button.setVisible(bool(text))

    def show_trust(self, trust: Trust | None) -> None:
        """Say in words, and by a border round the picture, whether the probe is on the data; None: nothing is said."""
        self.trust.show_trust(trust)
        self.view.set_border(self.trust.colour)

    def refresh(self) -> None:
        """Decode the probe, and look for its neighbours."""
        self._tell()
        self._show_condition()
        self._decode()

    def _take_decoder(self) -> None:
        """The picture at once; what is near when there is time for it."""
        self._decode()
        self._show_condition()
        self._telling.ask()

    def is_settled(self) -> bool:
        return not self._after_paint.is_due

    def _decode(self) -> None:
        self._decoding.request("probe", self._workspace.probe[None], self._show)

    def _tell(self) -> None:
        """Say where the probe is, and what is near."""
        probe = self._workspace.probe
        self.neighbours.refresh()
        image = self.neighbours.decoded_image
        if image is None:
            # What fits beside the time in a narrow dock; the rest is in the tool tip.
            choice = self._workspace.plane_choice
            axes = choice.axes if choice.kind == "axes" else None  # those along the map, which a click changes
            self.coordinates.setText(latent_text(probe, limit=3 if len(probe) == 3 else 2, axes=axes))
            self.coordinates.setToolTip(latent_text(probe, limit=64))
        else:
            self.coordinates.setText(f"nearest encoded image, no. {image:,}")
            self.coordinates.setToolTip(f"{NO_POINTS} Here: {latent_text(probe, limit=16)}.")

    def _show_condition(self) -> None:
        """Name the class or the mixture under the picture."""
        text = self._workspace.condition_text
        self.condition.setVisible(bool(text))
        self.condition.setText(text[:1].upper() + text[1:])

    def _give_up(self) -> None:
        if self._decoding.codec is None:
            self.view.show_text("This model cannot be decoded.")

    def _start_afresh(self) -> None:
        self._milliseconds = None
        self._show_time()
        self.view.show_text("Loading the decoder…" if self._workspace.model else "No model is open.")
        self.refresh()

    def _show(self, pictures: NDArray[np.uint8], milliseconds: float) -> None:
        self.view.show_picture(pictures[0])
        self.shown.emit(pictures[0])
        self._milliseconds = milliseconds
        self._after_paint.ask()

    def _show_time(self) -> None:
        taken = self._milliseconds
        self.time.setText("" if taken is None else f"decoded in {taken:.{2 if taken < 10 else 0}f} ms")


class NeighbourRow(QWidget):
    """The encoded points nearest to the probe: their pictures where the data set is at hand, else their classes."""

    def __init__(self, workspace: Workspace, originals: Originals, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._originals, self._theme = workspace, originals, theme
        self.near = NearProbe(workspace, NEIGHBOURS, self)
        self.near.changed.connect(self._show)
        self._thumbnails: dict[tuple[int, int], QImage] = {}  # of an image at a size, with round corners
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFixedHeight(64)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Nearest test images")
        originals.changed.connect(self._take_pictures)

    def _take_pictures(self) -> None:
        self._thumbnails.clear()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 64)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def refresh(self) -> None:
        self.near.refresh()

    @property
    def _indices(self) -> NDArray[np.intp]:
        found, codes = self.near.indices, self._workspace.codes
        # For a moment they are of the snapshot before, which may have had more codes.
        return found if codes is not None and found.max(initial=-1) < len(codes.mean) else found[:0]

    def _show(self) -> None:
        self.setAccessibleDescription(", ".join(self._words(i) for i in range(len(self._indices))))
        self.update()

    @property
    def reach(self) -> float | None:
        """The distance of the farthest of the neighbours, in latent units; None without any."""
        return float(self.near.distances[-1]) if len(self.near.distances) else None

    @property
    def decoded_image(self) -> int | None:
        """The image that stands for the probe, where the model decodes no points; else None."""
        codes = self._workspace.codes
        if codes is None or codes.tokens is None or not len(self._indices):
            return None
        return int(self._indices[0])

    def _cell(self, position: int) -> QRectF:
        gap = 6.0
        side = min(44.0, (self.width() - gap * (NEIGHBOURS - 1)) / NEIGHBOURS)
        return QRectF(position * (side + gap), 0, side, side)

    def _label(self, index: int) -> int | None:
        codes = self._workspace.codes
        return None if codes is None or codes.labels is None else int(codes.labels[index])

    def _words(self, position: int) -> str:
        index = int(self._indices[position])
        label = self._label(index)
        model = self._workspace.model
        name = class_name(model.file.class_names, label) + ", " if model and label is not None else ""
        return f"{name}test image {index:,}, {self.near.distances[position]:.2f} away"

    def _at(self, event: QMouseEvent) -> int | None:
        hits = (i for i in range(len(self._indices)) if self._cell(i).contains(event.position()))
        return next(hits, None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position, codes = self._at(event), self._workspace.codes
        if position is not None and codes is not None:
            self._workspace.set_probe(codes.mean[self._indices[position]])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        position = self._at(event)
        if position is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self._words(position), self)

    def paintEvent(self, event: QPaintEvent) -> None:
        model = self._workspace.model
        if model is None:
            with QPainter(self) as painter:
                painter.fillRect(event.rect(), QColor(self._theme.panel))
            return
        colours = class_colours(len(model.file.class_names), self._theme)
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), QColor(self._theme.panel))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for position, index in enumerate(self._indices):
                cell = self._cell(position)
                label = self._label(int(index))
                colour = (
                    QColor(*colours[label])
                    if label is not None and label < len(colours)
                    else QColor(self._theme.accent)
                )
                name = class_name(model.file.class_names, label) if label is not None else ""
                self._paint_cell(painter, cell, colour, name, self._thumbnail(int(index), cell.width()))

    def _thumbnail(self, index: int, side: float) -> QImage | None:
        """The picture of a test image at this size; while the probe is dragged most of them come again and again."""
        ratio = self.devicePixelRatioF()
        pixels = round(side * ratio)
        found = self._thumbnails.get((index, pixels))
        if found is None:
            picture = self._originals.picture(index)
            if picture is None:
                return None
            if len(self._thumbnails) >= MOST_THUMBNAILS:
                self._thumbnails.clear()
            found = self._thumbnails[index, pixels] = rounded(enlarged(picture, pixels, pixels), CORNER * ratio)
        return found

    def _paint_cell(self, painter: QPainter, cell: QRectF, colour: QColor, name: str, picture: QImage | None) -> None:
        if picture is None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.raised))
            painter.drawRoundedRect(cell, CORNER, CORNER)
            painter.setPen(QColor(self._theme.text))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, name if len(name) < 5 else name[:4] + "…")
        else:
            painter.drawImage(cell, picture)
        painter.setPen(QPen(colour, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), CORNER, CORNER)
        if picture is not None and name:
            below = QRectF(cell.left(), cell.bottom() + 1, cell.width(), 18)
            text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(cell.width()))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
