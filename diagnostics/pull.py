"""Who pulls, through which interface, and from which hosts: one description that everything else shares.

Fargate pulls over the task's own elastic network interface with the task execution role. On EC2 the agent
and the Docker daemon pull on the host before the container exists, so the *instance's* primary interface
decides in every network mode and the task's own security group plays no part.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from diagnostics import arn as arns
from diagnostics.image_reference import ImageReference, InvalidImageReference
from diagnostics.image_reference import parse as parse_image
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    AwsvpcConfiguration,
    Fact,
    Known,
    Model,
    Snapshot,
    Task,
    TaskDefinition,
    Unavailable,
    Why,
    known_value,
)
from diagnostics.stop_reason import Stage

Launch = Literal["fargate", "ec2", "external", "managed_instances"]
InterfaceKind = Literal["task", "container_instance"]
LegName = Literal["login", "manifest", "layers", "secretsmanager", "ssm", "logs"]


class Interface(Model):
    """An interface that a pull leaves by, in one subnet.

    `used` tells whether this is where the task in hand pulled; the others are subnets that its service may use for
    the next task. `told_by` says in words where the groups and the public address come from. `windows` tells the
    operating system, whose ephemeral ports network ACLs must let in.
    """

    kind: InterfaceKind
    used: bool
    subnet_id: str
    vpc_id: Fact[str]
    interface_id: str | None = None
    instance_id: str | None = None
    private_ip: str | None = None
    security_group_ids: Fact[tuple[str, ...]]
    public_ip: Fact[bool]
    ipv6: Fact[bool]
    windows: Fact[bool] = Known[bool](value=False)
    told_by: str


class Leg(Model):
    """One host that must answer for the pull to succeed.

    `service` is the suffix of the VPC endpoint service that serves the host (`ecr.api`, `ecr.dkr`, `s3`, …) or `None`
    for a registry outside AWS's endpoints. `by` says whose interface carries it: platform versions up to 1.3.0 of
    Fargate log in and read secrets over an interface that AWS owns.
    """

    name: LegName
    stage: Stage
    host: str
    region: str
    service: str | None
    containers: tuple[str, ...]
    by: Literal["puller", "aws"] = "puller"
    needed_for_pull: bool = True


class Principal(Model):
    """A role that may be the one that pulls. `session_name` is known only from a denied ARN."""

    kind: Literal["execution_role", "instance_role"]
    role_arn: str
    session_name: str | None = None
    why: str


class ContainerImage(Model):
    """The image of one or more containers, parsed; `reference` is `None` where it cannot be, with the `error`."""

    image: str
    containers: tuple[str, ...]
    reference: ImageReference | None
    error: str | None = None
    credentials_parameter: str | None = None
    injected: bool = False


class Pull(Model):
    """The whole description. `principals` holds one role, or several where the facts do not settle which."""

    launch: Fact[Launch]
    platform_version: str | None
    region: str
    partition: str
    images: tuple[ContainerImage, ...]
    legs: tuple[Leg, ...]
    interfaces: Fact[tuple[Interface, ...]]
    principals: Fact[tuple[Principal, ...]]

    @property
    def used_interface(self) -> Interface | None:
        """The interface that the task in hand pulled through, if it is known."""
        items = known_value(self.interfaces) or ()
        return next((item for item in items if item.used), None)


def describe(snapshot: Snapshot, denied_principal: str | None = None) -> Pull:
    """The description of the pull that a snapshot is about.

    Args:
        snapshot: the facts, complete or still being collected.
        denied_principal: the assumed-role ARN that the error text names, if it names one; it outranks every guess.
    """
    task = known_value(snapshot.task)
    definition = known_value(snapshot.task_definition)
    launch = launch_of(snapshot)
    images = container_images(task, definition)
    platform = task.platform_version if task else None
    old = known_value(launch) == "fargate" and _is_old_platform(
        platform, task.platform_family if task else None
    )
    login_by: Literal["puller", "aws"] = "aws" if old else "puller"
    return Pull(
        launch=launch,
        platform_version=platform,
        region=snapshot.region,
        partition=snapshot.partition,
        images=images,
        legs=_legs(images, definition, snapshot.region, login_by),
        interfaces=_interfaces(snapshot, launch),
        principals=_principals(snapshot, launch, denied_principal),
    )


def launch_of(snapshot: Snapshot) -> Fact[Launch]:
    """How the task runs, from the task, else the service, else the task definition's compatibilities."""
    task, service = known_value(snapshot.task), known_value(snapshot.service)
    definition = known_value(snapshot.task_definition)
    named = {
        "FARGATE": "fargate",
        "EC2": "ec2",
        "EXTERNAL": "external",
        "MANAGED_INSTANCES": "managed_instances",
    }
    found: str | None = None
    if task is not None:
        found = named.get(task.launch_type or "")
        if found is None and (task.capacity_provider_name or "").startswith("FARGATE"):
            found = "fargate"
        if found is None and task.container_instance_arn:
            found = "ec2"
        if found is None and task.platform_version:
            found = "fargate"
    if found is None and service is not None:
        found = named.get(service.launch_type or "")
    if found is None and definition is not None:
        kinds = definition.requires_compatibilities
        found = named.get(kinds[0]) if len(kinds) == 1 else None
    if found is None:
        unread = (snapshot.task, snapshot.service, snapshot.task_definition)
        for fact in unread:
            if isinstance(fact, Unavailable) and fact != NOT_ASKED:
                return fact
        return Unavailable(reason=Why.LAUNCH_NOT_TOLD, call="ecs:DescribeTasks")
    return Known[Launch](value=found)


