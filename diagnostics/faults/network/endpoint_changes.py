"""The VPC endpoints that a pull needs, made: what several repairs have in common."""

from __future__ import annotations

from diagnostics.faults.network.dns_attributes import dns_code, dns_off, dns_on
from diagnostics.faults.network.endpoint_group import EndpointGroup
from diagnostics.faults.network.repair import Repair
from diagnostics.finding import Fix
from diagnostics.network import Blocker
from diagnostics.snapshot import VpcEndpoint, known_or
from diagnostics.write import Variable, captured, chain, wait_for
from diagnostics.write.snippets import ENDPOINT, Option, as_code, joined

SHORT_NAMES = ("ecr.api", "ecr.dkr", "ecr-fips.api", "ecr-fips.dkr", "s3", "logs", "secretsmanager", "ssm")


def short_name(service: str) -> str:
    """The service of an endpoint service name: `ecr.api` of `com.amazonaws.us-east-1.ecr.api`."""
    return next((item for item in SHORT_NAMES if service.endswith(f".{item}")), service.rsplit(".", 1)[-1])


def wanted(repair: Repair[Blocker]) -> tuple[str, ...]:
    """The endpoint services that this pull needs in the VPC's Region and that the VPC lacks."""
    needed = [leg.service for leg in repair.world.pull.legs if leg.service and leg.region == repair.region]
    names = dict.fromkeys(
        repair.service_name(service) for service in sorted(set(needed), key=SHORT_NAMES.index)
    )
    present = {item.service_name for item in repair.endpoints}
    return tuple(name for name in names if name not in present)


def _sister(repair: Repair[Blocker]) -> VpcEndpoint | None:
    """An interface endpoint that the pull uses already; its security groups suit another one."""
    for item in repair.endpoints:
        if item.groups and short_name(item.service_name) in SHORT_NAMES:
            return item
    return None


def create_endpoints(repair: Repair[Blocker], services: tuple[str, ...] = ()) -> Fix:
    """The endpoints of these services, by default all that the pull needs and the VPC lacks."""
    needed = services or wanted(repair) or (repair.leg_service_name,)
    interfaces = tuple(name for name in needed if short_name(name) != "s3")
    gateways = tuple(name for name in needed if short_name(name) == "s3")
    names = (*interfaces, *gateways)
    sister = _sister(repair)
    group = EndpointGroup(repair) if interfaces and sister is None else None
    groups = tuple(group.group_id for group in sister.groups) if sister else (EndpointGroup.group_id,)
    commands = [*(dns_on(repair) if interfaces else ()), *(group.make if group else ())]
    terraform, cloudformation = map(list, dns_code(repair) if interfaces else ((), ()))
    if group:
        terraform.extend(group.terraform)
        cloudformation.append(group.cloudformation)
    for name in names:
        options: dict[str, Option] = {
            "vpc_endpoint_type": "Gateway",
            "vpc_id": repair.vpc_id,
            "service_name": name,
        }
        if name in gateways:
            options["route_table_ids"] = repair.gateway_tables
        else:
            options |= {"vpc_endpoint_type": "Interface", "subnet_ids": repair.endpoint_subnets}
            options |= {"security_group_ids": groups, "private_dns_enabled": True}
        commands.append(repair.ec2("create-vpc-endpoint", **options, **repair.tagged("vpc-endpoint")))
        coded: dict[str, object] = dict(options)
        if group and name not in gateways:
            coded["security_group_ids"] = (group.reference,)
        for made, text in zip(
            (terraform, cloudformation), as_code(ENDPOINT, short_name(name), **coded), strict=True
        ):
            made.append(text)
    commands.append(wait_until_available(repair, len(names)))
    plural = "" if len(names) == 1 else "s"
    return Fix(
        title=f"Create the endpoint{plural} {joined(short_name(name) for name in names)}",
        text=_text(repair, interfaces, gateways, sister),
        warning=_warning(repair, interfaces, gateways, sister),
        cli=chain(*commands),
        terraform="\n".join(terraform),
        cloudformation="\n".join(cloudformation),
        verify=shows_endpoints(repair),
        expect=" ".join(f"{name} available" for name in sorted(names)),
        undo=chain(
            *delete_endpoints(repair), *(group.find if group else ()), *(group.remove if group else ()),
            *(dns_off(repair) if interfaces else ()),
        ),
    )  # fmt: skip


