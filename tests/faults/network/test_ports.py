"""Registries with a port of their own, beside images in ECR: whole verdicts, each with a healthy twin."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import engine
from diagnostics.faults.network import CHECKS
from diagnostics.finding import Status
from diagnostics.pull import describe
from diagnostics.report import build
from diagnostics.stop_reason import classify
from tests.build import Edit, changed, ec2, fargate, no_way_out, stopped, tcp
from tests.build import network as e
from tests.build.places import definition_of, task_of
from tests.build.tasks import unread_image
from tests.faults.network.tables import OPENS as WAYS
from tests.faults.network.verdicts import OPENS, Row, check, check_a_fact_less

IMAGE = "registry.corp.example:8443/team/api:1"
RESOLVE = (
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: failed to "
    'do request: Head "https://{host}/v2/team/api/manifests/1": {failure}'
)
DOCKER = 'CannotPullContainerError: Error response from daemon: Get "https://{host}/v2/": {failure}'
SILENT = (
    "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)"
)
PUBLIC, HERE, THERE = "44.213.79.104", "10.0.77.5", "10.99.1.5"


def timed_out(address: str, port: int = 8443, form: str = RESOLVE, image: str = IMAGE) -> Edit:
    """The registry did not answer at this address."""
    failure = f"dial tcp {address}:{port}: i/o timeout"
    return stopped(form.format(image=image, host=image.partition("/")[0], failure=failure))


SAYS_NO_ADDRESS = stopped(DOCKER.format(host="registry.corp.example:8443", failure=SILENT))


def own_registry(world: dict[str, Any]) -> None:
    """The one image is in a registry of one's own."""
    unread_image(IMAGE)(world)


def beside(image: str) -> Edit:
    """A second container, whose image is in a registry of one's own."""

    def edit(world: dict[str, Any]) -> None:
        task_of(world)["containers"].append({"name": "sidecar", "image": image})
        definition_of(world)["containerDefinitions"].append({"name": "sidecar", "image": image})

    return edit


def to(port: int, cidr: str = "0.0.0.0/0") -> dict[str, Any]:
    """A rule for one port."""
    return tcp(port, IpRanges=[{"CidrIp": cidr}])


ONLY_443 = e.egress(to(443))
BOTH = e.egress(to(443), to(8443))
NO_8443 = e.acl(e.entry(90, True, "deny", ports=(8443, 8443)), e.entry(100, True), e.entry(100, False))
NO_443 = e.acl(e.entry(90, True, "deny", ports=(443, 443)), e.entry(100, True), e.entry(100, False))
RULE = '"FromPort":8443,"ToPort":8443,"IpRanges":[{{"CidrIp":"{cidr}"}}]'
ANYWHERE = WAYS[-1]

