"""Every room of the image, registry, host and task families: its table, its repair, and that knowing less decides no more."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from diagnostics.faults import HOST_CHECKS, IMAGE_CHECKS, REGISTRY_CHECKS, TASK_CHECKS, files
from diagnostics.faults.base import Check
from tests.faults.judging import Case, Table, assert_case, assert_fix, assert_knowing_less, tables_of
from tests.rows import every_row

FAMILIES: Mapping[str, tuple[Check, ...]] = {
    "image": IMAGE_CHECKS,
    "registry": REGISTRY_CHECKS,
    "host": HOST_CHECKS,
    "task": (*TASK_CHECKS, files.environment_files.CHECK),
    "files": (files.firelens_config.CHECK,),
}
"""The fault of environment files stands with those of the task, though its judge looks at buckets."""
TABLES = {family: tables_of(family) for family in FAMILIES}

each_case = pytest.mark.parametrize(
    ("table", "one"),
    [
        pytest.param(table, one, id=f"{table.fault.id}: {one.name}")
        for tables in TABLES.values()
        for table in tables
        for one in table.cases
    ],
)


def repairs(family: str, table: Table) -> Mapping[str, str]:
    """The cases whose repair is shown, by the folder of the golden file."""
    if table.repairs is not None:
        return table.repairs
    return {family: next(one.name for one in table.cases if one.status in ("fail", "warn"))}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_fault_has_one_table(family: str) -> None:
    judged = [fault.id for check in FAMILIES[family] for fault in check.faults]
    assert sorted(table.fault.id for table in TABLES[family]) == sorted(judged)


@every_row(
    "table",
    [pytest.param(table, id=table.fault.id) for tables in TABLES.values() for table in tables],
)
def test_a_table_has_what_its_fault_can_be(table: Table) -> None:
    can_be = {"warn", "skipped"} if table.fault.text_only else {"pass", "fail", "unknown"}
    names = [one.name for one in table.cases]
    assert {one.status for one in table.cases} >= (table.statuses or can_be)
    assert len(set(names)) == len(names)


@each_case
def test_a_case(table: Table, one: Case) -> None:
    assert_case(one, table)


@each_case
def test_knowing_less_never_decides_more(table: Table, one: Case) -> None:
    assert_knowing_less(one, table.check)


@pytest.mark.parametrize(
    ("folder", "table", "name"),
    [
        pytest.param(folder, table, name, id=f"{folder}: {table.fault.id}")
        for family, tables in TABLES.items()
        for table in tables
        for folder, name in repairs(family, table).items()
    ],
)
def test_the_repair(folder: str, table: Table, name: str) -> None:
    assert_fix(folder, table.case(name), table)
