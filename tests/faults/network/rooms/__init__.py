"""One table for each room of the network faults: worlds that have the fault, and its repairs.

Every module here is one. `test_worlds.py` and `test_fixes.py` demand a world and a repair of each fault of the rooms.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.faults.network.tables import Broken, Case

_TABLES = tuple(import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))

BROKEN: tuple[Broken, ...] = tuple(one for table in _TABLES for one in table.WORLDS)
CASES: tuple[Case, ...] = tuple(one for table in _TABLES for one in table.REPAIRS)
