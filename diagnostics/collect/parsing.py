"""Turns botocore's answers into values; anything that is not the documented shape raises."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from diagnostics.collect.operation import Answer
from diagnostics.pull import SHORTEST_VERSION_ID
from diagnostics.snapshot import (
    ImageManifest,
    InstanceProfile,
    Model,
    Platform,
    Role,
    Secret,
    Simulated,
    Tag,
    Vpc,
)

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class OwnedVpc(Vpc):
    """A VPC with the account that owns it, which tells a shared one from one's own."""

    owner_id: str | None = None


class UnexpectedAnswerError(Exception):
    """An answer that does not have the documented shape."""


@dataclass(frozen=True)
class NotDescribed:
    """One entry of an ECS answer's `failures[]`: what could not be described, and why."""

    arn: str | None
    reason: str | None


@dataclass(frozen=True)
class Found(Generic[T]):
    """An ECS batch answer: what was found, and what was not.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
    """

    items: tuple[T, ...]
    failures: tuple[NotDescribed, ...]


def items_of(answer: Answer, key: str) -> list[Any]:
    value = answer[key]
    if not isinstance(value, list):
        raise UnexpectedAnswerError(f"{key} is not a list")
    return value


def shaped(model: type[M], raw: Any) -> M:
    """A model of an answer; an empty object is not an answer, even where every member is optional."""
    if not raw:
        raise UnexpectedAnswerError(f"an empty {model.__name__}")
    return model.model_validate(raw)


def many(key: str, model: type[M]) -> Callable[[Answer], tuple[M, ...]]:
    """A parser of a list."""
    return lambda answer: tuple(shaped(model, item) for item in items_of(answer, key))


def first(key: str, model: type[M]) -> Callable[[Answer], M | None]:
    """A parser of a list of which only one item was asked for; an empty list means *absent*."""

    def parse(answer: Answer) -> M | None:
        items = items_of(answer, key)
        return shaped(model, items[0]) if items else None

    return parse


def member(key: str, model: type[M]) -> Callable[[Answer], M]:
    """A parser of one member."""
    return lambda answer: shaped(model, answer[key])


def whole(model: type[M]) -> Callable[[Answer], M]:
    """A parser of an answer that is itself the value."""
    return lambda answer: model.model_validate(answer)


def found(key: str, model: type[M]) -> Callable[[Answer], Found[M]]:
    """A parser of an ECS batch answer. A record that cannot be read costs none of the others.

    Where none can be read, the answer cannot.
    """

    def parse(answer: Answer) -> Found[M]:
        failures = tuple(
            NotDescribed(_if_text(item.get("arn")), _if_text(item.get("reason")))
            for item in answer.get("failures") or ()
        )
        raw = items_of(answer, key)
        items = tuple(_readable(model, raw))
        if raw and not items:
            raise UnexpectedAnswerError(f"none of {key} can be read")
        return Found(items, failures)

    return parse


def _readable(model: type[M], raw: Iterable[Any]) -> Iterator[M]:
    for item in raw:
        with contextlib.suppress(UnexpectedAnswerError, ValidationError):
            yield shaped(model, item)


def some(key: str, model: type[M]) -> Callable[[Answer], tuple[M, ...]]:
    """A parser of a list that is of use with gaps: a record that cannot be read is left out. Where none can be, the list cannot."""

    def parse(answer: Answer) -> tuple[M, ...]:
        return found(key, model)({key: answer[key]}).items

    return parse


