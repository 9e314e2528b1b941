"""One registry for everything of which there are several: drivers, models, losses, importers."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from pskd.errors import WrongUse

T = TypeVar("T")


class Registry(Generic[T]):
    """Names to implementations; the modules of one package register themselves when first asked for.

    Args:
        noun: what one entry is, for messages ("watch driver").
        package: dotted package whose modules hold the entries.
    """

    def __init__(self, noun: str, package: str) -> None:
        self.noun = noun
        self._package = package
        self._entries: dict[str, T] = {}
        self._discovered = False

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator that adds an entry; a name may be taken once."""

        def add(entry: T) -> T:
            if name in self._entries:
                raise ValueError(f"{self.noun} {name!r} is registered twice")
            self._entries[name] = entry
            return entry

        return add

    def get(self, name: str) -> T:
        """The entry called ``name``.

        Raises:
            WrongUse: there is none; the message lists those that exist.
        """
        self._discover()
        if name not in self._entries:
            raise WrongUse(
                f"There is no {self.noun} called {name!r}.",
                code="registry.unknown",
                hint=f"Known: {', '.join(self.names())}.",
            )
        return self._entries[name]

    def names(self) -> list[str]:
        """All names, sorted."""
        self._discover()
        return sorted(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def _discover(self) -> None:
        if self._discovered:
            return
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__, f"{self._package}."):
            importlib.import_module(module.name)
        self._discovered = True
