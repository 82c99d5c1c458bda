"""The healthy worlds: snapshots of a task that can pull, in the shapes of AWS's own answers.

`fargate()` is a running Fargate task of a service behind a NAT gateway, `endpoints()` the same in a VPC that has endpoints
and no other way out, `public()` a task with a public address, `ec2()` a task in bridge mode on a container instance.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from diagnostics.snapshot import Snapshot
from tests.build.facts import Edit, World, absent, changed, known, unavailable
from tests.build.names import (
    ACCOUNT,
    CLUSTER,
    DIGEST,
    EXECUTION_POLICY,
    IMAGE,
    INSTANCE_POLICY,
    INSTANCE_ROLE_ARN,
    MOMENT,
    PROFILE_ARN,
    REGION,
    REPOSITORY_ARN,
    ROLE_ARN,
    TASK_ARN,
    TASK_ID,
    VPC,
)
from tests.build.places import definition_of, items_of, task_of, vpc_of
from tests.build.policies import ECR_ACTIONS, policy_text
from tests.build.vpc import (
    INTERFACE_ENDPOINTS,
    add_endpoints,
    add_s3_endpoint,
    everything,
    group,
    no_way_out,
    vpc_facts,
)


def _role_facts(arn: str, policy_arn: str, service: str, actions: list[str]) -> dict[str, Any]:
    allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {
        "role_arn": arn,
        "role": known(
            {
                "RoleName": arn.rsplit("/", 1)[-1], "Arn": arn, "Path": "/", "RoleId": "AROAEXAMPLEEXAMPLE123",
                "AssumeRolePolicyDocument": policy_text(trust),
            }
        ),
        "inline_policy_names": known([]),
        "inline_policies": {},
        "attached_policy_arns": known([policy_arn]),
        "attached_policies": {policy_arn: known(policy_text(allow))},
        "boundary_policy": absent("iam:GetRole"),
    }  # fmt: skip


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
    facts = vpc_facts()
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


@cache
def fargate() -> Snapshot:
    """A healthy Fargate task of a service, in a private subnet behind a NAT gateway."""
    return Snapshot.model_validate(_world())


@cache
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


@cache
def endpoints() -> Snapshot:
    """A healthy Fargate task in a VPC whose private subnets have endpoints and no other way out."""

    def edit(world: World) -> None:
        no_way_out(world)
        add_endpoints(world, *INTERFACE_ENDPOINTS)
        add_s3_endpoint(world)

    return changed(fargate(), edit)


@cache
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
        vpc_of(world)["security_groups"] = {"sg-hosts": known(group("sg-hosts", [everything()], []))}
        world["roles"] = {
            INSTANCE_ROLE_ARN: _role_facts(
                INSTANCE_ROLE_ARN, INSTANCE_POLICY, "ec2.amazonaws.com",
                ["ec2:DescribeTags", "ecs:DiscoverPollEndpoint", *ECR_ACTIONS, "logs:PutLogEvents"],
            )
        }  # fmt: skip

    return changed(fargate(), edit)


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
