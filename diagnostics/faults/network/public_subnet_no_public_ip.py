"""The interface that pulls sits behind an internet gateway without a public address."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import NoPublicAddress
from diagnostics.snapshot import known_value
from diagnostics.write import code_string
from diagnostics.write.snippets import Option, Reference, existing, hcl, lines, template

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
)


def _fix(repair: Repair[NoPublicAddress]) -> Fix:
    """A public address for what pulls: assignPublicIp on Fargate, an Elastic IP address on an instance."""
    return _assign_public_ip(repair) if repair.is_fargate else _elastic_address(repair)


def _elsewhere(repair: Repair[NoPublicAddress], what: str) -> str:
    nat = repair.blocker.usable_nat_gateway_id
    via = f" (NAT gateway {nat} works)" if nat else ""
    return f" Or move {what} to a private subnet whose route table leads to a NAT gateway{via}."


def _assign_public_ip(repair: Repair[NoPublicAddress]) -> Fix:
    configuration, service = repair.configuration, repair.service
    subnets = list(configuration.subnets) if configuration else [repair.subnet_id]
    own = known_value(repair.interface.security_group_ids)
    groups = list((configuration.security_groups if configuration else ()) or own or ("SECURITY_GROUP_ID",))

    def network(assign: str) -> dict[str, object]:
        return {
            "awsvpcConfiguration": {"subnets": subnets, "securityGroups": groups, "assignPublicIp": assign}
        }

    terraform = (
        'resource "aws_ecs_service" "this" {\n'
        f"  name = {code_string(service or 'SERVICE')}\n"
        "  network_configuration {\n"
        f"    subnets          = {_quoted(subnets)}\n"
        f"    security_groups  = {_quoted(groups)}\n"
        "    assign_public_ip = true\n"
        "  }\n"
        "}"
    )
    cloudformation = template(
        "Service", "AWS::ECS::Service",
        NetworkConfiguration={
            "AwsvpcConfiguration": {"Subnets": subnets, "SecurityGroups": groups, "AssignPublicIp": "ENABLED"}
        },
    )  # fmt: skip
    if service is None:
        definition = known_value(repair.world.snapshot.task_definition)
        name = (definition.task_definition_arn if definition else None) or "TASK_DEFINITION"
        return Fix(
            text=(
                "Run the task again with assignPublicIp ENABLED: no service holds this setting for a task that was "
                f"started alone.{_elsewhere(repair, 'it')}"
            ),
            cli=repair.aws(
                "ecs", "run-task", cluster=repair.cluster, task_definition=name, launch_type="FARGATE",
                network_configuration=network("ENABLED"),
            ),
            verify=repair.aws("ecs", "list-tasks", cluster=repair.cluster, desired_status="RUNNING"),
        )  # fmt: skip
    where: dict[str, Option] = {"cluster": repair.cluster, "service": service}
    return Fix(
        text=(
            f"Set assignPublicIp of service {service} to ENABLED; this starts a new deployment."
            f"{_elsewhere(repair, 'the service')}"
        ),
        cli=repair.aws("ecs", "update-service", **where, network_configuration=network("ENABLED")),
        terraform=existing(terraform),
        cloudformation=existing(cloudformation),
        verify=repair.aws(
            "ecs", "describe-services", cluster=repair.cluster, services=service,
            query="services[].networkConfiguration.awsvpcConfiguration.assignPublicIp",
        ),
        undo=repair.aws("ecs", "update-service", **where, network_configuration=network("DISABLED")),
    )  # fmt: skip


def _quoted(items: list[str]) -> str:
    return "[" + ", ".join(map(code_string, items)) + "]"


def _elastic_address(repair: Repair[NoPublicAddress]) -> Fix:
    interface = repair.interface.interface_id or "NETWORK_INTERFACE_ID"
    instance = repair.interface.instance_id or "the container instance"
    return Fix(
        text=(
            f"Give {instance} an Elastic IP address on its primary network interface {interface}: the image is pulled "
            f"by the host, not by the task's interface.{_elsewhere(repair, 'the instance')}"
        ),
        cli=lines(
            repair.ec2("allocate-address", domain="vpc"),
            repair.ec2("associate-address", allocation_id="ALLOCATION_ID", network_interface_id=interface),
        ),
        terraform=hcl("aws_eip", "host", domain="vpc", network_interface=interface),
        cloudformation=lines(
            template("HostAddress", "AWS::EC2::EIP", Domain="vpc"),
            template(
                "HostAddressAssociation",
                "AWS::EC2::EIPAssociation",
                AllocationId=Reference("", "!GetAtt HostAddress.AllocationId"),
                NetworkInterfaceId=interface,
            ),
        ),
        verify=repair.ec2(
            "describe-network-interfaces",
            network_interface_ids=interface,
            query="NetworkInterfaces[].Association.PublicIp",
        ),
        undo=lines(
            repair.ec2("disassociate-address", association_id="ASSOCIATION_OF_ADDRESS"),
            repair.ec2("release-address", allocation_id="ALLOCATION_ID"),
        ),
    )


ROOM = NetworkFault(
    fault=FAULT,
    means=NoPublicAddress,
    repair=_fix,
    unless="the leg goes through {way}, not through an internet gateway",
    told_by_interface=True,
)
