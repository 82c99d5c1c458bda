"""Accounts whose fault, or oddity, is in the network."""

from __future__ import annotations

from moto.ec2.models import ec2_backends

from demo.aws import reasons
from demo.aws.network import ANYWHERE, acl_entry, tcp
from tests.accounts.land import PULL, TOKEN, Land, Ran, allow
from tests.accounts.model import Answer, Cases

cases = Cases()

API = "13.234.8.23"
DKR = "3.230.162.17"
HTTPS = (443, 443)


def _login(land: Land, ran: Ran, address: str = API) -> None:
    land.stop(ran, reasons.login_timeout(ran, address))


@cases.add("isolated by the main route table", region="eu-west-1", worlds="plain")
def main_table(land: Land) -> Answer:
    """The task's subnet is on no route table of its own: the main one, without a default route, counts."""
    network = land.behind_nat("shop")
    land.repository("shop/cart", "v7")
    network.add_subnet("lost", "10.90.40.0/24", "b")
    ran = land.fargate(network, land.image("shop/cart", "v7"), subnets=["lost"])
    main = land.ec2.describe_route_tables(
        Filters=[
            {"Name": "vpc-id", "Values": [network.vpc_id]},
            {"Name": "association.main", "Values": ["true"]},
        ]
    )["RouteTables"][0]["RouteTableId"]
    _login(land, ran)
    return Answer(ran, {"route-no-egress": [network.subnets["lost"], main]})


@cases.add("b only: the service's second subnet lost its route", region="ap-south-1")
def second_subnet(land: Land) -> Answer:
    network = land.behind_nat("mixed")
    network.add_route_table("cut")
    network.add_subnet("app-c", "10.90.50.0/24", "b", "cut")
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), subnets=["app-a", "app-c"], runs_in="app-c")
    _login(land, ran)
    return Answer(ran, {"route-no-egress": [network.subnets["app-c"], network.route_tables["cut"]]})


@cases.add("a broken subnet that this task did not use", region="ap-south-1")
def other_subnet(land: Land) -> Answer:
    """The task ran in app-a, where its tag is missing; app-c, of the same service, has no route."""
    network = land.behind_nat("mixed")
    network.add_route_table("cut")
    network.add_subnet("app-c", "10.90.50.0/24", "b", "cut")
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "2"), subnets=["app-a", "app-c"], runs_in="app-a")
    land.stop(ran, reasons.image_not_found(ran))
    return Answer(
        ran,
        {"tag-not-found": [land.repository_arn("api"), "2"]},
        also={"route-no-egress": [network.subnets["app-c"]]},
    )


@cases.add("two NAT gateways, the unused one deleted")
def unused_nat(land: Land) -> Answer:
    network = land.behind_nat()
    used = network.nat_gateway
    unused = network.add_nat_gateway("edge-b")
    land.ec2.delete_nat_gateway(NatGatewayId=unused)
    network.nat_gateway = used
    land.repository("api", "1")
    return Answer(land.fargate(network, land.image("api", "1"), subnets=["app-b"]))


@cases.add("zone b's own NAT gateway is deleted", region="eu-west-1", worlds="plain")
def deleted_nat(land: Land) -> Answer:
    network = land.behind_nat()
    network.add_route_table("app-b")
    network.add_subnet("far", "10.90.60.0/24", "b", "app-b")
    gone = network.add_nat_gateway("edge-b")
    network.route_default("app-b", NatGatewayId=gone)
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), subnets=["app-a", "far"], runs_in="far")
    land.ec2.delete_nat_gateway(NatGatewayId=gone)
    _login(land, ran)
    return Answer(ran, {"route-blackhole": [network.subnets["far"], network.route_tables["app-b"], gone]})


