"""Worlds for tests: a healthy one in the shapes of AWS's own answers, and small differences to it.

`fargate()` is a running Fargate task of a service behind a NAT gateway, `endpoints()` the same in a VPC that has
endpoints and no other way out, `public()` a task with a public address, `ec2()` a task in bridge mode on a container
instance. Each gives a `Snapshot`. `changed(snapshot, edit)` applies an edit to its JSON form: everything in it is
plain dictionaries and lists there, and every fact is `{"kind": "known", "value": …}`.

    def drop_default_route(world: dict[str, Any]) -> None:
        routes_of(world, "rtb-private").pop()

    snapshot = changed(fargate(), drop_default_route)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from diagnostics.snapshot import Snapshot

ACCOUNT = "111122223333"
REGION = "us-east-1"
VPC = "vpc-main"
CLUSTER = "payments"
TASK_ID = "0123456789abcdef0123456789abcdef"
TASK_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{CLUSTER}/{TASK_ID}"
REPOSITORY_ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/payments-api"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGE = f"{REGISTRY}/payments-api:1.4.2"
DIGEST = "sha256:" + "1a" * 32
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/payments-execution"
INSTANCE_ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/ecsInstanceRole"
PROFILE_ARN = f"arn:aws:iam::{ACCOUNT}:instance-profile/ecsInstanceRole"
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
INSTANCE_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
S3_LIST = "pl-63a5400a"
S3_CIDRS = ["52.216.0.0/15", "3.5.0.0/19", "54.231.0.0/16"]
MOMENT = "2026-11-24T09:15:02Z"

Edit = Callable[[dict[str, Any]], object]
World = dict[str, Any]


def changed(snapshot: Snapshot, *edits: Edit) -> Snapshot:
    """The snapshot after edits to its JSON form. An edit changes the dictionary in place."""
    world = json.loads(snapshot.model_dump_json(by_alias=True))
    for edit in edits:
        edit(world)
    return Snapshot.model_validate(world)


def known(value: Any) -> dict[str, Any]:
    """A fact that AWS answered."""
    return {"kind": "known", "value": value}


def absent(call: str | None = None) -> dict[str, Any]:
    """AWS answered: no such thing."""
    return {"kind": "absent", "call": call}


def unavailable(why: str = "denied", call: str | None = None, resource: str | None = None) -> dict[str, Any]:
    """A fact that could not be read."""
    return {"kind": "unavailable", "why": why, "call": call, "resource": resource}


# --- where things are in the JSON form ---------------------------------------------------------------


def vpc_of(world: World, vpc_id: str = VPC) -> dict[str, Any]:
    """The facts of a VPC; each is `{"kind": …}`."""
    found: dict[str, Any] = world["vpcs"][vpc_id]
    return found


def items_of(world: World, what: str, vpc_id: str = VPC) -> list[dict[str, Any]]:
    """The list in a known fact of a VPC, such as `route_tables`, to be changed in place."""
    found: list[dict[str, Any]] = vpc_of(world, vpc_id)[what]["value"]
    return found


def routes_of(world: World, table: str, vpc_id: str = VPC) -> list[dict[str, Any]]:
    """The routes of a route table."""
    tables = items_of(world, "route_tables", vpc_id)
    return next(item["Routes"] for item in tables if item["RouteTableId"] == table)


def group_of(world: World, group: str, vpc_id: str = VPC) -> dict[str, Any]:
    """A security group."""
    found: dict[str, Any] = vpc_of(world, vpc_id)["security_groups"][group]["value"]
    return found


def endpoint_of(world: World, service: str, vpc_id: str = VPC) -> dict[str, Any]:
    """A VPC endpoint by the end of its service name, `ecr.api`."""
    every = items_of(world, "vpc_endpoints", vpc_id)
    return next(item for item in every if item["ServiceName"].endswith(f".{service}"))


def acl_of(world: World, acl: str = "acl-main", vpc_id: str = VPC) -> dict[str, Any]:
    """A network ACL."""
    return next(item for item in items_of(world, "network_acls", vpc_id) if item["NetworkAclId"] == acl)


def task_of(world: World) -> dict[str, Any]:
    """The task."""
    found: dict[str, Any] = world["task"]["value"]
    return found


def definition_of(world: World) -> dict[str, Any]:
    """The task definition."""
    found: dict[str, Any] = world["task_definition"]["value"]
    return found


def image_of(world: World, place: int = 0) -> dict[str, Any]:
    """What ECR knows of an image; each fact is `{"kind": …}`."""
    found: dict[str, Any] = world["images"][place]
    return found


def role_of(world: World, arn: str = ROLE_ARN) -> dict[str, Any]:
    """The facts of a role; each is `{"kind": …}`."""
    found: dict[str, Any] = world["roles"][arn]
    return found


def known_facts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every known fact in a JSON form."""
    if isinstance(value, dict):
        if value.get("kind") == "known" and "value" in value:
            yield path
        for key, item in value.items():
            yield from known_facts(item, (*path, key))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from known_facts(item, (*path, place))