def _if_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _string(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise UnexpectedAnswerError("a text was expected")
    return value


def strings(key: str, *path: str) -> Callable[[Answer], tuple[str, ...]]:
    """A parser of a list of texts, or of one member of each item."""

    def parse(answer: Answer) -> tuple[str, ...]:
        result = []
        for item in items_of(answer, key):
            for name in path:
                item = item[name]
            result.append(_string(item))
        return tuple(result)

    return parse


def some_strings(key: str, *path: str) -> Callable[[Answer], tuple[str, ...]]:
    """The same of a list that is of use with gaps: an item that cannot be read is left out."""

    def parse(answer: Answer) -> tuple[str, ...]:
        one = strings(key, *path)
        items = items_of(answer, key)
        result: list[str] = []
        for item in items:
            with contextlib.suppress(UnexpectedAnswerError, KeyError, TypeError):
                result.extend(one({key: [item]}))
        if items and not result:
            raise UnexpectedAnswerError(f"none of {key} can be read")
        return tuple(result)

    return parse


def with_items(key: str, inner: str, parse: Callable[[Answer], T | None]) -> Callable[[Answer], T | None]:
    """A parser of things that have at least one of something each, without which they were not answered as a whole.

    Args:
        key: the thing, or the list of them.
        inner: the member of each that AWS always fills.
    """

    def checked(answer: Answer) -> T | None:
        value = answer[key]
        for item in value if isinstance(value, list) else [value]:
            if not item[inner]:
                raise UnexpectedAnswerError(f"nothing in {inner}")
        return parse(answer)

    return checked


def text(*path: str) -> Callable[[Answer], str]:
    """A parser of one text."""

    def parse(answer: Answer) -> str:
        value: Any = answer
        for name in path:
            value = value[name]
        return _string(value)

    return parse


def instance_profile(answer: Answer) -> InstanceProfile:
    """`GetInstanceProfile`, which always has a list of roles, though it may be empty.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_InstanceProfile.html
    """
    items_of(answer["InstanceProfile"], "Roles")
    return shaped(InstanceProfile, answer["InstanceProfile"])


def secret_policy(answer: Answer) -> str | None:
    """`GetResourcePolicy`, which leaves the policy out where the secret has none."""
    _string(answer["ARN"])
    value = answer.get("ResourcePolicy")
    return None if value in (None, "") else _string(value)


def document(*path: str) -> Callable[[Answer], str]:
    """A parser of an IAM policy document, which botocore has already decoded, into JSON text."""

    def parse(answer: Answer) -> str:
        value: Any = answer
        for name in path:
            value = value[name]
        return _document(value)

    return parse


def _document(value: Any) -> str:
    if isinstance(value, Mapping):
        return json.dumps(value)
    return _string(value)


def role(answer: Answer) -> Role:
    """`GetRole`, its trust policy as JSON text. A role without tags has no `Tags`.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html
    """
    raw = {"Tags": (), **answer["Role"]}
    if raw.get("AssumeRolePolicyDocument") is not None:
        raw["AssumeRolePolicyDocument"] = _document(raw["AssumeRolePolicyDocument"])
    return Role.model_validate(raw)


def secret(answer: Answer) -> Secret:
    """`DescribeSecret`, which leaves out tags and versions where the secret has none; tags that cannot be read cost only themselves."""
    _string(answer["ARN"])
    raw = answer.get("Tags")
    try:
        tags = tuple(Tag.model_validate(item) for item in raw or ())
    except (TypeError, ValueError):
        tags = None
    versions = _versions(answer.get("VersionIdsToStages") or {})
    return Secret.model_validate({**answer, "Tags": tags, "VersionIdsToStages": versions})


def _versions(raw: Any) -> dict[str, tuple[str, ...]] | None:
    """The versions of a secret with their labels; `None` where one cannot be read, since it may be the one that counts."""
    if not isinstance(raw, Mapping):
        return None
    named = {key: labels for key, labels in raw.items() if len(str(key)) >= SHORTEST_VERSION_ID}
    if raw and not named:
        return None
    if not all(
        isinstance(labels, list) and all(isinstance(one, str) for one in labels) for labels in named.values()
    ):
        return None
    return {str(key): tuple(labels) for key, labels in named.items()}


def key_tags(answer: Answer) -> tuple[Tag, ...]:
    """`ListResourceTags` of KMS, which has names of its own for a tag's halves.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html
    """
    return tuple(Tag(key=item["TagKey"], value=item["TagValue"]) for item in items_of(answer, "Tags"))


def ecs_tags(key: str) -> Callable[[Answer], tuple[Tag, ...]]:
    """A parser of the tags of a task or a service, asked for with `include=["TAGS"]`: those of the first record.

    ECS writes a tag without a value where it has none. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html
    """

    def parse(answer: Answer) -> tuple[Tag, ...]:
        return tuple(
            Tag(key=tag["key"], value=tag.get("value", ""))
            for item in items_of(answer, key)[:1]
            for tag in item.get("tags", ())
        )

    return parse


def simulated(answer: Answer) -> tuple[Simulated, ...]:
    """`SimulatePrincipalPolicy`: one result for each action and resource.

    What the organization says is one word for the action on all resources that were asked about. That it refuses says
    which of them only where all others are allowed.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """
    return tuple(one for raw in items_of(answer, "EvaluationResults") for one in _each_resource(raw))


def _each_resource(raw: Mapping[str, Any]) -> Iterator[Simulated]:
    action = _string(raw["EvalActionName"])
    word = (raw.get("OrganizationsDecisionDetail") or {}).get("AllowedByOrganizations")
    parts = raw.get("ResourceSpecificResults") or ()
    if not parts:
        yield _simulated(raw, action, "*", _string(raw["EvalDecision"]), word)
        return
    refused = [item for item in parts if _string(item["EvalResourceDecision"]) != "allowed"]
    for item in parts:
        decision = item["EvalResourceDecision"]
        told = word if decision != "allowed" else True if word is not None else None
        if word is False and decision != "allowed" and len(refused) > 1:
            told = None
        yield _simulated(item, action, _string(item["EvalResourceName"]), decision, told)


def _simulated(raw: Mapping[str, Any], action: str, resource: str, decision: str, word: Any) -> Simulated:
    boundary = raw.get("PermissionsBoundaryDecisionDetail") or {}
    return Simulated(
        action=action,
        resource=resource,
        decision=decision,
        allowed_by_organizations=word,
        allowed_by_boundary=boundary.get("AllowedByPermissionsBoundary"),
        missing_context=tuple(raw.get("MissingContextValues") or ()),
    )


def image_manifest(answer: Answer) -> ImageManifest | None:
    """`BatchGetImage` of one image: the platforms that its manifest names.

    An index names one for each image in it; the attestations that build tools put beside them are no images. AWS:
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
    """
    images = items_of(answer, "images")
    if not images:
        if {item.get("failureCode") for item in answer.get("failures") or ()} == {"ImageNotFound"}:
            return None
        raise UnexpectedAnswerError("neither an image nor its absence")
    manifest = json.loads(_string(images[0]["imageManifest"]))
    media_type = images[0].get("imageManifestMediaType") or manifest.get("mediaType")
    entries = manifest.get("manifests")
    if entries is None:
        return ImageManifest(media_type=media_type)
    platforms = tuple(_platform(item.get("platform") or {}) for item in entries if not _is_attestation(item))
    return ImageManifest(media_type=media_type, index=True, platforms=platforms)


def _platform(raw: Mapping[str, Any]) -> Platform:
    return Platform.model_validate({**raw, "osVersion": raw.get("os.version")})


def _is_attestation(entry: Mapping[str, Any]) -> bool:
    """https://docs.docker.com/build/metadata/attestations/attestation-storage/"""
    return (entry.get("annotations") or {}).get("vnd.docker.reference.type") == "attestation-manifest"


def attribute(key: str) -> Callable[[Answer], bool]:
    """A parser of one VPC attribute."""

    def parse(answer: Answer) -> bool:
        value = answer[key]["Value"]
        if not isinstance(value, bool):
            raise UnexpectedAnswerError(f"{key} is neither true nor false")
        return value

    return parse


def bucket_region(answer: Answer) -> str:
    """`GetBucketLocation`, which names no Region for one, and an old name for another.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
    """
    value = answer["LocationConstraint"]
    if value is None or value == "":
        return "us-east-1"
    return "eu-west-1" if value == "EU" else _string(value)
