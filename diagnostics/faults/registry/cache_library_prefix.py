"""An official image of Docker Hub is named without library/ in the pull-through cache."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import World, fails, passes, skipped
from diagnostics.faults.image.serving_rules import upstream
from diagnostics.faults.images import Place, containers, reference_of
from diagnostics.faults.registry.first_pulls import RuleRoom, by_the_rules
from diagnostics.faults.task_definition import with_image
from diagnostics.faults.texts import NOT_FOUND, REFUSED
from diagnostics.finding import Evidence, Explains, Fault, Outcome
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import PullThroughCacheRule

LIBRARY_PREFIX = Fault(
    id="pull-through-cache-library-prefix",
    kind="permission",
    title="A Docker Hub official image is named with library/ in the pull-through cache",
    short="its image's name lacks library/ in the cache",
    why="Docker Hub keeps its official images under library/. Docker adds that by itself for Docker Hub, but not for a pull-through cache, so the cache asks Docker Hub for an image that does not exist and answers 403.",
    how="Put library/ after the cache's prefix.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/error-pullthroughcache.html",
    explains=Explains(symptoms=(*REFUSED, *NOT_FOUND)),
)


def _judge(world: World, image: ContainerImage, rule: PullThroughCacheRule) -> Outcome:
    if "docker.io" not in (rule.upstream_registry_url or "") and rule.upstream_registry != "docker-hub":
        return skipped(LIBRARY_PREFIX, f"the rule's upstream is {upstream(rule)}, not Docker Hub")
    reference = reference_of(image)
    place = Place.of(reference)
    name = rule.upstream_name(place.repository)
    if "/" in name:
        return passes(LIBRARY_PREFIX, f"Docker Hub is asked for {name}")
    base = f"{rule.prefix}/" if rule.prefix else ""
    corrected = image.image.replace(f"/{place.repository}", f"/{base}library/{name}", 1)
    return fails(
        LIBRARY_PREFIX,
        f"Pull-through cache rule {rule.ecr_repository_prefix} asks Docker Hub for {name}, but its official images are under library/.",
        stage="manifest",
        resources=(place.arn, reference.tag_or_digest),
        evidence=(
            by_the_rules(f"rule {rule.ecr_repository_prefix} fetches from {upstream(rule)}"),
            Evidence(what=f"{containers(image)} names {image.image}", source="ecs:DescribeTasks"),
        ),
        fix=with_image(
            world,
            image,
            corrected,
            title="Put library/ after the prefix",
            text=f"Name {corrected} in the task definition.",
        ),
        console_url=console.cache_rules(place.region),
    )


ROOM = RuleRoom(LIBRARY_PREFIX, _judge)
