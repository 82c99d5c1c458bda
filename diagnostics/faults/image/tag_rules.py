"""Tags that a repository does not let anybody push again.

AWS: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html
"""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import known_value

_FIXED = ("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION")


def push_name(world: World, image: ContainerImage, reference: ImageReference) -> tuple[str, str | None]:
    """The name under which an image is pushed in place of one that is there, and why it is another than the task's.

    A repository with exclusions lets some tags be pushed again; which, is not read, so that a new tag is the safe way.
    """
    plain = image.image.partition("@")[0]
    found = known_value(world.image_facts(image).repository)
    if found is None or found.image_tag_mutability not in _FIXED or reference.wanted_tag is None:
        return plain, None
    base = plain.removesuffix(f":{reference.tag}") if reference.tag else plain
    return (
        f"{base}:{reference.wanted_tag}-2",
        f"since {reference.repository} has immutable tags, which no push can move to another image.",
    )
