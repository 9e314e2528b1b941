"""One timeline for a take: signal, labelled segments, markers and one cursor, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.style.metrics import RADIUS_L
from app.style.theme import colors
from app.widgets import axis, lettering, tones
from app.widgets import timeline_paint as paint
from app.widgets.segment_edit import Bar, Grip, Part, dragged, gap_at, grip_at
from app.widgets.words import readable

AXIS_W = 46.0
EDGE_PX = 6.0
FRAME_S = 1 / 30


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """What lies on the timeline.

    Attributes:
        duration_s: length of the take.
        times_s: ``(N,)`` of the signal.
        values: ``(N, C)``.
        channels: names of the C channels.
        unit: of the values.
        markers: moments and their text.
        pose_times_s: ``(F,)`` of the pose, or None.
        seen: ``(F,)`` mean visibility 0 to 1, or None.
    """

    duration_s: float
    times_s: NDArray[np.float64]
    values: NDArray[np.float32]
    channels: tuple[str, ...] = ("x", "y", "z")
    unit: str = "m/s²"
    markers: tuple[tuple[float, str], ...] = ()
    pose_times_s: NDArray[np.float64] | None = None
    seen: NDArray[np.float32] | None = None


EMPTY = Track(1.0, np.zeros(0), np.zeros((0, 3), np.float32))


@dataclass
class _Drag:
    grip: Grip
    from_s: float
    bars: tuple[Bar, ...]


class Timeline(QWidget):
    """The timeline of one take.

    Segments are changed by whoever listens: the widget only says what a hand or a key asked for.
    Keys: Left/Right one frame, with Shift one second; Home/End; ``[`` and ``]`` put the held segment's edge at the
    cursor; Tab-like ``,`` and ``.`` walk through segments; Enter renames, Delete deletes, Insert or A adds.
    """

    cursor_moved = Signal(float)
    selection_changed = Signal(int)
    segment_moved = Signal(int, float, float)
    segment_wanted = Signal(float, float)
    rename_wanted = Signal(int)
    delete_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Timeline")
        self.setAccessibleDescription("Signal and labelled segments of the take. Arrow keys move the cursor.")
        self.editable = True
        self._track = EMPTY
        self._bars: tuple[Bar, ...] = ()
        self._cursor_s = 0.0
        self._selected = -1
        self._hovered = -1
        self._view = (0.0, 1.0)
        self._drag: _Drag | None = None
        self._preview: tuple[float, float] | None = None
        self._new: tuple[float, float] | None = None
        self._scrubbing = False
        self._picture: QPixmap | None = None

    def sizeHint(self) -> QSize:
        """Wide and of a comfortable height."""
        return QSize(700, 240)

    def minimumSizeHint(self) -> QSize:
        """The least that stays readable."""
        return QSize(320, 150)

    def set_track(self, track: Track) -> None:
        """Show another take from its start."""
        self._track = track
        self._view = (0.0, max(track.duration_s, 0.1))
        self._cursor_s = 0.0
        self._select(-1)
        self._redraw()

    def set_signal(self, track: Track) -> None:
        """Show another signal of the same take; cursor, zoom and what is held stay."""
        self._track = track
        self._redraw()

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these segments."""
        self._bars = tuple(bars)
        self._hovered = -1
        if self._selected >= len(self._bars):
            self._select(-1)
        self.update()

    @property
    def duration_s(self) -> float:
        """Length of the take."""
        return self._track.duration_s

    @property
    def cursor_s(self) -> float:
        """Where the cursor stands."""
        return self._cursor_s

    def set_cursor(self, t_s: float, *, follow: bool = True) -> None:
        """Move the cursor without telling listeners; ``follow`` scrolls so that it stays in view."""
        self._cursor_s = min(max(t_s, 0.0), self._track.duration_s)
        start, end = self._view
        if follow and not start <= self._cursor_s <= end:
            length = end - start
            self._set_view(self._cursor_s - length * 0.1, self._cursor_s + length * 0.9)
        self.update()

    @property
    def selected(self) -> int:
        """Number of the held segment, -1 for none."""
        return self._selected

    def select(self, index: int) -> None:
        """Hold a segment."""
        self._select(index if 0 <= index < len(self._bars) else -1)

    def zoom(self, factor: float, around_s: float | None = None) -> None:
        """Show less (factor under 1) or more time around a moment (the cursor unless told)."""
        around = self._cursor_s if around_s is None else around_s
        start, end = self._view
        length = min(max((end - start) * factor, 0.2), max(self._track.duration_s, 0.2))
        left = around - (around - start) / max(end - start, 1e-9) * length
        self._set_view(left, left + length)

    def show_all(self) -> None:
        """Show the whole take."""
        self._set_view(0.0, self._track.duration_s)

    # -- geometry

    def _scale(self) -> paint.Scale:
        return paint.Scale(*self._view, AXIS_W, max(self.width() - AXIS_W - paint.PAD, 10.0))

    def _ruler(self) -> QRectF:
        return QRectF(AXIS_W, 0, self.width() - AXIS_W - paint.PAD, paint.RULER_H)

    def _lane(self) -> QRectF:
        return QRectF(AXIS_W, paint.RULER_H, self.width() - AXIS_W - paint.PAD, paint.LANE_H)

    def _signal(self) -> QRectF:
        top = paint.RULER_H + paint.LANE_H + 8
        foot = paint.STRIP_H + 14 if self._track.seen is not None else 8
        return QRectF(AXIS_W, top, self.width() - AXIS_W - paint.PAD, max(self.height() - top - foot, 20))

    def _strip(self) -> QRectF:
        return QRectF(AXIS_W, self.height() - paint.STRIP_H - 7, self.width() - AXIS_W - paint.PAD, paint.STRIP_H)

    def _set_view(self, start: float, end: float) -> None:
        length = min(end - start, max(self._track.duration_s, 0.1))
        start = min(max(start, 0.0), max(self._track.duration_s - length, 0.0))
        self._view = (start, start + length)
        self._redraw()

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    # -- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The still part comes from a picture; segments and cursor are painted on it."""
        if self._picture is None:
            self._picture = self._draw_still()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setFont(lettering.font(self, "caption"))
        scale, lane = self._scale(), self._lane()
        painter.save()
        painter.setClipRect(lane.adjusted(-2, 0, 2, 0))
        bars = list(self._bars)
        if self._drag is not None and self._preview is not None:
            held = bars[self._drag.grip.index]
            bars[self._drag.grip.index] = Bar(*self._preview, held.label, held.colour)
        paint.paint_bars(painter, bars, scale, lane, self._selected, self._hovered)
        self._paint_new(painter, scale, lane)
        painter.restore()
        self._paint_held(painter, scale)
        paint.paint_cursor(painter, self._cursor_s, scale, 0.0, self.height() - 6.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colors().accent), 2) if self.hasFocus() else QColor(colors().line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        inset = 1.0 if self.hasFocus() else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS_L, RADIUS_L)

    def _paint_new(self, painter: QPainter, scale: paint.Scale, lane: QRectF) -> None:
        if self._new is None:
            return
        low, high = sorted(self._new)
        box = QRectF(scale.x(low), lane.top() + 3, scale.x(high) - scale.x(low), lane.height() - 6)
        face = QColor(colors().accent)
        face.setAlpha(90)
        painter.fillRect(box, face)

    def _paint_held(self, painter: QPainter, scale: paint.Scale) -> None:
        """A soft band through the signal under the held segment."""
        if not 0 <= self._selected < len(self._bars):
            return
        bar = self._bars[self._selected]
        start, end = self._preview if self._preview is not None else (bar.start_s, bar.end_s)
        face = tones.class_colour(bar.colour)
        face.setAlpha(28)
        signal = self._signal()
        band = QRectF(scale.x(start), signal.top(), scale.x(end) - scale.x(start), signal.height())
        painter.fillRect(band.intersected(signal), face)

    def _draw_still(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
        picture.setDevicePixelRatio(ratio)
        colours = colors()
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.surface))
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_L, RADIUS_L)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setFont(lettering.font(self, "caption"))
        track, scale = self._track, self._scale()
        painter.fillRect(self._lane(), QColor(colours.raised))
        paint.paint_ruler(painter, scale, self._ruler(), self._signal())
        if track.values.size:
            paint.paint_signal(painter, track.times_s, track.values, track.channels, scale, self._signal(), track.unit)
        else:
            painter.setPen(QColor(colours.text_faint))
            painter.drawText(self._signal(), Qt.AlignmentFlag.AlignCenter, "No watch signal in this take")
        if track.seen is not None and track.pose_times_s is not None:
            paint.paint_visibility(painter, track.pose_times_s, track.seen, scale, self._strip())
        foot = QRectF(self._lane().left(), self._lane().top(), 1, self._signal().bottom() - self._lane().top())
        paint.paint_markers(painter, track.markers, scale, foot)
        painter.end()
        return picture

    def resizeEvent(self, event: QEvent) -> None:
        """Draw the still part anew."""
        self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew in other colours or letters."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._redraw()
        super().changeEvent(event)

    # -- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Scrub in the signal, hold or make a segment in its lane."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        t_s = self._inside(event.position())
        if not self._lane().contains(event.position()):
            self._scrubbing = True
            self._move_cursor(t_s)
            return
        grip = grip_at(self._bars, t_s, EDGE_PX * self._scale().seconds_per_pixel)
        self._select(grip.index if grip else -1)
        if grip and self.editable:
            self._drag = _Drag(grip, t_s, self._bars)
        elif self.editable and gap_at(self._bars, t_s, self._track.duration_s):
            self._new = (t_s, t_s)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the hand."""
        t_s = self._inside(event.position())
        if self._scrubbing:
            self._move_cursor(t_s)
        elif self._drag is not None:
            snaps = [*(moment for moment, _ in self._track.markers), self._cursor_s]
            drag = self._drag
            self._preview = dragged(drag.bars, drag.grip, drag.from_s, t_s, self._track.duration_s, snap_s=snaps)
            self.update()
        elif self._new is not None:
            room = gap_at(self._bars, self._new[0], self._track.duration_s) or self._new
            self._new = (self._new[0], min(max(t_s, room[0]), room[1]))
            self.update()
        else:
            self._hover(event.position(), t_s)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tell what was asked for."""
        self._scrubbing = False
        drag, preview, new = self._drag, self._preview, self._new
        self._drag = self._preview = self._new = None
        if drag is not None and preview is not None:
            bar = drag.bars[drag.grip.index]
            if preview != (bar.start_s, bar.end_s):
                self.segment_moved.emit(drag.grip.index, *preview)
        elif new is not None and abs(new[1] - new[0]) > 4 * self._scale().seconds_per_pixel:
            self.segment_wanted.emit(min(new), max(new))
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename a segment, or label a gap."""
        if not self.editable or not self._lane().contains(event.position()):
            return
        t_s = self._inside(event.position())
        grip = grip_at(self._bars, t_s, 0.0)
        gap = gap_at(self._bars, t_s, self._track.duration_s)
        if grip:
            self.rename_wanted.emit(grip.index)
        elif gap:
            self.segment_wanted.emit(*gap)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll through time; with Ctrl zoom around the pointer."""
        turn = event.angleDelta().y() or -event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(0.8 if turn > 0 else 1.25, self._scale().t(event.position().x()))
        else:
            start, end = self._view
            shift = -turn / 120 * (end - start) * 0.1
            self._set_view(start + shift, end + shift)
        event.accept()

    def _hover(self, position: QPointF, t_s: float) -> None:
        grip = None
        if self._lane().contains(position):
            grip = grip_at(self._bars, t_s, EDGE_PX * self._scale().seconds_per_pixel)
        edge = grip is not None and grip.part is not Part.BODY and self.editable
        self.setCursor(Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.ArrowCursor)
        hovered = grip.index if grip else -1
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def event(self, event: QEvent) -> bool:
        """Tool tips name the segment or marker under the pointer."""
        if event.type() == QEvent.Type.ToolTip:
            self._tip()
            return True
        return super().event(event)

    def _tip(self) -> None:
        position = self.mapFromGlobal(self.cursor().pos())
        t_s, reach = self._scale().t(position.x()), 5 * self._scale().seconds_per_pixel
        texts = [text for moment, text in self._track.markers if abs(moment - t_s) <= reach]
        if self._lane().contains(QPointF(position)):
            texts += [
                f"{readable(bar.label)}, {axis.clock(bar.start_s, 2)} to {axis.clock(bar.end_s, 2)}"
                for bar in self._bars
                if bar.start_s <= t_s <= bar.end_s
            ]
        QToolTip.showText(self.cursor().pos(), "\n".join(texts), self)

    # -- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The whole timeline without a mouse; see the class for the keys."""
        step = 1.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else FRAME_S
        moves = {
            Qt.Key.Key_Left: self._cursor_s - step,
            Qt.Key.Key_Right: self._cursor_s + step,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: self._track.duration_s,
        }
        key = Qt.Key(event.key())
        if key in moves:
            self._move_cursor(moves[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom(1.25 if key == Qt.Key.Key_Minus else 0.8)
        elif key == Qt.Key.Key_0:
            self.show_all()
        elif key in (Qt.Key.Key_Comma, Qt.Key.Key_Period):
            self._walk(1 if key == Qt.Key.Key_Period else -1)
        elif not (self.editable and self._edit_key(key)):
            super().keyPressEvent(event)

    def _edit_key(self, key: Qt.Key) -> bool:
        if key in (Qt.Key.Key_Insert, Qt.Key.Key_A):
            gap = gap_at(self._bars, self._cursor_s, self._track.duration_s)
            if gap:
                self.segment_wanted.emit(max(gap[0], self._cursor_s), min(gap[1], self._cursor_s + 1.0))
            return True
        if self._selected < 0:
            return False
        bar = self._bars[self._selected]
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit(self._selected)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.rename_wanted.emit(self._selected)
        elif key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            part = Part.START if key == Qt.Key.Key_BracketLeft else Part.END
            edge = bar.start_s if part is Part.START else bar.end_s
            grip = Grip(self._selected, part)
            placed = dragged(self._bars, grip, edge, self._cursor_s, self._track.duration_s)
            self.segment_moved.emit(self._selected, *placed)
        else:
            return False
        return True

    def _walk(self, direction: int) -> None:
        if not self._bars:
            return
        order = sorted(range(len(self._bars)), key=lambda index: self._bars[index].start_s)
        place = order.index(self._selected) + direction if self._selected >= 0 else (0 if direction > 0 else -1)
        self._select(order[place % len(order)])
        self._move_cursor(self._bars[self._selected].start_s)

    def _select(self, index: int) -> None:
        if index != self._selected:
            self._selected = index
            self.selection_changed.emit(index)
        self.update()

    def _move_cursor(self, t_s: float) -> None:
        self.set_cursor(t_s)
        self.cursor_moved.emit(self._cursor_s)

    def _inside(self, position: QPointF) -> float:
        return min(max(self._scale().t(position.x()), 0.0), self._track.duration_s)
