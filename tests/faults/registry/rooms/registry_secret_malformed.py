"""The secret with a registry's credentials, which holds something else."""

from __future__ import annotations

from diagnostics.faults.registry.registry_secret_malformed import REGISTRY_SECRET_MALFORMED
from tests.build import stopped, unavailable
from tests.build.images import named
from tests.faults.judging import Table, case
from tests.faults.registry.worlds import CREDENTIALS, with_credentials

ASM = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to get registry auth from asm: service call has been retried 1 time(s): asm fetching "
PRIVATE = (named("registry.corp.example/team/api:1"), with_credentials)

TABLE = Table(
    REGISTRY_SECRET_MALFORMED,
    (
        case(
            "no JSON", "warn", *PRIVATE,
            stopped(f"{ASM}authorization data: unable to unmarshal secret value, invalid schema"), resources=(CREDENTIALS,),
            says="not JSON",
        ),
        case("a key that is missing", "warn", *PRIVATE, stopped(f"{ASM}username: AuthorizationData is malformed, empty field"), says="lacks username"),
        case("empty", "warn", *PRIVATE, stopped(f"{ASM}authorization data: empty secrets value"), says="no value"),
        case("another reason", "skipped", *PRIVATE, stopped(f"{ASM}secret from the service for x: RequestError: send request failed")),
        case("no text", "skipped", *PRIVATE),
        case("no credentials", "skipped", named("registry.corp.example/team/api:1"), says="names no"),
        case("the task is denied", "unknown", *PRIVATE, lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
