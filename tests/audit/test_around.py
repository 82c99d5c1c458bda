"""What a subject rests on that is about to give: roles that look unused, caches that cannot refresh, endpoints that go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from diagnostics.audit.around import around
from diagnostics.audit.assembly import merged
from diagnostics.audit.model import AuditedSubject, AuditFinding, JudgedSubject
from diagnostics.audit.subjects import AuditSubject
from diagnostics.collect.needed import NeededFacts, NeededImage, NeedsOf
from diagnostics.image_reference import parse
from diagnostics.snapshot import (
    Absent,
    Fact,
    Known,
    PullThroughCacheRule,
    Role,
    RoleFacts,
    Secret,
    Snapshot,
    Unavailable,
    VpcEndpoint,
    VpcFacts,
)
from diagnostics.target import Target
from tests.build.lifecycle import NOW

ROLE = "arn:aws:iam::111122223333:role/team/pulls"
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ecr-pullthroughcache/hub-a1b2c3"
TARGET = Target(kind="preflight", cluster="prod", service="api")
IDLE = AuditSubject("prod/api", "service", "prod", "api", NeedsOf(TARGET), idle=True)


def found(
    subject: AuditSubject = IDLE,
    images: tuple[NeededImage, ...] = (),
    role: Role | None = None,
    endpoint: VpcEndpoint | None = None,
) -> list[str]:
    facts = Snapshot(
        target=TARGET,
        region="us-east-1",
        roles={ROLE: RoleFacts(role_arn=ROLE, role=Known(value=role))} if role else {},
        vpcs={"vpc-1": VpcFacts(vpc_id="vpc-1", vpc_endpoints=Known(value=(endpoint,)))} if endpoint else {},
    )
    return [item.id for item in around(subject, NeededFacts(facts, images), NOW)]


def role(created: int | None = 400, **used: int | None) -> Role:
    """A role; its ages are in days, and `used=None` is one that IAM remembers no request of."""
    last: dict[str, Any] = {}
    if "used" in used:
        days = used["used"]
        last["RoleLastUsed"] = {} if days is None else {"LastUsedDate": NOW - timedelta(days=days)}
    if created is not None:
        last["CreateDate"] = NOW - timedelta(days=created)
    return Role.model_validate({"RoleName": "pulls", "Arn": ROLE, **last})


@pytest.mark.parametrize(
    ("of", "idle", "expected"),
    [
        (role(used=91), True, ["role-unused"]),
        (role(used=89), True, []),
        (role(used=91), False, []),
        (role(used=None), True, ["role-unused"]),
        (role(created=10, used=None), True, []),
        (role(created=None, used=None), True, []),
        # AWS did not tell.
        (role(), True, []),
    ],
)
def test_a_role_that_looks_unused(of: Role, idle: bool, expected: list[str]) -> None:
    assert found(replace(IDLE, idle=idle), role=of) == expected


def test_a_role_that_something_else_uses_is_not_told() -> None:
    unused = AuditFinding(
        level="risk", id="role-unused", resources=(ROLE,), summary=".", clause=".", subjects=("prod/api",)
    )
    subject = AuditedSubject(
        key="prod/api", kind="service", cluster="prod", name="api", standing="works", headline="."
    )
    idle = JudgedSubject(subject=subject, findings=(unused,), roles=(ROLE,), idle=True)
    runs = JudgedSubject(subject=subject.model_copy(update={"key": "prod/web"}), roles=(ROLE,))
    assert [item.id for item in merged([idle])] == ["role-unused"]
    assert merged([idle, runs]) == ()


def cached(secret: Fact[Secret], **rule: Any) -> NeededImage:
    values = {
        "ecrRepositoryPrefix": "hub",
        "upstreamRegistryUrl": "registry-1.docker.io",
        "credentialArn": SECRET,
    }
    return NeededImage(
        parse("111122223333.dkr.ecr.us-east-1.amazonaws.com/hub/library/nginx:1"),
        "next",
        cache_rule=Known(value=PullThroughCacheRule.model_validate({**values, **rule})),
        cache_secret=secret,
    )


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (cached(Absent()), ["cache-cannot-refresh"]),
        (cached(Known(value=Secret(deleted_date=NOW))), ["cache-cannot-refresh"]),
        (cached(Known(value=Secret())), []),
        (cached(Unavailable()), []),
        (cached(Absent(), credentialArn=None), []),
        (replace(cached(Absent()), cache_rule=Absent()), []),
        (replace(cached(Absent()), needed_for="roll_back"), []),
    ],
)
def test_a_cache_that_cannot_refresh(image: NeededImage, expected: list[str]) -> None:
    assert found(images=(image,)) == expected


@pytest.mark.parametrize(
    ("state", "service", "expected"),
    [
        ("deleting", "ecr.dkr", ["endpoint-deleting"]),
        ("Deleting", "s3", ["endpoint-deleting"]),
        ("available", "ecr.dkr", []),
        ("deleting", "sqs", []),
    ],
)
def test_an_endpoint_that_goes(state: str, service: str, expected: list[str]) -> None:
    endpoint = VpcEndpoint.model_validate(
        {"VpcEndpointId": "vpce-1", "State": state, "ServiceName": f"com.amazonaws.us-east-1.{service}"}
    )
    assert found(endpoint=endpoint) == expected