@cases.add("a healthy EC2 host with a public address", worlds="plain")
def ec2_public_ip(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    land.profile("node", allow(TOKEN, *PULL))
    host = land.host(network, "edge-a", profile="node", public=True)
    return Answer(land.on_host(land.image("api", "1"), host, "node", mode="host"))


@cases.add("an EC2 host in awsvpc mode: the task's subnet has no route, the host's has")
def ec2_task_subnet(land: Land) -> Answer:
    network = land.behind_nat()
    network.add_route_table("cut")
    network.add_subnet("cut", "10.90.50.0/24", "b", "cut")
    network.add_security_group("shut", egress=[])
    land.repository("api", "1")
    land.profile("node", allow(TOKEN, *PULL))
    host = land.host(network, "app-a", profile="node")
    ran = land.on_host(
        land.image("api", "9"), host, "node", mode="awsvpc", network=network, subnet="cut", groups=["shut"]
    )
    text = f"CannotPullContainerError: Error response from daemon: manifest for {ran.image} not found: manifest unknown: Requested image not found"
    land.stop(ran, text, whole="Task failed to start")
    return Answer(ran, {"tag-not-found": [land.repository_arn("api"), "9"]})


@cases.add("an EC2 host whose own group is shut", region="eu-west-1", worlds="plain")
def ec2_group(land: Land) -> Answer:
    network = land.behind_nat()
    shut = network.add_security_group("shut", egress=[tcp(80, cidr=ANYWHERE)])
    land.repository("api", "1")
    land.profile("node", allow(TOKEN, *PULL))
    host = land.host(network, "app-a", groups=["shut"], profile="node")
    ran = land.on_host(land.image("api", "1"), host, "node", mode="awsvpc", network=network, subnet="app-b")
    land.stop(ran, reasons.docker_timeout(ran), whole="Task failed to start")
    return Answer(ran, {"sg-egress-blocked": [shut]})


@cases.add("two groups that only together let everything out", worlds="plain")
def union(land: Land) -> Answer:
    network = land.sealed()
    ecr = network.add_security_group(
        "to-endpoints", egress=[tcp(443, group=network.security_groups["endpoints"])]
    )
    s3 = network.add_security_group("to-s3", egress=[tcp(443, prefix_list=network.s3_prefix_list())])
    assert ecr
    assert s3
    land.repository("api", "1")
    return Answer(land.fargate(network, land.image("api", "1"), groups=["to-endpoints", "to-s3"]))


@cases.add("a group that forgets the S3 prefix list", region="ap-southeast-2", worlds="plain")
def s3_forgotten(land: Land) -> Answer:
    network = land.sealed()
    group = network.add_security_group(
        "to-endpoints", egress=[tcp(443, group=network.security_groups["endpoints"])]
    )
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), groups=["to-endpoints"])
    land.stop(ran, reasons.layers_timeout(ran, reasons.S3_ADDRESS))
    return Answer(ran, {"sg-egress-s3-blocked": [group]})


