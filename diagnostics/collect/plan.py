"""The plan: what can be asked from what is known, and the snapshot that the answers make.

`build` is pure. It takes every fact through `ask`, which gives the answer where there is one and otherwise
notes that the call is wanted; run again after each answer it gives the next calls, and in the end the
snapshot. Plan and assembly are the same code, so they cannot differ, and no call waits for one that it does
not need.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from diagnostics import pull
from diagnostics.arn import partition_of_region
from diagnostics.collect import calls
from diagnostics.collect.buckets import read_buckets
from diagnostics.collect.conditions import (
    Conditions,
    asks_of_files,
    policies_of,
    read_item_tags,
    read_organization,
)
from diagnostics.collect.ecr import read_images
from diagnostics.collect.ecs import EcsFacts, read_ecs
from diagnostics.collect.former import read_former
from diagnostics.collect.iam import read_profile, read_role, read_task_role
from diagnostics.collect.ids import read_instances, read_interfaces, read_volumes
from diagnostics.collect.operation import Ask
from diagnostics.collect.planned import read_capacity_providers, read_hosts, read_planned
from diagnostics.collect.reading import Reader, by_id, hanging_on, ids_filter, is_pending, merged
from diagnostics.collect.secrets import read_secrets
from diagnostics.collect.simulation import Scope, scope_of, wants_organization
from diagnostics.collect.vpc import read_vpc
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    CallerIdentity,
    Fact,
    Instance,
    Known,
    NetworkInterface,
    PlannedTask,
    Reason,
    RoleFacts,
    Snapshot,
    Subnet,
    Unavailable,
    VpcFacts,
    Why,
    known_value,
)
from diagnostics.target import Target


def build(
    target: Target,
    ask: Ask,
    *,
    region: str,
    previous: Snapshot | None = None,
    other_accounts: bool = False,
    alert_text: str | None = None,
    now: datetime | None = None,
    planned: PlannedTask | None = None,
    simulates: bool = True,
    newest: bool = False,
) -> Snapshot:
    """The snapshot of a target as far as `ask` has answers.

    Args:
        target: what the run is about.
        ask: gives the answer of a call, or notes that it is wanted.
        region: the Region that the target is in.
        previous: an earlier snapshot of the same target.
        other_accounts: whether accounts other than the target's can be asked, each with a role of its own.
        alert_text: the error text of the alert that names the target, for a task that cannot be read.
        now: the moment of the run, which tells how old an event of the service is; `None` where that does not matter.
        planned: the task that nobody has started, where the target is one (`preflight`).
        simulates: IAM's simulator is asked, which tells what service control policies say.
        newest: of a service the task that was made last, whatever became of it, in place of the one that tells most of a failed pull.
    """
    partition = target.partition or partition_of_region(region)
    reader = Reader(ask, region, target.account_id, partition)
    caller = reader.read(calls.GET_CALLER_IDENTITY)
    account = target.account_id or _account_of(caller)
    if previous is not None:
        alert_text = alert_text if alert_text is not None else previous.alert_text
        if target.service is None:
            target = target.model_copy(update={"service": previous.service_name})
    start = Snapshot(
        target=target,
        partition=partition,
        region=region,
        account_id=account,
        caller=caller,
        alert_text=alert_text,
        planned=planned,
    )
    stranger = _wrong_account(caller, target.account_id)
    if stranger is not None:
        hidden = ("task", "service", "task_definition", "container_instance")
        return start.model_copy(update=dict.fromkeys(hidden, stranger))
    of_plan = None if planned is None else read_planned(reader, target, planned)
    ecs = read_ecs(reader, target, previous, alert_text, now, newest) if of_plan is None else of_plan.ecs
    hosts = _read_hosts(reader, ecs) if of_plan is None else {}
    partial = start.model_copy(
        update={
            "source": ecs.source,
            "task": ecs.task,
            "service": ecs.service,
            "task_definition": ecs.task_definition,
            "failed_deployment": ecs.failed_deployment,
            "failed_revision": ecs.failed_revision,
            "container_instance": ecs.container_instance,
            **hosts,
            **(of_plan.fields if of_plan else {}),
        }
    )
    if planned is not None:
        partial = _with_capacity(reader, partial)
    subnets = _read_subnets(reader, partial)
    vpcs = _read_vpcs(reader, partial, subnets, account)
    scope = _to_simulate(partial, subnets, vpcs, account) if simulates else None
    roles = _read_roles(reader, partial, scope)
    conditions = Conditions.of(roles.values(), vpcs.values())
    images = read_images(
        reader,
        known_value(partial.task),
        known_value(partial.task_definition),
        account,
        conditions,
        other_accounts=other_accounts,
        alert_text=alert_text if ecs.source == "alert" else None,
        planned=planned,
        revision=known_value(partial.service_revision),
    )
    definition = known_value(partial.task_definition)
    secrets = read_secrets(reader, definition)
    buckets = read_buckets(reader, definition)
    return Snapshot(
        **{
            **dict(partial),
            "subnets": subnets,
            "vpcs": vpcs,
            "volumes": read_volumes(reader, pull.volumes_to_read(partial)),
            "images": images,
            "former_definition": read_former(reader, ecs, images),
            "roles": roles,
            "task_role": read_task_role(reader, pull.task_role_to_read(partial)),
            **secrets,
            **buckets,
            **read_item_tags(reader, secrets, conditions),
            "organization": read_organization(
                reader,
                conditions,
                policies_of(images, secrets),
                wanted=asks_of_files(conditions, buckets)
                or any(
                    wants_organization(fact)
                    for role in roles.values()
                    for fact in (role.simulated_login, role.simulated_pull)
                ),
            ),
        }
    )


def _with_capacity(reader: Reader, partial: Snapshot) -> Snapshot:
    """The facts with what gives a planned task its room."""
    partial = partial.model_copy(update={"capacity_providers": read_capacity_providers(reader, partial)})
    return partial.model_copy(update={"hosts": read_hosts(reader, partial)})


def _account_of(caller: Fact[CallerIdentity]) -> str | None:
    known = known_value(caller)
    return known.account if known else None


def _wrong_account(caller: Fact[CallerIdentity], account: str | None) -> Unavailable | None:
    """Why nothing else is asked where the credentials belong to another account than the target.

    What is missing in *their* account (a role of the same name, say) would say nothing about the target's.
    """
    known = known_value(caller)
    if known is None or account is None or known.account == account:
        return None
    return Unavailable(
        reason=Reason.about(Why.OTHER_ACCOUNT, known.account, account),
        call=calls.GET_CALLER_IDENTITY.action,
        resource=known.arn,
    )


# --- the host and the task's own interface -----------------------------------------------------------


def _read_hosts(reader: Reader, ecs: EcsFacts) -> dict[str, Fact[Any]]:
    instance = _read_instance(reader, ecs)
    return {
        "instance": instance,
        "instance_profile": read_profile(reader, instance),
        "task_interface": _read_task_interface(reader, ecs),
    }


def _read_instance(reader: Reader, ecs: EcsFacts) -> Fact[Instance]:
    host = known_value(ecs.container_instance)
    if host is None:
        return hanging_on(ecs.container_instance, Why.HOST_GONE)
    name = pull.instance_to_read(host)
    return NOT_ASKED if name is None else read_instances(reader, (name,))[name]


def _read_task_interface(reader: Reader, ecs: EcsFacts) -> Fact[NetworkInterface]:
    """The task's own interface, on Fargate; on a container instance a pull does not leave by it."""
    task = known_value(ecs.task)
    if task is None:
        return hanging_on(ecs.task, Why.TASK_GONE)
    if task.container_instance_arn is not None:
        return NOT_ASKED
    name = pull.task_attachment(task).interface_id
    if name is None:
        return Absent(call=calls.DESCRIBE_TASKS.action)
    return read_interfaces(reader, (name,))[name]


