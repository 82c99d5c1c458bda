"""An environment file of a container cannot be read from S3."""

from __future__ import annotations

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Room, Subject, World, skipped, unseen
from diagnostics.faults.task_definition import definition_page, family_of
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import said
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.snapshot import known_value, need
from diagnostics.stop_reason import Symptom, SymptomId
from diagnostics.write import quoted

ENV_FILE_UNREADABLE = Fault(
    id="env-file-unreadable",
    kind="secret",
    title="The container's environment files can be read from S3",
    short="its environment file cannot be read from S3",
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
        need(world.snapshot.task_definition)
        return skipped(ENV_FILE_UNREADABLE, "its containers have no environmentFiles")
    text = symptom.text.lower()
    if any(word in text for word in _REFUSED):
        return _tell(world, symptom, "S3 refused the execution role an environment file of the task.")
    if any(word in text for word in _ABSENT):
        return _tell(world, symptom, "S3 has no such environment file as the task definition names.")
    return unseen(ENV_FILE_UNREADABLE, "the error text does not say what S3 answered")


def _tell(world: World, symptom: Symptom, summary: str) -> Outcome:
    """Which files they are is not known, so that no command can be given."""
    definition = known_value(world.snapshot.task_definition)
    arn = definition.task_definition_arn if definition else family_of(world)
    show = f"aws ecs describe-task-definition --task-definition {quoted(arn)} --region {world.region} --query 'taskDefinition.containerDefinitions[].environmentFiles[]'"
    return shown(
        ENV_FILE_UNREADABLE,
        symptom,
        summary,
        Fix(text=f"{ENV_FILE_UNREADABLE.how} This shows which they are: {show}", then=then_for(world)),
        stage="secrets",
        resources=(arn,),
        console_url=definition_page(world),
        named=True,
    )


ROOM = Room(ENV_FILE_UNREADABLE, _judge)
