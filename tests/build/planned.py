"""Snapshots of tasks that nobody has started, made of the healthy worlds."""

from __future__ import annotations

from typing import Any

from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    ContainerInstance,
    Fact,
    HostFacts,
    Instance,
    InstanceProfile,
    Known,
    PlannedTask,
    Snapshot,
    known_value,
)
from diagnostics.target import Target

DEFINITION = "payments-api:8"


def planned(snapshot: Snapshot, task_definition: str | None = DEFINITION, **plan: Any) -> Snapshot:
    """The same account before a task starts: what told of the task that runs there is gone."""
    service = known_value(snapshot.service)
    target = Target(
        kind="preflight",
        partition=snapshot.partition,
        region=snapshot.region,
        account_id=snapshot.account_id,
        cluster="payments",
        service=service.service_name if service else None,
        task_definition=task_definition,
    )
    hidden = dict.fromkeys(
        ("task_interface", "container_instance", "instance", "instance_profile"), NOT_ASKED
    )
    return snapshot.model_copy(
        update={
            **hidden,
            "task": Absent(),
            "source": "none",
            "target": target,
            "planned": PlannedTask(**plan),
        }
    )


def host_of(snapshot: Snapshot, name: str = "i-0aaaabbbbccccdddd", **changes: Any) -> HostFacts:
    """The container instance of a task on EC2, as one of several; `changes` are fields of the host or of its facts.

    A field of HostFacts takes a fact; any other is one of the container instance's.
    """
    registered, instance = known_value(snapshot.container_instance), known_value(snapshot.instance)
    assert registered is not None
    assert instance is not None
    facts: dict[str, Any] = {
        "instance": Known[Instance](value=instance.model_copy(update={"instance_id": name})),
        "instance_profile": snapshot.instance_profile,
    }
    for key in facts.keys() & changes.keys():
        facts[key] = changes.pop(key)
    arn = f"{registered.container_instance_arn.rpartition('/')[0]}/{name.removeprefix('i-').zfill(32)}"
    return HostFacts(
        container_instance=ContainerInstance.model_validate(
            {**dict(registered), "container_instance_arn": arn, "ec2_instance_id": name, **changes}
        ),
        **facts,
    )


def instance_of(host: HostFacts, **changes: Any) -> Fact[Instance]:
    """What EC2 says of a host, changed."""
    instance = known_value(host.instance)
    assert instance is not None
    return Known[Instance](value=instance.model_copy(update=changes))


def on_hosts(snapshot: Snapshot, *hosts: HostFacts, **plan: Any) -> Snapshot:
    """A planned task that may be placed on these container instances."""
    facts = planned(snapshot, **{"launch_type": "EC2", **plan})
    return facts.model_copy(update={"hosts": Known[tuple[HostFacts, ...]](value=hosts)})


NO_PROFILE: Fact[InstanceProfile] = Absent(call="ec2:DescribeInstances")
