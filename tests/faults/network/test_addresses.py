"""The address in the error text chooses the way before the map does: whole verdicts, each beside a healthy twin."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from diagnostics.report import build
from diagnostics.snapshot import Snapshot
from tests.build import (
    Edit,
    add_endpoints,
    changed,
    endpoints,
    fargate,
    known_facts,
    no_way_out,
    stopped,
    unavailable,
    vpc_of,
)
from tests.build import network as e
from tests.build.facts import absent
from tests.faults.network.tables import OPENS as WAYS

TEXT = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable "
    "to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: "
    'Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp {address}:443: i/o timeout'
)
HUB = "10.99.1.5"
PUBLIC = "44.213.79.104"


def dialled(address: str) -> Edit:
    """The log-in timed out at this address."""
    return stopped(TEXT.format(address=address))


def deleted_group(world: dict[str, Any]) -> None:
    """The task's security group was deleted since."""
    vpc_of(world)["security_groups"]["sg-tasks"] = absent("ec2:DescribeSecurityGroups")


@dataclass(frozen=True)
class Row:
    """A world with its text, and what is said of it. `never`: what must not be offered in any form."""

    name: str
    edits: tuple[Edit, ...]
    outcome: str
    cause: str | None = None
    never: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    base: Any = fargate

    @property
    def snapshot(self) -> Snapshot:
        """The facts."""
        return changed(self.base(), *self.edits)


PEERED = e.all_of(no_way_out, e.route("10.99.0.0/16", VpcPeeringConnectionId="pcx-1"))
OPENS = WAYS[:-1]
"""A rule for every address opens no way by itself."""
NOT_OPENED = (*OPENS, "route-no-egress")

HALVES = e.all_of(
    e.default_route(),
    e.route("128.0.0.0/1", NatGatewayId="nat-main"),
    lambda world: e.routes_of(world, "rtb-private").append(
        {"DestinationCidrBlock": "0.0.0.0/1", "GatewayId": "vgw-gone", "State": "blackhole"}
    ),
)

