"""Dark and light: the colours of the window, of its classes, and the style sheet that brings them to every widget.

The ten class colours were searched for, not picked: the least distance in OKLab between any two of them, seen with
normal sight and simulated for protan-, deutan- and tritanopia (Machado et al. 2009), is 0.09 and more; in common
ten-colour palettes it falls to 0.01. The tests hold it.
"""

import colorsys
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette

__all__ = [
    "DARK",
    "LIGHT",
    "Theme",
    "ThemeChoice",
    "class_colours",
    "mix",
    "palette",
    "path_colour",
    "path_dashes",
    "style_sheet",
    "system_theme",
    "theme_for",
]

Rgb = tuple[int, int, int]
ThemeChoice = Literal["system", "dark", "light"]


@dataclass(frozen=True)
class Theme:
    """Every colour as #rrggbb. ``ink`` draws the strokes of decoded images on the map; grey is how bright a grey image
    is drawn in panels: as it is, in both themes."""

    name: Literal["dark", "light"]
    window: str
    panel: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    danger: str
    warning: str
    success: str
    map_background: str
    grid: str
    ink: str


DARK = Theme(
    name="dark",
    window="#0f1319",
    panel="#151a22",
    raised="#202834",
    border="#2a3340",
    text="#e7ebf1",
    muted="#93a0b1",
    accent="#6b9bff",
    on_accent="#0b1220",
    danger="#ff7b72",
    warning="#e3b341",
    success="#56d3a0",
    map_background="#0b0e13",
    grid="#1a212b",
    ink="#dbe6f5",
)

LIGHT = Theme(
    name="light",
    window="#f1f3f6",
    panel="#ffffff",
    raised="#e9edf2",
    border="#d5dbe3",
    text="#1b2330",
    muted="#5d6a7b",
    accent="#2a5bd7",
    on_accent="#ffffff",
    danger="#c62f2f",
    warning="#8a5a00",
    success="#17784f",
    map_background="#fbfbfd",
    grid="#e9edf2",
    ink="#1b2a44",
)

# Neighbours on a map of digits (4 9 7, and 3 5 8) are far apart here; a class has a like hue in both themes.
_DARK_CLASSES = "3db3ff d1451b b79867 a1c701 11e7fc ed75c1 6d69e7 efe084 f3b2b1 9b688a"
_LIGHT_CLASSES = "217cb1 bf3d6a af7a10 a2b603 32bae2 9179fb 403bad 585317 e8879a 7c2269"