ROWS = (
    Row("443 only, a public address", (own_registry, ONLY_443, timed_out(PUBLIC)), "cause_found", "sg-egress-blocked", says=("TCP 8443",), wants=(RULE.format(cidr="0.0.0.0/0"),), certainty="confirmed"),
    Row("443 only, an address of the VPC", (own_registry, ONLY_443, timed_out(HERE)), "cause_found", "sg-egress-blocked", says=("TCP 8443",), wants=(RULE.format(cidr="10.0.77.5/32"),), never=OPENS),
    Row("443 only, a private address elsewhere", (own_registry, ONLY_443, timed_out(THERE, form=DOCKER)), "cause_found", "sg-egress-blocked", wants=(RULE.format(cidr="10.99.1.5/32"),), never=OPENS),
    Row("443 only, no address", (own_registry, ONLY_443, SAYS_NO_ADDRESS), "cause_found", "sg-egress-blocked", says=("TCP 8443",), wants=("8443",), certainty="confirmed"),
    Row("443 only on EC2", (own_registry, e.egress(to(443), group="sg-hosts"), SAYS_NO_ADDRESS), "cause_found", "sg-egress-blocked", wants=("--group-id sg-hosts", "8443"), base=ec2),
    Row("443 only, and the task starts now", (own_registry, ONLY_443), "cause_found", "sg-egress-blocked", wants=("8443",)),
    Row("both ports, a public address", (own_registry, BOTH, timed_out(PUBLIC)), "undecided", not_blamed=("sg-egress-blocked",)),
    Row("both ports, an address of the VPC", (own_registry, BOTH, timed_out(HERE)), "undecided", not_blamed=("sg-egress-blocked",), never=OPENS),
    Row("both ports, and the task starts now", (own_registry, BOTH), "nothing_wrong"),
    Row("8443 inside only, no address", (own_registry, e.egress(to(443), to(8443, "10.0.0.0/8")), SAYS_NO_ADDRESS), "undecided", not_blamed=("sg-egress-blocked",), never=OPENS),
    Row("8443 inside only, an address of the VPC", (own_registry, e.egress(to(443), to(8443, "10.0.0.0/8")), timed_out(HERE)), "undecided", not_blamed=("sg-egress-blocked",), never=OPENS),
    Row("8443 inside only, a public address", (own_registry, e.egress(to(443), to(8443, "10.0.0.0/8")), timed_out(PUBLIC)), "cause_found", "sg-egress-blocked", wants=("8443",)),
    Row("an ACL that denies 8443", (own_registry, NO_8443, timed_out(PUBLIC)), "cause_found", "nacl-egress-blocked", wants=("From=8443,To=8443",), says=("TCP 8443",), certainty="confirmed"),
    Row("an ACL that denies 8443, no address", (own_registry, NO_8443, SAYS_NO_ADDRESS), "cause_found", "nacl-egress-blocked", wants=("From=8443,To=8443",), certainty="confirmed"),
    Row("an ACL that denies 443", (own_registry, NO_443, timed_out(PUBLIC)), "undecided"),
    Row("no way out, a public address", (own_registry, no_way_out, timed_out(PUBLIC)), "cause_found", "route-no-egress", certainty="confirmed"),
    Row("no way out, no address", (own_registry, no_way_out, SAYS_NO_ADDRESS), "cause_found", "route-no-egress", certainty="likely"),
    Row("no way out but a peered network, no address", (own_registry, no_way_out, e.route("10.99.0.0/16", VpcPeeringConnectionId="pcx-1"), SAYS_NO_ADDRESS), "undecided", never=OPENS, says=("pcx-1",)),
    Row("no way out but a hub, no address", (own_registry, no_way_out, e.route("10.0.0.0/8", TransitGatewayId="tgw-1"), SAYS_NO_ADDRESS), "undecided", never=OPENS, says=("tgw-1",)),
    Row("no way out, an address of the VPC", (own_registry, no_way_out, timed_out(HERE)), "undecided", says=(HERE,)),
    Row("a NAT gateway that is gone, no address", (own_registry, e.no_nat_gateway, SAYS_NO_ADDRESS), "cause_found", "route-blackhole", certainty="likely"),
    Row("a NAT gateway that is gone, a public address", (own_registry, e.no_nat_gateway, timed_out(PUBLIC)), "cause_found", "route-blackhole", certainty="confirmed"),
    Row("an address for a name, 443 only", (unread_image(f"{HERE}:8443/team/api:1"), ONLY_443, stopped(DOCKER.format(host=f"{HERE}:8443", failure=SILENT))), "cause_found", "sg-egress-blocked", wants=(RULE.format(cidr="10.0.77.5/32"),), never=OPENS),
    Row("an address for a name, both ports", (unread_image(f"{HERE}:8443/team/api:1"), BOTH, stopped(DOCKER.format(host=f"{HERE}:8443", failure=SILENT))), "undecided", never=OPENS, says=("the image reference names this address of vpc-main",)),
    Row("two images, 443 only", (beside(IMAGE), ONLY_443, timed_out(PUBLIC)), "cause_found", "sg-egress-blocked", wants=("8443",), certainty="confirmed"),
    Row("two images, both ports", (beside(IMAGE), BOTH, timed_out(PUBLIC)), "undecided", not_blamed=("sg-egress-blocked",)),
    Row("two images, nothing let out", (beside(IMAGE), e.egress(), timed_out(PUBLIC)), "cause_found", "sg-egress-blocked", wants=("8443", '"FromPort":443')),
)  # fmt: skip

each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


@each_row
def test_the_verdict(row: Row) -> None:
    check(row)


