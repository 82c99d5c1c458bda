"""Saved networks: each gives one disposition, its causes with their resources, and its list of hops."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from diagnostics.network import BlockerKind, applicable
from diagnostics.network import blockers as b
from tests.golden import GOLDEN, assert_golden_json
from tests.network.cases import CASES, KINDS, Case, follow, short, subject
from tests.rows import every_row


def _names(kinds: set[BlockerKind]) -> str:
    return ", ".join(sorted(kind.__name__ for kind in kinds)) or "none"


HOPS = GOLDEN / "network" / "hops.json"


@cache
def saved_hops() -> dict[str, list[Any]]:
    """The hops as they were reviewed, by the name of the case."""
    content: dict[str, list[Any]] = json.loads(HOPS.read_text(encoding="utf-8"))
    return content


def test_the_names_of_the_cases_differ() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@every_row("case", CASES, ids=lambda case: case.name)
def test_a_saved_network(case: Case) -> None:
    found = follow(case.snapshot, case.leg, case.subnet)
    assert {(type(item), item.resources) for item in found.blockers} == set(case.blockers)
    assert (found.disposition, found.via) == (case.disposition, case.via)
    assert {type(item) for item in found.partly} == set(case.partly)
    hidden = {kind for item in found.missing for kind in item.could_hide}
    assert hidden == set(case.hidden) or not case.hidden, (
        f"what a missing fact could hide stands in `hidden` of {case.name!r} in tests/network/cases.py; "
        f"not there: {_names(hidden - set(case.hidden))}; no more: {_names(set(case.hidden) - hidden)}"
    )
    assert bool(found.missing) == (case.disposition == "insufficient_information" or bool(case.hidden))
    assert list(short(found)) == saved_hops()[case.name]


def test_golden_hops() -> None:
    """The hops of all cases, to be reviewed as a diff."""
    hops = {case.name: list(short(follow(case.snapshot, case.leg, case.subnet))) for case in CASES}
    assert_golden_json("network/hops.json", hops)


def test_golden_words() -> None:
    """What the blockers of all cases say."""
    words = {}
    for case in CASES:
        found = follow(case.snapshot, case.leg, case.subnet)
        said = [item.says for item in (*found.blockers, *found.partly)]
        said += [f"? {item.what}: {item.why}" for item in found.missing]
        if said:
            words[case.name] = said
    assert_golden_json("network/words.json", words)


@every_row("case", CASES, ids=lambda case: case.name)
def test_a_trace_keeps_to_its_vocabulary(case: Case) -> None:
    snapshot = case.snapshot
    leg, _ = subject(snapshot, case.leg, case.subnet)
    found = follow(snapshot, case.leg, case.subnet)
    named = {type(item) for item in (*found.blockers, *found.partly)} | set(found.considered)
    named |= {kind for item in found.missing for kind in item.could_hide}
    assert named <= set(KINDS)
    assert named <= set(applicable(leg, snapshot.region))
    for item in (*found.blockers, *found.partly):
        assert item.resources
        assert all(item.resources)
        assert item.says.endswith(".")
        assert type(item) in found.considered
        assert "" not in vars(item).values()
    for gap in found.missing:
        assert gap.could_hide


ALWAYS: dict[BlockerKind, tuple[str, ...]] = {
    b.NoWayOut: ("route_table_id",),
    b.RouteToNothing: ("route_table_id", "subnet_id", "destination", "target"),
    b.NatGatewayUnusable: ("route_table_id", "destination", "nat_gateway_id", "state"),
    b.NatWithoutInternetGateway: ("nat_gateway_id", "nat_route_table_id"),
    b.NatInstanceUnusable: ("route_table_id", "destination"),
    b.NoPublicAddress: ("route_table_id",),
    b.FirewallOnRoute: ("route_table_id",),
    b.GroupBlocksOut: ("group_id", "peer_cidrs"),
    b.GroupBlocksS3: ("group_id", "peer_cidrs", "prefix_list_id"),
    b.EndpointGroupBlocksIn: ("endpoint_id", "group_id", "peer_cidrs"),
    b.AclBlocksRequest: ("network_acl_id", "direction", "rule_number", "free_rule_number", "peer_cidrs"),
    b.AclBlocksAnswers: ("network_acl_id", "direction", "rule_number", "peer_cidrs"),
    b.PrivateDnsOff: ("endpoint_id", "endpoint_service", "subnet_ids", "endpoint_group_ids"),
    b.EndpointNotAvailable: ("endpoint_id", "endpoint_service", "state"),
    b.GatewayOffTable: ("endpoint_id", "endpoint_service", "route_table_id", "gateway_table_ids"),
    b.DnsOff: ("attribute",),
    b.DnsServerUnusable: ("servers", "dhcp_options_id"),
    b.RegionOutOfReach: ("image_region", "route_table_id"),
    b.EndpointMissing: ("endpoint_service", "route_table_id"),
}
"""What a repair cannot do without, by the kind of blocking."""


@every_row("case", [case for case in CASES if case.blockers or case.partly], ids=lambda case: case.name)
def test_what_a_repair_needs_is_there(case: Case) -> None:
    found = follow(case.snapshot, case.leg, case.subnet)
    for item in (*found.blockers, *found.partly):
        assert all(getattr(item, name) for name in ALWAYS.get(type(item), ())), item


@every_row("case", [case for case in CASES if case.blockers or case.partly], ids=lambda case: case.name)
def test_a_hop_names_its_blocker(case: Case) -> None:
    """What stops a leg, or a part of it, stands at a hop that can be shown; a firewall is only suspected."""
    found = follow(case.snapshot, case.leg, case.subnet)
    shown = {(type(hop.blocker), hop.blocker.resources) for hop in found.hops if hop.blocker}
    for item in (*found.blockers, *found.partly):
        assert isinstance(item, b.FirewallOnRoute) or (type(item), item.resources) in shown
    for hop in found.hops:
        assert (hop.blocker is not None) == (hop.verdict in ("blocked", "partly_open"))


def test_a_leg_that_aws_carries_knows_no_vpc() -> None:
    case = next(item for item in CASES if item.name == "old Fargate logs in outside of the VPC")
    found = follow(case.snapshot, case.leg, case.subnet)
    assert found.considered == ()
    assert found.hops[0].says.startswith("AWS's own interface carries this")


@pytest.mark.parametrize(
    ("name", "leg", "endpoint"),
    [
        ("endpoints, log-in", "login", "vpce-ecr-api"),
        ("endpoints, layers", "layers", "vpce-s3"),
        ("S3's endpoint is used beside a NAT gateway", "layers", "vpce-s3"),
        ("layers leave by the gateway endpoint of the NAT gateway's subnet", "layers", "vpce-s3"),
        ("private DNS off", "manifest", "vpce-ecr-dkr"),
        ("the group of an endpoint admits another group", "login", "vpce-ecr-api"),
        ("NAT gateway", "login", None),
        ("no endpoint for S3", "layers", None),
    ],
)
def test_the_endpoint_whose_policy_decides(name: str, leg: str, endpoint: str | None) -> None:
    case = next(item for item in CASES if item.name == name)
    assert case.leg == leg
    assert follow(case.snapshot, case.leg, case.subnet).endpoint_id == endpoint


def test_the_address_in_the_text_settles_whether_a_hub_serves_the_name() -> None:
    case = next(item for item in CASES if item.name == "no default route, and a hub over a transit gateway")
    public = follow(case.snapshot, case.leg, case.subnet, dialled="44.213.79.104")
    assert [(type(item), item.resources) for item in public.blockers] == [
        (b.NoWayOut, ("subnet-private-a", "rtb-private"))
    ]
    private = follow(case.snapshot, case.leg, case.subnet, dialled="10.200.1.9")
    assert private.disposition == "insufficient_information"
