"""Security groups that do not let 443 through."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import EndpointGroupBlocksIn, GroupBlocksOut, GroupBlocksS3
from tests.build import S3_LIST, Edit, endpoints, fargate, group_of, tcp
from tests.build.network import all_of
from tests.build.tasks import unread_image
from tests.faults.network.tables import SAYS, Broken, Case


def group_egress(*rules: dict[str, Any]) -> Edit:
    """The task's security group with these outbound rules only."""
    return lambda world: group_of(world, "sg-tasks").update(IpPermissionsEgress=list(rules))


REGISTRY = "registry.corp.example:8443/team/api:1"
HTTPS_OUT = tcp(443, IpRanges=[{"CidrIp": "0.0.0.0/0"}])
TO_ENDPOINTS = tcp(443, UserIdGroupPairs=[{"GroupId": "sg-endpoints"}])


WORLDS = (
    Broken("sg-egress-blocked", "login", ("sg-tasks",), fargate, group_egress()),
    Broken(
        "sg-egress-blocked",
        "manifest",
        ("sg-tasks",),
        fargate,
        all_of(unread_image(REGISTRY), group_egress(HTTPS_OUT)),
        name="for a registry on 8443",
    ),
    Broken("sg-egress-s3-blocked", "layers", ("sg-tasks",), endpoints, group_egress(TO_ENDPOINTS)),
    Broken(
        "endpoint-sg-ingress-blocked",
        "login",
        ("sg-endpoints",),
        endpoints,
        lambda world: group_of(world, "sg-endpoints").update(IpPermissions=[]),
    ),
)
REPAIRS = (
    Case(
        "sg-egress-blocked",
        "to an endpoint",
        GroupBlocksOut(
            resources=("sg-tasks",), says=SAYS, group_id="sg-tasks", endpoint_group_ids=("sg-endpoints",)
        ),
        world=endpoints,
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=('"UserIdGroupPairs":[{"GroupId":"sg-endpoints"}]',),
    ),
    Case(
        "sg-egress-blocked",
        "nothing at all is let out: to all that the pull needs",
        GroupBlocksOut(
            resources=("sg-tasks",), says=SAYS, group_id="sg-tasks", endpoint_group_ids=("sg-endpoints",)
        ),
        world=endpoints,
        edits=(group_egress(),),
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=(
            '"UserIdGroupPairs":[{"GroupId":"sg-endpoints"}]',
            f'"PrefixListIds":[{{"PrefixListId":"{S3_LIST}"}}]',
        ),
    ),
    Case(
        "sg-egress-blocked",
        "nothing at all is let out, and the internet is the way",
        GroupBlocksOut(resources=("sg-tasks",), says=SAYS, group_id="sg-tasks", peer_cidrs=("0.0.0.0/0",)),
        edits=(group_egress(),),
        via="nat_gateway",
        wants=(
            """'[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]'""",
        ),
    ),
    Case(
        "sg-egress-blocked",
        "to the internet",
        GroupBlocksOut(resources=("sg-tasks",), says=SAYS, group_id="sg-tasks", peer_cidrs=("0.0.0.0/0",)),
        via="nat_gateway",
        wants=('"IpRanges":[{"CidrIp":"0.0.0.0/0"}]',),
    ),
    Case(
        "sg-egress-blocked",
        "to S3 through a NAT gateway",
        GroupBlocksOut(resources=("sg-tasks",), says=SAYS, group_id="sg-tasks", peer_cidrs=("0.0.0.0/0",)),
        leg="layers",
        via="nat_gateway",
        wants=(f'"PrefixListIds":[{{"PrefixListId":"{S3_LIST}"}}]',),
    ),
    Case(
        "sg-egress-blocked",
        "to IPv6 addresses",
        GroupBlocksOut(resources=("sg-tasks",), says=SAYS, group_id="sg-tasks", peer_cidrs=("::/0",)),
        via="egress_only_internet_gateway",
        wants=('"Ipv6Ranges":[{"CidrIpv6":"::/0"}]',),
    ),
    Case(
        "sg-egress-blocked",
        "to a registry on 8443",
        GroupBlocksOut(
            resources=("sg-tasks",), says=SAYS, group_id="sg-tasks", port=8443, peer_cidrs=("10.0.77.5/32",)
        ),
        edits=(unread_image(REGISTRY), group_egress(HTTPS_OUT)),
        leg="manifest",
        via="local",
        wants=('"FromPort":8443,"ToPort":8443,"IpRanges":[{"CidrIp":"10.0.77.5/32"}]',),
        never=('"FromPort":443', "0.0.0.0/0"),
    ),
    Case(
        "sg-egress-blocked",
        "nothing at all is let out: 443 to AWS, and 8443 to the registry",
        GroupBlocksOut(
            resources=("sg-tasks",), says=SAYS, group_id="sg-tasks", port=8443, peer_cidrs=("0.0.0.0/0",)
        ),
        edits=(unread_image(REGISTRY), group_egress()),
        leg="manifest",
        via="nat_gateway",
        wants=(
            '{"IpProtocol":"tcp","FromPort":8443,"ToPort":8443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}',
            '{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}',
        ),
    ),
    Case(
        "sg-egress-s3-blocked",
        "to the gateway endpoint",
        GroupBlocksS3(resources=("sg-tasks",), says=SAYS, group_id="sg-tasks", prefix_list_id=S3_LIST),
        world=endpoints,
        leg="layers",
        via="gateway_endpoint",
        endpoint_id="vpce-s3",
        wants=("authorize-security-group-egress --group-id sg-tasks", f'"PrefixListId":"{S3_LIST}"'),
    ),
    Case(
        "endpoint-sg-ingress-blocked",
        "the group that pulls is known",
        EndpointGroupBlocksIn(
            resources=("sg-endpoints",), says=SAYS, group_id="sg-endpoints", endpoint_id="vpce-ecr-api"
        ),
        world=endpoints,
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=(
            "authorize-security-group-ingress --group-id sg-endpoints",
            '"UserIdGroupPairs":[{"GroupId":"sg-tasks"}]',
        ),
    ),
)
