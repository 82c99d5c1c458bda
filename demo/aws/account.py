"""Builds a small but real AWS account: a VPC with two zones, repositories, roles, clusters and decoys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from moto.ecs.models import ecs_backends

from demo.aws import images, managed_policies
from demo.aws.network import Network, tcp
from demo.aws.server import REGION, EmulatedAws
from demo.aws.tasks import TaskHandle, add_service_event
from demo.aws.truth.iam import set_service_control_policies

if TYPE_CHECKING:
    from demo.aws.scenarios.model import Broken

FARGATE_CLUSTER = "payments"
EC2_CLUSTER = "payments-ec2"
REPOSITORY = "payments-api"
TAG = "1.4.2"
TASKS = "ecs-tasks.amazonaws.com"
INSTANCES = "ec2.amazonaws.com"

Policy = dict[str, Any]


def policy(*statements: dict[str, Any]) -> Policy:
    """A policy document with these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trust(service: str) -> Policy:
    """A trust policy that lets a service assume the role."""
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


@dataclass(frozen=True)
class Host:
    """A container instance: the EC2 instance under it and the role it pulls with."""

    cluster: str
    instance_id: str
    container_instance_arn: str
    role_name: str | None


class Account:
    """One account in one Region of the emulated AWS, and the ids of what was built in it."""

    def __init__(self, aws: EmulatedAws, account_id: str, region: str) -> None:
        self.aws = aws
        self.account_id = account_id
        self.region = region
        self.ec2 = self.client("ec2")
        self.ecs = self.client("ecs")
        self.ecr = self.client("ecr")
        self.iam = self.client("iam")
        self.networks: dict[str, Network] = {}
        self.hosts: dict[str, Host] = {}
        self.broken: dict[str, Broken] = {}
        self.execution_role = ""
        self._runs: dict[str, dict[str, Any]] = {}
        self._machine_image = ""

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client of this account, in its Region unless another is given."""
        return self.aws.client(service, region or self.region, self.account_id)

    @property
    def network(self) -> Network:
        """The account's main VPC."""
        return self.networks["main"]

    # Network

    def add_network(
        self,
        name: str,
        cidr: str = "10.0.0.0/16",
        *,
        nat: bool = True,
        internet: bool = True,
        endpoints: Sequence[str] = (),
        s3_endpoint: bool = False,
    ) -> Network:
        """Build a VPC with two zones that can pull.

        Subnets `public-a`, `public-b` (with `internet`), `private-a`, `private-b`; route tables `public`,
        `private`; a NAT gateway in `public-a` (with `nat`); groups `tasks` (open egress) and, with
        `endpoints`, `endpoints`, which admits the VPC on 443; interface endpoints in both private subnets;
        S3's gateway endpoint on the private route table.
        """
        network = Network(self.ec2, name, cidr, self.region)
        self.networks[name] = network
        base = ".".join(cidr.split(".")[:2])
        if internet:
            gateway = network.add_internet_gateway()
            network.add_route_table("public")
            network.route_default("public", GatewayId=gateway)
            network.add_subnet("public-a", f"{base}.0.0/24", "a", "public")
            network.add_subnet("public-b", f"{base}.1.0/24", "b", "public")
        network.add_route_table("private")
        network.add_subnet("private-a", f"{base}.10.0/24", "a", "private")
        network.add_subnet("private-b", f"{base}.11.0/24", "b", "private")
        if internet and nat:
            network.route_default("private", NatGatewayId=network.add_nat_gateway("public-a"))
        network.add_security_group("tasks")
        if endpoints:
            network.add_security_group("endpoints", ingress=[tcp(443, cidr=cidr)])
            for service in endpoints:
                network.add_interface_endpoint(service, ["private-a", "private-b"], "endpoints")
        if s3_endpoint:
            network.add_s3_gateway_endpoint(["private"])
        return network

    # Repositories

    def add_repository(self, name: str, tags: Sequence[str], region: str | None = None) -> str:
        """Create a repository with one image for each tag and one untagged image; returns its ARN."""
        ecr = self.client("ecr", region)
        arn = str(ecr.create_repository(repositoryName=name)["repository"]["repositoryArn"])
        for number, tag in enumerate(tags):
            images.put(ecr, name, images.image(f"{name}:{tag}", megabytes=40 + number), tag)
        images.put(ecr, name, images.image(f"{name} untagged"))
        return arn

    def image(self, repository: str = REPOSITORY, reference: str = TAG, region: str | None = None) -> str:
        """The URI of an image; the reference is a tag or a digest."""
        separator = "@" if reference.startswith("sha256:") else ":"
        host = f"{self.account_id}.dkr.ecr.{region or self.region}.amazonaws.com"
        return f"{host}/{repository}{separator}{reference}"

    def repository_arn(self, repository: str = REPOSITORY) -> str:
        """The ARN of a repository of this account and Region."""
        return f"arn:aws:ecr:{self.region}:{self.account_id}:repository/{repository}"

    # Roles

    def add_role(
        self,
        name: str,
        service: str = TASKS,
        *,
        managed: Sequence[str] = (),
        inline: Mapping[str, Policy] | None = None,
        boundary: str | None = None,
    ) -> str:
        """Create a role that a service may assume; returns its ARN."""
        role = self.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(trust(service)),
            **({"PermissionsBoundary": boundary} if boundary else {}),
        )
        for arn in managed:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for policy_name, document in (inline or {}).items():
            self.iam.put_role_policy(
                RoleName=name, PolicyName=policy_name, PolicyDocument=json.dumps(document)
            )
        return str(role["Role"]["Arn"])

    def add_instance_profile(self, name: str, managed: Sequence[str]) -> str:
        """Create a role for EC2 and an instance profile of the same name; returns the profile's ARN."""
        self.add_role(name, INSTANCES, managed=managed)
        profile = self.iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        self.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        return str(profile["Arn"])

    def set_service_control_policies(self, *policies: Policy) -> None:
        """What the account's organization attaches to it beside FullAWSAccess; without any, everything is allowed."""
        set_service_control_policies(self.account_id, self.region, policies)

    def add_secret(self, name: str) -> tuple[str, str]:
        """Create a secret and an execution role that may pull and read it; returns both ARNs."""
        created = self.client("secretsmanager").create_secret(
            Name=f"{name}/database", SecretString="not-a-secret"
        )
        secret = str(created["ARN"])
        read = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": secret}
        managed = [managed_policies.TASK_EXECUTION]
        return secret, self.add_role(f"{name}-execution", managed=managed, inline={"secret": policy(read)})

    # Hosts

    def add_host(
        self,
        cluster: str,
        network: Network,
        *,
        subnet: str = "private-a",
        groups: Sequence[str] = ("tasks",),
        profile: str | None = None,
    ) -> Host:
        """Start an EC2 instance with the named instance profile (or none) and register it with a cluster."""
        if not self._machine_image:
            # moto warns about images it does not know; a registered one is as good as ECS's.
            self._machine_image = self.ec2.register_image(
                Name="ecs-optimized", RootDeviceName="/dev/xvda", Architecture="x86_64"
            )["ImageId"]
        started = self.ec2.run_instances(
            ImageId=self._machine_image,
            InstanceType="m6i.large",
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[
                {
                    "DeviceIndex": 0,
                    "SubnetId": network.subnets[subnet],
                    "Groups": [network.security_groups[group] for group in groups],
                    "AssociatePublicIpAddress": False,
                }
            ],
            **({"IamInstanceProfile": {"Name": profile}} if profile else {}),
        )
        instance = str(started["Instances"][0]["InstanceId"])
        registered = self.ecs.register_container_instance(
            cluster=cluster, instanceIdentityDocument=json.dumps({"instanceId": instance})
        )
        host = Host(cluster, instance, registered["containerInstance"]["containerInstanceArn"], profile)
        self.hosts[cluster] = host
        return host

    # Tasks

    def fargate_task(
        self,
        name: str,
        *,
        network: Network | None = None,
        subnets: Sequence[str] = ("private-a",),
        security_groups: Sequence[str] = ("tasks",),
        assign_public_ip: bool = False,
        image: str | None = None,
        execution_role: str | None = None,
        secrets: Sequence[Mapping[str, str]] = (),
        platform_version: str = "LATEST",
        service: bool = True,
        cpu_architecture: str = "X86_64",
        containers: Mapping[str, str] | None = None,
        cluster: str = FARGATE_CLUSTER,
    ) -> TaskHandle:
        """Start a task on Fargate, with a service of the same name unless `service` is false.

        `subnets` and `security_groups` are names in the network; `containers` maps further container names to
        images.
        """
        home = network or self.network
        role = execution_role or self.execution_role
        all_images = {name: image or self.image(), **(containers or {})}
        definition = self.register(
            name,
            all_images,
            execution_role=role,
            secrets=secrets,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            runtimePlatform={"cpuArchitecture": cpu_architecture, "operatingSystemFamily": "LINUX"},
        )
        configuration = {
            "awsvpcConfiguration": {
                "subnets": [home.subnets[subnet] for subnet in subnets],
                "securityGroups": [home.security_groups[group] for group in security_groups],
                "assignPublicIp": "ENABLED" if assign_public_ip else "DISABLED",
            }
        }
        return self._start(
            name,
            cluster,
            "FARGATE",
            definition,
            all_images,
            role,
            service,
            platformVersion=platform_version,
            networkConfiguration=configuration,
        )

    def ec2_task(
        self,
        name: str,
        *,
        cluster: str = EC2_CLUSTER,
        network_mode: str = "bridge",
        network: Network | None = None,
        subnets: Sequence[str] = ("private-a",),
        security_groups: Sequence[str] = ("tasks",),
        image: str | None = None,
        execution_role: str | None = None,
        service: bool = True,
        containers: Mapping[str, str] | None = None,
    ) -> TaskHandle:
        """Start a task on a cluster's container instance; network settings count in `awsvpc` mode only."""
        home = network or self.network
        all_images = {name: image or self.image(), **(containers or {})}
        definition = self.register(
            name,
            all_images,
            execution_role=execution_role,
            requiresCompatibilities=["EC2"],
            networkMode=network_mode,
        )
        options: dict[str, Any] = {}
        if network_mode == "awsvpc":
            options["networkConfiguration"] = {
                "awsvpcConfiguration": {
                    "subnets": [home.subnets[subnet] for subnet in subnets],
                    "securityGroups": [home.security_groups[group] for group in security_groups],
                }
            }
        return self._start(name, cluster, "EC2", definition, all_images, execution_role, service, **options)

    def register(
        self,
        name: str,
        all_images: Mapping[str, str],
        execution_role: str | None = None,
        *,
        secrets: Sequence[Mapping[str, str]] = (),
        **options: Any,
    ) -> str:
        """Register a revision of a task definition with one container for each image; returns its ARN."""
        definitions = [
            {
                "name": container,
                "image": image,
                "essential": True,
                "memory": 256,
                "cpu": 64,
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": f"/ecs/{FARGATE_CLUSTER}",
                        "awslogs-region": self.region,
                        "awslogs-stream-prefix": container,
                    },
                },
                **(
                    {"secrets": [dict(secret) for secret in secrets]} if secrets and container == name else {}
                ),
            }
            for container, image in all_images.items()
        ]
        registered = self.ecs.register_task_definition(
            family=name,
            containerDefinitions=definitions,
            **({"executionRoleArn": execution_role} if execution_role else {}),
            **options,
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def _start(
        self,
        name: str,
        cluster: str,
        launch_type: str,
        definition: str,
        all_images: Mapping[str, str],
        execution_role: str | None,
        service: bool,
        **options: Any,
    ) -> TaskHandle:
        identity: dict[str, str] = {}
        if service:
            created = self.ecs.create_service(
                cluster=cluster,
                serviceName=name,
                taskDefinition=definition,
                desiredCount=1,
                launchType=launch_type,
                **options,
            )["service"]
            identity = {"startedBy": created["deployments"][0]["id"], "group": f"service:{name}"}
        request = {"cluster": cluster, "taskDefinition": definition, "launchType": launch_type}
        request |= {**identity, **options}
        run = self.ecs.run_task(**request)["tasks"][0]
        self._runs[run["taskArn"]] = request
        details = {
            detail["name"]: detail["value"]
            for attachment in run.get("attachments", [])
            for detail in attachment["details"]
        }
        host = self.hosts.get(cluster) if launch_type == "EC2" else None
        if service:
            self._count_as_running(cluster, name, run["taskArn"])
        return TaskHandle(
            aws=self.aws,
            region=self.region,
            account_id=self.account_id,
            cluster=cluster,
            arn=run["taskArn"],
            launch_type=launch_type,
            task_definition_arn=definition,
            images=dict(all_images),
            subnet=details.get("subnetId"),
            private_address=details.get("privateIPv4Address"),
            execution_role_arn=execution_role,
            instance_id=host.instance_id if host else None,
            instance_role_name=host.role_name if host else None,
            service=name if service else None,
        )

    def start_again(self, task: TaskHandle) -> TaskHandle:
        """Start another task of the same definition, and of the same service if it has one."""
        run = self.ecs.run_task(**self._runs[task.arn])["tasks"][0]
        self._runs[run["taskArn"]] = self._runs[task.arn]
        details = [detail for attachment in run.get("attachments", []) for detail in attachment["details"]]
        address = next((item["value"] for item in details if item["name"] == "privateIPv4Address"), None)
        return replace(task, arn=run["taskArn"], private_address=address)

    def _count_as_running(self, cluster: str, service: str, task_arn: str) -> None:
        """Let the service know its task: moto starts none for a service, so it counts none."""
        if not self.aws.truth:
            return
        record = ecs_backends[self.account_id][self.region].services[f"{cluster}:{service}"]
        record.running_count, record.pending_count = 1, 0
        record.deployments[0].update(
            runningCount=1,
            pendingCount=0,
            rolloutState="COMPLETED",
            rolloutStateReason="ECS deployment completed.",
        )
        self.add_service_event(
            service,
            f"(service {service}) has started 1 tasks: (task {task_arn.rpartition('/')[2]}).",
            cluster,
        )

    def add_service_event(self, service: str, message: str, cluster: str = FARGATE_CLUSTER) -> None:
        """Add an event to a service, for example `(service web) has reached a steady state.`"""
        add_service_event(self.aws, self.account_id, self.region, cluster, service, message)


def build_account(aws: EmulatedAws, region: str = REGION, account_id: str | None = None) -> Account:
    """Build a healthy account: everything in it can pull, and what looks broken in it is not in use.

    VPC 10.0.0.0/16 with public and private subnets in two zones and a NAT gateway; repositories
    `payments-api`, `ledger` and `web/frontend`; clusters `payments` (Fargate) and `payments-ec2` (one
    container instance); an execution role; a healthy service `ledger`; and decoys: a route table without a
    way out, a security group that lets nothing through, a Deny about something else.
    """
    account = Account(aws, account_id or aws.account_id, region)
    network = account.add_network("main")
    account.add_repository(REPOSITORY, ("1.4.0", "1.4.1", TAG, "latest"))
    account.add_repository("ledger", ("2.0.0", "2.1.0"))
    account.add_repository("web/frontend", ("main",))
    account.execution_role = account.add_role(
        "ecsTaskExecutionRole",
        managed=[managed_policies.TASK_EXECUTION],
        inline={"no-deletion": _UNRELATED_DENY},
    )
    account.client("logs").create_log_group(logGroupName=f"/ecs/{FARGATE_CLUSTER}")
    account.ecs.create_cluster(clusterName=FARGATE_CLUSTER)
    account.ecs.create_cluster(clusterName=EC2_CLUSTER)
    account.add_instance_profile("ecsInstanceRole", [managed_policies.CONTAINER_INSTANCE])
    account.add_host(EC2_CLUSTER, network, profile="ecsInstanceRole")
    _add_decoys(account)
    account.fargate_task("ledger", image=account.image("ledger", "2.1.0"))
    return account


_UNRELATED_DENY = policy(
    {"Effect": "Deny", "Action": ["ecr:DeleteRepository", "ecr:BatchDeleteImage"], "Resource": "*"}
)


def _add_decoys(account: Account) -> None:
    """Add what is broken but not in use, so that a diagnosis that looks at the wrong thing goes wrong."""
    network = account.network
    network.add_route_table("isolated")
    network.add_security_group("closed", egress=[])
    network.add_security_group(
        "database", ingress=[tcp(5432, group=network.security_groups["tasks"])], egress=[]
    )
    account.ecr.set_repository_policy(
        repositoryName="web/frontend",
        policyText=json.dumps(
            policy(
                {
                    "Sid": "KeepInterns",
                    "Effect": "Deny",
                    "Principal": {"AWS": f"arn:aws:iam::{account.account_id}:root"},
                    "Action": "ecr:BatchDeleteImage",
                }
            )
        ),
    )
