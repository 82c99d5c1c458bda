"""Small differences from the healthy worlds that several tables of `diagnostics.faults.host` use."""

from __future__ import annotations

from tests.build import Edit, World, known, task_of

INSTANCE = "i-0aaaabbbbccccdddd"
VOLUME = "vol-0123456789abcdef0"


def attribute(name: str, value: str | None = None) -> Edit:
    """The container instance has an attribute."""

    def edit(world: World) -> None:
        host = world["container_instance"]["value"]
        host["attributes"] = [*host.get("attributes", ()), {"name": name, "value": value}]

    return edit


bottlerocket = attribute("bottlerocket.variant", "aws-ecs-2")
windows = attribute("ecs.os-type", "windows")


def managed(world: World) -> None:
    """An ECS Managed Instance."""
    task_of(world)["launchType"] = "MANAGED_INSTANCES"
    world["container_instance"]["value"]["capacityProviderName"] = "managed"


def volume(size: int, device: str = "/dev/xvda", root: str = "/dev/xvda") -> Edit:
    """The volume of a device of the container instance."""

    def edit(world: World) -> None:
        world["instance"]["value"].update(
            RootDeviceName=root, BlockDeviceMappings=[{"DeviceName": device, "Ebs": {"VolumeId": VOLUME}}]
        )
        world["volumes"] = {VOLUME: known({"VolumeId": VOLUME, "Size": size})}

    return edit
