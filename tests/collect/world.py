"""Small AWS worlds on moto, built by hand: one Fargate service, one EC2 task."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecs.models import ecs_backends

from diagnostics.collect import AwsClients

REGION = "eu-central-1"
ACCOUNT: str = DEFAULT_ACCOUNT_ID
STOPPED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
REASON = "CannotPullContainerError: ref pull has been retried 1 time(s): not found"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
PULL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}]}
)


@dataclass
class World:
    """What was made."""

    vpc: str
    subnets: tuple[str, ...]
    group: str
    endpoint_group: str
    endpoint: str
    nat_gateway: str
    prefix_list: str
    execution_role: str
    boundary: str
    secret: str
    image: str
    task_definition: str
    cluster: str = "prod"
    service: str = "shop"
    task_arn: str = ""
    instance: str = ""
    sibling_arns: tuple[str, ...] = ()

    @property
    def task_id(self) -> str:
        return self.task_arn.rsplit("/", 1)[-1]


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
    with mock_aws():
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


def _client(service: str) -> Any:
    return session().client(service)


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


def _world(tag: str, compatibility: str) -> World:
    iam, ec2, ecr, ecs = (_client(name) for name in ("iam", "ec2", "ecr", "ecs"))
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
    secret = _client("secretsmanager").create_secret(Name="token", SecretString="never read")["ARN"]
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


def stop(arn: str, reason: str = REASON, at: datetime = STOPPED, service: str | None = "shop") -> None:
    """What ECS says of a task that could not start; moto cannot be told over its API."""
    tasks: dict[str, Any] = ecs_backends[ACCOUNT][REGION].tasks["prod"]
    for task in tasks.values():
        if task.task_arn == arn:
            task.desired_status = task.last_status = "STOPPED"
            task.stopped_reason, task.stop_code = reason, "TaskFailedToStart"
            task.stopped_at = task.created_at = at
            task.containers[0].reason = reason
            if service:
                task.group = f"service:{service}"
            return
    raise LookupError(arn)


def fargate(tag: str = "v1", tasks: int = 1) -> World:
    """A Fargate service whose tasks stopped."""
    world = _world(tag, "FARGATE")
    ecs = _client("ecs")
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
    arns = [
        ecs.run_task(
            cluster="prod",
            taskDefinition=world.task_definition,
            launchType="FARGATE",
            networkConfiguration=config,
        )["tasks"][0]["taskArn"]
        for _ in range(tasks)
    ]
    for number, arn in enumerate(arns):
        stop(arn, at=STOPPED - timedelta(minutes=number))
    world.task_arn, *siblings = arns
    world.sibling_arns = tuple(siblings)
    return world


def on_ec2(tag: str = "v1") -> World:
    """A task in bridge mode on a container instance with an instance profile."""
    world = _world(tag, "EC2")
    iam, ec2, ecs = (_client(name) for name in ("iam", "ec2", "ecs"))
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
    )["Instances"][0]["InstanceId"]
    ecs.register_container_instance(
        cluster="prod", instanceIdentityDocument=json.dumps({"instanceId": world.instance, "region": REGION})
    )
    world.task_arn = ecs.run_task(cluster="prod", taskDefinition=world.task_definition, launchType="EC2")[
        "tasks"
    ][0]["taskArn"]
    stop(world.task_arn, service=None)
    return world


def forget_all_tasks_but(arn: str) -> None:
    """What happens to stopped tasks after a while."""
    tasks: dict[str, Any] = ecs_backends[ACCOUNT][REGION].tasks["prod"]
    for name, task in list(tasks.items()):
        if task.task_arn != arn:
            del tasks[name]
