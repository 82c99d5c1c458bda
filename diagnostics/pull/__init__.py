"""Who pulls, through which interface, and from which hosts: one description that everything else shares.

Fargate pulls over the task's own elastic network interface with the task execution role. On EC2 the agent
and the Docker daemon pull on the host before the container exists, so the *instance's* primary interface
decides in every network mode and the task's own security group plays no part.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html and
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

from diagnostics.pull.events import event_about_a_pull, old_event_about_a_pull
from diagnostics.pull.host import HostOs, host_os, image_volume, volumes_to_read
from diagnostics.pull.images import container_images, parsed_image
from diagnostics.pull.interfaces import (
    host_interface,
    interfaces_of,
    network_configuration,
    task_attachment,
    wants_public_address,
)
from diagnostics.pull.launch import capacity_provider_of, has_old_platform, is_placed_on_host, launch_of
from diagnostics.pull.legs import ENDPOINT_SERVICES, STAGE_OF_SERVICE, file_leg, legs_of, regions_named
from diagnostics.pull.model import (
    ContainerImage,
    Interface,
    Launch,
    Leg,
    LegName,
    Pull,
    PullingRole,
)
from diagnostics.pull.placement import (
    fitting_hosts,
    no_host,
    providers_to_read,
    unread_constraints,
    why_not_placed,
)
from diagnostics.pull.principals import (
    execution_role,
    execution_role_named,
    full_role_arn,
    is_foreign_role,
    is_session_of,
    principals_of,
    role_arns,
    task_role_of,
    task_role_to_read,
)
from diagnostics.pull.roll_back import RollBack, roll_back_of
from diagnostics.pull.s3_files import FileKind, NamedFile, files_of, named_files
from diagnostics.pull.started_by import Starter, StarterKind, starter_of
from diagnostics.pull.to_read import groups_to_read, instance_to_read, pulls_on_host, subnets_to_read
from diagnostics.pull.value_from import (
    ARN_PARTS,
    ARN_PARTS_WITH_KEY,
    SHORTEST_VERSION_ID,
    account_named,
    arn_suffix,
    injected_secrets,
    is_secrets_manager,
    named_secrets,
    parameter_names,
    parts_of,
    placed,
    region_named,
    secret_id,
    secret_name,
    selector_of,
)
from diagnostics.snapshot import Known, Snapshot, known_value


def describe(snapshot: Snapshot, denied_principal: str | None = None) -> Pull:
    """The description of the pull that a snapshot is about.

    Args:
        snapshot: the facts, complete or still being collected.
        denied_principal: the assumed-role ARN that the error text names, if it names one; it outranks every guess.
    """
    task = known_value(snapshot.task)
    definition = known_value(snapshot.task_definition)
    launch = launch_of(snapshot)
    told = (
        task or known_value(snapshot.service_revision) or (snapshot.planned and known_value(snapshot.service))
    )
    images = container_images(
        task,
        definition,
        snapshot.alert_text if snapshot.source == "alert" else None,
        known_value(snapshot.service_revision),
    )
    return Pull(
        launch=launch,
        platform_version=told.platform_version if told else None,
        region=snapshot.region,
        partition=snapshot.partition,
        images=images,
        legs=legs_of(
            images,
            definition,
            snapshot.region,
            "aws" if has_old_platform(snapshot) else "puller",
            {name: fact.value for name, fact in snapshot.bucket_regions.items() if isinstance(fact, Known)},
        ),
        interfaces=interfaces_of(snapshot, launch),
        principals=principals_of(snapshot, launch, denied_principal),
    )


__all__ = [
    "ARN_PARTS",
    "ARN_PARTS_WITH_KEY",
    "ENDPOINT_SERVICES",
    "SHORTEST_VERSION_ID",
    "STAGE_OF_SERVICE",
    "ContainerImage",
    "FileKind",
    "HostOs",
    "Interface",
    "Launch",
    "Leg",
    "LegName",
    "NamedFile",
    "Pull",
    "PullingRole",
    "RollBack",
    "Starter",
    "StarterKind",
    "account_named",
    "arn_suffix",
    "capacity_provider_of",
    "container_images",
    "describe",
    "event_about_a_pull",
    "execution_role",
    "execution_role_named",
    "file_leg",
    "files_of",
    "fitting_hosts",
    "full_role_arn",
    "groups_to_read",
    "host_interface",
    "host_os",
    "image_volume",
    "injected_secrets",
    "instance_to_read",
    "is_foreign_role",
    "is_placed_on_host",
    "is_secrets_manager",
    "is_session_of",
    "launch_of",
    "named_files",
    "named_secrets",
    "network_configuration",
    "no_host",
    "old_event_about_a_pull",
    "parameter_names",
    "parsed_image",
    "parts_of",
    "placed",
    "providers_to_read",
    "pulls_on_host",
    "region_named",
    "regions_named",
    "role_arns",
    "roll_back_of",
    "secret_id",
    "secret_name",
    "selector_of",
    "starter_of",
    "subnets_to_read",
    "task_attachment",
    "task_role_of",
    "task_role_to_read",
    "unread_constraints",
    "volumes_to_read",
    "wants_public_address",
    "why_not_placed",
]
