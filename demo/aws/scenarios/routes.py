"""Faults on the way to the internet: routes, NAT gateways, internet gateways, public addresses, DNS."""

from __future__ import annotations

from moto.ec2.models import ec2_backends

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.network import ANYWHERE, PULL_ENDPOINTS, Network
from demo.aws.payments import build_account
from demo.aws.scenarios.model import Broken, Catalogue
from demo.aws.tasks import TaskHandle

catalogue = Catalogue(build_account)

CIDR = "10.20.0.0/16"


def _stop_at_login(task: TaskHandle) -> None:
    task.stop(reasons.login_timeout(task, reasons.ECR_API_ADDRESS))


def _replace_nat(account: Account, network: Network) -> None:
    """Put a working NAT gateway in place of the one that the private route table names."""
    account.ec2.replace_route(
        RouteTableId=network.route_tables["private"],
        DestinationCidrBlock=ANYWHERE,
        NatGatewayId=network.add_nat_gateway("public-a"),
    )


@catalogue.add("route-no-egress", "A private route table without a default route")
def route_no_egress(account: Account) -> Broken:
    """The VPC has a NAT gateway, but the private route table lost its default route, and there are no
    endpoints.
    """
    network = account.add_network("no-egress", CIDR)
    task = account.fargate_task("no-egress", network=network)
    table = network.route_tables["private"]
    account.ec2.delete_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE)
    # The wording before June 2024; the other scenarios have the newer one.
    task.stop(reasons.login_timeout_of_2023(task, reasons.ECR_API_ADDRESS))
    return Broken(
        task,
        {"subnet private-a": network.subnets["private-a"], "table": table},
        lambda: network.route_default("private", NatGatewayId=network.nat_gateway),
    )


@catalogue.add("route-blackhole", "A default route to a deleted NAT gateway")
def route_blackhole(account: Account) -> Broken:
    """The NAT gateway was deleted; the route to it stayed and is a blackhole."""
    network = account.add_network("blackhole", CIDR)
    task = account.fargate_task("blackhole", network=network)
    account.ec2.delete_nat_gateway(NatGatewayId=network.nat_gateway)
    _stop_at_login(task)
    return Broken(
        task,
        {
            "subnet private-a": network.subnets["private-a"],
            "route table private": network.route_tables["private"],
            "nat gateway": network.nat_gateway,
        },
        lambda: _replace_nat(account, network),
    )


@catalogue.add("route-blackhole-internet-gateway", "A default route to a detached internet gateway")
def route_blackhole_internet_gateway(account: Account) -> Broken:
    """A task with a public address, in a public subnet whose internet gateway was detached from the VPC."""
    network = account.add_network("detached", CIDR, nat=False)
    task = account.fargate_task("detached", network=network, subnets=["public-a"], assign_public_ip=True)
    gateway = network.internet_gateway
    account.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc_id)
    _stop_at_login(task)
    return Broken(
        task,
        {
            "subnet public-a": network.subnets["public-a"],
            "route table public": network.route_tables["public"],
        },
        lambda: account.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network.vpc_id),
    )


@catalogue.add("nat-gateway-private", "A default route to a private NAT gateway")
def nat_gateway_private(account: Account) -> Broken:
    """The NAT gateway that the route names was made with connectivity type private: it has no way to the
    internet.
    """
    network = account.add_network("private-nat", CIDR, nat=False)
    gateway = network.add_nat_gateway("public-b", connectivity="private")
    network.route_default("private", NatGatewayId=gateway)
    task = account.fargate_task("private-nat", network=network)
    _stop_at_login(task)
    return Broken(
        task,
        {
            "subnet private-a": network.subnets["private-a"],
            "route table private": network.route_tables["private"],
            "gateway": gateway,
        },
        lambda: _replace_nat(account, network),
    )


@catalogue.add("nat-gateway-failed", "A default route to a NAT gateway that failed")
def nat_gateway_failed(account: Account) -> Broken:
    """The NAT gateway could not be created and stays in the state failed for a while."""
    network = account.add_network("failed-nat", CIDR)
    task = account.fargate_task("failed-nat", network=network)
    gateway = network.nat_gateway
    # No call makes a NAT gateway fail; AWS does, for example when the subnet has no free address.
    ec2_backends[account.account_id][account.region].nat_gateways[gateway].state = "failed"
    _stop_at_login(task)
    return Broken(
        task,
        {
            "subnet private-a": network.subnets["private-a"],
            "route table private": network.route_tables["private"],
            "gateway": gateway,
        },
        lambda: _replace_nat(account, network),
    )


@catalogue.add("nat-subnet-no-igw", "A NAT gateway in a subnet without a way to the internet")
def nat_subnet_no_igw(account: Account) -> Broken:
    """The NAT gateway stands in a subnet whose own route table has no route to the internet gateway."""
    network = account.add_network("nat-inside", CIDR, nat=False)
    table = network.add_route_table("egress")
    subnet = network.add_subnet("egress", "10.20.20.0/24", "a", "egress")
    gateway = network.add_nat_gateway("egress")
    network.route_default("private", NatGatewayId=gateway)
    task = account.fargate_task("nat-inside", network=network)
    _stop_at_login(task)
    return Broken(
        task,
        {"gateway": gateway, "subnet": subnet, "table": table},
        lambda: network.route_default("egress", GatewayId=network.internet_gateway),
    )


