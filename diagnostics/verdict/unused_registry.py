"""A registry that an error text names and no image of the task is pulled from: what was looked at is not what failed."""

from __future__ import annotations

import re
from ipaddress import ip_address

from diagnostics.faults.base import World
from diagnostics.image_reference import ImageReference
from diagnostics.pull import parsed_image
from diagnostics.stop_reason import Symptom, SymptomId

UNUSED_REGISTRY = (
    "Compare the image that the error text names with those of the task definition: the task that failed may have run "
    "another revision, or a container that was added to it."
)

_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".amazonaws.eu", ".ic.gov", ".sgov.gov")


_LIMITED = {SymptomId.DOCKERHUB_RATE_LIMIT: "docker.io", SymptomId.ECR_PUBLIC_RATE_LIMIT: "public.ecr.aws"}
"""The registry whose limit a text speaks of, where it names none."""


_API = re.compile(r"api\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.")
_REPOSITORY = re.compile(r"arn:[a-z-]+:ecr:[a-z0-9-]+:[0-9]{12}:repository/[a-z0-9._/-]+")
_BUCKETS = (("docker-images-prod.", "docker.io"), ("prod-registry-k8s-io-", "registry.k8s.io"))
"""Buckets of S3 from which registries outside AWS hand out their layers."""


def unused_registry(world: World, symptom: Symptom) -> str | None:
    """The registry or repository that a text is about, where none of the task's images comes from there; `None` where one may.

    Private registries have further hosts for their log-in and their layers, so that of a task with an image of another
    registry outside AWS no host is a stranger.
    """
    images = [image.reference for image in world.pull.images]
    if not images or None in images:
        return None
    used = [reference for reference in images if reference is not None]
    api = _API.match((symptom.host or "").lower())
    if api is not None:
        return None if api["region"] in {item.region for item in used} else symptom.host
    resource = symptom.denial.resource if symptom.denial is not None else None
    if resource is not None and _REPOSITORY.fullmatch(resource):
        name = resource.partition(":repository/")[2]
        return None if resource in {item.repository_arn for item in used} else f"repository {name}"
    asked = _registry_of(symptom)
    if asked is None or any(_is_of(asked, reference) for reference in used):
        return None
    return asked.registry


def _registry_of(symptom: Symptom) -> ImageReference | None:
    """The registry that a text names by its host or its image, as the reference of some image there."""
    if symptom.host is not None:
        host = next((name for part, name in _BUCKETS if part in symptom.host), symptom.host)
        if _is_no_registry(host):
            return None
        host = "docker.io" if host.endswith(("docker.io", "docker.com")) else host
        return parsed_image(f"{host}/image")[0]
    if symptom.image is None:
        return parsed_image(f"{_LIMITED[symptom.id]}/image")[0] if symptom.id in _LIMITED else None
    return parsed_image(symptom.image)[0]


def _is_no_registry(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return "." not in host or (host.endswith(_AWS) and ".dkr.ecr" not in host)
    return True


def _is_of(asked: ImageReference, used: ImageReference) -> bool:
    if asked.is_ecr and used.is_ecr:
        return (asked.account_id, asked.region) == (used.account_id, used.region)
    if asked.kind == used.kind:
        return True
    # What hands out the layers of public.ecr.aws is a host of CloudFront.
    return used.kind == "ecr-public" and asked.registry.endswith("cloudfront.net")
