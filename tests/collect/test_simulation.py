"""What IAM's policy simulator is asked about a pull, when, and what its answers become."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.collect import calls
from diagnostics.collect.parsing import simulated
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    Known,
    NatGateway,
    Role,
    RoleFacts,
    Simulated,
    Simulation,
    Unavailable,
    VpcEndpoint,
    Why,
)
from tests.build.answers import IMAGE, REGISTRY, ROLE, Answers, built, definition, found, replies, task
from tests.build.answers import known as fact
from tests.build.targets import ACCOUNT, REGION, task_target

REPOSITORY = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/shop"
OTHER = f"444455556666.dkr.ecr.{REGION}.amazonaws.com/base:1"
LOGIN = Simulated(action="ecr:GetAuthorizationToken", resource="*", decision="allowed")


def asked(**more: Any) -> list[dict[str, Any]]:
    """The parameters of each question, its condition keys as a dictionary."""
    answers = Answers(replies(**more))
    built(task_target(), answers)
    return [
        {
            **item,
            "ContextEntries": {
                key["ContextKeyName"]: key["ContextKeyValues"][0] for key in item["ContextEntries"]
            },
        }
        for item in answers.of(calls.SIMULATE_PRINCIPAL_POLICY)
    ]


def role_facts(**more: Any) -> RoleFacts:
    return built(task_target(), Answers(replies(**more))).roles[ROLE]


def two_images(*images: str) -> Any:
    containers = [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]
    return {
        "describe_tasks": found(task(containers=containers)),
        "describe_task_definition": fact(definition(containerDefinitions=containers)),
    }


def endpoint(service: str, **more: Any) -> VpcEndpoint:
    return VpcEndpoint.model_validate(
        {
            "VpcEndpointId": f"vpce-{service}", "ServiceName": f"com.amazonaws.{REGION}.{service}", "State": "available",
            "PrivateDnsEnabled": True, "VpcEndpointType": "Interface", **more,
        }
    )  # fmt: skip


def test_a_role_is_asked_about_twice_with_what_is_known_of_the_request() -> None:
    login, pull = asked()
    who = {
        "aws:PrincipalArn": ROLE,
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:ViaAWSService": "false",
        "aws:SecureTransport": "true",
        "aws:RequestedRegion": REGION,
    }
    assert login == {
        "PolicySourceArn": ROLE,
        "ActionNames": ["ecr:GetAuthorizationToken"],
        "ContextEntries": who,
    }
    assert pull == {
        "PolicySourceArn": ROLE,
        "ActionNames": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "ResourceArns": [REPOSITORY],
        "ContextEntries": {**who, "aws:ResourceAccount": ACCOUNT},
    }


def test_all_repositories_are_one_question() -> None:
    _, pull = asked(**two_images(IMAGE, f"{REGISTRY}/base:1", OTHER))
    assert pull["ResourceArns"] == [
        f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/base",
        REPOSITORY,
        f"arn:aws:ecr:{REGION}:444455556666:repository/base",
    ]
    assert "aws:ResourceAccount" not in pull["ContextEntries"]
    assert pull["ContextEntries"]["aws:RequestedRegion"] == REGION


def test_of_several_regions_none_is_told() -> None:
    elsewhere = f"{ACCOUNT}.dkr.ecr.us-west-2.amazonaws.com/base:1"
    for question in asked(**two_images(IMAGE, elsewhere)):
        assert "aws:RequestedRegion" not in question["ContextEntries"]


def test_the_tags_and_the_true_arn_of_the_role_are_told() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/a/path/execution"
    role = Role.model_validate(
        {"RoleName": "execution", "Arn": arn, "Tags": [{"Key": "team", "Value": "shop"}]}
    )
    for question in asked(get_role=fact(role)):
        assert question["PolicySourceArn"] == arn
        assert question["ContextEntries"]["aws:PrincipalTag/team"] == "shop"


@pytest.mark.parametrize(
    ("more", "login", "pull"),
    [
        ({"VpcEndpointId": "vpce-1"}, "vpce-ecr.api", "vpce-1"),
        ({"State": "pending"}, "vpce-ecr.api", None),
        ({"PrivateDnsEnabled": False}, "vpce-ecr.api", None),
        ({"ServiceName": "com.amazonaws.us-west-2.ecr.dkr"}, "vpce-ecr.api", None),
    ],
    ids=["both endpoints", "not available", "without private DNS", "of another Region"],
)
def test_the_endpoint_on_the_way_is_told(more: dict[str, Any], login: str, pull: str | None) -> None:
    every = (endpoint("ecr.api"), endpoint("ecr.dkr", **more))
    told = [
        item["ContextEntries"].get("aws:SourceVpce") for item in asked(describe_vpc_endpoints=fact(every))
    ]
    assert told == [login, pull]


@pytest.mark.parametrize(
    ("addresses", "told"), [(("192.0.2.1",), "192.0.2.1"), (("192.0.2.1", "192.0.2.2"), None), ((), None)]
)
def test_the_address_of_the_only_nat_gateway_is_told(addresses: tuple[str, ...], told: str | None) -> None:
    gateways = tuple(
        NatGateway.model_validate(
            {"NatGatewayId": f"nat-{item}", "State": "available", "NatGatewayAddresses": [{"PublicIp": item}]}
        )
        for item in addresses
    )
    for question in asked(describe_nat_gateways=fact(gateways)):
        assert question["ContextEntries"].get("aws:SourceIp") == told


@pytest.mark.parametrize(
    "more",
    [
        {"get_role": Absent()},
        {"get_role": Unavailable(why="denied")},
        {"describe_task_definition": fact(definition(executionRoleArn="arn:aws:iam::444455556666:role/x")),
         "get_role": fact(Role(role_name="x", arn="arn:aws:iam::444455556666:role/x"))},
        two_images("docker.io/library/nginx:1", "public.ecr.aws/nginx/nginx:1"),
        {"describe_task_definition": fact(definition(executionRoleArn=None))},
    ],
    ids=["no such role", "a role that cannot be read", "another account's role", "no image in ECR", "no role"],
)  # fmt: skip
def test_nothing_is_asked_where_there_is_nothing_to_ask(more: dict[str, Any]) -> None:
    assert asked(**more) == []


def test_images_that_aws_adds_are_not_asked_about() -> None:
    sidecar = f"593207742271.dkr.ecr.{REGION}.amazonaws.com/aws-guardduty-agent-fargate:v1"
    containers = [{"name": "app", "image": IMAGE}, {"name": "aws-guardduty-agent-x", "image": sidecar}]
    _, pull = asked(describe_tasks=found(task(containers=containers)))
    assert pull["ResourceArns"] == [REPOSITORY]


def test_an_answer_is_kept_with_what_was_told() -> None:
    facts = role_facts(simulate_principal_policy=fact((LOGIN,)))
    assert isinstance(facts.simulated_login, Known)
    assert facts.simulated_login.value.results == (LOGIN,)
    assert facts.simulated_login.value.context["aws:PrincipalArn"] == ROLE
    assert facts.simulated_login.value.of("ECR:getauthorizationtoken", "*") == LOGIN
    assert facts.simulated_login.value.of("ecr:GetAuthorizationToken", REPOSITORY) is None


@pytest.mark.parametrize("why", ["denied", "throttled", "AWS answered with an error (500)", "timed out"])
def test_whatever_goes_wrong_is_only_not_known(why: str) -> None:
    failed = Unavailable(why=why, call="iam:SimulatePrincipalPolicy", resource=ROLE)
    with_it = built(task_target(), Answers(replies(simulate_principal_policy=fact((LOGIN,)))))
    without = built(task_target(), Answers(replies(simulate_principal_policy=failed)))
    assert without.roles[ROLE].simulated_login == without.roles[ROLE].simulated_pull == failed
    unasked = {"simulated_login": NOT_ASKED, "simulated_pull": NOT_ASKED}
    assert with_it.roles[ROLE].model_copy(update=unasked) == without.roles[ROLE].model_copy(update=unasked)
    assert with_it.model_copy(update={"roles": {}}) == without.model_copy(update={"roles": {}})


# --- the organization --------------------------------------------------------------------------------

OURS = "o-a1b2c3d4e5"


def wanting(asked: dict[str, Any]) -> Known[tuple[Simulated, ...]]:
    """A simulator with a policy that keeps data inside the organization: without its id it refuses, and says what it lacks."""
    keys = {item["ContextKeyName"] for item in asked["ContextEntries"]}
    lacks = ("aws:ResourceOrgID",) if "aws:ResourceOrgID" not in keys else ()
    decision = "explicitDeny" if lacks else "allowed"
    return fact(
        tuple(
            Simulated(
                action=action, resource=resource, decision=decision, allowed_by_organizations=not lacks,
                missing_context=lacks,
            )
            for action in asked["ActionNames"]
            for resource in asked.get("ResourceArns", ["*"])
        )
    )  # fmt: skip


def test_where_the_simulator_wants_the_organization_it_is_asked_again_with_it() -> None:
    answers = Answers(replies(simulate_principal_policy=wanting, describe_organization=fact(OURS)))
    snapshot = built(task_target(), answers)
    assert len(answers.of(calls.SIMULATE_PRINCIPAL_POLICY)) == 4
    for answer in (snapshot.roles[ROLE].simulated_login, snapshot.roles[ROLE].simulated_pull):
        assert isinstance(answer, Known)
        assert answer.value.context["aws:ResourceOrgID"] == answer.value.context["aws:PrincipalOrgID"] == OURS
        assert all(item.is_allowed for item in answer.value.results)


@pytest.mark.parametrize("organization", [Absent(), Unavailable(reason=Why.DENIED)])
def test_without_an_organization_the_first_answer_stands(organization: Any) -> None:
    answers = Answers(replies(simulate_principal_policy=wanting, describe_organization=organization))
    snapshot = built(task_target(), answers)
    assert len(answers.of(calls.SIMULATE_PRINCIPAL_POLICY)) == 2
    assert snapshot.organization == organization
    pull = snapshot.roles[ROLE].simulated_pull
    assert isinstance(pull, Known)
    assert not any(item.is_allowed for item in pull.value.results)


def test_of_another_account_s_repository_the_organization_is_not_told() -> None:
    answers = Answers(
        replies(**two_images(OTHER), simulate_principal_policy=wanting, describe_organization=fact(OURS))
    )
    pull = built(task_target(), answers).roles[ROLE].simulated_pull
    assert isinstance(pull, Known)
    assert "aws:ResourceOrgID" not in pull.value.context
    assert pull.value.context["aws:PrincipalOrgID"] == OURS


def test_a_simulator_that_wants_nothing_leaves_the_organization_alone() -> None:
    answers = Answers(replies(simulate_principal_policy=fact((LOGIN,))))
    assert built(task_target(), answers).organization == NOT_ASKED
    assert answers.of(calls.DESCRIBE_ORGANIZATION) == []


def test_an_old_snapshot_was_not_asked() -> None:
    assert RoleFacts.model_validate({"role_arn": ROLE}).simulated_pull == NOT_ASKED
    assert Simulation().of("ecr:BatchGetImage", REPOSITORY) is None


# --- the answer --------------------------------------------------------------------------------------


def words_of(organization: bool | None, *decisions: str) -> list[bool | None]:
    """The organization's word about each resource."""
    raw: dict[str, Any] = {"EvalActionName": "ecr:BatchGetImage", "EvalDecision": decisions[0]}
    if organization is not None:
        raw["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": organization}
    if len(decisions) > 1:
        raw["ResourceSpecificResults"] = [
            {"EvalResourceName": f"r{number}", "EvalResourceDecision": item}
            for number, item in enumerate(decisions)
        ]
    return [item.allowed_by_organizations for item in simulated({"EvaluationResults": [raw]})]


