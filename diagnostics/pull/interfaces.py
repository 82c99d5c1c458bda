"""Through which interface a pull leaves, in which subnet and with which security groups.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.pull.launch import is_placed_on_host, on_windows
from diagnostics.pull.model import Interface, Launch
from diagnostics.pull.placement import fitting_hosts, no_host
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    AwsvpcConfiguration,
    Fact,
    Group,
    Instance,
    Known,
    Snapshot,
    Task,
    Unavailable,
    Why,
    known_value,
)


def interfaces_of(snapshot: Snapshot, launch: Fact[Launch]) -> Fact[tuple[Interface, ...]]:
    """The interfaces that a pull may leave by; absent for a host outside AWS."""
    if isinstance(launch, Unavailable):
        return launch
    kind = known_value(launch)
    if kind == "external":
        return Absent()
    if kind == "fargate":
        return _of_task(snapshot)
    return _of_host(snapshot)


# --- what names the interface ------------------------------------------------------------------------


def network_configuration(snapshot: Snapshot) -> tuple[AwsvpcConfiguration | None, str]:
    """The awsvpc configuration that the task was given, and in words who says so.

    A task of a service carries the id of its deployment (or task set) in `startedBy`; the service's own
    configuration may already be a newer one, so it comes second.
    """
    planned = _of_plan(snapshot)
    if planned is not None:
        return planned
    service, task = known_value(snapshot.service), known_value(snapshot.task)
    if service is None:
        return None, ""
    started_by = task.started_by if task else None
    failed = known_value(snapshot.failed_revision) if task is None else None
    if failed is not None and failed.network_configuration is not None:
        awsvpc = failed.network_configuration.awsvpc_configuration
        return awsvpc, f"the revision of {service.service_name} that failed" if awsvpc else ""
    for deployment in (*service.deployments, *service.task_sets):
        given = deployment.network_configuration
        if started_by and deployment.id == started_by and given is not None and given.awsvpc_configuration:
            return given.awsvpc_configuration, f"deployment {deployment.id}"
    if service.network_configuration is not None and service.network_configuration.awsvpc_configuration:
        return service.network_configuration.awsvpc_configuration, f"service {service.service_name}"
    task_set = service.primary_task_set
    if task_set is not None and task_set.network_configuration is not None:
        awsvpc = task_set.network_configuration.awsvpc_configuration
        return awsvpc, f"task set {task_set.id}" if awsvpc else ""
    return None, ""


def _of_plan(snapshot: Snapshot) -> tuple[AwsvpcConfiguration, str] | None:
    """The configuration that a plan gives, by itself or by the revision of the service that it names."""
    planned, revision = snapshot.planned, known_value(snapshot.service_revision)
    if planned is not None and planned.network is not None:
        return planned.network, "the subnets and security groups that were given"
    if revision is not None and revision.network_configuration is not None:
        awsvpc = revision.network_configuration.awsvpc_configuration
        return None if awsvpc is None else (awsvpc, "the service's revision")
    return None


@dataclass(frozen=True)
class TaskAttachment:
    """The task's own interface as the task itself names it; it does so for a while after it stopped."""

    interface_id: str | None = None
    subnet_id: str | None = None
    private_ip: str | None = None


def wants_public_address(config: AwsvpcConfiguration | None) -> bool:
    """True where a configuration asks for a public address (`assignPublicIp`), which it does not by default."""
    return config is not None and config.assign_public_ip == "ENABLED"


def task_attachment(task: Task | None) -> TaskAttachment:
    """What the task says of its own interface."""
    found = task.interface_attachment if task else None
    if found is None:
        return TaskAttachment()
    return TaskAttachment(
        found.detail("networkInterfaceId"), found.detail("subnetId"), found.detail("privateIPv4Address")
    )


