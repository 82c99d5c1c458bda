"""An environment file of a container cannot be read from S3."""

from __future__ import annotations

from diagnostics.faults.task.env_file_unreadable import ENV_FILE_UNREADABLE
from tests.build import ROLE_ARN, permissions, stopped, unavailable
from tests.build.permissions import inline
from tests.build.policies import allow, deny
from tests.build.tasks import container
from tests.faults.judging import Table, case

FILE = "ResourceInitializationError: failed to download env files: file download command: non empty error stream: "
DEFINITION = "arn:aws:ecs:us-east-1:111122223333:task-definition/payments-api:7"

MAY = allow("s3:GetObject", "arn:aws:s3:::conf/*")
NOT = deny("s3:*", "arn:aws:s3:::conf/*")
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
        case("the role may not", "warn", files, resources=(ROLE_ARN, "arn:aws:s3:::conf/app.env"), says="allows s3:GetObject on environment file conf/app.env"),
        case("the role may", "pass", files, inline("files", MAY)),
        case("the role may, and the text shows it", "warn", files, inline("files", MAY), stopped(f"{FILE}AccessDenied")),
        case("the role is denied it", "fail", files, inline("files", MAY, NOT), says="denies s3:GetObject"),
        case("the role was not read", "unknown", files, inline("files", MAY), permissions.unread("inline_policy_names", "iam:ListRolePolicies")),
        case("no text", "skipped"),
        case("the task is denied", "unknown", lambda world: world.update(task=unavailable("denied", "ecs:DescribeTasks"))),
    ),
    statuses=frozenset({"pass", "fail", "warn", "skipped", "unknown"}),
    repairs={"task": "refused, and the files are known", "task/unnamed": "refused", "task/role": "the role may not", "task/denied": "the role is denied it"},
)  # fmt: skip