def container_images(task: Task | None, definition: TaskDefinition | None) -> tuple[ContainerImage, ...]:
    """The distinct images of a task in the order of its containers.

    `containers[].image` of the task is what ECS used and wins over the task definition; a container that is in the
    task but not in the definition was injected (GuardDuty, Service Connect).
    """
    pairs: list[tuple[str, str, bool]] = []
    seen: set[str] = set()
    for container in task.containers if task else ():
        defined = definition.container(container.name) if definition else None
        image = container.image or (defined.image if defined else None)
        seen.add(container.name)
        if image:
            pairs.append((container.name, image, definition is not None and defined is None))
    for item in definition.container_definitions if definition else ():
        if item.name not in seen and item.image:
            pairs.append((item.name, item.image, False))
    result: list[ContainerImage] = []
    for image in dict.fromkeys(image for _, image, _ in pairs):
        names = tuple(name for name, other, _ in pairs if other == image)
        injected = all(flag for _, other, flag in pairs if other == image)
        credentials = None
        for name in names:
            defined = definition.container(name) if definition else None
            if defined is not None and defined.repository_credentials is not None:
                credentials = defined.repository_credentials.credentials_parameter
        reference, error = _parse(image)
        result.append(
            ContainerImage(
                image=image,
                containers=names,
                reference=reference,
                error=error,
                credentials_parameter=credentials,
                injected=injected,
            )
        )
    return tuple(result)


def _parse(image: str) -> tuple[ImageReference | None, str | None]:
    try:
        return parse_image(image), None
    except InvalidImageReference as error:
        return None, str(error)


def _legs(
    images: tuple[ContainerImage, ...],
    definition: TaskDefinition | None,
    region: str,
    login_by: Literal["puller", "aws"],
) -> tuple[Leg, ...]:
    legs: list[Leg] = []
    for image in images:
        reference = image.reference
        if reference is None:
            continue
        names = image.containers
        if reference.is_ecr and reference.region and reference.account_id:
            where = reference.region
            legs.append(
                Leg(
                    name="login", stage="login", host=arns.ecr_api_host(where), region=where, service="ecr.api",
                    containers=names, by=login_by,
                )
            )  # fmt: skip
            legs.append(
                Leg(
                    name="manifest", stage="manifest", host=reference.pull_host, region=where, service="ecr.dkr",
                    containers=names,
                )
            )  # fmt: skip
            legs.append(
                Leg(
                    name="layers", stage="layers", host=arns.layer_host(where), region=where, service="s3",
                    containers=names,
                )
            )  # fmt: skip
        else:
            legs.append(
                Leg(
                    name="manifest", stage="manifest", host=reference.pull_host, region=region, service=None,
                    containers=names,
                )
            )  # fmt: skip
    legs.extend(_secret_legs(definition, region, login_by))
    return _merged(legs)


