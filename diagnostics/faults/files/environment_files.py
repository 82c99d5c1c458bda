"""The environment files of a container, judged by what is known of role, bucket and endpoint, and by the error text.

What the text alone says, where the task definition does not name the files, is judged by `env_file_unreadable`.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics.faults.base import Check, Subject, World, passes, skipped, unknown, unseen
from diagnostics.faults.files.access import FileAccess, access_to
from diagnostics.faults.files.outcomes import (
    NAMED_IN,
    failing,
    named,
    new_object,
    no_bucket,
)
from diagnostics.faults.files.s3_files import S3File, files_of_kind, is_gone
from diagnostics.faults.permissions.pulling_role import Puller
from diagnostics.faults.permissions.role_permission_missing import grant, not_allowed
from diagnostics.faults.permissions.then import with_then
from diagnostics.faults.secrets.reading_role import reader_of
from diagnostics.faults.task import env_file_unreadable
from diagnostics.faults.task_definition import definition_page
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import said
from diagnostics.finding import Fix, Outcome, Ways, together
from diagnostics.snapshot import Known
from diagnostics.stop_reason import Symptom, SymptomId, s3_answer
from diagnostics.write.snippets import joined

ENV_FILE_UNREADABLE = env_file_unreadable.ENV_FILE_UNREADABLE.model_copy(
    update={
        "why": "ECS fetches the files of environmentFiles from S3 before the container starts, with the execution role. The bucket or the file does not exist, or one of the role's policies, the bucket's policy or the S3 endpoint's policy does not let the role (s3:GetObject on the file, s3:GetBucketLocation on its bucket). Where a file is not there, S3 answers that access is denied, unless the role may list the bucket.",
        "how": "Upload the file or correct its ARN in environmentFiles, and allow the execution role s3:GetObject on it and s3:GetBucketLocation on its bucket, in its own policy and wherever the bucket or the endpoint restricts it.",
        # The policies and the bucket prove it. That a file is there is not asked, so that nothing refutes it.
        "text_only": False,
    }
)

_ABSENT_OR_REFUSED = "S3 answers so also where there is no such file and the role may not list the bucket (s3:ListBucket), and where the file's key may not be used (kms:Decrypt)"


def _judge(world: World, subject: Subject) -> Iterator[Outcome]:
    symptom = said(world, SymptomId.ENV_FILE_DOWNLOAD_FAILED)
    known = isinstance(world.snapshot.task_definition, Known)
    files = files_of_kind(world, "environment") if known or symptom is None else ()
    if not files:
        outcome = env_file_unreadable.ROOM.judge(world, subject)
        yield outcome.model_copy(update={"fault": ENV_FILE_UNREADABLE})
        return
    reader, reason = reader_of(world)
    if reader is None:
        gone = [file for file in files if is_gone(file)]
        yield from (no_bucket(world, ENV_FILE_UNREADABLE, file) for file in gone)
        if not gone:
            yield skipped(ENV_FILE_UNREADABLE, reason)
        return
    access = access_to(world, reader, files)
    if access.is_shut:
        yield from failing(world, ENV_FILE_UNREADABLE, reader, access)
    elif symptom is not None and (answer := s3_answer(symptom)) in ("refused", "absent"):
        yield _by_text(world, reader, files, access, symptom, refused=answer == "refused")
    elif access.open:
        yield unknown(
            ENV_FILE_UNREADABLE, together(access.open), "secrets", tuple(file.value for file in files)
        )
    elif symptom is not None:
        yield unseen(ENV_FILE_UNREADABLE, "the error text does not say what S3 answered")
    else:
        yield passes(
            ENV_FILE_UNREADABLE,
            f"{reader.role_name} may read the environment files, and their buckets exist (S3 was not asked if the files do)",
        )


def _by_text(
    world: World,
    reader: Puller,
    files: tuple[S3File, ...],
    access: FileAccess,
    symptom: Symptom,
    *,
    refused: bool,
) -> Outcome:
    """What the text alone tells: that S3 refused, or that it has no such file."""
    names = joined(file.name for file in files)
    if not refused:
        summary = f"S3 has no such environment file as {NAMED_IN['environment']} names: {names}."
    elif access.open:
        summary = f"S3 refused {reader.role_name} an environment file: {names}."
    else:
        summary = f"S3 refused {reader.role_name} an environment file, {names}, though the policies that were read allow it: most likely there is no such file."
    return shown(
        ENV_FILE_UNREADABLE,
        symptom,
        summary,
        _let_in(reader, access, world) if refused and access.open else _put(world, files, refused),
        *(named(file) for file in files),
        stage="secrets",
        resources=tuple(file.value for file in files),
        console_url=definition_page(world),
        named=True,
    )


def _let_in(reader: Puller, access: FileAccess, world: World) -> Fix:
    steps = access.steps
    fix = grant(reader.about(*steps), ((step, not_allowed(step)) for step in steps), "environment-files")
    more = f"Where it may do so already, look at the bucket's policy and the S3 endpoint's, and if the file is there: {_ABSENT_OR_REFUSED}."
    return fix.model_copy(update={"text": f"{fix.text} {more}"})


def _put(world: World, files: tuple[S3File, ...], refused: bool) -> Ways:
    """Which of the files is not there is not known, so that each is put by itself."""
    because = f" {_ABSENT_OR_REFUSED}." if refused else ""
    first, *others = (new_object(world, file, because) for file in files)
    return first, *others


CHECK = with_then(Check(name="task.environment", subject="task", faults=(ENV_FILE_UNREADABLE,), judge=_judge))
