"""Two calm themes: one accent colour, one text size, tabular figures, an 8-pixel grid; images always on near black."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from mriexplorer.places import resource

GRID = 8
IMAGE_BACKGROUND = QColor("#000000")
IMAGE_TEXT = QColor("#9aa5b1")
IMAGE_LETTERS = QColor("#d7dde4")


@dataclass(frozen=True)
class Theme:
    """The colours of a theme, by role."""

    window: str
    panel: str
    raised: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    warning: str
    error: str
    success: str


DARK = Theme(
    "#0d0f12", "#14171b", "#1e2329", "#2a3038", "#dde3ea", "#8b96a3", "#5a636e", "#57b6e6", "#e0b060", "#f07f74", "#6cc48a"
)
LIGHT = Theme(
    "#e9ecef", "#f6f7f9", "#ffffff", "#cdd3da", "#1a1f25", "#5a6570", "#9aa4ae", "#0f76ad", "#8a5a00", "#b3261e", "#1d7a42"
)


def on_panel(widget: QWidget) -> None:
    """Give a widget the panel's own opaque background, so that painting it does not paint everything below it."""
    widget.setBackgroundRole(QPalette.ColorRole.AlternateBase)
    widget.setAutoFillBackground(True)


def theme(name: str) -> Theme:
    """The theme of that name, ``dark`` or ``light``."""
    return LIGHT if name == "light" else DARK


@lru_cache(maxsize=1)
def _family() -> str:
    """Roboto from its package, so that the window looks the same everywhere, with tabular figures."""
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("font_roboto")
    folder = Path((spec and spec.origin) or ".").parent / "files"
    for geometry in ("Roboto-Regular.ttf", "Roboto-Medium.ttf"):
        QFontDatabase.addApplicationFont(str(folder / geometry))
    return "Roboto"


@lru_cache(maxsize=16)
def font(points: float = 10, *, bold: bool = False) -> QFont:
    """The one typeface of the window; its figures are tabular."""
    result = QFont(_family())
    result.setPointSizeF(points)
    result.setWeight(QFont.Weight.Medium if bold else QFont.Weight.Normal)
    return result


def apply(application: QApplication, name: str) -> None:
    """Dress the whole application in a theme."""
    colours = theme(name)
    application.setStyle("Fusion")
    application.setFont(font())
    application.setPalette(_palette(colours))
    icons = {name: resource(f"{name}.svg").as_posix() for name in ("chevron", "check")}
    application.setStyleSheet(_STYLE.format(**vars(colours), **icons))


def _palette(colours: Theme) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: colours.window,
        QPalette.ColorRole.Base: colours.raised,
        QPalette.ColorRole.AlternateBase: colours.panel,
        QPalette.ColorRole.Button: colours.raised,
        QPalette.ColorRole.ToolTipBase: colours.raised,
        QPalette.ColorRole.Highlight: colours.accent,
        QPalette.ColorRole.Text: colours.text,
        QPalette.ColorRole.WindowText: colours.text,
        QPalette.ColorRole.ButtonText: colours.text,
        QPalette.ColorRole.ToolTipText: colours.text,
        QPalette.ColorRole.PlaceholderText: colours.muted,
        QPalette.ColorRole.HighlightedText: colours.window,
        QPalette.ColorRole.Mid: colours.line,
        QPalette.ColorRole.BrightText: colours.error,
    }
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours.faint))
    return palette


