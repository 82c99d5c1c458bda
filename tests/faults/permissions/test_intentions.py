"""What a repair leaves alone: the Deny that somebody wrote, everyone else it is about, names that are taken, guards, versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from diagnostics.finding import Fix, Outcome
from diagnostics.policy import (
    Document,
    Policies,
    Principal,
    Request,
    evaluate,
    evaluate_endpoint,
    layer_bucket_request,
    through_internet,
)
from diagnostics.snapshot import Snapshot
from tests.aws_cli import aws_commands
from tests.build import (
    ACCOUNT,
    REGION,
    REPOSITORY_ARN,
    ROLE_ARN,
    Edit,
    World,
    changed,
    endpoints,
    fargate,
    known,
    role_of,
)
from tests.build.judging import world_of
from tests.build.permissions import (
    CUSTOMER_POLICY,
    PULL,
    TOKEN,
    attached,
    bounded,
    endpoint,
    foreign,
    inline,
    managed,
    named_role,
    repository,
    trusting,
    unread,
)
from tests.build.policies import allow, deny, on_resource
from tests.faults.carrying_out import option
from tests.faults.permissions.rulings import of_fault
from tests.faults.permissions.tables import CROSS

ANOTHER = f"{ROLE_ARN}-2"
OTHER_REPOSITORY = f"{REPOSITORY_ARN}-2"
ALL: list[dict[str, Any]] = [allow("*")]
NAT = "198.51.100.7"


def failing(fault: str, *edits: Edit, base: Callable[[], Snapshot] = fargate, symptoms: Any = ()) -> Outcome:
    found = of_fault(world_of(changed(base(), *edits), *symptoms), fault)
    assert found.status in ("fail", "warn"), found.summary
    return found


def first(fault: str, *edits: Edit, base: Callable[[], Snapshot] = fargate, symptoms: Any = ()) -> Fix:
    fix = failing(fault, *edits, base=base, symptoms=symptoms).fix
    assert fix is not None
    return fix


def document(fix: Fix, name: str = "policy-document") -> dict[str, Any]:
    """The policy that a repair writes."""
    (words,) = (words for words in aws_commands(fix.cli or "") if f"--{name}" in words)
    return dict(json.loads(option(words, name)))


def denies(
    text: dict[str, Any],
    action: str,
    resource: str = "*",
    role: str = ROLE_ARN,
    context: dict[str, Any] | None = None,
) -> bool:
    """A policy of a role denies this explicitly, where another allows everything."""
    policy = Document(kind="identity", name="x", text=text)
    open_ = Document(kind="identity", name="open", text={"Version": "2012-10-17", "Statement": ALL})
    keys = {"aws:RequestedRegion": (REGION,), **through_internet(NAT), **(context or {})}
    request = Request(action=action, resource=resource, principal=Principal(role_arn=role), context=keys)
    return evaluate(request, Policies(identity=(open_, policy))).outcome == "denied"


def refuses_here(text: dict[str, Any], role: str, action: str) -> bool:
    """A repository policy denies this to a role that may do anything."""
    open_ = Document(kind="identity", name="open", text={"Version": "2012-10-17", "Statement": ALL})
    request = Request(action=action, resource=REPOSITORY_ARN, principal=Principal(role_arn=role))
    policy = Document(kind="resource", name="x", text=text)
    return evaluate(request, Policies(identity=(open_,), resource=policy)).outcome == "denied"


# --- a Deny ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "still"),
    [
        (deny(["iam:*", "ecr:BatchGetImage"]), [("iam:PassRole", "*"), ("ecr:BatchGetImage", OTHER_REPOSITORY)]),
        (deny("ecr:*"), [("ecr:PutImage", REPOSITORY_ARN), ("ecr:BatchDeleteImage", REPOSITORY_ARN), ("ecr:DescribeRegistry", "*"), ("ecr:BatchGetImage", OTHER_REPOSITORY), ("ecr:DeleteRepository", OTHER_REPOSITORY)]),
        (deny("*"), [("iam:PassRole", "*"), ("s3:GetObject", "arn:aws:s3:::x/y"), ("ecr:PutImage", REPOSITORY_ARN), ("ecr:BatchGetImage", OTHER_REPOSITORY)]),
        (deny(["ecr:Batch*", "sts:*"]), [("sts:AssumeRole", "*"), ("ecr:BatchDeleteImage", REPOSITORY_ARN), ("ecr:BatchGetImage", OTHER_REPOSITORY)]),
        (deny("ecr:*", [REPOSITORY_ARN, OTHER_REPOSITORY]), [("ecr:PutImage", REPOSITORY_ARN), ("ecr:BatchGetImage", OTHER_REPOSITORY)]),
        (deny("ecr:*", f"{REPOSITORY_ARN[:-4]}*"), [("ecr:PutImage", REPOSITORY_ARN)]),
        (deny("ecr:Batch*", None, NotResource=OTHER_REPOSITORY), [("ecr:BatchDeleteImage", REPOSITORY_ARN), ("ecr:BatchGetImage", f"{REPOSITORY_ARN}-3")]),
        ({"Effect": "Deny", "NotAction": "logs:*", "Resource": "*"}, [("iam:PassRole", "*"), ("ecr:PutImage", REPOSITORY_ARN), ("ecr:BatchGetImage", OTHER_REPOSITORY)]),
    ],
    ids=lambda item: json.dumps(item) if isinstance(item, dict) else "",
)  # fmt: skip
def test_what_else_a_deny_says_stays_denied(statement: dict[str, Any], still: list[tuple[str, str]]) -> None:
    fix = first("role-explicit-deny", inline("locked", {**statement, "Sid": "Locked"}))
    text = document(fix)
    before = {"Version": "2012-10-17", "Statement": [statement]}
    for action, resource in still:
        assert denies(before, action, resource)
        assert denies(text, action, resource), (action, resource, text)
    for action, resource in (("ecr:GetAuthorizationToken", "*"), *((item, REPOSITORY_ARN) for item in PULL)):
        assert not denies(text, action, resource)
    assert "delete-role-policy" not in (fix.cli or "")
    assert fix.warning is not None
    assert "'Locked' of locked" in fix.warning
    assert "Ask its owner" in fix.warning


def test_others_of_a_shared_policy_are_denied_as_before() -> None:
    statement = deny(["iam:*", "ecr:*"], Sid="Locked")
    fix = first("role-explicit-deny", attached(CUSTOMER_POLICY, statement))
    text = document(fix)
    for action, resource in (
        ("ecr:BatchGetImage", REPOSITORY_ARN),
        ("ecr:GetAuthorizationToken", "*"),
        ("iam:PassRole", "*"),
    ):
        assert denies(text, action, resource, role=ANOTHER)
    assert denies(text, "iam:PassRole")
    assert not denies(text, "ecr:BatchGetImage", REPOSITORY_ARN)


def test_all_statements_of_one_policy_are_one_change() -> None:
    """Each shows as a cause; pasted one after the other they do not undo each other."""
    edits = inline(
        "locked", deny("ecr:BatchGetImage", Sid="One"), deny("ecr:GetDownloadUrlForLayer", Sid="Two")
    )
    text = document(first("role-explicit-deny", edits))
    assert not any(denies(text, action, REPOSITORY_ARN) for action in PULL)
    assert all(denies(text, action, OTHER_REPOSITORY) for action in PULL)


def test_a_policy_of_aws_is_not_edited_but_exchanged_for_a_copy() -> None:
    fix = first("role-explicit-deny", attached("arn:aws:iam::aws:policy/AWSDenyAll", deny("*")))
    commands = [words[2] for words in aws_commands(fix.cli or "")]
    assert commands == ["create-policy", "attach-role-policy", "detach-role-policy"]
    assert denies(document(fix), "iam:PassRole")
    assert [words[2] for words in aws_commands(fix.undo or "")] == [
        "attach-role-policy", "detach-role-policy", "delete-policy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "principal", ["*", {"AWS": [ROLE_ARN, ANOTHER]}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}]
)
def test_a_repository_stays_locked_for_everyone_else(principal: Any) -> None:
    actions = ["ecr:BatchGetImage", "ecr:DeleteRepository"]
    fix = first(
        "repo-policy-denies", repository(on_resource("Deny", principal, actions, Sid="LockedDuringIncident"))
    )
    text = document(fix, "policy-text")
    assert not refuses_here(text, ROLE_ARN, "ecr:BatchGetImage")
    assert refuses_here(text, ROLE_ARN, "ecr:DeleteRepository")
    assert all(refuses_here(text, ANOTHER, action) for action in actions)
    assert "'LockedDuringIncident'" in (fix.warning or "")


def test_a_repository_policy_that_is_gone_is_no_error() -> None:
    fix = first("repo-policy-denies", repository(on_resource("Deny", {"AWS": ROLE_ARN}, PULL)))
    assert "delete-repository-policy" in (fix.cli or "")
    assert fix.expect == "RepositoryPolicyNotFoundException"


# --- guardrails --------------------------------------------------------------------------------------

PERIMETER = {
    "NotIpAddressIfExists": {"aws:SourceIp": ["203.0.113.0/24"]},
    "StringNotEqualsIfExists": {"aws:SourceVpc": ["vpc-office"]},
    "BoolIfExists": {"aws:ViaAWSService": "false"},
}


@pytest.mark.parametrize(
    ("condition", "base", "operator", "key", "values"),
    [
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, fargate, "NotIpAddress", "aws:SourceIp", ["203.0.113.0/24", f"{NAT}/32"]),
        (PERIMETER, fargate, "NotIpAddressIfExists", "aws:SourceIp", ["203.0.113.0/24", f"{NAT}/32"]),
        (PERIMETER, endpoints, "StringNotEqualsIfExists", "aws:SourceVpc", ["vpc-office", "vpc-main"]),
        ({"StringNotEquals": {"aws:SourceVpce": ["vpce-office"]}}, endpoints, "StringNotEquals", "aws:SourceVpce", ["vpce-office", "vpce-ecr-api", "vpce-ecr-dkr"]),
        ({"StringNotEquals": {"aws:SourceVpce": ["vpce-office"]}}, fargate, "NotIpAddress", "aws:SourceIp", f"{NAT}/32"),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, endpoints, "StringNotEquals", "aws:SourceVpce", ["vpce-ecr-api", "vpce-ecr-dkr"]),
        ({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}, fargate, "StringNotEquals", "aws:RequestedRegion", ["eu-west-1", REGION]),
    ],
)  # fmt: skip
def test_a_guardrail_gets_the_exception_of_its_own_pattern(
    condition: Any, base: Callable[[], Snapshot], operator: str, key: str, values: Any
) -> None:
    statement = deny("*", Sid="Perimeter", Condition=condition)
    fix = first("role-explicit-deny", inline("guardrail", statement), base=base)
    assert "delete-role-policy" not in (fix.cli or "")
    (kept,) = document(fix)["Statement"]
    assert kept["Condition"][operator][key] == values
    assert {**kept, "Condition": None} == {**statement, "Condition": None}
    for other, keys in condition.items():
        for name, value in keys.items():
            if (other, name) != (operator, key):
                assert kept["Condition"][other][name] == value
    assert "'Perimeter'" in (fix.warning or "")


def test_a_guardrail_of_the_organization_on_an_endpoint_stays_but_for_ecrs_bucket() -> None:
    condition = {"StringNotEquals": {"aws:ResourceOrgID": "o-1"}}
    perimeter = on_resource("Deny", "*", "s3:*", Resource="*", Sid="Perimeter", Condition=condition)
    open_ = on_resource("Allow", "*", "*", Resource="*")
    fix = first("s3-endpoint-policy-denies", endpoint("s3", open_, perimeter), base=endpoints)
    text = document(fix)
    policy = Document(kind="endpoint", name="vpce-s3", text=text)
    assert evaluate_endpoint(policy, layer_bucket_request(REGION)).outcome != "denied"
    assert evaluate_endpoint(policy, layer_bucket_request(REGION, bucket="elsewhere")).outcome == "denied"
    assert all(item["Condition"] == condition for item in text["Statement"] if item["Effect"] == "Deny")


# --- an Allow ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "base", "expected"),
    [
        ({"StringEquals": {"aws:SourceVpc": "vpc-office"}}, fargate, [{"IpAddress": {"aws:SourceIp": f"{NAT}/32"}}]),
        ({"StringEquals": {"aws:SourceVpc": "vpc-office"}}, endpoints, [{"StringEquals": {"aws:SourceVpc": "vpc-main"}}]),
        ({"StringEquals": {"aws:SourceVpce": "vpce-x"}}, endpoints, [{"StringEquals": {"aws:SourceVpce": "vpce-ecr-api"}}, {"StringEquals": {"aws:SourceVpce": "vpce-ecr-dkr"}}]),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, fargate, [{"StringEquals": {"aws:RequestedRegion": REGION}}]),
        ({"StringNotEquals": {"aws:RequestedRegion": REGION}}, fargate, [{"StringEquals": {"aws:RequestedRegion": REGION}}]),
        ({"StringEquals": {"aws:SourceVpc": "vpc-office"}, "Bool": {"aws:SecureTransport": "true"}}, endpoints, [{"StringEquals": {"aws:SourceVpc": "vpc-main"}, "Bool": {"aws:SecureTransport": "true"}}]),
    ],
)  # fmt: skip
def test_a_condition_is_corrected_and_no_allow_goes_past_it(
    condition: Any, base: Callable[[], Snapshot], expected: list[Any]
) -> None:
    fix = first("role-permission-missing", managed(allow("ecr:*", Condition=condition)), base=base)
    conditions = [item.get("Condition") for item in document(fix)["Statement"]]
    assert [item for place, item in enumerate(conditions) if item not in conditions[:place]] == expected
    assert fix.warning is not None


@pytest.mark.parametrize(
    ("taken", "name"),
    [((), "ecr-pull"), (("ecr-pull",), "ecr-pull-2"), (("ecr-pull", "ecr-pull-2"), "ecr-pull-3")],
)
def test_a_policy_that_is_there_is_not_replaced(taken: tuple[str, ...], name: str) -> None:
    edits = [inline(item, allow("s3:*")) for item in taken]
    fix = first("role-permission-missing", managed(TOKEN), *edits)
    assert [option(words, "policy-name") for words in aws_commands(f"{fix.cli}\n{fix.undo}")] == [name, name]


def test_nor_where_the_names_could_not_be_read() -> None:
    from tests.build.judging import denied

    edit = unread("inline_policy_names", "iam:ListRolePolicies")
    fix = first("role-permission-missing", managed(TOKEN), edit, symptoms=(denied(),))
    (words,) = aws_commands(fix.cli or "")
    assert option(words, "policy-name") not in ("ecr-pull", "allow-image-pull")
    assert option(words, "policy-name").startswith("allow-image-pull-")


def test_a_sid_that_is_taken_stays() -> None:
    partner = on_resource("Allow", {"AWS": ANOTHER}, PULL, Sid="AllowPull")
    fix = first("repo-policy-cross-account-missing", foreign(partner), symptoms=(CROSS,))
    assert [item["Sid"] for item in document(fix, "policy-text")["Statement"]] == ["AllowPull", "AllowPull2"]
    assert "--registry-id 444455556666" in (fix.cli or "")


# --- versions ----------------------------------------------------------------------------------------


def versions(arn: str, users: int, bounded_by: int = 0) -> Edit:
    def edit(world: World) -> None:
        facts = {
            "DefaultVersionId": "v4",
            "AttachmentCount": users,
            "PermissionsBoundaryUsageCount": bounded_by,
        }
        role_of(world)["managed_policies"] = {arn: known(facts)}

    return edit


def test_undo_sets_the_former_version_back_and_deletes_its_own() -> None:
    fix = first("role-explicit-deny", attached(CUSTOMER_POLICY, deny("ecr:*")), versions(CUSTOMER_POLICY, 3))
    assert [words[2] for words in aws_commands(fix.cli or "")] == ["create-policy-version"]
    undo = aws_commands(fix.undo or "")
    assert [words[2] for words in undo] == [
        "get-policy", "get-policy-version", "set-default-policy-version", "delete-policy-version",
    ]  # fmt: skip
    assert option(undo[2], "version-id") == "v4"
    assert option(undo[3], "version-id") == "$POLICY_VERSION"
    assert "2 others attach it" in (fix.warning or "")


def test_a_policy_of_this_role_alone_needs_no_exception_for_others() -> None:
    fix = first(
        "role-explicit-deny", attached(CUSTOMER_POLICY, deny("ecr:Batch*")), versions(CUSTOMER_POLICY, 1)
    )
    assert "aws:PrincipalArn" not in json.dumps(document(fix))


def test_with_five_versions_there_is_a_way_without_a_sixth() -> None:
    found = failing("role-explicit-deny", attached(CUSTOMER_POLICY, deny("ecr:*")))
    assert "at most five versions" in (found.fix.text if found.fix else "")
    (other,) = found.alternatives
    assert "create-policy-version" not in (other.cli or "")
    assert denies(document(other), "ecr:PutImage", REPOSITORY_ARN)


def test_a_boundary_of_others_allows_them_no_more() -> None:
    found = failing("boundary-denies", bounded(TOKEN))
    assert found.fix is not None
    new = [item for item in document(found.fix)["Statement"] if item != TOKEN]
    assert [item["Condition"] for item in new] == [{"ArnEquals": {"aws:PrincipalArn": ROLE_ARN}}]
    (other,) = found.alternatives
    assert [words[2] for words in aws_commands(other.cli or "")] == [
        "create-policy",
        "put-role-permissions-boundary",
    ]


# --- trust -------------------------------------------------------------------------------------------

ECS = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
CLUSTERS = f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringEquals": {"aws:SourceAccount": "444455556666"}}, {"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:ecs:eu-west-1:444455556666:*"}, "StringEquals": {"aws:SourceAccount": "444455556666"}}, {"ArnLike": {"aws:SourceArn": CLUSTERS}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        ({"StringLike": {"aws:SourceArn": f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/x"}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}, {"ArnLike": {"aws:SourceArn": CLUSTERS}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}),
    ],
)  # fmt: skip
def test_a_trust_policy_keeps_its_guards(condition: Any, expected: Any) -> None:
    fix = first("role-trust-denies", trusting({**ECS, "Condition": condition}))
    (statement,) = document(fix)["Statement"]
    assert statement == {**ECS, "Condition": expected}


def test_a_statement_for_ecs_is_guarded_like_the_one_beside_it() -> None:
    beside = {
        **ECS,
        "Principal": {"Service": "ec2.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    fix = first("role-trust-denies", trusting(beside))
    kept, new = document(fix)["Statement"]
    assert kept == beside
    assert new["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


@pytest.mark.parametrize("principal", ["*", {"Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]}])
def test_a_deny_of_trust_stays_for_everyone_else(principal: Any) -> None:
    frozen = {"Effect": "Deny", "Principal": principal, "Action": "sts:AssumeRole", "Sid": "Frozen"}
    fix = first("role-trust-denies", trusting(ECS, frozen))
    _, kept = document(fix)["Statement"]
    assert kept["Effect"] == "Deny"
    assert "ecs-tasks.amazonaws.com" not in json.dumps(kept)
    assert "'Frozen'" in (fix.warning or "")


def test_a_service_linked_role_is_not_edited() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"

    def linked(world: World) -> None:
        facts = role_of(world)
        facts["role"]["value"].update(Arn=arn, RoleName="AWSServiceRoleForECS")

    fix = first(
        "role-trust-denies",
        linked,
        trusting({**ECS, "Principal": {"Service": "ecs.amazonaws.com"}}),
        named_role(arn),
    )
    assert not [words for words in aws_commands(fix.cli or "") if words[1] == "iam"]
    assert "service-linked" in fix.text


# --- evidence ----------------------------------------------------------------------------------------


def test_evidence_names_the_call_that_read_it() -> None:
    found = failing(
        "role-permission-missing",
        managed(TOKEN),
        repository(on_resource("Allow", {"AWS": ANOTHER}, PULL, Sid="Partner")),
    )
    (partner,) = (item for item in found.evidence if "'Partner'" in item.what)
    assert partner.source == "ecr:GetRepositoryPolicy"
    assert not any(item.source == "iam:GetRolePolicy" for item in found.evidence)
