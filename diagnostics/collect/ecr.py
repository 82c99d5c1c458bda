"""Reads what Amazon ECR knows about each image of the task, in the image's own Region and registry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from diagnostics.collect import calls
from diagnostics.collect import ecr_more as more
from diagnostics.collect.conditions import Conditions, Policy, read_organization, read_repository_tags
from diagnostics.collect.ecr_cache import read_cache
from diagnostics.collect.nearest import nearest_names, worth_keeping
from diagnostics.collect.reading import Reader, is_pending
from diagnostics.image_reference import ImageReference
from diagnostics.pull import ContainerImage, container_images
from diagnostics.snapshot import (
    NOT_ASKED,
    Absent,
    Fact,
    ImageDetail,
    ImageFacts,
    Known,
    PlannedTask,
    PullThroughCacheRule,
    Reason,
    ServiceRevision,
    Task,
    TaskDefinition,
    Unavailable,
    Why,
)


def read_images(
    reader: Reader,
    task: Task | None,
    definition: TaskDefinition | None,
    account: str | None,
    conditions: Conditions | None = None,
    *,
    other_accounts: bool = False,
    alert_text: str | None = None,
    planned: PlannedTask | None = None,
    revision: ServiceRevision | None = None,
) -> tuple[ImageFacts, ...]:
    """The facts of every distinct image; of an image outside private ECR nothing can be asked.

    `account` is the account that asks: only its own registry policy can be read. With `other_accounts` an image of
    another account is read there, if its role lets us in. `conditions` say which tags are asked for. Anybody may write an alert, so
    of the image that `alert_text` names nothing is asked beyond the target's own account and Region. `planned` is the task that nobody
    has started, and `revision` that of its service, which tells the digests that ECS resolved.
    """
    images = container_images(task, definition, alert_text, revision)
    registries = (account, *(item.in_ecr.account_id for item in images if item.in_ecr is not None))
    known = tuple(dict.fromkeys(item for item in registries if item is not None))
    return tuple(
        _read_image(
            reader,
            item,
            task,
            definition,
            account,
            known,
            conditions or Conditions(),
            other_accounts,
            planned,
        )
        if alert_text is None or _is_own(item, reader, account)
        else ImageFacts(image=item.image, containers=item.containers)
        for item in images
    )


def _is_own(item: ContainerImage, reader: Reader, account: str | None) -> bool:
    reference = item.in_ecr
    return (
        reference is not None
        and account is not None
        and (reference.account_id, reference.region) == (account, reader.region)
    )


def _read_image(
    reader: Reader,
    item: ContainerImage,
    task: Task | None,
    definition: TaskDefinition | None,
    account: str | None,
    registries: tuple[str, ...],
    conditions: Conditions,
    other_accounts: bool,
    planned: PlannedTask | None,
) -> ImageFacts:
    image, containers, reference = item.image, item.containers, item.in_ecr
    abroad = False
    if reference is None:
        own = more.read_own_repository(reader, item, task, account)
        return ImageFacts(image=image, containers=containers, own_repository=own)
    if other_accounts and account is not None and reference.account_id != account:
        owner = replace(reader, account=reference.account_id)
        inside = owner.read(calls.GET_CALLER_IDENTITY, about=reference.account_id)
        if is_pending(inside):
            return ImageFacts(image=image, containers=containers)
        if isinstance(inside, Known) and inside.value.account == reference.account_id:
            reader, account, abroad = owner, reference.account_id, True
    region, registry = reference.region, {"registryId": reference.account_id}
    name = reference.repository
    named: dict[str, Any] = {**registry, "repositoryName": name}
    about = f"{reference.account_id}/{name} in {region}"
    repository = reader.read(
        calls.DESCRIBE_REPOSITORY, {**registry, "repositoryNames": [name]}, about=about, region=region
    )
    wanted = {"imageDigest": reference.digest} if reference.digest else {"imageTag": reference.tag_or_digest}
    detail = reader.read(calls.DESCRIBE_IMAGE, {**named, "imageIds": [wanted]}, about=image, region=region)
    other = more.counterpart_id(reference, item, task, definition)
    counterpart = more.read_counterpart(reader, reference, named, other, detail)
    missing = any(isinstance(fact, Absent) for fact in (repository, detail, counterpart))
    platforms = more.wants_platforms(item, task, detail, planned)
    rules = _rules(reader, reference, registry, missing or platforms)
    registry_policy = _registry_policy(reader, reference, account)
    repository_policy = reader.read(calls.GET_REPOSITORY_POLICY, named, about=about, region=region)
    policies: tuple[Policy, ...] = (("resource", repository_policy), ("registry", registry_policy))
    return ImageFacts(
        image=image,
        containers=containers,
        repository=repository,
        own_repository=more.read_meant_repository(reader, reference, registries, repository),
        detail=detail,
        tagged=_tagged(reader, reference, named, repository, detail),
        repository_names=_repository_names(reader, reference, registry, repository),
        repository_policy=repository_policy,
        registry_policy=registry_policy,
        registry_policy_scope=_registry_policy_scope(reader, reference, registry_policy),
        pull_through_cache_rules=rules,
        elsewhere=more.read_elsewhere(reader, reference, definition, repository),
        counterpart_id=other,
        counterpart=counterpart,
        manifest=more.read_manifest(reader, reference, named, rules, wanted) if platforms else NOT_ASKED,
        key=more.read_key(reader, reference, repository),
        tags=read_repository_tags(reader, repository, region, conditions, policies),
        organization=read_organization(reader, conditions, policies) if abroad else NOT_ASKED,
        lifecycle_policy=more.read_lifecycle_policy(
            reader, reference, named, repository, (detail, counterpart)
        ),
        **(vars(read_cache(reader, reference, rules, repository, account)) if missing else {}),
    )


def _tagged(
    reader: Reader,
    reference: ImageReference,
    named: dict[str, Any],
    repository: Fact[Any],
    detail: Fact[ImageDetail],
) -> Fact[tuple[ImageDetail, ...]]:
    if not isinstance(detail, Absent) or not isinstance(repository, Known):
        return NOT_ASKED
    fact = reader.read(
        calls.LIST_IMAGES,
        {**named, "filter": {"tagStatus": "TAGGED"}},
        about=named["repositoryName"],
        region=reference.region,
    )
    if not isinstance(fact, Known):
        return fact
    return Known(value=worth_keeping(reference.wanted_tag, fact.value))


def _repository_names(
    reader: Reader, reference: ImageReference, registry: dict[str, Any], repository: Fact[Any]
) -> Fact[tuple[str, ...]]:
    if not isinstance(repository, Absent):
        return NOT_ASKED
    fact = reader.read(calls.LIST_REPOSITORIES, registry, about=reference.account_id, region=reference.region)
    return Known(value=nearest_names(reference.repository, fact.value)) if isinstance(fact, Known) else fact


def _registry_policy(reader: Reader, reference: ImageReference, account: str | None) -> Fact[str]:
    """`GetRegistryPolicy` answers for the caller's own registry alone; it takes no registry id."""
    if account is not None and reference.account_id != account:
        return Unavailable(
            reason=Reason.about(Why.REGISTRY_OF_ANOTHER, reference.account_id or ""),
            call=calls.GET_REGISTRY_POLICY.action,
            resource=reference.account_id,
        )
    return reader.read(calls.GET_REGISTRY_POLICY, about=reference.account_id, region=reference.region)


def _registry_policy_scope(reader: Reader, reference: ImageReference, policy: Fact[str]) -> Fact[str]:
    """Asked only where there is a policy: with the older scope (`V1`) it does not decide about pulls.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    if not isinstance(policy, Known):
        return NOT_ASKED
    return reader.read(
        calls.GET_REGISTRY_POLICY_SCOPE,
        {"name": "REGISTRY_POLICY_SCOPE"},
        about=reference.account_id,
        region=reference.region,
    )


def _rules(
    reader: Reader, reference: ImageReference, registry: dict[str, Any], matters: bool
) -> Fact[tuple[PullThroughCacheRule, ...]]:
    """Asked only where a rule can matter: something is missing (or a question would import it), under a
    name that has a prefix."""
    if not matters or "/" not in reference.repository:
        return NOT_ASKED
    return reader.read(
        calls.DESCRIBE_PULL_THROUGH_CACHE_RULES, registry, about=reference.account_id, region=reference.region
    )
