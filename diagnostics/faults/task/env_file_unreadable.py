"""An environment file of a container cannot be read from S3."""

from __future__ import annotations

from diagnostics import console
from diagnostics.faults.base import Room, Subject, World, fails, passes, skipped, unknown, unseen
from diagnostics.faults.permissions.policy_changes import put_role_policy, simulate
from diagnostics.faults.permissions.policy_documents import READ_ROLE
from diagnostics.faults.permissions.pulling_role import Puller
from diagnostics.faults.permissions.refusal_words import not_told
from diagnostics.faults.secrets.reading_role import reader_of, request_of
from diagnostics.faults.task_definition import definition_page, family_of
from diagnostics.faults.text_only import shown
from diagnostics.faults.told import said
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome, Status
from diagnostics.policy import CannotTell, Denied, Policies, evaluate
from diagnostics.policy.document import KIND_NAMES
from diagnostics.pull import account_named, execution_role
from diagnostics.snapshot import known_value, need
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
        return _of_the_role(world)
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


def _of_the_role(world: World) -> Outcome:
    """What the execution role may read. A policy of the bucket, which is not read, may let it in or refuse it."""
    need(world.snapshot.task_definition)
    files = _files(world)
    if not files:
        return skipped(ENV_FILE_UNREADABLE, "its containers have no environmentFiles")
    reader, reason = reader_of(world)
    if reader is None:
        return skipped(ENV_FILE_UNREADABLE, reason)
    policies = Policies(identity=reader.identity, boundary=reader.boundary)
    for file in files:
        # The role's own side alone: whose bucket it is stands in no ARN of S3.
        asked = request_of(world, reader, "s3:GetObject", file, {})
        own = asked.model_copy(update={"resource_account": account_named(reader.role_arn)})
        decision = evaluate(own, policies)
        if isinstance(decision, CannotTell):
            return unknown(ENV_FILE_UNREADABLE, not_told("s3:GetObject", decision), "secrets", (file,))
        if isinstance(decision, Denied):
            return _denied(world, reader, file, decision, files)
    return passes(
        ENV_FILE_UNREADABLE,
        f"{reader.role_name} may read the environment files, as far as its own policies tell",
    )


def _denied(world: World, reader: Puller, file: str, decision: Denied, files: tuple[str, ...]) -> Outcome:
    certain = decision.explicit or decision.policy_kind == "boundary"
    kind = KIND_NAMES[decision.policy_kind]
    says = f"The {kind} {decision.policy_name} of" if certain and decision.policy_name else f"No {kind} of"
    verb = "denies" if certain and decision.policy_name else "allows"
    fix = _let_in(world, files) if not certain else None
    return fails(
        ENV_FILE_UNREADABLE,
        f"{says} {reader.role_name} {verb} s3:GetObject on environment file {file.rpartition(':::')[2]}.",
        stage="secrets",
        resources=(reader.role_arn, file),
        evidence=(
            Evidence(what=decision.reason, source=READ_ROLE),
            Evidence(what=f"environmentFiles names {file}", source="ecs:DescribeTaskDefinition"),
        ),
        fix=fix
        or Fix(
            text=f"Let {reader.role_name} read {file}: take it out of what the {kind} refuses.",
            verify=simulate(reader.role_arn, (("s3:GetObject", file),)),
        ),
        console_url=console.role(world.region, reader.role_name),
        status=Status.FAIL if certain else Status.WARN,
    )


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
    puller = known_value(execution_role(world.snapshot))
    if puller is None or not files:
        return None
    role = puller.role_arn
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
