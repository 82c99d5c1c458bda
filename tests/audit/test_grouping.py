"""What makes several findings one: the route table or the endpoint that stops them, whichever subnet each service has."""

from __future__ import annotations

import pytest

from diagnostics.audit import AuditFinding
from diagnostics.audit.assembly import grouped


def stops(service: str, *resources: str, of: str = "route-blackhole", advice: str = "Do it.") -> AuditFinding:
    return AuditFinding(
        level="now",
        id=of,
        resources=resources,
        summary="It is so.",
        clause="it is so",
        subjects=(service,),
        subnets=tuple(item for item in resources if item.startswith("subnet-")),
        advice=advice,
    )


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        (
            (stops("a", "subnet-1", "rtb-1", "nat-1"), stops("b", "subnet-2", "rtb-1", "nat-1")),
            [(("a", "b"), ("subnet-1", "rtb-1", "nat-1", "subnet-2"), ("subnet-1", "subnet-2"))],
        ),
        (
            (stops("a", "subnet-1", "subnet-2", "rtb-1"), stops("b", "subnet-2", "rtb-1"), stops("c", "subnet-1", "rtb-2")),
            [
                (("a", "b"), ("subnet-1", "subnet-2", "rtb-1"), ("subnet-1", "subnet-2")),
                (("c",), ("subnet-1", "rtb-2"), ("subnet-1",)),
            ],
        ),
        # The subnet itself is what must change.
        (
            (stops("a", "subnet-1", of="subnet-no-free-ip"), stops("b", "subnet-2", of="subnet-no-free-ip")),
            [(("a",), ("subnet-1",), ("subnet-1",)), (("b",), ("subnet-2",), ("subnet-2",))],
        ),
        # Two faults of one route table are two.
        (
            (stops("a", "rtb-1"), stops("a", "rtb-1", of="route-no-egress")),
            [(("a",), ("rtb-1",), ()), (("a",), ("rtb-1",), ())],
        ),
    ],
)  # fmt: skip
def test_one_resource_is_one_finding(
    findings: tuple[AuditFinding, ...],
    expected: list[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]],
) -> None:
    assert [(item.subjects, item.resources, item.subnets) for item in grouped(findings)] == expected


def test_advice_that_names_one_service_counts_for_the_others() -> None:
    one, other = (stops(name, "subnet-1", advice=f"Set assignPublicIp of {name}.") for name in "ab")
    (found,) = grouped((one, other))
    assert found.advice == "Set assignPublicIp of a. Likewise for the others that it stops."
    (found,) = grouped((one, one))
    assert found.advice == "Set assignPublicIp of a."
