"""Policy documents and their statements, in the few forms that accounts are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

PolicyDocument = dict[str, Any]
PolicyStatement = dict[str, Any]

TASKS = "ecs-tasks.amazonaws.com"
INSTANCES = "ec2.amazonaws.com"

TOKEN = "ecr:GetAuthorizationToken"
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")


def policy(*statements: PolicyStatement) -> PolicyDocument:
    """A policy document with these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str) -> PolicyDocument:
    """A trust policy that lets a service assume the role."""
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def allow(*actions: str, on: str | Sequence[str] = "*", **more: Any) -> PolicyStatement:
    """A statement that allows actions, with `Condition=…` where it has one."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str | Sequence[str] = "*", **more: Any) -> PolicyStatement:
    """A statement that denies actions."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **more}


def grant(principal: Any, *actions: str, effect: str = "Allow", **more: Any) -> PolicyStatement:
    """A statement of a policy that is attached to a repository, an endpoint or a key."""
    return {"Effect": effect, "Principal": principal, "Action": list(actions), **more}