# --- edits that many tests want ----------------------------------------------------------------------


def stopped(reason: str, container_reason: str | None = None, container: str | None = None) -> Edit:
    """The task stopped because it failed to start, with this text."""

    def edit(world: World) -> None:
        task = task_of(world)
        task.update(
            lastStatus="STOPPED", desiredStatus="STOPPED", stopCode="TaskFailedToStart", stoppedReason=reason,
            stoppedAt=MOMENT, stoppingAt=MOMENT,
        )  # fmt: skip
        for item in task["containers"]:
            item["lastStatus"] = "STOPPED"
            if container in (None, item["name"]):
                item["reason"] = container_reason or reason
                break

    return edit


def policy(*statements: dict[str, Any]) -> str:
    """A policy document as JSON text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


# --- the healthy worlds ------------------------------------------------------------------------------


def _route(destination: str, **target: str) -> dict[str, Any]:
    return {"DestinationCidrBlock": destination, "State": "active", "Origin": "CreateRoute", **target}


def _local(cidr: str) -> dict[str, Any]:
    route = _route(cidr, GatewayId="local")
    return {**route, "Origin": "CreateRouteTable"}


def _subnet(name: str, cidr: str, zone: str) -> dict[str, Any]:
    return {
        "SubnetId": name, "VpcId": VPC, "CidrBlock": cidr, "AvailabilityZone": f"{REGION}{zone}",
        "AvailabilityZoneId": f"use1-az{'abc'.index(zone) + 1}", "MapPublicIpOnLaunch": False,
        "AvailableIpAddressCount": 200, "Ipv6Native": False, "Ipv6CidrBlockAssociationSet": [],
    }  # fmt: skip


def _open_acl(name: str, subnets: list[str]) -> dict[str, Any]:
    entries = [
        {
            "RuleNumber": number,
            "Protocol": "-1",
            "RuleAction": action,
            "Egress": egress,
            "CidrBlock": "0.0.0.0/0",
        }
        for egress in (True, False)
        for number, action in ((100, "allow"), (32767, "deny"))
    ]
    associations = [{"SubnetId": subnet} for subnet in subnets]
    return {
        "NetworkAclId": name,
        "VpcId": VPC,
        "IsDefault": True,
        "Associations": associations,
        "Entries": entries,
    }


def everything() -> dict[str, Any]:
    """A security group rule for everything everywhere."""
    return {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def tcp(port: int, **sources: Any) -> dict[str, Any]:
    """A security group rule for one TCP port: `tcp(443, IpRanges=[{"CidrIp": "10.0.0.0/16"}])`."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **sources}


def _group(name: str, egress: list[dict[str, Any]], ingress: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "GroupId": name, "GroupName": name.removeprefix("sg-"), "VpcId": VPC, "IpPermissions": ingress,
        "IpPermissionsEgress": egress,
    }  # fmt: skip


