"""What the check says of a trace: fails, may fail, not known, passes and plays no part, for every fault."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.faults.network import NETWORK_FAULTS, ROOMS
from diagnostics.finding import Status
from diagnostics.network import Gap, Hop
from diagnostics.network.blockers import DnsOff, DnsServerUnusable, FirewallOnRoute
from diagnostics.pull import LegName
from diagnostics.snapshot import Snapshot
from tests.build import Edit, changed, endpoints, fargate, no_way_out, routes_of, stopped, task_of, vpc_of
from tests.build.network import change_default_route, dns_servers
from tests.build.tasks import secret, unread_image
from tests.faults.network.tables import LOOKUP, SECRET
from tests.faults.network.traces import BY_ID, blocker_of, judged, leg_of, trace_of, world_of

EVERY = tuple(dict.fromkeys(room.means for room in ROOMS))
each_fault = pytest.mark.parametrize("fault", tuple(BY_ID))
STANDING = Gap(
    what="the rules of security group sg-tasks",
    why="denied",
    call="ec2:DescribeSecurityGroups",
    could_hide=EVERY,
)


def _leg(fault: str) -> LegName:
    by_service: dict[str, LegName] = {
        "endpoint-missing-ecr-dkr": "manifest", "endpoint-missing-logs": "logs", "endpoint-missing-ssm": "ssm",
        "endpoint-missing-secretsmanager": "secretsmanager",
    }  # fmt: skip
    if "s3" in fault:
        return "layers"
    return by_service.get(fault, "login")


def _world(fault: str) -> Snapshot:
    value = {"endpoint-missing-ssm": "/payments/token", "endpoint-missing-secretsmanager": SECRET}.get(fault)
    return changed(endpoints(), secret(value)) if value else endpoints()


def _only(fault: str, trace: dict[str, Any]) -> Any:
    outcomes = judged(_world(fault), _leg(fault), fault, trace)
    assert len(outcomes) == 1
    return outcomes[0]


# --- one table for every fault -------------------------------------------------------------------------


@each_fault
def test_a_blocker_fails(fault: str) -> None:
    blocker = blocker_of(fault, "vpc-main", "subnet-private-a", says="It is as it is in subnet-private-a.")
    outcome = _only(fault, {"blockers": (blocker,)})
    assert outcome.status is Status.FAIL
    assert outcome.resources == ("vpc-main", "subnet-private-a")
    assert "subnet-private-a (us-east-1a)" in outcome.summary
    assert outcome.fix is not None
    assert outcome.evidence
    assert outcome.console_url is not None


@each_fault
def test_what_holds_for_some_packets_warns(fault: str) -> None:
    outcome = _only(fault, {"partly": (blocker_of(fault, "acl-main"),), "considered": (BY_ID[fault].means,)})
    assert outcome.status is Status.WARN
    assert outcome.resources == ("acl-main",)
    assert outcome.fix is not None


@each_fault
def test_what_a_missing_fact_could_hide_is_not_known(fault: str) -> None:
    outcome = _only(fault, {"missing": (STANDING,), "considered": (DnsOff,)})
    assert outcome.status is Status.UNKNOWN
    assert outcome.reason == (
        "the rules of security group sg-tasks: ec2:DescribeSecurityGroups could not be read: denied"
    )


@each_fault
def test_what_was_considered_and_not_found_passes(fault: str) -> None:
    outcome = _only(fault, {"considered": EVERY})
    assert outcome.status is Status.PASS
    assert outcome.summary.startswith(BY_ID[fault].fault.title)
    assert outcome.reason is None


@each_fault
def test_what_was_not_considered_is_skipped_with_a_reason(fault: str) -> None:
    outcome = _only(fault, {"considered": ()})
    assert outcome.status is Status.SKIPPED
    assert outcome.reason


# --- which of several answers wins ---------------------------------------------------------------------


def test_a_missing_fact_outweighs_what_only_holds_for_some_packets() -> None:
    """With the fact the answer might have been a plain fail, so a warning would say more than is known."""
    fault = "nacl-ephemeral-return-blocked"
    outcome = _only(
        fault,
        {
            "partly": (blocker_of(fault, "acl-main"),),
            "missing": (STANDING,),
            "considered": (BY_ID[fault].means,),
        },
    )
    assert outcome.status is Status.UNKNOWN


def test_a_blocker_outweighs_a_missing_fact() -> None:
    fault = "sg-egress-blocked"
    outcome = _only(fault, {"blockers": (blocker_of(fault, "sg-tasks"),), "missing": (STANDING,)})
    assert outcome.status is Status.FAIL


def test_two_blockers_of_one_fault_are_two_outcomes() -> None:
    fault = "nacl-egress-blocked"
    blockers = (blocker_of(fault, "acl-a"), blocker_of(fault, "acl-b"))
    outcomes = judged(fargate(), "login", fault, {"blockers": blockers})
    assert [item.resources for item in outcomes] == [("acl-a",), ("acl-b",)]


def test_a_trace_that_saw_nothing_leaves_everything_open() -> None:
    nothing = Gap(what="everything", why="timed out", call="ec2:DescribeRouteTables")
    for fault in NETWORK_FAULTS:
        (outcome,) = judged(fargate(), "login", fault.id, {"missing": (nothing,), "considered": ()})
        assert outcome.status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("fault", "beside", "expected"),
    [
        ("route-no-egress", "endpoint-private-dns-off", "endpoint-private-dns-off"),
        ("endpoint-private-dns-off", "vpc-dns-off", "vpc-dns-off"),
        ("endpoint-missing-s3", "endpoint-s3-not-on-route-table", "endpoint-s3-not-on-route-table"),
        ("endpoint-missing-logs", "route-no-egress", "route-no-egress"),
        ("sg-egress-blocked", "nacl-egress-blocked", None),
        ("route-no-egress", "sg-egress-blocked", None),
    ],
)
def test_a_consequence_names_what_it_follows_from(fault: str, beside: str, expected: str | None) -> None:
    blockers = (blocker_of(fault, "vpc-main"), blocker_of(beside, "vpc-main"))
    outcomes = judged(_world(fault), _leg(fault), fault, {"blockers": blockers})
    found = outcomes[0].follows_from
    assert (found and found.id) == expected


@pytest.mark.parametrize(
    ("leg", "stage"),
    [("login", "login"), ("manifest", "manifest"), ("layers", "layers"), ("logs", "secrets")],
)
def test_the_stage_is_that_of_the_leg(leg: LegName, stage: str) -> None:
    for trace in (
        {"blockers": (blocker_of("vpc-dns-off", "vpc-main"),)},
        {"considered": EVERY},
        {"considered": ()},
    ):
        (outcome,) = judged(fargate(), leg, "vpc-dns-off", trace)
        assert outcome.stage == stage


# --- the sentence ------------------------------------------------------------------------------------


def _peering(world: dict[str, Any]) -> None:
    no_way_out(world)
    routes_of(world, "rtb-private").append(
        {"DestinationCidrBlock": "10.8.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "active"}
    )


def _all_to_a_peer(world: dict[str, Any]) -> None:
    change_default_route(NatGatewayId=None, VpcPeeringConnectionId="pcx-1")(world)


@pytest.mark.parametrize(
    ("edits", "leg", "expected"),
    [
        pytest.param(
            (no_way_out,), "login",
            "Subnet subnet-private-a (us-east-1a) has no route to the internet: route table rtb-private has only the "
            "local route, and vpc-main has no ECR endpoints.",
            id="only the local route",
        ),
        pytest.param(
            (_peering,), "layers",
            "Subnet subnet-private-a (us-east-1a) has no route to the internet: route table rtb-private has no default "
            "route, and vpc-main has no ECR endpoints.",
            id="other routes",
        ),
        pytest.param(
            (no_way_out, unread_image("nginx:1.27")), "manifest",
            "Subnet subnet-private-a (us-east-1a) has no route to the internet: route table rtb-private has only the "
            "local route, and no VPC endpoint serves registry-1.docker.io.",
            id="a registry outside AWS",
        ),
        pytest.param(
            (no_way_out, unread_image("111122223333.dkr.ecr.eu-west-1.amazonaws.com/a:1")), "manifest",
            "Subnet subnet-private-a (us-east-1a) has no route to the internet: route table rtb-private has only the "
            "local route, and VPC endpoints do not serve eu-west-1.",
            id="another Region",
        ),
        pytest.param((_all_to_a_peer,), "login", "It is so.", id="a default route that is of no use"),
        pytest.param(
            (lambda world: vpc_of(world).update(route_tables={"kind": "unavailable"}),), "login", "It is so.",
            id="the routes are not known",
        ),
    ],
)  # fmt: skip
def test_no_way_out_is_said_once_for_all_legs(edits: tuple[Edit, ...], leg: LegName, expected: str) -> None:
    blocker = blocker_of(
        "route-no-egress", "subnet-private-a", "rtb-private", says="it is so.", route_table_id="rtb-private"
    )
    outcomes = judged(changed(fargate(), *edits), leg, "route-no-egress", {"blockers": (blocker,)})
    assert outcomes[0].summary == expected


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("private DNS is off on vpce-1.", "Private DNS is off on vpce-1."),
        ("sg-tasks lets nothing out.", "sg-tasks lets nothing out."),
        ("enableDnsSupport is off.", "enableDnsSupport is off."),
        ("subnet-private-a2 is not it.", "subnet-private-a2 is not it."),
        ("rtb-1 of subnet-private-a stops it.", "rtb-1 of subnet-private-a (us-east-1a) stops it."),
        ("subnet-private-a is in us-east-1a.", "subnet-private-a is in us-east-1a."),
    ],
)
def test_the_sentence_begins_well_and_names_the_zone(says: str, expected: str) -> None:
    blockers = (blocker_of("sg-egress-blocked", "sg-tasks", says=says),)
    assert judged(fargate(), "login", "sg-egress-blocked", {"blockers": blockers})[0].summary == expected


# --- evidence ------------------------------------------------------------------------------------------


def test_evidence_is_what_decides_with_the_call_that_read_it() -> None:
    blocker = blocker_of(
        "nacl-egress-blocked", "acl-main", says="acl-main denies it.", route_table_id="rtb-private"
    )
    other = blocker_of("sg-egress-blocked", "sg-other", says="sg-other denies too.")
    hops = (
        Hop(what="security group", resource="sg-tasks", says="sg-tasks lets it out"),
        Hop(what="route table", resource="rtb-private", says="0.0.0.0/0 → nat-main"),
        Hop(what="network ACL", resource="acl-main", says="acl-main lets something else in"),
        Hop(
            what="network ACL",
            resource="acl-main",
            says="acl-main denies it.",
            verdict="blocked",
            blocker=blocker,
        ),
        Hop(
            what="security group",
            resource="sg-other",
            says="sg-other denies too.",
            verdict="blocked",
            blocker=other,
        ),
    )
    (outcome,) = judged(fargate(), "login", "nacl-egress-blocked", {"blockers": (blocker,), "hops": hops})
    assert [(item.what, item.source) for item in outcome.evidence] == [
        ("route table rtb-private: 0.0.0.0/0 → nat-main", "ec2:DescribeRouteTables"),
        ("network ACL: acl-main denies it", "ec2:DescribeNetworkAcls"),
    ]


@pytest.mark.parametrize(
    ("fault", "resources", "source"),
    [
        ("route-blackhole", ("subnet-private-a", "rtb-private"), "ec2:DescribeRouteTables"),
        ("vpc-dns-off", ("vpc-main",), "ec2:DescribeVpcAttribute"),
        ("vpc-block-public-access", ("vpc-main",), "ec2:DescribeVpcBlockPublicAccessOptions"),
        ("endpoint-missing-ecr-api", ("vpc-main", "subnet-private-a"), "ec2:DescribeVpcEndpoints"),
        ("public-subnet-no-public-ip", ("subnet-private-a",), "ecs:DescribeServices"),
        ("sg-egress-blocked", ("sg-tasks",), "ec2:DescribeSecurityGroups"),
        ("endpoint-sg-ingress-blocked", ("sg-endpoints",), "ec2:DescribeSecurityGroups"),
        ("endpoint-not-available", ("vpce-ecr-api",), "ec2:DescribeVpcEndpoints"),
        ("image-region-unreachable", ("vpc-main",), "ec2:DescribeVpcEndpoints"),
    ],
)
def test_without_hops_the_blocker_itself_is_the_evidence(
    fault: str, resources: tuple[str, ...], source: str
) -> None:
    blocker = blocker_of(fault, *resources)
    (outcome,) = judged(fargate(), "login", fault, {"blockers": (blocker,)})
    assert [(item.what, item.source) for item in outcome.evidence] == [
        (blocker.says.removesuffix("."), source)
    ]


# --- what the error text adds --------------------------------------------------------------------------


def _told(server: str, options: str = "10.0.10.53") -> Snapshot:
    return changed(
        fargate(), dns_servers(options, dhcp_options="dopt-main"), stopped(LOOKUP.format(server=server))
    )


NOBODY_KNOWS = Gap(
    what="whether DNS server 10.0.10.53 answers",
    why="AWS's API does not show it",
    could_hide=(DnsServerUnusable,),
)


def test_a_dns_server_that_the_text_blames_and_the_facts_name_fails() -> None:
    (outcome,) = judged(_told("10.0.10.53"), "login", "dns-server-unusable", {"missing": (NOBODY_KNOWS,)})
    assert outcome.status is Status.FAIL
    assert outcome.resources == ("vpc-main", "dopt-main")
    assert "10.0.10.53" in outcome.summary
    assert outcome.evidence[-1].source == "error text"
    assert outcome.fix is not None
    assert "10.0.10.53" in outcome.fix.text


@pytest.mark.parametrize(
    ("snapshot", "leg"),
    [
        pytest.param(_told("10.0.99.99"), "login", id="another server was asked"),
        pytest.param(_told("10.0.0.2", "AmazonProvidedDNS"), "login", id="Amazon's own server"),
        pytest.param(_told("10.0.10.53"), "layers", id="another step"),
        pytest.param(
            changed(
                _told("10.0.10.53"), lambda world: vpc_of(world).update(dhcp_options={"kind": "unavailable"})
            ),
            "login",
            id="the DHCP options are not known",
        ),
    ],
)
def test_a_dns_server_is_not_blamed_by_the_text_alone(snapshot: Snapshot, leg: LegName) -> None:
    (outcome,) = judged(snapshot, leg, "dns-server-unusable", {"missing": (NOBODY_KNOWS,)})
    assert outcome.status is Status.UNKNOWN


def test_a_dns_server_is_not_blamed_where_it_is_not_known_whose_it_is() -> None:
    """The VPC's own range tells whether a server is Amazon's; unread, the text decides nothing."""
    (outcome,) = judged(_told("10.0.10.53"), "login", "dns-server-unusable", {"missing": (STANDING,)})
    assert outcome.status is Status.UNKNOWN


def test_a_firewall_that_the_text_points_at_carries_the_text() -> None:
    stop = stopped(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/payments-api:1.4.2: failed to do request: Head "
        '"https://111122223333.dkr.ecr.us-east-1.amazonaws.com/v2/payments-api/manifests/1.4.2": x509: certificate '
        "signed by unknown authority"
    )
    blocker = blocker_of("firewall-inspection", "rtb-private", "vpce-firewall")
    trace = {"partly": (blocker,), "considered": (FirewallOnRoute,), "via": "appliance"}
    (outcome,) = judged(changed(fargate(), stop), "manifest", "firewall-inspection", trace)
    assert outcome.status is Status.WARN
    assert outcome.evidence[-1].source == "error text"
    (outcome,) = judged(changed(fargate(), stop), "login", "firewall-inspection", trace)
    assert "error text" not in {item.source for item in outcome.evidence}


# --- why a fault plays no part -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "leg", "trace", "expected"),
    [
        (
            "nat-gateway-unusable", "login", {"via": "interface_endpoint", "endpoint_id": "vpce-1"},
            "the pull goes through endpoint vpce-1, not through a NAT gateway",
        ),
        (
            "endpoint-sg-ingress-blocked", "login", {"via": "nat_gateway"},
            "the pull goes through a NAT gateway, not through an interface endpoint",
        ),
        (
            "endpoint-missing-s3", "login", {"via": "nat_gateway"},
            "the request goes to api.ecr.us-east-1.amazonaws.com, which the s3 endpoint does not serve",
        ),
        (
            "endpoint-missing-ecr-api", "login", {"via": "nat_gateway"},
            "the pull has another way: it goes through a NAT gateway",
        ),
        ("image-region-unreachable", "login", {}, "api.ecr.us-east-1.amazonaws.com is in the task's own Region"),
        ("ipv6-mismatch", "login", {}, "the subnet is not IPv6-only"),
        (
            "nat-subnet-no-igw", "login", {"via": "none", "blockers": (blocker_of("route-no-egress", "rtb-private"),)},
            "the pull is stopped before that could matter: route-no-egress",
        ),
    ],
)  # fmt: skip
def test_the_reason_says_which_way_the_leg_goes(
    fault: str, leg: LegName, trace: dict[str, Any], expected: str
) -> None:
    (outcome,) = judged(fargate(), leg, fault, {"considered": (), **trace})
    assert outcome.reason == expected


def test_a_leg_over_aws_own_interface_is_outside_the_vpc() -> None:
    def old(world: dict[str, Any]) -> None:
        task_of(world)["platformVersion"] = "1.3.0"

    world = world_of(changed(fargate(), old))
    trace = world.trace(leg_of(world, "login"), world.interfaces()[0])
    for fault in NETWORK_FAULTS:
        (outcome,) = judged(changed(fargate(), old), "login", fault.id, {"hops": trace.hops, "via": "none"})
        assert outcome.status is Status.SKIPPED
        assert outcome.reason is not None
        assert "an interface that AWS owns" in outcome.reason


# --- the faults as data --------------------------------------------------------------------------------


def test_each_fault_explains_itself() -> None:
    assert len(BY_ID) == len(NETWORK_FAULTS)
    for fault in NETWORK_FAULTS:
        assert fault.kind in ("network", "dns")
        assert not fault.title.endswith(".")
        assert fault.why.endswith(".")
        assert fault.how.endswith(".")
        assert fault.source.startswith("https://docs.aws.amazon.com/")


def test_only_what_aws_api_cannot_prove_is_left_to_the_text() -> None:
    assert {fault.id for fault in NETWORK_FAULTS if fault.text_only} == {
        "firewall-inspection",
        "dns-server-unusable",
    }


def test_traces_are_made_once() -> None:
    world = world_of(fargate())
    leg, interface = leg_of(world, "login"), world.interfaces()[0]
    assert world.trace(leg, interface) is world.trace(leg, interface)
    assert trace_of(leg, interface).disposition == "reachable"
