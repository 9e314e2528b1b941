"""The style sheet, made from a palette. Widgets choose their look with the properties ``role`` and ``kind``."""

from __future__ import annotations

from app.style.metrics import CONTROL_HEIGHT, RADIUS_L, RADIUS_M, RADIUS_S, TYPE
from app.style.palette import Palette
from pskd import assets


def style_sheet(p: Palette, factor: float = 1.0) -> str:
    """The application's whole style sheet.

    Args:
        p: the theme's colours.
        factor: font sizes are multiplied by this (fonts that run wide are set smaller).
    """
    return "\n".join((_base(p, factor), _buttons(p), _fields(p), _views(p), _frames(p)))


def font_px(role: str, factor: float = 1.0) -> int:
    """Font size of a role in pixels."""
    return round(TYPE[role][0] * factor)


def _base(p: Palette, factor: float) -> str:
    roles = "\n".join(
        f'QLabel[role="{role}"] {{ font-size: {font_px(role, factor)}px; font-weight: {weight}; }}'
        for role, (_, weight) in TYPE.items()
    )
    return f"""
QWidget {{ color: {p.text}; font-size: {font_px("body", factor)}px; }}
QMainWindow, QDialog, QStackedWidget#pages, QWidget[page="true"] {{ background: {p.ground}; }}
QLabel {{ background: transparent; }}
{roles}
QLabel[tone="soft"] {{ color: {p.text_soft}; }}
QLabel[tone="faint"], QLabel[role="caption"] {{ color: {p.text_faint}; }}
QLabel[tone="good"] {{ color: {p.good}; }}
QLabel[tone="warn"] {{ color: {p.warn}; }}
QLabel[tone="bad"] {{ color: {p.bad}; }}
QLabel[tone="accent"] {{ color: {p.accent if not p.dark else p.accent_hover}; }}
QLabel:disabled {{ color: {p.text_faint}; }}
QToolTip {{ background: {p.text if not p.dark else p.raised}; color: {p.surface if not p.dark else p.text};
    border: 1px solid {p.line_strong if p.dark else p.text}; border-radius: {RADIUS_S}px; padding: 5px 8px; }}
QLabel[role="key"] {{ background: {p.raised}; border: 1px solid {p.line_strong}; border-radius: 5px;
    padding: 1px 7px; font-size: {font_px("caption", factor)}px; color: {p.text_soft}; }}
QLabel[role="pill"] {{ border-radius: 9px; padding: 3px 9px; min-height: 13px;
    font-size: {font_px("caption", factor)}px; font-weight: 600; background: {p.raised}; color: {p.text_soft}; }}
QLabel[role="badge"] {{ font-size: {font_px("caption", factor)}px; font-weight: 600; }}
QLabel[role="badge"][tone=""] {{ color: {p.text_soft}; }}
QLabel[role="badge"][tone="accent"] {{ color: {p.accent if not p.dark else "#A9BDFF"}; }}
QLabel[role="pill"][tone="good"] {{ background: {p.good_soft}; color: {p.good}; }}
QLabel[role="pill"][tone="warn"] {{ background: {p.warn_soft}; color: {p.warn}; }}
QLabel[role="pill"][tone="bad"] {{ background: {p.bad_soft}; color: {p.bad}; }}
QLabel[role="pill"][tone="accent"] {{ background: {p.accent_soft};
    color: {p.accent if not p.dark else "#A9BDFF"}; }}
"""


