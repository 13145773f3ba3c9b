"""The Painter dock: the grid of codes of an image, repainted by hand and decoded again at every touch."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from latentscope.decoding import Decoding
from latentscope.panels.elided import ElidedLabel
from latentscope.panels.layers.swatches import MOST_DECODED, Swatches, by_similarity, colours_of, cropped
from latentscope.panels.picture import PictureView
from latentscope.panels.tokens.code_palette import CodePalette
from latentscope.panels.tokens.token_grid import TokenGrid
from latentscope.state.painting import Painting
from latentscope.state.workspace import Workspace
from latentscope.theme import Theme
from latentscope.window.boxes import ComboBox
from trainer.grids import NearestImages, codebook_of
from trainer.measures.codebook import codebook_figures, usage

__all__ = ["TokenPainterPanel"]

THUMBNAIL, MARGIN, GAP = 64, 10, 10  # px


class TokenPainterPanel(QWidget):
    """The codes that an image is made of: paint over them and see it decoded again. For models with a codebook."""

    title = "Painter"

    def __init__(self, workspace: Workspace, decoding: Decoding, theme: Theme) -> None:
        super().__init__()
        self._workspace, self._decoding = workspace, decoding
        self._codebook: NDArray[np.float32] | None = None
        self._counts: NDArray[np.int64] = np.empty(0, np.int64)
        self._orders: dict[str, NDArray[np.intp]] = {}
        self._images: NearestImages | None = None
        self._swatches: Swatches | None = None
        self._swatches_due = False
        self._brush = -1  # the code in hand
        self._before: Painting | None = None  # at the start of a stroke
        self.grid = TokenGrid(theme)
        self.picture = PictureView(theme)
        self.picture.setAccessibleName("The painted codes, decoded")
        self.picture.setToolTip("What the decoder makes of the painted codes")
        self.original = PictureView(theme)
        self.original.setAccessibleName("The image's own codes, decoded")
        self.original.setToolTip("What the decoder makes of the image's own codes")
        self.original.setFixedSize(THUMBNAIL, THUMBNAIL)
        self.palette_view = CodePalette(theme)
        self.header = QLabel()
        self.header.setTextFormat(Qt.TextFormat.RichText)
        self.header.setToolTip("Counted over all cells of all test images")
        self.name = ElidedLabel()
        self.name.setProperty("role", "heading")
        self.state = QLabel()
        self.state.setProperty("role", "muted")
        self.state.setWordWrap(True)
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("Back to the image's own codes")
        self.reset.clicked.connect(self._reset)
        self.follow = QPushButton("Follow")
        self.follow.setToolTip("Leave this painting for the image that the probe is on, and follow the probe again")
        self.follow.clicked.connect(self._take_probe)
        self.code_line = ElidedLabel()
        self.code_line.setProperty("role", "muted")
        self.order_choice = ComboBox()
        self.order_choice.addItems(["by use", "by similarity"])
        self.order_choice.setAccessibleName("Order of the codes")
        self.order_choice.currentIndexChanged.connect(self._show_palette)
        self._arrange()
        self.set_theme(theme)

        self.grid.pressed.connect(self._press)
        self.grid.entered.connect(self._paint)
        self.grid.released.connect(self._end_stroke)
        self.grid.picked.connect(self._pick)
        self.grid.activated.connect(self._activate)
        self.grid.moved.connect(self._show_code)
        self.palette_view.chosen.connect(self._choose)
        workspace.model_changed.connect(self._take_model)
        workspace.snapshot_changed.connect(self._take_model)
        workspace.probe_changed.connect(self._follow_probe)
        workspace.painting_changed.connect(self._refresh)
        decoding.ready.connect(self._decode_all)
        self._take_model()

    def sizeHint(self) -> QSize:
        return QSize(380, 460)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for part in (self.grid, self.picture, self.original, self.palette_view):
            part.set_theme(theme)
        self._show_header()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.name, 1)
        head.addWidget(self.reset)
        head.addWidget(self.follow)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(self.original)
        side.addWidget(self.state)
        side.addStretch(1)
        pictures = QHBoxLayout()
        pictures.setSpacing(GAP)
        pictures.addWidget(self.grid, 1)
        pictures.addWidget(self.picture, 1)
        pictures.addLayout(side)
        line = QHBoxLayout()
        line.addWidget(self.code_line, 1)
        line.addWidget(self.order_choice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, 2, MARGIN, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addLayout(pictures, 1)
        layout.addLayout(line)
        layout.addWidget(self.palette_view, 1)

    # --- what is open ---------------------------------------------------------------------------------------------

    def is_usable(self) -> bool:
        """Whether the open model has a codebook, and the grids of its test images."""
        return self._codebook is not None

    def _take_model(self) -> None:
        """Another model, or newer codes of the same run: a painting is kept where the codes still exist."""
        self._before = None  # no stroke goes over from one to the other
        model, codes = self._workspace.model, self._workspace.codes
        tokens = None if codes is None else codes.tokens
        codebook = codebook_of(model.file) if model else None
        if model is None or codes is None or tokens is None or codebook is None:
            self._codebook, self._images, self._swatches = None, None, None
            self._workspace.set_painting(None)
            self._refresh()
            return
        self._codebook = codebook
        self._counts = usage(tokens, len(codebook))
        self._orders = {}
        self._images = NearestImages(codes.mean)
        self._swatches = Swatches(colours_of(codebook))
        self._swatches_due = len(codebook) <= MOST_DECODED
        self._brush = min(self._brush, len(codebook) - 1)
        self._show_header()
        self._show_palette()
        self._follow_probe()
        self._refresh()
        self._decode_all()

    def about(self, code: int) -> tuple[NDArray[np.uint8] | None, str]:
        """What a code looks like, (s, t, C) uint8, and how often it is used."""
        if self._swatches is None or code >= len(self._swatches.pictures):
            return None, ""
        return self._swatches.pictures[code], self.palette_view.words(code).partition(": ")[2]

    def _show_header(self) -> None:
        codes = self._workspace.codes
        if self._codebook is None or codes is None or codes.tokens is None:
            self.header.clear()
            return
        figures = codebook_figures(codes.tokens, len(self._codebook))
        dead = int(figures["codes_unused"])
        text = f"{figures['codes_used']:,.0f} of {len(self._codebook):,} codes in use"
        if dead:
            text += f" · <span style='color: {self._theme.warning}'>✕ {dead:,} dead</span>"
        self.header.setText(f"{text} · perplexity {figures['perplexity']:,.0f}")

    # --- the image ------------------------------------------------------------------------------------------------

    def _follow_probe(self) -> None:
        """Take the image that is nearest to the probe, unless something has been painted."""
        painting = self._workspace.painting
        if painting is None or not painting.painted().any():
            found = self._probe_image()
            if found is not None:
                self._workspace.set_painting(found)

    def _probe_image(self) -> Painting | None:
        codes = self._workspace.codes
        if self._images is None or codes is None or codes.tokens is None:
            return None
        index = int(self._images.find(self._workspace.probe[None])[0, 0])
        return Painting.of(codes.tokens[index], f"Test image {index:,}")

    def _take_probe(self) -> None:
        found = self._probe_image()
        if found is not None:
            self._workspace.change_painting(found, "Take the probe's image")

    def _reset(self) -> None:
        painting = self._workspace.painting
        if painting is not None:
            self._workspace.change_painting(painting.as_it_was(), "Reset painting")

    # --- painting -------------------------------------------------------------------------------------------------

    def _press(self, cell: int) -> None:
        """With a code in hand it paints; without, it selects the cell that the next code is for."""
        self._before = self._workspace.painting
        if self._brush >= 0:
            self._paint(cell)
        else:
            self.grid.select(-1 if cell == self.grid.selected else cell)
            self._show_code()

    def _activate(self, cell: int) -> None:
        """By the keyboard: paint the cell with the code in hand, or go and look for one."""
        if self._brush >= 0:
            self._press(cell)
            self._end_stroke()
        else:
            self.palette_view.setFocus()

    def _paint(self, cell: int) -> None:
        painting = self._workspace.painting
        if painting is not None and self._brush >= 0:
            self._workspace.set_painting(painting.with_code(cell, self._brush))

    def _end_stroke(self) -> None:
        """All that was painted since the button went down is one step to undo."""
        if self._before is not None:
            self._workspace.change_painting(self._workspace.painting, "Paint codes", self._before)
        self._before = None

    def _choose(self, code: int) -> None:
        """A code of the palette: for the selected cell if there is one, else into the hand, and out of it again."""
        painting, cell = self._workspace.painting, self.grid.selected
        if painting is not None and 0 <= cell < painting.shape[0] * painting.shape[1]:
            self._workspace.change_painting(painting.with_code(cell, code), "Paint code")
        else:
            self._brush = -1 if code == self._brush else code
        self._show_code()

    def _pick(self, cell: int) -> None:
        """Take a cell's code into the hand."""
        painting = self._workspace.painting
        if painting is not None:
            self.grid.select(-1)
            self._brush = int(painting.tokens.ravel()[cell])
            self._show_code()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self._brush >= 0 or self.grid.selected >= 0):
            self._brush = -1
            self.grid.select(-1)
            self._show_code()
        else:
            super().keyPressEvent(event)

    # --- showing --------------------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        painting, model = self._workspace.painting, self._workspace.model
        if painting is None or model is None:
            self.grid.show_painting(None, None, 1.0)
            return
        height, width, _ = model.file.image_shape
        self.grid.show_painting(painting, self._swatches, width / height)
        changed, cells = int(painting.painted().sum()), painting.painted().size
        self.name.setText(painting.name)
        self.state.setText(f"original; {changed} of {cells} painted" if changed else "original")
        self.reset.setEnabled(changed > 0)
        self.follow.setEnabled(changed > 0)
        self._show_code()
        self._decode()

    def _show_code(self) -> None:
        """What is in hand or selected, and how often it is used."""
        painting, cell = self._workspace.painting, self.grid.selected
        if self._brush >= 0:
            self.palette_view.mark(self._brush, held=True)
            self.code_line.setText(f"{self.palette_view.words(self._brush)}. Paint with it; Esc puts it down.")
        elif painting is not None and 0 <= cell < painting.tokens.size:
            code = int(painting.tokens.ravel()[cell])
            self.palette_view.mark(code)
            self.code_line.setText(f"{self.palette_view.words(code)}. Choose another for this cell.")
        else:
            self.palette_view.mark(-1)
            self.code_line.setText("Click a cell and then a code, or take a code and paint.")

    def _show_palette(self) -> None:
        if self._codebook is None:
            return
        kind = self.order_choice.currentText()
        if kind not in self._orders:
            by_use = np.argsort(-self._counts, kind="stable")
            self._orders[kind] = by_use if kind == "by use" else by_similarity(self._codebook)
        self.palette_view.show_codes(self._orders[kind], self._counts, self._swatches)

    def _decode_all(self) -> None:
        """A new decoder: everything again. Nothing is decoded while nobody sees it."""
        self._decode()
        if self._codebook is None or not self._swatches_due or not self.isVisible():
            return
        painting = self._workspace.painting
        codec = self._decoding.codec
        if painting is not None and codec is not None and codec.grid == painting.shape:
            every = np.arange(len(self._codebook), dtype=np.int16)[:, None, None]
            self._decoding.request_tokens("swatches", np.broadcast_to(every, (len(every), *codec.grid)), self._take)

    def _take(self, pictures: NDArray[np.uint8], _milliseconds: float) -> None:
        """The codes' pictures have come."""
        if self._codebook is None or len(pictures) != len(self._codebook):
            return
        self._swatches_due = False
        self._swatches = Swatches(cropped(pictures))
        self._show_palette()
        self._refresh()

    def _decode(self) -> None:
        painting, codec = self._workspace.painting, self._decoding.codec
        if painting is None or codec is None or codec.grid != painting.shape or not self.isVisible():
            return
        self._decoding.request_tokens("painting", np.stack([painting.tokens, painting.original]), self._show)

    def _show(self, pictures: NDArray[np.uint8], _milliseconds: float) -> None:
        self.picture.show_picture(pictures[0])
        self.original.show_picture(pictures[1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Grid and picture as high as they are wide, and all that is left for the palette."""
        super().resizeEvent(event)
        side = max(96, (self.width() - THUMBNAIL - 2 * (MARGIN + GAP)) // 2)
        self.grid.setMaximumHeight(side)
        self.picture.setMaximumHeight(side)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._decode_all()
