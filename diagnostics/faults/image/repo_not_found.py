"""The registry has no repository of the name that the image reference gives."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, skipped
from diagnostics.faults.image.in_ecr import ecr_room
from diagnostics.faults.image.repositories import not_there, unless_missing
from diagnostics.faults.image.serving_rules import is_cache_name
from diagnostics.faults.image.wrong_region import WRONG_REGION, regions_of
from diagnostics.faults.images import Place, containers, reference_of
from diagnostics.faults.registry.cache_rule_missing import RULE_MISSING
from diagnostics.faults.task_definition import other_image
from diagnostics.faults.texts import MISSING_OR_REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.image_reference import nearest
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageFacts, known_or
from diagnostics.write import code_string, named, quoted, yaml_string

REPO_NOT_FOUND = Fault(
    id="repo-not-found",
    kind="image",
    title="The ECR repository exists",
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
    reference = reference_of(image)
    names = known_or(facts.repository_names, ())
    close = nearest(place.repository, names)
    hint = f"The nearest that exist: {', '.join(close)}." if close else None
    own = place.account == world.snapshot.account_id
    owner = "" if own else f" with credentials of account {place.account}"
    where = f"--repository-names {quoted(place.repository)} --region {place.region}"
    create = f"aws ecr create-repository --repository-name {quoted(place.repository)} --region {place.region}"
    if close:
        meant = f"{image.image.partition('/')[0]}/{close[0]}"
        mark = "@" if reference.digest else ":"
        text = f"Name {close[0]} in the task definition, if that was meant; else create {place.repository}{owner} and push the image."
        cli = f"{other_image(world, image, f'{meant}{mark}{reference.tag_or_digest}')}\n# or, if {named(place.repository)} was meant:\n{create}\ndocker push {quoted(image.image)}"
    else:
        text = (
            f"Create the repository{owner} and push the image, or correct the image in the task definition."
        )
        cli = f"{create}\ndocker push {quoted(image.image)}"
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
        fix=Fix(
            text=text,
            cli=cli,
            terraform=f'resource "aws_ecr_repository" "{_word(place.repository)}" {{\n  name = {code_string(place.repository)}\n}}',
            cloudformation=f"Repository:\n  Type: AWS::ECR::Repository\n  Properties:\n    RepositoryName: {yaml_string(place.repository)}",
            verify=f"aws ecr describe-repositories --registry-id {place.account} {where}",
            undo=f"aws ecr delete-repository --repository-name {quoted(place.repository)} --region {place.region}",
        ),
        console_url=console.repositories(place.region, place.account),
        follows_from=WRONG_REGION if regions_of(facts) else None,
    )


def _word(name: str) -> str:
    """A name that Terraform takes for a resource."""
    plain = "".join(letter if letter.isalnum() else "_" for letter in name)
    return plain if plain[:1].isalpha() else f"r_{plain}"


ROOM = ecr_room(REPO_NOT_FOUND, _judge)
