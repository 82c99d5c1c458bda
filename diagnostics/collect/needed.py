"""Reads what one service, rule, schedule or family needs for its next task: the facts of a diagnosis, and what becomes of its images.

ECS resolves a tag when it deploys a service and starts every task of that deployment with the digest, so that the next task is
judged with the digests of the service's revision. What a new deployment or a roll-back would pull is looked at beside it.
AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

from diagnostics.arn import partition_of_region
from diagnostics.collect import calls, plan
from diagnostics.collect.ecr_cache import read_cache
from diagnostics.collect.operation import Ask, Call, Operation
from diagnostics.collect.reading import Reader, is_pending
from diagnostics.image_reference import ImageReference
from diagnostics.lifecycle import StoredImage, parse_rules, rule_of
from diagnostics.pull import execution_role_named, parsed_image
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    Fact,
    ImageDetail,
    Known,
    LifecyclePolicy,
    PlannedTask,
    PullThroughCacheRule,
    Repository,
    Secret,
    Snapshot,
    TaskDefinition,
    Unavailable,
    Why,
    known_value,
    serving_rule,
)
from diagnostics.target import Target

T = TypeVar("T")

NeededFor = Literal["next", "deployment", "roll_back"]
"""What would pull the image: the next task, the next deployment (which resolves the tag again), or a roll-back."""


@dataclass(frozen=True)
class NeededImage:
    """An image in private ECR that something would pull.

    Attributes:
        reference: by its digest, or by its tag.
        needed_for: what would pull it.
        detail: the image.
        lifecycle_policy: of its repository.
        images: every image of the repository; read only where it takes them to tell when a rule acts on this one.
        cache_rule: the pull-through cache rule that serves its repository; absent where none does.
        cache_secret: the credentials of that rule.
    """

    reference: ImageReference
    needed_for: NeededFor
    detail: Fact[ImageDetail] = NOT_ASKED
    lifecycle_policy: Fact[LifecyclePolicy] = NOT_ASKED
    images: Fact[tuple[ImageDetail, ...]] = NOT_ASKED
    cache_rule: Fact[PullThroughCacheRule] = NOT_ASKED
    cache_secret: Fact[Secret] = NOT_ASKED


@dataclass(frozen=True)
class NeedsOf:
    """What is asked about one subject.

    Attributes:
        target: a planned task, or one that runs.
        planned: how the planned one is started; `None` for a task that runs.
        definition: the name of the planned one's task definition.
        digests: the digest of each container, where a deployment fixed it.
        others: images of revisions that a roll-back would return to.
        execution_role: the role that pulls, where whoever starts the task names another than the task definition does.
    """

    target: Target
    planned: PlannedTask | None = None
    definition: str | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()
    execution_role: str | None = None


@dataclass(frozen=True)
class NeededFacts:
    """The facts of one subject; `resolved` are the containers that are judged by a digest where their definition has a tag."""

    snapshot: Snapshot
    images: tuple[NeededImage, ...]
    resolved: frozenset[str] = frozenset()


def build_needed(
    ask: Ask, needs: NeedsOf, *, region: str, simulates: Callable[[str], bool], other_accounts: bool = False
) -> NeededFacts:
    """The facts of one subject as far as `ask` has answers; like the plan of a diagnosis it is pure.

    `simulates` says if IAM's simulator is asked about a role, or about the hosts of a cluster: it takes few questions a second.
    """
    ask = _ByPages(ask)
    target, planned = needs.target, needs.planned
    reader = Reader(ask, region, target.account_id, partition_of_region(region))
    written: TaskDefinition | None = None
    if planned is not None and needs.definition is not None:
        fact = read_definition(ask, needs, region)
        target = target.model_copy(update={"task_definition": needs.definition})
        written = known_value(fact)
        if written is not None and needs.execution_role is not None:
            written = written.model_copy(update={"execution_role_arn": needs.execution_role})
        if written is not None:
            planned = planned.model_copy(update={"document": with_digests(written, needs.digests)})
    # Before the definition is there nobody knows whose role it is, and the question is not used up.
    told = written is not None or planned is None or needs.definition is None
    role = execution_role_named(written) or f"the hosts of {target.cluster}"
    snapshot = plan.build(
        target, ask, region=region, planned=planned, other_accounts=other_accounts,
        simulates=told and simulates(role),
    )  # fmt: skip
    account = snapshot.account_id
    definition = known_value(snapshot.task_definition)
    wanted: dict[str, NeededFor] = {}
    for text in images_of(definition):
        wanted.setdefault(text, "next")
    for text in images_of(written):
        wanted.setdefault(text, "deployment")
    for text in needs.others:
        wanted.setdefault(text, "roll_back")
    read = (_read(reader, text, needed_for, account) for text, needed_for in wanted.items())
    resolved = frozenset(
        item.name
        for item in (written.container_definitions if written else ())
        if by_digest(item.image, needs.digests.get(item.name)) != item.image
    )
    return NeededFacts(snapshot, tuple(item for item in read if item is not None), resolved)


def read_definition(ask: Ask, needs: NeedsOf, region: str) -> Fact[TaskDefinition]:
    """The task definition of a planned task."""
    reader = Reader(ask, region, needs.target.account_id, partition_of_region(region))
    return reader.read(
        calls.DESCRIBE_TASK_DEFINITION, {"taskDefinition": needs.definition}, about=needs.definition
    )


class _ByPages:
    """Answers what is asked of one image or repository from the list of all, where that is one page: it serves every subject."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def __call__(self, call: Call[T], /) -> Fact[T]:
        if call.operation is calls.DESCRIBE_IMAGE:
            return self._one_of(call, calls.LIST_FEW_IMAGES, "imageIds", _is_named)
        if call.operation is calls.DESCRIBE_REPOSITORY and call.kwargs.get("registryId") == call.account:
            return self._one_of(call, calls.LIST_FEW_REPOSITORIES, "repositoryNames", _is_called)
        return self._ask(call)

    def _one_of(
        self, call: Call[T], listing: Operation[Any], ids: str, fits: Callable[[Any, Any], bool]
    ) -> Fact[T]:
        asked = call.kwargs
        wanted = asked.pop(ids)[0]
        listed = self._ask(
            Call.to(listing, asked, region=call.region, account=call.account, resource=call.resource)
        )
        if is_pending(listed) or isinstance(listed, Absent):
            return listed
        if not isinstance(listed, Known):
            # There are more than that, or whoever may read one may not list them.
            return self._ask(call)
        found = next((item for item in listed.value if fits(item, wanted)), None)
        return cast("Fact[T]", Absent(call=call.operation.action) if found is None else Known(value=found))


