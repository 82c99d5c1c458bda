"""What `collect` is told to read next, as more and more becomes known."""

from __future__ import annotations

import pytest

from diagnostics.pull import (
    account_named,
    groups_to_read,
    injected_secrets,
    instance_to_read,
    pulls_on_host,
    region_named,
    regions_named,
    role_arns,
    secret_id,
    subnets_to_read,
)
from diagnostics.snapshot import ContainerDefinition, ContainerInstance, Snapshot, known_value
from tests.build import (
    ACCOUNT,
    INSTANCE_ROLE_ARN,
    REGION,
    ROLE_ARN,
    Edit,
    World,
    changed,
    definition_of,
    ec2,
    fargate,
    known,
    task_of,
    unavailable,
)

SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:token-AbCdEf"


def pending(*names: str) -> Edit:
    """These facts are asked for and not answered yet."""

    def edit(world: World) -> None:
        for name in names:
            world[name] = {"kind": "unavailable", "why": "not asked", "call": "x:Y", "resource": None}

    return edit


def override(world: World) -> None:
    task_of(world)["overrides"] = {"executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/other"}


def with_interface(world: World) -> None:
    world["task_interface"] = known({"NetworkInterfaceId": "eni-task", "Groups": [{"GroupId": "sg-eni"}]})


# Which subnets and groups each source names, in the order in which they become known.
@pytest.mark.parametrize(
    ("snapshot", "on_host", "subnets", "groups", "roles"),
    [
        (fargate(), False, [("subnet-private-a",), ("subnet-private-a", "subnet-private-b")], [("sg-tasks",)], (ROLE_ARN,)),
        (changed(fargate(), with_interface), False, [("subnet-private-a",), ("subnet-private-a", "subnet-private-b")], [("sg-eni",), ("sg-tasks",)], (ROLE_ARN,)),
        (changed(fargate(), with_interface, pending("service")), False, [("subnet-private-a",)], [("sg-eni",)], (ROLE_ARN,)),
        (changed(fargate(), pending("task_interface", "service")), False, [("subnet-private-a",)], [], (ROLE_ARN,)),
        (changed(fargate(), pending("task", "task_interface", "service", "task_definition")), False, [], [], ()),
        (changed(fargate(), override), False, [("subnet-private-a",), ("subnet-private-a", "subnet-private-b")], [("sg-tasks",)], (f"arn:aws:iam::{ACCOUNT}:role/other",)),
        (ec2(), True, [("subnet-private-a",)], [("sg-hosts",)], (INSTANCE_ROLE_ARN,)),
        (changed(ec2(), pending("instance", "instance_profile")), True, [], [()], ()),
    ],
    ids=["no interface any more", "all", "no service yet", "no interface yet", "nothing yet", "another role", "EC2", "no instance yet"],
)  # fmt: skip
def test_what_to_read(
    snapshot: Snapshot,
    on_host: bool,
    subnets: list[tuple[str, ...]],
    groups: list[tuple[str, ...]],
    roles: tuple[str, ...],
) -> None:
    assert pulls_on_host(snapshot) is on_host
    assert list(subnets_to_read(snapshot)) == subnets
    assert list(groups_to_read(snapshot)) == groups
    assert role_arns(snapshot) == roles


def test_a_role_that_may_be_overridden_is_not_read_before_the_task() -> None:
    snapshot = changed(fargate(), lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks")))
    assert role_arns(snapshot) == (ROLE_ARN,)
    assert role_arns(changed(snapshot, pending("service"))) == ()


@pytest.mark.parametrize(("name", "expected"), [("i-1", "i-1"), ("mi-1", None), (None, None)])
def test_only_ec2_knows_an_instance(name: str | None, expected: str | None) -> None:
    host = ContainerInstance(container_instance_arn="arn:host", ec2_instance_id=name)
    assert instance_to_read(host) == expected


@pytest.mark.parametrize(
    ("text", "asked", "region", "account"),
    [
        (SECRET, SECRET, "eu-west-1", ACCOUNT),
        (f"{SECRET}:key::", SECRET, "eu-west-1", ACCOUNT),
        (f"arn:aws:ssm:eu-west-2:{ACCOUNT}:parameter/a", f"arn:aws:ssm:eu-west-2:{ACCOUNT}:parameter/a", "eu-west-2", ACCOUNT),
        ("hub/credentials", "hub/credentials", None, None),
        ("/a/b:3", "/a/b:3", None, None),
    ],
)  # fmt: skip
def test_what_a_name_of_a_secret_says(text: str, asked: str, region: str | None, account: str | None) -> None:
    assert (secret_id(text), region_named(text), account_named(text)) == (asked, region, account)


def test_the_secrets_of_a_container_and_the_regions_of_a_definition() -> None:
    container = {
        "secrets": [{"name": "A", "valueFrom": SECRET}],
        "repositoryCredentials": {"credentialsParameter": "hub/credentials"},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-region": "us-west-2"},
            "secretOptions": [{"name": "B", "valueFrom": "/a/b"}],
        },
    }
    snapshot = changed(
        fargate(), lambda world: definition_of(world)["containerDefinitions"][0].update(container)
    )
    definition = known_value(snapshot.task_definition)
    assert definition is not None
    first: ContainerDefinition = definition.container_definitions[0]
    found = [(item.service, item.value) for item in injected_secrets(first)]
    assert found == [("secretsmanager", SECRET), ("ssm", "/a/b")]
    assert list(regions_named(definition)) == [REGION, "us-west-2", "eu-west-1"]
