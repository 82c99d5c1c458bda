"""The traced legs for the report: where a leg ended, in a short path that a person can read."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.finding import LegSummary
from diagnostics.network import Gap, Hop
from diagnostics.report import network_summary
from diagnostics.report.leg_summaries import broken_path, contrast
from diagnostics.snapshot import Snapshot
from tests.build import changed, ec2, endpoints, fargate, no_way_out, routes_of, unavailable
from tests.faults.network.traces import blocker_of, leg_of, trace_of, world_of

START = Hop(what="network interface", resource="eni-task", says="the task pulls from subnet-private-a")
GROUP = Hop(what="security group", resource="sg-tasks", says="sg-tasks lets TCP 443 out")
TABLE = Hop(what="route table", resource="rtb-private", says="0.0.0.0/0 → nat-main")
ACL = Hop(what="network ACL", resource="acl-main", says="acl-main lets TCP 443 out")
NAT = Hop(what="NAT gateway", resource="nat-main", says="nat-main is failed.", verdict="blocked")
AFTER = Hop(what="internet gateway", resource="igw-main", says="igw-main is attached")
UNREAD = Hop(what="network ACL", resource="acl-main", says="its entries: denied", verdict="unknown")
SHUT = Hop(what="security group", resource="sg-tasks", says="sg-tasks lets nothing out", verdict="blocked")


def _path(*hops: Hop, **more: Any) -> tuple[str, ...]:
    world = world_of(fargate())
    leg, interface = leg_of(world, "login"), world.interfaces()[0]
    return broken_path(trace_of(leg, interface, *more.pop("blockers", ()), hops=hops, **more))


STOPPED = blocker_of("nat-gateway-unusable", "nat-main")
BLOCKED = {"blockers": (STOPPED,)}
OPEN = {"missing": (Gap(what="its entries", why="denied"),)}


@pytest.mark.parametrize(
    ("hops", "trace", "expected"),
    [
        pytest.param((START, GROUP, TABLE, AFTER), {}, (), id="arrives"),
        pytest.param(
            (START, GROUP, ACL, TABLE, NAT, AFTER), BLOCKED,
            (
                "network interface eni-task: the task pulls from subnet-private-a",
                "route table rtb-private: 0.0.0.0/0 → nat-main",
                "NAT gateway: nat-main is failed",
            ),
            id="ends at the hop that stops it, without what lets it through",
        ),
        pytest.param(
            (START, SHUT, TABLE), BLOCKED,
            ("network interface eni-task: the task pulls from subnet-private-a", "security group: sg-tasks lets nothing out"),
            id="a group that stops it is shown",
        ),
        pytest.param(
            (START, UNREAD, TABLE), OPEN,
            (
                "network interface eni-task: the task pulls from subnet-private-a",
                "network ACL acl-main: its entries: denied",
            ),
            id="ends where nothing more is known",
        ),
        pytest.param(
            (START, UNREAD, NAT), BLOCKED | OPEN,
            (
                "network interface eni-task: the task pulls from subnet-private-a",
                "network ACL acl-main: its entries: denied",
                "NAT gateway: nat-main is failed",
            ),
            id="a proof outweighs a gap before it",
        ),
        pytest.param((), OPEN, (), id="nothing was followed"),
        pytest.param((START, TABLE), OPEN, (
            "network interface eni-task: the task pulls from subnet-private-a",
            "route table rtb-private: 0.0.0.0/0 → nat-main",
        ), id="no hop says where it ended"),
    ],
)  # fmt: skip
def test_the_path_ends_where_the_leg_ends(
    hops: tuple[Hop, ...], trace: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert _path(*hops, **trace) == expected


def _legs(snapshot: Snapshot) -> tuple[LegSummary, ...]:
    return network_summary(world_of(snapshot)).legs


def test_every_leg_of_every_subnet_stands_once_the_used_one_first() -> None:
    legs = _legs(fargate())
    names = ("login", "manifest", "layers", "logs")
    subnets = ("subnet-private-a", "subnet-private-b")
    assert [(leg.subnet, leg.name) for leg in legs] == [
        (subnet, name) for subnet in subnets for name in names
    ]
    assert {leg.disposition for leg in legs} == {"reachable"}
    assert {(leg.subnet, leg.availability_zone, leg.used) for leg in legs} == {
        ("subnet-private-a", "us-east-1a", True),
        ("subnet-private-b", "us-east-1b", False),
    }
    assert all(leg.stopped_at is None and not leg.faults for leg in legs)


def test_only_one_subnet_is_broken() -> None:
    """A table of its own without a way out: a pull works in us-east-1b."""

    def edit(world: dict[str, Any]) -> None:
        tables = world["vpcs"]["vpc-main"]["route_tables"]["value"]
        private = next(item for item in tables if item["RouteTableId"] == "rtb-private")
        private["Associations"] = [
            item for item in private["Associations"] if item["SubnetId"] != "subnet-private-a"
        ]
        routes = [
            dict(route) for route in routes_of(world, "rtb-private") if route.get("GatewayId") == "local"
        ]
        tables.append(
            {
                "RouteTableId": "rtb-a", "VpcId": "vpc-main", "Routes": routes,
                "Associations": [{"Main": False, "SubnetId": "subnet-private-a"}],
            }
        )  # fmt: skip

    legs = _legs(changed(fargate(), edit))
    blocked = [leg for leg in legs if leg.disposition == "blocked"]
    assert {leg.availability_zone for leg in blocked} == {"us-east-1a"}
    assert {leg.disposition for leg in legs if leg.availability_zone == "us-east-1b"} == {"reachable"}
    first = blocked[0]
    assert first.faults == ("route-no-egress",)
    assert first.stopped_at == first.hops[-1]
    assert "rtb-a of subnet-private-a has no route" in first.hops[-1]


def test_a_container_instance_has_one_interface() -> None:
    assert {(leg.subnet, leg.used) for leg in _legs(ec2())} == {("subnet-private-a", True)}


def test_a_vpc_that_could_not_be_read_is_shown_as_not_known() -> None:
    def edit(world: dict[str, Any]) -> None:
        world["subnets"]["subnet-private-a"] = unavailable(
            "denied", "ec2:DescribeSubnets", "subnet-private-a"
        )

    legs = [leg for leg in _legs(changed(fargate(), edit)) if leg.subnet == "subnet-private-a"]
    assert {leg.disposition for leg in legs} == {"insufficient_information"}
    assert {leg.stopped_at for leg in legs} == {"ec2:DescribeSubnets could not be read: denied"}


def test_the_grid_serialises_as_the_contract_says() -> None:
    leg = _legs(changed(endpoints(), no_way_out))[0].model_dump(mode="json")
    assert {"host", "subnet", "disposition", "hops"} <= set(leg)


def _leg(subnet: str, zone: str | None, disposition: str, name: str = "login") -> LegSummary:
    return LegSummary.model_validate(
        {
            "name": name, "host": "h", "subnet": subnet, "disposition": disposition, "hops": (),
            "availability_zone": zone,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("legs", "says"),
    [
        (
            (_leg("subnet-1", "az-a", "reachable"), _leg("subnet-2", "az-b", "blocked")),
            "az-b only; a pull works in az-a",
        ),
        (
            (_leg("subnet-1", "az-a", "reachable"), _leg("subnet-2", "az-a", "blocked")),
            "subnet-2 only; a pull works in subnet-1",
        ),
        (
            (_leg("subnet-1", None, "reachable"), _leg("subnet-2", "az-b", "blocked")),
            "subnet-2 only; a pull works in subnet-1",
        ),
        (
            (_leg("subnet-1", "az-a", "reachable"), _leg("subnet-1", "az-a", "blocked", "layers")),
            None,
        ),
        ((_leg("subnet-1", "az-a", "blocked"), _leg("subnet-2", "az-b", "blocked")), None),
        ((_leg("subnet-1", "az-a", "reachable"), _leg("subnet-2", "az-b", "reachable")), None),
        ((_leg("subnet-1", "az-a", "insufficient_information"), _leg("subnet-2", "az-b", "blocked")), None),
        ((_leg("subnet-1", "az-a", "reachable"), _leg("subnet-2", "az-b", "blocked", "logs")), None),
        ((), None),
    ],
)
def test_where_a_pull_works_is_said_where_subnets_differ(
    legs: tuple[LegSummary, ...], says: str | None
) -> None:
    assert contrast(legs) == says
