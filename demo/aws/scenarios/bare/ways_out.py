"""Routes, gateways and name servers."""

from __future__ import annotations

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.network import Network
from demo.aws.scenarios.bare.base import bare_account, behind_nat, sealed
from demo.aws.scenarios.model import Broken, Catalogue
from demo.aws.tasks import TaskHandle

catalogue = Catalogue(bare_account)

API = "13.234.8.23"


def _login(account: Account, task: TaskHandle, address: str = API) -> None:
    task.stop(reasons.login_timeout(task, address))


@catalogue.add("main-table", "isolated by the main route table", region="eu-west-1", plain_only=True)
def main_table(account: Account) -> Broken:
    """The task's subnet is on no route table of its own: the main one, without a default route, counts."""
    network = behind_nat(account, "shop")
    account.add_repository("shop/cart", ("v7",))
    network.add_subnet("lost", "10.90.40.0/24", "b")
    task = account.fargate_task(
        "worker", network=network, image=account.image("shop/cart", "v7"), subnets=["lost"]
    )
    main = account.ec2.describe_route_tables(
        Filters=[
            {"Name": "vpc-id", "Values": [network.vpc_id]},
            {"Name": "association.main", "Values": ["true"]},
        ]
    )["RouteTables"][0]["RouteTableId"]
    _login(account, task)
    return Broken(task, {"subnet lost": network.subnets["lost"], "main route table": main})


@catalogue.add(
    "second-subnet",
    "b only: the service's second subnet lost its route",
    region="ap-south-1",
    truth_only=True,
)
def second_subnet(account: Account) -> Broken:
    network = behind_nat(account, "mixed")
    network.add_route_table("cut")
    network.add_subnet("private-c", "10.90.50.0/24", "b", "cut")
    account.add_repository("api", ("1",))
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("api", "1"),
        subnets=["private-a", "private-c"],
        runs_in="private-c",
    )
    _login(account, task)
    return Broken(
        task,
        {"subnet private-c": network.subnets["private-c"], "route table cut": network.route_tables["cut"]},
    )


@catalogue.add(
    "other-subnet", "a broken subnet that this task did not use", region="ap-south-1", truth_only=True
)
def other_subnet(account: Account) -> Broken:
    """The task ran in app-a, where its tag is missing; app-c, of the same service, has no route."""
    network = behind_nat(account, "mixed")
    network.add_route_table("cut")
    network.add_subnet("private-c", "10.90.50.0/24", "b", "cut")
    account.add_repository("api", ("1",))
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("api", "2"),
        subnets=["private-a", "private-c"],
        runs_in="private-a",
    )
    task.stop(reasons.image_not_found(task))
    return Broken(
        task,
        {
            "repository": account.repository_arn("api"),
            "tag": "2",
            "subnet private-c": network.subnets["private-c"],
        },
    )


@catalogue.add("unused-nat", "two NAT gateways, the unused one deleted", truth_only=True)
def unused_nat(account: Account) -> Broken:
    network = behind_nat(account)
    used = network.nat_gateway
    unused = network.add_nat_gateway("public-b")
    account.ec2.delete_nat_gateway(NatGatewayId=unused)
    network.nat_gateway = used
    account.add_repository("api", ("1",))
    return Broken(
        account.fargate_task(
            "worker", network=network, image=account.image("api", "1"), subnets=["private-b"]
        )
    )


@catalogue.add("deleted-nat", "zone b's own NAT gateway is deleted", region="eu-west-1", plain_only=True)
def deleted_nat(account: Account) -> Broken:
    network = behind_nat(account)
    network.add_route_table("private-b")
    network.add_subnet("far", "10.90.60.0/24", "b", "private-b")
    gone = network.add_nat_gateway("public-b")
    network.route_default("private-b", NatGatewayId=gone)
    account.add_repository("api", ("1",))
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("api", "1"),
        subnets=["private-a", "far"],
        runs_in="far",
    )
    account.ec2.delete_nat_gateway(NatGatewayId=gone)
    _login(account, task)
    return Broken(
        task,
        {
            "subnet far": network.subnets["far"],
            "route table private-b": network.route_tables["private-b"],
            "nat gateway": gone,
        },
    )


@catalogue.add("halves", "a half default route through NAT, healthy", region="eu-west-1", truth_only=True)
def halves(account: Account) -> Broken:
    network = behind_nat(account)
    network.add_route_table("halves")
    network.add_subnet("halves", "10.90.80.0/24", "a", "halves")
    for half in ("0.0.0.0/1", "128.0.0.0/1"):
        account.ec2.create_route(
            RouteTableId=network.route_tables["halves"],
            DestinationCidrBlock=half,
            NatGatewayId=network.nat_gateway,
        )
    account.add_repository("api", ("1",))
    return Broken(
        account.fargate_task("worker", network=network, image=account.image("api", "1"), subnets=["halves"])
    )


@catalogue.add(
    "peers", "routes to peers and gateways that lead nowhere relevant", region="eu-west-1", truth_only=True
)
def peers(account: Account) -> Broken:
    network = behind_nat(account)
    other = Network(account.ec2, "other", "10.91.0.0/16", account.region)
    peering = account.ec2.create_vpc_peering_connection(VpcId=network.vpc_id, PeerVpcId=other.vpc_id)[
        "VpcPeeringConnection"
    ]["VpcPeeringConnectionId"]
    account.ec2.create_route(
        RouteTableId=network.route_tables["private"],
        DestinationCidrBlock="10.91.0.0/16",
        VpcPeeringConnectionId=peering,
    )
    account.add_repository("api", ("1",))
    return Broken(account.fargate_task("worker", network=network, image=account.image("api", "1")))


@catalogue.add("gov", "US government Region, no route", region="us-gov-west-1", truth_only=True)
def gov(account: Account) -> Broken:
    network = behind_nat(account)
    network.add_route_table("cut")
    network.add_subnet("cut", "10.90.50.0/24", "b", "cut")
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"), subnets=["cut"])
    _login(account, task)
    return Broken(
        task, {"subnet cut": network.subnets["cut"], "route table cut": network.route_tables["cut"]}
    )


@catalogue.add("pending", "pending without a route", region="eu-west-1", truth_only=True)
def pending(account: Account) -> Broken:
    network = behind_nat(account)
    network.add_route_table("cut")
    network.add_subnet("cut", "10.90.50.0/24", "b", "cut")
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"), subnets=["cut"])
    return Broken(
        task, {"subnet cut": network.subnets["cut"], "route table cut": network.route_tables["cut"]}
    )


@catalogue.add("transit", "a transit gateway as the only way out", region="eu-west-1", truth_only=True)
def transit(account: Account) -> Broken:
    network = sealed(account, services=(), s3=False)
    gateway = account.ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    account.ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway, VpcId=network.vpc_id, SubnetIds=[network.subnets["private-a"]]
    )
    network.route_default("private", TransitGatewayId=gateway)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    _login(account, task)
    return Broken(task)


@catalogue.add("dns-server", "a dead DNS server in the DHCP options", region="eu-west-1", truth_only=True)
def dns_server(account: Account) -> Broken:
    network = behind_nat(account)
    options = account.ec2.create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["10.90.99.7"]}]
    )["DhcpOptions"]["DhcpOptionsId"]
    account.ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=network.vpc_id)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop(reasons.login_name_unresolved(task, "10.90.99.7"))
    return Broken(task, {"dhcp options": options})
