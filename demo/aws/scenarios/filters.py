"""Faults of what lets traffic through: security groups and network ACLs."""

from __future__ import annotations

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.network import PULL_ENDPOINTS, acl_entry, tcp
from demo.aws.payments import build_account
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(build_account)

CIDR = "10.30.0.0/16"
EPHEMERAL = (1024, 65535)
HTTPS = (443, 443)


@catalogue.add("sg-egress-blocked", "A security group that lets nothing out to 443")
def sg_egress_blocked(account: Account) -> Broken:
    """The task's security group allows egress to the database port only, as Terraform makes groups."""
    network = account.add_network("tight-group", CIDR)
    group = network.add_security_group("tight", egress=[tcp(5432, cidr=CIDR)])
    task = account.fargate_task("tight-group", network=network, security_groups=["tight"])
    task.stop(reasons.login_timeout(task, reasons.ECR_API_ADDRESS))
    return Broken(
        task,
        {"group": group},
        lambda: account.ec2.authorize_security_group_egress(
            GroupId=group, IpPermissions=[tcp(443, cidr="0.0.0.0/0")]
        ),
    )


@catalogue.add("sg-egress-s3-blocked", "A security group that reaches the endpoints but not S3")
def sg_egress_s3_blocked(account: Account) -> Broken:
    """The task's security group allows 443 to the endpoints' group only, and S3 is reached by its gateway
    endpoint.
    """
    network = account.add_network("no-s3", CIDR, internet=False, endpoints=PULL_ENDPOINTS, s3_endpoint=True)
    group = network.add_security_group(
        "narrow", egress=[tcp(443, group=network.security_groups["endpoints"])]
    )
    task = account.fargate_task("no-s3", network=network, security_groups=["narrow"])
    task.stop(reasons.layers_timeout_redacted(task, reasons.S3_ADDRESS))
    return Broken(
        task,
        {"group": group},
        lambda: account.ec2.authorize_security_group_egress(
            GroupId=group, IpPermissions=[tcp(443, prefix_list=network.s3_prefix_list())]
        ),
    )


@catalogue.add("endpoint-sg-ingress-blocked", "An endpoint whose security group does not admit the task")
def endpoint_sg_ingress_blocked(account: Account) -> Broken:
    """The endpoints' security group admits another group only, in a VPC without another way."""
    network = account.add_network(
        "shut-endpoint", CIDR, internet=False, endpoints=PULL_ENDPOINTS, s3_endpoint=True
    )
    task = account.fargate_task("shut-endpoint", network=network)
    group = network.security_groups["endpoints"]
    bastion = network.add_security_group("bastion")
    everyone, only = tcp(443, cidr=CIDR), tcp(443, group=bastion)
    account.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[everyone])
    account.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[only])
    task.stop(reasons.login_timeout(task, network.endpoint_address("ecr.api", "private-a")))
    return Broken(
        task,
        {"group": group},
        lambda: account.ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[everyone]),
    )


@catalogue.add(
    "endpoint-sg-ingress-blocked-despite-nat",
    "An endpoint that takes the traffic from a working NAT gateway and drops it",
)
def endpoint_sg_ingress_blocked_despite_nat(account: Account) -> Broken:
    """A VPC with a NAT gateway got an ecr.dkr endpoint with private DNS for one subnet; its group admits
    only that one.
    """
    network = account.add_network("captured", CIDR)
    group = network.add_security_group("endpoints", ingress=[tcp(443, cidr="10.30.11.0/24")])
    network.add_interface_endpoint("ecr.dkr", ["private-b"], "endpoints")
    task = account.fargate_task("captured", network=network)
    task.stop(reasons.manifest_timeout(task, network.endpoint_address("ecr.dkr")))
    return Broken(
        task,
        {"group": group},
        lambda: account.ec2.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[tcp(443, cidr="10.30.10.0/24")]
        ),
    )


@catalogue.add("nacl-egress-blocked", "A network ACL that lets 443 out to the VPC only")
def nacl_egress_blocked(account: Account) -> Broken:
    """The private subnets' network ACL allows outbound traffic inside the VPC only."""
    network = account.add_network("walled", CIDR)
    task = account.fargate_task("walled", network=network)
    acl = network.add_network_acl(
        ["private-a", "private-b"],
        [
            acl_entry(100, egress=True, cidr=CIDR),
            acl_entry(100, egress=False),
        ],
    )
    task.stop(reasons.login_timeout(task, reasons.ECR_API_ADDRESS))
    return Broken(
        task,
        {"acl": acl},
        lambda: account.ec2.create_network_acl_entry(
            NetworkAclId=acl, **acl_entry(110, egress=True, ports=HTTPS)
        ),
    )


@catalogue.add("nacl-ephemeral-return-blocked", "A network ACL that drops the answers")
def nacl_ephemeral_return_blocked(account: Account) -> Broken:
    """The private subnets' network ACL lets 443 out, and in on 443 only: answers come to ephemeral ports."""
    network = account.add_network("deaf", CIDR)
    task = account.fargate_task("deaf", network=network)
    acl = network.add_network_acl(
        ["private-a", "private-b"],
        [
            acl_entry(100, egress=True),
            acl_entry(100, egress=False, ports=HTTPS),
        ],
    )
    task.stop(reasons.login_timeout(task, reasons.ECR_API_ADDRESS))
    return Broken(
        task,
        {"acl": acl},
        lambda: account.ec2.create_network_acl_entry(
            NetworkAclId=acl, **acl_entry(110, egress=False, ports=EPHEMERAL)
        ),
    )


@catalogue.add("nacl-ephemeral-return-blocked-endpoint", "A network ACL that drops an endpoint's answers")
def nacl_ephemeral_return_blocked_endpoint(account: Account) -> Broken:
    """The endpoints stand in subnets of their own, whose network ACL lets 443 in and nothing out to
    ephemeral ports.
    """
    network = account.add_network("endpoint-wall", CIDR, internet=False)
    network.add_subnet("endpoints-a", "10.30.40.0/24", "a", "private")
    network.add_security_group("endpoints", ingress=[tcp(443, cidr=CIDR)])
    for service in PULL_ENDPOINTS:
        network.add_interface_endpoint(service, ["endpoints-a"], "endpoints")
    network.add_s3_gateway_endpoint(["private"])
    task = account.fargate_task("endpoint-wall", network=network)
    acl = network.add_network_acl(
        ["endpoints-a"],
        [
            acl_entry(100, egress=False, cidr=CIDR, ports=HTTPS),
            acl_entry(100, egress=True, ports=HTTPS),
        ],
    )
    task.stop(reasons.login_timeout(task, network.endpoint_address("ecr.api")))
    return Broken(
        task,
        {"acl": acl},
        lambda: account.ec2.create_network_acl_entry(
            NetworkAclId=acl, **acl_entry(110, egress=True, cidr=CIDR, ports=EPHEMERAL)
        ),
    )
