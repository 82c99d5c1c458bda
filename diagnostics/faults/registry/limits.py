"""Limits and outages of registries, which only the error text shows."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.arn import ecr_dkr_host
from diagnostics.faults.base import Subject, World, check, fails, skipped
from diagnostics.faults.image.faults import INVALID_REFERENCE
from diagnostics.faults.image.wording import (
    Place,
    back_to_old,
    containers,
    image_of,
    new_secret,
    other_image,
    update_service,
)
from diagnostics.faults.registry.cache import rule_in_cloudformation, rule_in_terraform
from diagnostics.faults.registry.faults import HUB_LIMIT, OUTAGE, PUBLIC_LIMIT, THROTTLED
from diagnostics.faults.told import TEXT_ONLY, told
from diagnostics.faults.told import quoted as text_of
from diagnostics.finding import Evidence, Fault, Fix, Outcome, Status
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import quoted

ECR_STAGES = ("login", "manifest", "layers")


@check("registry.limits", "image", HUB_LIMIT, PUBLIC_LIMIT, THROTTLED, OUTAGE)
def limits(world: World, subject: Subject) -> Iterator[Outcome]:
    """A limit is that of the registry that the image is in; an outage may be that of any registry."""
    image = image_of(subject)
    reference = image.reference
    if reference is None:
        yield from (
            skipped(item, f"the image reference is not valid: {INVALID_REFERENCE.id}")
            for item in limits.faults
        )
        return
    yield _hub(world, image, reference)
    yield _public(world, image, reference)
    yield _ecr(world, image, reference)
    symptom = told(world, image, SymptomId.REGISTRY_5XX, SymptomId.CONNECTION_REFUSED_RESET)
    yield skipped(OUTAGE, TEXT_ONLY) if symptom is None else _outage(world, image, reference, symptom)


def _warn(
    fault: Fault,
    image: ContainerImage,
    symptom: Symptom,
    summary: str,
    fix: Fix,
    *more: Evidence,
    resources: tuple[str, ...] = (),
    link: str | None = None,
) -> Outcome:
    return fails(
        fault,
        summary,
        # Each begins with the registry.
        named=True,
        stage=symptom.stage or "manifest",
        resources=resources or (image.image,),
        evidence=(text_of(symptom), *more),
        fix=fix,
        console_url=link,
        status=Status.WARN,
    )


def _hub(world: World, image: ContainerImage, reference: ImageReference) -> Outcome:
    if reference.kind != "docker-hub":
        return skipped(HUB_LIMIT, f"{reference.registry} is not Docker Hub")
    symptom = told(world, image, SymptomId.DOCKERHUB_RATE_LIMIT, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED)
    if symptom is None:
        return skipped(HUB_LIMIT, TEXT_ONLY)
    cached = _cached(world, "docker-hub", reference)
    secret = "ecr-pullthroughcache/docker-hub"
    where = f"--region {world.region}"
    parameter = image.credentials_parameter
    who = f"with the credentials of {parameter}" if parameter else "without credentials"
    says = (
        "Docker Hub refused"
        if symptom.id == SymptomId.DOCKERHUB_RATE_LIMIT
        else "Docker Hub most likely refused"
    )
    return _warn(
        HUB_LIMIT,
        image,
        symptom,
        f"{says} the pull of {reference.repository} because of its pull limit; {containers(image)} pulls {who}.",
        Fix(
            text='Pull Docker Hub\'s images through a pull-through cache rule of ECR, which logs in with an account of Docker Hub and keeps what it fetched; credentials.json holds {"username":…,"accessToken":…}. The execution role then needs ecr:CreateRepository and ecr:BatchImportUpstreamImage on docker-hub/*.',
            cli=(
                f"{new_secret(secret, world.region)}\n"
                f'aws ecr create-pull-through-cache-rule --ecr-repository-prefix docker-hub --upstream-registry-url registry-1.docker.io --credential-arn "$secret" {where}\n'
                f"{other_image(world, image, cached)}"
            ),
            terraform=rule_in_terraform("docker-hub", "registry-1.docker.io", secret=True),
            cloudformation=rule_in_cloudformation("docker-hub", "registry-1.docker.io", secret=True),
            verify=f"aws ecr validate-pull-through-cache-rule --ecr-repository-prefix docker-hub {where}",
            undo="\n".join(
                filter(
                    None,
                    (
                        back_to_old(world),
                        f"aws ecr delete-pull-through-cache-rule --ecr-repository-prefix docker-hub {where}",
                    ),
                )
            ),
        ),
        Evidence(what=f"{containers(image)} pulls {image.image} {who}", source="ecs:DescribeTaskDefinition"),
    )


def _public(world: World, image: ContainerImage, reference: ImageReference) -> Outcome:
    if reference.kind != "ecr-public":
        return skipped(PUBLIC_LIMIT, f"{reference.registry} is not public.ecr.aws")
    symptom = told(world, image, SymptomId.ECR_PUBLIC_RATE_LIMIT)
    if symptom is None:
        return skipped(PUBLIC_LIMIT, TEXT_ONLY)
    cached, where = _cached(world, "ecr-public", reference), f"--region {world.region}"
    return _warn(
        PUBLIC_LIMIT,
        image,
        symptom,
        f"public.ecr.aws refused the pull of {reference.repository} because of its limit.",
        Fix(
            text="Pull through a pull-through cache rule for public.ecr.aws. The execution role then needs ecr:CreateRepository and ecr:BatchImportUpstreamImage on ecr-public/*.",
            cli=f"aws ecr create-pull-through-cache-rule --ecr-repository-prefix ecr-public --upstream-registry-url public.ecr.aws {where}\n{other_image(world, image, cached)}",
            terraform=rule_in_terraform("ecr-public", "public.ecr.aws", secret=False),
            cloudformation=rule_in_cloudformation("ecr-public", "public.ecr.aws", secret=False),
            verify=f"aws ecr describe-pull-through-cache-rules --ecr-repository-prefixes ecr-public {where}",
            undo="\n".join(
                filter(
                    None,
                    (
                        back_to_old(world),
                        f"aws ecr delete-pull-through-cache-rule --ecr-repository-prefix ecr-public {where}",
                    ),
                )
            ),
        ),
    )


def _cached(world: World, prefix: str, reference: ImageReference) -> str:
    """The image as it is named when it comes through a pull-through cache rule of the task's own registry."""
    host = ecr_dkr_host(world.snapshot.account_id or "ACCOUNT", world.region)
    return f"{host}/{prefix}/{reference.repository}:{reference.tag or 'latest'}"


