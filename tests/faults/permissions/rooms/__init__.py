"""One table for each room of the faults of who may pull.

Every module here is one: `TABLE` holds worlds in which each fault of the room is there, is not, and cannot be told, and
`REPAIRS`, where there are any, further worlds whose repair is carried out. `test_tables.py` demands each answer of each fault.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from tests.faults.permissions.tables import Case

TABLES = {item.name: import_module(f"{__name__}.{item.name}") for item in pkgutil.iter_modules(__path__)}

TABLE: tuple[Case, ...] = tuple(case for table in TABLES.values() for case in table.TABLE)
REPAIRS: tuple[Case, ...] = tuple(case for table in TABLES.values() for case in getattr(table, "REPAIRS", ()))
