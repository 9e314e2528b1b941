"""Opens what is chosen on the Record page, and shows how each link stands."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.bridge import watch_memory
from app.bridge.cameras import asked
from app.bridge.recorder import WATCHES, RecorderBridge
from app.bridge.session import Session, explained
from app.bridge.sources import SIMULATED, worn
from app.bridge.watch_words import spoken
from app.pages.record_monitor import Monitor
from app.pages.record_setup import SetupPanel
from pskd.errors import PskdError

PLAYED = ("video:", "replay:")


class Links(QObject):
    """Stands between the recorder and what shows its links.

    Attributes:
        states: link state and sentence by source (``watch``, ``watch2``, ``camera``).

    Signals:
        ready: whether a take can be started now.
    """

    ready = Signal(bool)

    def __init__(self, session: Session, bridge: RecorderBridge, setup: SetupPanel, monitor: Monitor) -> None:
        super().__init__(setup)
        self._session, self._bridge, self._setup, self._monitor = session, bridge, setup, monitor
        self._uris: dict[str, str] = {}
        self.states: dict[str, tuple[str, str]] = {}
        self._complaints: list[str] = []  # shown of the opening before
        setup.sources_changed.connect(self.open)
        setup.watches.join_wanted.connect(self.open)
        setup.watches.worn.connect(self._worn)
        bridge.opening.connect(self._opening)
        bridge.opened.connect(self._opened)
        bridge.closed.connect(self._closed)
        bridge.link_changed.connect(self._changed)
        bridge.failed.connect(self._failed)

    def enter(self) -> None:
        """The page comes up: connect to what was used last, to watches only where that is wished."""
        self.open(watches=self._session.settings.connect)

    def open(self, *, watches: bool = True) -> None:
        """Connect to what is chosen; ``watches`` may wait until a person asks for them."""
        settings, setup = self._session.settings, self._setup
        camera = asked(settings) if setup.camera.key == settings.camera else setup.camera.key
        chosen = dict(zip(WATCHES, setup.watches.uris if watches else [], strict=False))
        self._uris = {**chosen, "camera": camera}
        setup.watches.offer_join("" if watches or not setup.watches.uris else "Connect")
        wrists = setup.watches.wrists
        worn_now = [worn(uri, wrists.get(name, "")) for name, uri in chosen.items()]
        self._bridge.open(worn_now, camera, settings.pose_model)
        if not (worn_now or camera):
            self.ready.emit(True)  # whoever starts a take is told what is missing

    def name_of(self, watch: str) -> str:
        """A watch's name as people read it."""
        uri = self._uris.get(watch, "")
        try:
            return watch_memory.known(self._session, uri).name
        except PskdError:
            return uri

    def uri_of(self, watch: str) -> str:
        """What was opened as this watch; empty where nothing was."""
        return self._uris.get(watch, "")

    def _worn(self) -> None:
        """Real watches stream on; a simulated one must follow its other wrist."""
        if any(self._uris.get(name, "").startswith(SIMULATED) for name in WATCHES):
            self.open()
        else:
            self._show_titles()

    def _show_titles(self) -> None:
        titles = self._setup.watches
        self._monitor.show_watches({name: titles.title_of(name) for name in WATCHES if name in self._uris})

    def _opening(self) -> None:
        self.ready.emit(False)
        for message in self._complaints:
            self._session.settled.emit(message)
        self._complaints = []
        self._show_titles()
        self._monitor.connecting(self._uris["camera"])
        for source in (*WATCHES, "camera"):
            self._show(source, "connecting" if self._uris.get(source) else "idle")

    def _opened(self) -> None:
        self.ready.emit(True)
        self._monitor.opened(self._bridge.layout_name(), list(self._uris.values()))
        self._monitor.mirror(self._session.settings.mirrored, self._uris["camera"])

    def _closed(self) -> None:
        for source in (*WATCHES, "camera"):
            self._show(source, "idle")

    def _changed(self, source: str, state: str, sentence: str) -> None:
        sentence = self.spoken(sentence)
        played = self._uris.get(source, "").startswith(PLAYED)
        shown = "ended" if state == "idle" and played and self._bridge.is_open else state
        self._show(source, shown, sentence)
        if state in ("stalled", "lost"):
            name = self._setup.watches.title_of(source) if source in WATCHES else source.capitalize()
            self._monitor.log(f"{name}: {sentence}", self._bridge.start_s if self._bridge.taking else 0.0, "bad")

    def _failed(self, error: Exception, what: str) -> None:
        if what not in ("open", "camera", *WATCHES):
            return
        message, hint = (self.spoken(words) for words in explained(error))
        said = f"{message} {hint}".strip()
        if what == "open":
            self._monitor.stage.camera.set_message(message, hint)
            self.ready.emit(True)
            self._give_up(said)
        elif what == "camera":
            self._monitor.stage.camera.set_message(message, hint)
            self._show("camera", "idle")
        else:
            hint = hint or "Try again, choose another watch, or record without it."
            self._go_on_without(what, f"{message} {hint}")
            message = f"{self._setup.watches.title_of(what)}: {message}"
        code = error.code if isinstance(error, PskdError) else "record.open"
        self._complaints.append(message)
        self._session.show_error(PskdError(message, code=code, hint=hint))

    def _give_up(self, said: str) -> None:
        """Nothing is open: every watch that failed goes on saying why."""
        failed = {watch: self.states[watch][1] for watch in WATCHES if self.states.get(watch, ("", ""))[0] == "lost"}
        self._closed()
        for watch, why in failed.items():
            self._show(watch, "lost", why or said)
        self._offer_again()

    def _go_on_without(self, watch: str, said: str) -> None:
        """What else is open stays open; the watch says why it is not there."""
        self._show(watch, "lost", said)
        self._offer_again()

    def _offer_again(self) -> None:
        self._setup.watches.offer_join("Try again" if self._setup.watches.uris else "")

    def spoken(self, sentence: str) -> str:
        """A sentence with the watches' names in place of their addresses."""
        for watch in WATCHES:
            uri = self._uris.get(watch, "")
            if uri:
                sentence = spoken(sentence, uri, self.name_of(watch))
        return spoken(sentence, "", "")

    def _show(self, source: str, state: str, sentence: str = "") -> None:
        self.states[source] = (state, sentence)
        if source == "camera":
            self._setup.camera_badge.set_state(state, sentence)
            return
        slot = next(slot for slot in self._setup.watches.slots if slot.name == source)
        slot.show_link(state, sentence)
