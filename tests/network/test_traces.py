"""Saved networks: each gives one disposition, its causes with their resources, and its list of hops."""

from __future__ import annotations

import json

import pytest

from diagnostics.network import FACT_NAMES, NETWORK_FAULTS, applicable
from tests.golden import GOLDEN, assert_golden_json
from tests.network.cases import CASES, Case, follow, short, subject

HOPS = GOLDEN / "network" / "hops.json"


def test_the_names_of_the_cases_differ() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_saved_network(case: Case) -> None:
    found = follow(case.snapshot, case.leg, case.subnet)
    assert {(item.fault, item.resources) for item in found.blockers} == set(case.blockers)
    assert (found.disposition, found.via) == (case.disposition, case.via)
    assert {item.fault for item in found.partly} == set(case.partly)
    hidden = {fault for item in found.missing for fault in item.could_hide}
    assert hidden == set(case.hidden) or not case.hidden
    assert bool(found.missing) == (case.disposition == "insufficient_information" or bool(case.hidden))
    assert list(short(found)) == json.loads(HOPS.read_text(encoding="utf-8"))[case.name]


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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_trace_keeps_to_its_vocabulary(case: Case) -> None:
    snapshot = case.snapshot
    leg, _ = subject(snapshot, case.leg, case.subnet)
    found = follow(snapshot, case.leg, case.subnet)
    named = {item.fault for item in (*found.blockers, *found.partly)} | set(found.considered)
    named |= {fault for item in found.missing for fault in item.could_hide}
    assert named <= set(NETWORK_FAULTS)
    assert named <= set(applicable(leg, snapshot.region))
    for item in (*found.blockers, *found.partly):
        assert set(item.facts) <= set(FACT_NAMES)
        assert item.resources
        assert all(item.resources)
        assert item.says.endswith(".")
        assert item.fault in found.considered
        assert all(value for value in item.facts.values())
    for gap in found.missing:
        assert gap.could_hide


ALWAYS = {
    "route-no-egress": ("route_table_id",),
    "route-blackhole": ("route_table_id", "destination", "target"),
    "nat-gateway-unusable": ("route_table_id", "destination", "target", "nat_gateway_id", "state"),
    "nat-subnet-no-igw": ("nat_gateway_id", "nat_route_table_id"),
    "nat-instance-unusable": ("route_table_id", "destination", "target"),
    "public-subnet-no-public-ip": ("route_table_id", "internet_gateway_id", "public_ip_setting"),
    "vpc-block-public-access": ("mode",),
    "firewall-inspection": ("route_table_id", "destination", "target"),
    "sg-egress-blocked": ("group_id", "ports", "direction", "peer_cidr"),
    "sg-egress-s3-blocked": ("group_id", "ports", "direction", "peer_cidr", "prefix_list_id"),
    "endpoint-sg-ingress-blocked": (
        "endpoint_id",
        "endpoint_service",
        "endpoint_group_id",
        "group_id",
        "ports",
    ),
    "nacl-egress-blocked": (
        "network_acl_id",
        "direction",
        "ports",
        "closed_ports",
        "rule_number",
        "free_rule_number",
    ),
    "nacl-ephemeral-return-blocked": ("network_acl_id", "direction", "ports", "closed_ports", "rule_number"),
    "endpoint-private-dns-off": ("endpoint_id", "endpoint_service", "state"),
    "endpoint-not-available": ("endpoint_id", "endpoint_service", "state"),
    "endpoint-s3-not-on-route-table": ("endpoint_id", "route_table_id", "gateway_table_ids"),
    "vpc-dns-off": ("attribute",),
    "dns-server-unusable": ("dns_servers", "dhcp_options_id"),
    "image-region-unreachable": ("image_region", "route_table_id"),
    "ipv6-mismatch": (),
    "endpoint-missing": ("endpoint_service", "route_table_id"),
}
BASIC = ("vpc_id", "subnet_id", "host", "region", "launch", "puller_cidr")


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.blockers or case.partly], ids=lambda case: case.name
)
def test_what_a_repair_needs_is_there(case: Case) -> None:
    found = follow(case.snapshot, case.leg, case.subnet)
    for item in (*found.blockers, *found.partly):
        kind = "endpoint-missing" if item.fault.startswith("endpoint-missing") else item.fault
        assert set(item.facts) >= {*BASIC, *ALWAYS[kind]}, item.fault


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
    assert [(item.fault, item.resources) for item in public.blockers] == [
        ("route-no-egress", ("subnet-private-a", "rtb-private"))
    ]
    private = follow(case.snapshot, case.leg, case.subnet, dialled="10.200.1.9")
    assert private.disposition == "insufficient_information"
