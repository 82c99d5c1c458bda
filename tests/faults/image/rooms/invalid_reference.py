"""The image reference cannot be parsed."""

from __future__ import annotations

from diagnostics.faults.image.invalid_reference import INVALID_REFERENCE
from tests.build import ACCOUNT, IMAGE, REGION, REGISTRY
from tests.build.images import named
from tests.faults.image.worlds import UNREAD
from tests.faults.judging import Table, case

DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7"

TABLE = Table(
    INVALID_REFERENCE,
    (
        case("valid", "pass"),
        case(
            "upper case", "fail", named(f"{REGISTRY}/Payments-API:1.4.2"),
            resources=(f"{REGISTRY}/Payments-API:1.4.2", DEFINITION), says="upper-case",
        ),
        case("placeholder", "fail", named(f"{REGISTRY}/payments-api:${{TAG}}"), says="placeholder"),
        case("scheme", "fail", named(f"https://{IMAGE}"), says="scheme"),
        case(
            "the task definition is denied", "fail", named(f"https://{IMAGE}"),
            lambda world: world.update(task_definition=UNREAD), resources=(f"https://{IMAGE}",),
        ),
    ),
    statuses=frozenset({"pass", "fail"}),
)  # fmt: skip
