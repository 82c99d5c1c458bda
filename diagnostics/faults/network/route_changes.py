"""One route: created, replaced, or made to lead to a NAT gateway; as commands and as code."""

from __future__ import annotations

from diagnostics.faults.network.endpoint_changes import SHORT_NAMES, create_endpoints, short_name, wanted
from diagnostics.faults.network.repair import Repair
from diagnostics.finding import Fix
from diagnostics.network.blockers import Blocker, Reroutable
from diagnostics.network.routes import is_blackhole, is_default, target_of
from diagnostics.snapshot import Known, known_or
from diagnostics.write.snippets import (
    ROUTE,
    Option,
    Reference,
    as_code,
    hcl,
    joined,
    lines,
    pascal,
    template,
)

ANYWHERE = "0.0.0.0/0"

# How EC2 names the target of a route, by the prefix of its id or placeholder.
TARGETS = {
    "igw-": "gateway_id",
    "vgw-": "gateway_id",
    "nat-": "nat_gateway_id",
    "eigw-": "egress_only_internet_gateway_id",
    "tgw-": "transit_gateway_id",
    "pcx-": "vpc_peering_connection_id",
    "vpce-": "vpc_endpoint_id",
    "eni-": "network_interface_id",
    "i-": "instance_id",
    "NAT_": "nat_gateway_id",
    "INTERNET_": "gateway_id",
    "EGRESS_": "egress_only_internet_gateway_id",
}


def _target(target: str) -> str:
    return next((name for prefix, name in TARGETS.items() if target.startswith(prefix)), "gateway_id")


def destination_option(destination: str) -> str:
    """The option that names this destination."""
    if destination.startswith("pl-"):
        return "destination_prefix_list_id"
    return "destination_ipv6_cidr_block" if ":" in destination else "destination_cidr_block"


def route(repair: Repair[Blocker], operation: str, table: str, destination: str, target: str = "") -> str:
    options: dict[str, Option] = {"route_table_id": table, destination_option(destination): destination}
    if target:
        options[_target(target)] = target
    return repair.ec2(operation, **options)


def route_code(table: str | Reference, destination: str, target: str) -> tuple[str, str]:
    """The route as Terraform and as CloudFormation."""
    ends = {destination_option(destination): destination, _target(target): target}
    return as_code(ROUTE, "way_out", route_table_id=table, **ends)


def _present_target(repair: Repair[Blocker], table_id: str, destination: str) -> str | None:
    """What a route to this destination leads to now; `None` where the table has no such route."""
    table = repair.view.table(table_id)
    for route in table.value.routes if isinstance(table, Known) else ():
        if destination in (route.destination_cidr_block, route.destination_ipv6_cidr_block):
            target = target_of(route)
            return target if target.startswith(tuple(TARGETS)) else ""
    return None


def verify_table(repair: Repair[Blocker], table: str, destination: str = ANYWHERE) -> str:
    return repair.ec2(
        "describe-route-tables",
        route_table_ids=table,
        query=f"RouteTables[].Routes[].[{pascal(destination_option(destination))},State]",
    )


def _shared(repair: Repair[Blocker], table: str, subnet_id: str | None) -> str:
    """Says which other subnets a change of the table of a subnet changes."""
    others = [item for item in repair.view.subnets_of_table(table) if item != subnet_id]
    return f" The table is also used by {joined(others)}." if others else ""


def point_at(
    repair: Repair[Blocker], target: str, text: str, *, table: str, subnet_id: str | None,
    destination: str = ANYWHERE, before: str = "", gone: bool = False,
) -> Fix:  # fmt: skip
    """A route of the table of a subnet made to lead to a target: created, or replaced where the table has one already.

    Args:
        gone: what the route leads to now does not exist any more, so that no undo leads back to it.
    """
    present = _present_target(repair, table, destination)
    exists = gone or present is not None
    undo = route(repair, "delete-route", table, destination)
    if present and not gone:
        undo = route(repair, "replace-route", table, destination, present)
    terraform, cloudformation = route_code(table, destination, target)
    return Fix(
        text=text + _shared(repair, table, subnet_id),
        cli=lines(
            before, route(repair, "replace-route" if exists else "create-route", table, destination, target)
        ),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=verify_table(repair, table, destination),
        undo=undo,
    )


