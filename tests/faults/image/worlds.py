"""Small differences from the healthy worlds that several tables of `diagnostics.faults.image` use."""

from __future__ import annotations

import json
from typing import Any

from tests.build import (
    ACCOUNT,
    IMAGE,
    REGION,
    REGISTRY,
    REPOSITORY_ARN,
    Edit,
    World,
    image_of,
    known,
    unavailable,
)
from tests.build.images import facts, named

OTHER = "sha256:" + "2b" * 32
TEAM_IMAGE = f"{REGISTRY}/team/payments-api:1.4.2"
UNREAD = unavailable("denied", "ecr:DescribeImages")
FAILED = unavailable("AWS answered with an error (500)", "ecr:DescribePullThroughCacheRules")
NOT_FOUND = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {0}: {0}: not found"


THEIRS = f"444455556666.dkr.ecr.{REGION}.amazonaws.com/team/api:v9"
"""An image of another account."""


def tagged(*names: str) -> dict[str, Any]:
    return known([{"imageDigest": f"sha256:{name}", "imageTags": [name]} for name in names])


def before(tag: str, repository: str = "payments-api") -> Edit:
    """The revision before has an image of this tag."""
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:6"
    container = {"name": "app", "image": f"{REGISTRY}/{repository}:{tag}"}
    found = known(
        {
            "taskDefinitionArn": arn,
            "family": "payments-api",
            "revision": 6,
            "containerDefinitions": [container],
        }
    )
    return lambda world: world.update(former_definition=found)


def lifecycle(*rules: dict[str, Any]) -> dict[str, Any]:
    """The repository's lifecycle policy; `keeps` and `drops` are rules."""
    return known(
        {"lifecyclePolicyText": json.dumps({"rules": rules}), "lastEvaluatedAt": "2026-11-23T22:00:00Z"}
    )


def keeps(priority: int, number: int, prefix: str) -> dict[str, Any]:
    """A rule that expires images with a tag of this beginning, but for the newest."""
    chosen = {
        "tagStatus": "tagged",
        "tagPrefixList": [prefix],
        "countType": "imageCountMoreThan",
        "countNumber": number,
    }
    return {
        "rulePriority": priority,
        "description": f"keep {number}",
        "selection": chosen,
        "action": {"type": "expire"},
    }


def drops(priority: int, days: int, status: str = "untagged") -> dict[str, Any]:
    """A rule that expires what is older."""
    chosen = {"tagStatus": status, "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}
    return {"rulePriority": priority, "selection": chosen, "action": {"type": "expire"}}


def archives(priority: int, days: int) -> dict[str, Any]:
    """A rule that archives what nobody pulls."""
    chosen = {"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": days}
    action = {"type": "transition", "targetStorageClass": "archive"}
    return {
        "rulePriority": priority,
        "description": "archive the unused",
        "selection": chosen,
        "action": action,
    }


def there(region: str) -> dict[str, Any]:
    arn = REPOSITORY_ARN.replace(REGION, region)
    return known({"repositoryArn": arn, "repositoryName": "payments-api", "registryId": ACCOUNT})


def elsewhere(**regions: Any) -> Any:
    return facts(elsewhere={name.replace("_", "-"): fact for name, fact in regions.items()})


def by_digest(found: dict[str, Any], tag_now: dict[str, Any] | None = None) -> tuple[Any, ...]:
    """The task's image has a digest, and its task definition a tag where `tag_now` says what became of that."""
    image = f"{REGISTRY}/payments-api@{OTHER}"
    more: dict[str, Any] = {"detail": found, "tagged": tagged("1.4.2")}
    if tag_now is not None:
        more.update(counterpart_id="1.4.2", counterpart=tag_now)
    return named(image, None if tag_now is None else IMAGE), facts(**more)


def immutable(world: World) -> None:
    """No push can move a tag of the repository to another image."""
    image_of(world)["repository"]["value"]["imageTagMutability"] = "IMMUTABLE"