ROWS = (
    Row("hub over peering", (PEERED, dialled(HUB)), "undecided", never=NOT_OPENED, says=(HUB, "pcx-1")),
    Row("hub over peering, a public address in the text", (PEERED, dialled(PUBLIC)), "cause_found", "route-no-egress", never=OPENS),
    Row("hub over a virtual private gateway", (no_way_out, e.route("10.99.0.0/16", GatewayId="vgw-1"), dialled(HUB)), "undecided", never=NOT_OPENED, says=("vgw-1",)),
    Row("hub over a transit gateway", (no_way_out, e.route("10.0.0.0/8", TransitGatewayId="tgw-1"), dialled(HUB)), "undecided", never=NOT_OPENED, says=("tgw-1",)),
    Row("hub over Cloud WAN", (no_way_out, e.route("10.0.0.0/8", CoreNetworkArn="arn:aws:networkmanager::111122223333:core-network/c-1"), dialled(HUB)), "undecided", never=NOT_OPENED, says=("core-network/c-1",)),
    Row("a private zone, and no route at all", (no_way_out, dialled(HUB)), "undecided", never=NOT_OPENED, says=("no route to it",)),
    Row("no route at all, a public address", (no_way_out, dialled(PUBLIC)), "cause_found", "route-no-egress"),
    Row("a private zone beside a NAT gateway that works", (dialled(HUB),), "undecided", never=OPENS, says=(HUB, "private hosted zone")),
    Row("a private zone beside a NAT gateway that is gone", (e.no_nat_gateway, dialled(HUB)), "undecided", never=("create-route",), says=(HUB,)),
    Row("a public address and a NAT gateway that is gone", (e.no_nat_gateway, dialled(PUBLIC)), "cause_found", "route-blackhole"),
    Row("an address of this VPC where no endpoint stands", (dialled("10.0.77.5"),), "undecided", never=OPENS, says=("10.0.77.5",)),
    Row("an address of the endpoint that the VPC has", (e.ingress(), dialled("10.0.10.10")), "cause_found", "endpoint-sg-ingress-blocked", never=OPENS, base=endpoints),
    Row("a hub, and a group that lets nothing out", (PEERED, e.egress(), dialled(HUB)), "cause_found", "sg-egress-blocked", never=NOT_OPENED),
    Row("a hub, and a group that lets the VPC only", (PEERED, e.egress(e.to_cidr("10.0.0.0/16")), dialled(HUB)), "cause_found", "sg-egress-blocked", never=NOT_OPENED, says=("10.99.1.5/32",)),
    Row("a hub, and a group that lets it", (PEERED, e.egress(e.to_cidr("10.99.0.0/16")), dialled(HUB)), "undecided", never=NOT_OPENED),
    Row("a hub, and an ACL that does not let it out", (PEERED, e.acl(e.entry(100, True, cidr="10.0.0.0/16"), e.entry(100, False)), dialled(HUB)), "cause_found", "nacl-egress-blocked", never=NOT_OPENED),
    Row("a hub whose peering connection is gone", (no_way_out, lambda w: e.routes_of(w, "rtb-private").append({"DestinationCidrBlock": "10.99.0.0/16", "VpcPeeringConnectionId": "pcx-1", "State": "blackhole"}), dialled(HUB)), "cause_found", "route-blackhole", never=NOT_OPENED),
    Row("the VPC's ranges could not be read", (no_way_out, e.unread("vpc", call="ec2:DescribeVpcs"), dialled(HUB)), "undecided", never=NOT_OPENED),
    Row("the task's group was deleted since", (deleted_group, dialled(PUBLIC)), "undecided", never=("sg-tasks --", "authorize-security-group-egress")),
    Row("the task's group was deleted since, before endpoints", (deleted_group,), "undecided", never=("authorize-security-group",), base=endpoints),
    Row("the task's group is there and closed", (e.egress(), dialled(PUBLIC)), "cause_found", "sg-egress-blocked"),
    Row("halves of the internet, the text's leads to nothing", (HALVES, dialled(PUBLIC)), "cause_found", "route-blackhole"),
    Row("halves of the internet, the text's is the other", (HALVES, dialled("150.1.2.3")), "undecided"),
    Row("halves of the internet to one NAT gateway", (e.default_route(), e.route("0.0.0.0/1", NatGatewayId="nat-main"), e.route("128.0.0.0/1", NatGatewayId="nat-main"), dialled(PUBLIC)), "nothing_wrong"),
    Row("isolated with an endpoint of its own", (no_way_out, lambda w: add_endpoints(w, "logs"), dialled(PUBLIC)), "cause_found", "route-no-egress", never=OPENS),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_verdict(row: Row) -> None:
    report = build(row.snapshot)
    found = [item.id for item in report.causes if item.role == "cause"]
    assert report.verdict.outcome == row.outcome, (found, report.verdict.headline)
    assert found == ([row.cause] if row.cause else [])
    offered = "".join(
        item.model_dump_json(exclude={"evidence", "summary", "why_ranked"}) for item in report.causes
    )
    for words in row.never:
        assert words not in _commands(report) if words in OPENS else words not in offered, words
    said = report.model_dump_json()
    for words in row.says:
        assert words in said


def _commands(report: Any) -> str:
    fixes = [item.fix for item in report.causes if item.fix is not None]
    return "\n".join(
        text or "" for fix in fixes for text in (fix.cli, fix.terraform, fix.cloudformation, fix.undo)
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_fact_less_names_no_other_cause(row: Row) -> None:
    """Without any one fact of the VPC the verdict names the same cause or none."""
    whole = row.snapshot.model_dump(mode="json", by_alias=True)
    before = {(item.id, item.resources) for item in build(row.snapshot).causes if item.role == "cause"}
    for path in known_facts(whole["vpcs"]):
        less = json.loads(json.dumps(whole))
        place = less["vpcs"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = unavailable("denied", "ec2:Describe")
        report = build(Snapshot.model_validate(less))
        assert {(item.id, item.resources) for item in report.causes if item.role == "cause"} <= before, path
        assert report.verdict.outcome in (row.outcome, "undecided"), path
