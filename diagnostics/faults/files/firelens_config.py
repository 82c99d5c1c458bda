"""The configuration file of a task's log router (FireLens), which ECS fetches from S3."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults.base import Check, Subject, World, passes, skipped, unknown
from diagnostics.faults.files.access import access_to
from diagnostics.faults.files.outcomes import failing, no_bucket
from diagnostics.faults.files.s3_files import files_of_kind, is_gone
from diagnostics.faults.permissions.then import with_then
from diagnostics.faults.secrets.reading_role import reader_of
from diagnostics.finding import Fault, Outcome, together

FIRELENS_CONFIG_UNREADABLE = Fault(
    id="firelens-config-unreadable",
    kind="secret",
    title="The log router's configuration can be read from S3",
    short="its log router's configuration cannot be read from S3",
    why="firelensConfiguration says that the log router's own configuration is a file in S3 (config-file-type s3). ECS fetches it with the execution role before the containers start. The bucket does not exist, or the role, the bucket's policy or the S3 endpoint's policy does not let it.",
    how="Allow the execution role s3:GetObject on the file and s3:GetBucketLocation on its bucket, or correct config-file-value. On Fargate only config-file-type file works: put the file into the log router's image.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef-customconfig.html",
)


def _judge(world: World, subject: Subject) -> Iterator[Outcome]:
    """The file itself is not looked for, so that a file that is not there passes."""
    files = files_of_kind(world, "firelens")
    if not files:
        yield skipped(FIRELENS_CONFIG_UNREADABLE, "no log router takes its configuration from S3")
        return
    reader, reason = reader_of(world)
    if reader is None:
        gone = [file for file in files if is_gone(file)]
        yield from (no_bucket(world, FIRELENS_CONFIG_UNREADABLE, file) for file in gone)
        if not gone:
            yield skipped(FIRELENS_CONFIG_UNREADABLE, reason)
        return
    access = access_to(world, reader, files)
    if access.is_shut:
        yield from failing(world, FIRELENS_CONFIG_UNREADABLE, reader, access)
    elif access.open:
        names = tuple(file.value for file in files)
        yield unknown(FIRELENS_CONFIG_UNREADABLE, together(access.open), "secrets", names)
    else:
        yield passes(
            FIRELENS_CONFIG_UNREADABLE,
            f"{reader.role_name} may read the log router's configuration, and its bucket exists",
        )


CHECK = with_then(
    Check(name="task.log-router", subject="task", faults=(FIRELENS_CONFIG_UNREADABLE,), judge=_judge)
)
