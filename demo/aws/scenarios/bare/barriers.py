"""Groups, network ACLs and endpoints."""

from __future__ import annotations

from moto.ec2.models import ec2_backends

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.network import ANYWHERE, acl_entry, tcp
from demo.aws.scenarios.bare.base import bare_account, behind_nat, sealed
from demo.aws.scenarios.model import Broken, Catalogue
from demo.aws.tasks import TaskHandle

catalogue = Catalogue(bare_account)

API = "13.234.8.23"

HTTPS = (443, 443)


def _login(account: Account, task: TaskHandle, address: str = API) -> None:
    task.stop(reasons.login_timeout(task, address))


@catalogue.add("union", "two groups that only together let everything out", plain_only=True)
def union(account: Account) -> Broken:
    network = sealed(account)
    ecr = network.add_security_group(
        "to-endpoints", egress=[tcp(443, group=network.security_groups["endpoints"])]
    )
    s3 = network.add_security_group("to-s3", egress=[tcp(443, prefix_list=network.s3_prefix_list())])
    assert ecr
    assert s3
    account.add_repository("api", ("1",))
    return Broken(
        account.fargate_task(
            "worker",
            network=network,
            image=account.image("api", "1"),
            security_groups=["to-endpoints", "to-s3"],
        )
    )


@catalogue.add(
    "s3-forgotten", "a group that forgets the S3 prefix list", region="ap-southeast-2", plain_only=True
)
def s3_forgotten(account: Account) -> Broken:
    network = sealed(account)
    group = network.add_security_group(
        "to-endpoints", egress=[tcp(443, group=network.security_groups["endpoints"])]
    )
    account.add_repository("api", ("1",))
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), security_groups=["to-endpoints"]
    )
    task.stop(reasons.layers_timeout(task, reasons.S3_ADDRESS))
    return Broken(task, {"group": group})


