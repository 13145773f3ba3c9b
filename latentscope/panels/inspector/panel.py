"""The Inspector dock: what the selected images have in common, each of them in a gallery, and one of them closely."""

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latentscope.inspecting.inspecting import Inspecting
from latentscope.inspecting.sorting import SORTS, reason_against
from latentscope.panels.elided import ElidedLabel
from latentscope.panels.inspector.gallery import Gallery, Mode
from latentscope.panels.inspector.gallery_card import GalleryCard
from latentscope.panels.inspector.inspected_image import ImagePage
from latentscope.panels.inspector.summary import SummaryPage
from latentscope.panels.inspector.thumbs import Thumbs
from latentscope.panels.inspector.words import share_text
from latentscope.theme import Theme
from latentscope.window.boxes import ComboBox

__all__ = ["InspectorPanel"]

WIDE = 800  # px: from here on all pages stand beside each other
SIDE_PAGE = 270, 330  # px: the widths of summary and image then
MODES: tuple[tuple[Mode, str, str], ...] = (
    ("original", "Original", "Show the original images"),
    ("decoded", "Decoded", "Show what the decoder makes of their codes"),
    ("both", "Both", "Show original and reconstruction beside each other"),
)
PAGES = ("Images", "Summary", "Close-up")


class InspectorPanel(QWidget):
    """Statistics, a gallery and neighbours of the selected points, or of all that are shown; also exports them."""

    title = "Inspector"
    pointed = Signal(int)  # an image that the mouse is on; −1: on none
    menu_requested = Signal(QPoint, int)
    data_wanted = Signal()
    all_wanted = Signal()

    def __init__(self, inspecting: Inspecting, theme: Theme) -> None:
        super().__init__()
        self._inspecting = inspecting
        self.thumbs = Thumbs(inspecting)
        self.gallery = Gallery(inspecting, self.thumbs, theme)
        self.summary = SummaryPage(inspecting, theme)
        self.image = ImagePage(inspecting, self.thumbs, theme)
        self.card = GalleryCard(inspecting, self.thumbs, theme, self)
        self.note = ElidedLabel()
        self.note.setProperty("role", "muted")
        self.export_button = QPushButton("Export")
        self.export_button.setToolTip("Save what is inspected as a table, as arrays or as a sheet of pictures")
        self.export_button.setProperty("role", "flat")
        self.close_button = QPushButton("Clear")
        self.close_button.setProperty("role", "flat")
        self.close_button.setToolTip("Select nothing; the points stay where they are")
        self.data_button = QPushButton()
        self.data_button.setProperty("role", "flat")
        self.data_button.clicked.connect(self.data_wanted)
        self.data_button.hide()
        self.sort_choice = ComboBox()
        self.sort_choice.setAccessibleName("Sort the images by")
        for sort in SORTS:
            self.sort_choice.addItem(sort.title, sort.name)
        self.sort_choice.setMinimumContentsLength(8)
        self.sort_choice.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sort_choice.activated.connect(lambda _: self._choose_sort())
        self.direction = QToolButton()
        self.direction.setCheckable(True)
        self.direction.setAccessibleName("Largest first")
        self.direction.clicked.connect(lambda _: self._choose_sort())
        self._pages = self._make_pages()
        self._empty = EmptyPage()
        self._empty.all_button.clicked.connect(self.all_wanted)
        self._arrange()

        self.gallery.chosen.connect(inspecting.look_at)
        self.image.chosen.connect(inspecting.look_at)
        for part in (self.gallery, self.image):
            part.pointed.connect(self.pointed)
        self.gallery.hovered.connect(self.card.show_image)
        self.gallery.menu_requested.connect(self.menu_requested)
        inspecting.subject_changed.connect(self.refresh)
        inspecting.source_changed.connect(self.refresh)
        inspecting.sorting.order_changed.connect(self._show_sort)
        inspecting.sorting.progress_changed.connect(self._show_note)
        self._wanted_mode = 0
        self._shown = self._stopped = False
        self.show_page(0)
        self.refresh()

    def _make_pages(self) -> QWidget:
        """Three pages: one at a time with tabs, or all beside each other where there is room."""
        self._tabs = QButtonGroup(self)
        self._tab_row = QWidget()
        tabs = QHBoxLayout(self._tab_row)
        tabs.setContentsMargins(0, 0, 0, 0)
        tabs.setSpacing(2)
        for i, name in enumerate(PAGES):
            tabs.addWidget(flat_button(name, "", self._tabs, i))
        tabs.addStretch(1)
        self._tabs.idClicked.connect(self.show_page)
        self._modes = QButtonGroup(self)
        tools = QHBoxLayout()
        tools.setContentsMargins(8, 0, 8, 0)
        tools.setSpacing(2)
        for i, (_, name, tip) in enumerate(MODES):
            tools.addWidget(flat_button(name, tip, self._modes, i))
        self._modes.button(0).setChecked(True)
        self._modes.idClicked.connect(self._choose_mode)
        tools.addSpacing(6)
        tools.addWidget(self.sort_choice, 1)
        tools.addWidget(self.direction)
        self._images = QWidget()
        images = QVBoxLayout(self._images)
        images.setContentsMargins(0, 0, 0, 0)
        images.setSpacing(4)
        images.addLayout(tools)
        images.addWidget(self.gallery, 1)
        result = QWidget()
        self._beside = QHBoxLayout(result)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setSpacing(0)
        self._lines = (upright_line(), upright_line())
        for widget in (self.summary, self._lines[0], self._images, self._lines[1], self.image):
            self._beside.addWidget(widget)
        return result

    def _arrange(self) -> None:
        # Count and buttons stand in the dock's title line, so that the images have all the room below it.
        self.header = QWidget(self)
        head = QHBoxLayout(self.header)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(4)
        head.addWidget(self.note, 1)
        head.addWidget(self.close_button)
        head.addWidget(self.export_button)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(8, 0, 8, 0)
        tabs.addWidget(self._tab_row)
        full = QWidget()
        layout = QVBoxLayout(full)
        layout.setContentsMargins(0, 4, 0, 6)
        layout.setSpacing(4)
        layout.addLayout(tabs)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self.data_button)
        self._either = QStackedLayout()
        self._either.addWidget(self._empty)
        self._either.addWidget(full)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)  # pages side by side may become one page
        whole.addLayout(self._either)

    def sizeHint(self) -> QSize:
        return QSize(340, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 180)

    def set_theme(self, theme: Theme) -> None:
        for part in (self.gallery, self.summary, self.image, self.card):
            part.set_theme(theme)
        for line in self._lines:
            line.setStyleSheet(f"background: {theme.border}; border: none;")

    def set_export_menu(self, menu: QMenu) -> None:
        """What the button Export offers."""
        self.export_button.setMenu(menu)

    def offer_data(self, text: str) -> None:
        """Show a button with this text, which asks for the data set; empty hides it."""
        self.data_button.setText(text)
        self.data_button.setVisible(bool(text))

    def is_settled(self) -> bool:
        return self.gallery.is_settled() and (self._inspecting.is_settled() or not self._shown)

    # --- what is shown --------------------------------------------------------------------------------------------

    @property
    def is_wide(self) -> bool:
        return self.width() >= WIDE

    def show_page(self, page: int) -> None:
        """Show one of ``PAGES``; where all are beside each other this does nothing to be seen."""
        self._page = page
        self._tabs.button(page).setChecked(True)
        wide = self.is_wide
        self._tab_row.setVisible(not wide)
        for i, widget in enumerate((self._images, self.summary, self.image)):
            widget.setVisible(wide or i == page)
        for line in self._lines:
            line.setVisible(wide)
        none = 16777215  # QWIDGETSIZE_MAX
        for part, width in zip((self.summary, self.image), SIDE_PAGE, strict=True):
            part.setMaximumWidth(width if wide else none)
            part.setMinimumWidth(width if wide else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if (event.oldSize().width() >= WIDE) != self.is_wide:
            self.show_page(self._page)

    def set_shown(self, shown: bool) -> None:
        """Whether the dock can be seen; one that is a tab behind another is not hidden, so the panel cannot tell."""
        if not self._stopped:
            self._shown = shown
            self.card.hide()
            self._inspecting.set_active(shown)

    def stop(self) -> None:
        """The window is closed. A dock that floats is hidden only when it is deleted, and much is gone by then."""
        self.set_shown(False)
        self._stopped = True

    def refresh(self) -> None:
        inspecting = self._inspecting
        count = len(inspecting.index)
        self._either.setCurrentIndex(int(count > 0))
        self._empty.show_total(inspecting.total)
        self.header.setVisible(count > 0)
        self._show_note()
        self._show_sort()
        self._show_modes()

    def _show_modes(self) -> None:
        """Offer what there is: without the originals, reconstructions alone."""
        source = self._inspecting.source
        originals = source is not None and source.images is not None
        decoded = source is not None and (source.timed is None or source.can_decode)
        offered = (originals, decoded, originals and decoded)
        wanted = self._wanted_mode
        mode = wanted if offered[wanted] else 0 if originals or not decoded else 1
        for i, there in enumerate(offered):
            self._modes.button(i).setEnabled(there)
            missing = "The original images are not at hand" if not originals else "This model cannot be decoded here"
            self._modes.button(i).setToolTip(MODES[i][2] if there else missing)
        self._modes.button(mode).setChecked(True)
        self.gallery.set_mode(MODES[mode][0])

    def _choose_mode(self, mode: int) -> None:
        self._wanted_mode = mode
        self._show_modes()

    def _show_note(self, progress: str = "") -> None:
        """How many of all they are, or how far something is that takes long."""
        inspecting = self._inspecting
        count, total = len(inspecting.index), inspecting.total
        share = share_text(count, total)
        texts = f"{count:,} of {total:,} · {share}", f"{count:,} · {share}", f"{count:,}"
        if inspecting.is_everything:
            texts = f"all {count:,} shown", f"all {count:,}", f"{count:,}"
        self.note.setText(*((progress,) if progress else texts))

    def _show_sort(self) -> None:
        sorting = self._inspecting.sorting
        self.sort_choice.setCurrentIndex(self.sort_choice.findData(sorting.sort))
        self.direction.setChecked(sorting.descending)
        self.direction.setText("↓" if sorting.descending else "↑")
        self.direction.setToolTip("Largest first" if sorting.descending else "Smallest first")
        model = self.sort_choice.model()
        for row, sort in enumerate(SORTS):
            reason = reason_against(sort.name, self._inspecting.source)
            if isinstance(model, QStandardItemModel):
                model.item(row).setEnabled(not reason)
            self.sort_choice.setItemData(row, reason or sort.explanation, Qt.ItemDataRole.ToolTipRole)

    def _choose_sort(self) -> None:
        self._inspecting.choose_sort(self.sort_choice.currentData(), self.direction.isChecked())


class EmptyPage(QWidget):
    """What can be done while nothing is selected."""

    def __init__(self) -> None:
        super().__init__()
        heading = QLabel("Nothing is selected")
        heading.setProperty("role", "heading")
        words = QLabel(
            "Draw round points on the map with the lasso (L) or the rectangle (M), or Ctrl + click a class. "
            "Each image is then shown here, with what they have in common and what is near."
        )
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        self.all_button = QPushButton()
        self.all_button.setToolTip("Look at every point that is shown, until something is selected")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addStretch(1)
        layout.addWidget(heading)
        layout.addWidget(words)
        layout.addSpacing(4)
        layout.addWidget(self.all_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addStretch(2)

    def show_total(self, total: int) -> None:
        self.all_button.setText("Inspect all" if total == 0 else f"Inspect all {total:,}")
        self.all_button.setEnabled(total > 0)


def flat_button(text: str, tip: str, group: QButtonGroup, number: int) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "flat")
    button.setCheckable(True)
    button.setToolTip(tip)
    group.addButton(button, number)
    return button


def upright_line() -> QFrame:
    line = QFrame()
    line.setFixedWidth(1)
    return line
