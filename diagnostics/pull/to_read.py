"""What has to be read to know the way of a pull, from the facts that are known so far: `collect` asks here.

Each place that names something comes as one group, so that what the first names is not held up by the second.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.pull.interfaces import host_interface, network_configuration, task_attachment
from diagnostics.pull.launch import launch_of
from diagnostics.pull.placement import fitting_hosts
from diagnostics.snapshot import ContainerInstance, Instance, Snapshot, known_value


def pulls_on_host(snapshot: Snapshot) -> bool:
    """True as soon as it is known that the host pulls, and not the task by an interface of its own."""
    task = known_value(snapshot.task)
    if task is not None and task.container_instance_arn is not None:
        return True
    launch = known_value(launch_of(snapshot))
    return launch in ("ec2", "external", "managed_instances")


def instance_to_read(host: ContainerInstance) -> str | None:
    """The EC2 instance of a container instance.

    External instances are registered under Systems Manager ids (`mi-…`), which EC2 does not know.
    """
    name = host.ec2_instance_id
    return name if name is not None and name.startswith("i-") else None


def subnets_to_read(snapshot: Snapshot) -> Iterator[tuple[str, ...]]:
    """The subnets of the interfaces that a pull may leave by, the one that was used first."""
    if pulls_on_host(snapshot):
        names = (host_interface(item).subnet_id for item in _instances(snapshot))
        known = tuple(dict.fromkeys(name for name in names if name is not None))
        if known:
            yield known
        return
    used = task_attachment(known_value(snapshot.task)).subnet_id
    if used is not None:
        yield (used,)
    config, _ = network_configuration(snapshot)
    if config is not None and config.subnets:
        yield config.subnets


def groups_to_read(snapshot: Snapshot) -> Iterator[tuple[str, ...]]:
    """The puller's security groups by each place that names them; where they agree it is one call."""
    if pulls_on_host(snapshot):
        groups = {group.group_id for item in _instances(snapshot) for group in host_interface(item).groups}
        yield tuple(sorted(groups))
        return
    interface = known_value(snapshot.task_interface)
    if interface is not None:
        yield tuple(sorted(group.group_id for group in interface.groups))
    config, _ = network_configuration(snapshot)
    if config is not None:
        yield tuple(sorted(config.security_groups))


def _instances(snapshot: Snapshot) -> Iterator[Instance]:
    """The instance on which the task is, or those on which a planned one may be placed."""
    facts = (snapshot.instance, *(host.instance for host in fitting_hosts(snapshot)))
    return (item for item in map(known_value, facts) if item is not None)
