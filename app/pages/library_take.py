"""One take: body and signal on one timeline with one cursor, and its segments under the hand."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QSplitter, QVBoxLayout, QWidget

from app.bridge.annotations import AnnotationEditor
from app.bridge.library import LibraryBridge
from app.bridge.take_view import TakeView
from app.style.metrics import GAP_L, GAP_M
from app.style.theme import set_icon
from app.widgets import axis
from app.widgets.basics import button, column, icon_button, row, scrolled, text, wrapped
from app.widgets.label_picker import LabelPicker
from app.widgets.note_list import NoteList
from app.widgets.segment_edit import MIN_LENGTH_S, Bar
from app.widgets.skeleton_view import SkeletonView
from app.widgets.tiles import FactList
from app.widgets.timeline import Timeline

TICK_MS = 33
WIDE = 560
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class TakePanel(QWidget):
    """Shows and edits one take.

    Attributes:
        editor: the segments being edited, or None while no take is open.
        timeline: the timeline.

    Signals:
        edited: the undo stack or the segments changed.
    """

    edited = Signal()

    def __init__(self, bridge: LibraryBridge) -> None:
        super().__init__()
        self.bridge = bridge
        self.editor: AnnotationEditor | None = None
        self._view: TakeView | None = None
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.heading = text("", "heading")
        self.simulated = text("Simulated", "pill", tone="accent")
        self.skeleton = SkeletonView()
        self.skeleton.nobody = "No skeleton was recorded in this take"
        self.facts = FactList()
        self.notes = NoteList()
        self.timeline = Timeline()
        self._build()
        self._connect()

    def _build(self) -> None:
        self.play = icon_button("play", "Play", tip="Play or pause (Space)", on_click=self.toggle_play)
        self.speed = QComboBox()
        self.speed.setAccessibleName("Speed")
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.setFixedWidth(84)
        self.signal = QComboBox()
        self.signal.setAccessibleName("Signal")
        self.signal.setToolTip("The signal on the timeline")
        self.signal.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.signal.activated.connect(self._show_signal)
        self.where = text("", "small", tone="soft")
        self.undo = icon_button("undo", "Undo", tip="Undo (Ctrl+Z)", on_click=self.undo_change)
        self.redo = icon_button("redo", "Redo", tip="Redo (Ctrl+Shift+Z)", on_click=self.redo_change)
        self.label = button("Label", "plain", icon="tag", tip="Label from the cursor on (A)", on_click=self.label_here)
        self.delete = icon_button("trash", "Delete segment", tip="Delete segment (Delete)", on_click=self.delete_held)
        wide = icon_button("expand", "Whole take", tip="Show the whole take (0)", on_click=self.timeline.show_all)
        near = icon_button("plus", "Zoom in", tip="Zoom in (+)", on_click=lambda: self.timeline.zoom(0.7))
        far = icon_button("minus", "Zoom out", tip="Zoom out (−)", on_click=lambda: self.timeline.zoom(1.4))
        bar = row(self.play, self.speed, self.where, None, far, near, wide, GAP_M, self.undo, self.redo, GAP_M,
                  self.delete, self.label)  # fmt: skip
        self._wide_only = (wide, near, far, self.where)
        side = QFrame()
        side.setProperty("kind", "inset")
        side_layout = QVBoxLayout(side)
        side_layout.setContentsMargins(GAP_L, GAP_L, GAP_M, GAP_L)
        tip = "Look the recording over anew: clocks, sensor, body, movement"
        self.check = button("", "quiet", icon="refresh", tip=tip, on_click=self._review)
        self.other_wrist = button("It is the other wrist", "quiet", icon="watch", on_click=self._change_wrist)
        acts = column(row(self.check, None), row(self.other_wrist, None), spacing=0)
        inner = wrapped(column(self.notes, acts, self.facts, None))
        side_layout.addWidget(scrolled(inner))
        side.setMinimumWidth(220)
        upper = QSplitter(Qt.Orientation.Horizontal)
        upper.addWidget(self.skeleton)
        upper.addWidget(side)
        upper.setStretchFactor(0, 3)
        upper.setStretchFactor(1, 2)
        upper.setHandleWidth(GAP_L)
        upper.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_M)
        layout.addLayout(row(self.heading, self.simulated, None, self.signal))
        layout.addWidget(upper, 3)
        layout.addLayout(bar)
        layout.addWidget(self.timeline, 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow panel leaves zooming to keys and wheel."""
        for widget in self._wide_only:
            widget.setVisible(event.size().width() >= WIDE)
        super().resizeEvent(event)
        self._show_heading()

    def _connect(self) -> None:
        self.timeline.cursor_moved.connect(self._scrubbed)
        self.timeline.selection_changed.connect(lambda _: self._refresh_buttons())
        self.timeline.segment_moved.connect(self._moved)
        self.timeline.segment_wanted.connect(self._wanted)
        self.timeline.rename_wanted.connect(self._rename)
        self.timeline.delete_wanted.connect(self._delete)
        self.bridge.review_failed.connect(self._review_failed)

    # -- showing

    def show_take(self, view: TakeView) -> None:
        """Show a take from its start."""
        self.pause()
        self._view = view
        self.editor = AnnotationEditor(view.id, view.segments, self)
        self.editor.changed.connect(self._changed)
        self.editor.history_changed.connect(self._refresh_buttons)
        self.simulated.setVisible(view.simulated)
        self.facts.show_facts([(fact.name, fact.value, fact.tone, fact.more) for fact in view.facts])
        self._show_notes(view)
        self.skeleton.set_skeleton(view.pose.skeleton if view.pose else None)
        self.timeline.set_track(view.track)
        self._list_signals(view)
        self._show_heading()
        self._show_bars()
        self._show_frame(0.0)
        self._refresh_buttons()

    def _show_heading(self) -> None:
        """As much of it as there is room for beside the choice of the signal."""
        whole = self._view.heading if self._view is not None else ""
        beside = (self.simulated, self.signal)
        room = self.width() - sum(one.sizeHint().width() + GAP_L for one in beside if not one.isHidden())
        shown = self.heading.fontMetrics().elidedText(whole, Qt.TextElideMode.ElideRight, room)
        self.heading.setText(shown)
        self.heading.setToolTip("" if shown == whole else whole)

    def _list_signals(self, view: TakeView) -> None:
        """Where there is a choice; the kind that was looked at in the take before is kept."""
        wanted = self.signal.currentText()
        self.signal.clear()
        self.signal.addItems([name for name, _ in view.signals])
        self.signal.setVisible(len(view.signals) > 1)
        place = self.signal.findText(wanted)
        if place > 0:
            self.signal.setCurrentIndex(place)
            self._show_signal(place)

    def _show_signal(self, place: int) -> None:
        if self._view is not None and 0 <= place < len(self._view.signals):
            self.timeline.set_signal(self._view.signals[place][1])

    def _show_notes(self, view: TakeView) -> None:
        self.notes.show_notes(view.notes)
        self.check.setText("Check again" if view.notes else "Check this take")
        self.check.setEnabled(True)
        self.other_wrist.setVisible(bool(view.other_wrist))
        self.other_wrist.setText(f"It is the {view.other_wrist} wrist")
        self.other_wrist.setToolTip(f"Expect the watch of this subject on the {view.other_wrist} wrist from now on")

    def _review(self, wrist: str = "") -> None:
        if self._view is not None:
            self.check.setEnabled(False)
            self.check.setText("Checking…")
            self.bridge.review(self._view.id, wrist)

    def _change_wrist(self) -> None:
        if self._view is not None:
            self._review(self._view.other_wrist)

    def _review_failed(self, take_id: str) -> None:
        if self._view is not None and self._view.id == take_id:
            self._show_notes(self._view)

    def close_take(self) -> None:
        """Show nothing."""
        self.pause()
        self._view = self.editor = None

    def _show_bars(self) -> None:
        segments = self.editor.segments if self.editor else ()
        self.timeline.set_bars([Bar(s.start_s, s.end_s, s.label, self.bridge.colour_of(s.label)) for s in segments])

    def _show_frame(self, t_s: float) -> None:
        view = self._view
        if view is None:
            return
        self.where.setText(f"{axis.clock(t_s, 2)} of {axis.clock(view.track.duration_s, 2)}")
        if view.pose is not None:
            frame = view.pose.frame_at(t_s)
            self.skeleton.set_pose(view.pose.points[frame], view.pose.visibility[frame])

    # -- playing

    @property
    def playing(self) -> bool:
        """True while the cursor runs."""
        return self._timer.isActive()

    def toggle_play(self) -> None:
        """Play, or stay where the cursor is; at the end play from the start."""
        if self._view is None:
            return
        if self.playing:
            self.pause()
            return
        if self.timeline.cursor_s >= self._view.track.duration_s - 1e-3:
            self.timeline.set_cursor(0.0)
        self._clock.start()
        self._timer.start()
        set_icon(self.play, "pause")

    def pause(self) -> None:
        """Stay where the cursor is."""
        self._timer.stop()
        set_icon(self.play, "play")

    def _tick(self) -> None:
        assert self._view is not None
        passed = self._clock.restart() * 1e-3 * float(self.speed.currentData())
        t_s = min(self.timeline.cursor_s + passed, self._view.track.duration_s)
        self.timeline.set_cursor(t_s)
        self._show_frame(t_s)
        if t_s >= self._view.track.duration_s:
            self.pause()

    def _scrubbed(self, t_s: float) -> None:
        if self.playing:
            self._clock.restart()
        self._show_frame(t_s)

    # -- editing

    def undo_change(self) -> None:
        """Take the last change back."""
        if self.editor:
            self.editor.undo()

    def redo_change(self) -> None:
        """Make it again."""
        if self.editor:
            self.editor.redo()

    def label_here(self) -> None:
        """Label the held segment anew, or what follows the cursor."""
        if self.timeline.selected >= 0:
            self._rename(self.timeline.selected)
        elif self._view is not None and self.editor is not None:
            start, segments = self.timeline.cursor_s, self.editor.segments
            end = min([start + 1.0, self._view.track.duration_s, *(s.start_s for s in segments if s.start_s >= start)])
            if end - start >= MIN_LENGTH_S and not any(s.start_s <= start < s.end_s for s in segments):
                self._wanted(start, end)

    def delete_held(self) -> None:
        """Delete the held segment."""
        if self.timeline.selected >= 0:
            self._delete(self.timeline.selected)

    def _moved(self, index: int, start_s: float, end_s: float) -> None:
        if self.editor:
            self.timeline.select(self.editor.move(index, start_s, end_s))

    def _wanted(self, start_s: float, end_s: float) -> None:
        def add(label: str) -> None:
            if self.editor:
                self.timeline.select(self.editor.add(start_s, end_s, label))

        recent = self.editor.segments[-1].label if self.editor and self.editor.segments else ""
        self._pick(recent, add)

    def _rename(self, index: int) -> None:
        if self.editor is None or index >= len(self.editor.segments):
            return
        editor = self.editor
        self._pick(editor.segments[index].label, lambda label: self.timeline.select(editor.relabel(index, label)))

    def _pick(self, current: str, on_pick: object) -> None:
        assert callable(on_pick)
        picker = LabelPicker(self, self.bridge.overview.classes, current, on_pick)
        lane = self.timeline.mapToGlobal(QPoint(60, 64))
        picker.open_at(lane)

    def _delete(self, index: int) -> None:
        if self.editor:
            self.editor.delete(index)

    def _changed(self) -> None:
        assert self.editor is not None
        self._show_bars()
        self._refresh_buttons()
        self.bridge.save(self.editor.take_id, self.editor.segments)
        self.edited.emit()

    def _refresh_buttons(self) -> None:
        stack = self.editor.stack if self.editor else None
        self.undo.setEnabled(bool(stack and stack.canUndo()))
        self.redo.setEnabled(bool(stack and stack.canRedo()))
        self.undo.setToolTip(f"Undo {stack.undoText()} (Ctrl+Z)" if stack and stack.canUndo() else "Undo (Ctrl+Z)")
        held = self.timeline.selected >= 0
        self.delete.setEnabled(held)
        self.label.setText("Relabel" if held else "Label")