def _buttons(p: Palette) -> str:
    pad = (CONTROL_HEIGHT - 22) // 2
    return f"""
QPushButton {{ background: {p.surface}; border: 1px solid {p.line_strong}; border-radius: {RADIUS_M}px;
    padding: {pad}px 14px; min-height: 20px; font-weight: 500; }}
QPushButton, QToolButton, QComboBox, QCheckBox {{ outline: none; }}
QPushButton:hover {{ background: {p.raised}; }}
QPushButton:pressed {{ background: {p.line}; }}
QPushButton:focus {{ border: 2px solid {p.accent}; padding: {pad - 1}px 13px; }}
QPushButton:disabled {{ color: {p.text_faint}; border-color: {p.line}; background: {p.ground}; }}
QPushButton:checked {{ background: {p.accent_soft}; border-color: {p.accent}; }}
QPushButton[kind="primary"] {{ background: {p.accent}; border-color: {p.accent}; color: {p.on_accent};
    font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {p.accent_hover}; border-color: {p.accent_hover}; }}
QPushButton[kind="primary"]:focus {{ border: 2px solid {p.text}; }}
QPushButton[kind="primary"]:disabled {{ background: {p.raised}; border-color: {p.raised}; color: {p.text_faint}; }}
QPushButton[kind="quiet"] {{ background: transparent; border-color: transparent; color: {p.text_soft};
    padding-left: 10px; padding-right: 10px; }}
QPushButton[kind="quiet"]:hover {{ background: {p.raised}; color: {p.text}; }}
QPushButton[kind="quiet"]:checked {{ background: {p.accent_soft}; color: {p.text}; }}
QPushButton[kind="quiet"]:focus {{ border: 2px solid {p.accent}; padding-left: 9px; padding-right: 9px; }}
QPushButton[kind="danger"] {{ color: {p.bad}; }}
QPushButton[kind="danger"]:hover {{ background: {p.bad_soft}; border-color: {p.bad}; }}
QPushButton[kind="record"] {{ background: {p.record}; border-color: {p.record}; color: #FFFFFF; font-weight: 600;
    border-radius: {RADIUS_L}px; padding: 12px 24px; font-size: 16px; min-height: 24px; }}
QPushButton[kind="record"]:hover {{ background: {p.record_hover}; border-color: {p.record_hover}; }}
QPushButton[kind="record"]:focus {{ border: 2px solid {p.text}; padding: 11px 23px; }}
QPushButton[kind="record"]:disabled {{ background: {p.raised}; border-color: {p.raised}; color: {p.text_faint}; }}
QPushButton[kind="segment"] {{ background: transparent; border: 1px solid transparent; border-radius: {RADIUS_S}px;
    padding: 5px 8px; color: {p.text_soft}; }}
QPushButton[kind="segment"]:hover {{ color: {p.text}; }}
QPushButton[kind="segment"]:checked {{ background: {p.surface if not p.dark else p.line_strong};
    border-color: {p.line_strong}; color: {p.text}; font-weight: 600; }}
QPushButton[kind="segment"]:focus {{ border: 2px solid {p.accent}; padding: 4px 7px; }}
QPushButton[kind="segment"]:disabled {{ color: {p.text_faint}; }}
QPushButton[kind="key"] {{ text-align: left; padding: 6px 10px; font-weight: 500; }}
QPushButton[kind="key"]:checked {{ background: {p.accent}; border-color: {p.accent}; color: {p.on_accent}; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: {RADIUS_M}px; padding: 6px; }}
QToolButton:hover {{ background: {p.raised}; }}
QToolButton:focus {{ border: 2px solid {p.accent}; padding: 5px; }}
QToolButton:checked {{ background: {p.accent_soft}; }}
QToolButton::menu-indicator {{ image: none; }}
QToolButton[kind="rail"] {{ border-radius: {RADIUS_M}px; padding: 8px 12px; color: {p.text_soft}; font-weight: 500;
    text-align: left; }}
QToolButton[kind="rail"]:hover {{ color: {p.text}; }}
QToolButton[kind="rail"]:checked {{ background: {p.accent_soft}; color: {p.text}; font-weight: 600; }}
QToolButton[kind="rail"]:focus {{ border: 2px solid {p.accent}; padding: 7px 11px; }}
"""


def _fields(p: Palette) -> str:
    chevron = assets.path("icons", "qss-chevron.svg").as_posix()
    check = assets.path("icons", "qss-check.svg").as_posix()
    dot = assets.path("icons", "qss-dot.svg").as_posix()
    return f"""
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit {{ background: {p.surface};
    border: 1px solid {p.line_strong}; border-radius: {RADIUS_M}px; padding: 6px 10px; min-height: 22px;
    selection-background-color: {p.accent}; selection-color: {p.on_accent}; }}
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus {{
    border: 2px solid {p.accent}; padding: 5px 9px; }}
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled {{ color: {p.text_faint};
    background: {p.ground}; border-color: {p.line}; }}
QComboBox::drop-down {{ border: none; width: 28px; }}
QComboBox::down-arrow {{ image: url("{chevron}"); width: 16px; height: 16px; }}
QComboBox QAbstractItemView {{ background: {p.surface}; border: 1px solid {p.line_strong};
    border-radius: {RADIUS_M}px; padding: 4px; outline: none; selection-background-color: {p.accent_soft};
    selection-color: {p.text}; }}
QComboBox QAbstractItemView::item {{ min-height: 30px; padding: 2px 8px; border-radius: {RADIUS_S}px; }}
QAbstractSpinBox QLineEdit {{ border: none; padding: 0 8px; background: transparent; min-height: 20px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ width: 0; border: none; }}
QComboBox QLineEdit {{ border: none; padding: 0; background: transparent; min-height: 20px; }}
QCheckBox, QRadioButton {{ spacing: 9px; background: transparent; min-height: 24px; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 16px; height: 16px; border: 1px solid {p.line_strong};
    background: {p.surface}; }}
QCheckBox::indicator {{ border-radius: 5px; }}
QRadioButton::indicator {{ border-radius: 9px; }}
QCheckBox::indicator:hover, QRadioButton::indicator:hover {{ border-color: {p.accent}; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border: 2px solid {p.accent}; width: 14px;
    height: 14px; }}
QCheckBox::indicator:checked {{ background: {p.accent}; border-color: {p.accent}; image: url("{check}"); }}
QRadioButton::indicator:checked {{ background: {p.accent}; border-color: {p.accent}; image: url("{dot}"); }}
QCheckBox:focus, QRadioButton:focus {{ color: {p.accent if not p.dark else p.accent_hover}; outline: none; }}
QSlider::groove:horizontal {{ height: 4px; background: {p.line}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {p.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 16px; height: 16px; margin: -6px 0; border-radius: 8px; background: {p.surface};
    border: 2px solid {p.accent}; }}
QProgressBar {{ background: {p.raised}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
    text-align: center; color: transparent; }}
QProgressBar::chunk {{ background: {p.accent}; border-radius: 3px; }}
"""