@catalogue.add("public-subnet-no-public-ip", "A task in a public subnet without a public address")
def public_subnet_no_public_ip(account: Account) -> Broken:
    """The service runs in a public subnet with assignPublicIp disabled."""
    network = account.add_network("no-address", CIDR, nat=False)
    task = account.fargate_task("no-address", network=network, subnets=["public-a"])
    _stop_at_login(task)

    def assign() -> None:
        configuration = {
            "subnets": [network.subnets["public-a"]],
            "securityGroups": [network.security_groups["tasks"]],
            "assignPublicIp": "ENABLED",
        }
        account.ecs.update_service(
            cluster=task.cluster,
            service=task.service,
            networkConfiguration={"awsvpcConfiguration": configuration},
        )

    return Broken(task, {"subnet public-a": network.subnets["public-a"]}, assign)


@catalogue.add("vpc-dns-off", "A VPC without DNS resolution")
def vpc_dns_off(account: Account) -> Broken:
    """enableDnsSupport is off, so Amazon's DNS server in the VPC does not answer."""
    network = account.add_network("no-dns", CIDR)
    task = account.fargate_task("no-dns", network=network)
    account.ec2.modify_vpc_attribute(VpcId=network.vpc_id, EnableDnsSupport={"Value": False})
    task.stop(reasons.login_name_unresolved(task, network.resolver_address()))
    return Broken(
        task,
        {"vpc": network.vpc_id},
        lambda: account.ec2.modify_vpc_attribute(VpcId=network.vpc_id, EnableDnsSupport={"Value": True}),
    )


@catalogue.add("vpc-dns-hostnames-off", "Endpoints with private DNS in a VPC without DNS host names")
def vpc_dns_hostnames_off(account: Account) -> Broken:
    """A VPC with endpoints only, where enableDnsHostnames is off: private DNS of the endpoints needs both
    attributes.
    """
    network = account.add_network(
        "no-names", CIDR, internet=False, endpoints=PULL_ENDPOINTS, s3_endpoint=True
    )
    task = account.fargate_task("no-names", network=network)
    account.ec2.modify_vpc_attribute(VpcId=network.vpc_id, EnableDnsHostnames={"Value": False})
    _stop_at_login(task)
    return Broken(
        task,
        {"vpc": network.vpc_id},
        lambda: account.ec2.modify_vpc_attribute(VpcId=network.vpc_id, EnableDnsHostnames={"Value": True}),
    )


@catalogue.add("dns-server-unusable", "DHCP options that name a DNS server which does not answer")
def dns_server_unusable(account: Account) -> Broken:
    """The VPC's DHCP options name a DNS server in an address range that no subnet of the VPC has."""
    network = account.add_network("own-dns", CIDR)
    before = account.ec2.describe_vpcs(VpcIds=[network.vpc_id])["Vpcs"][0]["DhcpOptionsId"]
    task = account.fargate_task("own-dns", network=network)
    server = "10.99.0.53"
    configuration = [{"Key": "domain-name-servers", "Values": [server]}]
    options = account.ec2.create_dhcp_options(DhcpConfigurations=configuration)["DhcpOptions"][
        "DhcpOptionsId"
    ]
    account.ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=network.vpc_id)
    task.stop(reasons.login_name_unresolved(task, server))
    return Broken(
        task,
        {"vpc": network.vpc_id, "options": options},
        lambda: account.ec2.associate_dhcp_options(DhcpOptionsId=before, VpcId=network.vpc_id),
    )


@catalogue.add(
    "vpc-block-public-access", "VPC Block Public Access in both directions", truth_only=True, region_wide=True
)
def vpc_block_public_access(account: Account) -> Broken:
    """The Region blocks traffic through internet gateways both ways, with no exclusion for the VPC."""
    network = account.add_network("blocked", CIDR)
    task = account.fargate_task("blocked", network=network)
    account.ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-bidirectional")
    _stop_at_login(task)
    return Broken(
        task,
        {"vpc": network.vpc_id},
        lambda: account.ec2.create_vpc_block_public_access_exclusion(
            VpcId=network.vpc_id, InternetGatewayExclusionMode="allow-bidirectional"
        ),
    )


@catalogue.add("route-no-egress-ec2", "A container instance without a way out")
def route_no_egress_ec2(account: Account) -> Broken:
    """The container instance stands in a private subnet whose route table lost its default route."""
    network = account.add_network("stranded", CIDR)
    account.ecs.create_cluster(clusterName="stranded")
    account.add_host("stranded", network, profile="ecsInstanceRole")
    task = account.ec2_task("stranded", cluster="stranded")
    table = network.route_tables["private"]
    account.ec2.delete_route(RouteTableId=table, DestinationCidrBlock=ANYWHERE)
    task.stop(reasons.docker_timeout(task))
    return Broken(
        task,
        {"subnet private-a": network.subnets["private-a"], "table": table},
        lambda: network.route_default("private", NatGatewayId=network.nat_gateway),
    )