def point_at_nat(repair: Repair[Reroutable], destination: str = ANYWHERE, *, gone: bool = False) -> Fix:
    """The pulling subnet's route made to lead to a NAT gateway that works, or to a new one where the VPC has none."""
    nat, table = repair.blocker.usable_nat_gateway_id, repair.route_table_id
    if nat:
        text = f"Send {destination} of route table {table} to NAT gateway {nat}, which works."
        return point_at(
            repair, nat, text, table=table, subnet_id=repair.subnet_id, destination=destination, gone=gone
        )
    where = repair.view.public_subnet_id or "a public subnet"
    text = (
        f"Create a public NAT gateway in {where} and send {destination} of route table {table} to it "
        "(a NAT gateway is billed by the hour and by the gigabyte)."
    )
    fix = point_at(
        repair, "NAT_GATEWAY_ID", text, table=table, subnet_id=repair.subnet_id, destination=destination,
        before=_new_nat_gateway(repair), gone=gone,
    )  # fmt: skip
    terraform, cloudformation = _nat_code(repair, table, destination)
    back = lines(
        fix.undo,
        repair.ec2("delete-nat-gateway", nat_gateway_id="NAT_GATEWAY_ID"),
        repair.ec2("wait nat-gateway-deleted", nat_gateway_ids="NAT_GATEWAY_ID"),
        repair.ec2("release-address", allocation_id="ALLOCATION_ID"),
    )
    return fix.model_copy(update={"terraform": terraform, "cloudformation": cloudformation, "undo": back})


def _new_nat_gateway(repair: Repair[Blocker]) -> str:
    """The commands that make a public NAT gateway in a public subnet."""
    return lines(
        repair.ec2("allocate-address", domain="vpc"),
        repair.ec2(
            "create-nat-gateway",
            subnet_id=repair.view.public_subnet_id or "PUBLIC_SUBNET_ID",
            allocation_id="ALLOCATION_ID",
        ),
        repair.ec2("wait nat-gateway-available", nat_gateway_ids="NAT_GATEWAY_ID"),
    )


def _nat_code(repair: Repair[Blocker], table: str, destination: str) -> tuple[str, str]:
    """A NAT gateway with its address and its route, as Terraform and as CloudFormation."""
    subnet = repair.view.public_subnet_id or "PUBLIC_SUBNET_ID"
    address = Reference("aws_eip.nat.id", "!GetAtt NatAddress.AllocationId")
    gateway = Reference("aws_nat_gateway.pull.id", "!Ref PullNat")
    terraform, cloudformation = as_code(
        ROUTE, "way_out", route_table_id=table, **{destination_option(destination): destination}, nat_gateway_id=gateway
    )  # fmt: skip
    return (
        lines(
            hcl("aws_eip", "nat", domain="vpc"),
            hcl("aws_nat_gateway", "pull", subnet_id=subnet, allocation_id=address),
            terraform,
        ),
        lines(
            template("NatAddress", "AWS::EC2::EIP", Domain="vpc"),
            template("PullNat", "AWS::EC2::NatGateway", SubnetId=subnet, AllocationId=address),
            cloudformation,
        ),
    )


def egress_only_gateway(repair: Repair[Blocker], *, gone: bool = False) -> Fix:
    """A way out for IPv6 alone: nothing on the internet can open a connection through it."""
    table, attached = repair.route_table_id, next(iter(repair.view.egress_only_gateway_ids), None)
    before = "" if attached else repair.ec2("create-egress-only-internet-gateway", vpc_id=repair.vpc_id)
    text = f"Send ::/0 of route table {table} to {'the' if attached else 'an'} egress-only internet gateway."
    return point_at(
        repair, attached or "EGRESS_ONLY_GATEWAY_ID", text, table=table, subnet_id=repair.subnet_id, destination="::/0",
        before=before, gone=gone,
    )  # fmt: skip


def way_out(repair: Repair[Reroutable]) -> Fix:
    """A default route: to the NAT gateway there is, to the internet gateway for what has a public address, else endpoints.

    A subnet that is isolated on purpose gets endpoints, or the image comes to where endpoints serve it; a default route
    is then only told of. Where it is the repair, it is said that the subnet gains a way to the internet.
    """
    table, gateway = repair.route_table_id, repair.view.internet_gateway_id
    why = isolated(repair)
    if why is not None:
        return _stay_inside(repair, why)
    if repair.blocker.usable_nat_gateway_id:
        return _opening(repair, point_at_nat(repair))
    if gateway and known_or(repair.interface.public_ip, False):
        text = f"Send {ANYWHERE} of route table {table} to internet gateway {gateway}: the task has a public address."
        return _opening(repair, point_at(repair, gateway, text, table=table, subnet_id=repair.subnet_id))
    return create_endpoints(repair) if repair.in_region else _opening(repair, point_at_nat(repair))


