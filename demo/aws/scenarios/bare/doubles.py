"""Two things at once, and broken things that are not in use."""

from __future__ import annotations

from demo.aws import reasons
from demo.aws.account import Account
from demo.aws.network import ANYWHERE, tcp
from demo.aws.policies import LOGS, PULL, allow, deny, grant, policy
from demo.aws.scenarios.bare.base import bare_account, behind_nat, sealed
from demo.aws.scenarios.model import Broken, Catalogue

catalogue = Catalogue(bare_account)


@catalogue.add("sealed-group-then-s3-policy", "a shut group before a refusing S3 policy", truth_only=True)
def sealed_group_then_s3_policy(account: Account) -> Broken:
    network = sealed(
        account, policies={"s3": policy(grant("*", "s3:GetObject", Resource="arn:aws:s3:::mine/*"))}
    )
    shut = network.add_security_group("shut", egress=[])
    account.add_repository("api", ("1",))
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), security_groups=["shut"]
    )
    task.stop(reasons.login_timeout(task, network.endpoint_address("ecr.api", "private-a")))
    return Broken(task, {"group": shut, "endpoint s3": network.endpoints["s3"]})


@catalogue.add("passed-stage", "a role that lost a permission at a step that was passed", plain_only=True)
def passed_stage(account: Account) -> Broken:
    """Tag in order; S3 policy refuses; since then someone also took the token permission."""
    network = sealed(
        account, policies={"s3": policy(grant("*", "s3:GetObject", Resource="arn:aws:s3:::mine/*"))}
    )
    account.add_repository("api", ("1",))
    role = account.add_role("exec", allow(*PULL))
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), execution_role=role
    )
    task.stop(reasons.layers_forbidden(task))
    return Broken(task, {"endpoint s3": network.endpoints["s3"], "role": role})


@catalogue.add(
    "route-then-role", "no route and a role without permission: the time-out first", truth_only=True
)
def route_then_role(account: Account) -> Broken:
    network = behind_nat(account)
    network.add_route_table("cut")
    network.add_subnet("cut", "10.90.50.0/24", "b", "cut")
    account.add_repository("api", ("1",))
    role = account.add_role("exec", allow(*LOGS))
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), subnets=["cut"], execution_role=role
    )
    task.stop(reasons.login_timeout_of_2023(task, "44.213.79.50"))
    return Broken(
        task,
        {"subnet cut": network.subnets["cut"], "route table cut": network.route_tables["cut"], "role": role},
    )


@catalogue.add("two-endpoints-missing", "two missing endpoints: ecr.api and S3", plain_only=True)
def two_endpoints_missing(account: Account) -> Broken:
    network = sealed(account, services=("ecr.dkr", "logs"), s3=False)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop(reasons.login_timeout(task, "44.213.79.50"))
    return Broken(task, {"vpc": network.vpc_id, "subnet private-a": network.subnets["private-a"]})


@catalogue.add("other-vpc", "the endpoint of another VPC does not help", truth_only=True)
def other_vpc(account: Account) -> Broken:
    other = sealed(account, "other", "10.95.0.0/16")
    assert other
    network = sealed(account, "mine", services=("ecr.api", "logs"))
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop(reasons.manifest_timeout(task, "3.230.162.17"))
    return Broken(task, {"vpc": network.vpc_id, "subnet private-a": network.subnets["private-a"]})


@catalogue.add("ports-beside-443", "a group that opens every port but 443", plain_only=True)
def ports_beside_443(account: Account) -> Broken:
    network = behind_nat(account)
    odd = network.add_security_group(
        "odd",
        egress=[
            {"IpProtocol": "udp", "FromPort": 0, "ToPort": 65535, "IpRanges": [{"CidrIp": ANYWHERE}]},
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 442, "IpRanges": [{"CidrIp": ANYWHERE}]},
            {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": ANYWHERE}]},
        ],
    )
    account.add_repository("api", ("1",))
    task = account.fargate_task(
        "worker", network=network, image=account.image("api", "1"), security_groups=["odd"]
    )
    task.stop(reasons.login_timeout(task, "44.213.79.50"))
    return Broken(task, {"group": odd})


@catalogue.add("given-up", "a pull that was given up, without S3's endpoint", truth_only=True)
def given_up(account: Account) -> Broken:
    network = sealed(account, s3=False)
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop("CannotPullContainerError: a pull that was given up, without S3's endpoint")
    return Broken(task, {"vpc": network.vpc_id})


@catalogue.add("endpoint-group-then-s3-table", "an endpoint's group before S3's route table", plain_only=True)
def endpoint_group_then_s3_table(account: Account) -> Broken:
    network = sealed(account, s3=False)
    network.add_route_table("x")
    s3 = network.add_s3_gateway_endpoint(["x"])
    group = network.security_groups["endpoints"]
    account.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[tcp(443, cidr="10.90.0.0/16")])
    account.add_repository("api", ("1",))
    task = account.fargate_task("worker", network=network, image=account.image("api", "1"))
    task.stop(reasons.login_timeout(task, network.endpoint_address("ecr.api", "private-a")))
    return Broken(task, {"group": group, "endpoint s3": s3})


@catalogue.add("decoys", "a missing tag among broken things that are not in use", truth_only=True)
def decoys(account: Account) -> Broken:
    network = behind_nat(account)
    network.add_route_table("decoy")
    network.add_subnet("decoy", "10.90.77.0/24", "b", "decoy")
    network.add_network_acl(["decoy"], [])
    network.add_security_group("closed", egress=[])
    account.add_role("decoy-role", deny("*"))
    account.add_repository("api", ("1",))
    account.add_repository("decoy", ("1",))
    account.set_repository_policy("decoy", grant("*", "ecr:*", effect="Deny"))
    task = account.fargate_task("worker", network=network, image=account.image("api", "2"))
    task.stop(reasons.image_not_found(task))
    return Broken(task, {"repository": account.repository_arn("api"), "tag": "2"})