@cases.add("an ACL whose deny comes before its allow", region="sa-east-1")
def acl_order(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    acl = network.add_network_acl(
        ["app-a"],
        [
            acl_entry(7, egress=True, ports=(1, 1023), action="deny"),
            acl_entry(9, egress=True),
            acl_entry(31000, egress=False),
        ],
    )
    _login(land, ran)
    return Answer(ran, {"nacl-egress-blocked": [acl]})


@cases.add("an ACL whose deny comes after its allow", region="sa-east-1")
def acl_order_ok(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    network.add_network_acl(
        ["app-a"],
        [
            acl_entry(5, egress=True, ports=HTTPS),
            acl_entry(7, egress=True, action="deny"),
            acl_entry(3, egress=False, ports=(1024, 65535)),
            acl_entry(4, egress=False, action="deny"),
        ],
    )
    return Answer(land.fargate(network, land.image("api", "1")))


@cases.add("an ACL of the NAT gateway's subnet that drops answers", region="us-east-2")
def acl_of_nat(land: Land) -> Answer:
    network = land.behind_nat()
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    acl = network.add_network_acl(
        ["edge-a"],
        [
            acl_entry(100, egress=True),
            acl_entry(100, egress=False, ports=HTTPS),
            acl_entry(110, egress=False, ports=(22, 22)),
        ],
    )
    _login(land, ran)
    return Answer(ran, {"nacl-ephemeral-return-blocked": [acl]})


@cases.add("endpoints in one zone only, the task in the other, healthy", worlds="plain")
def one_zone(land: Land) -> Answer:
    network = land.sealed(services=())
    for service in ("ecr.api", "ecr.dkr", "logs"):
        network.add_interface_endpoint(service, ["app-a"], "endpoints")
    land.repository("api", "1")
    return Answer(land.fargate(network, land.image("api", "1"), subnets=["app-b"]))


@cases.add("no endpoint for logs", region="ca-central-1", worlds="plain")
def no_logs(land: Land) -> Answer:
    network = land.sealed(services=("ecr.api", "ecr.dkr"))
    land.repository("api", "1")
    logs = {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/x", "awslogs-region": land.region, "awslogs-stream-prefix": "m"},
    }
    ran = land.fargate(network, [{"name": "main", "image": land.image("api", "1"), "logConfiguration": logs}])
    land.stop(
        ran,
        "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed",
        container=None,
    )
    return Answer(ran, {"endpoint-missing-logs": [network.vpc_id, network.subnets["app-a"]]})


@cases.add(
    "an endpoint without private DNS beside a NAT gateway, healthy", region="eu-west-3", worlds="plain"
)
def private_dns_nat(land: Land) -> Answer:
    network = land.behind_nat()
    network.add_security_group("endpoints", ingress=[])
    network.add_interface_endpoint("ecr.api", ["app-a"], "endpoints", private_dns=False)
    land.repository("api", "1")
    return Answer(land.fargate(network, land.image("api", "1")))


@cases.add(
    "an endpoint whose group admits the other service's group only", region="eu-west-2", worlds="plain"
)
def endpoint_group(land: Land) -> Answer:
    network = land.sealed(services=("ecr.api", "logs"))
    friends = network.add_security_group("friends")
    closed = network.add_security_group(
        "closed", ingress=[tcp(443, group=friends), tcp(443, cidr="10.91.0.0/16")]
    )
    network.add_interface_endpoint("ecr.dkr", ["app-a", "app-b"], "closed")
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(ran, reasons.manifest_timeout(ran, network.endpoint_address("ecr.dkr")))
    return Answer(ran, {"endpoint-sg-ingress-blocked": [closed]})


@cases.add("an endpoint that is not available yet")
def pending_endpoint(land: Land) -> Answer:
    network = land.sealed()
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    found = ec2_backends[land.account_id][land.region].vpc_end_points[network.endpoints["ecr.api"]]
    found.state = "pendingAcceptance"
    _login(land, ran)
    return Answer(ran, {"endpoint-not-available": [network.endpoints["ecr.api"]]})


@cases.add("a dead DNS server in the DHCP options", region="eu-west-1")
def dns_server(land: Land) -> Answer:
    network = land.behind_nat()
    options = land.ec2.create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["10.90.99.7"]}]
    )["DhcpOptions"]["DhcpOptionsId"]
    land.ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=network.vpc_id)
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(ran, reasons.login_name_unresolved(ran, "10.90.99.7"))
    return Answer(ran, {"dns-server-unusable": [options]})


@cases.add("routes to peers and gateways that lead nowhere relevant", region="eu-west-1")
def peers(land: Land) -> Answer:
    network = land.behind_nat()
    other = land.network("other", "10.91.0.0/16")
    peering = land.ec2.create_vpc_peering_connection(VpcId=network.vpc_id, PeerVpcId=other.vpc_id)[
        "VpcPeeringConnection"
    ]["VpcPeeringConnectionId"]
    land.ec2.create_route(
        RouteTableId=network.route_tables["app"],
        DestinationCidrBlock="10.91.0.0/16",
        VpcPeeringConnectionId=peering,
    )
    land.repository("api", "1")
    return Answer(land.fargate(network, land.image("api", "1")))


