"""The image reference names a Region that its repository is not in."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import Room, World, fails, skipped, unknown
from diagnostics.faults.image.in_ecr import ecr_room
from diagnostics.faults.image.repositories import not_there, unless_missing
from diagnostics.faults.images import Place, containers
from diagnostics.faults.task_definition import with_image
from diagnostics.faults.texts import MISSING_OR_REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Outcome, Unsettled
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import ImageFacts, Known, Unavailable
from diagnostics.stop_reason import SymptomId

WRONG_REGION = Fault(
    id="wrong-region",
    kind="image",
    title="The image reference names the Region that its repository is in",
    short="its image's name has the wrong Region",
    why="A repository belongs to one Region, and the Region stands in the image's host name. The registry of the named Region has no repository of this name, and that of another Region has.",
    how="Name the repository's own Region in the task definition, or have ECR replicate the repository to the Region that is named.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html",
    explains=Explains(symptoms=(*MISSING_OR_REFUSED, SymptomId.NO_BASIC_AUTH)),
)


def room_beside(missing: Fault) -> Room:
    """The room, next to the fault that names a repository which no Region is known to have."""

    def judge(world: World, image: ContainerImage, place: Place) -> Outcome:
        other = unless_missing(world, image, WRONG_REGION)
        if other is not None:
            return other
        facts = world.image_facts(image)
        found = regions_of(facts)
        if found:
            return _elsewhere(world, image, place, found)
        unread = next((fact for fact in facts.elsewhere.values() if isinstance(fact, Unavailable)), None)
        if unread is not None:
            return unknown(WRONG_REGION, _not_looked_into(unread), "manifest", (place.arn,))
        looked = f" (looked for in {', '.join(facts.elsewhere)})" if facts.elsewhere else ""
        return skipped(WRONG_REGION, f"no other Region is known to have it{looked}: {missing.id}")

    return ecr_room(WRONG_REGION, judge)


def regions_of(facts: ImageFacts) -> tuple[str, ...]:
    """The other Regions that are known to have the repository."""
    return tuple(region for region, fact in facts.elsewhere.items() if isinstance(fact, Known))


def _not_looked_into(fact: Unavailable) -> Unsettled:
    """Why it is not known what another Region holds."""
    named = fact.model_copy(update={"call": fact.call or "ecr:DescribeRepositories"})
    words = f"{named.in_words()} ({fact.resource or 'another Region'})"
    names = (fact.resource,) if fact.resource else ()
    return Unsettled(words=words, unread=(fact,), failed=named.in_brief(), names=names)


def _elsewhere(world: World, image: ContainerImage, place: Place, found: tuple[str, ...]) -> Outcome:
    # The task's own Region costs no traffic between Regions, so it is offered first.
    region = world.region if world.region in found else found[0]
    corrected = image.image.replace(f".{place.region}.", f".{region}.", 1)
    return fails(
        WRONG_REGION,
        f"The image of {containers(image)} names {place.region}, and repository {place.repository} is in {', '.join(found)}.",
        stage="manifest",
        resources=(place.arn,),
        evidence=(
            not_there(place),
            *(
                Evidence(
                    what=f"registry {place.account} has repository {place.repository} in {item}",
                    source="ecr:DescribeRepositories",
                )
                for item in found
            ),
        ),
        fix=with_image(
            world,
            image,
            corrected,
            title=f"Name the image of {region}",
            text=f"Name {place.repository} of {region} in a new revision; replication to {place.region} copies only later pushes.",
        ),
        console_url=console.repository(region, place.account, place.repository),
    )