def _ecr(world: World, image: ContainerImage, reference: ImageReference) -> Outcome:
    if not reference.is_ecr:
        return skipped(THROTTLED, f"{reference.registry} is not a private ECR registry")
    symptom = told(world, image, SymptomId.ECR_THROTTLED)
    if symptom is None:
        return skipped(THROTTLED, TEXT_ONLY)
    place = Place.of(reference)
    again = update_service(world, "--force-new-deployment")
    return _warn(
        THROTTLED,
        image,
        symptom,
        f"ECR in {place.region} throttled account {world.snapshot.account_id or 'of the task'}: too many requests at the same time.",
        Fix(
            text="Start the task again; if it happens often, start fewer tasks at once or ask for a higher quota of the ECR action.",
            cli=again,
            verify=f"aws service-quotas list-service-quotas --service-code ecr --region {place.region} --query \"Quotas[?contains(QuotaName, 'Rate of')].[QuotaName,Value]\" --output text",
        ),
        resources=(place.arn,),
        link=console.repository(place.region, place.account, place.repository),
    )


def _outage(world: World, image: ContainerImage, reference: ImageReference, symptom: Symptom) -> Outcome:
    host = symptom.host or reference.pull_host
    status = f" with status {symptom.http_status}" if symptom.http_status else ""
    what = (
        f"answered{status}" if symptom.id == SymptomId.REGISTRY_5XX else "refused or dropped the connection"
    )
    return _warn(
        OUTAGE,
        image,
        symptom,
        f"{host} {what} when {containers(image)} was pulled.",
        Fix(
            text=f"Look whether {host} has trouble, then start the task again.",
            cli=update_service(world, "--force-new-deployment"),
            verify=f"docker manifest inspect {quoted(image.image)} > /dev/null && echo found",
        ),
    )
