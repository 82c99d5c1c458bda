"""Accounts with two things at once, and oddities beside the fault."""

from __future__ import annotations

from demo.aws import reasons
from demo.aws.account import policy
from demo.aws.network import ANYWHERE, tcp
from tests.accounts.land import LOGS, PULL, Land, allow, deny, grant
from tests.accounts.model import Answer, Cases

cases = Cases()


@cases.add("a shut group before a refusing S3 policy")
def sealed_group_then_s3_policy(land: Land) -> Answer:
    network = land.sealed(policies={"s3": policy(grant("*", "s3:GetObject", Resource="arn:aws:s3:::mine/*"))})
    shut = network.add_security_group("shut", egress=[])
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), groups=["shut"])
    land.stop(ran, reasons.login_timeout(ran, network.endpoint_address("ecr.api", "app-a")))
    return Answer(
        ran, {"sg-egress-blocked": [shut]}, next={"s3-endpoint-policy-denies": [network.endpoints["s3"]]}
    )


@cases.add("a role that lost a permission at a step that was passed", worlds="plain")
def passed_stage(land: Land) -> Answer:
    """Tag in order; S3 policy refuses; since then someone also took the token permission."""
    network = land.sealed(policies={"s3": policy(grant("*", "s3:GetObject", Resource="arn:aws:s3:::mine/*"))})
    land.repository("api", "1")
    role = land.role("exec", allow(*PULL))
    ran = land.fargate(network, land.image("api", "1"), role=role)
    land.stop(ran, reasons.layers_forbidden(ran))
    return Answer(
        ran,
        {"s3-endpoint-policy-denies": [network.endpoints["s3"]]},
        also={"role-permission-missing": [role]},
    )


@cases.add("no route and a role without permission: the time-out first")
def route_then_role(land: Land) -> Answer:
    network = land.behind_nat()
    network.add_route_table("cut")
    network.add_subnet("cut", "10.90.50.0/24", "b", "cut")
    land.repository("api", "1")
    role = land.role("exec", allow(*LOGS))
    ran = land.fargate(network, land.image("api", "1"), subnets=["cut"], role=role)
    land.stop(ran, reasons.login_timeout_of_2023(ran, "44.213.79.50"))
    return Answer(
        ran,
        {"route-no-egress": [network.subnets["cut"], network.route_tables["cut"]]},
        next={"role-permission-missing": [role]},
    )


@cases.add("two missing endpoints: ecr.api and S3", worlds="plain")
def two_endpoints_missing(land: Land) -> Answer:
    network = land.sealed(services=("ecr.dkr", "logs"), s3=False)
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(ran, reasons.login_timeout(ran, "44.213.79.50"))
    return Answer(
        ran,
        {"endpoint-missing-ecr-api": [network.vpc_id, network.subnets["app-a"]]},
        next={"endpoint-missing-s3": [network.vpc_id]},
    )


@cases.add("the endpoint of another VPC does not help")
def other_vpc(land: Land) -> Answer:
    other = land.sealed("other", "10.95.0.0/16")
    assert other
    network = land.sealed("mine", services=("ecr.api", "logs"))
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(ran, reasons.manifest_timeout(ran, "3.230.162.17"))
    return Answer(ran, {"endpoint-missing-ecr-dkr": [network.vpc_id, network.subnets["app-a"]]})


@cases.add("a group that opens every port but 443", worlds="plain")
def ports_beside_443(land: Land) -> Answer:
    network = land.behind_nat()
    odd = network.add_security_group(
        "odd",
        egress=[
            {"IpProtocol": "udp", "FromPort": 0, "ToPort": 65535, "IpRanges": [{"CidrIp": ANYWHERE}]},
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 442, "IpRanges": [{"CidrIp": ANYWHERE}]},
            {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": ANYWHERE}]},
        ],
    )
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"), groups=["odd"])
    land.stop(ran, reasons.login_timeout(ran, "44.213.79.50"))
    return Answer(ran, {"sg-egress-blocked": [odd]})


@cases.add("a pull that was given up, without S3's endpoint")
def given_up(land: Land) -> Answer:
    network = land.sealed(s3=False)
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(ran, "CannotPullContainerError: a pull that was given up, without S3's endpoint")
    return Answer(ran, {"endpoint-missing-s3": [network.vpc_id]})


@cases.add("an endpoint's group before S3's route table", worlds="plain")
def endpoint_group_then_s3_table(land: Land) -> Answer:
    network = land.sealed(s3=False)
    network.add_route_table("x")
    s3 = network.add_s3_gateway_endpoint(["x"])
    group = network.security_groups["endpoints"]
    land.ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[tcp(443, cidr="10.90.0.0/16")])
    land.repository("api", "1")
    ran = land.fargate(network, land.image("api", "1"))
    land.stop(ran, reasons.login_timeout(ran, network.endpoint_address("ecr.api", "app-a")))
    return Answer(
        ran, {"endpoint-sg-ingress-blocked": [group]}, next={"endpoint-s3-not-on-route-table": [s3]}
    )


@cases.add("a missing tag among broken things that are not in use")
def decoys(land: Land) -> Answer:
    network = land.behind_nat()
    network.add_route_table("decoy")
    network.add_subnet("decoy", "10.90.77.0/24", "b", "decoy")
    network.add_network_acl(["decoy"], [])
    network.add_security_group("closed", egress=[])
    land.role("decoy-role", deny("*"))
    land.repository("api", "1")
    land.repository("decoy", "1")
    land.repository_policy("decoy", grant("*", "ecr:*", effect="Deny"))
    ran = land.fargate(network, land.image("api", "2"))
    land.stop(ran, reasons.image_not_found(ran))
    return Answer(ran, {"tag-not-found": [land.repository_arn("api"), "2"]})
