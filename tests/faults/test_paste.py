"""Every repair of every room can be pasted at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import LEFT_OUT, Fix, Status
from tests.faults.judging import findings, tables_of
from tests.faults.network import rooms as network
from tests.faults.network.traces import ways
from tests.faults.permissions import rooms as permissions
from tests.faults.permissions.test_fixes import found as found_of_permissions
from tests.faults.secrets.test_secrets import FAILING as SECRETS
from tests.faults.secrets.test_secrets import found as found_of_secrets
from tests.rows import every_row


@cache
def repairs() -> dict[str, list[Fix]]:
    """Every repair that the tables of the rooms show, by fault."""
    every: dict[str, list[Fix]] = {}
    for fault, fix in _repairs():
        every.setdefault(fault, []).append(fix)
    return every


def _repairs() -> Iterator[tuple[str, Fix]]:
    for case in network.CASES:
        for fix in ways(case.snapshot, case.leg, case.blocker, case.via, case.endpoint_id):
            yield case.fault, fix
    for case in permissions.TABLE:
        if case.status in ("fail", "warn"):
            for outcome in found_of_permissions(case):
                yield from ((case.fault, fix) for fix in (outcome.fix, *outcome.alternatives) if fix)
    for case in SECRETS:
        for outcome, fix in found_of_secrets(case):
            yield from ((case.fault, fix) for fix in (fix, *outcome.alternatives))
    for family in ("image", "registry", "host", "task", "files"):
        for table in tables_of(family):
            for one in table.cases:
                for item in findings(one.snapshot, table.check, one.traced):
                    if item.fault == table.fault.id and item.status in (Status.FAIL, Status.WARN):
                        yield from ((item.fault, fix) for fix in (item.fix, *item.alternatives) if fix)


@every_row("fault", list(ALL_FAULTS))
def test_it_is_one_way_whole(fault: str) -> None:
    for fix in repairs().get(fault, ()):
        assert fix.rules_broken() == (), fix.cli
        assert LEFT_OUT not in fix.text
        assert fix.cli is None or fix.title