def _secret_legs(
    definition: TaskDefinition | None, region: str, by: Literal["puller", "aws"]
) -> Iterable[Leg]:
    for item in definition.container_definitions if definition else ():
        credentials = item.repository_credentials
        values = [secret.value_from for secret in item.secrets]
        log = item.log_configuration
        if log is not None:
            values.extend(secret.value_from for secret in log.secret_options)
        if credentials is not None:
            yield _service_leg(
                "secretsmanager", "secrets", region, credentials.credentials_parameter, item.name, by
            )
        for value in values:
            yield _service_leg(
                "secretsmanager" if is_secrets_manager(value) else "ssm",
                "secrets",
                region,
                value,
                item.name,
                by,
            )
        if log is not None and log.log_driver == "awslogs":
            where = log.options.get("awslogs-region", region)
            yield Leg(
                name="logs", stage="secrets", host=arns.service_host("logs", where), region=where, service="logs",
                containers=(item.name,), needed_for_pull=False,
            )  # fmt: skip


def _service_leg(
    name: Literal["secretsmanager", "ssm"],
    stage: Stage,
    region: str,
    value: str,
    container: str,
    by: Literal["puller", "aws"],
) -> Leg:
    where = _region_of(value) or region
    return Leg(
        name=name, stage=stage, host=arns.service_host(name, where), region=where, service=name,
        containers=(container,), by=by,
    )  # fmt: skip


def is_secrets_manager(value_from: str) -> bool:
    """Whether a `valueFrom` names a Secrets Manager secret (by ARN); everything else is an SSM parameter.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html
    """
    return re.match(r"arn:aws[a-z-]*:secretsmanager:", value_from) is not None


def parameter_names(value_from: str) -> tuple[str, ...]:
    """The names that an SSM parameter may have which a `valueFrom` means, by its ARN or its name.

    The ARN leaves out the slash that a name with a path begins with, so that one without a path may mean two names.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
    """
    if not value_from.startswith("arn:"):
        return (value_from.partition(":")[0],)
    rest = (value_from.split(":") + [""] * 6)[5].removeprefix("parameter/")
    return (f"/{rest}",) if "/" in rest else (rest, f"/{rest}")


def _region_of(value: str) -> str | None:
    parts = value.split(":")
    return parts[3] if value.startswith("arn:") and len(parts) > 4 and parts[3] else None