def _is_called(repository: Repository, name: str) -> bool:
    return repository.repository_name == name


def _is_named(image: ImageDetail, wanted: Mapping[str, str]) -> bool:
    if "imageDigest" in wanted:
        return image.image_digest == wanted["imageDigest"]
    return wanted["imageTag"] in image.image_tags


def images_of(definition: TaskDefinition | None) -> tuple[str, ...]:
    """The images of a task definition."""
    items = definition.container_definitions if definition else ()
    return tuple(dict.fromkeys(item.image for item in items if item.image))


def with_digests(definition: TaskDefinition, digests: Mapping[str, str]) -> TaskDefinition:
    """A task definition with the digests that its deployment fixed, where the images are in private ECR."""
    containers = tuple(
        item.model_copy(update={"image": by_digest(item.image, digests.get(item.name))})
        for item in definition.container_definitions
    )
    return definition.model_copy(update={"container_definitions": containers})


def by_digest(image: str | None, digest: str | None) -> str | None:
    """An image of private ECR by its digest; any other as it is."""
    reference = parsed_image(image)[0] if image else None
    if digest is None or reference is None or not reference.is_ecr or reference.digest:
        return image
    return f"{reference.registry}/{reference.repository}@{digest}"


def _read(reader: Reader, text: str, needed_for: NeededFor, account: str | None) -> NeededImage | None:
    reference = parsed_image(text)[0]
    if reference is None or not reference.is_ecr or reference.region is None:
        return None
    named = {"registryId": reference.account_id, "repositoryName": reference.repository}
    wanted = {"imageDigest": reference.digest} if reference.digest else {"imageTag": reference.tag_or_digest}
    detail = reader.read(
        calls.DESCRIBE_IMAGE, {**named, "imageIds": [wanted]}, about=text, region=reference.region
    )
    found = known_value(detail)
    if found is None:
        return NeededImage(reference, needed_for, detail)
    policy = reader.read(
        calls.GET_LIFECYCLE_POLICY, named, about=reference.repository, region=reference.region
    )
    images: Fact[tuple[ImageDetail, ...]] = NOT_ASKED
    if _takes_the_others(found, known_value(policy)):
        images = _all_images(reader, reference, named)
    rule, secret = _read_cache_rule(reader, reference, account)
    return NeededImage(reference, needed_for, detail, policy, images, rule, secret)


