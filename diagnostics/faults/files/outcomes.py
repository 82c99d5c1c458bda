"""What is said of files that the execution role cannot read, and how that is mended."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import World, fails
from diagnostics.faults.files.access import FileAccess, FileRefusal
from diagnostics.faults.files.s3_files import GET_OBJECT, S3File, region_of
from diagnostics.faults.permissions import policy_edits
from diagnostics.faults.permissions.boundary_denies import widen
from diagnostics.faults.permissions.endpoint_answers import EndpointRefusal
from diagnostics.faults.permissions.endpoint_policies_deny import let_through
from diagnostics.faults.permissions.narrowing import narrowed
from diagnostics.faults.permissions.policy_changes import change_bucket_policy
from diagnostics.faults.permissions.policy_documents import READ_ENDPOINT, READ_MANAGED, READ_ROLE
from diagnostics.faults.permissions.pulling_role import Puller, Ruling
from diagnostics.faults.permissions.refusal_words import capital, near_misses, statement_resource
from diagnostics.faults.permissions.role_explicit_deny import lift
from diagnostics.faults.permissions.role_permission_missing import grant
from diagnostics.faults.permissions.role_repairs import on_purpose
from diagnostics.faults.task_definition import definition_page
from diagnostics.finding import Evidence, Fault, Fix, Outcome, Ways
from diagnostics.policy import Document
from diagnostics.policy.document import KIND_NAMES
from diagnostics.pull import FileKind
from diagnostics.stop_reason import Stage
from diagnostics.write import chain, found, quoted
from diagnostics.write.snippets import hcl, joined, template

STAGE: Stage = "secrets"
NOUN: dict[FileKind, str] = {"environment": "environment file", "firelens": "FireLens configuration file"}
NAMED_IN: dict[FileKind, str] = {"environment": "environmentFiles", "firelens": "firelensConfiguration"}
NEW_POLICY: dict[FileKind, str] = {"environment": "environment-files", "firelens": "firelens-configuration"}

_READ_BY = {"identity": READ_ROLE, "boundary": READ_MANAGED, "bucket": "s3:GetBucketPolicy"}


def failing(world: World, fault: Fault, reader: Puller, access: FileAccess) -> Iterator[Outcome]:
    """One outcome for each thing that has to change."""
    yield from (no_bucket(world, fault, file) for file in access.gone)
    if lacking := access.lacking():
        yield _lacking(world, fault, reader, lacking)
    yield from (_refused(world, fault, reader, items) for items in access.by_policy())
    yield from (_by_endpoint(world, fault, item) for item in access.endpoints)


def named(file: S3File) -> Evidence:
    """Where the file is named."""
    who = f"{NAMED_IN[file.kind]} of {joined(file.containers)}"
    return Evidence(what=f"{who} names {file.value}", source="ecs:DescribeTaskDefinition")


# --- the bucket --------------------------------------------------------------------------------------


def no_bucket(world: World, fault: Fault, file: S3File) -> Outcome:
    """There is no bucket of that name, in any account."""
    bucket = file.bucket or ""
    return fails(
        fault,
        f"Bucket {bucket} of {NOUN[file.kind]} {file.name} does not exist.",
        stage=STAGE,
        resources=(file.value, file.bucket_arn),
        evidence=(Evidence(what=f"S3 has no bucket {bucket}", source="s3:GetBucketLocation"), named(file)),
        fix=_new_bucket(world, file),
        console_url=definition_page(world),
    )


def _new_bucket(world: World, file: S3File) -> Fix:
    bucket, region = quoted(file.bucket or ""), world.region
    where = "" if region == "us-east-1" else f" --create-bucket-configuration LocationConstraint={region}"
    create = f"aws s3api create-bucket --bucket {bucket} --region {region}{where}"
    return Fix(
        title=f"Create bucket {file.bucket} with the file",
        text=f"Create bucket {file.bucket} again and put the file into it; or correct the ARN in {NAMED_IN[file.kind]}, where another bucket is meant. {make_the_file(file)}",
        warning="What else the bucket held, its policy and its settings do not come back.",
        cli=chain(create, put_object(world, file)),
        verify=is_there(world, file),
        expect="True",
        undo=chain(
            *delete_object(world, file), f"aws s3api delete-bucket --bucket {bucket} --region {region}"
        ),
        terraform=hcl("aws_s3_bucket", "this", bucket=file.bucket or ""),
        cloudformation=template("Bucket", "AWS::S3::Bucket", BucketName=file.bucket or ""),
    )


def new_object(world: World, file: S3File, because: str) -> Fix:
    """The file put where it is looked for, if none is there. `because` says when that is not the place to look."""
    return Fix(
        title=f"Put {file.name} into its bucket",
        text=f"Put the file into bucket {file.bucket}, or correct its ARN in {NAMED_IN[file.kind]}. {make_the_file(file)} Where one is there already, nothing is put, and its key is the place to look.{because}",
        warning="Whatever else reads this file gets it too.",
        cli=put_object(world, file),
        verify=is_there(world, file),
        expect="True",
        undo=chain(*delete_object(world, file)),
        undo_note="A bucket that keeps versions keeps this one as well.",
    )


_PUT_BY = "put-by"
"""The metadata of what a repair has put, so that what somebody else put is never deleted."""


def put_object(world: World, file: S3File) -> str:
    """The command that puts the file into its bucket, unless one is there by now.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    return f"aws s3api put-object {_which(file)} --body {quoted(_local(file))} --metadata {_PUT_BY}=pullcheck --if-none-match '*' --region {region_of(world, file)}"


