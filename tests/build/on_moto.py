"""Small AWS worlds on moto, built by hand: one Fargate service, one EC2 task."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecs.models import ecs_backends

from demo.aws.remembered import remembering
from diagnostics.collect import AwsClients
from tests.build.recorded import World

REGION = "eu-central-1"
ACCOUNT: str = DEFAULT_ACCOUNT_ID
STOPPED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
REASON = "CannotPullContainerError: ref pull has been retried 1 time(s): not found"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
PULL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}
)


@contextmanager
def mocked(monkeypatch: Any) -> Iterator[None]:
    """moto, with credentials that cannot be anybody's."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SESSION_TOKEN": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws(), remembering():
        yield


@functools.cache
def session() -> boto3.Session:
    """One session for all tests, since each new one reads botocore's models from disk again."""
    return boto3.Session(
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        aws_session_token="testing",
        region_name=REGION,
    )


def clients() -> AwsClients:
    """Clients of the world."""
    return AwsClients(lambda account_id: session())


@dataclass(frozen=True)
class Aws:
    """Where a world is built: a maker of clients, and the account that they belong to."""

    client: Callable[[str], Any]
    account: str


MOTO = Aws(functools.cache(lambda service: session().client(service)), ACCOUNT)
"""moto inside of this process."""


def _role(iam: Any, name: str, boundary: str | None = None) -> str:
    more = {"PermissionsBoundary": boundary} if boundary else {}
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Path="/team/", **more)["Role"][
        "Arn"
    ]
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=PULL)
    managed = iam.create_policy(PolicyName=f"{name}-managed", PolicyDocument=PULL)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=managed)
    return arn


def _network(ec2: Any) -> dict[str, Any]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    options = ec2.create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name-servers", "Values": ["AmazonProvidedDNS"]}]
    )["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=vpc)
    subnets = tuple(
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")[
            "Subnet"
        ]["SubnetId"]
        for n, zone in enumerate("ab")
    )
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnets[1], AllocationId=address)["NatGateway"]["NatGatewayId"]
    table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0][
        "RouteTableId"
    ]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    prefix_list = ec2.create_managed_prefix_list(
        PrefixListName="registries", MaxEntries=2, AddressFamily="IPv4", Entries=[{"Cidr": "192.0.2.0/24"}]
    )["PrefixList"]["PrefixListId"]
    group, endpoint_group = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("tasks", "endpoints")
    )
    ec2.authorize_security_group_egress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "PrefixListIds": [{"PrefixListId": prefix_list}],
            }
        ],
    )
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.ecr.dkr",
        VpcEndpointType="Interface",
        SubnetIds=list(subnets),
        SecurityGroupIds=[endpoint_group],
        PrivateDnsEnabled=True,
    )["VpcEndpoint"]["VpcEndpointId"]
    return {
        "vpc": vpc,
        "subnets": subnets,
        "group": group,
        "endpoint_group": endpoint_group,
        "endpoint": endpoint,
        "nat_gateway": nat,
        "prefix_list": prefix_list,
    }


def _world(aws: Aws, tag: str, compatibility: str) -> World:
    iam, ec2, ecr, ecs = (aws.client(name) for name in ("iam", "ec2", "ecr", "ecs"))
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=PULL)["Policy"]["Arn"]
    execution_role = _role(iam, "execution", boundary)
    repository = ecr.create_repository(repositoryName="team/shop")["repository"]["repositoryUri"]
    ecr.set_repository_policy(repositoryName="team/shop", policyText=PULL)
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "x", "size": 1, "digest": "sha256:" + "0" * 64},
            "layers": [],
        }
    )
    ecr.put_image(repositoryName="team/shop", imageManifest=manifest, imageTag="v1")
    secret = aws.client("secretsmanager").create_secret(
        Name="token", SecretString="never read", ClientRequestToken="0" * 32
    )["ARN"]
    image = f"{repository}:{tag}"
    network = _network(ec2)
    ecs.create_cluster(clusterName="prod")
    definition = ecs.register_task_definition(
        family="shop",
        networkMode="awsvpc" if compatibility == "FARGATE" else "bridge",
        requiresCompatibilities=[compatibility],
        cpu="256",
        memory="512",
        executionRoleArn=execution_role,
        containerDefinitions=[
            {
                "name": "app",
                "image": image,
                "memory": 128,
                "environment": [{"name": "PASSWORD", "value": "hunter2-in-the-clear"}],
                "secrets": [{"name": "TOKEN", "valueFrom": f"{secret}:key::"}],
            }
        ],
    )["taskDefinition"]["taskDefinitionArn"]
    return World(
        execution_role=execution_role,
        boundary=boundary,
        secret=secret,
        image=image,
        task_definition=definition,
        **network,
    )