def shows_endpoints(repair: Repair[Blocker]) -> str:
    """Prints the service and the state of each endpoint that the repair made, by service."""
    query = f"sort_by(VpcEndpoints[?{repair.is_mine} && State!='deleted'],&ServiceName)[].[ServiceName,State]"
    return repair.prints("describe-vpc-endpoints", query, filters=(repair.by_mark,))


def wait_until_available(repair: Repair[Blocker], count: int = 1) -> str:
    """A wait until as many endpoints as the repair made are in service, which the CLI has no waiter for."""
    every = repair.ec2("describe-vpc-endpoints", filters=(repair.by_mark,))
    return wait_for(every, "length(VpcEndpoints[?State=='available'])", str(count))


def wait_until_gone(repair: Repair[Blocker], filter_by: str, which: str) -> str:
    """A wait until endpoints are deleted: until then their private names are taken, and their groups in use."""
    every = repair.ec2("describe-vpc-endpoints", filters=(filter_by,))
    return wait_for(every, f"length(VpcEndpoints[?{which} && State!='deleted'])", "0")


def delete_endpoints(repair: Repair[Blocker]) -> tuple[str, ...]:
    """Commands that delete the endpoints which the repair made, and wait until they are gone."""
    ids = Variable("VPC_ENDPOINT_IDS")
    every = repair.ec2("describe-vpc-endpoints", filters=(repair.by_mark,))
    return (
        captured(ids, every, f"to_string(VpcEndpoints[?{repair.is_mine} && State!='deleted'].VpcEndpointId)"),
        repair.ec2("delete-vpc-endpoints", vpc_endpoint_ids=ids),
        wait_until_gone(repair, repair.by_mark, repair.is_mine),
    )


def _text(
    repair: Repair[Blocker],
    interfaces: tuple[str, ...],
    gateways: tuple[str, ...],
    sister: VpcEndpoint | None,
) -> str:
    parts = []
    if interfaces:
        kind = "endpoint" if len(interfaces) == 1 else "endpoints"
        group = (
            f"the security group of {sister.vpc_endpoint_id}"
            if sister
            else f"a new security group that admits {EndpointGroup(repair).admits} on 443"
        )
        parts.append(
            f"the interface {kind} {joined(short_name(name) for name in interfaces)} in {joined(repair.endpoint_subnets)}, "
            f"with private DNS and {group}"
        )
    if gateways:
        parts.append(f"the S3 gateway endpoint on {joined(repair.gateway_tables)}")
    dns = (
        " Private DNS needs both DNS attributes of the VPC on, so they come first."
        if interfaces and dns_on(repair)
        else ""
    )
    cost = " Interface endpoints are billed by the hour in each subnet." if interfaces else ""
    return f"Create {'; and '.join(parts)}.{dns}{cost}"


def _warning(
    repair: Repair[Blocker],
    interfaces: tuple[str, ...],
    gateways: tuple[str, ...],
    sister: VpcEndpoint | None,
) -> str | None:
    """What the endpoints change for others than the pull."""
    parts = []
    if interfaces:
        subnets = len(known_or(repair.vpc.subnets, ()))
        every = f"all {subnets} subnets" if subnets > 1 else "every subnet"
        names = joined(short_name(name) for name in interfaces)
        admit = (
            f"the security group of {sister.vpc_endpoint_id} must admit what calls from there"
            if sister
            else "the new group admits what calls from there"
        )
        parts.append(
            f"With private DNS all calls to {names} from {every} of the VPC go through {'it' if len(interfaces) == 1 else 'them'}: {admit}."
        )
    if gateways:
        parts.append(resets_s3(repair, repair.gateway_tables))
    return " ".join(parts)


def resets_s3(repair: Repair[Blocker], tables: tuple[str, ...]) -> str:
    """What happens where a gateway endpoint is put on route tables.

    AWS: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
    """
    subnets = tuple(dict.fromkeys(item for table in tables for item in repair.view.subnets_of_table(table)))
    of = f"from {joined(subnets)} " if subnets else "from the subnets of the table "
    return f"Open connections to S3 {of}break once, as the endpoint takes them."
