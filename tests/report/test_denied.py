"""Who was denied which reads, and the policy that allows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diagnostics.collect import permission_rows
from diagnostics.finding import UnavailableSummary
from diagnostics.report.denied import MOST_NAMED, POLICY_FILE, denied_reads
from diagnostics.snapshot import Reason, Unavailable, Why
from tests.build import ACCOUNT, fargate

ROOT = Path(__file__).parent.parent.parent
ME = f"arn:aws:sts::{ACCOUNT}:assumed-role/pullcheck/bot"
OTHER = "arn:aws:ecr:us-east-1:999988887777:repository/base"


def unread(call: str | None, why: Why = Why.DENIED, resource: str | None = None) -> UnavailableSummary:
    return UnavailableSummary(
        call=call, why=str(why), reason=Reason(why=why), resource=resource, needed_by=()
    )


@pytest.mark.parametrize(
    ("items", "actions"),
    [
        ([], None),
        ([unread("ec2:DescribeSubnets", Why.THROTTLED)], None),
        ([unread(None)], None),
        ([unread("ec2:DescribeSubnets")], ("ec2:DescribeSubnets",)),
        (
            [unread("iam:GetRole"), unread("ec2:DescribeSubnets"), unread("iam:GetRole", resource="role")],
            ("ec2:DescribeSubnets", "iam:GetRole"),
        ),
        ([unread("ecr:DescribeImages", resource=OTHER)], None),
        ([unread("ecr:DescribeImages", resource=OTHER), unread("ecr:DescribeImages", resource="payments-api")], ("ecr:DescribeImages",)),
        ([unread("iam:GetPolicy", resource="arn:aws:iam::aws:policy/ReadOnlyAccess")], ("iam:GetPolicy",)),
    ],
    ids=["nothing", "throttled", "no call", "one", "twice", "of another account", "both", "of AWS"],
)  # fmt: skip
def test_each_action_once_in_order(items: list[UnavailableSummary], actions: tuple[str, ...] | None) -> None:
    told = denied_reads(fargate(), items)
    assert (told and told.actions) == actions
    if told is not None:
        assert told.by == ME
        assert told.policy == POLICY_FILE
        assert told.text.startswith(f"{ME} may not {', '.join(actions or ())}. ")


def test_many_are_counted_and_an_unknown_caller_is_none() -> None:
    facts = fargate().model_copy(
        update={"caller": Unavailable(reason=Reason(why=Why.DENIED), call="sts:GetCallerIdentity")}
    )
    told = denied_reads(facts, [unread(f"ec2:Describe{number:02}") for number in range(MOST_NAMED + 5)])
    assert told is not None
    assert told.by is None
    assert len(told.actions) == MOST_NAMED + 5
    assert told.text.startswith("The credentials may not ec2:Describe00, ")
    assert " and 5 more. " in told.text


def test_the_policy_allows_every_read() -> None:
    statements = json.loads((ROOT / POLICY_FILE).read_text("utf-8"))["Statement"]
    allowed = {action for item in statements if item["Effect"] == "Allow" for action in item["Action"]}
    asked = {row.action for row in permission_rows()}
    assert asked
    assert asked <= allowed
