"""One file in Amazon S3 that ECS reads with the execution role, and what was read of its bucket.

Whether the file itself is there is not asked: `s3:ListBucket` would show the names of everything in every bucket, and
`s3:GetObject` is the right to read the file. A person looks with `aws s3api head-object`.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/use-environment-file.html#taskdef-envfiles-iam
(the execution role needs `s3:GetObject` on the file and `s3:GetBucketLocation` on its bucket)
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.faults.base import World
from diagnostics.faults.permissions.condition_keys import organization_keys
from diagnostics.faults.permissions.endpoint_on_the_way import Way, network_keys, way_of
from diagnostics.faults.permissions.policy_documents import document_of
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import Puller
from diagnostics.faults.secrets.reading_role import request_of
from diagnostics.finding import Unsettled
from diagnostics.policy import ContextValue, Document, Missing, Unknown
from diagnostics.pull import FileKind, NamedFile, file_leg, named_files
from diagnostics.snapshot import Absent, Fact, Known, Unavailable, Why, known_or, need

GET_OBJECT, GET_LOCATION = "s3:GetObject", "s3:GetBucketLocation"

_STRANGER = "another account"
"""Stands for the account that owns a bucket where nothing tells which it is, but that it is not this one."""


@dataclass(frozen=True)
class S3File:
    """A file as the task definition names it, the containers that take it, and what was read of its bucket."""

    kind: FileKind
    value: str
    containers: tuple[str, ...]
    bucket: str | None
    key: str | None
    bucket_arn: str
    region: Fact[str]
    policy: Fact[str]

    @property
    def name(self) -> str:
        """`conf/app.env`, for sentences."""
        return self.value.rpartition(":::")[2]

    @property
    def is_foreign(self) -> bool:
        """True where the bucket certainly belongs to another account."""
        return isinstance(self.policy, Unavailable) and self.policy.reason.why is Why.BUCKET_OF_ANOTHER

    @property
    def is_own(self) -> bool:
        """True where the bucket certainly belongs to the account that was asked: nobody else is told its policy."""
        return not isinstance(self.policy, Unavailable)

    @property
    def document(self) -> Document | Missing | None:
        """The bucket's policy as the evaluator takes it."""
        return document_of(self.policy, "bucket", self.bucket or "", f"the policy of bucket {self.bucket}")


def files_of_kind(world: World, kind: FileKind) -> tuple[S3File, ...]:
    """The task's files of one kind, each once.

    Raises:
        UnavailableError: the task definition could not be read.
    """
    definition = need(world.snapshot.task_definition)
    found: dict[str, list[NamedFile]] = {}
    for item in named_files(definition):
        if item.kind == kind:
            found.setdefault(item.value, []).append(item)
    return tuple(_file(world, items) for items in found.values())


def _file(world: World, named: list[NamedFile]) -> S3File:
    first, snapshot = named[0], world.snapshot
    bucket = first.bucket or ""
    unread = Unavailable(call="s3:GetBucketLocation", resource=bucket)
    unread_policy = Unavailable(call="s3:GetBucketPolicy", resource=bucket)
    return S3File(
        kind=first.kind,
        value=first.value,
        containers=tuple(dict.fromkeys(item.container for item in named)),
        bucket=first.bucket,
        key=first.key,
        bucket_arn=first.bucket_arn,
        region=snapshot.bucket_regions.get(bucket, unread),
        policy=snapshot.bucket_policies.get(bucket, unread_policy),
    )


def way_to(world: World, file: S3File) -> Way:
    """How the file is fetched: over the interface that pulls. A gateway endpoint carries what goes to its own Region only."""
    region = known_or(file.region, world.region)
    leg = file_leg(NamedFile(file.kind, file.value, file.containers[0]), region)
    if isinstance(file.region, Unavailable):
        return Way(leg=leg, unknown=Unsettled.by(file.region))
    return way_of(world, leg, world.pull.used_interface)


def steps_for(world: World, reader: Puller, file: S3File, way: Way) -> tuple[Step, ...]:
    """What ECS asks S3 for with the execution role: where the bucket is, and the file."""
    context: dict[str, ContextValue] = {
        **network_keys(world, way, world.pull.used_interface),
        **_keys(world, file),
        "aws:RequestedRegion": (file.region.value,)
        if isinstance(file.region, Known)
        else Unknown(why="the bucket's Region is not known", present=True),
        "s3:authType": ("REST-HEADER",),
        "s3:signatureversion": ("AWS4-HMAC-SHA256",),
    }
    requests = (
        request_of(world, reader, action, resource, dict(context))
        for action, resource in ((GET_LOCATION, file.bucket_arn), (GET_OBJECT, file.value))
    )
    owner = _owner(world, file)
    return tuple(Step("secrets", one.model_copy(update={"resource_account": owner})) for one in requests)


def _owner(world: World, file: S3File) -> str | None:
    if file.is_own:
        return world.snapshot.account_id
    return _STRANGER if file.is_foreign else None


def _keys(world: World, file: S3File) -> dict[str, ContextValue]:
    """The keys of who owns the bucket."""
    own = tuple(item for item in (world.snapshot.account_id,) if item)
    owner: ContextValue
    if file.is_own and own:
        owner = own
    else:
        not_ours = own if file.is_foreign else ()
        owner = Unknown(why="which account owns the bucket is not known", excluding=not_ours, present=True)
    account = world.snapshot.account_id if file.is_own else None
    return {
        **organization_keys(world, account),
        "aws:ResourceAccount": owner,
        "s3:ResourceAccount": owner,
    }


def is_gone(file: S3File) -> bool:
    """True where S3 says that there is no such bucket."""
    return isinstance(file.region, Absent)


def region_of(world: World, file: S3File) -> str:
    """The bucket's Region for commands; the task's where it is not known."""
    return file.region.value if isinstance(file.region, Known) else world.region
