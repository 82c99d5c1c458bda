"""A public registry refuses the pull, since too much was pulled from this address: Docker Hub, or public.ecr.aws."""

from __future__ import annotations

from diagnostics.arn import ecr_dkr_host
from diagnostics.faults.base import Subject, World
from diagnostics.faults.image.in_ecr import unless_from
from diagnostics.faults.images import containers, image_of, reference_of
from diagnostics.faults.registry.cache_rule_commands import SECRET_PREFIX, made_rule, rule_as_code
from diagnostics.faults.registry.role_policies import execution_role, inline_policy
from diagnostics.faults.registry.secret_values import UPSTREAM_LOGIN, write_the_file
from diagnostics.faults.task_definition import with_image
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import free_name

LONGEST_PREFIX = 30
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html"""

HUB_LIMIT = Fault(
    id="docker-hub-rate-limit",
    kind="limit",
    title="Docker Hub's pull limit is not reached",
    short="Docker Hub's pull limit is reached",
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
    short="the pull limit of public.ecr.aws is reached",
    why="Amazon ECR Public limits anonymous pulls by rate and by the amount of data. Many tasks that start at once reach the limit together.",
    how="Pull through a pull-through cache rule for public.ecr.aws, and spread the starts.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/public/public-service-quotas.html",
    explains=Explains(symptoms=(SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.ECR_PUBLIC_RATE_LIMIT)),
    text_only=True,
)


def _through_a_rule(
    world: World, image: ContainerImage, wanted: str, url: str, text: str, *, secret: bool
) -> Fix:
    """The image pulled through a new pull-through cache rule, with a secret where the upstream wants a log-in."""
    reference, host = reference_of(image), ecr_dkr_host(world.snapshot.account_id or "ACCOUNT", world.region)
    prefix = free_name(wanted, None, of=image.image, most=LONGEST_PREFIX)
    mark = f"@{reference.digest}" if reference.digest else f":{reference.tag or 'latest'}"
    name = f"{SECRET_PREFIX}{prefix}" if secret else None
    make, back = made_rule(prefix, url, world.region, name)
    first, last = [*make], [*back]
    role, needs = execution_role(world), ""
    if role is not None:
        partition = role.split(":")[1]
        repositories = f"arn:{partition}:ecr:{world.region}:{world.snapshot.account_id}:repository/{prefix}/*"
        actions = [
            "ecr:CreateRepository",
            "ecr:BatchImportUpstreamImage",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        ]
        put, delete = inline_policy(
            world,
            role,
            f"pull-through-{prefix}",
            {"Action": actions, "Resource": repositories},
            of=image.image,
        )
        first, last = [*first, put], [delete, *last]
    else:
        needs = f" The execution role then needs ecr:CreateRepository and ecr:BatchImportUpstreamImage on {prefix}/*."
    return with_image(
        world,
        image,
        f"{host}/{prefix}/{reference.repository}{mark}",
        title="Pull through a cache rule of ECR",
        text=f"{text}{needs}",
        first=tuple(first),
        last=tuple(last),
        undo_note=f"What the rule has fetched by then stays in repositories under {prefix}/.",
        code=rule_as_code(prefix, url, name),
    )


def _from_ecr_public(world: World, image: ContainerImage) -> Fix | None:
    """An official image of Docker Hub, which Docker publishes on public.ecr.aws as well; `None` for any other.

    https://gallery.ecr.aws/docker
    """
    reference = reference_of(image)
    if not reference.repository.startswith("library/") or reference.digest:
        return None
    name = f"public.ecr.aws/docker/{reference.repository}:{reference.tag or 'latest'}"
    return with_image(
        world,
        image,
        name,
        title="Pull Docker's own copy on public.ecr.aws",
        text=f"Name {name} in the task definition: Docker publishes its official images there too, and it takes no credentials. Old tags may be missing there: look at gallery.ecr.aws/docker.",
    )


def _docker_hub(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    image = image_of(subject)
    likely = "" if symptom.id == SymptomId.DOCKERHUB_RATE_LIMIT else "most likely "
    parameter = image.credentials_parameter
    known = known_value(world.snapshot.task_definition) is not None
    who = f"with the credentials of {parameter}" if parameter else "without credentials"
    text = f"Pull Docker Hub's images through a pull-through cache rule of ECR, which logs in with an account of Docker Hub and keeps what it fetched. {write_the_file(UPSTREAM_LOGIN)}"
    cached = _through_a_rule(world, image, "docker-hub", "registry-1.docker.io", text, secret=True)
    copy = _from_ecr_public(world, image)
    return shown(
        HUB_LIMIT,
        symptom,
        f"Docker Hub {likely}refused the pull of {reference_of(image).repository} because of its pull limit{f'; {containers(image)} pulls {who}' if known else ''}.",
        (copy, cached) if copy else cached,
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
