"""Small AWS accounts of their own kind: only what a case needs, built with ordinary calls in any Region."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.ecs.models import ecs_backends

from demo.aws import EmulatedAws, Network, images
from demo.aws.account import INSTANCES, TASKS, Policy, policy, trust
from demo.aws.network import tcp
from demo.aws.truth.ecs import end
from diagnostics.arn import partition_of_region

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
TOKEN = "ecr:GetAuthorizationToken"
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
CLUSTER = "fleet"


def allow(*actions: str, on: str | Sequence[str] = "*", **more: Any) -> dict[str, Any]:
    """A statement that allows actions, with `Condition=…` where it has one."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: str | Sequence[str] = "*", **more: Any) -> dict[str, Any]:
    """A statement that denies actions."""
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **more}


def grant(principal: Any, *actions: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A statement of a policy that is attached to a repository, an endpoint or a key."""
    return {"Effect": effect, "Principal": principal, "Action": list(actions), **more}


@dataclass(frozen=True)
class Ran:
    """A task that was started, with the names that the texts of `reasons` are made of."""

    arn: str
    cluster: str
    images: Mapping[str, str]
    subnet: str | None
    private_address: str | None
    interface: str | None
    execution_role_arn: str | None
    account_id: str
    partition: str
    instance_id: str | None = None
    instance_role: str | None = None
    service: str | None = None
    region: str = ""

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def image(self) -> str:
        return next(iter(self.images.values()))

    @property
    def session_arn(self) -> str:
        role = (self.execution_role_arn or "").rpartition("/")[2]
        return f"arn:{self.partition}:sts::{self.account_id}:assumed-role/{role}/{self.id}"

    @property
    def host_session_arn(self) -> str:
        return f"arn:{self.partition}:sts::{self.account_id}:assumed-role/{self.instance_role}/{self.instance_id}"


class Land:
    """One account in one Region."""

    def __init__(self, aws: EmulatedAws, account_id: str, region: str) -> None:
        self.aws, self.account_id, self.region = aws, account_id, region
        self.partition = partition_of_region(region)
        self.suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        self.ec2, self.ecs = self.client("ec2"), self.client("ecs")
        self.ecr, self.iam = self.client("ecr"), self.client("iam")
        self.ecs.create_cluster(clusterName=CLUSTER)
        self.execution_role = ""
        self.patches = ExitStack()

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        return self.aws.client(service, region or self.region, account or self.account_id)

    # --- network

    def network(self, name: str = "lab", cidr: str = "10.90.0.0/16") -> Network:
        """A VPC with host names on and nothing in it."""
        return Network(self.ec2, name, cidr, self.region)

    def behind_nat(self, name: str = "lab", cidr: str = "10.90.0.0/16", zones: str = "ab") -> Network:
        """A VPC whose private subnets `app-a`, `app-b` reach the internet through one NAT gateway in `edge-a`."""
        network = self.network(name, cidr)
        base = ".".join(cidr.split(".")[:2])
        gateway = network.add_internet_gateway()
        network.add_route_table("edge")
        network.route_default("edge", GatewayId=gateway)
        network.add_route_table("app")
        for place, zone in enumerate(zones):
            network.add_subnet(f"edge-{zone}", f"{base}.{place}.0/24", zone, "edge")
            network.add_subnet(f"app-{zone}", f"{base}.{16 + place}.0/24", zone, "app")
        network.route_default("app", NatGatewayId=network.add_nat_gateway("edge-a"))
        network.add_security_group("tasks")
        return network

    def sealed(
        self,
        name: str = "lab",
        cidr: str = "10.90.0.0/16",
        zones: str = "ab",
        services: Sequence[str] = ("ecr.api", "ecr.dkr", "logs"),
        s3: bool = True,
        policies: Mapping[str, Policy] | None = None,
    ) -> Network:
        """A VPC without a way out, with endpoints in each of its subnets `app-a`, `app-b`."""
        network = self.network(name, cidr)
        base = ".".join(cidr.split(".")[:2])
        network.add_route_table("app")
        for place, zone in enumerate(zones):
            network.add_subnet(f"app-{zone}", f"{base}.{16 + place}.0/24", zone, "app")
        network.add_security_group("tasks")
        network.add_security_group("endpoints", ingress=[tcp(443, cidr=cidr)])
        for service in services:
            network.add_interface_endpoint(
                service, [f"app-{zone}" for zone in zones], "endpoints", policy=(policies or {}).get(service)
            )
        if s3:
            network.add_s3_gateway_endpoint(["app"], (policies or {}).get("s3"))
        return network

    # --- repositories

    def repository(self, name: str, *tags: str, region: str | None = None, account: str | None = None) -> str:
        """A repository with an image for each tag; returns its ARN."""
        ecr = self.client("ecr", region, account)
        arn = str(ecr.create_repository(repositoryName=name)["repository"]["repositoryArn"])
        for tag in tags:
            images.put(ecr, name, images.image(f"{name}:{tag}"), tag)
        return arn

    def image(
        self, repository: str, reference: str = "", region: str | None = None, account: str | None = None
    ) -> str:
        """The URI of an image; the reference is a tag, a digest or nothing."""
        separator = "@" if reference.startswith("sha256:") else ":" if reference else ""
        host = f"{account or self.account_id}.dkr.ecr.{region or self.region}.{self.suffix}"
        return f"{host}/{repository}{separator}{reference}"

    def repository_arn(self, name: str, region: str | None = None, account: str | None = None) -> str:
        return (
            f"arn:{self.partition}:ecr:{region or self.region}:{account or self.account_id}:repository/{name}"
        )

    def repository_policy(self, name: str, *statements: dict[str, Any], account: str | None = None) -> None:
        self.client("ecr", account=account).set_repository_policy(
            repositoryName=name, policyText=json.dumps(policy(*statements))
        )

    # --- roles

    def role(
        self,
        name: str,
        *statements: dict[str, Any],
        managed: Sequence[str] = (),
        service: str = TASKS,
        path: str = "/",
        trusted: Policy | None = None,
        **more: Any,
    ) -> str:
        """A role with these statements in one inline policy; returns its ARN."""
        made = self.iam.create_role(
            RoleName=name,
            Path=path,
            AssumeRolePolicyDocument=json.dumps(trusted or trust(service)),
            **more,
        )
        if statements:
            self.inline(name, "own", *statements)
        for arn in managed:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        return str(made["Role"]["Arn"])

    def inline(self, role: str, name: str, *statements: dict[str, Any]) -> None:
        self.iam.put_role_policy(
            RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy(*statements))
        )

    def managed(self, name: str, *statements: dict[str, Any], path: str = "/") -> str:
        """A customer managed policy; returns its ARN."""
        made = self.iam.create_policy(
            PolicyName=name, Path=path, PolicyDocument=json.dumps(policy(*statements))
        )
        return str(made["Policy"]["Arn"])

    def puller(self, name: str = "pull-role") -> str:
        """An execution role that may pull everything."""
        return self.role(name, allow(TOKEN, *PULL, *LOGS))

    # --- hosts and tasks

    def host(
        self,
        network: Network,
        subnet: str,
        groups: Sequence[str] = ("tasks",),
        profile: str | None = None,
        public: bool = False,
    ) -> str:
        """A container instance of the cluster; returns the EC2 instance's id."""
        machine = self.ec2.register_image(
            Name="ecs-optimized", RootDeviceName="/dev/xvda", Architecture="x86_64"
        )["ImageId"]
        started = self.ec2.run_instances(
            ImageId=machine,
            InstanceType="m6i.large",
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[
                {
                    "DeviceIndex": 0,
                    "SubnetId": network.subnets[subnet],
                    "Groups": [network.security_groups[group] for group in groups],
                    "AssociatePublicIpAddress": public,
                }
            ],
            **({"IamInstanceProfile": {"Name": profile}} if profile else {}),
        )
        instance = str(started["Instances"][0]["InstanceId"])
        self.ecs.register_container_instance(
            cluster=CLUSTER, instanceIdentityDocument=json.dumps({"instanceId": instance})
        )
        return instance

    def profile(self, name: str, *statements: dict[str, Any], role: bool = True) -> str:
        """An instance profile, with a role of the same name unless `role` is false; returns its ARN."""
        made = self.iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        if role:
            self.role(name, *statements, service=INSTANCES)
            self.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        return str(made["Arn"])

    def define(
        self, family: str, containers: Sequence[Mapping[str, Any]], role: str | None, **more: Any
    ) -> str:
        """A task definition; a container is at least `name` and `image`."""
        made = self.ecs.register_task_definition(
            family=family,
            containerDefinitions=[{"essential": True, "memory": 128, **item} for item in containers],
            **({"executionRoleArn": role} if role else {}),
            **more,
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def fargate(
        self,
        network: Network,
        image: str | Sequence[Mapping[str, Any]],
        *,
        subnets: Sequence[str] = ("app-a",),
        groups: Sequence[str] = ("tasks",),
        role: str | None = None,
        public: bool = False,
        service: bool = True,
        family: str = "worker",
        architecture: str | None = None,
        provider: str | None = None,
        runs_in: str | None = None,
        task_role: str | None = None,
        **more: Any,
    ) -> Ran:
        """A Fargate task; it runs in the first subnet, or in `runs_in` of a service of several."""
        containers = [{"name": "main", "image": image}] if isinstance(image, str) else image
        if role is None:
            role = self.execution_role = self.execution_role or self.puller()
        platform = {"runtimePlatform": {"cpuArchitecture": architecture}} if architecture else {}
        definition = self.define(
            family,
            containers,
            role or None,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            **platform,
            **({"taskRoleArn": task_role} if task_role else {}),
            **more,
        )
        launch: dict[str, Any] = (
            {"capacityProviderStrategy": [{"capacityProvider": provider, "weight": 1}]}
            if provider
            else {"launchType": "FARGATE"}
        )

        def configuration(names: Sequence[str]) -> dict[str, Any]:
            return {
                "awsvpcConfiguration": {
                    "subnets": [network.subnets[name] for name in names],
                    "securityGroups": [network.security_groups[name] for name in groups],
                    "assignPublicIp": "ENABLED" if public else "DISABLED",
                }
            }

        return self._run(
            family,
            definition,
            containers,
            role or None,
            service,
            configuration(subnets),
            configuration([runs_in or subnets[0]]),
            **launch,
        )

    def on_host(
        self,
        image: str | Sequence[Mapping[str, Any]],
        instance: str,
        instance_role: str | None = None,
        *,
        role: str | None = None,
        mode: str = "bridge",
        network: Network | None = None,
        subnet: str = "app-a",
        groups: Sequence[str] = ("tasks",),
        service: bool = False,
        family: str = "worker",
    ) -> Ran:
        """A task on the cluster's container instance."""
        containers = [{"name": "main", "image": image}] if isinstance(image, str) else image
        definition = self.define(family, containers, role, requiresCompatibilities=["EC2"], networkMode=mode)
        configuration = None
        if mode == "awsvpc" and network is not None:
            configuration = {
                "awsvpcConfiguration": {
                    "subnets": [network.subnets[subnet]],
                    "securityGroups": [network.security_groups[name] for name in groups],
                }
            }
        ran = self._run(
            family, definition, containers, role, service, configuration, configuration, launchType="EC2"
        )
        return Ran(**{**vars(ran), "instance_id": instance, "instance_role": instance_role})

    def _run(
        self,
        family: str,
        definition: str,
        containers: Sequence[Mapping[str, Any]],
        role: str | None,
        service: bool,
        of_service: dict[str, Any] | None,
        of_task: dict[str, Any] | None,
        **launch: Any,
    ) -> Ran:
        identity: dict[str, str] = {}
        if service:
            made = self.ecs.create_service(
                cluster=CLUSTER,
                serviceName=family,
                taskDefinition=definition,
                desiredCount=1,
                **({"networkConfiguration": of_service} if of_service else {}),
                **launch,
            )["service"]
            started_by = made["deployments"][0]["id"] if made.get("deployments") else family
            identity = {"startedBy": started_by, "group": f"service:{family}"}
        run = self.ecs.run_task(
            cluster=CLUSTER,
            taskDefinition=definition,
            **identity,
            **({"networkConfiguration": of_task} if of_task else {}),
            **launch,
        )["tasks"][0]
        details = {
            detail["name"]: detail["value"]
            for attachment in run.get("attachments", [])
            for detail in attachment["details"]
        }
        return Ran(
            arn=run["taskArn"],
            cluster=CLUSTER,
            images={item["name"]: item["image"] for item in containers},
            subnet=details.get("subnetId"),
            private_address=details.get("privateIPv4Address"),
            interface=details.get("networkInterfaceId"),
            execution_role_arn=role,
            account_id=self.account_id,
            partition=self.partition,
            service=family if service else None,
            region=self.region,
        )

    def stop(
        self,
        ran: Ran,
        text: str,
        *,
        code: str = "TaskFailedToStart",
        container: str | None = "",
        whole: str | None = None,
    ) -> Ran:
        """End the task with this text, on the task and on a container (the first; None for no container).

        `whole` is the task's own text where it differs, as it does on a container instance. On plain moto only what a test
        in the same process would set is set; the task's interface stays.
        """
        task = self.backend(ran)
        task.stopped_reason = text if whole is None else whole
        if self.aws.truth:
            end(task, code)
        else:
            task.desired_status = task.last_status = "STOPPED"
            task.stop_code = code
            task.stopped_at = task.created_at = datetime.now(UTC)
        for item in task.containers:
            item.exitCode = None if code == "TaskFailedToStart" else 1
            if container is not None and item.name == (container or next(iter(ran.images))):
                item.reason = text
        if self.aws.truth and code == "TaskFailedToStart":
            task.started_at = None
            if not text.startswith("CannotPull"):
                task.pull_started_at = task.pull_stopped_at = None
        return ran

    def backend(self, ran: Ran) -> Any:
        """moto's own record of the task."""
        return ecs_backends[self.account_id][self.region].tasks[ran.cluster][ran.arn]