def stop(aws: Aws, arn: str, service: str | None = "shop") -> None:
    """What ECS says of a task that could not start; moto cannot be told over its API."""
    task = _tasks(aws)[arn]
    task.desired_status = task.last_status = "STOPPED"
    task.stopped_reason, task.stop_code = REASON, "TaskFailedToStart"
    task.stopped_at = task.created_at = STOPPED
    task.containers[0].reason = REASON
    if service:
        task.group = f"service:{service}"


def _tasks(aws: Aws) -> dict[str, Any]:
    found: dict[str, Any] = ecs_backends[aws.account][REGION].tasks["prod"]
    return found


def fail_again(world: World, times: int) -> None:
    """Earlier tasks of the same service that stopped for the same reason."""
    tasks = _tasks(MOTO)
    for number in range(1, times + 1):
        other = copy.copy(tasks[world.task_arn])
        other.id = f"{number:032x}"
        other.stopped_at = other.created_at = STOPPED - timedelta(minutes=number)
        tasks[other.task_arn] = other


def fargate(aws: Aws = MOTO, *, tag: str = "v1") -> World:
    """A Fargate service whose task stopped."""
    world = _world(aws, tag, "FARGATE")
    ecs = aws.client("ecs")
    config = {
        "awsvpcConfiguration": {
            "subnets": list(world.subnets), "securityGroups": [world.group], "assignPublicIp": "DISABLED",
        }
    }  # fmt: skip
    ecs.create_service(
        cluster="prod",
        serviceName="shop",
        taskDefinition=world.task_definition,
        desiredCount=1,
        launchType="FARGATE",
        networkConfiguration=config,
    )
    world.task_arn = ecs.run_task(
        cluster="prod",
        taskDefinition=world.task_definition,
        launchType="FARGATE",
        networkConfiguration=config,
    )["tasks"][0]["taskArn"]
    stop(aws, world.task_arn)
    return world


def on_ec2(aws: Aws = MOTO, *, tag: str = "v1") -> World:
    """A task in bridge mode on a container instance with an instance profile."""
    world = _world(aws, tag, "EC2")
    iam, ec2, ecs = (aws.client(name) for name in ("iam", "ec2", "ecs"))
    _role(iam, "host")
    iam.create_instance_profile(InstanceProfileName="host", Path="/team/")
    iam.add_role_to_instance_profile(InstanceProfileName="host", RoleName="host")
    world.instance = ec2.run_instances(
        ImageId="ami-12345678",
        MinCount=1,
        MaxCount=1,
        SubnetId=world.subnets[0],
        SecurityGroupIds=[world.group],
        IamInstanceProfile={"Name": "host"},
        ClientToken="0" * 32,
    )["Instances"][0]["InstanceId"]
    ecs.register_container_instance(
        cluster="prod", instanceIdentityDocument=json.dumps({"instanceId": world.instance, "region": REGION})
    )
    world.task_arn = ecs.run_task(cluster="prod", taskDefinition=world.task_definition, launchType="EC2")[
        "tasks"
    ][0]["taskArn"]
    stop(aws, world.task_arn, service=None)
    return world