HUBS = ("tgw-", "pcx-", "vgw-", "arn:")


def hub_of(repair: Repair[Blocker]) -> str | None:
    """What leads from the pulling subnet to other networks, which may share endpoints with it or have a way out."""
    routes = (route for route in repair.view.routes_of(repair.subnet_id) if not is_blackhole(route))
    return next((target for route in routes if (target := target_of(route)).startswith(HUBS)), None)


def isolated(repair: Repair[Blocker]) -> str | None:
    """Why the subnet seems to be without a way to the internet on purpose, `None` where nothing speaks for it."""
    table, routes = repair.route_table_id, repair.view.routes_of(repair.subnet_id)
    hub = hub_of(repair)
    if any(is_default(route, 6) and not is_blackhole(route) for route in routes):
        return None
    if hub is not None:
        return f"{table} leads to {hub} and to no gateway of the internet"
    for item in repair.endpoints:
        kind = (item.vpc_endpoint_type or "").lower()
        if kind == "interface" and short_name(item.service_name) in SHORT_NAMES:
            return f"{repair.vpc_id} has endpoints of its own, such as {item.vpc_endpoint_id}"
        if kind == "gateway" and table in item.route_table_ids:
            return f"{table} has endpoint {item.vpc_endpoint_id}"
    return None


def _stay_inside(repair: Repair[Reroutable], why: str) -> Fix:
    """The way that opens nothing: endpoints, or the image in ECR of the VPC's Region, which endpoints serve."""
    seems = f"The subnet seems to be without a way to the internet on purpose ({why})"
    route = f"a default route of {repair.route_table_id} to a NAT gateway"
    if repair.in_region:
        made = create_endpoints(repair)
        hub = hub_of(repair)
        ask = (
            f" If the network behind {hub} shares endpoints with this VPC over a private hosted zone, ask whoever runs it first: "
            "then the zone or the way there is to be mended, and no endpoint made."
            if hub is not None
            else ""
        )
        text = f"{made.text} {seems}, so these come before {route}, with which it would gain one.{ask}"
        return made.model_copy(update={"text": text})
    image = next(
        (
            item.reference
            for item in repair.world.pull.images
            if set(item.containers) & set(repair.leg.containers)
        ),
        None,
    )
    if image is None or repair.leg.name != "manifest" or image.account_id is not None:
        return Fix(
            text=f"{seems}. Bring what {repair.leg.host} serves to {repair.region}, where endpoints can serve it, or ask "
            f"whoever isolated the subnet about {route}."
        )
    name = image.repository
    account = repair.world.snapshot.target.account_id or "ACCOUNT_ID"
    home = f"{account}.dkr.ecr.{repair.region}.amazonaws.com/{name}"
    tag = image.tag or ("copy" if image.digest else "latest")
    old = f"{image.pull_host}/{name}@{image.digest}" if image.digest else f"{image.pull_host}/{name}:{tag}"
    return Fix(
        text=(
            f"Copy the image to ECR of {repair.region} and name {home}:{tag} in the task definition: endpoints for ecr.api, "
            f"ecr.dkr and S3 serve it there. {seems}, so this comes before {route}, with which it would gain one. Run the "
            "commands where both registries can be reached and Docker is logged in to them."
        ),
        cli=lines(
            repair.aws("ecr", "create-repository", repository_name=name),
            f"docker pull {old} && docker tag {old} {home}:{tag} && docker push {home}:{tag}",
        ),
        verify=repair.aws("ecr", "describe-images", repository_name=name),
        undo=repair.aws("ecr", "batch-delete-image", repository_name=name, image_ids=f"imageTag={tag}"),
    )


def _opening(repair: Repair[Reroutable], fix: Fix) -> Fix:
    """A default route with the warning that it opens a way, and what to do where there is to be none."""
    instead = (
        "bring the image to ECR of this Region and create the endpoints for ecr.api, ecr.dkr and S3 instead"
    )
    if repair.in_region:
        instead = f"create the endpoints {joined(short_name(item) for item in wanted(repair))} instead"
    warning = f" With this route every host behind {repair.route_table_id} gains a way to the internet: if it is to have none, {instead}."
    return fix.model_copy(update={"text": fix.text + warning})
