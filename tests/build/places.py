"""Where things are in the JSON form of a snapshot, to be changed there."""

from __future__ import annotations

from typing import Any

from tests.build.facts import World
from tests.build.names import ROLE_ARN, VPC


def vpc_of(world: World, vpc_id: str = VPC) -> dict[str, Any]:
    """The facts of a VPC; each is `{"kind": …}`."""
    found: dict[str, Any] = world["vpcs"][vpc_id]
    return found


def items_of(world: World, what: str, vpc_id: str = VPC) -> list[dict[str, Any]]:
    """The list in a known fact of a VPC, such as `route_tables`, to be changed in place."""
    found: list[dict[str, Any]] = vpc_of(world, vpc_id)[what]["value"]
    return found


def routes_of(world: World, table: str, vpc_id: str = VPC) -> list[dict[str, Any]]:
    """The routes of a route table."""
    tables = items_of(world, "route_tables", vpc_id)
    return next(item["Routes"] for item in tables if item["RouteTableId"] == table)


def group_of(world: World, group: str, vpc_id: str = VPC) -> dict[str, Any]:
    """A security group."""
    found: dict[str, Any] = vpc_of(world, vpc_id)["security_groups"][group]["value"]
    return found


def endpoint_of(world: World, service: str, vpc_id: str = VPC) -> dict[str, Any]:
    """A VPC endpoint by the end of its service name, `ecr.api`."""
    every = items_of(world, "vpc_endpoints", vpc_id)
    return next(item for item in every if item["ServiceName"].endswith(f".{service}"))


def acl_of(world: World, acl: str = "acl-main", vpc_id: str = VPC) -> dict[str, Any]:
    """A network ACL."""
    return next(item for item in items_of(world, "network_acls", vpc_id) if item["NetworkAclId"] == acl)


def task_of(world: World) -> dict[str, Any]:
    """The task."""
    found: dict[str, Any] = world["task"]["value"]
    return found


def definition_of(world: World) -> dict[str, Any]:
    """The task definition."""
    found: dict[str, Any] = world["task_definition"]["value"]
    return found


def image_of(world: World, place: int = 0) -> dict[str, Any]:
    """What ECR knows of an image; each fact is `{"kind": …}`."""
    found: dict[str, Any] = world["images"][place]
    return found


def role_of(world: World, arn: str = ROLE_ARN) -> dict[str, Any]:
    """The facts of a role; each is `{"kind": …}`."""
    found: dict[str, Any] = world["roles"][arn]
    return found
