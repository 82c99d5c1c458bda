"""Answers to the collector's plan, made by hand: a Fargate task in a service, all of it readable, and what differs.

Here facts are values (`known(...)`, `Absent()`, `Unavailable(...)`), as a call gives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from diagnostics.collect import calls, plan
from diagnostics.collect.operation import Call, Operation
from diagnostics.collect.parsing import Found, NotDescribed, OwnedVpc
from diagnostics.snapshot import (
    Absent,
    CallerIdentity,
    Fact,
    ImageDetail,
    Known,
    PrefixList,
    Repository,
    Role,
    SecurityGroup,
    Service,
    Snapshot,
    Subnet,
    Task,
    TaskDefinition,
    Unavailable,
)
from diagnostics.target import Target
from tests.build.targets import ACCOUNT, REGION, TASK_ID

REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGE = f"{REGISTRY}/team/shop:v2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/execution"
CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod"
DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/shop:7"
ENI = {
    "type": "ElasticNetworkInterface",
    "details": [{"name": "subnetId", "value": "subnet-1"}, {"name": "networkInterfaceId", "value": "eni-1"}],
}
Reply = Fact[Any] | Callable[[Mapping[str, Any]], Fact[Any]]


Replies = dict[Operation[Any], Reply]


class Answers:
    """Answers each operation alike, or by its parameters; what has no answer is denied."""

    def __init__(self, replies: Mapping[Operation[Any], Reply]) -> None:
        self._replies = replies
        self.asked: list[Call[Any]] = []

    def __call__(self, call: Call[Any], /) -> Fact[Any]:
        if call not in self.asked:
            self.asked.append(call)
        reply = self._replies.get(call.operation)
        if reply is None:
            return Unavailable(why="denied", call=call.operation.action, resource=call.resource)
        return reply(call.kwargs) if callable(reply) else reply

    def of(self, operation: Operation[Any]) -> list[dict[str, Any]]:
        """The parameters of every call of an operation."""
        return [call.kwargs for call in self.asked if call.operation is operation]


def known(value: Any) -> Fact[Any]:
    """A known fact."""
    return Known(value=value)


def built(
    target: Target, answers: Answers, previous: Snapshot | None = None, *, newest: bool = False
) -> Snapshot:
    """The snapshot that the answers make."""
    return plan.build(target, answers, region=target.region or REGION, previous=previous, newest=newest)


def task(name: str = TASK_ID, **more: Any) -> Task:
    """A stopped task; `more` are members in ECS's own spelling."""
    return Task.model_validate(
        {
            "taskArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/prod/{name}",
            "clusterArn": CLUSTER,
            "taskDefinitionArn": DEFINITION,
            "group": "service:shop",
            "launchType": "FARGATE",
            "lastStatus": "STOPPED",
            "stoppedAt": datetime(2026, 1, 1, tzinfo=UTC),
            "containers": [{"name": "app", "image": IMAGE}],
            "attachments": [ENI],
            **more,
        }
    )


def definition(**more: Any) -> TaskDefinition:
    """Its definition."""
    return TaskDefinition.model_validate(
        {
            "taskDefinitionArn": DEFINITION,
            "executionRoleArn": ROLE,
            "containerDefinitions": [{"name": "app", "image": IMAGE}],
            **more,
        }
    )


def service(**more: Any) -> Service:
    """Its service."""
    awsvpc = {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"}
    return Service.model_validate(
        {
            "serviceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/prod/shop",
            "serviceName": "shop",
            "launchType": "FARGATE",
            "taskDefinition": DEFINITION,
            "networkConfiguration": {"awsvpcConfiguration": awsvpc},
            **more,
        }
    )


def found(*items: Any) -> Any:
    """An ECS batch answer that has these."""
    return known(Found(items, ()))


def missing(reason: str = "MISSING") -> Any:
    """One that has only a failure."""
    return known(Found((), (NotDescribed("arn:task", reason),)))


def replies(**more: Reply) -> Replies:
    """A Fargate task in a service, all of it readable; `more` replaces answers by the names in `calls`."""
    result: Replies = {
        calls.GET_CALLER_IDENTITY: known(CallerIdentity(account=ACCOUNT, arn="arn:me")),
        calls.DESCRIBE_TASKS: found(task()),
        calls.DESCRIBE_TASK_DEFINITION: known(definition()),
        calls.DESCRIBE_SERVICES: found(service()),
        calls.DESCRIBE_NETWORK_INTERFACES: known(()),
        calls.DESCRIBE_SUBNETS: known(
            tuple(Subnet(subnet_id=name, vpc_id="vpc-1") for name in ("subnet-1", "subnet-2"))
        ),
        calls.DESCRIBE_VPC: known(OwnedVpc(vpc_id="vpc-1", owner_id=ACCOUNT, dhcp_options_id="dopt-1")),
        calls.DESCRIBE_ROUTE_TABLES: known(()),
        calls.DESCRIBE_NETWORK_ACLS: known(()),
        calls.DESCRIBE_NAT_GATEWAYS: known(()),
        calls.DESCRIBE_INTERNET_GATEWAYS: known(()),
        calls.DESCRIBE_VPC_ENDPOINTS: known(()),
        calls.DESCRIBE_SECURITY_GROUPS: known((SecurityGroup(group_id="sg-1"),)),
        calls.DESCRIBE_PREFIX_LISTS: known((PrefixList(prefix_list_id="pl-s3", cidrs=("192.0.2.0/24",)),)),
        calls.DESCRIBE_REPOSITORY: known(Repository(repository_arn="arn:r", repository_name="team/shop")),
        calls.DESCRIBE_IMAGE: known(ImageDetail(image_digest="sha256:1")),
        calls.GET_REPOSITORY_POLICY: Absent(),
        calls.GET_REGISTRY_POLICY: Absent(),
        calls.GET_ROLE: known(Role(role_name="execution", arn=ROLE)),
        calls.LIST_ROLE_POLICIES: known(()),
        calls.LIST_ATTACHED_ROLE_POLICIES: known(()),
    }
    unknown = [name for name in more if not hasattr(calls, name.upper())]
    assert not unknown, f"{unknown}: a reply goes by the name of its operation in calls.py, in lower case"
    return result | {getattr(calls, name.upper()): reply for name, reply in more.items()}
