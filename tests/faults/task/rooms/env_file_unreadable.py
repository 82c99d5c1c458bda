"""An environment file of a container cannot be read from S3."""

from __future__ import annotations

from diagnostics.faults.task.env_file_unreadable import ENV_FILE_UNREADABLE
from tests.build import stopped, unavailable
from tests.build.tasks import container
from tests.faults.judging import Table, case

FILE = "ResourceInitializationError: failed to download env files: file download command: non empty error stream: "
DEFINITION = "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api:7"

files = container(environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::conf/app.env"}])

TABLE = Table(
    ENV_FILE_UNREADABLE,
    (
        case(
            "refused", "warn", stopped(f"{FILE}AccessDenied: Access Denied status code: 403"), resources=(DEFINITION,),
            says="refused",
        ),
        case(
            "refused, and the files are known", "warn", files, stopped(f"{FILE}AccessDenied: Access Denied status code: 403"),
            says="(conf/app.env)",
        ),
        case("not there", "warn", stopped(f"{FILE}NoSuchKey: The specified key does not exist."), says="no such"),
        case("no answer", "skipped", stopped(f"{FILE}RequestCanceled: request context canceled"), says="does not say"),
        case("files and no text", "skipped", files),
        case("no text", "skipped"),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
    repairs={"task": "refused, and the files are known", "task/unnamed": "refused"},
)  # fmt: skip
