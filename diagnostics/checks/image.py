"""Does the image that the task names exist?"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from diagnostics import console
from diagnostics.checks.base import Check, Subject, World, check, fails, passes, skipped, unknown
from diagnostics.finding import Evidence, Fault, Fix, Outcome
from diagnostics.image_reference import ImageReference, nearest
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import Absent, ImageFacts, Known, Unavailable, known_value, need

CANNOT_PULL = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html"

INVALID_REFERENCE = Fault(
    id="invalid-image-reference",
    kind="image",
    title="The image reference can be parsed",
    why="The container runtime refuses the reference before it asks any registry: upper-case letters in the repository, a placeholder that was never filled in, a scheme or a space.",
    how="Correct the image in the task definition and deploy the new revision.",
    source=CANNOT_PULL,
)
REPO_NOT_FOUND = Fault(
    id="repo-not-found",
    kind="image",
    title="The ECR repository exists",
    why="The registry has no repository of this name in this account and Region, so there is no manifest to hand out. A misspelt name, another account or another Region look the same.",
    how="Correct the image in the task definition, or create the repository and push the image.",
    source=CANNOT_PULL,
)
TAG_NOT_FOUND = Fault(
    id="tag-not-found",
    kind="image",
    title="The repository has the tag that the task names",
    why="The repository exists but has no image with this tag: it was never pushed, was moved, or a lifecycle policy removed it.",
    how="Push the tag, or name one that exists in the task definition.",
    source=CANNOT_PULL,
)
DIGEST_NOT_FOUND = Fault(
    id="digest-not-found",
    kind="image",
    title="The repository has the digest that the task names",
    why="The task definition pins a digest that the repository no longer holds, often because a lifecycle policy removed the untagged image.",
    how="Name a digest that exists, or push the image again.",
    source=CANNOT_PULL,
)
IMAGE_ARCHIVED = Fault(
    id="image-archived",
    kind="image",
    title="The image is not in ECR's archive storage class",
    why="An archived image is still listed, but it cannot be pulled until it has been restored.",
    how="Restore the image (up to 20 minutes) or push it again.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html",
)

NOT_FOUND_TEXTS = ("image-not-found", "repo-not-found", "image-digest-gone", "ecr-pull-denied-unspecified")


def _quoted(text: str) -> str:
    return shlex.quote(text)


@check("image.reference", "image", INVALID_REFERENCE)
def reference(world: World, subject: Subject) -> Iterator[Outcome]:
    """The reference must be one that a container runtime accepts."""
    image = subject.image
    assert image is not None
    if image.reference is not None:
        yield passes(INVALID_REFERENCE)
        return
    definition = known_value(world.snapshot.task_definition)
    arn = definition.task_definition_arn if definition else None
    family = definition.family if definition else None
    link = None
    if definition and definition.family and definition.revision:
        link = console.task_definition(world.region, definition.family, definition.revision)
    yield fails(
        INVALID_REFERENCE,
        f"The image reference of {_names(image)} is not valid: {image.error}",
        stage="manifest",
        resources=(image.image, *((arn,) if arn else ())),
        evidence=(Evidence(what=image.error or "", source="ecs:DescribeTaskDefinition"),),
        fix=Fix(
            text="Correct the image in the task definition and register a new revision.",
            cli=f"aws ecs describe-task-definition --task-definition {_quoted(family or 'FAMILY')} --region {world.region} --query taskDefinition > taskdef.json\n# correct containerDefinitions[].image, drop the read-only fields, then:\naws ecs register-task-definition --cli-input-json file://taskdef.json --region {world.region}",
            verify=f"aws ecs describe-task-definition --task-definition {_quoted(family or 'FAMILY')} --region {world.region} --query 'taskDefinition.containerDefinitions[].image'",
        ),
        console_url=link,
    )


@check("image.exists", "image", REPO_NOT_FOUND, TAG_NOT_FOUND, DIGEST_NOT_FOUND, IMAGE_ARCHIVED)
def exists(world: World, subject: Subject) -> Iterator[Outcome]:
    """The repository must exist and hold the tag or digest."""
    image = subject.image
    assert image is not None
    ref = image.reference
    every = (REPO_NOT_FOUND, TAG_NOT_FOUND, DIGEST_NOT_FOUND, IMAGE_ARCHIVED)
    if ref is None or not ref.is_ecr:
        why = (
            "the image reference is not valid"
            if ref is None
            else f"{ref.registry} is not a private ECR registry"
        )
        for fault in every:
            yield skipped(fault, why)
        return
    facts = world.image_facts(image)
    arn = ref.repository_arn or ref.repository
    named, other = (DIGEST_NOT_FOUND, TAG_NOT_FOUND) if ref.digest else (TAG_NOT_FOUND, DIGEST_NOT_FOUND)
    yield skipped(
        other, "the image is named by its digest" if ref.digest else "the image is named by its tag"
    )
    if isinstance(facts.repository, Absent):
        yield from _repository_absent(world, image, ref, facts)
        yield skipped(named, "the repository itself does not exist: repo-not-found")
        yield skipped(IMAGE_ARCHIVED, "the repository itself does not exist: repo-not-found")
        return
    # An image that is there proves the repository, whatever became of the question about the repository.
    if isinstance(facts.detail, Known):
        yield passes(REPO_NOT_FOUND, f"Repository {ref.repository} exists")
    elif isinstance(facts.repository, Unavailable):
        yield unknown(REPO_NOT_FOUND, _why(facts.repository), "manifest", (arn,))
    else:
        yield passes(REPO_NOT_FOUND, f"Repository {ref.repository} exists")
    detail = need(facts.detail)
    if detail is None:
        yield from _image_absent(world, image, ref, facts)
        yield skipped(IMAGE_ARCHIVED, f"the repository has no such image: {named.id}")
        return
    yield passes(named, f"{ref.repository} has {ref.tag_or_digest}")
    if detail.image_status in ("ARCHIVED", "ACTIVATING"):
        yield _archived(world, image, ref, detail.image_status, detail.image_digest or "")
    else:
        yield passes(IMAGE_ARCHIVED)


def _why(fact: Unavailable) -> str:
    return f"{fact.call} could not be read: {fact.why}" if fact.call else fact.why


def _names(image: ContainerImage) -> str:
    names = ", ".join(image.containers)
    return f"container {names}" if len(image.containers) == 1 else f"containers {names}"


def _cached(world: World, facts: ImageFacts, ref: ImageReference) -> str | None:
    """Why an absent image may still be pulled: a pull-through cache rule fetches it; `None` where none does.

    Where the rules could not be read, a text that says "not found" settles it: the registry was asked and the cache
    did not help.
    """
    if "/" not in ref.repository:
        return None
    if isinstance(facts.pull_through_cache_rules, Unavailable):
        if world.text_shows(*NOT_FOUND_TEXTS):
            return None
        return (
            "the pull-through cache rules were not read "
            f"({_why(facts.pull_through_cache_rules)}), and one may fetch the image"
        )
    for rule in known_value(facts.pull_through_cache_rules) or ():
        if ref.repository.startswith(f"{rule.ecr_repository_prefix}/"):
            return (
                f"pull-through cache rule {rule.ecr_repository_prefix} may fetch the image from its upstream"
            )
    return None


def _repository_absent(
    world: World, image: ContainerImage, ref: ImageReference, facts: ImageFacts
) -> Iterator[Outcome]:
    arn = ref.repository_arn or ref.repository
    cached = _cached(world, facts, ref)
    if cached is not None:
        yield unknown(REPO_NOT_FOUND, cached, "manifest", (arn,))
        return
    names = known_value(facts.repository_names) or ()
    close = nearest(ref.repository, names)
    hint = f" The nearest that exist: {', '.join(close)}." if close else ""
    region, account = ref.region or world.region, ref.account_id or ""
    cli = f"aws ecr create-repository --registry-id {account} --repository-name {_quoted(ref.repository)} --region {region}"
    cli = cli.replace(f" --registry-id {account}", "") if account == world.snapshot.account_id else cli
    yield fails(
        REPO_NOT_FOUND,
        f"Registry {account} in {region} has no repository {ref.repository}.{hint}",
        stage="manifest",
        resources=(arn,),
        evidence=(
            Evidence(
                what=f"no repository {ref.repository} in registry {account}, {region}",
                source="ecr:DescribeRepositories",
            ),
            *(
                (
                    Evidence(
                        what=f"repositories with a similar name: {', '.join(close)}",
                        source="ecr:DescribeRepositories",
                    ),
                )
                if close
                else ()
            ),
        ),
        fix=Fix(
            text=(
                f"Name {close[0]} in the task definition if that was meant; else create the repository and push the image."
                if close
                else "Create the repository and push the image, or correct the image in the task definition."
            ),
            cli=f"{cli}\ndocker push {_quoted(image.image)}",
            verify=f"aws ecr describe-repositories --registry-id {account} --repository-names {_quoted(ref.repository)} --region {region}",
            undo=f"aws ecr delete-repository --repository-name {_quoted(ref.repository)} --region {region}",
            terraform=f'resource "aws_ecr_repository" "this" {{\n  name = "{ref.repository}"\n}}',
            cloudformation=f"Repository:\n  Type: AWS::ECR::Repository\n  Properties:\n    RepositoryName: {ref.repository}",
        ),
        console_url=console.repositories(region, account),
    )


def _image_absent(
    world: World, image: ContainerImage, ref: ImageReference, facts: ImageFacts
) -> Iterator[Outcome]:
    arn = ref.repository_arn or ref.repository
    fault = DIGEST_NOT_FOUND if ref.digest else TAG_NOT_FOUND
    cached = _cached(world, facts, ref)
    if cached is not None:
        yield unknown(fault, cached, "manifest", (arn,))
        return
    existing = known_value(facts.tagged) or ()
    tags = [tag for detail in existing for tag in detail.image_tags]
    close = nearest(ref.tag or "", tags) if ref.tag or not ref.digest else ()
    newest = next((detail for detail in existing if detail.image_tags), None)
    offer = close or ((newest.image_tags[0],) if newest else ())
    hint = f" The nearest that exist: {', '.join(offer)}." if offer else ""
    if isinstance(facts.tagged, Known) and not existing:
        hint = " The repository is empty."
    wanted = ref.tag_or_digest
    region, account = ref.region or world.region, ref.account_id or ""
    which = f"imageDigest={ref.digest}" if ref.digest else f"imageTag={wanted}"
    base = f"{ref.registry}/{ref.repository}"
    cli = f"docker push {_quoted(image.image)}" if not ref.digest else None
    if offer:
        source = f"{base}:{offer[0]}"
        retag = f"docker pull {_quoted(source)} && docker tag {_quoted(source)} {_quoted(f'{base}:{wanted}')} && docker push {_quoted(f'{base}:{wanted}')}"
        cli = f"{cli}\n# or, if {offer[0]} is the image that was meant:\n{retag}" if cli else None
    if cli is None:
        family = _family(world)
        cli = f"aws ecs describe-task-definition --task-definition {_quoted(family)} --region {world.region} --query taskDefinition > taskdef.json\n# name an image that exists{f' ({base}:{offer[0]})' if offer else ''}, drop the read-only fields, then:\naws ecs register-task-definition --cli-input-json file://taskdef.json --region {world.region}"
    yield fails(
        fault,
        f"Repository {ref.repository} has no {'digest' if ref.digest else 'tag'} {wanted}.{hint}",
        stage="manifest",
        resources=(arn, wanted),
        evidence=(
            Evidence(what=f"no image {which} in {ref.repository}", source="ecr:DescribeImages"),
            *(
                (Evidence(what=f"tags that exist: {', '.join(tags[:5])}", source="ecr:DescribeImages"),)
                if tags
                else ()
            ),
        ),
        fix=Fix(
            text=f"Push {wanted}, or name an image that exists in the task definition{f', such as {offer[0]}' if offer else ''}.",
            cli=cli,
            verify=f"aws ecr describe-images --registry-id {account} --repository-name {_quoted(ref.repository)} --image-ids {_quoted(which)} --region {region}",
            undo=None
            if ref.digest
            else f"aws ecr batch-delete-image --repository-name {_quoted(ref.repository)} --image-ids {_quoted(which)} --region {region}",
        ),
        console_url=console.repository(region, account, ref.repository),
    )


def _family(world: World) -> str:
    definition = known_value(world.snapshot.task_definition)
    return (definition.family if definition else None) or "FAMILY"


def _archived(world: World, image: ContainerImage, ref: ImageReference, status: str, digest: str) -> Outcome:
    region, account = ref.region or world.region, ref.account_id or ""
    arn = ref.repository_arn or ref.repository
    say = "is in the archive storage class" if status == "ARCHIVED" else "is being restored from the archive"
    where = f"--repository-name {_quoted(ref.repository)} --region {region}"
    return fails(
        IMAGE_ARCHIVED,
        f"Image {ref.tag_or_digest} of {ref.repository} {say}.",
        stage="manifest",
        resources=(arn, ref.tag_or_digest),
        evidence=(Evidence(what=f"imageStatus is {status}", source="ecr:DescribeImages"),),
        fix=Fix(
            text="Restore the image (it takes up to 20 minutes) or push it again.",
            cli=f"aws ecr update-image-storage-class {where} --image-id imageDigest={digest} --target-storage-class STANDARD",
            verify=f"aws ecr describe-images --registry-id {account} {where} --image-ids imageDigest={digest} --query 'imageDetails[].imageStatus'",
            undo=f"aws ecr update-image-storage-class {where} --image-id imageDigest={digest} --target-storage-class ARCHIVE",
        ),
        console_url=console.repository(region, account, ref.repository),
    )


CHECKS: tuple[Check, ...] = (reference, exists)