@catalogue.add("acl-order", "an ACL whose deny comes before its allow", region="sa-east-1", truth_only=True)
def acl_order(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    acl = network.add_network_acl(
        ["private-a"],
        [
            acl_entry(7, egress=True, ports=(1, 1023), action="deny"),
            acl_entry(9, egress=True),
            acl_entry(31000, egress=False),
        ],
    )
    _login(account, task)
    return Broken(task, {"acl": acl})


@catalogue.add("acl-order-ok", "an ACL whose deny comes after its allow", region="sa-east-1", truth_only=True)
def acl_order_ok(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    network.add_network_acl(
        ["private-a"],
        [
            acl_entry(5, egress=True, ports=HTTPS),
            acl_entry(7, egress=True, action="deny"),
            acl_entry(3, egress=False, ports=(1024, 65535)),
            acl_entry(4, egress=False, action="deny"),
        ],
    )
    return Broken(account.fargate_task("worker", network=network, image=account.image("api", "1")))


@catalogue.add(
    "acl-of-nat", "an ACL of the NAT gateway's subnet that drops answers", region="us-east-2", truth_only=True
)
def acl_of_nat(account: Account) -> Broken:
    network = behind_nat(account)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    acl = network.add_network_acl(
        ["public-a"],
        [
            acl_entry(100, egress=True),
            acl_entry(100, egress=False, ports=HTTPS),
            acl_entry(110, egress=False, ports=(22, 22)),
        ],
    )
    _login(account, task)
    return Broken(task, {"acl": acl})


@catalogue.add("one-zone", "endpoints in one zone only, the task in the other, healthy", plain_only=True)
def one_zone(account: Account) -> Broken:
    network = sealed(account, services=())
    for service in ("ecr.api", "ecr.dkr", "logs"):
        network.add_interface_endpoint(service, ["private-a"], "endpoints")
    account.add_repository("api", ("1",))
    return Broken(
        account.fargate_task(
            "worker", network=network, image=account.image("api", "1"), subnets=["private-b"]
        )
    )


@catalogue.add("no-logs", "no endpoint for logs", region="ca-central-1", plain_only=True)
def no_logs(account: Account) -> Broken:
    network = sealed(account, services=("ecr.api", "ecr.dkr"))
    account.add_repository("api", ("1",))
    account.log_group = "/x"
    task = account.fargate_task("main", network=network, image=account.image("api", "1"))
    task.stop(
        "ResourceInitializationError: failed to validate logger args: The task cannot find the Amazon CloudWatch log group defined in the task definition. There is a connection issue between the task and Amazon CloudWatch. Check your network configuration. : signal: killed",
        container_reasons={},
    )
    return Broken(task, {"vpc": network.vpc_id, "subnet private-a": network.subnets["private-a"]})


@catalogue.add(
    "private-dns-nat",
    "an endpoint without private DNS beside a NAT gateway, healthy",
    region="eu-west-3",
    plain_only=True,
)
def private_dns_nat(account: Account) -> Broken:
    network = behind_nat(account)
    network.add_security_group("endpoints", ingress=[])
    network.add_interface_endpoint("ecr.api", ["private-a"], "endpoints", private_dns=False)
    account.add_repository("api", ("1",))
    return Broken(account.fargate_task("worker", network=network, image=account.image("api", "1")))


@catalogue.add(
    "endpoint-group",
    "an endpoint whose group admits the other service's group only",
    region="eu-west-2",
    plain_only=True,
)
def endpoint_group(account: Account) -> Broken:
    network = sealed(account, services=("ecr.api", "logs"))
    friends = network.add_security_group("friends")
    closed = network.add_security_group(
        "closed", ingress=[tcp(443, group=friends), tcp(443, cidr="10.91.0.0/16")]
    )
    network.add_interface_endpoint("ecr.dkr", ["private-a", "private-b"], "closed")
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop(reasons.manifest_timeout(task, network.endpoint_address("ecr.dkr")))
    return Broken(task, {"group": closed})


@catalogue.add("pending-endpoint", "an endpoint that is not available yet", truth_only=True)
def pending_endpoint(account: Account) -> Broken:
    network = sealed(account)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    found = ec2_backends[account.account_id][account.region].vpc_end_points[network.endpoints["ecr.api"]]
    found.state = "pendingAcceptance"
    _login(account, task)
    return Broken(task, {"endpoint ecr.api": network.endpoints["ecr.api"]})


@catalogue.add(
    "secondary",
    "a secondary CIDR that the endpoint's group does not admit",
    region="eu-west-1",
    plain_only=True,
)
def secondary(account: Account) -> Broken:
    network = sealed(account)
    account.ec2.associate_vpc_cidr_block(VpcId=network.vpc_id, CidrBlock="100.64.0.0/16")
    network.add_subnet("pods", "100.64.1.0/24", "a", "private")
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"), subnets=["pods"])
    _login(account, task, network.endpoint_address("ecr.api", "private-a"))
    return Broken(task, {"group endpoints": network.security_groups["endpoints"]})


@catalogue.add("china-ok", "China, healthy with endpoints", region="cn-north-1", plain_only=True)
def china_ok(account: Account) -> Broken:
    network = sealed(account, services=(), s3=False)
    for service in ("ecr.api", "ecr.dkr"):
        account.ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=network.vpc_id,
            ServiceName=f"cn.com.amazonaws.{account.region}.{service}",
            SubnetIds=[network.subnets["private-a"]],
            SecurityGroupIds=[network.security_groups["endpoints"]],
            PrivateDnsEnabled=True,
        )
    network.add_s3_gateway_endpoint(["private"])
    account.add_repository("api", ("1",))
    return Broken(account.fargate_task("worker", network=network, image=account.image("api", "1")))


@catalogue.add("spot", "FARGATE_SPOT by capacity provider, group shut", region="eu-west-1", truth_only=True)
def spot(account: Account) -> Broken:
    network = behind_nat(account)
    shut = network.add_security_group("shut", egress=[tcp(5432, cidr=ANYWHERE)])
    account.add_repository("api", ("1",))
    task = account.fargate_task(
        "worker",
        network=network,
        image=account.image("api", "1"),
        security_groups=["shut"],
        capacity_provider="FARGATE_SPOT",
    )
    _login(account, task)
    return Broken(task, {"group": shut})


@catalogue.add("double-sg-acl", "two ACL and group at once", region="eu-west-1", plain_only=True)
def double_sg_acl(account: Account) -> Broken:
    network = behind_nat(account)
    shut = network.add_security_group("shut", egress=[])
    account.add_repository("api", ("1",))
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), security_groups=["shut"]
    )
    acl = network.add_network_acl(
        ["private-a"], [acl_entry(100, egress=True, ports=(80, 80)), acl_entry(100, egress=False)]
    )
    _login(account, task)
    return Broken(task, {"group": shut, "acl": acl})