@dataclass(frozen=True)
class HostInterface:
    """The primary interface of a container instance; what it does not tell, the instance does."""

    interface_id: str | None
    subnet_id: str | None
    vpc_id: str | None
    private_ip: str | None
    public_ip: str | None
    groups: tuple[Group, ...]
    has_ipv6: bool


def host_interface(instance: Instance) -> HostInterface:
    """The interface that the Docker daemon's traffic leaves by, in every network mode of a task."""
    primary = instance.primary_interface
    if primary is None:
        return HostInterface(
            interface_id=None, subnet_id=instance.subnet_id, vpc_id=instance.vpc_id,
            private_ip=instance.private_ip_address, public_ip=instance.public_ip_address, groups=instance.security_groups,
            has_ipv6=False,
        )  # fmt: skip
    public_ip = primary.association.public_ip if primary.association else None
    return HostInterface(
        interface_id=primary.network_interface_id,
        subnet_id=primary.subnet_id or instance.subnet_id,
        vpc_id=primary.vpc_id or instance.vpc_id,
        private_ip=primary.private_ip_address or instance.private_ip_address,
        public_ip=public_ip or instance.public_ip_address,
        groups=primary.groups or instance.security_groups,
        has_ipv6=bool(primary.ipv6_addresses),
    )


# --- Fargate: the task's own interface ---------------------------------------------------------------


def _of_task(snapshot: Snapshot) -> Fact[tuple[Interface, ...]]:
    attached = task_attachment(known_value(snapshot.task))
    used = attached.subnet_id
    config, told_by = network_configuration(snapshot)
    subnets = tuple(dict.fromkeys(((used,) if used else ()) + (config.subnets if config else ())))
    if not subnets:
        if isinstance(snapshot.task, Unavailable):
            return snapshot.task
        if isinstance(snapshot.service, Unavailable) and _in_service(snapshot):
            return snapshot.service
        return Unavailable(reason=Why.SUBNETS_NOT_TOLD, call="ecs:DescribeTasks")
    eni = known_value(snapshot.task_interface)
    groups: Fact[tuple[str, ...]]
    public: Fact[bool]
    if eni is not None:
        groups = Known[tuple[str, ...]](value=tuple(group.group_id for group in eni.groups))
        has_address = eni.association is not None and bool(eni.association.public_ip)
        # A service that assigns public addresses gives every task one; an interface on which it is not visible (yet)
        # does not disprove that.
        assigned = config is not None and config.assign_public_ip == "ENABLED"
        public = Known(value=has_address or assigned)
        if not has_address and isinstance(snapshot.service, Unavailable) and _in_service(snapshot):
            public = snapshot.service
        told_by = f"network interface {eni.network_interface_id}"
    elif config is not None:
        groups = _configured_groups(config)
        public = Known(value=config.assign_public_ip == "ENABLED")
    else:
        why = _why_unknown(snapshot)
        groups, public, told_by = why, why, "nothing"
    result = []
    for subnet_id in subnets:
        is_used = subnet_id == used or (used is None and len(subnets) == 1)
        result.append(
            Interface(
                kind="task",
                used=is_used,
                subnet_id=subnet_id,
                vpc_id=_vpc_of(snapshot, subnet_id),
                interface_id=attached.interface_id if is_used else None,
                private_ip=attached.private_ip if is_used else None,
                security_group_ids=groups,
                public_ip=public,
                ipv6=Known(value=bool(eni.ipv6_addresses))
                if eni is not None and is_used
                else _subnet_ipv6(snapshot, subnet_id),
                windows=on_windows(snapshot),
                told_by=told_by,
            )
        )
    return Known[tuple[Interface, ...]](value=tuple(result))


def _configured_groups(config: AwsvpcConfiguration) -> Fact[tuple[str, ...]]:
    if config.security_groups:
        return Known[tuple[str, ...]](value=config.security_groups)
    return Unavailable(reason=Why.DEFAULT_GROUP, call="ecs:DescribeServices")