# --- subnets and VPCs --------------------------------------------------------------------------------


def _read_subnets(reader: Reader, partial: Snapshot) -> dict[str, Fact[Subnet]]:
    """The subnets of the interfaces that a pull may leave by.

    What each source names is one call of its own, so that the first does not wait for the others.
    """
    result: dict[str, Fact[Subnet]] = {}
    for ids in pull.subnets_to_read(partial):
        if not set(ids) <= result.keys():
            fact = reader.read(calls.DESCRIBE_SUBNETS, ids_filter("subnet-id", ids), about=", ".join(ids))
            result = merged(result, by_id(fact, ids, "subnet_id", calls.DESCRIBE_SUBNETS.action))
    return dict(sorted(result.items()))


def _read_vpcs(
    reader: Reader, partial: Snapshot, subnets: Mapping[str, Fact[Subnet]], account: str | None
) -> dict[str, VpcFacts]:
    names = {fact.value.vpc_id for fact in subnets.values() if isinstance(fact, Known)}
    instance = known_value(partial.instance)
    if instance is not None and instance.vpc_id is not None:
        # The instance names its VPC, so the VPC need not wait for the subnet.
        names.add(instance.vpc_id)
    groups = tuple(pull.groups_to_read(partial))
    return {name: read_vpc(reader, name, groups, account, tuple(subnets)) for name in sorted(names)}


# --- roles -------------------------------------------------------------------------------------------


def _to_simulate(
    partial: Snapshot, subnets: Mapping[str, Fact[Subnet]], vpcs: Mapping[str, VpcFacts], account: str | None
) -> Scope | None:
    """What IAM's simulator is asked about, once it is known which way the pull takes or that this stays unknown."""
    ids = next(pull.subnets_to_read(partial), ())
    subnet = subnets[ids[0]] if ids else None
    if (subnet is not None and is_pending(subnet)) or (
        pull.pulls_on_host(partial) and is_pending(partial.instance)
    ):
        return None
    vpc = vpcs.get(subnet.value.vpc_id) if isinstance(subnet, Known) else None
    return scope_of(partial.task, partial.task_definition, account, vpc)


def _read_roles(reader: Reader, partial: Snapshot, scope: Scope | None) -> dict[str, RoleFacts]:
    return {name: read_role(reader, name, scope) for name in pull.role_arns(partial)}
