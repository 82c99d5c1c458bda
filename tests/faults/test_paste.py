"""Every repair of every room can be pasted at once, but for those of the rooms that stand here still."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Fix, Status
from tests.faults.judging import findings, tables_of
from tests.faults.network import rooms as network
from tests.faults.network.traces import ways
from tests.faults.permissions import rooms as permissions
from tests.faults.permissions.test_fixes import found as found_of_permissions
from tests.faults.secrets.test_secrets import FAILING as SECRETS
from tests.faults.secrets.test_secrets import found as found_of_secrets

NOT_CONVERTED = frozenset(
    (
        "agent-disconnected", "agent-image-missing", "agent-too-old", "boundary-denies",
        "container-secret-access-denied", "container-secret-missing", "digest-not-found", "disk-full",
        "dns-server-unusable", "docker-daemon-unavailable", "docker-hub-rate-limit",
        "ecr-public-rate-limit", "ecr-throttled", "endpoint-missing-ecr-api", "endpoint-missing-ecr-dkr",
        "endpoint-missing-logs", "endpoint-missing-s3", "endpoint-missing-secretsmanager",
        "endpoint-missing-ssm", "endpoint-not-available", "endpoint-policy-denies",
        "endpoint-private-dns-off", "endpoint-s3-not-on-route-table", "endpoint-sg-ingress-blocked",
        "env-file-unreadable", "external-network-blocked", "firewall-inspection",
        "guardduty-sidecar-denied", "image-archived", "image-digest-expired", "image-region-unreachable",
        "instance-profile-missing", "instance-profile-permission-missing", "invalid-image-reference",
        "ipv6-mismatch", "kms-denied", "layer-not-unpackable", "nacl-egress-blocked",
        "nacl-ephemeral-return-blocked", "nat-gateway-unusable", "nat-instance-unusable",
        "nat-subnet-no-igw", "platform-mismatch", "private-registry-secret-missing", "proxy-unusable",
        "public-subnet-no-public-ip", "pull-through-cache-library-prefix",
        "pull-through-cache-needs-internet", "pull-through-cache-permission-missing",
        "pull-through-cache-rule-missing", "pull-through-cache-secret-unusable", "pull-timeout",
        "rcp-denies", "registry-credentials-invalid", "registry-credentials-missing",
        "registry-name-not-found", "registry-outage", "registry-policy-denies",
        "registry-secret-malformed", "repo-not-found", "repo-policy-cross-account-missing",
        "repo-policy-denies", "repo-policy-principal-orphaned", "repository-key-unusable",
        "role-explicit-deny", "role-missing", "role-not-assumable", "role-permission-missing",
        "role-trust-denies", "route-blackhole", "route-no-egress", "s3-endpoint-policy-denies",
        "scp-denies", "secret-access-denied", "secret-reference-invalid", "sg-egress-blocked",
        "sg-egress-s3-blocked", "tag-not-found", "unsupported-artifact", "vpc-block-public-access",
        "vpc-dns-off", "wrong-region",
    )
)  # fmt: skip
"""Faults whose repair is not yet one way, whole. A fault that no longer breaks a rule must leave this list."""


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
    for family in ("image", "registry", "host", "task"):
        for table in tables_of(family):
            for one in table.cases:
                for item in findings(one.snapshot, table.check, one.traced):
                    if item.fault == table.fault.id and item.status in (Status.FAIL, Status.WARN):
                        yield from ((item.fault, fix) for fix in (item.fix, *item.alternatives) if fix)


@pytest.mark.parametrize("fault", [fault for fault in ALL_FAULTS if fault not in NOT_CONVERTED])
def test_it_is_one_way_whole(fault: str) -> None:
    for fix in repairs().get(fault, ()):
        assert fix.rules_broken() == (), fix.cli
        assert fix.cli is None or fix.title


@pytest.mark.parametrize("fault", sorted(NOT_CONVERTED))
def test_it_is_not_yet(fault: str) -> None:
    assert any(fix.rules_broken() for fix in repairs()[fault]), (
        f"take {fault} out of NOT_CONVERTED: its repairs keep the rules"
    )
