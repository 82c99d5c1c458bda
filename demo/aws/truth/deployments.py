"""Service deployments and service revisions, which moto does not have: what was deployed when, and what became of it.

AWS: View service history using Amazon ECS service deployments
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html and Amazon ECS service revisions
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-revision.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.ecr.models import ecr_backends
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse

# AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html
MOST_AT_ONCE = 20

CIRCUIT_BREAKER = "Service deployment rolled back because the circuit breaker threshold was exceeded."


def apply(patches: ExitStack) -> None:
    """Apply the corrections of this module."""
    _what_is_deployed_is_kept(patches)
    for call in (list_service_deployments, describe_service_deployments, describe_service_revisions):
        patches.enter_context(
            mock.patch.object(EC2ContainerServiceResponse, call.__name__, call, create=True)
        )


def _what_is_deployed_is_kept(patches: ExitStack) -> None:
    """Keep what CreateService and UpdateService deploy.

    AWS: a new task definition, network or platform version, or force, makes a revision and a deployment.
    """
    create_service: Callable[..., Service] = EC2ContainerServiceBackend.create_service
    update_service: Callable[..., Service] = EC2ContainerServiceBackend.update_service

    def created(backend: EC2ContainerServiceBackend, *args: Any, **kwargs: Any) -> Service:
        service = create_service(backend, *args, **kwargs)
        _deploy(service)
        return service

    def updated(backend: EC2ContainerServiceBackend, properties: dict[str, Any]) -> Service:
        service = backend._get_service(
            properties.get("cluster", "default"), properties["service"].rpartition("/")[2]
        )
        before = _current(service)
        service = update_service(backend, properties)
        if _current(service) != before:
            _deploy(service)
        return service

    patches.enter_context(mock.patch.object(EC2ContainerServiceBackend, "create_service", created))
    patches.enter_context(mock.patch.object(EC2ContainerServiceBackend, "update_service", updated))


def _current(service: Any) -> str | None:
    return service.deployments[0]["id"] if service.deployments else None


def _deploy(service: Any) -> None:
    """Record the service's primary deployment. Services that other controllers deploy have none of these."""
    if not service.deployments:
        return
    now, primary = datetime.now(UTC), service.deployments[0]
    number, place = uuid4().int % 10**19, {"serviceArn": service.arn, "clusterArn": service.cluster_arn}
    task_definition = service._backend.describe_task_definition(service.task_definition)
    revision = {
        **place,
        "serviceRevisionArn": f"{service.arn.replace(':service/', ':service-revision/')}/{number}",
        "taskDefinition": task_definition.arn,
        "launchType": service.launch_type,
        "networkConfiguration": deepcopy(service.network_configuration),
        "containerImages": [_resolved(service, item) for item in task_definition.container_definitions],
        "createdAt": now,
    }
    deployment = {
        **place,
        "serviceDeploymentArn": f"{service.arn.replace(':service/', ':service-deployment/')}/{uuid4().hex[:21]}",
        "targetServiceRevisionArn": revision["serviceRevisionArn"],
        "status": "SUCCESSFUL",
        "createdAt": now,
        "startedAt": now,
        "finishedAt": now,
    }
    before = _history(service)[0][1]["serviceRevisionArn"] if _history(service) else None
    deployment["sourceServiceRevisions"] = [{"arn": before}] if before else []
    _history(service).insert(0, (deployment, revision, deepcopy(primary)))
    _name_current(service, deployment, revision)


def _name_current(service: Any, deployment: dict[str, Any], revision: dict[str, Any]) -> None:
    """Let DescribeServices name what is deployed.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html (currentServiceDeployment, currentServiceRevisions)
    """
    service.current_service_deployment = deployment["serviceDeploymentArn"]
    service.current_service_revisions = [{"arn": revision["serviceRevisionArn"]}]


def _resolved(service: Any, container: dict[str, Any]) -> dict[str, Any]:
    """The image of a container with the digest that its tag had, where the account's registry has it.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
    """
    image = container["image"]
    found: dict[str, Any] = {"containerName": container["name"], "image": image}
    name, _, tag = image.partition("/")[2].partition(":")
    repository = ecr_backends[service._account_id][service.region_name].repositories.get(name)
    for item in repository.images if repository else ():
        if tag in item.image_tags:
            found["imageDigest"] = item.get_image_digest()
    return found


def _history(service: Any) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """The service's deployments, the newest first, each with its revision and what DescribeServices said of it."""
    if not hasattr(service, "history"):
        service.history = []
    history: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = service.history
    return history


def roll_back(service: Any, reason: str) -> str:
    """End the newest deployment of a service as failed and go back to the one before. Returns what the event says.

    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html. The service then
    describes what it went back to; the deployment that failed is in its history only.
    """
    (failed, _, _), (_, revision, primary) = _history(service)[:2]
    _name_current(service, failed, revision)
    now = datetime.now(UTC)
    failed |= {"status": "ROLLBACK_SUCCESSFUL", "statusReason": reason, "finishedAt": now}
    service.task_definition = revision["taskDefinition"]
    service.network_configuration = deepcopy(revision["networkConfiguration"])
    count = service.desired_count
    failed_id = service.deployments[0]["id"]
    service.running_count, service.pending_count = count, 0
    service.deployments[0] = {
        **primary,
        "taskDefinition": revision["taskDefinition"],
        "runningCount": count,
        "pendingCount": 0,
        "failedTasks": 0,
        "rolloutState": "COMPLETED",
        "rolloutStateReason": "ECS deployment completed.",
    }
    back = service.deployments[0]["id"]
    return f"(service {service.name}) (deployment {failed_id}) deployment failed: tasks failed to start. rolling back to deployment {back}."


# --- the calls ---------------------------------------------------------------------------------------


def list_service_deployments(self: EC2ContainerServiceResponse) -> ActionResult:
    """ListServiceDeployments, by status; all at once."""
    name = self._get_param("service").rpartition("/")[2]
    service = self.ecs_backend._get_service(self._get_param("cluster", "default"), name)
    wanted = self._get_param("status") or ()
    found = [
        deployment for deployment, _, _ in _history(service) if not wanted or deployment["status"] in wanted
    ]
    return ActionResult({"serviceDeployments": found})


def describe_service_deployments(self: EC2ContainerServiceResponse) -> ActionResult:
    """DescribeServiceDeployments, with what ListServiceDeployments says of them."""
    return _described(self, "serviceDeployment", 0)


def describe_service_revisions(self: EC2ContainerServiceResponse) -> ActionResult:
    """DescribeServiceRevisions."""
    return _described(self, "serviceRevision", 1)


def _described(response: EC2ContainerServiceResponse, kind: str, place: int) -> ActionResult:
    wanted = response._get_param(f"{kind}Arns") or []
    if not 0 < len(wanted) <= MOST_AT_ONCE:
        raise InvalidParameterException(f"{kind}Arns takes 1 to {MOST_AT_ONCE} elements.")
    known = {item[f"{kind}Arn"]: item for item in _all(response, place)}
    return ActionResult(
        {
            f"{kind}s": [known[arn] for arn in wanted if arn in known],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in wanted if arn not in known],
        }
    )


def _all(response: EC2ContainerServiceResponse, place: int) -> Iterator[dict[str, Any]]:
    for service in response.ecs_backend.services.values():
        for row in _history(service):
            yield row[place]