def _vpc_facts() -> dict[str, Any]:
    subnets = [
        _subnet("subnet-public-a", "10.0.0.0/24", "a"), _subnet("subnet-public-b", "10.0.1.0/24", "b"),
        _subnet("subnet-private-a", "10.0.10.0/24", "a"), _subnet("subnet-private-b", "10.0.11.0/24", "b"),
    ]  # fmt: skip
    names = [item["SubnetId"] for item in subnets]
    tables = [
        {
            "RouteTableId": "rtb-main", "VpcId": VPC, "Associations": [{"Main": True}],
            "Routes": [_local("10.0.0.0/16")],
        },
        {
            "RouteTableId": "rtb-public", "VpcId": VPC,
            "Associations": [{"Main": False, "SubnetId": name} for name in names[:2]],
            "Routes": [_local("10.0.0.0/16"), _route("0.0.0.0/0", GatewayId="igw-main")],
        },
        {
            "RouteTableId": "rtb-private", "VpcId": VPC,
            "Associations": [{"Main": False, "SubnetId": name} for name in names[2:]],
            "Routes": [_local("10.0.0.0/16"), _route("0.0.0.0/0", NatGatewayId="nat-main")],
        },
    ]  # fmt: skip
    nat = {
        "NatGatewayId": "nat-main", "VpcId": VPC, "SubnetId": "subnet-public-a", "State": "available",
        "ConnectivityType": "public", "AvailabilityMode": "zonal",
        "NatGatewayAddresses": [{"PublicIp": "198.51.100.7", "PrivateIp": "10.0.0.9", "NetworkInterfaceId": "eni-nat"}],
    }  # fmt: skip
    dhcp = {
        "DhcpOptionsId": "dopt-main",
        "DhcpConfigurations": [{"Key": "domain-name-servers", "Values": [{"Value": "AmazonProvidedDNS"}]}],
    }
    return {
        "vpc_id": VPC,
        "vpc": known(
            {
                "VpcId": VPC, "CidrBlock": "10.0.0.0/16", "DhcpOptionsId": "dopt-main", "IsDefault": False,
                "CidrBlockAssociationSet": [{"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}],
            }
        ),
        "enable_dns_support": known(True),
        "enable_dns_hostnames": known(True),
        "dhcp_options": known(dhcp),
        "subnets": known(subnets),
        "route_tables": known(tables),
        "network_acls": known([_open_acl("acl-main", names)]),
        "nat_gateways": known([nat]),
        "internet_gateways": known(
            [{"InternetGatewayId": "igw-main", "Attachments": [{"VpcId": VPC, "State": "available"}]}]
        ),
        "egress_only_internet_gateways": known([]),
        "vpc_endpoints": known([]),
        "security_groups": {"sg-tasks": known(_group("sg-tasks", [everything()], []))},
        "prefix_lists": {},
        "service_prefix_lists": known(
            [{"PrefixListId": S3_LIST, "PrefixListName": f"com.amazonaws.{REGION}.s3", "Cidrs": S3_CIDRS}]
        ),
        "interfaces": {},
        "instances": {},
        "block_public_access": known({"InternetGatewayBlockMode": "off", "State": "default-state"}),
        "block_public_access_exclusions": known([]),
    }  # fmt: skip


def _role_facts(arn: str, policy_arn: str, service: str, actions: list[str]) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {
        "role_arn": arn,
        "role": known(
            {
                "RoleName": arn.rsplit("/", 1)[-1], "Arn": arn, "Path": "/", "RoleId": "AROAEXAMPLEEXAMPLE123",
                "AssumeRolePolicyDocument": policy(trust),
            }
        ),
        "inline_policy_names": known([]),
        "inline_policies": {},
        "attached_policy_arns": known([policy_arn]),
        "attached_policies": {policy_arn: known(policy(allow))},
        "boundary_policy": absent("iam:GetRole"),
    }  # fmt: skip


ECR_ACTIONS = [
    "ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage",
]  # fmt: skip


def _image_facts() -> dict[str, Any]:
    detail = {
        "imageDigest": DIGEST, "imageTags": ["1.4.2"], "imagePushedAt": "2026-11-20T08:00:00Z",
        "imageSizeInBytes": 80_000_000, "imageStatus": "ACTIVE",
        "imageManifestMediaType": "application/vnd.docker.distribution.manifest.v2+json",
    }  # fmt: skip
    return {
        "image": IMAGE,
        "containers": ["app"],
        "repository": known(
            {
                "repositoryArn": REPOSITORY_ARN, "repositoryName": "payments-api", "registryId": ACCOUNT,
                "encryptionConfiguration": {"encryptionType": "AES256"},
            }
        ),
        "detail": known(detail),
        "repository_policy": absent("ecr:GetRepositoryPolicy"),
        "registry_policy": absent("ecr:GetRegistryPolicy"),
        "pull_through_cache_rules": known([]),
    }  # fmt: skip


def _world() -> World:
    configuration = {
        "awsvpcConfiguration": {
            "subnets": ["subnet-private-a", "subnet-private-b"], "securityGroups": ["sg-tasks"],
            "assignPublicIp": "DISABLED",
        }
    }  # fmt: skip
    definition_arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7"
    facts = _vpc_facts()
    subnets = {
        item["SubnetId"]: known(item) for item in facts["subnets"]["value"] if "private" in item["SubnetId"]
    }
    log_options = {
        "awslogs-group": "/ecs/payments-api",
        "awslogs-region": REGION,
        "awslogs-stream-prefix": "ecs",
    }
    return {
        "taken_at": MOMENT,
        "seconds": 1.2,
        "api_calls": 34,
        "depth": 5,
        "target": {
            "kind": "task", "partition": "aws", "region": REGION, "account_id": ACCOUNT, "cluster": CLUSTER,
            "task_id": TASK_ID,
        },
        "partition": "aws",
        "region": REGION,
        "account_id": ACCOUNT,
        "source": "live",
        "caller": known({"Account": ACCOUNT, "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/pullcheck/bot"}),
        "task": known(
            {
                "taskArn": TASK_ARN, "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{CLUSTER}",
                "taskDefinitionArn": definition_arn, "group": "service:payments-api", "startedBy": "ecs-svc/1",
                "launchType": "FARGATE", "platformVersion": "1.4.0", "platformFamily": "Linux",
                "lastStatus": "RUNNING", "desiredStatus": "RUNNING", "availabilityZone": f"{REGION}a",
                "createdAt": "2026-11-24T09:10:00Z", "version": 4,
                "containers": [{"name": "app", "image": IMAGE, "lastStatus": "RUNNING"}],
                "attachments": [
                    {
                        "id": "att-1", "type": "ElasticNetworkInterface", "status": "ATTACHED",
                        "details": [
                            {"name": "subnetId", "value": "subnet-private-a"},
                            {"name": "networkInterfaceId", "value": "eni-task"},
                            {"name": "privateIPv4Address", "value": "10.0.10.20"},
                        ],
                    }
                ],
            }
        ),
        "task_definition": known(
            {
                "taskDefinitionArn": definition_arn, "family": "payments-api", "revision": 7, "networkMode": "awsvpc",
                "executionRoleArn": ROLE_ARN, "requiresCompatibilities": ["FARGATE"],
                "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
                "containerDefinitions": [
                    {
                        "name": "app", "image": IMAGE, "essential": True,
                        "logConfiguration": {"logDriver": "awslogs", "options": log_options},
                    }
                ],
            }
        ),
        "service": known(
            {
                "serviceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{CLUSTER}/payments-api",
                "serviceName": "payments-api", "status": "ACTIVE", "desiredCount": 2, "runningCount": 2,
                "pendingCount": 0, "launchType": "FARGATE", "taskDefinition": definition_arn,
                "networkConfiguration": configuration,
                "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "networkConfiguration": configuration}],
                "events": [],
            }
        ),
        "task_interface": absent("ec2:DescribeNetworkInterfaces"),
        "subnets": subnets,
        "vpcs": {VPC: facts},
        "images": [_image_facts()],
        "roles": {ROLE_ARN: _role_facts(
            ROLE_ARN, EXECUTION_POLICY, "ecs-tasks.amazonaws.com",
            [*ECR_ACTIONS, "logs:CreateLogStream", "logs:PutLogEvents"],
        )},
        "secrets": {},
    }  # fmt: skip


def fargate() -> Snapshot:
    """A healthy Fargate task of a service, in a private subnet behind a NAT gateway."""
    return Snapshot.model_validate(_world())


def public() -> Snapshot:
    """The same in the public subnets, with a public address."""

    def edit(world: World) -> None:
        for holder in (world["service"]["value"], world["service"]["value"]["deployments"][0]):
            holder["networkConfiguration"]["awsvpcConfiguration"].update(
                subnets=["subnet-public-a", "subnet-public-b"], assignPublicIp="ENABLED"
            )
        task_of(world)["attachments"][0]["details"][0]["value"] = "subnet-public-a"
        task_of(world)["attachments"][0]["details"][2]["value"] = "10.0.0.20"
        every = items_of(world, "subnets")
        world["subnets"] = {item["SubnetId"]: known(item) for item in every if "public" in item["SubnetId"]}

    return changed(fargate(), edit)


INTERFACE_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs")


def interface_endpoint(service: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """An interface endpoint in both private subnets, and its network interfaces by id."""
    short = service.replace(".", "-")
    subnets = {"subnet-private-a": "10.0.10", "subnet-private-b": "10.0.11"}
    host = sum(map(ord, service)) % 100 + 100
    names = [f"eni-{short}-{subnet[-1]}" for subnet in subnets]
    endpoint = {
        "VpcEndpointId": f"vpce-{short}", "VpcEndpointType": "Interface", "VpcId": VPC,
        "ServiceName": f"com.amazonaws.{REGION}.{service}", "State": "available", "PolicyDocument": OPEN_POLICY,
        "SubnetIds": list(subnets), "Groups": [{"GroupId": "sg-endpoints", "GroupName": "endpoints"}],
        "IpAddressType": "ipv4", "PrivateDnsEnabled": True, "NetworkInterfaceIds": names,
        "DnsEntries": [{"DnsName": f"vpce-{short}.{service}.{REGION}.vpce.amazonaws.com"}],
    }  # fmt: skip
    interfaces = {
        name: known(
            {
                "NetworkInterfaceId": name, "InterfaceType": "vpc_endpoint", "Status": "in-use", "SubnetId": subnet,
                "VpcId": VPC, "PrivateIpAddress": f"{net}.{host}", "Groups": [{"GroupId": "sg-endpoints"}],
            }
        )
        for name, (subnet, net) in zip(names, subnets.items(), strict=True)
    }  # fmt: skip
    return endpoint, interfaces


OPEN_POLICY = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
)


def gateway_endpoint(tables: tuple[str, ...] = ("rtb-private",)) -> dict[str, Any]:
    """S3's gateway endpoint."""
    return {
        "VpcEndpointId": "vpce-s3", "VpcEndpointType": "Gateway", "VpcId": VPC,
        "ServiceName": f"com.amazonaws.{REGION}.s3", "State": "available", "PolicyDocument": OPEN_POLICY,
        "RouteTableIds": list(tables), "PrivateDnsEnabled": False,
    }  # fmt: skip


def add_endpoints(world: World, *services: str) -> None:
    """Interface endpoints for these services, and their group, which admits the VPC on 443."""
    for service in services:
        endpoint, interfaces = interface_endpoint(service)
        items_of(world, "vpc_endpoints").append(endpoint)
        vpc_of(world)["interfaces"].update(interfaces)
    ingress = [tcp(443, IpRanges=[{"CidrIp": "10.0.0.0/16"}])]
    vpc_of(world)["security_groups"].setdefault(
        "sg-endpoints", known(_group("sg-endpoints", [everything()], ingress))
    )


def add_s3_endpoint(world: World) -> None:
    """S3's gateway endpoint on the private route table, with its route."""
    items_of(world, "vpc_endpoints").append(gateway_endpoint())
    route = {
        "DestinationPrefixListId": S3_LIST,
        "GatewayId": "vpce-s3",
        "State": "active",
        "Origin": "CreateRoute",
    }
    routes_of(world, "rtb-private").append(route)


def no_way_out(world: World) -> None:
    """The private subnets have only the local route."""
    routes = routes_of(world, "rtb-private")
    routes[:] = [route for route in routes if route.get("DestinationCidrBlock") != "0.0.0.0/0"]


def endpoints() -> Snapshot:
    """A healthy Fargate task in a VPC whose private subnets have endpoints and no other way out."""

    def edit(world: World) -> None:
        no_way_out(world)
        add_endpoints(world, *INTERFACE_ENDPOINTS)
        add_s3_endpoint(world)

    return changed(fargate(), edit)


def ec2() -> Snapshot:
    """A healthy task in bridge mode on a container instance behind the NAT gateway; the instance role pulls."""
    host_arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:container-instance/{CLUSTER}/{'fe' * 16}"
    interface = {
        "NetworkInterfaceId": "eni-host", "SubnetId": "subnet-private-a", "VpcId": VPC,
        "PrivateIpAddress": "10.0.10.50", "Groups": [{"GroupId": "sg-hosts", "GroupName": "hosts"}],
        "Attachment": {"DeviceIndex": 0}, "SourceDestCheck": True,
    }  # fmt: skip
    instance = {
        "InstanceId": "i-0aaaabbbbccccdddd", "InstanceType": "t3.medium", "Architecture": "x86_64",
        "State": {"Name": "running"}, "IamInstanceProfile": {"Arn": PROFILE_ARN, "Id": "AIPAEXAMPLE"}, "VpcId": VPC,
        "SubnetId": "subnet-private-a", "PrivateIpAddress": "10.0.10.50", "SecurityGroups": interface["Groups"],
        "NetworkInterfaces": [interface], "SourceDestCheck": True,
    }  # fmt: skip

    def edit(world: World) -> None:
        task, definition, service = task_of(world), definition_of(world), world["service"]["value"]
        task.update(launchType="EC2", containerInstanceArn=host_arn, platformVersion=None, attachments=[])
        definition.update(networkMode="bridge", executionRoleArn=None, requiresCompatibilities=["EC2"])
        service.update(launchType="EC2", networkConfiguration=None)
        service["deployments"][0]["networkConfiguration"] = None
        world["container_instance"] = known(
            {"containerInstanceArn": host_arn, "ec2InstanceId": instance["InstanceId"], "agentConnected": True,
             "status": "ACTIVE"}
        )  # fmt: skip
        world["instance"] = known(instance)
        role = {"RoleName": "ecsInstanceRole", "Arn": INSTANCE_ROLE_ARN}
        world["instance_profile"] = known(
            {"InstanceProfileName": "ecsInstanceRole", "Arn": PROFILE_ARN, "Roles": [role]}
        )
        world["task_interface"] = unavailable("not asked")
        del world["subnets"]["subnet-private-b"]
        vpc_of(world)["security_groups"] = {"sg-hosts": known(_group("sg-hosts", [everything()], []))}
        world["roles"] = {
            INSTANCE_ROLE_ARN: _role_facts(
                INSTANCE_ROLE_ARN, INSTANCE_POLICY, "ec2.amazonaws.com",
                ["ec2:DescribeTags", "ecs:DiscoverPollEndpoint", *ECR_ACTIONS, "logs:PutLogEvents"],
            )
        }  # fmt: skip

    return changed(fargate(), edit)
