"""The demo's five broken services stand side by side, and each repair mends its own only."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from demo.aws import DEMO, Account, EmulatedAws, Scenario, build_demo
from demo.aws.whole_state import WholeState


def default_routes(account: Account) -> int:
    (_, table) = account.broken["demo-route-no-egress"].resources
    routes = account.ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
    return sum(route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in routes)


def denied_roles(account: Account) -> int:
    try:
        text = account.ecr.get_repository_policy(repositoryName="fraud-check")["policyText"]
    except account.ecr.exceptions.RepositoryPolicyNotFoundException:
        return 0
    role = account.broken["demo-repo-policy-denies"].task.execution_role_arn
    return sum(
        statement["Effect"] == "Deny" and statement["Principal"]["AWS"] == role
        for statement in json.loads(text)["Statement"]
    )


def pull_permissions(account: Account) -> int:
    name = "invoice-mailer-execution"
    attached = account.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    found = 0
    for item in attached:
        version = account.iam.get_policy(PolicyArn=item["PolicyArn"])["Policy"]["DefaultVersionId"]
        document = account.iam.get_policy_version(PolicyArn=item["PolicyArn"], VersionId=version)[
            "PolicyVersion"
        ]
        found += json.dumps(document["Document"]).count("ecr:GetAuthorizationToken")
    return found


def tagged_images(account: Account) -> int:
    try:
        return len(
            account.ecr.describe_images(repositoryName="payments-api", imageIds=[{"imageTag": "1.4.3"}])[
                "imageDetails"
            ]
        )
    except account.ecr.exceptions.ImageNotFoundException:
        return 0


def statements_for_layers(account: Account) -> int:
    (endpoint,) = account.broken["demo-s3-endpoint-policy-denies"].resources
    found = account.ec2.describe_vpc_endpoints(VpcEndpointIds=[endpoint])["VpcEndpoints"][0]
    assert found["VpcEndpointType"] == "Gateway"
    return str(found["PolicyDocument"]).count("prod-us-east-1-starport-layer-bucket/*")


# scenario id, what to count, before the repair, after it
FACTS: list[tuple[str, Callable[[Account], int], int, int]] = [
    ("demo-route-no-egress", default_routes, 0, 1),
    ("demo-repo-policy-denies", denied_roles, 1, 0),
    ("demo-role-permission-missing", pull_permissions, 0, 1),
    ("demo-tag-not-found", tagged_images, 0, 1),
    ("demo-s3-endpoint-policy-denies", statements_for_layers, 0, 1),
]


@pytest.fixture(scope="module")
def standing(served: EmulatedAws) -> tuple[Account, WholeState]:
    """The demo, built once, and what AWS holds then."""
    served.reset()
    account = build_demo(served)
    return account, WholeState.of(served)


@pytest.fixture
def demo(aws: EmulatedAws, standing: tuple[Account, WholeState]) -> Account:
    account, as_built = standing
    as_built.put_back(aws)
    return account


def test_the_table_covers_the_demo() -> None:
    assert [fact[0] for fact in FACTS] == [scenario.id for scenario in DEMO]


@pytest.mark.parametrize(("identifier", "count", "before", "after"), FACTS, ids=[fact[0] for fact in FACTS])
def test_a_repair_mends_its_own_service_only(
    demo: Account, identifier: str, count: Callable[[Account], int], before: int, after: int
) -> None:
    others = {other: counted(demo) for other, counted, _, _ in FACTS if other != identifier}
    assert count(demo) == before
    next(scenario for scenario in DEMO if scenario.id == identifier).fix(demo)
    assert count(demo) == after
    assert {other: counted(demo) for other, counted, _, _ in FACTS if other != identifier} == others


@pytest.mark.parametrize("scenario", DEMO, ids=lambda scenario: scenario.id)
def test_the_stopped_task_says_why(demo: Account, scenario: Scenario) -> None:
    task = demo.broken[scenario.id].task
    described = task.describe()
    assert described["lastStatus"] == "STOPPED"
    assert described["stopCode"] == "TaskFailedToStart"
    assert described["containers"][0]["reason"] == described["stoppedReason"]
    assert "exitCode" not in described["containers"][0]
    assert described["platformVersion"] == "1.4.0"
    service = demo.ecs.describe_services(cluster=task.cluster, services=[task.service])["services"][0]
    assert (service["runningCount"], service["deployments"][0]["failedTasks"]) == (0, 1)
    assert described["stoppedReason"] in service["events"][0]["message"]


def test_the_denied_session_is_the_task(demo: Account) -> None:
    task = demo.broken["demo-role-permission-missing"].task
    assert (
        f"assumed-role/invoice-mailer-execution/{task.id} is not authorized"
        in task.describe()["stoppedReason"]
    )


def test_the_healthy_service_keeps_running(demo: Account) -> None:
    (arn,) = demo.ecs.list_tasks(cluster="payments")["taskArns"]
    assert demo.ecs.describe_tasks(cluster="payments", tasks=[arn])["tasks"][0]["group"] == "service:ledger"


def test_it_stands_in_another_region(aws: EmulatedAws) -> None:
    account = build_demo(aws, "eu-central-1")
    assert account.broken["demo-route-no-egress"].task.describe()["availabilityZone"] == "eu-central-1a"
    text = account.broken["demo-s3-endpoint-policy-denies"].task.describe()["stoppedReason"]
    assert "https://prod-eu-central-1-starport-layer-bucket.s3.eu-central-1.amazonaws.com/" in text


def test_a_scenario_is_built_once_in_an_account(demo: Account) -> None:
    with pytest.raises(ClientError, match="already exists"):
        DEMO[1].break_it(demo)
