"""Home."""

from __future__ import annotations

from app.pages.page import Page


class HomePage(Page):
    """Home."""

    key = "home"