def _all_images(
    reader: Reader, reference: ImageReference, named: dict[str, Any]
) -> Fact[tuple[ImageDetail, ...]]:
    """One page, or else as many as it takes."""
    about, region = reference.repository, reference.region
    few = reader.read(calls.LIST_FEW_IMAGES, named, about=about, region=region)
    if isinstance(few, Unavailable) and few.reason.why is Why.TOO_LONG:
        return reader.read(calls.LIST_ALL_IMAGES, named, about=about, region=region)
    return few


def _takes_the_others(image: ImageDetail, policy: LifecyclePolicy | None) -> bool:
    """True if a rule may act on the image: it may count others, and an index may keep the image, a tag of its own or not."""
    if policy is None:
        return False
    try:
        rules = parse_rules(policy.lifecycle_policy_text)
    except ValueError:
        return False
    return rule_of(rules, stored_image(image)) is not None


def stored_image(detail: ImageDetail) -> StoredImage:
    """An image as lifecycle rules see it. Which images an index refers to, ECR does not tell."""
    from_known = {} if detail.image_pushed_at is None else {"pushed_at": detail.image_pushed_at}
    return StoredImage(
        digest=detail.image_digest or "",
        tags=detail.image_tags,
        pulled_at=detail.last_recorded_pull_time,
        archived_at=detail.last_archived_at,
        activated_at=detail.last_activated_at,
        archived=detail.image_status == "ARCHIVED",
        refers_to=None if detail.is_index else (),
        subject=detail.subject_manifest_digest,
        **from_known,
    )


def _read_cache_rule(
    reader: Reader, reference: ImageReference, account: str | None
) -> tuple[Fact[PullThroughCacheRule], Fact[Secret]]:
    """The cache rule that serves the repository, and its credentials; asked only of the own registry and of names with a prefix."""
    if "/" not in reference.repository or account is None or reference.account_id != account:
        return NOT_ASKED, NOT_ASKED
    rules = reader.read(
        calls.DESCRIBE_PULL_THROUGH_CACHE_RULES,
        {"registryId": reference.account_id},
        about=reference.account_id,
        region=reference.region,
    )
    if not isinstance(rules, Known):
        return (rules if not isinstance(rules, Absent) else NOT_ASKED), NOT_ASKED
    rule = serving_rule(reference.repository, rules.value)
    if rule is None:
        return Absent(call=calls.DESCRIBE_PULL_THROUGH_CACHE_RULES.action), NOT_ASKED
    cache = read_cache(reader, reference, rules, NOT_ASKED, account)
    return Known(value=rule), cache.cache_secret