def _in_service(snapshot: Snapshot) -> bool:
    task = known_value(snapshot.task)
    planned_for = snapshot.planned is not None and snapshot.target.service is not None
    return snapshot.through_service or planned_for or (task is not None and task.service_name is not None)


def _why_unknown(snapshot: Snapshot) -> Unavailable:
    """Why the task's groups are not known: the ENI goes with the task, and then only a service can tell."""
    if isinstance(snapshot.service, Unavailable) and _in_service(snapshot):
        return snapshot.service
    if isinstance(snapshot.task_interface, Unavailable) and snapshot.task_interface.was_asked:
        return snapshot.task_interface
    return Unavailable(reason=Why.GROUPS_NOT_TOLD, call="ec2:DescribeNetworkInterfaces")


def _subnet_ipv6(snapshot: Snapshot, subnet_id: str) -> Fact[bool]:
    """A task gets an IPv6 address where its subnet has an IPv6 CIDR block."""
    fact = snapshot.subnets.get(subnet_id, Unavailable(call="ec2:DescribeSubnets", resource=subnet_id))
    if isinstance(fact, Known):
        states = [item.ipv6_cidr_block_state for item in fact.value.ipv6_cidr_block_association_set]
        return Known(value=any(item is None or item.state in (None, "associated") for item in states))
    return Unavailable(call="ec2:DescribeSubnets", resource=subnet_id) if isinstance(fact, Absent) else fact


# --- a host: its primary interface -------------------------------------------------------------------


def _of_host(snapshot: Snapshot) -> Fact[tuple[Interface, ...]]:
    if is_placed_on_host(snapshot) and snapshot.container_instance == NOT_ASKED:
        return _of_hosts(snapshot)
    for fact in (snapshot.container_instance, snapshot.instance):
        if isinstance(fact, Unavailable):
            return fact
        if isinstance(fact, Absent):
            return Unavailable(reason=Why.HOST_GONE, call=fact.call)
    instance = known_value(snapshot.instance)
    host = host_interface(instance) if instance is not None else None
    if instance is None or host is None or host.subnet_id is None:
        return Unavailable(reason=Why.HOST_WITHOUT_INTERFACE, call="ec2:DescribeInstances")
    interface = Interface(
        kind="container_instance",
        used=True,
        subnet_id=host.subnet_id,
        vpc_id=Known(value=host.vpc_id) if host.vpc_id else _vpc_of(snapshot, host.subnet_id),
        interface_id=host.interface_id,
        instance_id=instance.instance_id,
        private_ip=host.private_ip,
        security_group_ids=Known[tuple[str, ...]](value=tuple(group.group_id for group in host.groups)),
        public_ip=Known(value=bool(host.public_ip)),
        ipv6=Known(value=host.has_ipv6),
        windows=on_windows(snapshot),
        told_by=f"instance {instance.instance_id}",
    )
    return Known[tuple[Interface, ...]](value=(interface,))


def _of_hosts(snapshot: Snapshot) -> Fact[tuple[Interface, ...]]:
    """The interfaces of all container instances on which a planned task may be placed, as far as they are known."""
    none = no_host(snapshot)
    if none is not None:
        return none
    facts = [_of_host(snapshot.on(host)) for host in fitting_hosts(snapshot)]
    known = [item for fact in facts if isinstance(fact, Known) for item in fact.value]
    if not known:
        return next(fact for fact in facts if not isinstance(fact, Known))
    one = len(known) == 1
    return Known[tuple[Interface, ...]](value=tuple(item.model_copy(update={"used": one}) for item in known))


def _vpc_of(snapshot: Snapshot, subnet_id: str) -> Fact[str]:
    """The VPC of a subnet."""
    fact = snapshot.subnets.get(subnet_id, Unavailable(call="ec2:DescribeSubnets", resource=subnet_id))
    if isinstance(fact, Known):
        return Known(value=fact.value.vpc_id)
    return fact
