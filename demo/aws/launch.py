"""Starts services and tasks in an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from moto.ecs.models import ecs_backends

from demo.aws.hosts import Hosts
from demo.aws.network import Network
from demo.aws.registry import Registry
from demo.aws.server import EmulatedAws
from demo.aws.tasks import TaskHandle, add_service_event
from demo.aws.truth import deployments


class Launches(Hosts, Registry):
    """Starts tasks. What is not said of a task is taken from the account's own settings."""

    def __init__(self, aws: EmulatedAws, account_id: str, region: str) -> None:
        super().__init__(aws, account_id, region)
        self.fargate_cluster = ""
        self.ec2_cluster = ""
        self.execution_role = ""
        self.log_group: str | None = None
        self._runs: dict[str, dict[str, Any]] = {}

    def fargate_task(
        self,
        name: str,
        *,
        network: Network | None = None,
        subnets: Sequence[str] = ("private-a",),
        runs_in: str | None = None,
        security_groups: Sequence[str] = ("tasks",),
        assign_public_ip: bool = False,
        image: str | None = None,
        execution_role: str | None = None,
        task_role: str | None = None,
        secrets: Sequence[Mapping[str, str]] = (),
        registry_secret: str | None = None,
        platform_version: str = "LATEST",
        capacity_provider: str | None = None,
        service: bool = True,
        cpu_architecture: str = "X86_64",
        containers: Mapping[str, str] | None = None,
        cluster: str | None = None,
    ) -> TaskHandle:
        """Start a task on Fargate, with a service of the same name unless `service` is false.

        `subnets` and `security_groups` are names in the network; the service has all the subnets, and the task runs in
        the first of them or in `runs_in`. `execution_role` may be empty: a task without one. `containers` maps further
        container names to images; `registry_secret` opens the first image's private registry.
        """
        home = network or self.network
        role = self.execution_role if execution_role is None else execution_role
        all_images = {name: image or self.image(), **(containers or {})}
        definition = self.register(
            name,
            all_images,
            execution_role=role,
            secrets=secrets,
            registry_secret=registry_secret,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            runtimePlatform={"cpuArchitecture": cpu_architecture, "operatingSystemFamily": "LINUX"},
            **({"taskRoleArn": task_role} if task_role else {}),
        )

        def configuration(names: Sequence[str]) -> dict[str, Any]:
            return {
                "awsvpcConfiguration": {
                    "subnets": [home.subnets[subnet] for subnet in names],
                    "securityGroups": [home.security_groups[group] for group in security_groups],
                    "assignPublicIp": "ENABLED" if assign_public_ip else "DISABLED",
                }
            }

        options: dict[str, Any] = {
            "platformVersion": platform_version,
            "networkConfiguration": configuration(subnets),
        }
        if capacity_provider:
            options["capacityProviderStrategy"] = [{"capacityProvider": capacity_provider, "weight": 1}]
        else:
            options["launchType"] = "FARGATE"
        place = {"networkConfiguration": configuration([runs_in])} if runs_in else {}
        return self._start(
            name,
            cluster or self.fargate_cluster,
            "FARGATE",
            definition,
            all_images,
            role or None,
            service,
            options,
            place,
        )

    def ec2_task(
        self,
        name: str,
        *,
        cluster: str | None = None,
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
        all_images = {name: image or self.image(), **(containers or {})}
        definition = self.register(
            name,
            all_images,
            execution_role=execution_role,
            requiresCompatibilities=["EC2"],
            networkMode=network_mode,
        )
        options: dict[str, Any] = {"launchType": "EC2"}
        if network_mode == "awsvpc":
            home = network or self.network
            options["networkConfiguration"] = {
                "awsvpcConfiguration": {
                    "subnets": [home.subnets[subnet] for subnet in subnets],
                    "securityGroups": [home.security_groups[group] for group in security_groups],
                }
            }
        place = cluster or self.ec2_cluster
        return self._start(name, place, "EC2", definition, all_images, execution_role, service, options, {})

    def register(
        self,
        name: str,
        all_images: Mapping[str, str],
        execution_role: str | None = None,
        *,
        secrets: Sequence[Mapping[str, str]] = (),
        registry_secret: str | None = None,
        **options: Any,
    ) -> str:
        """Register a revision of a task definition with one container for each image; returns its ARN."""
        first = {
            **({"secrets": [dict(secret) for secret in secrets]} if secrets else {}),
            **(
                {"repositoryCredentials": {"credentialsParameter": registry_secret}}
                if registry_secret
                else {}
            ),
        }
        definitions = [
            {
                "name": container,
                "image": image,
                "essential": True,
                "memory": 256,
                "cpu": 64,
                **({"logConfiguration": self._logs(container)} if self.log_group else {}),
                **(first if container == name else {}),
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

    def _logs(self, container: str) -> dict[str, Any]:
        return {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": self.log_group,
                "awslogs-region": self.region,
                "awslogs-stream-prefix": container,
            },
        }

    def _start(
        self,
        name: str,
        cluster: str,
        launch_type: str,
        definition: str,
        all_images: Mapping[str, str],
        execution_role: str | None,
        service: bool,
        options: Mapping[str, Any],
        place: Mapping[str, Any],
    ) -> TaskHandle:
        """Start a service, if wanted, and its task; `place` is what the task has otherwise than the service."""
        identity: dict[str, str] = {}
        if service:
            created = self.ecs.create_service(
                cluster=cluster, serviceName=name, taskDefinition=definition, desiredCount=1, **options
            )["service"]
            deployments = created.get("deployments")
            identity = {
                "startedBy": deployments[0]["id"] if deployments else name,
                "group": f"service:{name}",
            }
        request = {"cluster": cluster, "taskDefinition": definition, **identity, **options, **place}
        run = self.ecs.run_task(**request)["tasks"][0]
        self._runs[run["taskArn"]] = request
        details = {
            detail["name"]: detail["value"]
            for attachment in run.get("attachments", [])
            for detail in attachment["details"]
        }
        host = self.hosts.get(cluster) if launch_type == "EC2" else None
        if service:
            self.count_as_running(cluster, name, run["taskArn"])
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

    def request_of(self, task: TaskHandle) -> Mapping[str, Any]:
        """With what a task was started, as RunTask takes it. Raises KeyError for a task that was not started here."""
        return self._runs[task.arn]

    def start_again(self, task: TaskHandle) -> TaskHandle:
        """Start another task of the same definition, and of the same service if it has one."""
        run = self.ecs.run_task(**self._runs[task.arn])["tasks"][0]
        self._runs[run["taskArn"]] = self._runs[task.arn]
        details = [detail for attachment in run.get("attachments", []) for detail in attachment["details"]]
        address = next((item["value"] for item in details if item["name"] == "privateIPv4Address"), None)
        return replace(task, arn=run["taskArn"], private_address=address)

    def deploy(self, task: TaskHandle, image: str) -> TaskHandle:
        """Deploy the task's service with another image of its first container, and start a task of the new revision."""
        definition = self.ecs.describe_task_definition(taskDefinition=task.task_definition_arn)[
            "taskDefinition"
        ]
        for container in definition["containerDefinitions"]:
            if container["name"] == task.container:
                container["image"] = image
        kept: tuple[str, ...] = ("family", "executionRoleArn", "networkMode", "containerDefinitions")
        kept += ("requiresCompatibilities", "cpu", "memory", "runtimePlatform")
        registered = self.ecs.register_task_definition(
            **{name: definition[name] for name in kept if name in definition}
        )["taskDefinition"]["taskDefinitionArn"]
        service = self.ecs.update_service(
            cluster=task.cluster, service=task.service, taskDefinition=registered
        )
        request = {
            **self._runs[task.arn],
            "taskDefinition": registered,
            "startedBy": service["service"]["deployments"][0]["id"],
        }
        self._runs[task.arn] = request
        started = self.start_again(task)
        self._runs[started.arn] = request
        return replace(started, task_definition_arn=registered, images={**task.images, task.container: image})

    def roll_back(self, task: TaskHandle) -> None:
        """Let the circuit breaker end the newest deployment of the task's service and go back to the one before."""
        service = ecs_backends[self.account_id][self.region].services[f"{task.cluster}:{task.service}"]
        message = deployments.roll_back(service, deployments.CIRCUIT_BREAKER)
        add_service_event(self.aws, self.account_id, self.region, task.cluster, service.name, message)

    def count_as_running(self, cluster: str, service: str, task_arn: str) -> None:
        """Let the service know its task: moto starts none for a service, so it counts none."""
        if not self.aws.truth:
            return
        record = ecs_backends[self.account_id][self.region].services[f"{cluster}:{service}"]
        record.running_count, record.pending_count = 1, 0
        if record.deployments:
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

    def add_service_event(self, service: str, message: str, cluster: str | None = None) -> None:
        """Add an event to a service, for example `(service web) has reached a steady state.`"""
        add_service_event(
            self.aws, self.account_id, self.region, cluster or self.fargate_cluster, service, message
        )
