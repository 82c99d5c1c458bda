"""Network ACLs that deny the request or its answers."""

from __future__ import annotations

from typing import Any

from diagnostics.finding import Status
from diagnostics.network.blockers import AclBlocksAnswers, AclBlocksRequest
from tests.build import Edit, acl_of, endpoints, fargate
from tests.build.network import all_of
from tests.build.tasks import unread_image
from tests.faults.network.tables import SAYS, Broken, Case


def acl(*entries: dict[str, Any]) -> Edit:
    """The VPC's one network ACL with these entries only."""
    return lambda world: acl_of(world).update(Entries=list(entries))


def entry(
    number: int, egress: bool, ports: tuple[int, int] | None = None, cidr: str = "0.0.0.0/0"
) -> dict[str, Any]:
    """An entry that allows."""
    more = {"PortRange": {"From": ports[0], "To": ports[1]}} if ports else {}
    return {
        "RuleNumber": number, "Protocol": "6" if ports else "-1", "RuleAction": "allow", "Egress": egress,
        "CidrBlock": cidr, **more,
    }  # fmt: skip


def _numbers_taken(world: dict[str, Any]) -> None:
    taken = [
        {
            "RuleNumber": number,
            "Protocol": "-1",
            "RuleAction": "allow",
            "Egress": False,
            "CidrBlock": "192.0.2.0/24",
        }
        for number in (87, 88)
    ]
    acl_of(world)["Entries"].extend(taken)


def deny(port: int) -> dict[str, Any]:
    """An entry that denies a port out, before those that allow."""
    return {**entry(90, True, (port, port)), "RuleAction": "deny"}


REGISTRY = "registry.corp.example:8443/team/api:1"

WORLDS = (
    Broken(
        "nacl-egress-blocked",
        "manifest",
        ("acl-main",),
        fargate,
        all_of(unread_image(REGISTRY), acl(deny(8443), entry(100, True), entry(100, False))),
        name="for a registry on 8443",
    ),
    Broken(
        "nacl-egress-blocked",
        "login",
        ("acl-main",),
        fargate,
        acl(entry(100, True, cidr="10.0.0.0/16"), entry(100, False)),
    ),
    Broken(
        "nacl-ephemeral-return-blocked",
        "login",
        ("acl-main",),
        fargate,
        acl(entry(100, True), entry(100, False, (443, 443))),
    ),
    Broken(
        "nacl-ephemeral-return-blocked",
        "login",
        ("acl-main",),
        fargate,
        acl(entry(100, True), entry(100, False, (40000, 65535)), entry(90, False, (443, 443), "10.0.0.0/16")),
        Status.WARN,
        name="partly",
    ),
)
REPAIRS = (
    Case(
        "nacl-egress-blocked",
        "out of the pulling subnet",
        AclBlocksRequest(
            resources=("acl-main",),
            says=SAYS,
            network_acl_id="acl-main",
            direction="egress",
            rule_number=32767,
            free_rule_number=110,
            peer_cidrs=("0.0.0.0/0",),
        ),
        via="nat_gateway",
        wants=("--egress --rule-number 110", "From=443,To=443"),
    ),
    Case(
        "nacl-egress-blocked",
        "out of the pulling subnet, to a registry on 8443",
        AclBlocksRequest(
            resources=("acl-main",),
            says=SAYS,
            network_acl_id="acl-main",
            direction="egress",
            rule_number=90,
            free_rule_number=89,
            port=8443,
            peer_cidrs=("0.0.0.0/0",),
        ),
        edits=(unread_image(REGISTRY),),
        leg="manifest",
        via="nat_gateway",
        wants=("--egress --rule-number 89", "From=8443,To=8443"),
        never=("From=443", "= 443"),
    ),
    Case(
        "nacl-egress-blocked",
        "out of the pulling subnet, to AWS and to a registry on 8443",
        AclBlocksRequest(
            resources=("acl-main",),
            says=SAYS,
            network_acl_id="acl-main",
            direction="egress",
            rule_number=32767,
            free_rule_number=110,
            port=8443,
            peer_cidrs=("0.0.0.0/0",),
        ),
        edits=(unread_image(REGISTRY), acl(entry(100, True, cidr="10.0.0.0/16"), entry(100, False))),
        leg="manifest",
        via="nat_gateway",
        wants=("--rule-number 110", "From=8443,To=8443", "--rule-number 111", "From=443,To=443"),
    ),
    Case(
        "nacl-egress-blocked",
        "into the endpoint's subnets",
        AclBlocksRequest(
            resources=("acl-main",),
            says=SAYS,
            network_acl_id="acl-main",
            direction="ingress",
            rule_number=90,
            free_rule_number=89,
            peer_cidrs=(
                "10.0.10.0/24",
                "10.0.11.0/24",
            ),
        ),
        world=endpoints,
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=("--ingress --rule-number 88", "--ingress --rule-number 89", "10.0.11.0/24"),
    ),
    Case(
        "nacl-egress-blocked",
        "into the endpoint's subnets, past numbers that are taken",
        AclBlocksRequest(
            resources=("acl-main",),
            says=SAYS,
            network_acl_id="acl-main",
            direction="ingress",
            rule_number=90,
            free_rule_number=89,
            peer_cidrs=(
                "10.0.10.0/24",
                "10.0.11.0/24",
            ),
        ),
        world=endpoints,
        edits=(_numbers_taken,),
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=("--ingress --rule-number 86", "--ingress --rule-number 89"),
    ),
    Case(
        "nacl-egress-blocked",
        "only one number is left",
        AclBlocksRequest(
            resources=("acl-main",),
            says=SAYS,
            network_acl_id="acl-main",
            direction="ingress",
            rule_number=2,
            free_rule_number=1,
            peer_cidrs=(
                "10.0.10.0/24",
                "10.0.11.0/24",
            ),
        ),
        world=endpoints,
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=("--rule-number 1 ", '--rule-number "$RULE_NUMBER"'),
    ),
    Case(
        "nacl-egress-blocked",
        "to endpoints and S3",
        AclBlocksRequest(
            resources=("acl-main",),
            says=SAYS,
            network_acl_id="acl-main",
            direction="egress",
            rule_number=32767,
            free_rule_number=110,
            peer_cidrs=("10.0.10.0/24",),
        ),
        world=endpoints,
        edits=(acl(entry(100, False), entry(100, True, (1024, 65535))),),
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=("--egress --rule-number 110", "0.0.0.0/0"),
    ),
    Case(
        "nacl-ephemeral-return-blocked",
        "answers from S3",
        AclBlocksAnswers(
            resources=("acl-main",),
            says=SAYS,
            network_acl_id="acl-main",
            direction="ingress",
            rule_number=32767,
            free_rule_number=110,
            peer_cidrs=(
                "52.216.0.0/15",
                "3.5.0.0/19",
                "54.231.0.0/16",
            ),
        ),
        leg="layers",
        via="nat_gateway",
        wants=("--ingress --rule-number 110", "From=1024,To=65535", "0.0.0.0/0"),
    ),
    Case(
        "nacl-ephemeral-return-blocked",
        "answers of an endpoint",
        AclBlocksAnswers(
            resources=("acl-ends",),
            says=SAYS,
            network_acl_id="acl-ends",
            direction="egress",
            rule_number=100,
            free_rule_number=99,
            peer_cidrs=("10.0.10.0/24",),
        ),
        world=endpoints,
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=("--egress --rule-number 99", "10.0.10.0/24"),
    ),
)
