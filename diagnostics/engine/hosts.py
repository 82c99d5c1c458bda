"""The container instances on which a planned task may be placed, those together that a pull cannot tell apart."""

from __future__ import annotations

from diagnostics.pull import fitting_hosts, host_interface
from diagnostics.snapshot import HostFacts, Known, Snapshot


def alike(snapshot: Snapshot) -> tuple[tuple[HostFacts, ...], ...]:
    """The instances of each kind, the kind with the most instances first; nothing where the task is on none, or on a known one.

    A pull tells them apart by the subnet, the security groups, the public address, the role, the processor and the operating system.
    Of one that could not be read nothing is known, so that it stands for itself.
    """
    if not isinstance(snapshot.hosts, Known):
        return ()
    kinds: dict[object, list[HostFacts]] = {}
    for host in fitting_hosts(snapshot):
        kinds.setdefault(_kind_of(host), []).append(host)
    return tuple(tuple(group) for group in sorted(kinds.values(), key=len, reverse=True))


def _kind_of(host: HostFacts) -> object:
    registered = host.container_instance
    if not isinstance(host.instance, Known):
        return registered.container_instance_arn
    instance = host.instance.value
    leaves_by = host_interface(instance)
    agent = registered.version_info.agent_version if registered.version_info else None
    return (
        leaves_by.subnet_id,
        tuple(sorted(group.group_id for group in leaves_by.groups)),
        leaves_by.public_ip is not None,
        leaves_by.has_ipv6,
        instance.iam_instance_profile.arn if instance.iam_instance_profile else None,
        instance.architecture,
        instance.state.name if instance.state else None,
        tuple(registered.attribute(name) for name in ("ecs.os-type", "bottlerocket.variant")),
        agent,
    )
