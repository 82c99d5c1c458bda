"""May the execution role read these files of S3: is the bucket there, and what do role, bucket and endpoint say?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.faults.base import World
from diagnostics.faults.files.s3_files import S3File, steps_for, way_to
from diagnostics.faults.permissions.endpoint_answers import EndpointRefusal, answer_of
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import Puller
from diagnostics.faults.permissions.refusal_words import not_told
from diagnostics.finding import Unsettled
from diagnostics.policy import CannotTell, Denied, Policies, evaluate
from diagnostics.snapshot import Absent


@dataclass(frozen=True)
class FileRefusal:
    """One request about a file that a policy of the role or of the bucket denies."""

    file: S3File
    step: Step
    denied: Denied

    @property
    def is_lacking(self) -> bool:
        """True if nothing is wrong but that no policy of the role allows it."""
        return self.denied.policy_kind == "identity" and not self.denied.explicit

    @property
    def by(self) -> tuple[str, str | None, int | None]:
        """What refuses: one change mends all that it refuses."""
        statement = self.denied.statement
        return self.denied.policy_kind, self.denied.policy_name, statement.index if statement else None


@dataclass(frozen=True)
class FileAccess:
    """What stands between the role and the files.

    `gone` are those whose bucket does not exist, `open` is what is not known, and `steps` are all requests that were judged.
    """

    gone: tuple[S3File, ...] = ()
    refused: tuple[FileRefusal, ...] = ()
    endpoints: tuple[EndpointRefusal, ...] = ()
    open: tuple[Unsettled, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def is_shut(self) -> bool:
        """True if one of the files certainly cannot be read."""
        return bool(self.gone or self.refused or self.endpoints)

    def lacking(self) -> tuple[FileRefusal, ...]:
        """What no policy of the role allows."""
        return tuple(item for item in self.refused if item.is_lacking)

    def by_policy(self) -> Iterator[tuple[FileRefusal, ...]]:
        """What else is refused, by what refuses it."""
        found: dict[object, list[FileRefusal]] = {}
        for item in self.refused:
            if not item.is_lacking:
                found.setdefault(item.by, []).append(item)
        yield from (tuple(items) for items in found.values())


def access_to(world: World, reader: Puller, files: Iterable[S3File]) -> FileAccess:
    """What the role meets at each of the files."""
    gone: list[S3File] = []
    refused: list[FileRefusal] = []
    endpoints: dict[str, EndpointRefusal] = {}
    unsettled: list[Unsettled] = []
    every: list[Step] = []
    for file in files:
        if isinstance(file.region, Absent):
            gone.append(file)
            continue
        if file.bucket is None:
            unsettled.append(Unsettled(words=f"{file.value} is not the ARN of an object in S3"))
            continue
        way = way_to(world, file)
        steps = steps_for(world, reader, file, way)
        every.extend(steps)
        policies = Policies(identity=reader.identity, boundary=reader.boundary, resource=file.document)
        for step in steps:
            decision = evaluate(step.request, policies)
            if isinstance(decision, Denied):
                refused.append(FileRefusal(file, step, decision))
            elif isinstance(decision, CannotTell):
                unsettled.append(not_told(step.action, decision))
        answer = answer_of([(way, steps)])
        for item in answer.refusals:
            before = endpoints.get(item.endpoint.vpc_endpoint_id)
            ruling = before.ruling.joined([item.ruling]) if before else item.ruling
            endpoints[item.endpoint.vpc_endpoint_id] = EndpointRefusal(item.endpoint, item.document, ruling)
        unsettled.extend(answer.open)
    return FileAccess(
        tuple(gone), tuple(refused), tuple(endpoints.values()), tuple(dict.fromkeys(unsettled)), tuple(every)
    )