def _merged(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """Legs to the same host once, with the containers of all."""
    by_key: dict[tuple[str, str], Leg] = {}
    for leg in legs:
        key = (leg.name, leg.host)
        old = by_key.get(key)
        names = tuple(dict.fromkeys((*old.containers, *leg.containers))) if old else leg.containers
        by_key[key] = (old or leg).model_copy(update={"containers": names})
    return tuple(by_key.values())


def _is_old_platform(version: str | None, family: str | None) -> bool:
    """Fargate Linux platform versions up to 1.3.0, whose log-in leaves by an interface that AWS owns.

    Fargate Windows counts anew from 1.0.0 and sends everything over the task's interface.
    """
    match = re.fullmatch(r"1\.([0-3])(\.\d+)?", version or "")
    return match is not None and "WINDOWS" not in (family or "").upper()


# --- interfaces --------------------------------------------------------------------------------------


def _interfaces(snapshot: Snapshot, launch: Fact[Launch]) -> Fact[tuple[Interface, ...]]:
    if isinstance(launch, Unavailable):
        return launch
    kind = known_value(launch)
    if kind == "external":
        return Absent()
    if kind == "fargate":
        return _task_interfaces(snapshot)
    return _host_interfaces(snapshot)


def network_configuration(snapshot: Snapshot) -> tuple[AwsvpcConfiguration | None, str]:
    """The awsvpc configuration that the task was given, and in words who says so.

    A task of a service carries the id of its deployment (or task set) in `startedBy`; the service's own
    configuration may already be a newer one, so it comes second.
    """
    service, task = known_value(snapshot.service), known_value(snapshot.task)
    if service is None:
        return None, ""
    started_by = task.started_by if task else None
    for deployment in (*service.deployments, *service.task_sets):
        given = deployment.network_configuration
        if started_by and deployment.id == started_by and given is not None and given.awsvpc_configuration:
            return given.awsvpc_configuration, f"deployment {deployment.id}"
    if service.network_configuration is not None and service.network_configuration.awsvpc_configuration:
        return service.network_configuration.awsvpc_configuration, f"service {service.service_name}"
    return None, ""


def _task_interfaces(snapshot: Snapshot) -> Fact[tuple[Interface, ...]]:
    task = known_value(snapshot.task)
    attachment = task.interface_attachment if task else None
    used = attachment.detail("subnetId") if attachment else None
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
        public = Known[bool](value=has_address or assigned)
        if not has_address and isinstance(snapshot.service, Unavailable) and _in_service(snapshot):
            public = snapshot.service
        told_by = f"network interface {eni.network_interface_id}"
    elif config is not None:
        groups = _configured_groups(config)
        public = Known[bool](value=config.assign_public_ip == "ENABLED")
    else:
        why = _why_unknown(snapshot)
        groups, public, told_by = why, why, "nothing"
    result = []
    for subnet_id in subnets:
        is_used = subnet_id == used or (used is None and len(subnets) == 1)
        here = eni is not None and is_used
        result.append(
            Interface(
                kind="task",
                used=is_used,
                subnet_id=subnet_id,
                vpc_id=vpc_of(snapshot, subnet_id),
                interface_id=attachment.detail("networkInterfaceId") if attachment and is_used else None,
                private_ip=attachment.detail("privateIPv4Address") if attachment and is_used else None,
                security_group_ids=groups,
                public_ip=public,
                ipv6=Known[bool](value=bool(eni.ipv6_addresses))
                if here and eni
                else _subnet_ipv6(snapshot, subnet_id),
                windows=_on_windows(snapshot),
                told_by=told_by,
            )
        )
    return Known[tuple[Interface, ...]](value=tuple(result))


def _configured_groups(config: AwsvpcConfiguration) -> Fact[tuple[str, ...]]:
    if config.security_groups:
        return Known[tuple[str, ...]](value=config.security_groups)
    return Unavailable(
        reason=Why.DEFAULT_GROUP,
        call="ecs:DescribeServices",
    )


def _in_service(snapshot: Snapshot) -> bool:
    task = known_value(snapshot.task)
    return snapshot.target.kind == "service" or (task is not None and task.service_name is not None)


def _why_unknown(snapshot: Snapshot) -> Unavailable:
    """Why the task's groups are not known: the ENI goes with the task, and then only a service can tell."""
    if isinstance(snapshot.service, Unavailable) and _in_service(snapshot):
        return snapshot.service
    if isinstance(snapshot.task_interface, Unavailable) and snapshot.task_interface.was_asked:
        return snapshot.task_interface
    return Unavailable(
        reason=Why.GROUPS_NOT_TOLD,
        call="ec2:DescribeNetworkInterfaces",
    )


def _host_interfaces(snapshot: Snapshot) -> Fact[tuple[Interface, ...]]:
    for fact in (snapshot.container_instance, snapshot.instance):
        if isinstance(fact, Unavailable):
            return fact
        if isinstance(fact, Absent):
            return Unavailable(reason=Why.HOST_GONE, call=fact.call)
    instance = known_value(snapshot.instance)
    primary = instance.primary_interface if instance else None
    subnet_id = (primary.subnet_id if primary else None) or (instance.subnet_id if instance else None)
    if instance is None or subnet_id is None:
        return Unavailable(reason=Why.HOST_WITHOUT_INTERFACE, call="ec2:DescribeInstances")
    groups = (primary.groups if primary else ()) or instance.security_groups
    address = (
        primary.association.public_ip if primary and primary.association else None
    ) or instance.public_ip_address
    vpc_id = (primary.vpc_id if primary else None) or instance.vpc_id
    return Known[tuple[Interface, ...]](
        value=(
            Interface(
                kind="container_instance",
                used=True,
                subnet_id=subnet_id,
                vpc_id=Known[str](value=vpc_id) if vpc_id else vpc_of(snapshot, subnet_id),
                interface_id=primary.network_interface_id if primary else None,
                instance_id=instance.instance_id,
                private_ip=(primary.private_ip_address if primary else None) or instance.private_ip_address,
                security_group_ids=Known[tuple[str, ...]](value=tuple(group.group_id for group in groups)),
                public_ip=Known[bool](value=bool(address)),
                ipv6=Known[bool](value=bool(primary.ipv6_addresses) if primary else False),
                windows=_on_windows(snapshot),
                told_by=f"instance {instance.instance_id}",
            ),
        )
    )


def _on_windows(snapshot: Snapshot) -> Fact[bool]:
    """Whether the puller runs Windows, from the task definition's runtime platform, else the task's platform family."""
    definition, task = known_value(snapshot.task_definition), known_value(snapshot.task)
    platform = definition.runtime_platform if definition else None
    family = platform.operating_system_family if platform else None
    family = family or (task.platform_family if task else None)
    if family is not None:
        return Known[bool](value=family.upper().startswith("WINDOWS"))
    for fact in (snapshot.task_definition, snapshot.task):
        if isinstance(fact, Unavailable):
            return fact
    return Known[bool](value=False)


def vpc_of(snapshot: Snapshot, subnet_id: str) -> Fact[str]:
    """The VPC of a subnet."""
    fact = snapshot.subnets.get(subnet_id, Unavailable(call="ec2:DescribeSubnets", resource=subnet_id))
    if isinstance(fact, Known):
        return Known[str](value=fact.value.vpc_id)
    return fact


def _subnet_ipv6(snapshot: Snapshot, subnet_id: str) -> Fact[bool]:
    """Whether a task in this subnet gets an IPv6 address: it does where the subnet has an IPv6 CIDR block."""
    fact = snapshot.subnets.get(subnet_id, Unavailable(call="ec2:DescribeSubnets", resource=subnet_id))
    if isinstance(fact, Known):
        states = [item.ipv6_cidr_block_state for item in fact.value.ipv6_cidr_block_association_set]
        return Known[bool](value=any(item is None or item.state in (None, "associated") for item in states))
    return Unavailable(call="ec2:DescribeSubnets", resource=subnet_id) if isinstance(fact, Absent) else fact


# --- principals --------------------------------------------------------------------------------------


def _principals(
    snapshot: Snapshot, launch: Fact[Launch], denied_principal: str | None
) -> Fact[tuple[Principal, ...]]:
    task = known_value(snapshot.task)
    override = task.overrides.execution_role_arn if task else None
    definition = known_value(snapshot.task_definition)
    execution = override or (definition.execution_role_arn if definition else None)
    if isinstance(launch, Unavailable):
        return launch
    if isinstance(snapshot.task, Unavailable) and not isinstance(snapshot.service, Known):
        # Only a task that no service started may override the execution role.
        return snapshot.task
    if execution is None and isinstance(snapshot.task_definition, Unavailable):
        return snapshot.task_definition
    found: list[Principal] = []
    if execution is not None:
        why = (
            "the task's override of the execution role"
            if override
            else "the task definition's execution role"
        )
        found.append(Principal(kind="execution_role", role_arn=execution, why=why))
    if known_value(launch) == "ec2":
        for fact in (snapshot.container_instance, snapshot.instance, snapshot.instance_profile):
            if isinstance(fact, Unavailable) and not is_session_of(denied_principal, execution):
                return fact
        profile = known_value(snapshot.instance_profile)
        if profile is not None:
            why = f"the role of instance profile {profile.arn}"
            found.extend(
                Principal(kind="instance_role", role_arn=role.arn, why=why) for role in profile.roles
            )
    named = [item for item in found if is_session_of(denied_principal, item.role_arn)]
    if named and denied_principal:
        session = denied_principal.split("/", 2)[2] if denied_principal.count("/") > 1 else None
        found = [
            item.model_copy(update={"session_name": session, "why": "the denied ARN in the error names it"})
            for item in named
        ]
    return Known[tuple[Principal, ...]](value=tuple(found))


def is_session_of(denied_principal: str | None, role_arn: str | None) -> bool:
    """Whether an assumed-role ARN (which has no path) is a session of this role (whose ARN may have one)."""
    match = re.fullmatch(
        r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)(?:/.*)?", denied_principal or ""
    )
    if match is None or role_arn is None:
        return False
    return (
        role_arn.startswith(f"arn:{match[1]}:iam::{match[2]}:role/")
        and role_arn.rsplit("/", 1)[-1] == match[3]
    )
