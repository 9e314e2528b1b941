"""The pages of the window.

To add a page: write ``app/pages/<key>.py`` with a subclass of :class:`app.pages.page.Page`, and add one line to
:data:`PAGES`. The window builds it when it is first shown, calls ``enter(**arguments)`` each time it comes up and
``leave()`` when another page comes up. A page gets the :class:`app.bridge.session.Session`: the open library
(``session.library``), settings, ``session.run(work, on_done)`` for work off the window's thread,
``session.say(...)`` and ``session.show_error(...)`` for messages, ``session.go("train", run=path)`` to lead on.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageSpec:
    """One page as the window knows it before it is built.

    Attributes:
        key: stable name, used by ``session.go`` and ``--page``.
        title: what people read.
        icon: icon name.
        where: ``module:Class``, imported when first shown.
        tip: one line on what it is for.
    """

    key: str
    title: str
    icon: str
    where: str
    tip: str


PAGES: tuple[PageSpec, ...] = (
    PageSpec("home", "Home", "home", "app.pages.home:HomePage", "Libraries, and what to do next"),
    PageSpec("record", "Record", "record", "app.pages.record:RecordPage", "Record takes from camera and watch"),
    PageSpec("library", "Library", "library", "app.pages.library:LibraryPage", "Look takes over and label them"),
    PageSpec("train", "Train", "train", "app.pages.train:TrainPage", "Train teachers, distil a student"),
    PageSpec("live", "Live", "live", "app.pages.live:LivePage", "Predict live from the watch alone"),
    PageSpec("settings", "Settings", "settings", "app.pages.settings:SettingsPage", "Theme, devices, about"),
)


def spec(key: str) -> PageSpec | None:
    """The page called ``key``, or None."""
    return next((page for page in PAGES if page.key == key), None)
