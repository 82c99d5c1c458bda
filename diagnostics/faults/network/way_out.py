"""A way out for a subnet that has none: a default route, or endpoints where it is without one on purpose."""

from __future__ import annotations

from diagnostics.faults.network.endpoint_changes import SHORT_NAMES, create_endpoints, short_name, wanted
from diagnostics.faults.network.image_copies import copied, image_of
from diagnostics.faults.network.repair import Repair, together
from diagnostics.faults.network.route_changes import ANYWHERE, point_at, point_at_nat
from diagnostics.finding import Fix, Ways
from diagnostics.network.blockers import Blocker, Reroutable
from diagnostics.network.routes import is_blackhole, is_default, target_of
from diagnostics.snapshot import known_or
from diagnostics.write.snippets import joined


def way_out(repair: Repair[Reroutable]) -> Ways:
    """A default route: to the NAT gateway there is, to the internet gateway for what has a public address, else endpoints.

    A subnet that is isolated on purpose gets endpoints, or the image comes to where endpoints serve it; a default route
    is then only told of. Where it is the repair, it is said that the subnet gains a way to the internet.
    """
    table, gateway = repair.route_table_id, repair.view.internet_gateway_id
    why = isolated(repair)
    if why is not None:
        return _stay_inside(repair, why)
    if gateway and not repair.blocker.usable_nat_gateway_id and known_or(repair.interface.public_ip, False):
        out = point_at(
            repair, gateway, title=f"Send {ANYWHERE} to internet gateway {gateway}",
            text=f"Send {ANYWHERE} of route table {table} to internet gateway {gateway}: the task has a public address.",
            table=table, subnet_id=repair.subnet_id,
        )  # fmt: skip
    else:
        out = point_at_nat(repair)
        if repair.in_region and not repair.blocker.usable_nat_gateway_id:
            return create_endpoints(repair), _opening(repair, out)
    opened = _opening(repair, out)
    return (opened, create_endpoints(repair)) if repair.in_region else opened


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
    image = image_of(repair)
    reference = image.reference if image else None
    account = repair.world.snapshot.account_id or repair.world.snapshot.target.account_id
    if (
        image is None
        or reference is None
        or reference.account_id is not None
        or account is None
        or repair.leg.name != "manifest"
    ):
        return Fix(
            text=f"{seems}. Bring what {repair.leg.host} serves to {repair.region}, where endpoints can serve it, or ask "
            f"whoever isolated the subnet about {route}."
        )
    suffix = ".cn" if repair.region.startswith("cn-") else ""
    return copied(
        repair, image, reference, f"{account}.dkr.ecr.{repair.region}.amazonaws.com{suffix}",
        text=(
            f"endpoints for ecr.api, ecr.dkr and S3 serve it there. {seems}, so this comes before {route}, with which it "
            "would gain one."
        ),
    )  # fmt: skip


def _opening(repair: Repair[Reroutable], fix: Fix) -> Fix:
    """A default route with the warning that it opens a way."""
    instead = (
        "bring the image to ECR of this Region and create the endpoints for ecr.api, ecr.dkr and S3 instead"
    )
    if repair.in_region:
        instead = f"create the endpoints {joined(short_name(item) for item in wanted(repair))} instead"
    warning = f"With this route every host behind {repair.route_table_id} gains a way to the internet: if it is to have none, {instead}."
    return fix.model_copy(update={"warning": together(warning, fix.warning)})
