"""Pictures of a whole cue protocol for the user guide: ``python -m app.record_pictures OUT``.

Everything in them is real: the window records, and the pictures are taken while it does. Run it on a screen of the
wanted size, such as ``xvfb-run -s "-screen 0 1280x800x24"``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import click

from app import pump, run
from app.bridge.session import Session
from app.style.theme import theme
from app.window import MainWindow
from pskd.clock import now_s
from pskd.recording.cue_run import Phase

THEMES = ("light", "dark")
PROTOCOL = """name = "Two movements"
classes = ["wave", "squat"]
seconds = 4.0
rest_s = 4.0
repeats = 1
order = "turns"
countdown_s = 4.0
"""
LONG_S = 90.0


class Show:
    """One run of the protocol with a picture of every step.

    Args:
        window: already shown, with a library open.
        out: where the pictures go.
        name: what their names begin with.
        look: ``light`` or ``dark``.
    """

    def __init__(self, window: MainWindow, out: Path, name: str, look: str) -> None:
        self._window, self._out, self._name, self._look = window, out, name, look
        self._page: Any = window.pages["record"]

    def take(self, protocol: Path) -> None:
        """From the choice of the protocol to the take that it made."""
        page = self._page
        theme.choose(self._look)
        page.setup.show_mode("cues")
        page.setup._own_protocol(str(protocol))
        pump.wait(1.0)
        self._save("setup")
        page.start()
        pump.until(lambda: page.bridge.taking, LONG_S, "the take to begin")
        for phase, label, step in (
            (Phase.COUNTDOWN, "wave", "countdown"),
            (Phase.DO, "wave", "do"),
            (Phase.REST, "squat", "rest"),
            (Phase.DO, "squat", ""),
        ):
            self._await(phase, label)
            if step:
                self._save(step)
        page.cues.pause(now_s())
        pump.wait(0.8)
        self._save("paused")
        page.cues.redo(now_s())
        pump.wait(0.6)
        self._save("redo")
        self._await(Phase.DONE, "")
        self._save("done")
        pump.until(page.result.isVisible, LONG_S, "the take to end")
        pump.wait(0.5)
        self._save("result")

    def _await(self, phase: Phase, label: str) -> None:
        def there() -> bool:
            view = self._page.cues.run.tick(now_s()) if self._page.cues.run is not None else None
            return view is not None and (view.phase, view.label) == (phase, label)

        pump.until(there, LONG_S, f"{phase} {label}")
        pump.wait(0.5)

    def _save(self, step: str) -> None:
        click.echo(pump.picture(self._window, self._out / f"{self._name}_{step}_{self._look}.png"))


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--camera", default="sim:", show_default=True, help="Camera URI.")
@click.option("--watch", default="sim:", show_default=True, help="Watch URI.")
@click.option("--name", default="cues", show_default=True, help="What the pictures' names begin with.")
@click.option("--theme", "themes", multiple=True, default=THEMES, type=click.Choice(THEMES))
def main(out: Path, camera: str, watch: str, name: str, themes: tuple[str, ...]) -> None:
    """Record one take of a short protocol in each theme, and save a picture of every step into OUT."""

    def work(window: MainWindow, session: Session) -> int:
        folder = Path(temporary)
        session.create_library(folder / "library", "Living room")
        pump.until(lambda: session.library is not None, LONG_S, "the library")
        session.change(camera=camera, watch=watch)
        window.turn_to("record")
        page: Any = window.pages["record"]
        pump.until(lambda: page.bridge.is_open and page.bridge.seen() is not None, LONG_S, "watch and camera")
        (folder / "two.toml").write_text(PROTOCOL)
        for look in themes:
            Show(window, out, name, look).take(folder / "two.toml")
            page.result.hide()
        return 0

    with tempfile.TemporaryDirectory() as temporary:
        run.driven(out, themes[0], work, Path(temporary) / "settings")


if __name__ == "__main__":
    main()