@pytest.mark.parametrize(
    ("organization", "decisions", "words"),
    [
        (True, ("allowed",), [True]),
        (False, ("explicitDeny",), [False]),
        (None, ("implicitDeny",), [None]),
        (False, ("allowed", "explicitDeny"), [True, False]),
        (False, ("implicitDeny", "explicitDeny"), [None, None]),
        (True, ("implicitDeny", "implicitDeny"), [True, True]),
        (None, ("allowed", "implicitDeny"), [None, None]),
    ],
)
def test_the_organization_s_word_is_about_a_resource_only_where_that_is_clear(
    organization: bool | None, decisions: tuple[str, ...], words: list[bool | None]
) -> None:
    assert words_of(organization, *decisions) == words


def test_boundary_and_missing_keys_are_those_of_the_resource() -> None:
    (result,) = simulated(
        {
            "EvaluationResults": [
                {
                    "EvalActionName": "ecr:BatchGetImage",
                    "EvalResourceName": "arn:${Partition}:ecr:${Region}:${Account}:repository/${RepositoryName}",
                    "EvalDecision": "implicitDeny",
                    "ResourceSpecificResults": [
                        {
                            "EvalResourceName": REPOSITORY,
                            "EvalResourceDecision": "implicitDeny",
                            "MissingContextValues": ["aws:SourceVpc"],
                            "PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": False},
                        }
                    ],
                }
            ]
        }
    )
    assert result == Simulated(
        action="ecr:BatchGetImage",
        resource=REPOSITORY,
        decision="implicitDeny",
        allowed_by_boundary=False,
        missing_context=("aws:SourceVpc",),
    )
