"""What a deployment deployed that failed and was rolled back: the service describes what runs now, which is something else."""

from __future__ import annotations

from datetime import UTC, datetime

from diagnostics.collect import calls
from diagnostics.collect.reading import Reader, hanging_on, is_pending, single
from diagnostics.collect.tasks import cluster_arn
from diagnostics.pull import roll_back_of
from diagnostics.snapshot import (
    Absent,
    Fact,
    Known,
    Service,
    ServiceDeployment,
    ServiceRevision,
    Why,
)

STATUSES = ("ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentBrief.html (status)"""
_NEVER = datetime(1, 1, 1, tzinfo=UTC)

Failed = tuple[Fact[ServiceDeployment], Fact[ServiceRevision]]


def read_failed(reader: Reader, service: Service, cluster: str | None) -> Failed | None:
    """The deployment that failed and what it deployed; `None` where the service was not rolled back.

    While the service still lists the failed deployment, nothing more is asked.
    AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
    """
    back = roll_back_of(service)
    if back is None:
        return None
    failed = back.failed
    if failed is not None and failed.task_definition is not None:
        return (
            Known(value=ServiceDeployment(created_at=failed.created_at)),
            Known(
                value=ServiceRevision(
                    task_definition=failed.task_definition, network_configuration=failed.network_configuration
                )
            ),
        )
    deployment = _deployment(reader, service, cluster)
    return deployment, _revision(reader, deployment)


def _deployment(reader: Reader, service: Service, cluster: str | None) -> Fact[ServiceDeployment]:
    """The newest service deployment that was rolled back."""
    name = service.service_name
    fact = reader.read(
        calls.LIST_SERVICE_DEPLOYMENTS,
        {
            "cluster": cluster_arn(reader, service.cluster_arn or cluster),
            "service": name,
            "status": list(STATUSES),
            "maxResults": 100,
        },
        about=name,
    )
    if not isinstance(fact, Known):
        return fact
    newest = max(fact.value, key=lambda item: item.created_at or _NEVER, default=None)
    return Absent(call=calls.LIST_SERVICE_DEPLOYMENTS.action) if newest is None else Known(value=newest)


def _revision(reader: Reader, deployment: Fact[ServiceDeployment]) -> Fact[ServiceRevision]:
    if is_pending(deployment):
        return deployment
    arn = deployment.value.target_service_revision_arn if isinstance(deployment, Known) else None
    if arn is None:
        return hanging_on(deployment, Why.DEFINITION_NOT_NAMED)
    fact = reader.read(calls.DESCRIBE_SERVICE_REVISIONS, {"serviceRevisionArns": [arn]}, about=arn)
    return single(fact, calls.DESCRIBE_SERVICE_REVISIONS.action, arn)