def delete_object(world: World, file: S3File) -> tuple[str, ...]:
    """The commands that take it out again; they stop where the file is one that somebody else has put."""
    return (
        found("PUT_BY", _head_object(world, file), f'Metadata."{_PUT_BY}"', "file that this repair has put"),
        f"aws s3api delete-object {_which(file)} --region {region_of(world, file)}",
    )


def is_there(world: World, file: S3File) -> str:
    """The command that prints `True` if the file is there. Nothing of its content is fetched."""
    return f"{_head_object(world, file)} --query 'length(ETag) > `0`' --output text"


def make_the_file(file: S3File) -> str:
    """The sentence that says what a person does first."""
    return f"First make {_local(file)} in this directory."


def _head_object(world: World, file: S3File) -> str:
    return f"aws s3api head-object {_which(file)} --region {region_of(world, file)}"


def _which(file: S3File) -> str:
    return f"--bucket {quoted(file.bucket or '')} --key {quoted(file.key or '')}"


def _local(file: S3File) -> str:
    return (file.key or "").rpartition("/")[2] or "FILE"


# --- policies ----------------------------------------------------------------------------------------


def _lacking(world: World, fault: Fault, reader: Puller, items: tuple[FileRefusal, ...]) -> Outcome:
    first = items[0]
    return fails(
        fault,
        f"No policy of {reader.role_name} allows {_what(items)}.",
        stage=STAGE,
        resources=(reader.role_arn, *_values(items)),
        evidence=(
            Evidence(what=first.denied.reason, source=READ_ROLE),
            *near_misses(first.denied, first.step.action, READ_ROLE),
            *(named(file) for file in _files(items)),
        ),
        fix=let_in(reader, items),
        console_url=console.role(world.region, reader.role_name),
    )


def let_in(reader: Puller, items: tuple[FileRefusal, ...]) -> Fix:
    """What the role lacks, in a policy of its own; the owner of another account's bucket has to let it in as well."""
    steps = (item.step for item in items)
    fix = grant(
        reader.about(*steps), ((item.step, item.denied) for item in items), NEW_POLICY[items[0].file.kind]
    )
    foreign = [file.bucket or "" for file in _files(items) if file.is_foreign]
    if not foreign:
        return fix
    more = f" The policy of bucket {joined(foreign)}, of another account, has to allow {reader.role_arn} the same."
    return fix.model_copy(update={"text": f"{fix.text}{more}"})


def _refused(world: World, fault: Fault, reader: Puller, items: tuple[FileRefusal, ...]) -> Outcome:
    """What a Deny, a boundary or the bucket's policy keeps from the role."""
    first, denied = items[0], items[0].denied
    statement = denied.statement
    of_bucket = denied.policy_kind == "bucket"
    source = _READ_BY.get(denied.policy_kind, READ_ROLE)
    who = (
        (first.file.bucket_arn, *statement_resource(statement), reader.role_arn)
        if of_bucket
        else (reader.role_arn, *_values(items), *statement_resource(statement))
    )
    return fails(
        fault,
        f"{_subject(reader, first)} {'denies' if statement else 'does not allow'} {_what(items)}{f' to {reader.role_name}' if of_bucket else ''}.",
        stage=STAGE,
        resources=who,
        evidence=(
            Evidence(
                what=policy_edits.as_json(statement.text) if statement else denied.reason, source=source
            ),
            *near_misses(denied, first.step.action, source),
            *(named(file) for file in _files(items)),
        ),
        fix=_mended(reader, items),
        console_url=console.bucket(world.region, first.file.bucket or "")
        if of_bucket
        else console.role(world.region, reader.role_name),
    )


