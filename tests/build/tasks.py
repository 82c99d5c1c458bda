"""Edits of the task, its definition and its service, and of what is known of them."""

from __future__ import annotations

from typing import Any

from tests.build.facts import Edit, World, absent, known, unavailable
from tests.build.names import VPC
from tests.build.places import definition_of, task_of


def unread(*names: str) -> Edit:
    """These facts could not be read."""

    def edit(world: World) -> None:
        for name in names:
            world[name] = unavailable("denied", "x:Y", "r")

    return edit


def not_asked(*names: str) -> Edit:
    """Nobody asked for these facts."""

    def edit(world: World) -> None:
        for name in names:
            world[name] = unavailable("not asked")

    return edit


def gone(*names: str) -> Edit:
    """AWS says that there are no such things."""

    def edit(world: World) -> None:
        for name in names:
            world[name] = absent("x:Y")

    return edit


def task(**values: Any) -> Edit:
    """The task says this."""
    return lambda world: task_of(world).update(values)


def definition(**values: Any) -> Edit:
    """The task definition says this."""
    return lambda world: definition_of(world).update(values)


def service(**values: Any) -> Edit:
    """The service says this."""
    return lambda world: world["service"]["value"].update(values)


def container(**values: Any) -> Edit:
    """The task definition's container says this."""
    return lambda world: definition_of(world)["containerDefinitions"][0].update(values)


def public_ip(setting: str) -> Edit:
    """assignPublicIp of the service."""

    def edit(world: World) -> None:
        service = world["service"]["value"]
        for holder in (service, service["deployments"][0]):
            holder["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] = setting

    return edit


def image_in(region: str) -> Edit:
    """The image is in another Region."""

    def edit(world: World) -> None:
        image = f"111122223333.dkr.ecr.{region}.amazonaws.com/payments-api:1.4.2"
        for holder in (task_of(world)["containers"][0], definition_of(world)["containerDefinitions"][0]):
            holder["image"] = image

    return edit


def image(name: str) -> Edit:
    """Another image."""

    def edit(world: World) -> None:
        for holder in (task_of(world)["containers"][0], definition_of(world)["containerDefinitions"][0]):
            holder["image"] = name

    return edit


def unread_image(name: str) -> Edit:
    """Another image, of which ECR was not asked."""

    def edit(world: World) -> None:
        image(name)(world)
        world["images"] = []

    return edit


def secret(value_from: str) -> Edit:
    """The container reads a secret or parameter."""
    return lambda world: definition_of(world)["containerDefinitions"][0].update(
        secrets=[{"name": "PASSWORD", "valueFrom": value_from}]
    )


def task_interface(world: World) -> None:
    """The task's interface is still there and tells its groups."""
    world["task_interface"] = known(
        {"NetworkInterfaceId": "eni-task", "SubnetId": "subnet-private-a", "VpcId": VPC,
         "PrivateIpAddress": "10.0.10.20", "Groups": [{"GroupId": "sg-tasks"}]}
    )  # fmt: skip


def without_service(world: World) -> None:
    """A task that no service started, whose interface is gone."""
    task_of(world).update(group="family:payments-api", startedBy=None)
    world["service"] = {"kind": "absent", "call": "ecs:DescribeServices"}
