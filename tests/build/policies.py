"""IAM policies: statements and documents as dictionaries, and a document as AWS gives it, which is JSON text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

ECR_ACTIONS = [
    "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
]  # fmt: skip


def statement(
    effect: str,
    action: str | Sequence[str] = "ecr:*",
    resource: str | Sequence[str] | None = "*",
    principal: Any = None,
    condition: Mapping[str, Mapping[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A statement; an element that is `None` is left out."""
    found: dict[str, Any] = {"Effect": effect, "Action": action, "Resource": resource, "Principal": principal}
    found |= {"Condition": condition} | more
    return {key: value for key, value in found.items() if value is not None}


def allow(action: str | Sequence[str] = "ecr:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """An Allow statement."""
    return statement("Allow", action, resource, **more)


def deny(action: str | Sequence[str] = "ecr:*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A Deny statement."""
    return statement("Deny", action, resource, **more)


def policy(*statements: Json, version: str | None = "2012-10-17") -> dict[str, Any]:
    """A document of these statements."""
    return {**({"Version": version} if version else {}), "Statement": list(statements)}


def on_repository(*statements: Json) -> dict[str, Any]:
    """A repository policy: its statements have no Resource."""
    return policy(*({k: v for k, v in one.items() if k != "Resource"} for one in statements))


def on_resource(effect: str, principal: Any = "*", action: Any = "ecr:*", **more: Any) -> dict[str, Any]:
    """A statement of a resource's own policy, which names no resource."""
    return {"Effect": effect, "Principal": principal, "Action": action, **more}


def policy_text(*statements: Json) -> str:
    """A document as JSON text."""
    return json.dumps(policy(*statements))
