"""Images that nothing can be asked about, since they are not in private ECR."""

from __future__ import annotations

from diagnostics.faults.image.invalid_reference import not_valid
from diagnostics.pull import ContainerImage


def why_not_ecr(image: ContainerImage) -> str | None:
    """Why nothing can be asked about an image; `None` where it is in private ECR."""
    if image.injected:
        return "AWS adds this container to the task, with an image of its own"
    if image.reference is not None and not image.reference.is_ecr:
        return f"{image.reference.registry} is not a private ECR registry"
    return not_valid(image)
