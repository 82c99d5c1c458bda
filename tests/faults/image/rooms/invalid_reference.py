"""The image reference cannot be parsed."""

from __future__ import annotations

from diagnostics.faults.image.invalid_reference import INVALID_REFERENCE
from tests.build import ACCOUNT, IMAGE, REGION, REGISTRY
from tests.build.images import named
from tests.faults.image.worlds import UNREAD
from tests.faults.judging import Table, case

DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7"

NEARLY = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonawss.com/team/api:1"

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
            "a host that is nearly ECR's", "fail", named(NEARLY), resources=(NEARLY, DEFINITION),
            says="end in amazonaws.com, not amazonawss.com",
        ),
        case("a Region without its hyphen", "fail", named(NEARLY.replace("west-1.amazonawss", "west1.amazonaws")), says="no Region"),
        case("an account with a digit too few", "fail", named(NEARLY[1:].replace("wss", "ws")), says="11 digits"),
        case("China's host without its ending", "fail", named(NEARLY.replace("eu-west", "cn-north").replace("wss", "ws")), says=".cn"),
        case("a host of ECR in another Region", "pass", named(NEARLY.replace("wss", "ws"))),
        case("somebody's own host", "pass", named("ecr.corp.example/a:1")),
        case(
            "the task definition is denied", "fail", named(f"https://{IMAGE}"),
            lambda world: world.update(task_definition=UNREAD), resources=(f"https://{IMAGE}",),
        ),
    ),
    statuses=frozenset({"pass", "fail"}),
    repairs={"image": "upper case", "image/misspelt": "a host that is nearly ECR's"},
)  # fmt: skip