def _subject(reader: Puller, item: FileRefusal) -> str:
    """The policy that refuses, at the beginning of a sentence."""
    denied = item.denied
    label = f"{capital(denied.statement.label)} of the" if denied.statement else "The"
    if denied.policy_kind == "bucket":
        return f"{label} policy of bucket {item.file.bucket}"
    name = f" {denied.policy_name}" if denied.policy_name else ""
    return f"{label} {KIND_NAMES[denied.policy_kind]}{name} of {reader.role_name}"


def _mended(reader: Puller, items: tuple[FileRefusal, ...]) -> Ways:
    first, denied = items[0], items[0].denied
    refused = tuple((item.step, item.denied) for item in items)
    if denied.policy_kind == "boundary" and isinstance(reader.boundary, Document):
        return widen(reader, reader.boundary, Ruling(denied=refused))
    if denied.policy_kind == "identity":
        return lift(reader, refused)
    document, bucket = first.file.document, first.file.bucket or ""
    assert isinstance(document, Document)
    of = f"the policy of bucket {bucket}"
    old = policy_edits.as_written(document)
    if denied.statement is None:
        allow = policy_edits.allowing((item.step.asks for item in items), Principal={"AWS": reader.role_arn})
        return change_bucket_policy(
            bucket,
            old,
            policy_edits.added(document, *allow),
            title=f"Let {reader.role_name} read the file in {of}",
            text=f"Let {reader.role_name} read {joined(file.name for file in _files(items))} by {of}; its other statements stay as they are.",
        )
    hits = [(no.statement, step) for step, no in refused if no.statement is not None]
    result = narrowed(document, hits, reader.role_arn, shared=True)
    labels = joined(item.label for item in result.changed)
    text = f"{capital(labels)} of {of} {'; '.join(result.how)}, and stays as it is for everyone and everything else."
    if result.whole:
        text = f"Take {labels} out of {of}: it denies nothing but this to {reader.role_name}, so that nothing of it is left."
    return change_bucket_policy(
        bucket,
        old,
        result.document,
        title=f"Let {reader.role_name} read the file past {labels} of {of}",
        text=text,
        warning=on_purpose(of, result.changed),
    )


def _by_endpoint(world: World, fault: Fault, refusal: EndpointRefusal) -> Outcome:
    endpoint = refusal.endpoint
    first, denied = refusal.ruling.first
    statement = denied.statement
    label = f"{capital(statement.label)} of the" if statement else "The"
    on = joined(dict.fromkeys(step.request.resource.rpartition(":::")[2] for step in refusal.ruling.steps))
    return fails(
        fault,
        f"{label} policy of the S3 endpoint {endpoint.vpc_endpoint_id} {'denies' if statement else 'does not allow'} {joined(refusal.actions)} on {on}.",
        stage=STAGE,
        resources=(endpoint.vpc_endpoint_id, *statement_resource(statement)),
        evidence=(
            Evidence(
                what=policy_edits.as_json(statement.text) if statement else denied.reason,
                source=READ_ENDPOINT,
            ),
            *near_misses(denied, first.action, READ_ENDPOINT),
        ),
        fix=let_through(world, refusal),
        console_url=console.vpc_endpoint(world.region, endpoint.vpc_endpoint_id),
    )


def _files(items: tuple[FileRefusal, ...]) -> tuple[S3File, ...]:
    return tuple({item.file.value: item.file for item in items}.values())


def _values(items: tuple[FileRefusal, ...]) -> tuple[str, ...]:
    return tuple(file.value for file in _files(items))


def _what(items: tuple[FileRefusal, ...]) -> str:
    """`s3:GetObject on environment file conf/app.env`; where only the bucket's Region is refused, that."""
    noun = NOUN[items[0].file.kind]
    objects = [item for item in items if item.step.action == GET_OBJECT]
    actions = joined(dict.fromkeys(item.step.action for item in items))
    if not objects:
        return f"{actions} on bucket {joined(dict.fromkeys(item.file.bucket or '' for item in items))}, which holds {noun} {joined(file.name for file in _files(items))}"
    return f"{actions} on {noun} {joined(file.name for file in _files(tuple(objects)))}"