_STYLE = """
QWidget#bar {{ background: {panel}; }}
QScrollArea {{ border: none; }}
QLabel#title {{ color: {text}; font-weight: 500; }}
QLabel#muted {{ color: {muted}; }}
QLabel#problem {{ color: {error}; }}
QLabel#notice {{ color: {warning}; }}
QFrame#rule {{ background: {line}; max-height: 1px; border: none; }}
QFrame#banner {{ background: {raised}; border-left: 3px solid {warning}; }}
QFrame#banner[kind="severe"] {{ border-left: 3px solid {error}; }}
QFrame#banner[kind="done"] {{ border-left: 3px solid {accent}; }}
QMenuBar {{ background: {panel}; }}
QMenuBar::item {{ padding: 6px 10px; background: transparent; }}
QMenuBar::item:selected, QMenu::item:selected {{ background: {line}; }}
QMenu {{ background: {raised}; border: 1px solid {line}; padding: 4px; }}
QMenu::item {{ padding: 5px 28px 5px 20px; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 4px 8px; }}
QComboBox, QLineEdit {{ background: {raised}; border: 1px solid {line}; border-radius: 4px; padding: 3px 8px;
  color: {text}; selection-background-color: {accent}; selection-color: {window}; }}
QComboBox:focus, QLineEdit:focus, QPushButton:focus, QToolButton:focus {{ border: 1px solid {accent}; }}
QComboBox:disabled {{ color: {faint}; }}
QComboBox QAbstractItemView {{ background: {raised}; border: 1px solid {line}; outline: none; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url({chevron}); width: 10px; height: 10px; }}
QLineEdit#value {{ background: transparent; border: 1px solid transparent; padding: 1px 2px; }}
QLineEdit#value:hover {{ border: 1px solid {line}; }}
QLineEdit#value:focus {{ border: 1px solid {accent}; background: {raised}; }}
QPushButton, QToolButton {{ background: {raised}; border: 1px solid {line}; border-radius: 4px; padding: 4px 10px;
  color: {text}; }}
QPushButton:hover, QToolButton:hover {{ border: 1px solid {muted}; }}
QPushButton:checked, QToolButton:checked {{ background: {line}; border: 1px solid {accent}; color: {text}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {faint}; }}
QPushButton:checked:focus, QToolButton:checked:focus {{ border: 2px solid {accent}; padding: 3px 9px; }}
QToolButton#fold:focus, QToolButton#close:focus {{ color: {accent}; }}
QToolButton#fold {{ background: transparent; border: none; padding: 2px 0; font-weight: 500; text-align: left; }}
QToolButton#menu::menu-indicator {{ image: none; }}
QToolButton#close {{ background: transparent; border: none; padding: 2px 6px; }}
QCheckBox {{ spacing: 6px; }}
QCheckBox::indicator {{ width: 13px; height: 13px; border: 1px solid {muted}; border-radius: 3px; background: {raised}; }}
QCheckBox::indicator:checked {{ background: {accent}; border: 1px solid {accent}; image: url({check}); }}
QCheckBox::indicator:disabled {{ border: 1px solid {line}; }}
QCheckBox:focus {{ color: {accent}; }}
QCheckBox:disabled {{ color: {faint}; }}
QTableView {{ background: {panel}; border: none; outline: none; selection-background-color: {line}; selection-color: {text}; }}
QTableView::item {{ padding: 0 6px; border: none; }}
QTableView::item:selected {{ background: {line}; color: {text}; }}
QHeaderView {{ background: {panel}; }}
QHeaderView::section {{ background: {panel}; color: {muted}; border: none; border-bottom: 1px solid {line}; padding: 4px 6px; }}
QTableCornerButton::section {{ background: {panel}; border: none; }}
QToolButton#lock {{ background: transparent; border: none; padding: 0; color: {muted}; }}
QToolButton#lock:checked {{ color: {accent}; background: transparent; border: none; }}
QToolButton#lock:focus {{ color: {accent}; }}
QListWidget {{ background: #000000; border: none; outline: none; color: #9aa5b1; }}
QListWidget::item {{ border: 1px solid transparent; border-radius: 3px; padding: 2px; }}
QListWidget::item:selected {{ border: 1px solid {accent}; background: #000000; color: #d7dde4; }}
QTabBar::tab {{ background: transparent; color: {muted}; padding: 6px 7px 5px 7px; border: none;
  border-bottom: 2px solid transparent; }}
QTabBar QToolButton {{ padding: 0; border: none; }}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:selected {{ color: {text}; border-bottom: 2px solid {accent}; }}
QTabBar::tab:selected:focus {{ background: {line}; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle:horizontal {{ background: {line}; border-radius: 4px; min-width: 24px; margin: 1px; }}
QSplitter::handle {{ background: {window}; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {line}; padding: 4px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {line}; border-radius: 4px; min-height: 24px; margin: 1px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
