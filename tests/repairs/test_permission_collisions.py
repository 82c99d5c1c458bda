"""Accounts that were made to collide with a repair of who may pull: names taken, versions used up, statements shared."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from demo.aws import CATALOGUE, Account, Broken, EmulatedAws
from tests.repairs.proof import proved
from tests.repairs.shell import HERE, Paste

Change = Callable[[Account, Broken], object]
PERIMETER = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "Bool": {"aws:ViaAWSService": "false"}}


def _policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _name(broken: Broken) -> str:
    return broken.parts["role"].rsplit("/", 1)[-1]


def versions(count: int) -> Change:
    """The boundary has this many versions; the last one counts."""

    def edit(account: Account, broken: Broken) -> None:
        role = account.iam.get_role(RoleName=_name(broken))["Role"]
        arn = role["PermissionsBoundary"]["PermissionsBoundaryArn"]
        current = account.iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        for _ in range(count - 1):
            account.iam.create_policy_version(
                PolicyArn=arn, PolicyDocument=json.dumps(current), SetAsDefault=True
            )

    return edit


def names_taken(account: Account, broken: Broken) -> None:
    for name in ("ecr-pull", "ecr-pull-2"):
        account.iam.put_role_policy(
            RoleName=_name(broken), PolicyName=name, PolicyDocument=_policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
        )  # fmt: skip


def inline(*statements: Mapping[str, Any]) -> Change:
    """The Deny is another."""

    def edit(account: Account, broken: Broken) -> None:
        account.iam.put_role_policy(
            RoleName=_name(broken), PolicyName="quarantine", PolicyDocument=_policy(*statements)
        )

    return edit


def managed(*statements: Mapping[str, Any], versions: int = 1) -> Change:
    """The Deny stands in a managed policy, which another role has too."""

    def edit(account: Account, broken: Broken) -> None:
        account.iam.delete_role_policy(RoleName=_name(broken), PolicyName="quarantine")
        document = _policy(*statements)
        arn = account.iam.create_policy(PolicyName="guardrails", PolicyDocument=document)["Policy"]["Arn"]
        for _ in range(versions - 1):
            account.iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        account.iam.attach_role_policy(RoleName=_name(broken), PolicyArn=arn)
        account.iam.create_role(RoleName="neighbour", AssumeRolePolicyDocument=_policy())
        account.iam.attach_role_policy(RoleName="neighbour", PolicyArn=arn)

    return edit


def deny(action: Any, **more: Any) -> dict[str, Any]:
    return {"Sid": "Locked", "Effect": "Deny", "Action": action, "Resource": "*", **more}


CASES: Mapping[str, tuple[str, Change, tuple[str, ...]]] = {
    "names that are taken": ("demo-role-permission-missing", names_taken, ()),
    "four versions": ("boundary-denies", versions(4), ()),
    "five versions": ("boundary-denies", versions(5), ("first",)),
    "iam beside ecr": ("role-explicit-deny", inline(deny(["iam:*", "ecr:BatchGetImage"])), ()),
    "everything": ("role-explicit-deny", inline(deny("*")), ()),
    "two statements": ("role-explicit-deny", inline(deny("ecr:BatchGetImage"), deny("ecr:Get*", Sid="Also")), ()),
    "a perimeter of addresses": ("role-explicit-deny", inline(deny("*", Condition=PERIMETER)), ()),
    "a perimeter of Regions": ("role-explicit-deny", inline(deny("*", Condition={"StringNotEquals": {"aws:RequestedRegion": "eu-north-1"}})), ()),
    "a shared policy": ("role-explicit-deny", managed(deny(["iam:*", "ecr:*"])), ()),
    "a shared policy of four versions": ("role-explicit-deny", managed(deny("ecr:*"), versions=4), ()),
    "a shared policy of five versions": ("role-explicit-deny", managed(deny("ecr:*"), versions=5), ("first",)),
}  # fmt: skip
"""A world, what is made of it, and of which ways AWS refuses the first command, so that nothing is changed."""


@pytest.mark.parametrize("name", CASES)
def test_a_repair_among_others(aws: EmulatedAws, paste: Paste, name: str) -> None:
    world, change, refused = CASES[name]
    scenario = CATALOGUE[world]

    def build(account: Account) -> Broken:
        broken = scenario.build(account)
        change(account, broken)
        return broken

    paste.shell = HERE[len(name) % len(HERE)]
    found = list(proved(aws, replace(scenario, build=build), paste))
    assert found
    for place, (way, failures) in enumerate(found):
        if place == 0 and refused:
            assert set(failures) == {"pasted"}, failures
            assert "LimitExceeded" in failures["pasted"]
            assert len(found) > 1
        else:
            assert failures == {}, str(way)
