"""An environment file of a container cannot be read from S3."""

from __future__ import annotations

from diagnostics.faults.base import Room, Subject, World, unseen
from diagnostics.faults.permissions.policy_changes import put_role_policy, simulate
from diagnostics.faults.task_definition import definition_page, family_of
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import TEXT_ONLY, said
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import quoted

ENV_FILE_UNREADABLE = Fault(
    id="env-file-unreadable",
    kind="secret",
    title="The container's environment files can be read from S3",
    why="ECS fetches the files of environmentFiles from S3 before the container starts, with the execution role. The file does not exist, or the role may not read it (s3:GetObject on the file, s3:GetBucketLocation on its bucket).",
    how="Upload the file or correct its ARN in environmentFiles, and allow the execution role s3:GetObject on it and s3:GetBucketLocation on its bucket.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html",
    explains=Explains(symptoms=(SymptomId.ENV_FILE_DOWNLOAD_FAILED,)),
    text_only=True,
    refutable=False,
)

_REFUSED = ("accessdenied", "access denied", "403", "forbidden", "not authorized")
_ABSENT = ("nosuchkey", "nosuchbucket", "404", "not found", "does not exist")


def _judge(world: World, subject: Subject) -> Outcome:
    """S3 is not asked for the file, so that a text which does not say why leaves it open."""
    symptom = said(world, SymptomId.ENV_FILE_DOWNLOAD_FAILED)
    if symptom is None:
        return unseen(ENV_FILE_UNREADABLE, TEXT_ONLY)
    text, files = symptom.text.lower(), _files(world)
    if any(word in text for word in _REFUSED):
        return _tell(
            world,
            symptom,
            f"S3 refused the execution role an environment file of the task{_named(files)}.",
            _let_in(world, files),
        )
    if any(word in text for word in _ABSENT):
        return _tell(
            world, symptom, f"S3 has no such environment file as the task definition names{_named(files)}."
        )
    return unseen(ENV_FILE_UNREADABLE, "the error text does not say what S3 answered")


def _named(files: tuple[str, ...]) -> str:
    return f" ({', '.join(item.rpartition(':::')[2] for item in files)})" if files else ""


def _files(world: World) -> tuple[str, ...]:
    """The ARNs of the task definition's environment files."""
    definition = known_value(world.snapshot.task_definition)
    every = (
        (item.value for one in definition.container_definitions for item in one.environment_files)
        if definition
        else ()
    )
    return tuple(dict.fromkeys(every))


def _let_in(world: World, files: tuple[str, ...]) -> Fix | None:
    """The execution role let in to the files and their buckets; `None` where it or they are not known."""
    definition = known_value(world.snapshot.task_definition)
    role = definition.execution_role_arn if definition else None
    if role is None or not files:
        return None
    buckets = list(dict.fromkeys(item.partition("/")[0] for item in files))
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": list(files)},
            {"Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": buckets},
        ],
    }
    asks = (
        *(("s3:GetObject", item) for item in files),
        *(("s3:GetBucketLocation", item) for item in buckets),
    )
    return put_role_policy(
        role,
        "environment-files",
        document,
        text=f"Let {role.rpartition('/')[2]} read the environment files; where it may already, look at the bucket's policy, the S3 endpoint's policy and the bucket's key (kms:Decrypt).",
        verify=simulate(role, asks),
    )


def _tell(world: World, symptom: Symptom, summary: str, fix: Fix | None = None) -> Outcome:
    definition = known_value(world.snapshot.task_definition)
    arn = definition.task_definition_arn if definition else family_of(world)
    return shown(
        ENV_FILE_UNREADABLE,
        symptom,
        summary,
        fix
        or Fix(
            text=ENV_FILE_UNREADABLE.how,
            cli=f"aws ecs describe-task-definition --task-definition {quoted(arn)} --region {world.region} --query 'taskDefinition.containerDefinitions[].environmentFiles[]'",
        ),
        stage="secrets",
        resources=(arn,),
        console_url=definition_page(world),
        named=True,
    )


ROOM = Room(ENV_FILE_UNREADABLE, _judge)