@cases.add("a secondary CIDR that the endpoint's group does not admit", region="eu-west-1", worlds="plain")
def secondary(land: Land) -> Answer:
    network = land.sealed()
    land.ec2.associate_vpc_cidr_block(VpcId=network.vpc_id, CidrBlock="100.64.0.0/16")
    network.add_subnet("pods", "100.64.1.0/24", "a", "app")
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), subnets=["pods"])
    _login(land, ran, network.endpoint_address("ecr.api", "app-a"))
    return Answer(ran, {"endpoint-sg-ingress-blocked": [network.security_groups["endpoints"]]})


@cases.add("a half default route through NAT, healthy", region="eu-west-1")
def halves(land: Land) -> Answer:
    network = land.behind_nat()
    network.add_route_table("halves")
    network.add_subnet("halves", "10.90.80.0/24", "a", "halves")
    for half in ("0.0.0.0/1", "128.0.0.0/1"):
        land.ec2.create_route(
            RouteTableId=network.route_tables["halves"],
            DestinationCidrBlock=half,
            NatGatewayId=network.nat_gateway,
        )
    land.repository("api", "1")
    return Answer(land.fargate(network, land.image("api", "1"), subnets=["halves"]))


@cases.add("US government Region, no route", region="us-gov-west-1")
def gov(land: Land) -> Answer:
    network = land.behind_nat()
    network.add_route_table("cut")
    network.add_subnet("cut", "10.90.50.0/24", "b", "cut")
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), subnets=["cut"])
    _login(land, ran)
    return Answer(ran, {"route-no-egress": [network.subnets["cut"], network.route_tables["cut"]]})


@cases.add("China, healthy with endpoints", region="cn-north-1", worlds="plain")
def china_ok(land: Land) -> Answer:
    network = land.sealed(services=(), s3=False)
    for service in ("ecr.api", "ecr.dkr"):
        land.ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=network.vpc_id,
            ServiceName=f"cn.com.amazonaws.{land.region}.{service}",
            SubnetIds=[network.subnets["app-a"]],
            SecurityGroupIds=[network.security_groups["endpoints"]],
            PrivateDnsEnabled=True,
        )
    network.add_s3_gateway_endpoint(["app"])
    land.repository("api", "1")
    return Answer(land.fargate(network, land.image("api", "1")))


@cases.add("FARGATE_SPOT by capacity provider, group shut", region="eu-west-1")
def spot(land: Land) -> Answer:
    network = land.behind_nat()
    shut = network.add_security_group("shut", egress=[tcp(5432, cidr=ANYWHERE)])
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), groups=["shut"], provider="FARGATE_SPOT")
    _login(land, ran)
    return Answer(ran, {"sg-egress-blocked": [shut]})


@cases.add("two ACL and group at once", region="eu-west-1", worlds="plain")
def double_sg_acl(land: Land) -> Answer:
    network = land.behind_nat()
    shut = network.add_security_group("shut", egress=[])
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), groups=["shut"])
    acl = network.add_network_acl(
        ["app-a"], [acl_entry(100, egress=True, ports=(80, 80)), acl_entry(100, egress=False)]
    )
    _login(land, ran)
    return Answer(ran, {"sg-egress-blocked": [shut], "nacl-egress-blocked": [acl]})


@cases.add("pending without a route", region="eu-west-1")
def pending(land: Land) -> Answer:
    network = land.behind_nat()
    network.add_route_table("cut")
    network.add_subnet("cut", "10.90.50.0/24", "b", "cut")
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), subnets=["cut"])
    return Answer(ran, {"route-no-egress": [network.subnets["cut"], network.route_tables["cut"]]})


@cases.add("a transit gateway as the only way out", region="eu-west-1")
def transit(land: Land) -> Answer:
    network = land.sealed(services=(), s3=False)
    gateway = land.ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    land.ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway, VpcId=network.vpc_id, SubnetIds=[network.subnets["app-a"]]
    )
    network.route_default("app", TransitGatewayId=gateway)
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    _login(land, ran)
    return Answer(ran, outcome="undecided")
