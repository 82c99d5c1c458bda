"""What the product reads of a task of an emulated account, and what its traces and checks say of that.

Each scenario is built, read, repaired and read again once, and everything that is said of it is held against what was
built: the hops of every leg, the checks by themselves, and what stands unknown.
"""

from __future__ import annotations

from typing import Any

from demo.aws import Account, Broken, Scenario, TaskHandle
from diagnostics import engine
from diagnostics.faults import (
    HOST_CHECKS,
    IMAGE_CHECKS,
    REGISTRY_CHECKS,
    TASK_CHECKS,
    permissions,
    secrets,
)
from diagnostics.faults.network import NETWORK_FAULTS, meant_by
from diagnostics.finding import Finding, Status
from diagnostics.network import Trace, trace
from diagnostics.pull import Leg, describe
from diagnostics.snapshot import Snapshot, known_value
from tests.build.emulated import read_of

CONTENTS = (*TASK_CHECKS, *IMAGE_CHECKS, *REGISTRY_CHECKS, *HOST_CHECKS)
PERMISSIONS = (*permissions.CHECKS, *secrets.CHECKS)

BY_A_NEW_TASK = {"image-region-unreachable", "container-secret-missing"}
"""Scenarios whose repair gives the next task another image or definition; the task in hand keeps its own."""

PASSED_BY = "not known: endpoint-policy-denies"
"""The text shows a public address: whether the endpoint was there then is told by whole seconds, which a test may do all in."""

MAY_REMAIN = dict.fromkeys(
    (
        "endpoint-missing-ecr-api",
        "endpoint-missing-ecr-dkr",
        "endpoint-private-dns-off",
        "vpc-dns-hostnames-off",
    ),
    PASSED_BY,
) | {
    # IAM's simulator leaves out what it was not told, so what the text names stays likely until a task starts.
    "scp-denies": "accused: ['scp-denies']"
}
"""What may still be said of the task that stopped, because of its text."""


def traces(snapshot: Snapshot) -> tuple[tuple[Leg, Trace], ...]:
    """Every leg of the task in hand."""
    pull = describe(snapshot)
    found: list[tuple[Leg, Trace]] = []
    for interface in known_value(pull.interfaces) or ():
        facts = snapshot.vpcs[known_value(interface.vpc_id) or ""]
        if interface.used:
            found += [(leg, trace(leg, interface, facts, task_region=snapshot.region)) for leg in pull.legs]
    return tuple(found)


def said(snapshot: Snapshot, checks: Any) -> tuple[Finding, ...]:
    """What some checks find."""
    return engine.run(engine.world_of(snapshot), checks)


def accused(findings: tuple[Finding, ...]) -> dict[str, tuple[str, ...]]:
    """What is at fault, with its resources."""
    return {
        str(item.fault): item.resources
        for item in findings
        if item.status in (Status.FAIL, Status.WARN) and not item.follows_from
    }


def unknown(findings: tuple[Finding, ...]) -> list[str]:
    """What could not be told."""
    return [str(item.fault) for item in findings if item.status is Status.UNKNOWN]


def after_the_break(account: Account, scenario: Scenario, broken: Broken) -> list[str]:
    """Where the traces and the checks do not say what was built."""
    if not _is_remembered(broken.task):
        return []
    return _differences(read_of(account, broken.task), scenario, broken)


def after_the_repair(account: Account, scenario: Scenario, broken: Broken) -> list[str]:
    """Where they still accuse something."""
    if scenario.id in BY_A_NEW_TASK or not _is_remembered(broken.task):
        return []
    found = _differences(read_of(account, broken.task), scenario, None)
    return [item for item in found if item != MAY_REMAIN.get(scenario.id)]


def _is_remembered(task: TaskHandle) -> bool:
    """ECS forgets a task an hour after it stopped, and then says that it is missing."""
    return "lastStatus" in task.describe()


def _differences(snapshot: Snapshot, scenario: Scenario, broken: Broken | None) -> list[str]:
    fault = scenario.fault if broken else None
    resources = broken.resources if broken else ()
    wrong = []
    legs = traces(snapshot)
    named = {(meant_by(item, leg).id, item.resources) for leg, way in legs for item in way.blockers}
    wanted = {(fault, resources)} if fault in {item.id for item in NETWORK_FAULTS} else set()
    if named != wanted:
        wrong.append(f"the traces name {sorted(named)}")
    if not wanted and {way.disposition for _, way in legs} - {"reachable"}:
        wrong.append("a leg does not reach its end")
    if any(way.partly or way.missing for _, way in legs):
        wrong.append("a leg is partly open, or not known")
    for checks in (CONTENTS, PERMISSIONS):
        own = {str(item.id) for check in checks for item in check.faults}
        findings = said(snapshot, checks)
        found = accused(findings)
        if set(found) != ({fault} & own):
            wrong.append(f"accused: {sorted(found)}")
        elif fault in own and not set(resources) <= set(found[fault]):
            wrong.append(f"{fault} names {found[fault]}")
        wrong += [f"not known: {item}" for item in unknown(findings)]
    return wrong
