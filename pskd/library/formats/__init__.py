"""Importers of published data sets, one file each; :data:`IMPORTERS` finds them."""

from __future__ import annotations

from pskd.library.importer import Importer
from pskd.registry import Registry

IMPORTERS: Registry[type[Importer]] = Registry("data set", "pskd.library.formats")
