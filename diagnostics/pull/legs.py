"""The hosts that must answer, the Region of each and the step that asks it.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from diagnostics import arn as arns
from diagnostics.pull.images import parsed_image
from diagnostics.pull.model import ContainerImage, Leg
from diagnostics.pull.s3_files import NamedFile, files_of
from diagnostics.pull.value_from import NamedSecret, is_secrets_manager, region_named, secrets_of
from diagnostics.snapshot import ContainerDefinition, TaskDefinition
from diagnostics.stop_reason import Stage

By = Literal["puller", "aws"]

STAGE_OF_SERVICE: Mapping[str, Stage] = {
    "secretsmanager": "secrets",
    "ssm": "secrets",
    "ecr.api": "login",
    "ecr.dkr": "manifest",
    "ecr-fips.dkr": "manifest",
    "s3": "layers",
}
"""The step that asks each service, by the suffix of the name of its endpoint service."""

ENDPOINT_SERVICES = (
    "ecr.api", "ecr.dkr", "ecr-fips.api", "ecr-fips.dkr", "ecr.api-fips", "ecr.dkr-fips", "s3", "secretsmanager", "secretsmanager-fips",
    "ssm", "ssm-fips", "kms", "kms-fips", "logs", "logs-fips", "ecs", "ecs-agent", "ecs-telemetry",
)  # fmt: skip
"""The endpoint services that a pull may use, by the same suffix. A fixed list, so that what is asked does not depend on
whether the task definition or the endpoints are answered first."""


def legs_of(
    images: tuple[ContainerImage, ...],
    definition: TaskDefinition | None,
    region: str,
    login_by: By,
    buckets: Mapping[str, str] = {},
) -> tuple[Leg, ...]:
    """The legs of a pull, each host once, with the containers that need it.

    Args:
        region: the task's own Region, which a name that is no ARN means.
        login_by: whose interface carries the log-in and the secrets.
        buckets: the Regions of the buckets that hold its files, as far as they are known.
    """
    legs: list[Leg] = []
    for image in images:
        legs.extend(_of_image(image, region, login_by))
    for container in definition.container_definitions if definition else ():
        legs.extend(_of_secret(item, region, login_by) for item in secrets_of(container))
        legs.extend(
            file_leg(item, region)
            for item in files_of(container)
            if item.bucket is not None and buckets.get(item.bucket) == region
        )
        legs.extend(_of_log(container, region))
    return _merged(legs)


def _of_image(image: ContainerImage, region: str, login_by: By) -> Iterator[Leg]:
    reference, names = image.reference, image.containers
    if reference is None or reference.on_the_machine:
        return
    host = reference.pull_host
    if image.in_ecr is None or reference.region is None:
        yield Leg(
            name="manifest", stage="manifest", host=host, region=region, service=None, port=reference.port,
            public=reference.is_public, containers=names,
        )  # fmt: skip
        return
    where = reference.region
    yield Leg(
        name="login", stage="login", host=arns.ecr_api_host(where), region=where, service="ecr.api", containers=names,
        by=login_by,
    )  # fmt: skip
    # The endpoints for the ordinary names do not serve the FIPS ones.
    service = "ecr-fips.dkr" if reference.fips else "ecr.dkr"
    yield Leg(name="manifest", stage="manifest", host=host, region=where, service=service, containers=names)
    yield Leg(
        name="layers", stage="layers", host=arns.layer_host(where), region=where, service="s3", containers=names
    )  # fmt: skip


def _of_secret(item: NamedSecret, region: str, by: By) -> Leg:
    where = region_named(item.value) or region
    return Leg(
        name=item.service, stage=STAGE_OF_SERVICE[item.service], host=arns.service_host(item.service, where),
        region=where, service=item.service, containers=(item.container,), by=by,
    )  # fmt: skip


def file_leg(file: NamedFile, region: str) -> Leg:
    """The leg to the bucket of a file. Files are read over the interface that pulls; platforms before 1.4.0 take none.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html
    """
    return Leg(
        name="files", stage="secrets", host=f"{file.bucket}.{arns.service_host('s3', region)}", region=region,
        service="s3", containers=(file.container,),
    )  # fmt: skip


def _of_log(container: ContainerDefinition, region: str) -> Iterator[Leg]:
    log = container.log_configuration
    if log is not None and log.log_driver == "awslogs":
        where = log.options.get("awslogs-region", region)
        yield Leg(
            name="logs", stage="secrets", host=arns.service_host("logs", where), region=where, service="logs",
            containers=(container.name,), needed_for_pull=False,
        )  # fmt: skip


def regions_named(definition: TaskDefinition | None) -> Iterator[str]:
    """The Regions that a task definition names: in its images, its logs and its secrets."""
    for container in definition.container_definitions if definition else ():
        reference = parsed_image(container.image)[0] if container.image else None
        if reference is not None and reference.region:
            yield reference.region
        log = container.log_configuration
        if log is not None and re.fullmatch(r"[a-z]+(-[a-z]+)+-\d+", log.options.get("awslogs-region", "")):
            yield log.options["awslogs-region"]
        for secret in container.secrets:
            region = region_named(secret.value_from)
            if region is not None and is_secrets_manager(secret.value_from):
                yield region


def _merged(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    by_key: dict[tuple[str, str], Leg] = {}
    for leg in legs:
        key = (leg.name, leg.host)
        old = by_key.get(key)
        names = tuple(dict.fromkeys((*old.containers, *leg.containers))) if old else leg.containers
        by_key[key] = (old or leg).model_copy(update={"containers": names})
    return tuple(by_key.values())
