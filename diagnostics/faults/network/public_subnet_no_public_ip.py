"""The interface that pulls sits behind an internet gateway without a public address."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix, Ways
from diagnostics.network.blockers import NoPublicAddress
from diagnostics.network.routes import is_default
from diagnostics.pull import starter_of, wants_public_address
from diagnostics.snapshot import known_or, known_value
from diagnostics.write import Variable, captured, chain, found
from diagnostics.write.snippets import Option, Reference, changed_code, hcl, joined, lines, template

FAULT = network_fault(
    "public-subnet-no-public-ip",
    "What pulls through an internet gateway has a public address",
    "The subnet's default route leads to an internet gateway, and an internet gateway only carries packets of "
    "interfaces that have a public IPv4 address. The interface that pulls has none. On Fargate assignPublicIp of "
    "the service or task decides, not the subnet's own setting; on EC2 it is the instance's address.",
    "Set assignPublicIp to ENABLED, or move the tasks to a private subnet whose route table leads to a NAT gateway. "
    "An EC2 instance needs an Elastic IP address or a private subnet with a NAT gateway.",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
    of_puller=True,
    short="it has no public address in a public subnet",
)


def _fix(repair: Repair[NoPublicAddress]) -> Ways:
    """A public address for what pulls: assignPublicIp on Fargate, an Elastic IP address on an instance."""
    if not repair.is_fargate:
        return _elastic_address(repair)
    if repair.service is None:
        return _alone(repair)
    if not _deployed_by_ecs(repair):
        return _by_another(repair)
    moved = _moved(repair)
    return (_assign_public_ip(repair), moved) if moved else _assign_public_ip(repair)


def _elsewhere(repair: Repair[NoPublicAddress], what: str) -> str:
    nat = repair.blocker.usable_nat_gateway_id
    via = f" (NAT gateway {nat} works)" if nat else ""
    return f" Or move {what} to a private subnet whose route table leads to a NAT gateway{via}."


def _deployed_by_ecs(repair: Repair[NoPublicAddress]) -> bool:
    """False where UpdateService refuses a network configuration, for CodeDeploy or another tool deploys the service.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
    """
    service = known_value(repair.world.snapshot.service)
    controller = service.deployment_controller if service else None
    by_sets = bool(service and service.task_sets)
    return (controller is None or controller.type in (None, "ECS")) and not by_sets


def _by_another(repair: Repair[NoPublicAddress]) -> Fix:
    return Fix(
        text=(
            f"Set assignPublicIp to ENABLED in the next deployment of service {repair.service}: in the NetworkConfiguration "
            "of CodeDeploy's AppSpec, or of the new task set. UpdateService refuses it there."
            f"{_elsewhere(repair, 'the service')}"
        )
    )


def _groups(repair: Repair[NoPublicAddress]) -> list[str]:
    own = known_value(repair.interface.security_group_ids)
    configured = repair.configuration.security_groups if repair.configuration else ()
    return list(configured or own or (Variable("SECURITY_GROUP_ID"),))


def _network(subnets: list[str], groups: list[str], assign: str) -> dict[str, object]:
    return {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": groups, "assignPublicIp": assign}}


SERVICE = ("aws_ecs_service", "AWS::ECS::Service")


def _assign_public_ip(repair: Repair[NoPublicAddress]) -> Fix:
    subnets = list(repair.configuration.subnets) if repair.configuration else [repair.subnet_id]
    named = f"network_configuration of service {repair.service}"
    return _updated(
        repair, subnets, "ENABLED",
        title="Set assignPublicIp to ENABLED",
        text=f"Set assignPublicIp of service {repair.service} to ENABLED; this starts a new deployment.",
        warning="Its tasks are then on the internet, as far as their security groups let in.",
        code=(
            changed_code(SERVICE, named, assign_public_ip=True)[0],
            changed_code(SERVICE, f"AwsvpcConfiguration of service {repair.service}", assign_public_ip="ENABLED")[1],
        ),
    )  # fmt: skip


def _moved(repair: Repair[NoPublicAddress]) -> Fix | None:
    """The service in the private subnets behind NAT gateways that work, one in each zone that it has now."""
    subnets = _private_subnets(repair)
    if not subnets:
        return None
    named = f"network_configuration of service {repair.service}"
    return _updated(
        repair, list(subnets), "DISABLED",
        title=f"Move the service to {joined(subnets)}",
        text=f"Run service {repair.service} in {joined(subnets)}, which lead to a NAT gateway; this starts a new deployment.",
        warning="What the tasks talk to by network ACLs or routes of their present subnets may not let them in from there.",
        code=(
            changed_code(SERVICE, named, subnets=subnets)[0],
            changed_code(SERVICE, f"AwsvpcConfiguration of service {repair.service}", subnets=subnets)[1],
        ),
    )  # fmt: skip


def _private_subnets(repair: Repair[NoPublicAddress]) -> tuple[str, ...]:
    every = known_or(repair.vpc.subnets, ())
    zones = {item.subnet_id: item.availability_zone for item in every}
    now = repair.configuration.subnets if repair.configuration else (repair.subnet_id,)
    nat = repair.blocker.usable_nat_gateway_id
    chosen: dict[str, str] = {}
    for item in every:
        routes = repair.view.routes_of(item.subnet_id)
        zone = item.availability_zone
        if zone in {zones.get(one) for one in now} and any(
            is_default(route, 4) and route.nat_gateway_id == nat for route in routes if nat
        ):
            chosen.setdefault(zone or "", item.subnet_id)
    return tuple(chosen.values())


def _updated(
    repair: Repair[NoPublicAddress], subnets: list[str], assign: str, *, title: str, text: str, warning: str,
    code: tuple[str, str],
) -> Fix:  # fmt: skip
    """The service with another network configuration, which deploys it anew."""
    service, groups = repair.service or "", _groups(repair)
    now = repair.configuration
    where: dict[str, Option] = {"cluster": repair.cluster, "service": service}
    before = _network(
        list(now.subnets) if now else [repair.subnet_id],
        groups,
        "ENABLED" if wants_public_address(now) else "DISABLED",
    )
    shows = "services[].networkConfiguration.awsvpcConfiguration.[assignPublicIp,join(' ',sort(subnets))]"
    return Fix(
        title=title,
        text=text,
        warning=warning,
        cli=chain(
            repair.aws("ecs", "update-service", **where, network_configuration=_network(subnets, groups, assign))
        ),
        terraform=code[0],
        cloudformation=code[1],
        verify=chain(
            repair.aws(
                "ecs", "describe-services", cluster=repair.cluster, services=service, query=shows, output="text"
            )
        ),
        expect=" ".join((assign, *sorted(subnets))),
        undo=chain(repair.aws("ecs", "update-service", **where, network_configuration=before)),
        then=f"The command starts a new deployment: ECS starts tasks of service {service} with the new configuration at once.",
    )  # fmt: skip


def _alone(repair: Repair[NoPublicAddress]) -> Fix:
    """A task that no service keeps: run again, where a person ran it; else what starts it must say so."""
    snapshot = repair.world.snapshot
    task, definition = known_value(snapshot.task), known_value(snapshot.task_definition)
    starter = starter_of(task, None) if task else None
    if starter is not None and starter.kind != "run_task":
        name = f" {starter.name}" if starter.name else ""
        what = {
            "event_rule": f"the target of EventBridge rule{name}",
            "schedule": f"the target of schedule{name}",
        }
        return Fix(
            text=(
                f"Set AssignPublicIp to ENABLED in {what.get(starter.kind, 'what starts the task')}: it gives the next task "
                f"its network configuration.{_elsewhere(repair, 'it')}"
            )
        )
    arn: str = (definition.task_definition_arn if definition else None) or Variable("TASK_DEFINITION")
    again = repair.aws(
        "ecs", "run-task", cluster=repair.cluster, task_definition=arn, launch_type="FARGATE", started_by=repair.mark,
        network_configuration=_network([repair.subnet_id], _groups(repair), "ENABLED"),
    )  # fmt: skip
    mine = repair.aws("ecs", "list-tasks", cluster=repair.cluster, started_by=repair.mark)
    return Fix(
        title="Run the task again with a public address",
        text=(
            "Run the task again with assignPublicIp ENABLED: no service holds this setting for a task that was "
            f"started alone.{_elsewhere(repair, 'it')}"
        ),
        warning="It does its work again, without the overrides that it had (they are not read).",
        cli=chain(again),
        verify=chain(f"{mine} --query 'length(taskArns)' --output text"),
        expect="1",
        undo=chain(
            found(Variable("TASK_ARN"), mine, "taskArns[0]", "task that this repair started"),
            repair.aws("ecs", "stop-task", cluster=repair.cluster, task=Variable("TASK_ARN")),
        ),
        then="The command starts the task. Nothing starts it again by itself.",
    )  # fmt: skip


def _elastic_address(repair: Repair[NoPublicAddress]) -> Fix:
    interface: str = repair.interface.interface_id or Variable("NETWORK_INTERFACE_ID")
    instance = repair.interface.instance_id or "the container instance"
    address, association = Variable("ALLOCATION_ID"), Variable("ASSOCIATION_OF_ADDRESS")
    mine = repair.ec2("describe-addresses", filters=(repair.by_mark,))
    of = "address that this repair allocated"
    return Fix(
        title=f"Give {instance} an Elastic IP address",
        text=(
            f"Give {instance} an Elastic IP address on its primary network interface {interface}: the image is pulled "
            f"by the host, not by the task's interface.{_elsewhere(repair, 'the instance')}"
        ),
        warning=f"{instance[0].upper()}{instance[1:]} is then on the internet, as far as its security groups let in. An instance that takes its place has no such address.",
        cli=chain(
            captured(
                address, repair.ec2("allocate-address", domain="vpc", **repair.tagged("elastic-ip")), "AllocationId"
            ),
            repair.ec2("associate-address", allocation_id=address, network_interface_id=interface),
        ),
        terraform=hcl("aws_eip", "host", domain="vpc", network_interface=str(interface)),
        cloudformation=lines(
            template("HostAddress", "AWS::EC2::EIP", Domain="vpc"),
            template(
                "HostAddressAssociation",
                "AWS::EC2::EIPAssociation",
                AllocationId=Reference("", "!GetAtt HostAddress.AllocationId"),
                NetworkInterfaceId=str(interface),
            ),
        ),
        verify=repair.prints(
            "describe-addresses", f"length(Addresses[?{repair.is_mine} && AssociationId])", filters=(repair.by_mark,)
        ),
        expect="1",
        undo=chain(
            found(address, mine, f"Addresses[?{repair.is_mine}] | [0].AllocationId", of),
            found(association, mine, f"Addresses[?{repair.is_mine}] | [0].AssociationId", f"association of the {of}"),
            repair.ec2("disassociate-address", association_id=association),
            repair.ec2("release-address", allocation_id=address),
        ),
    )  # fmt: skip


ROOM = NetworkFault(
    fault=FAULT,
    means=NoPublicAddress,
    repair=_fix,
    unless="the pull goes through {way}, not through an internet gateway",
    told_by_interface=True,
)
