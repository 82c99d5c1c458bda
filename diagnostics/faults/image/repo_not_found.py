"""The registry has no repository of the name that the image reference gives."""

from __future__ import annotations

import dataclasses

from diagnostics import console
from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import World, fails, skipped
from diagnostics.faults.image.in_ecr import ecr_room
from diagnostics.faults.image.repositories import not_there, unless_missing
from diagnostics.faults.image.serving_rules import is_cache_name
from diagnostics.faults.image.wrong_region import WRONG_REGION, regions_of
from diagnostics.faults.images import (
    Place,
    containers,
    found_there,
    image_id,
    log_in,
    reference_of,
    stops_without,
)
from diagnostics.faults.registry.cache_rule_missing import RULE_MISSING
from diagnostics.faults.task_definition import with_image
from diagnostics.faults.texts import MISSING_OR_REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Ways
from diagnostics.image_reference import nearest
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageFacts, known_or
from diagnostics.write import asked, captured, chain, literal, quoted
from diagnostics.write.snippets import hcl, template

REPO_NOT_FOUND = Fault(
    id="repo-not-found",
    kind="image",
    title="The ECR repository exists",
    short="its image's repository does not exist",
    why="The registry has no repository of this name in this account and Region, so there is no manifest to hand out. A misspelt name, another account and another Region look the same.",
    how="Correct the image in the task definition, or create the repository and push the image.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    explains=Explains(symptoms=MISSING_OR_REFUSED),
)

NO_REPOSITORY = f"there is no such repository: {REPO_NOT_FOUND.id}"


def _judge(world: World, image: ContainerImage, place: Place) -> Outcome:
    """The repository must exist in the account and Region that the image names."""
    other = unless_missing(world, image, REPO_NOT_FOUND, f"Repository {place.repository} exists")
    if other is not None:
        return other
    facts = world.image_facts(image)
    if is_cache_name(place.repository, known_or(facts.pull_through_cache_rules, ())):
        why = f"the name is one of a pull-through cache, which has no rule: {RULE_MISSING.id}"
        return skipped(REPO_NOT_FOUND, why)
    return _missing(world, image, place, facts)


def _missing(world: World, image: ContainerImage, place: Place, facts: ImageFacts) -> Outcome:
    names = known_or(facts.repository_names, ())
    close = nearest(place.repository, names)
    hint = f"The nearest that exist: {', '.join(close)}." if close else None
    near = (
        Evidence(
            what=f"repositories with a similar name: {', '.join(close)}", source="ecr:DescribeRepositories"
        ),
    )
    return fails(
        REPO_NOT_FOUND,
        f"Registry {place.account} in {place.region} has no repository {place.repository}, which {containers(image)} names.",
        more=hint,
        stage="manifest",
        resources=(place.arn,),
        evidence=(
            not_there(place),
            *(near if close else ()),
        ),
        fix=_ways(world, image, place, close[0] if close else None),
        console_url=console.repositories(place.region, place.account),
        follows_from=WRONG_REGION if regions_of(facts) else None,
    )


def _ways(world: World, image: ContainerImage, place: Place, near: str | None) -> Ways:
    """Another repository named, or this one made. Where none is nearly of this name it is probably the one that is wanted."""
    named = _named(world, image, place, near)
    if place.account != world.snapshot.account_id:
        owners = f"Ask account {place.account} to create {place.repository} and push the image"
        return (
            (named, Fix(title="Ask the owner", text=f"{owners}."))
            if near
            else Fix(text=f"{owners}, or correct the image in the task definition.")
        )
    if reference_of(image).digest:
        # An image of one digest is not built twice.
        return named
    made = _made(world, place, reference_of(image).tag_or_digest)
    return (named, made) if near else (made, named)


def _named(world: World, image: ContainerImage, place: Place, near: str | None) -> Fix:
    reference, host = reference_of(image), place.base.partition("/")[0]
    mark = f"{'@' if reference.digest else ':'}{reference.tag_or_digest}"
    if near is None:
        repository = asked("REPOSITORY", "the name of the repository that has the image")
        return with_image(
            world,
            image,
            (f"{host}/", repository, mark),
            title="Name another repository",
            text="Correct the image in a new revision of the task definition.",
        )
    there = dataclasses.replace(place, repository=near)
    return with_image(
        world,
        image,
        f"{host}/{near}{mark}",
        title=f"Name {near}",
        text=f"Name {near} in a new revision of the task definition, if that was meant. It stops if that has no image {reference.tag_or_digest}.",
        first=(stops_without(there, image_id(reference)),),
    )


def _made(world: World, place: Place, tag: str) -> Fix:
    name = f"--repository-name {quoted(place.repository)}"
    others = f"length(imageIds[?imageTag && imageTag!={literal(tag)}])"
    return Fix(
        title=f"Create {place.repository}",
        text=f"Create {place.repository} and push the image from where it was built.",
        cli=chain(
            f"aws ecr create-repository {name} --region {place.region} --query repository.repositoryArn --output text",
            log_in(place),
            f"docker push {quoted(f'{place.base}:{tag}')}",
        ),
        verify=found_there(place, f"imageTag={tag}"),
        expect="1",
        undo=chain(
            captured("OTHERS", f"aws ecr list-images {place.flags}", others),
            '{ [ "$OTHERS" = 0 ] || ! echo "Other images were pushed to it since." >&2; }',
            f"aws ecr delete-repository {name} --force --region {place.region} --query repository.repositoryArn --output text",
        ),
        undo_note="It deletes the repository with the image that was pushed, and stops where there are others by now.",
        terraform=hcl("aws_ecr_repository", _word(place.repository), name=place.repository),
        cloudformation=template("Repository", "AWS::ECR::Repository", RepositoryName=place.repository),
        then=then_for(world),
    )


def _word(name: str) -> str:
    """A name that Terraform takes for a resource."""
    plain = "".join(letter if letter.isalnum() else "_" for letter in name)
    return plain if plain[:1].isalpha() else f"r_{plain}"


ROOM = ecr_room(REPO_NOT_FOUND, _judge)
