"""Tables of worlds and what a check says of each, with the rule that knowing less never decides more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from diagnostics import engine
from diagnostics.faults import ALL_CHECKS
from diagnostics.faults.base import Check, World
from diagnostics.finding import Fault, Finding, Fix, Status
from diagnostics.network import Trace
from diagnostics.snapshot import Snapshot
from tests.aws_cli import check_cli
from tests.build import Edit, changed, fargate
from tests.cases.rejudging import Rejudging
from tests.cases.saved import without_one
from tests.golden import assert_golden

Traced = Callable[[World], None]
"""Puts traces into a world, in place of those that would be made."""


@dataclass(frozen=True)
class Case:
    """A world (the healthy one with edits) and what is said of one fault in it."""

    name: str
    status: str
    edits: tuple[Edit, ...] = ()
    start: Callable[[], Snapshot] = fargate
    resources: tuple[str, ...] | None = None
    says: str = ""
    traced: Traced | None = field(default=None, compare=False)

    @cached_property
    def snapshot(self) -> Snapshot:
        return changed(self.start(), *self.edits)


def case(name: str, status: str, *edits: Edit, **more: Any) -> Case:
    """A case in one line."""
    return Case(name, status, edits, **more)


@dataclass(frozen=True)
class Table:
    """The worlds of one fault: a healthy one, and small differences from it.

    `repairs` are the cases whose repair is kept as a golden file, by its folder; by default the first that is broken, in
    the folder of the family. `statuses` must each be there; by default what the fault can be.
    """

    fault: Fault
    cases: tuple[Case, ...]
    repairs: Mapping[str, str] | None = None
    statuses: frozenset[str] | None = None

    @property
    def check(self) -> Check:
        """The check that judges the fault."""
        return next(check for check in ALL_CHECKS if self.fault in check.faults)

    def case(self, name: str) -> Case:
        """A case by its name."""
        return next(one for one in self.cases if one.name == name)


def tables_of(family: str) -> tuple[Table, ...]:
    """The tables of a family: those of every module under `tests/faults/FAMILY/rooms`."""
    package = import_module(f"tests.faults.{family}.rooms")
    modules = [import_module(f"{package.__name__}.{item.name}") for item in iter_modules(package.__path__)]
    return tuple(item for module in modules for item in vars(module).values() if isinstance(item, Table))


def findings(snapshot: Snapshot, check: Check, traced: Traced | None = None) -> tuple[Finding, ...]:
    """What one check says about a world."""
    world = engine.world_of(snapshot)
    if traced is not None:
        traced(world)
    return engine.run(world, (check,))


def judged(one: Case, table: Table) -> Finding:
    """The finding about a fault: that of the image that the case changed, which is the first."""
    found = findings(one.snapshot, table.check, one.traced)
    return next(item for item in found if item.fault == table.fault.id)


def assert_case(one: Case, table: Table) -> None:
    """The case's status, its resources, and all that a person needs where something is wrong."""
    finding = judged(one, table)
    assert finding.status == one.status, (finding.summary, finding.reason)
    assert one.says in f"{finding.summary} {finding.reason}"
    if one.resources is not None:
        assert finding.resources == one.resources
    if finding.status in (Status.FAIL, Status.WARN):
        assert finding.stage is not None
        assert finding.evidence
        assert finding.fix is not None
        assert finding.resources
        for fix in (finding.fix, *finding.alternatives):
            check_fix(fix)
    if finding.status in (Status.SKIPPED, Status.UNKNOWN):
        assert finding.reason


def check_fix(fix: Fix) -> None:
    """Every command of a fix is one that the AWS CLI takes."""
    for text in (fix.cli, fix.verify, fix.undo):
        check_cli(text or "")


def assert_knowing_less(one: Case, check: Check) -> None:
    """Each known fact in turn becomes unavailable: every status stays what it was or becomes unknown."""
    snapshot = one.snapshot
    world = Rejudging(snapshot, (check,), prepare=one.traced)
    before = _statuses(world.findings)
    for path, less in without_one(snapshot):
        for key, status in _statuses(world.findings_of(less)).items():
            assert status in (before.get(key, status), "unknown"), (path, key)


def _statuses(items: Iterable[Finding]) -> dict[tuple[str, str | None, str | None], str]:
    return {(item.fault, item.container, item.subnet): item.status for item in items}


def assert_fix(folder: str, one: Case, table: Table) -> None:
    """The finding's sentence, evidence and repair, as a file that is reviewed as a diff."""
    finding = judged(one, table)
    fix = finding.fix
    assert fix is not None
    parts = {
        "summary": finding.summary,
        "resources": "\n".join(finding.resources),
        "evidence": "\n".join(f"{item.what} [{item.source}]" for item in finding.evidence),
        "console": finding.console_url,
    }
    texts = [_parts_text(parts), fix_text(fix)]
    texts += [f"\n=== another way\n{fix_text(other)}" for other in finding.alternatives]
    assert_golden(f"fixes/{folder}/{table.fault.id}.txt", "\n".join(texts) + "\n")


FIX_PARTS = (
    "title", "text", "warning", "cli", "terraform", "cloudformation", "verify", "expect", "undo", "undo_note", "then",
)  # fmt: skip


def fix_text(fix: Fix) -> str:
    """A repair for its golden file: each part under its name."""
    return _parts_text({name: getattr(fix, name) for name in FIX_PARTS})


def further_parts(fix: Fix, alternatives: Iterable[Fix]) -> list[str]:
    """The parts that only some repairs have, and the other ways, as lines of a golden file."""
    lines: list[str] = []
    for name in ("title", "warning", "expect", "undo_note", "then"):
        if getattr(fix, name) is not None:
            lines += ["", f"--- {name}", getattr(fix, name)]
    for other in alternatives:
        lines += ["", "=== another way", fix_text(other)]
    return lines


def _parts_text(parts: Mapping[str, str | None]) -> str:
    return "\n".join(f"--- {key}\n{value}" for key, value in parts.items() if value is not None)


def traces(*items: Trace) -> Traced:
    """Traces by leg and host, for every subnet."""

    def put(world: World) -> None:
        for interface in world.interfaces():
            for item in items:
                world._traces[(item.leg, item.host, interface.subnet_id, interface.instance_id)] = item

    return put
