"""Small VPCs with one network fault each, in AWS's own shapes, for the check together with the real tracer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from diagnostics.finding import Status
from diagnostics.pull import LegName
from diagnostics.snapshot import Snapshot
from tests.builders import (
    VPC,
    Edit,
    acl_of,
    changed,
    definition_of,
    endpoint_of,
    endpoints,
    fargate,
    group_of,
    items_of,
    known,
    no_way_out,
    public,
    routes_of,
    task_of,
    tcp,
    vpc_of,
)

A = "subnet-private-a"
TABLE = "rtb-private"
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:token-AbCdEf"


@dataclass(frozen=True)
class Broken:
    """One fault, on the first subnet of a world that is healthy otherwise."""

    fault: str
    leg: LegName
    resources: tuple[str, ...]
    world: Callable[[], Snapshot]
    edit: Edit
    status: Status = Status.FAIL
    name: str = ""

    @property
    def snapshot(self) -> Snapshot:
        """The facts."""
        return changed(self.world(), self.edit)

    @property
    def id(self) -> str:
        """What a test is called by."""
        return f"{self.fault} {self.name}".strip()


def default_route(**target: Any) -> Edit:
    """The private table's default route with other values; `None` takes one away."""

    def edit(world: dict[str, Any]) -> None:
        for route in routes_of(world, TABLE):
            if route.get("DestinationCidrBlock") == "0.0.0.0/0":
                route.update(target)

    return edit


def nat(**values: Any) -> Edit:
    """The NAT gateway with other values."""
    return lambda world: items_of(world, "nat_gateways")[0].update(values)


def group_egress(*rules: dict[str, Any]) -> Edit:
    """The task's security group with these outbound rules only."""
    return lambda world: group_of(world, "sg-tasks").update(IpPermissionsEgress=list(rules))


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


def without(service: str) -> Edit:
    """No endpoint of a service, nor the route that comes with S3's."""

    def edit(world: dict[str, Any]) -> None:
        every = items_of(world, "vpc_endpoints")
        every[:] = [item for item in every if not item["ServiceName"].endswith(f".{service}")]
        if service == "s3":
            _drop_s3_route(world)

    return edit


def _drop_s3_route(world: dict[str, Any]) -> None:
    routes = routes_of(world, TABLE)
    routes[:] = [route for route in routes if not route.get("DestinationPrefixListId")]


def _s3_on_another_table(world: dict[str, Any]) -> None:
    endpoint_of(world, "s3")["RouteTableIds"] = ["rtb-main"]
    _drop_s3_route(world)


def endpoint(service: str, **values: Any) -> Edit:
    """An endpoint with other values."""
    return lambda world: endpoint_of(world, service).update(values)


def off(attribute: str) -> Edit:
    """A DNS attribute of the VPC turned off."""
    return lambda world: vpc_of(world).update({attribute: known(False)})


def secret(value_from: str) -> Edit:
    """A container that reads a secret or parameter."""

    def edit(world: dict[str, Any]) -> None:
        definition_of(world)["containerDefinitions"][0]["secrets"] = [
            {"name": "TOKEN", "valueFrom": value_from}
        ]

    return edit


def dns_server(address: str) -> Edit:
    """DHCP options that name a DNS server of the VPC's own."""

    def edit(world: dict[str, Any]) -> None:
        options = vpc_of(world)["dhcp_options"]["value"]
        options["DhcpConfigurations"][0]["Values"] = [{"Value": address}]

    return edit


def image(reference: str) -> Edit:
    """Another image, of which ECR was not asked."""

    def edit(world: dict[str, Any]) -> None:
        task_of(world)["containers"][0]["image"] = reference
        definition_of(world)["containerDefinitions"][0]["image"] = reference
        world["images"] = []

    return edit


def block_public_access(mode: str) -> Edit:
    """VPC Block Public Access in a mode."""
    options = {"InternetGatewayBlockMode": mode, "State": "update-complete"}
    return lambda world: vpc_of(world).update(block_public_access=known(options))


def detached(world: dict[str, Any]) -> None:
    """The internet gateway is not attached to the VPC."""
    items_of(world, "internet_gateways")[0]["Attachments"] = []


def no_public_address(world: dict[str, Any]) -> None:
    """The service does not assign public addresses."""
    for holder in (world["service"]["value"], world["service"]["value"]["deployments"][0]):
        holder["networkConfiguration"]["awsvpcConfiguration"].update(assignPublicIp="DISABLED")


def appliance(world: dict[str, Any]) -> None:
    """The default route leads to a firewall endpoint."""
    default_route(NatGatewayId=None, GatewayId="vpce-firewall")(world)
    items_of(world, "vpc_endpoints").append(
        {
            "VpcEndpointId": "vpce-firewall", "VpcEndpointType": "GatewayLoadBalancer", "VpcId": VPC,
            "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1", "State": "available",
        }
    )  # fmt: skip


def nat_instance(world: dict[str, Any]) -> None:
    """The default route leads to an instance, which is stopped."""
    default_route(NatGatewayId=None, InstanceId="i-nat", NetworkInterfaceId="eni-nat")(world)
    vpc_of(world)["instances"] = {
        "i-nat": known(
            {
                "InstanceId": "i-nat", "State": {"Name": "stopped"}, "SourceDestCheck": True, "VpcId": VPC,
                "SubnetId": "subnet-public-a", "PublicIpAddress": "198.51.100.9",
            }
        )
    }  # fmt: skip


