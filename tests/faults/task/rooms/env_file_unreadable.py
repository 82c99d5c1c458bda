"""An environment file of a container cannot be read from S3."""

from __future__ import annotations

from diagnostics.faults.task.env_file_unreadable import ENV_FILE_UNREADABLE
from tests.build import stopped, unavailable
from tests.faults.judging import Table, case

FILE = "ResourceInitializationError: failed to download env files: file download command: non empty error stream: "
DEFINITION = "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api:7"

TABLE = Table(
    ENV_FILE_UNREADABLE,
    (
        case(
            "refused", "warn", stopped(f"{FILE}AccessDenied: Access Denied status code: 403"), resources=(DEFINITION,),
            says="refused",
        ),
        case("not there", "warn", stopped(f"{FILE}NoSuchKey: The specified key does not exist."), says="no such"),
        case("no answer", "skipped", stopped(f"{FILE}RequestCanceled: request context canceled"), says="does not say"),
        case("no text", "skipped"),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
)  # fmt: skip
