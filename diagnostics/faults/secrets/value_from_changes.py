"""The repair of what a task definition calls a secret or parameter."""

from __future__ import annotations

import json

from diagnostics.faults.base import World
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.faults.task_definition import back_to_old, family_of, new_revision
from diagnostics.finding import Fix
from diagnostics.write import quoted

_CREDENTIALS = "repositoryCredentials"


def write_value_from(world: World, item: Item, meant: str | None, text: str | None = None) -> Fix:
    """Another `valueFrom`: as it is meant, or the secret's ARN with the parts to fill in. `text` says what changes."""
    new = meant or f"{item.reference}:KEY::"
    old = json.dumps(item.value)
    which = "(.secrets[]?, .logConfiguration.secretOptions[]?)"
    change = (
        f"(.containerDefinitions[] | {which} | select(.valueFrom == {old}) | .valueFrom) = {json.dumps(new)}"
    )
    parts = (
        f": behind the ARN stand KEY:STAGE:VERSION, with every colon{'' if meant else '; KEY is the JSON key that is meant'}"
        if item.kind == "secret"
        else ""
    )
    return Fix(
        text=text or f"Write {new} in valueFrom{parts}.",
        cli=new_revision(world, change),
        verify=_shown(world, "secrets[].valueFrom"),
        undo=back_to_old(world),
    )


def write_credentials(world: World, item: Item, meant: str, text: str) -> Fix:
    """Another secret with the registry's credentials."""
    old = json.dumps(item.value)
    change = f"(.containerDefinitions[] | .{_CREDENTIALS} | select(.credentialsParameter == {old}) | .credentialsParameter) = {json.dumps(meant)}"
    return Fix(
        text=text,
        cli=new_revision(world, change),
        verify=_shown(world, f"{_CREDENTIALS}.credentialsParameter"),
        undo=back_to_old(world),
    )


def _shown(world: World, what: str) -> str:
    return f"aws ecs describe-task-definition --task-definition {quoted(family_of(world))} --region {world.region} --query 'taskDefinition.containerDefinitions[].{what}'"
