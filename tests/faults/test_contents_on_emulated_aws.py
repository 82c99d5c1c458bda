"""The image, registry and host checks on accounts of the emulated AWS: what was broken, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from demo.aws import SCENARIOS, Account, EmulatedAws, build_account
from diagnostics import engine
from diagnostics.collect import AwsClients, collect
from diagnostics.faults import host, image, registry, task
from diagnostics.finding import Finding, Status
from diagnostics.target import parse

CHECKS = (*task.CHECKS, *image.CHECKS, *registry.CHECKS, *host.CHECKS)
CONTENTS = (
    "demo-tag-not-found", "tag-not-found", "repo-not-found", "wrong-region", "tag-not-found-second-container",
    "digest-not-found", "platform-mismatch", "pull-through-cache-permission-missing",
)  # fmt: skip
OTHERS = (
    "healthy-without-service", "healthy-ec2-bridge", "repaired-since", "essential-container-exited",
    "demo-repo-policy-denies", "image-region-unreachable",
)  # fmt: skip


@pytest.fixture(scope="module")
def served() -> Iterator[EmulatedAws]:
    with EmulatedAws() as aws:
        yield aws


@pytest.fixture
def account(served: EmulatedAws, monkeypatch: pytest.MonkeyPatch) -> Account:
    served.reset()
    for name in [key for key in os.environ if key.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in served.environment().items():
        monkeypatch.setenv(name, value)
    return build_account(served)


def found(account: Account, arn: str) -> tuple[Finding, ...]:
    snapshot = collect(parse(arn), AwsClients(), region=account.region)
    return engine.run(engine.world_of(snapshot), CHECKS)


def accused(findings: tuple[Finding, ...]) -> list[Finding]:
    return [item for item in findings if item.status in (Status.FAIL, Status.WARN) and not item.follows_from]


@pytest.mark.parametrize("identifier", CONTENTS)
def test_what_was_broken_is_accused_until_it_is_repaired(account: Account, identifier: str) -> None:
    scenario = SCENARIOS[identifier]
    broken = scenario.break_it(account)
    findings = found(account, broken.task.arn)
    (finding,) = accused(findings)
    assert finding.fault == scenario.fault
    assert finding.resources == broken.resources
    assert [item for item in findings if item.status is Status.UNKNOWN] == []
    scenario.fix(account)
    assert accused(found(account, broken.task.arn)) == []


@pytest.mark.parametrize("identifier", OTHERS)
def test_nothing_is_accused_where_something_else_is_wrong(account: Account, identifier: str) -> None:
    broken = SCENARIOS[identifier].break_it(account)
    findings = found(account, broken.task.arn)
    assert [item for item in findings if item.status in (Status.FAIL, Status.WARN, Status.UNKNOWN)] == []
