"""What another account's registry says of an image, where its repository may not be read: the text is all that tells.

To somebody whom no policy of its repositories lets in, a registry answers that access is denied, whatever there is. Where it
says that an image was not found, it let the caller in, so that the repository is there, and in this Region.

AWS: Private repository policies in Amazon ECR
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
"""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.faults.image.serving_rules import may_be_cached
from diagnostics.faults.images import Place
from diagnostics.faults.told import told
from diagnostics.pull import ContainerImage
from diagnostics.snapshot import Unavailable
from diagnostics.stop_reason import Symptom, SymptomId


def owner_lacks(world: World, image: ContainerImage) -> Symptom | None:
    """The error text in which another account's registry says that it lacks the image, and what it has cannot be read.

    `None` where no text says so, where the registry can be asked, and where the name is one of a pull-through cache, in which
    an image may also be missing for want of its upstream.

    Raises:
        UnavailableError: the text could not be read.
    """
    reference, own = image.in_ecr, world.snapshot.account_id
    if reference is None or image.injected or own is None or reference.account_id == own:
        return None
    if may_be_cached(reference.repository) or not isinstance(world.image_facts(image).detail, Unavailable):
        return None
    return told(world, image, SymptomId.IMAGE_NOT_FOUND, SymptomId.IMAGE_DIGEST_GONE)


def owner_let_in(world: World, image: ContainerImage) -> str | None:
    """Why the repository is there; `None` where no text of its owner's registry tells.

    Raises:
        UnavailableError: the text could not be read.
    """
    if owner_lacks(world, image) is None or image.in_ecr is None:
        return None
    account = Place.of(image.in_ecr).account
    return f"account {account}'s registry said that the image was not found, which it tells nobody whom it does not let into the repository"
