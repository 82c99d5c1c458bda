"""A public registry refuses the pull, since too much was pulled from this address: Docker Hub, or public.ecr.aws."""

from __future__ import annotations

from diagnostics.arn import ecr_dkr_host
from diagnostics.faults.base import Subject, World
from diagnostics.faults.image.in_ecr import unless_from
from diagnostics.faults.images import containers, image_of, reference_of
from diagnostics.faults.registry.cache_rule_commands import (
    SECRET_PREFIX,
    new_secret,
    rule_in_cloudformation,
    rule_in_terraform,
)
from diagnostics.faults.task_definition import back_to_old, other_image
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId

HUB_LIMIT = Fault(
    id="docker-hub-rate-limit",
    kind="limit",
    title="Docker Hub's pull limit is not reached",
    why="Docker Hub counts anonymous pulls by address, 100 in six hours, and all tasks behind one NAT gateway share one address.",
    how="Pull with the credentials of an account (repositoryCredentials), through a pull-through cache rule, or from a copy in ECR.",
    source="https://repost.aws/knowledge-center/ecs-pull-container-error-rate-limit",
    explains=Explains(
        symptoms=(
            SymptomId.LAYER_COPY_FAILED_UNSPECIFIED,
            SymptomId.REGISTRY_ACCESS_DENIED,
            SymptomId.DOCKERHUB_RATE_LIMIT,
        )
    ),
    text_only=True,
)
PUBLIC_LIMIT = Fault(
    id="ecr-public-rate-limit",
    kind="limit",
    title="The limit of public.ecr.aws is not reached",
    why="Amazon ECR Public limits anonymous pulls by rate and by the amount of data. Many tasks that start at once reach the limit together.",
    how="Pull through a pull-through cache rule for public.ecr.aws, and spread the starts.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html",
    explains=Explains(symptoms=(SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.ECR_PUBLIC_RATE_LIMIT)),
    text_only=True,
)


def _through_a_rule(
    world: World, image: ContainerImage, prefix: str, url: str, text: str, *, secret: bool
) -> Fix:
    """The image pulled through a new pull-through cache rule, with a secret where the upstream wants a log-in."""
    reference, where = reference_of(image), f"--region {world.region}"
    host = ecr_dkr_host(world.snapshot.account_id or "ACCOUNT", world.region)
    cached = f"{host}/{prefix}/{reference.repository}:{reference.tag or 'latest'}"
    create = f"aws ecr create-pull-through-cache-rule --ecr-repository-prefix {prefix} --upstream-registry-url {url}"
    delete = f"aws ecr delete-pull-through-cache-rule --ecr-repository-prefix {prefix} {where}"
    verify = f"aws ecr describe-pull-through-cache-rules --ecr-repository-prefixes {prefix} {where}"
    if secret:
        create = (
            f'{new_secret(f"{SECRET_PREFIX}{prefix}", world.region)}\n{create} --credential-arn "$secret"'
        )
        verify = f"aws ecr validate-pull-through-cache-rule --ecr-repository-prefix {prefix} {where}"
    return Fix(
        text=f"{text} The execution role then needs ecr:CreateRepository and ecr:BatchImportUpstreamImage on {prefix}/*.",
        cli=f"{create} {where}\n{other_image(world, image, cached)}",
        terraform=rule_in_terraform(prefix, url, secret=secret),
        cloudformation=rule_in_cloudformation(prefix, url, secret=secret),
        verify=verify,
        undo="\n".join(filter(None, (back_to_old(world), delete))),
    )


def _docker_hub(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    likely = "" if symptom.id == SymptomId.DOCKERHUB_RATE_LIMIT else "most likely "
    parameter = image.credentials_parameter
    known = known_value(world.snapshot.task_definition) is not None
    who = f"with the credentials of {parameter}" if parameter else "without credentials"
    text = 'Pull Docker Hub\'s images through a pull-through cache rule of ECR, which logs in with an account of Docker Hub and keeps what it fetched; credentials.json holds {"username":…,"accessToken":…}.'
    return shown(
        HUB_LIMIT,
        symptom,
        f"Docker Hub {likely}refused the pull of {reference_of(image).repository} because of its pull limit{f'; {containers(image)} pulls {who}' if known else ''}.",
        _through_a_rule(world, image, "docker-hub", "registry-1.docker.io", text, secret=True),
        *(
            (
                Evidence(
                    what=f"{containers(image)} pulls {image.image} {who}", source="ecs:DescribeTaskDefinition"
                ),
            )
            if known
            else ()
        ),
        stage=symptom.stage or "manifest",
        resources=(image.image,),
        named=True,
    )


def _ecr_public(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    text = "Pull through a pull-through cache rule for public.ecr.aws."
    return shown(
        PUBLIC_LIMIT,
        symptom,
        f"public.ecr.aws refused the pull of {reference_of(image).repository} because of its limit.",
        _through_a_rule(world, image, "ecr-public", "public.ecr.aws", text, secret=False),
        stage=symptom.stage or "manifest",
        resources=(image.image,),
        named=True,
    )


ROOMS = (
    text_room(
        HUB_LIMIT,
        (SymptomId.DOCKERHUB_RATE_LIMIT, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED),
        _docker_hub,
        unless=unless_from("Docker Hub", lambda reference: reference.kind == "docker-hub"),
    ),
    text_room(
        PUBLIC_LIMIT,
        (SymptomId.ECR_PUBLIC_RATE_LIMIT,),
        _ecr_public,
        unless=unless_from("public.ecr.aws", lambda reference: reference.kind == "ecr-public"),
    ),
)
