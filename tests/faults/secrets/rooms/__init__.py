"""One table for each room of the faults of secrets: worlds in which each fault is there, is not, and cannot be told.

Every module here is one. `test_secrets.py` demands each answer of each fault of the rooms.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.faults.permissions.tables import Case

_TABLES = tuple(import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))

TABLE: tuple[Case, ...] = tuple(case for table in _TABLES for case in table.TABLE)
