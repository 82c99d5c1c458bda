"""The tag under which an image is pushed that is to take the place of another.

It is never the tag that is there: an immutable tag cannot be pushed again, and what else runs a tag would get the new image.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
"""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.faults.images import Place, log_in
from diagnostics.faults.task_definition import with_image
from diagnostics.finding import Fix
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import Known, known_or
from diagnostics.write import free_name, quoted

LONGEST_TAG = 128
"""https://distribution.github.io/distribution/spec/api/#pulling-an-image-manifest"""


def built_anew(
    world: World,
    image: ContainerImage,
    reference: ImageReference,
    *,
    ending: str,
    build: str,
    title: str,
    text: str,
) -> Fix:
    """A repair by an image that is built, pushed under a tag of its own, and named in the task definition.

    Args:
        ending: what follows the tag that is there in the new one.
        build: options of `docker buildx build`.
        title: the change in a few words.
        text: the same in a sentence or two, of which the last ends in "push it under the tag".
    """
    base = f"{reference.registry}/{reference.repository}"
    place = Place.of(reference) if reference.is_ecr else None
    tagged = world.image_facts(image).tagged
    taken = {tag for item in known_or(tagged, ()) for tag in item.image_tags}
    tag = free_name(
        f"{reference.wanted_tag or 'rebuilt'}-{ending}",
        taken if isinstance(tagged, Known) else None,
        of=image.image,
        most=LONGEST_TAG,
    )
    name = f"{base}:{tag}"
    undo = (
        f"aws ecr batch-delete-image {place.flags} --image-ids {quoted(f'imageTag={tag}')}" if place else None
    )
    return with_image(
        world,
        image,
        name,
        title=title,
        text=f"{text} {tag}, which no other task runs, and name that in the task definition.",
        first=(
            log_in(place) if place else None,
            f"docker buildx build {build} --tag {quoted(name)} --push .",
        ),
        last=(undo,) if undo else (),
        undo_note=None if place else f"The image {name} stays in its registry.",
    )
