"""Is there an execution role, and can ECS assume it? The check that asks each room of it in turn."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults.base import Subject, World, check, passes, skipped
from diagnostics.faults.permissions.role_missing import ROLE_MISSING, no_such_role, without_role
from diagnostics.faults.permissions.role_not_assumable import ROLE_NOT_ASSUMABLE, of_another_account
from diagnostics.faults.permissions.role_trust_denies import ROLE_TRUST_DENIES, trusts_ecs
from diagnostics.faults.permissions.roles import named_role, role_facts
from diagnostics.finding import Outcome
from diagnostics.pull import full_role_arn, is_foreign_role
from diagnostics.snapshot import need


@check("permissions.execution_role", "task", ROLE_MISSING, ROLE_TRUST_DENIES, ROLE_NOT_ASSUMABLE)
def execution_role(world: World, subject: Subject) -> Iterator[Outcome]:
    """The execution role must exist, in the task's own account, and trust ECS.

    ECS assumes it for every task that names one, whichever role pulls in the end.
    """
    named = named_role(world)
    if named is None:
        reason = "the task definition names no execution role"
        missing = without_role(world, need(world.snapshot.task_definition), reason)
        yield skipped(ROLE_TRUST_DENIES, reason)
        yield skipped(ROLE_NOT_ASSUMABLE, reason)
        yield missing
        return
    if is_foreign_role(world.snapshot, named):
        reason = f"the role belongs to another account: {ROLE_NOT_ASSUMABLE.id}"
        yield skipped(ROLE_MISSING, reason)
        yield skipped(ROLE_TRUST_DENIES, reason)
        yield of_another_account(world, named)
        return
    yield passes(ROLE_NOT_ASSUMABLE, "The execution role belongs to the task's own account")
    arn = full_role_arn(world.snapshot, named)
    role = need(role_facts(world, named).role)
    if role is None or role.arn != arn:
        yield no_such_role(world, arn, role)
        yield skipped(ROLE_TRUST_DENIES, f"the role does not exist: {ROLE_MISSING.id}")
        return
    yield passes(ROLE_MISSING, f"{role.role_name} exists")
    yield trusts_ecs(world, role)
