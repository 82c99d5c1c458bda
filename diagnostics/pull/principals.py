"""Which role pulls: the task execution role, or on EC2 the role of the host.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
"""

from __future__ import annotations

import re

from diagnostics.pull.model import Launch, PullingRole
from diagnostics.pull.placement import fitting_hosts, no_host
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    Fact,
    Known,
    Snapshot,
    TaskDefinition,
    Unavailable,
    known_value,
)

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[^:]+:role/.+")


def execution_role(snapshot: Snapshot) -> Fact[PullingRole]:
    """The task's override of the execution role, else the task definition's; absent where neither names one."""
    task = known_value(snapshot.task)
    if task is not None and task.overrides.execution_role_arn:
        why = "the task's override of the execution role"
        return _execution_role(task.overrides.execution_role_arn, why)
    if isinstance(snapshot.task, Unavailable) and not isinstance(snapshot.service, Known):
        # Only a task that no service started may override the execution role.
        return snapshot.task
    if isinstance(snapshot.task_definition, Unavailable):
        return snapshot.task_definition
    definition = known_value(snapshot.task_definition)
    if definition is None or definition.execution_role_arn is None:
        return Absent()
    return _execution_role(definition.execution_role_arn, "the task definition's execution role")


def execution_role_named(definition: TaskDefinition | None) -> str | None:
    """The execution role that a task definition names; `None` where it names none, or there is none."""
    return definition.execution_role_arn if definition is not None else None


def task_role_of(snapshot: Snapshot) -> str | None:
    """The ARN of the task role, which pulls nothing: the task's override of it, else the task definition's."""
    task, definition = known_value(snapshot.task), known_value(snapshot.task_definition)
    role = (task.overrides.task_role_arn if task else None) or (
        definition.task_role_arn if definition else None
    )
    return full_role_arn(snapshot, role) if role else None


def task_role_to_read(snapshot: Snapshot) -> str | None:
    """The task role where the error text says that it could not be assumed, and it is not the execution role as well."""
    task, role = known_value(snapshot.task), task_role_of(snapshot)
    text = (task.stopped_reason if task else None) or ""
    execution = known_value(execution_role(snapshot))
    if role is None or role not in text or (execution is not None and execution.role_arn == role):
        return None
    return None if is_foreign_role(snapshot, role) else role


def _execution_role(arn: str, why: str) -> Fact[PullingRole]:
    return Known(value=PullingRole(kind="execution_role", role_arn=arn, why=why))


def principals_of(
    snapshot: Snapshot, launch: Fact[Launch], denied_principal: str | None
) -> Fact[tuple[PullingRole, ...]]:
    """The roles that may pull: one where the facts, or the ARN that the error text says was denied, settle it."""
    if isinstance(launch, Unavailable):
        return launch
    execution = execution_role(snapshot)
    if isinstance(execution, Unavailable):
        return execution
    found = [execution.value] if isinstance(execution, Known) else []
    if known_value(launch) == "ec2" and _has_hosts_only(snapshot):
        return _of_hosts(snapshot, found)
    if known_value(launch) == "ec2":
        told = any(is_session_of(denied_principal, item.role_arn) for item in found)
        for fact in (snapshot.container_instance, snapshot.instance, snapshot.instance_profile):
            if isinstance(fact, Unavailable) and not told:
                return fact
        found.extend(_roles_of_host(snapshot))
    named = [item for item in found if is_session_of(denied_principal, item.role_arn)]
    if named and denied_principal:
        session = denied_principal.split("/", 2)[2] if denied_principal.count("/") > 1 else None
        found = [
            item.model_copy(update={"session_name": session, "why": "the denied ARN in the error names it"})
            for item in named
        ]
    return Known[tuple[PullingRole, ...]](value=tuple(found))


def _has_hosts_only(snapshot: Snapshot) -> bool:
    """True for a planned task that may be placed on several container instances."""
    return snapshot.planned is not None and snapshot.container_instance == NOT_ASKED


def _of_hosts(snapshot: Snapshot, found: list[PullingRole]) -> Fact[tuple[PullingRole, ...]]:
    none = no_host(snapshot)
    if none is not None:
        return none
    roles = (
        *found,
        *(role for host in fitting_hosts(snapshot) for role in _roles_of_host(snapshot.on(host))),
    )
    return Known[tuple[PullingRole, ...]](value=tuple({item.role_arn: item for item in roles}.values()))


def _roles_of_host(snapshot: Snapshot) -> tuple[PullingRole, ...]:
    profile = known_value(snapshot.instance_profile)
    if profile is None:
        return ()
    why = f"the role of instance profile {profile.arn}"
    return tuple(PullingRole(kind="instance_role", role_arn=role.arn, why=why) for role in profile.roles)


def role_arns(snapshot: Snapshot) -> tuple[str, ...]:
    """Every role that may turn out to pull, as far as is known: what to read while facts still come in."""
    execution = known_value(execution_role(snapshot))
    hosts = (role for host in fitting_hosts(snapshot) for role in _roles_of_host(snapshot.on(host)))
    every = (*((execution,) if execution else ()), *_roles_of_host(snapshot), *hosts)
    return tuple(dict.fromkeys(item.role_arn for item in every if item.role_arn))


def is_session_of(denied_principal: str | None, role_arn: str | None) -> bool:
    """True if an assumed-role ARN (which has no path) is a session of this role (whose ARN may have one)."""
    match = re.fullmatch(
        r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)(?:/.*)?", denied_principal or ""
    )
    if match is None or role_arn is None:
        return False
    return (
        role_arn.startswith(f"arn:{match[1]}:iam::{match[2]}:role/")
        and role_arn.rsplit("/", 1)[-1] == match[3]
    )


def full_role_arn(snapshot: Snapshot, role: str) -> str:
    """The ARN of a role that a task definition names; it may name it by its name alone.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
    """
    if _ROLE_ARN.fullmatch(role):
        return role
    return f"arn:{snapshot.partition}:iam::{snapshot.account_id or 'ACCOUNT'}:role/{role.removeprefix('/')}"


def is_foreign_role(snapshot: Snapshot, role: str) -> bool:
    """True if a role belongs to another account than the task, so that what was read by its name is not about it."""
    account = full_role_arn(snapshot, role).split(":")[4]
    return snapshot.account_id is not None and account != snapshot.account_id
