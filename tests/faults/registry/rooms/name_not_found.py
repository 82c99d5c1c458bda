"""The registry's host name is not found by the name server that the machine asks."""

from __future__ import annotations

from diagnostics.faults.registry.name_not_found import NAME_NOT_FOUND
from tests.build import ACCOUNT, REGISTRY, stopped, unavailable
from tests.build.images import named
from tests.faults.judging import Table, case

NO_HOST = (
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: failed to do "
    'request: Head "https://{host}/v2/team/api/manifests/1": dial tcp: lookup {host} on 10.0.0.2:53: no such host'
)
HOST = "registry.corp.internal"
OWN = f"{HOST}/team/api:1"
NOWHERE = f"{ACCOUNT}.dkr.ecr.eu-west-11.amazonaws.com"
MISSPELT = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.cm"

TABLE = Table(
    NAME_NOT_FOUND,
    (
        case(
            "a name of one's own", "warn", named(OWN), stopped(NO_HOST.format(image=OWN, host=HOST)),
            resources=(OWN, HOST), says="10.0.0.2",
        ),
        case(
            "ECR's of a Region that does not exist", "warn", named(f"{NOWHERE}/team/api:1"),
            stopped(NO_HOST.format(image=f"{NOWHERE}/team/api:1", host=NOWHERE)), says=NOWHERE,
        ),
        case(
            "ECR's of the task's Region", "skipped",
            stopped(NO_HOST.format(image=f"{REGISTRY}/payments-api:1.4.2", host=REGISTRY)),
        ),
        case(
            "a host that is nearly ECR's", "skipped", named(f"{MISSPELT}/team/api:1"),
            stopped(NO_HOST.format(image=f"{MISSPELT}/team/api:1", host=MISSPELT)), says="invalid-image-reference",
        ),
        case("no text", "skipped", named(OWN)),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
