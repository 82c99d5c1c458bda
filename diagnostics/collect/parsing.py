"""Turns botocore's answers into values; anything that is not the documented shape raises."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from diagnostics.collect.operation import Answer
from diagnostics.pull import ENDPOINT_SERVICES
from diagnostics.snapshot import ImageManifest, Instance, Model, Platform, Role, Secret, Simulated, Tag, Vpc

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


def _items(answer: Answer, key: str) -> list[Any]:
    value = answer[key]
    if not isinstance(value, list):
        raise UnexpectedAnswerError(f"{key} is not a list")
    return value


def _shape(model: type[M], raw: Any) -> M:
    """A model of an answer; an empty object is not an answer, even where every member is optional."""
    if not raw:
        raise UnexpectedAnswerError(f"an empty {model.__name__}")
    return model.model_validate(raw)


def many(key: str, model: type[M]) -> Callable[[Answer], tuple[M, ...]]:
    """A parser of a list."""
    return lambda answer: tuple(_shape(model, item) for item in _items(answer, key))


@dataclass(frozen=True)
class Records(Generic[T]):
    """A list: the records that could be read, and the ids of the others (`""` where not even the id could be)."""

    items: tuple[T, ...]
    unread: tuple[str, ...] = ()


Judge = Callable[[Mapping[str, Any]], bool]
"""Says something of a record as AWS answered it."""


def has(*members: str) -> Judge:
    """True of a record with these members, be they empty: those that AWS always answers, and that a judgement needs."""
    return lambda raw: all(raw.get(member) is not None for member in members)


def each(
    key: str, model: type[M], *, whole: Judge = lambda _: True, passing: Judge = lambda _: False
) -> Callable[[Answer], Records[M]]:
    """A parser of a list whose records are read one by one: one that cannot be read costs none of the others.

    Where none can be read, the answer cannot.

    Args:
        whole: false of a record that lacks what a judgement of it needs, which then counts as one that cannot be read.
        passing: true of a record that cannot be read, and that nothing hangs on.
    """
    return lambda answer: _records(model, _items(answer, key), whole, passing)


def _records(
    model: type[M], raw: Iterable[Any], whole: Judge = lambda _: True, passing: Judge = lambda _: False
) -> Records[M]:
    items: list[M] = []
    unread: list[str] = []
    name = next(iter(model.model_fields.values())).alias or ""
    for item in raw:
        try:
            found = _shape(model, item)
            if not whole(item):
                raise UnexpectedAnswerError(
                    f"a {model.__name__} with members that AWS always answers left out"
                )
            items.append(found)
        except (UnexpectedAnswerError, ValidationError):
            known = item if isinstance(item, Mapping) else {}
            if not passing(known):
                identifier = known.get(name)
                unread.append(identifier if isinstance(identifier, str) else "")
    if unread and not items:
        raise UnexpectedAnswerError(f"no {model.__name__} of the list can be read")
    return Records(tuple(items), tuple(unread))


def _ports_told(raw: Mapping[str, Any], protocol: Any) -> bool:
    return protocol not in ("tcp", "6", "udp", "17") or (
        raw.get("FromPort", raw.get("From")) is not None and raw.get("ToPort", raw.get("To")) is not None
    )


def _is_protocol(value: Any) -> bool:
    return value in ("tcp", "udp", "icmp", "icmpv6", "-1") or (isinstance(value, str) and value.isdigit())


def tells_what_uses_it(raw: Mapping[str, Any]) -> bool:
    """True of a route table whose associations all name what they are with; the main one names nothing."""
    names = ("SubnetId", "GatewayId", "PublicIpv4Pool")
    return has("Routes", "Associations")(raw) and all(
        item.get("Main") or any(item.get(name) for name in names) for item in raw["Associations"]
    )


def tells_its_rules(raw: Mapping[str, Any]) -> bool:
    """True of a security group whose rules all name what they open, and to whom."""
    ends = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
    return has("IpPermissions", "IpPermissionsEgress")(raw) and all(
        _is_protocol(rule.get("IpProtocol"))
        and _ports_told(rule, rule.get("IpProtocol"))
        and any(rule.get(end) for end in ends)
        and all(has("GroupId")(pair) for pair in rule.get("UserIdGroupPairs") or ())
        for rule in (*raw["IpPermissions"], *raw["IpPermissionsEgress"])
    )


def tells_its_entries(raw: Mapping[str, Any]) -> bool:
    """True of a network ACL whose entries all name a range, and the ports where their protocol has some."""
    return has("Entries")(raw) and all(
        (entry.get("CidrBlock") or entry.get("Ipv6CidrBlock"))
        and _ports_told(entry.get("PortRange") or {}, entry.get("Protocol"))
        for entry in raw["Entries"]
    )


def names_its_service(raw: Mapping[str, Any]) -> bool:
    """True of a VPC endpoint that is in a state and, where its type has a service, names it."""
    types = ("Interface", "Gateway")
    return has("VpcEndpointType", "State")(raw) and (
        raw["VpcEndpointType"] not in types or has("ServiceName")(raw)
    )


def serves_no_pull(raw: Mapping[str, Any]) -> bool:
    """True of a VPC endpoint that is of a type without names of AWS services, or for a service that no pull needs."""
    kind, name = raw.get("VpcEndpointType"), raw.get("ServiceName")
    if kind in ("Resource", "ServiceNetwork", "Tunnel"):
        return True
    needed = tuple(f".{item}" for item in ENDPOINT_SERVICES)
    return isinstance(name, str) and bool(name) and not name.endswith(needed)


def first(key: str, model: type[M]) -> Callable[[Answer], M | None]:
    """A parser of a list of which only one item was asked for; an empty list means *absent*."""

    def parse(answer: Answer) -> M | None:
        items = _items(answer, key)
        return _shape(model, items[0]) if items else None

    return parse


def member(key: str, model: type[M]) -> Callable[[Answer], M]:
    """A parser of one member."""
    return lambda answer: _shape(model, answer[key])


def whole(model: type[M]) -> Callable[[Answer], M]:
    """A parser of an answer that is itself the value."""
    return lambda answer: model.model_validate(answer)


def found(key: str, model: type[M]) -> Callable[[Answer], Found[M]]:
    """A parser of an ECS batch answer. A record that cannot be read costs none of the others.

    Where none can be read, the answer cannot.
    """

    def parse(answer: Answer) -> Found[M]:
        failures = tuple(
            NotDescribed(item.get("arn"), item.get("reason")) for item in answer.get("failures") or ()
        )
        raw = _items(answer, key)
        items = tuple(_readable(model, raw))
        if raw and not items:
            raise UnexpectedAnswerError(f"none of {key} can be read")
        return Found(items, failures)

    return parse


def _readable(model: type[M], raw: Iterable[Any]) -> Iterator[M]:
    for item in raw:
        with contextlib.suppress(UnexpectedAnswerError, ValidationError):
            yield _shape(model, item)


def _string(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise UnexpectedAnswerError("a text was expected")
    return value


def strings(key: str, *path: str) -> Callable[[Answer], tuple[str, ...]]:
    """A parser of a list of texts, or of one member of each item."""

    def parse(answer: Answer) -> tuple[str, ...]:
        result = []
        for item in _items(answer, key):
            for name in path:
                item = item[name]
            result.append(_string(item))
        return tuple(result)

    return parse


def text(*path: str) -> Callable[[Answer], str]:
    """A parser of one text."""

    def parse(answer: Answer) -> str:
        value: Any = answer
        for name in path:
            value = value[name]
        return _string(value)

    return parse


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
    """`DescribeSecret`, which leaves the tags out where the secret has none; tags that cannot be read cost only themselves."""
    _string(answer["ARN"])
    raw = answer.get("Tags")
    try:
        tags = tuple(Tag.model_validate(item) for item in raw or ())
    except (TypeError, ValueError):
        tags = None
    return Secret.model_validate({**answer, "Tags": tags})


def simulated(answer: Answer) -> tuple[Simulated, ...]:
    """`SimulatePrincipalPolicy`: one result for each action and resource.

    What the organization says is one word for the action on all resources that were asked about. That it refuses says
    which of them only where all others are allowed.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html
    """
    return tuple(one for raw in _items(answer, "EvaluationResults") for one in _each_resource(raw))


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


def instances(answer: Answer) -> Records[Instance]:
    """`DescribeInstances`, without its reservations."""
    raw = [
        item for reservation in _items(answer, "Reservations") for item in _items(reservation, "Instances")
    ]
    return _records(Instance, raw)


def image_manifest(answer: Answer) -> ImageManifest | None:
    """`BatchGetImage` of one image: the platforms that its manifest names.

    An index names one for each image in it; the attestations that build tools put beside them are no images. AWS:
    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
    """
    images = _items(answer, "images")
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
