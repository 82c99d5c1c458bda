"""Links to the pages of the AWS console."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import pytest

from diagnostics import console

Link = Callable[[str], str | None]

HOSTS = {
    "eu-west-1": "https://eu-west-1.console.aws.amazon.com",
    "cn-north-1": "https://cn-north-1.console.amazonaws.cn",
    "us-gov-west-1": "https://us-gov-west-1.console.amazonaws-us-gov.com",
    "eusc-de-east-1": "https://eusc-de-east-1.console.amazonaws-eusc.eu",
}

TASK = "0123456789abcdef0123456789abcdef"

LINKS: dict[str, tuple[Link, str]] = {
    "task": (lambda at: console.task(at, "payments", TASK), f"/ecs/v2/clusters/payments/tasks/{TASK}/configuration?region={{}}"),
    "task definition": (lambda at: console.task_definition(at, "api", 7), "/ecs/v2/task-definitions/api/7?region={}"),
    "repository": (
        lambda at: console.repository(at, "111122223333", "team/api"),
        "/ecr/repositories/private/111122223333/team/api?region={}",
    ),
    "repositories": (
        lambda at: console.repositories(at, "111122223333"), "/ecr/private-registry/repositories?region={}",
    ),
    "cache rules": (console.cache_rules, "/ecr/private-registry/pull-through-cache?region={}"),
    "endpoint": (
        lambda at: console.vpc_endpoint(at, "vpce-1"), "/vpcconsole/home?region={}#EndpointDetails:vpcEndpointId=vpce-1",
    ),
    "endpoints": (lambda at: console.vpc_endpoints(at, "vpc-1"), "/vpcconsole/home?region={}#Endpoints:vpcId=vpc-1"),
    "subnet": (lambda at: console.subnet(at, "subnet-1"), "/vpcconsole/home?region={}#SubnetDetails:subnetId=subnet-1"),
    "route table": (
        lambda at: console.route_table(at, "rtb-1"), "/vpcconsole/home?region={}#RouteTableDetails:RouteTableId=rtb-1",
    ),
    "security group": (lambda at: console.security_group(at, "sg-1"), "/vpcconsole/home?region={}#SecurityGroup:groupId=sg-1"),
    "network ACL": (
        lambda at: console.network_acl(at, "acl-1"), "/vpcconsole/home?region={}#NetworkAclDetails:networkAclId=acl-1",
    ),
    "NAT gateway": (
        lambda at: console.nat_gateway(at, "nat-1"), "/vpcconsole/home?region={}#NatGatewayDetails:natGatewayId=nat-1",
    ),
    "VPC": (lambda at: console.vpc(at, "vpc-1"), "/vpcconsole/home?region={}#VpcDetails:VpcId=vpc-1"),
    "instance": (lambda at: console.instance(at, "i-1"), "/ec2/home?region={}#InstanceDetails:instanceId=i-1"),
    "role": (lambda at: console.role(at, "payments-execution"), "/iam/home#/roles/details/payments-execution"),
    "secret": (
        lambda at: console.secret(at, "prod/db"), "/secretsmanager/secret?name=prod%2Fdb&region={}",
    ),
    "key": (lambda at: console.kms_key(at, "1234-ab"), "/kms/home?region={}#/kms/keys/1234-ab"),
}  # fmt: skip


@pytest.mark.parametrize(("link", "path"), LINKS.values(), ids=LINKS.keys())
@pytest.mark.parametrize("region", HOSTS)
def test_the_page_of_each_kind_in_each_partition(link: Link, path: str, region: str) -> None:
    assert link(region) == HOSTS[region] + path.format(region)


@pytest.mark.parametrize("link", [link for link, _ in LINKS.values()], ids=LINKS.keys())
@pytest.mark.parametrize("region", ["us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"])
def test_isolated_partitions_have_no_known_console(link: Link, region: str) -> None:
    assert link(region) is None


HOSTILE = 'a b"<>|&?#%2f/../é\n`)'

ENCODED: dict[str, Link] = {
    "task": lambda name: console.task("us-east-1", name, name),
    "task definition": lambda name: console.task_definition("us-east-1", name, name),
    "endpoint": lambda name: console.vpc_endpoint("us-east-1", name),
    "subnet": lambda name: console.subnet("us-east-1", name),
    "group": lambda name: console.security_group("us-east-1", name),
    "role": lambda name: console.role("us-east-1", name),
    "secret": lambda name: console.secret("us-east-1", name),
    "key": lambda name: console.kms_key("us-east-1", name),
}


@pytest.mark.parametrize("link", ENCODED.values(), ids=ENCODED.keys())
def test_hostile_names_stay_names(link: Link) -> None:
    found = link(HOSTILE) or ""
    plain = link("name") or ""
    assert HOSTILE in unquote(found)
    assert found.isascii()
    assert not set(found) & set(' "<>|\n`)')
    # The name has changed nothing else: as many parts, parameters and the same host.
    assert urlsplit(found).netloc == urlsplit(plain).netloc
    assert [found.count(mark) for mark in "/?&#="] == [plain.count(mark) for mark in "/?&#="]


def test_a_nested_repository_keeps_its_slashes_and_nothing_else() -> None:
    link = console.repository("us-east-1", "111122223333", "team/a?b#c")
    assert (
        link
        == f"{HOSTS['eu-west-1'].replace('eu-west-1', 'us-east-1')}/ecr/repositories/private/111122223333/team/a%3Fb%23c?region=us-east-1"
    )


def test_a_hostile_region_does_not_choose_the_host() -> None:
    link = console.subnet("evil.example/", "subnet-1")
    assert link is not None
    assert urlsplit(link).hostname == "evil.example%2F.console.aws.amazon.com"


def test_no_repositories_without_an_account() -> None:
    assert console.repositories("us-east-1", "") is None


@pytest.mark.parametrize(
    ("resource", "fragment"),
    [
        ("subnet-1", "SubnetDetails:subnetId=subnet-1"),
        ("rtb-1", "RouteTableDetails:RouteTableId=rtb-1"),
        ("sg-1", "SecurityGroup:groupId=sg-1"),
        ("acl-1", "NetworkAclDetails:networkAclId=acl-1"),
        ("nat-1", "NatGatewayDetails:natGatewayId=nat-1"),
        ("vpce-1", "EndpointDetails:vpcEndpointId=vpce-1"),
        ("vpc-1", "VpcDetails:VpcId=vpc-1"),
        ("i-1", "InstanceDetails:instanceId=i-1"),
        ("igw-1", None),
        ("eni-1", None),
        ("pl-1", None),
        ("", None),
        ("arn:aws:iam::111122223333:role/vpc-admin", None),
    ],
)
def test_the_page_of_a_resource_by_its_id(resource: str, fragment: str | None) -> None:
    link = console.of_resource("us-east-1", resource)
    assert (urlsplit(link).fragment if link else None) == fragment
