"""A planned task on EC2: each kind of container instance that takes it is judged, and one odd state is not that of all."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.finding import Report
from diagnostics.report import build
from diagnostics.snapshot import (
    Absent,
    HostFacts,
    Known,
    NetworkInterface,
    Snapshot,
    TaskDefinition,
    Unavailable,
    Why,
    known_value,
)
from tests.build import ec2
from tests.build.planned import NO_PROFILE, host_of, instance_of, on_hosts

HEALTHY = ec2()
FIRST, SECOND, THIRD = "i-0aaaabbbbccccdddd", "i-0second", "i-0third"


def judged(*hosts: HostFacts, **plan: Any) -> Report:
    return build(on_hosts(HEALTHY, *hosts, **plan))


def with_definition(snapshot: Snapshot, **changes: Any) -> Snapshot:
    definition = known_value(snapshot.task_definition)
    assert definition is not None
    changed = TaskDefinition.model_validate({**dict(definition), **changes})
    return snapshot.model_copy(update={"task_definition": Known[TaskDefinition](value=changed)})


def without_profile(name: str) -> HostFacts:
    host = host_of(HEALTHY, name, instance_profile=NO_PROFILE)
    return host.model_copy(update={"instance": instance_of(host, iam_instance_profile=None)})


def in_another_subnet(name: str) -> HostFacts:
    """A container instance in a subnet of its own."""
    host = host_of(HEALTHY, name)
    instance = known_value(host.instance)
    assert instance is not None
    (interface,) = instance.network_interfaces
    moved = NetworkInterface.model_validate({**dict(interface), "subnet_id": "subnet-elsewhere"})
    return host.model_copy(
        update={
            "instance": instance_of(host, subnet_id="subnet-elsewhere", network_interfaces=(moved,)),
        }
    )


def test_all_are_fine() -> None:
    report = judged(host_of(HEALTHY), host_of(HEALTHY, SECOND))
    assert report.verdict.outcome == "nothing_wrong"
    assert report.target_kind == "preflight"
    assert {item.instances for item in report.findings} == {(FIRST, SECOND)}
    assert any("each of the 2 container instances" in item for item in report.verdict.caveats)


def test_one_of_three_has_no_role() -> None:
    report = judged(host_of(HEALTHY), without_profile(SECOND), host_of(HEALTHY, THIRD))
    assert report.verdict.outcome == "cause_found"
    assert "on i-0second (1 of 3 container instances) would fail" in report.verdict.headline
    (cause,) = report.causes_of("cause")
    assert (cause.id, cause.instances) == ("instance-profile-missing", (SECOND,))


def test_what_all_of_them_have_is_said_of_none_alone() -> None:
    report = judged(without_profile(FIRST), without_profile(SECOND))
    assert "container instances)" not in report.verdict.headline
    assert {name for item in report.causes_of("cause") for name in item.instances} == {FIRST, SECOND}


@pytest.mark.parametrize(
    "odd",
    [
        host_of(HEALTHY, SECOND, status="DRAINING", instance_profile=NO_PROFILE),
        host_of(HEALTHY, SECOND, agent_connected=False, instance_profile=NO_PROFILE),
    ],
    ids=["draining", "disconnected"],
)
def test_one_that_takes_no_task_is_left_out(odd: HostFacts) -> None:
    report = judged(host_of(HEALTHY), odd)
    assert report.verdict.outcome == "nothing_wrong"
    assert any("one other does not take it" in item for item in report.verdict.caveats)


def test_only_those_of_the_capacity_provider_count() -> None:
    own = host_of(HEALTHY, FIRST, capacity_provider_name="mine")
    other = without_profile(SECOND).model_copy(
        update={
            "container_instance": host_of(HEALTHY, SECOND, capacity_provider_name="other").container_instance
        }
    )
    facts = on_hosts(HEALTHY, own, other, launch_type="EC2", capacity_provider="mine")
    assert build(facts).verdict.outcome == "undecided", "it is not known what the provider gives"
    provider = {"mine": Known(value={"name": "mine"})}
    told = Snapshot.model_validate({**facts.model_dump(), "capacity_providers": {
        name: {"kind": "known", "value": fact.value} for name, fact in provider.items()
    }})  # fmt: skip
    assert build(told).verdict.outcome == "nothing_wrong"


def test_an_attribute_that_the_task_requires_leaves_others_out() -> None:
    gpu = {"name": "com.amazonaws.ecs.capability.gpu"}
    facts = with_definition(on_hosts(HEALTHY, host_of(HEALTHY)), requires_attributes=(gpu,))
    report = build(facts)
    assert report.verdict.outcome == "undecided"
    assert any(
        "it has no attribute com.amazonaws.ecs.capability.gpu" in item.why for item in report.unavailable
    )
    fits = host_of(HEALTHY, SECOND, attributes=(gpu,))
    report = build(with_definition(on_hosts(HEALTHY, host_of(HEALTHY), fits), requires_attributes=(gpu,)))
    assert report.verdict.outcome == "nothing_wrong"


@pytest.mark.parametrize(
    ("expression", "left_out"),
    [
        ("attribute:stack == prod", True),
        ("attribute:stack == test", False),
        ("attribute:stack != test", True),
        ("attribute:stack in [prod, staging]", True),
        ("attribute:stack not_in [prod]", False),
        ("attribute:other exists", True),
        ("attribute:other !exists", False),
        ("attribute:stack =~ te.*", None),
        ("attribute:stack == test and attribute:other exists", None),
    ],
)
def test_placement_constraints(expression: str, left_out: bool | None) -> None:
    """A constraint that is not understood leaves nothing out, which is said."""
    odd = without_profile(SECOND)
    odd = odd.model_copy(
        update={
            "container_instance": host_of(
                HEALTHY, SECOND, attributes=({"name": "stack", "value": "test"},)
            ).container_instance
        }
    )
    good = host_of(HEALTHY, attributes=({"name": "stack", "value": "prod"}, {"name": "other", "value": None}))
    constraint = {"type": "memberOf", "expression": expression}
    facts = with_definition(on_hosts(HEALTHY, good, odd), placement_constraints=(constraint,))
    report = build(facts)
    assert (
        SECOND in {name for item in report.findings for name in item.instances}
    ) is not left_out or left_out is None
    assert any("is not understood here" in item for item in report.verdict.caveats) is (left_out is None)


def test_a_cluster_without_a_container_instance_is_not_fine() -> None:
    report = judged()
    assert report.verdict.outcome == "undecided"
    assert any(
        "no container instance is there now that takes the task" in item.why for item in report.unavailable
    )


def test_an_instance_that_cannot_be_read_is_not_fine() -> None:
    denied = Unavailable(reason=Why.DENIED, call="ec2:DescribeInstances")
    report = judged(host_of(HEALTHY), host_of(HEALTHY, SECOND, instance=denied, instance_profile=denied))
    assert report.verdict.outcome == "undecided"
    assert {item.instances for item in report.findings if item.status == "unknown"} == {(SECOND,)}


def test_one_that_stands_in_a_subnet_without_a_way_out() -> None:
    """The main route table, which holds for a subnet with none of its own, has the local route alone."""
    report = judged(host_of(HEALTHY), in_another_subnet(SECOND))
    (cause,) = report.causes_of("cause")
    assert (cause.id, cause.instances, cause.subnets) == ("route-no-egress", (SECOND,), ("subnet-elsewhere",))
    assert {leg.subnet for leg in report.network.legs} == {"subnet-private-a", "subnet-elsewhere"}


def test_hosts_that_could_not_be_listed() -> None:
    denied = Unavailable(reason=Why.DENIED, call="ecs:ListContainerInstances")
    report = build(on_hosts(HEALTHY).model_copy(update={"hosts": denied}))
    assert report.verdict.outcome == "undecided"
    assert "ecs:ListContainerInstances" in {item.call for item in report.unavailable}


def test_a_cluster_that_is_not_there() -> None:
    gone = Absent(call="ecs:ListContainerInstances", without="cluster")
    report = build(on_hosts(HEALTHY).model_copy(update={"hosts": gone}))
    assert (report.verdict.outcome, report.verdict.missing) == ("task_gone", "cluster")
    assert report.verdict.headline.startswith("There is no cluster payments in us-east-1")