def class_colours(count: int, theme: Theme) -> list[Rgb]:
    """One colour a class. Above ten, which no palette can keep apart for everybody, hues follow the golden ratio."""
    first = _DARK_CLASSES if theme.name == "dark" else _LIGHT_CLASSES
    colours = [(int(h[:2], 16), int(h[2:4], 16), int(h[4:], 16)) for h in first.split()]
    for i in range(len(colours), count):
        value = (0.95, 0.75)[i % 2] if theme.name == "dark" else (0.75, 0.5)[i % 2]
        red, green, blue = colorsys.hsv_to_rgb(i * 0.61803398875 % 1, (0.75, 0.5)[i // 2 % 2], value)
        colours.append((round(red * 255), round(green * 255), round(blue * 255)))
    return colours[:count]


# Searched for in the same way, clear enough for thin lines: the least distance from each other and from drafts is 0.09,
# from the classes, as far as there is room for six more, 0.05. A path has a like hue in both themes.
_DARK_PATHS = "ffffff 9decd0 f57911 568af6 33da7c db17bc d3f407"
_LIGHT_PATHS = "1b2330 014614 8c5d07 7642c7 047268 620f60 3f9d50"


def path_colour(number: int, theme: Theme) -> str:
    """The colour of a path, #rrggbb: 0 is that of drafts, kept paths count from 1 and begin again after the last."""
    colours = (_DARK_PATHS if theme.name == "dark" else _LIGHT_PATHS).split()
    return f"#{colours[number if number == 0 else 1 + (number - 1) % (len(colours) - 1)]}"


# Logical pixels of line and gap; a dot is a round cap alone.
_DASHES: tuple[tuple[float, ...], ...] = ((), (5.0, 5.5), (0.1, 5.5))


def path_dashes(number: int, width: float) -> list[float]:
    """How the line of a path is dashed, as a pen of so many pixels takes it: not at all, as that of a draft, while no
    other has its colour; then there are dashes, and then dots."""
    pattern = _DASHES[max(number - 1, 0) // (len(_DARK_PATHS.split()) - 1) % len(_DASHES)]
    return [length / width for length in pattern]


def system_theme() -> Theme:
    """What the desktop asks for; dark where it does not say, since decoded images glow on dark."""
    return LIGHT if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Light else DARK


def theme_for(choice: ThemeChoice) -> Theme:
    return {"dark": DARK, "light": LIGHT}.get(choice) or system_theme()


def palette(theme: Theme) -> QPalette:
    """The same colours for whatever a style sheet does not reach."""
    roles = QPalette.ColorRole
    colours = {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.panel,
        roles.AlternateBase: theme.raised,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.danger,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.on_accent,
        roles.Link: theme.accent,
        roles.Mid: theme.border,
        roles.Dark: theme.border,
    }
    result = QPalette()
    for role, colour in colours.items():
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, mix(theme.text, theme.window, 0.62))
    return result


def mix(colour: str, other: str, amount: float) -> QColor:
    """``colour`` with ``amount`` (0 to 1) of ``other`` in it."""
    a, b = QColor(colour), QColor(other)
    return QColor.fromRgbF(
        a.redF() + (b.redF() - a.redF()) * amount,
        a.greenF() + (b.greenF() - a.greenF()) * amount,
        a.blueF() + (b.blueF() - a.blueF()) * amount,
    )


def style_sheet(theme: Theme) -> str:
    """One style sheet for the whole window. Widgets are told apart by their ``role`` property: primary, danger, muted,
    heading, figure."""
    t = theme
    hover = mix(t.raised, t.text, 0.08).name()
    disabled = mix(t.muted, t.window, 0.5).name()
    more = t.muted if t.name == "dark" else t.border  # behind a black arrow of Qt's
    accent_hover = mix(t.accent, t.text, 0.15).name()
    return f"""
    QWidget {{ color: {t.text}; }}
    QMainWindow, QDialog, QMessageBox {{ background: {t.window}; }}
    QMainWindow::separator {{ background: {t.window}; width: 6px; height: 6px; }}
    QMainWindow::separator:hover {{ background: {t.border}; }}
    QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.border}; padding: 5px 7px; }}

    QMenuBar {{ background: {t.window}; padding: 2px 4px; }}
    QMenuBar::item {{ padding: 4px 9px; border-radius: 5px; background: transparent; }}
    QMenuBar::item:selected {{ background: {t.raised}; }}
    QMenu {{ background: {t.panel}; border: 1px solid {t.border}; padding: 5px; }}
    QMenu::item {{ padding: 5px 26px 5px 22px; border-radius: 5px; }}
    QMenu::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QMenu::item:disabled {{ color: {disabled}; background: transparent; }}
    QMenu::separator {{ height: 1px; background: {t.border}; margin: 5px 8px; }}

    QToolBar {{ background: {t.window}; border: none; padding: 3px 8px; spacing: 4px; }}
    QToolBar::separator {{ background: {t.border}; width: 1px; margin: 5px 6px; }}
    QToolBar QToolButton {{ padding: 5px 11px; border-radius: 6px; border: 1px solid transparent;
        background: transparent; }}
    QToolBar QToolButton#qt_toolbar_ext_button {{ padding: 0; border-radius: 4px; background: {more}; }}
    QToolBar QToolButton:hover {{ background: {t.raised}; }}
    QToolBar QToolButton:checked {{ background: {t.raised}; border-color: {t.border}; color: {t.accent}; }}
    QToolBar QToolButton:disabled {{ color: {disabled}; }}
    QToolBar QToolButton:focus {{ border-color: {t.accent}; }}

    QDockWidget {{ titlebar-close-icon: none; titlebar-normal-icon: none; }}
    QWidget#panel {{ background: {t.panel}; border-radius: 8px; }}
    QWidget#panelTitle {{ background: transparent; }}
    QStatusBar {{ background: {t.window}; color: {t.muted}; }}
    QStatusBar::item {{ border: none; }}
    QStatusBar QLabel {{ color: {t.muted}; padding: 1px 6px; }}

    QLabel {{ background: transparent; }}
    QLabel[role="muted"] {{ color: {t.muted}; }}
    QLabel[role="heading"] {{ font-weight: 600; }}
    QLabel[role="title"] {{ font-size: 17px; font-weight: 600; }}
    QLabel[role="danger"] {{ color: {t.danger}; }}
    QLabel[role="warning"] {{ color: {t.warning}; }}
    QLabel[role="success"] {{ color: {t.success}; }}

    QPushButton, QDialogButtonBox QPushButton {{
        background: {t.raised}; border: 1px solid {t.border}; border-radius: 6px;
        padding: 5px 13px; min-height: 18px; }}
    QPushButton:hover {{ background: {hover}; }}
    QPushButton:focus {{ border-color: {t.accent}; }}
    QPushButton:pressed {{ background: {t.border}; }}
    QPushButton:disabled {{ color: {disabled}; }}
    QPushButton[role="primary"], QPushButton:default {{
        background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600; }}
    QPushButton[role="primary"]:hover, QPushButton:default:hover {{ background: {accent_hover}; }}
    QPushButton[role="primary"]:disabled, QPushButton:default:disabled {{
        background: {t.raised}; color: {disabled}; border-color: {t.border}; }}
    QPushButton[role="danger"] {{ color: {t.danger}; }}
    QPushButton[role="flat"], QToolButton {{ background: transparent; border: 1px solid transparent;
        border-radius: 6px; padding: 4px 8px; }}
    QPushButton[role="flat"]:hover, QToolButton:hover {{ background: {t.raised}; }}
    QPushButton[role="flat"]:checked, QToolButton:checked {{ background: {t.raised}; color: {t.accent}; }}
    QPushButton[role="flat"]:focus, QToolButton:focus {{ border-color: {t.accent}; }}

    QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit, QTextEdit {{
        background: {t.window}; border: 1px solid {t.border}; border-radius: 6px; padding: 4px 8px; min-height: 18px;
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus {{ border-color: {t.accent}; }}
    QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled {{ color: {disabled}; }}
    QComboBox::drop-down {{ border: none; width: 24px; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
        subcontrol-origin: border; width: 24px; border: none; background: transparent; }}
    QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
    QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
    QComboBox QAbstractItemView {{ background: {t.panel}; border: 1px solid {t.border};
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; outline: none; }}

    QAbstractItemView {{ background: {t.panel}; border: none; outline: none; }}
    QTreeView::item {{ padding: 0 8px; height: 26px; }}
    QAbstractItemView::item:selected {{ background: {t.accent}; color: {t.on_accent}; }}
    QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: none; padding: 4px 8px; }}

    QCheckBox {{ spacing: 8px; }}
    QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {t.muted}; border-radius: 4px;
        background: {t.window}; }}
    QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {t.accent}; }}
    QCheckBox::indicator:checked {{ border-color: {t.accent}; background: qradialgradient(cx: 0.5, cy: 0.5,
        radius: 0.5, fx: 0.5, fy: 0.5, stop: 0 {t.on_accent}, stop: 0.5 {t.on_accent}, stop: 0.6 {t.accent}); }}
    QCheckBox::indicator:disabled {{ border-color: {disabled}; background: {t.raised}; }}
    QCheckBox:disabled {{ color: {disabled}; }}

    QProgressBar {{ background: {t.raised}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }}
    QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}

    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{ background: {t.border}; border-radius: 4px; min-height: 26px; min-width: 26px; margin: 1px; }}
    QScrollBar::handle:hover {{ background: {t.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

    QSlider::groove:horizontal {{ height: 4px; background: {t.raised}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; }}
    QSlider::handle:horizontal {{ background: {t.text}; width: 14px; height: 14px; margin: -5px 0;
        border-radius: 7px; }}
    QSlider::handle:horizontal:focus {{ background: {t.accent}; }}

    QTabBar {{ background: {t.window}; }}
    QTabBar::tab {{ background: transparent; color: {t.muted}; padding: 6px 10px;
        border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {t.text}; border-bottom-color: {t.accent}; }}
    QTabBar::tab:hover {{ color: {t.text}; }}
    QTabBar::scroller {{ width: 44px; }}
    QTabBar QToolButton {{ padding: 0; margin: 3px 1px; border-radius: 4px; background: {t.raised}; }}
    QTabWidget::pane {{ border: none; }}
    """
