"""Corrections of moto's Amazon ECS: task identity, containers, states, stops and lists."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from copy import copy
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ecs.exceptions import InvalidParameterException, ServiceNotFoundException
from moto.ecs.models import Container, EC2ContainerServiceBackend, Service, Task, TaskDefinition
from moto.ecs.responses import EC2ContainerServiceResponse

# What the platform version LATEST means for Linux tasks on Fargate.
# AWS: Fargate platform versions for Amazon ECS
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
LATEST_FARGATE = "1.4.0"

# How many tasks DescribeTasks takes and ListTasks gives at once.
# AWS: DescribeTasks https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
PAGE = 100


def apply(patches: ExitStack) -> None:
    """Apply the corrections of this module."""
    _tasks_start_as_in_aws(patches)
    _describe_tasks_reports_missing_and_changes_nothing(patches)
    _list_tasks_filters(patches)
    _list_tasks_gives_pages(patches)
    _stopped_tasks_lose_their_interface(patches)
    _updated_services_deploy_again(patches)


def _tasks_start_as_in_aws(patches: ExitStack) -> None:
    """Give a new task the fields DescribeTasks has in AWS.

    AWS: 32 hexadecimal digits as id, one container for each definition with an ARN of its own, platform,
    zone, times and architecture (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html and
    API_Container.html).
    moto: a UUID with dashes, the first definition only, its container's ARN made from the task definition's,
    exit code 0 while the task runs, and none of the other fields.
    """
    start = Task.__init__

    def started(task: Any, cluster: Any, task_definition: TaskDefinition, *args: Any, **kwargs: Any) -> None:
        start(task, cluster, task_definition, *args, **kwargs)
        now = datetime.now(UTC)
        task.id = uuid4().hex
        task.created_at = task.started_at = task.connectivity_at = now
        task.pull_started_at = task.pull_stopped_at = now
        task.connectivity = "CONNECTED"
        task.stopped_reason = None
        task.version = 3
        task.cpu, task.memory = task_definition.cpu, task_definition.memory
        platform = task_definition.runtime_platform or {}
        architecture = {"ARM64": "arm64"}.get(platform.get("cpuArchitecture", ""), "x86_64")
        task.attributes = [{"name": "ecs.cpu-architecture", "value": architecture}]
        if task.launch_type == "FARGATE" or task.capacity_provider_name in ("FARGATE", "FARGATE_SPOT"):
            task.launch_type = "FARGATE"
            task.platform_family = "Linux"
            if task.platform_version in (None, "LATEST"):
                task.platform_version = LATEST_FARGATE
        elif task.container_instance_arn:
            task.launch_type = "EC2"
        task.containers = [
            _container(task, task_definition, index)
            for index in range(len(task_definition.container_definitions))
        ]
        _describe_interface(task)
        task.availability_zone = _availability_zone(task)

    patches.enter_context(mock.patch.object(Task, "__init__", started))


def _container(task: Any, task_definition: TaskDefinition, index: int) -> Any:
    """One running container of the task, made from the definition at `index`."""
    single = copy(task_definition)
    single.container_definitions = [task_definition.container_definitions[index]]
    make: Any = Container  # not abstract for moto, only for a type checker
    container = make(single)
    prefix = task.task_arn.partition(":task/")[0]
    container.container_arn = f"{prefix}:container/{task.cluster_name}/{task.id}/{uuid4()}"
    container.task_arn = task.task_arn
    container.last_status = "RUNNING"
    container.exitCode = None
    container.health_status = "UNKNOWN"
    container.runtime_id = f"{task.id}-{index}"
    container.cpu = str(container.cpu)
    container.memory = str(container.memory) if container.memory is not None else None
    return container


def _describe_interface(task: Any) -> None:
    """Tell the address that the interface really has, and give it a public one if the task asks for that.

    moto makes up an address for the answer and ignores assignPublicIp.
    """
    backend = ec2_backends[task._account_id][task.region_name]
    for attachment in task.attachments:
        details = {detail["name"]: detail for detail in attachment["details"]}
        interface = backend.enis[details["networkInterfaceId"]["value"]]
        details["privateIPv4Address"]["value"] = interface.private_ip_address
        details["privateDnsName"]["value"] = interface.private_dns_name
        if not interface.private_dns_name:
            attachment["details"].remove(details["privateDnsName"])
        if task.network_configuration["awsvpcConfiguration"].get("assignPublicIp") == "ENABLED":
            interface.public_ip_auto_assign = True
            interface.check_auto_public_ip()
        for container in task.containers:
            container.network_interfaces = [
                {"attachmentId": attachment["id"], "privateIpv4Address": interface.private_ip_address}
            ]


def _availability_zone(task: Any) -> str | None:
    backend: Any = ec2_backends[task._account_id][task.region_name]
    for attachment in task.attachments:
        for detail in attachment["details"]:
            if detail["name"] == "subnetId":
                return str(backend.get_subnet(detail["value"]).availability_zone)
    if task.container_instance_arn:
        instances = task._backend.container_instances[task.cluster_name]
        host = instances[task.container_instance_arn.split("/")[-1]].ec2_instance_id
        return str(backend.get_subnet(backend.get_instance(host).subnet_id).availability_zone)
    return None


def _describe_tasks_reports_missing_and_changes_nothing(patches: ExitStack) -> None:
    """Report an unknown task as MISSING, look only into the named cluster, and change nothing.

    AWS: API failure reasons
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
    moto: an empty `failures`, tasks of every cluster, and each call moves a running task towards STOPPED.
    """

    def describe_tasks(self: EC2ContainerServiceResponse) -> ActionResult:
        backend = self.ecs_backend
        cluster = backend._get_cluster(self._get_param("cluster", "default"))
        wanted_tasks = self._get_param("tasks", [])
        if not wanted_tasks:
            raise InvalidParameterException("Tasks cannot be empty.")
        if len(wanted_tasks) > PAGE:
            raise InvalidParameterException(f"Tasks cannot exceed {PAGE} elements.")
        by_id = {task.id: task for task in backend.tasks.get(cluster.name, {}).values()}
        tasks, failures = [], []
        for wanted in wanted_tasks:
            task = by_id.get(wanted.rpartition("/")[2])
            if task is not None and wanted in (task.id, task.task_arn):
                tasks.append(task)
            else:
                prefix = cluster.arn.partition(":cluster/")[0]
                arn = wanted if wanted.startswith("arn:") else f"{prefix}:task/{cluster.name}/{wanted}"
                failures.append({"arn": arn, "reason": "MISSING"})
        return ActionResult({"tasks": tasks, "failures": failures})

    patches.enter_context(mock.patch.object(EC2ContainerServiceResponse, "describe_tasks", describe_tasks))


def _list_tasks_filters(patches: ExitStack) -> None:
    """Honour serviceName, and list running tasks when no desiredStatus is given.

    AWS: ListTasks https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
    moto: ignores serviceName, lists tasks of every state, and takes part of a cluster's name for the whole.
    """
    list_tasks = EC2ContainerServiceBackend.list_tasks

    def filtered(
        backend: EC2ContainerServiceBackend,
        cluster_str: str | None = None,
        container_instance: str | None = None,
        family: str | None = None,
        started_by: str | None = None,
        service_name: str | None = None,
        desiredStatus: str | None = None,
    ) -> list[Task]:
        cluster = backend._get_cluster(cluster_str or "default")
        group = None
        if service_name:
            name = service_name.rpartition("/")[2]
            if f"{cluster.name}:{name}" not in backend.services:
                raise ServiceNotFoundException
            group = f"service:{name}"
        found = list_tasks(backend, cluster.name, None, family, started_by, None, desiredStatus or "RUNNING")
        return [
            task
            for task in found
            if task.cluster_name == cluster.name
            and (group is None or task.group == group)
            and (not container_instance or container_instance in (task.container_instance_arn or ""))
        ]

    patches.enter_context(mock.patch.object(EC2ContainerServiceBackend, "list_tasks", filtered))


def _list_tasks_gives_pages(patches: ExitStack) -> None:
    """Give at most 100 tasks at once, or `maxResults`, and a token for the rest.

    AWS: ListTasks https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
    moto: all of them, whatever is asked for.
    """
    list_all = EC2ContainerServiceResponse.list_tasks

    def list_tasks(self: EC2ContainerServiceResponse) -> ActionResult:
        answer: Any = list_all(self).result
        size = min(self._get_int_param("maxResults", PAGE), PAGE)
        start = int(self._get_param("nextToken", "0"))
        page: dict[str, Any] = {"taskArns": answer["taskArns"][start : start + size]}
        if len(answer["taskArns"]) > start + size:
            page["nextToken"] = str(start + size)
        return ActionResult(page)

    patches.enter_context(mock.patch.object(EC2ContainerServiceResponse, "list_tasks", list_tasks))


def _stopped_tasks_lose_their_interface(patches: ExitStack) -> None:
    """End a task as AWS does on StopTask: UserInitiated, stopped containers, the network interface deleted.

    AWS: StopTask https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html and Amazon ECS
    task lifecycle https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
    moto: sets the states and the reason, nothing else.
    """
    stop_task: Callable[..., Task] = EC2ContainerServiceBackend.stop_task

    def stopped(backend: EC2ContainerServiceBackend, cluster: str, task: str, reason: str | None) -> Task:
        ended = stop_task(backend, cluster, task, reason or "Task stopped by user")
        end(ended, "UserInitiated")
        return ended

    patches.enter_context(mock.patch.object(EC2ContainerServiceBackend, "stop_task", stopped))


def end(task: Any, stop_code: str) -> None:
    """Put a task into the state STOPPED, with what AWS takes away from it then."""
    now = datetime.now(UTC)
    task.last_status = task.desired_status = "STOPPED"
    task.stop_code = stop_code
    task.stopping_at = task.execution_stopped_at = task.stopped_at = now
    task.connectivity = "DISCONNECTED"
    task.version = (getattr(task, "version", None) or 1) + 2
    for container in task.containers:
        container.last_status = "STOPPED"
        if stop_code == "UserInitiated":
            container.exitCode = 143
    interfaces = ec2_backends[task._account_id][task.region_name].enis
    for attachment in task.attachments:
        attachment["status"] = "DELETED"
        for detail in attachment["details"]:
            if detail["name"] == "networkInterfaceId":
                interfaces.pop(detail["value"], None)


def _updated_services_deploy_again(patches: ExitStack) -> None:
    """Let UpdateService replace the deployment when it changes what tasks look like.

    AWS: UpdateService starts a new deployment for a new task definition or network configuration
    (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html); here the old one is
    drained at once.
    moto: the deployment keeps the old task definition and the old network configuration.
    """
    update_service = EC2ContainerServiceBackend.update_service

    def updated(backend: EC2ContainerServiceBackend, properties: dict[str, Any]) -> Service:
        renewed = any(
            properties.get(name)
            for name in (
                "task_definition",
                "network_configuration",
                "force_new_deployment",
                "platform_version",
            )
        )
        service = update_service(backend, properties)
        if renewed and service.deployments:
            now = datetime.now(UTC)
            service.deployments[0] |= {
                "id": f"ecs-svc/{uuid4().int % 10**19:019}",
                "taskDefinition": service.task_definition,
                "networkConfiguration": service.network_configuration,
                "platformVersion": service.platform_version,
                "failedTasks": 0,
                "createdAt": now,
                "updatedAt": now,
            }
        return service

    patches.enter_context(mock.patch.object(EC2ContainerServiceBackend, "update_service", updated))
