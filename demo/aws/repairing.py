"""What people and ECS do around a repair: a person fills in what a command leaves open, and ECS starts the next task."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from demo.aws.account import Account
from demo.aws.tasks import TaskHandle


def _allocated(account: Account) -> str:
    return str(account.ec2.allocate_address(Domain="vpc")["AllocationId"])


def _execution_role(account: Account) -> str:
    """A role that ECS may assume, and that may pull."""
    ecs = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [ecs]})
    role = account.iam.create_role(RoleName="another-execution", AssumeRolePolicyDocument=trust)["Role"]
    policy = f"arn:{account.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    account.iam.attach_role_policy(RoleName="another-execution", PolicyArn=policy)
    return str(role["Arn"])


def _another_secret(account: Account) -> str:
    """A secret that a person means instead of one that is gone."""
    secrets = account.client("secretsmanager")
    return str(secrets.create_secret(Name="another/database", SecretString="not-a-secret")["ARN"])


ANSWERS: Mapping[str, Callable[[Account], str]] = {
    "ALLOCATION_ID": _allocated,
    "EXECUTION_ROLE_ARN": _execution_role,
    "OTHER_SECRET": _another_secret,
    "PUBLIC_SUBNET_ID": lambda account: account.network.subnets["public-a"],
}
"""What a person would fill in."""


def open_answers(account: Account, *texts: str) -> dict[str, str]:
    """What a person would fill in for the names that the commands leave open (`NAME=` alone on a line)."""
    asked = dict.fromkeys(re.findall(r"^([A-Z][A-Z0-9_]*)=$", "\n".join(texts), re.MULTILINE))
    return {name: ANSWERS[name](account) for name in asked if name in ANSWERS}


def filled_in(commands: str, answers: Mapping[str, str]) -> str:
    """The commands with the answers in their places."""
    for name, value in answers.items():
        commands = re.sub(rf"^{name}=$", f"{name}={value}", commands, flags=re.MULTILINE)
    return commands


def next_task(account: Account, task: TaskHandle) -> str:
    """Start what ECS would start next: the service's own definition and network, or the newest revision; its ARN."""
    request = dict(account.request_of(task))
    if task.service is None:
        family = task.task_definition_arn.rpartition("/")[2].partition(":")[0]
        # moto takes a deregistered revision for the newest, too, and sorts none.
        active = account.ecs.list_task_definitions(familyPrefix=family, status="ACTIVE")["taskDefinitionArns"]
        request["taskDefinition"] = max(active, key=lambda arn: int(arn.rpartition(":")[2]))
    else:
        (service,) = account.ecs.describe_services(cluster=task.cluster, services=[task.service])["services"]
        request["taskDefinition"] = service["taskDefinition"]
        if "networkConfiguration" in service and "networkConfiguration" in request:
            request["networkConfiguration"] = service["networkConfiguration"]
    return str(account.ecs.run_task(**request)["tasks"][0]["taskArn"])