def ipv6_only(world: dict[str, Any]) -> None:
    """The first private subnet has no IPv4 at all, and the task's address is one of IPv6."""
    block = {"Ipv6CidrBlock": "2600:1f18::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    values = {"Ipv6Native": True, "CidrBlock": None, "Ipv6CidrBlockAssociationSet": [block]}
    for item in items_of(world, "subnets"):
        if item["SubnetId"] == A:
            item.update(values)
    world["subnets"][A]["value"].update(values)
    vpc_of(world)["vpc"]["value"]["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2600:1f18::/56", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    details = task_of(world)["attachments"][0]["details"]
    details[:] = [item for item in details if item["name"] != "privateIPv4Address"]


def stopped(reason: str) -> Edit:
    """The task stopped with this text."""
    values = {"lastStatus": "STOPPED", "stopCode": "TaskFailedToStart", "stoppedReason": reason}
    return lambda world: task_of(world).update(values)


LOOKUP = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
    "unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed "
    'caused by: Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp: lookup api.ecr.us-east-1.amazonaws.com on '
    "{server}:53: read udp 10.0.10.20:43210->{server}:53: i/o timeout"
)
"""What a DNS server that does not answer looks like."""


def _told(server: str) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        dns_server(server)(world)
        stopped(LOOKUP.format(server=server))(world)

    return edit


TO_ENDPOINTS = tcp(443, UserIdGroupPairs=[{"GroupId": "sg-endpoints"}])
BROKEN: tuple[Broken, ...] = (
    Broken("route-no-egress", "login", (A, TABLE), fargate, no_way_out),
    Broken("route-no-egress", "manifest", (A, TABLE), endpoints, image("nginx:1.27"), name="for Docker Hub"),
    Broken(
        "route-blackhole", "login", (A, TABLE, "nat-gone"), fargate,
        default_route(NatGatewayId="nat-gone", State="blackhole"),
    ),
    Broken("route-blackhole", "login", ("subnet-public-a", "rtb-public"), public, detached, name="detached"),
    Broken("nat-gateway-unusable", "login", (A, TABLE, "nat-main"), fargate, nat(State="failed")),
    Broken(
        "nat-gateway-unusable", "layers", (A, TABLE, "nat-main"), fargate, nat(ConnectivityType="private"),
        name="private",
    ),
    Broken("nat-instance-unusable", "login", (A, TABLE, "i-nat"), fargate, nat_instance),
    Broken(
        "nat-subnet-no-igw", "login", ("nat-main", "subnet-private-b", TABLE), fargate,
        nat(SubnetId="subnet-private-b"),
    ),
    Broken("public-subnet-no-public-ip", "login", ("subnet-public-a",), public, no_public_address),
    Broken("vpc-block-public-access", "login", (VPC,), fargate, block_public_access("block-bidirectional")),
    Broken("firewall-inspection", "login", (A, TABLE, "vpce-firewall"), fargate, appliance, Status.WARN),
    Broken("sg-egress-blocked", "login", ("sg-tasks",), fargate, group_egress()),
    Broken("sg-egress-s3-blocked", "layers", ("sg-tasks",), endpoints, group_egress(TO_ENDPOINTS)),
    Broken(
        "nacl-egress-blocked", "login", ("acl-main",), fargate, acl(entry(100, True, cidr="10.0.0.0/16"), entry(100, False))
    ),
    Broken(
        "nacl-ephemeral-return-blocked", "login", ("acl-main",), fargate, acl(entry(100, True), entry(100, False, (443, 443)))
    ),
    Broken(
        "nacl-ephemeral-return-blocked", "login", ("acl-main",), fargate,
        acl(entry(100, True), entry(100, False, (40000, 65535)), entry(90, False, (443, 443), "10.0.0.0/16")),
        Status.WARN, name="partly",
    ),
    Broken(
        "endpoint-sg-ingress-blocked", "login", ("sg-endpoints",), endpoints,
        lambda world: group_of(world, "sg-endpoints").update(IpPermissions=[]),
    ),
    Broken("endpoint-missing-ecr-api", "login", (VPC, A), endpoints, without("ecr.api")),
    Broken("endpoint-missing-ecr-dkr", "manifest", (VPC, A), endpoints, without("ecr.dkr")),
    Broken("endpoint-missing-s3", "layers", (VPC, A), endpoints, without("s3")),
    Broken("endpoint-missing-secretsmanager", "secretsmanager", (VPC, A), endpoints, secret(SECRET)),
    Broken("endpoint-missing-ssm", "ssm", (VPC, A), endpoints, secret("/payments/token")),
    Broken("endpoint-missing-logs", "logs", (VPC, A), endpoints, without("logs")),
    Broken("endpoint-s3-not-on-route-table", "layers", ("vpce-s3", TABLE), endpoints, _s3_on_another_table),
    Broken(
        "endpoint-private-dns-off", "manifest", ("vpce-ecr-dkr",), endpoints,
        endpoint("ecr.dkr", PrivateDnsEnabled=False),
    ),
    Broken("endpoint-not-available", "login", ("vpce-ecr-api",), endpoints, endpoint("ecr.api", State="pending")),
    Broken("vpc-dns-off", "login", (VPC,), fargate, off("enable_dns_support")),
    Broken("vpc-dns-off", "login", (VPC,), endpoints, off("enable_dns_hostnames"), name="host names"),
    Broken("dns-server-unusable", "login", (VPC, "dopt-main"), fargate, dns_server("10.9.0.53")),
    Broken(
        "dns-server-unusable", "login", (VPC, "dopt-main"), fargate, _told("10.0.10.53"), name="by the text"
    ),
    Broken(
        "dns-server-unusable", "login", (VPC, "dopt-main"), fargate, _told("10.9.0.53"), name="by both"
    ),
    Broken(
        "image-region-unreachable", "login", (VPC,), endpoints,
        image("111122223333.dkr.ecr.eu-west-1.amazonaws.com/payments-api:1.4.2"),
    ),
    Broken("ipv6-mismatch", "manifest", (A,), fargate, ipv6_only),
)  # fmt: skip