@each_row
def test_a_fact_less_names_no_other_cause(row: Row) -> None:
    check_a_fact_less(row)


def _blocked(*edits: Edit) -> set[tuple[str, str, str]]:
    world = engine.world_of(changed(fargate(), *edits))
    found = engine.run(world, CHECKS)
    return {
        (item.fault, item.leg or "", ",".join(item.containers))
        for item in found
        if item.status is Status.FAIL and item.used_path
    }


def test_of_two_images_only_the_one_with_the_port_is_stopped() -> None:
    assert _blocked(beside(IMAGE), ONLY_443) == {("sg-egress-blocked", "manifest", "sidecar")}
    assert _blocked(beside(IMAGE), BOTH) == set()
    assert _blocked(beside(IMAGE), e.egress(to(8443))) == {
        ("sg-egress-blocked", leg, "app") for leg in ("login", "manifest", "logs")
    } | {("sg-egress-blocked", "layers", "app")}


def test_two_registries_of_one_host_are_told_apart_by_the_port() -> None:
    """The text is about the one on 5000, which the group lets out; the other one is no cause of it."""
    both = (unread_image(IMAGE), beside("registry.corp.example:5000/tool:2"), e.egress(to(443), to(5000)))
    five = timed_out(PUBLIC, 5000, DOCKER, "registry.corp.example:5000/tool:2")
    assert [item.role for item in build(changed(fargate(), *both, five)).causes] == ["next"]
    assert [item.role for item in build(changed(fargate(), *both, timed_out(PUBLIC))).causes] == ["cause"]


def test_a_pass_names_the_port() -> None:
    found = engine.run(engine.world_of(changed(fargate(), own_registry, BOTH)), CHECKS)
    said = {item.summary for item in found if item.fault == "sg-egress-blocked" and item.leg == "manifest"}
    assert any(item.startswith("The pulling security group lets 8443 out (registry.corp") for item in said)
    said = {item.summary for item in found if item.fault == "sg-egress-blocked" and item.leg == "logs"}
    assert any(item.startswith("The pulling security group lets 443 out (logs.") for item in said)


def test_a_registry_on_the_machine_itself_is_no_leg() -> None:
    for image in ("localhost:5000/api:1", "127.0.0.1:5000/api:1", "[::1]:5000/api:1"):
        legs = describe(changed(ec2(), unread_image(image))).legs
        assert [leg.name for leg in legs if leg.name != "logs"] == []


@pytest.mark.parametrize(
    ("image", "port", "public"),
    [
        ("registry.corp.example:8443/team/api:1", 8443, False),
        ("registry.corp.example/team/api:1", 443, False),
        ("registry.corp.example:443/team/api:1", 443, False),
        ("10.0.0.5:5000/api", 5000, False),
        ("[fd00::1]:5000/api", 5000, False),
        ("nginx:1.27", 443, True),
        ("nginx:5000", 443, True),
        ("public.ecr.aws/nginx/nginx:1", 443, True),
        ("ghcr.io/team/api:1", 443, True),
        ("europe-docker.pkg.dev/team/api:1", 443, True),
        ("notghcr.io/team/api:1", 443, False),
    ],
)
def test_the_port_of_a_leg(image: str, port: int, public: bool) -> None:
    legs = describe(changed(fargate(), unread_image(image))).legs
    leg = next(item for item in legs if item.name == "manifest")
    assert (leg.port, leg.public) == (port, public)


def test_the_legs_to_aws_are_on_443() -> None:
    assert {(leg.port, leg.public) for leg in describe(fargate()).legs} == {(443, True)}


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("dial tcp 10.0.77.5:8443: i/o timeout", "10.0.77.5", 8443),
        ("dial tcp [fd00::1]:5000: connect: connection refused", "fd00::1", 5000),
        ("read tcp 10.0.1.2:51234->44.1.2.3:443: read: connection reset by peer", "44.1.2.3", 443),
        ("dial tcp: lookup registry.corp.example on 10.0.0.2:53: no such host", None, None),
    ],
)
def test_the_port_in_a_text(text: str, address: str | None, port: int | None) -> None:
    found = classify(f'CannotPullContainerError: Get "https://registry.corp.example/v2/": {text}')
    assert (found.address, found.port) == (address, port)
