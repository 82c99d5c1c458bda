"""What the limits of registries have in common: whose they are, and the cache rule that avoids them."""

from __future__ import annotations

from collections.abc import Callable

from diagnostics.arn import ecr_dkr_host
from diagnostics.faults.base import Subject, World
from diagnostics.faults.image.invalid_reference import not_valid
from diagnostics.faults.images import image_of, reference_of
from diagnostics.faults.registry.cache_rule_commands import (
    SECRET_PREFIX,
    new_secret,
    rule_in_cloudformation,
    rule_in_terraform,
)
from diagnostics.faults.task_definition import back_to_old, other_image
from diagnostics.finding import Fix
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage


def unless_from(
    registry: str, is_from: Callable[[ImageReference], bool]
) -> Callable[[World, Subject], str | None]:
    """Says of the images of other registries than the one named that they cannot reach its limit."""

    def why(world: World, subject: Subject) -> str | None:
        image = image_of(subject)
        if image.reference is None or is_from(image.reference):
            return not_valid(image)
        return f"{image.reference.registry} is not {registry}"

    return why


def through_a_new_rule(
    world: World, image: ContainerImage, prefix: str, url: str, text: str, *, secret: bool
) -> Fix:
    """The image pulled through a new pull-through cache rule, with a secret where the upstream wants a log-in."""
    reference, where = reference_of(image), f"--region {world.region}"
    host = ecr_dkr_host(world.snapshot.account_id or "ACCOUNT", world.region)
    cached = f"{host}/{prefix}/{reference.repository}:{reference.tag or 'latest'}"
    create = f"aws ecr create-pull-through-cache-rule --ecr-repository-prefix {prefix} --upstream-registry-url {url}"
    delete = f"aws ecr delete-pull-through-cache-rule --ecr-repository-prefix {prefix} {where}"
    verify = f"aws ecr describe-pull-through-cache-rules --ecr-repository-prefixes {prefix} {where}"
    if secret:
        create = (
            f'{new_secret(f"{SECRET_PREFIX}{prefix}", world.region)}\n{create} --credential-arn "$secret"'
        )
        verify = f"aws ecr validate-pull-through-cache-rule --ecr-repository-prefix {prefix} {where}"
    return Fix(
        text=f"{text} The execution role then needs ecr:CreateRepository and ecr:BatchImportUpstreamImage on {prefix}/*.",
        cli=f"{create} {where}\n{other_image(world, image, cached)}",
        terraform=rule_in_terraform(prefix, url, secret=secret),
        cloudformation=rule_in_cloudformation(prefix, url, secret=secret),
        verify=verify,
        undo="\n".join(filter(None, (back_to_old(world), delete))),
    )