def _views(p: Palette) -> str:
    return f"""
QAbstractItemView {{ background: {p.surface}; border: 1px solid {p.line}; border-radius: {RADIUS_L}px; outline: none;
    alternate-background-color: {p.ground}; }}
QAbstractItemView:focus {{ border: 2px solid {p.accent}; }}
QListView::item, QTreeView::item, QTableView::item {{ padding: 6px 8px; border: none; }}
QListView::item:hover, QTreeView::item:hover, QTableView::item:hover {{ background: {p.raised}; }}
QListView::item:selected, QTreeView::item:selected, QTableView::item:selected {{ background: {p.accent_soft};
    color: {p.text}; }}
QHeaderView {{ background: transparent; border: none; }}
QHeaderView::section {{ background: transparent; color: {p.text_faint}; border: none;
    border-bottom: 1px solid {p.line}; padding: 8px; font-weight: 500; }}
QTableView {{ gridline-color: {p.line}; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget[scroll="true"] {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 2px; }}
QScrollBar::handle:vertical {{ background: {p.line_strong}; border-radius: 4px; min-height: 32px; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 2px; }}
QScrollBar::handle:horizontal {{ background: {p.line_strong}; border-radius: 4px; min-width: 32px; }}
QScrollBar::handle:hover {{ background: {p.text_faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: transparent; }}
QTabWidget::pane {{ border: none; }}
QTabBar::tab {{ background: transparent; color: {p.text_soft}; padding: 8px 4px; margin-right: 20px;
    border-bottom: 2px solid transparent; font-weight: 500; }}
QTabBar::tab:selected {{ color: {p.text}; border-bottom: 2px solid {p.accent}; }}
QTabBar::tab:focus {{ color: {p.accent}; }}
QMenu {{ background: {p.surface}; border: 1px solid {p.line_strong}; border-radius: {RADIUS_M}px; padding: 4px; }}
QMenu::item {{ padding: 7px 28px 7px 12px; border-radius: {RADIUS_S}px; }}
QMenu::item:selected {{ background: {p.accent_soft}; }}
QMenu::item:disabled {{ color: {p.text_faint}; }}
QMenu::separator {{ height: 1px; background: {p.line}; margin: 4px 8px; }}
"""


def _frames(p: Palette) -> str:
    return f"""
QFrame[kind="card"] {{ background: {p.surface}; border: 1px solid {p.line}; border-radius: {RADIUS_L}px; }}
QFrame[kind="card"][tone="accent"] {{ border: 1px solid {p.accent}; }}
QFrame[kind="card"][tone="bad"] {{ border: 1px solid {p.bad}; }}
QFrame[kind="card"][opens="true"]:hover {{ background: {p.raised}; }}
QFrame[kind="card"]:focus {{ border: 2px solid {p.accent}; }}
QFrame[kind="badge"] {{ background: {p.raised}; border: none; border-radius: 9px; }}
QFrame[kind="badge"][tone="good"] {{ background: {p.good_soft}; }}
QFrame[kind="badge"][tone="bad"] {{ background: {p.bad_soft}; }}
QFrame[kind="badge"][tone="accent"] {{ background: {p.accent_soft}; }}
QFrame[kind="inset"] {{ background: {p.raised}; border: none; border-radius: {RADIUS_M}px; }}
QFrame[kind="step"] {{ background: {p.surface}; border: 1px solid {p.line}; border-radius: {RADIUS_L}px; }}
QFrame[kind="step"]:hover {{ border: 1px solid {p.accent}; }}
QFrame[kind="step"]:focus {{ border: 2px solid {p.accent}; }}
QFrame[kind="row"] {{ background: transparent; border: 1px solid transparent; border-radius: {RADIUS_M}px; }}
QFrame[kind="row"]:hover {{ background: {p.raised}; }}
QFrame[kind="row"]:focus {{ border: 2px solid {p.accent}; }}
QFrame[kind="line"] {{ background: {p.line}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[kind="rail"] {{ background: {p.surface}; border: none; border-right: 1px solid {p.line}; }}
QFrame[kind="banner"] {{ background: {p.accent_soft}; border: none; border-radius: {RADIUS_L}px; }}
QFrame[kind="banner"][tone="good"] {{ background: {p.good_soft}; }}
QFrame[kind="banner"][tone="warn"] {{ background: {p.warn_soft}; }}
QFrame[kind="banner"][tone="bad"] {{ background: {p.bad_soft}; }}
"""
