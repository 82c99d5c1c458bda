"""An inline policy that a repair on the way gives the execution role, under a name that replaces nothing."""

from __future__ import annotations

from typing import Any

from diagnostics import pull
from diagnostics.faults.base import World
from diagnostics.snapshot import Known, known_value
from diagnostics.write import free_name, quoted


def execution_role(world: World) -> str | None:
    """The execution role of the task, if it is known to have one."""
    found = known_value(pull.execution_role(world.snapshot))
    return found.role_arn if found else None


def inline_policy(
    world: World, role_arn: str, wanted: str, statement: dict[str, Any], of: str
) -> tuple[str, str]:
    """The command that gives a role one more inline policy, and the one that takes that away.

    Args:
        role_arn: the role.
        wanted: the policy's name, where it is free.
        statement: what it allows; a variable of the shell may stand in it.
        of: what it is for, which tells its name from others where the role's policies could not be read.
    """
    facts = world.snapshot.roles.get(role_arn)
    names = facts.inline_policy_names if facts else None
    name = free_name(wanted, names.value if isinstance(names, Known) else None, of=of)
    which = f"--role-name {quoted(role_arn.rsplit('/', 1)[-1])} --policy-name {quoted(name)}"
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    return (
        f"aws iam put-role-policy {which} --policy-document {quoted(document)}",
        f"aws iam delete-role-policy {which}",
    )
