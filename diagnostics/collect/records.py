"""Lists whose records are read one by one: one that cannot be read, or says too little to be judged, costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from diagnostics.collect.operation import Answer
from diagnostics.collect.parsing import UnexpectedAnswerError, items_of, shaped
from diagnostics.pull import ENDPOINT_SERVICES
from diagnostics.snapshot import Instance, Model

M = TypeVar("M", bound=Model)
T = TypeVar("T")


@dataclass(frozen=True)
class Records(Generic[T]):
    """A list: the records that could be read, and the ids of the others (`""` where not even the id could be)."""

    items: tuple[T, ...]
    unread: tuple[str, ...] = ()


RecordPredicate = Callable[[Mapping[str, Any]], bool]
"""Says something of a record as AWS answered it."""


def has(*members: str) -> RecordPredicate:
    """True of a record with these members, be they empty: those that AWS always answers, and that a judgement needs."""
    return lambda raw: all(raw.get(member) is not None for member in members)


def each(
    key: str,
    model: type[M],
    *,
    whole: RecordPredicate = lambda _: True,
    passing: RecordPredicate = lambda _: False,
) -> Callable[[Answer], Records[M]]:
    """A parser of a list whose records are read one by one: one that cannot be read costs none of the others.

    Where none can be read, the answer cannot.

    Args:
        whole: false of a record that lacks what a judgement of it needs, which then counts as one that cannot be read.
        passing: true of a record that cannot be read, and that nothing hangs on.
    """
    return lambda answer: _records(model, items_of(answer, key), whole, passing)


def _records(
    model: type[M],
    raw: Iterable[Any],
    whole: RecordPredicate = lambda _: True,
    passing: RecordPredicate = lambda _: False,
) -> Records[M]:
    items: list[M] = []
    unread: list[str] = []
    name = next(iter(model.model_fields.values())).alias or ""
    for item in raw:
        try:
            found = shaped(model, item)
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


def is_attached(raw: Mapping[str, Any]) -> bool:
    """True of an internet gateway that names what it is attached to: it is asked for by its VPC."""
    return bool(raw.get("Attachments"))


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


def instances(answer: Answer) -> Records[Instance]:
    """`DescribeInstances`, without its reservations."""
    raw = [
        item
        for reservation in items_of(answer, "Reservations")
        for item in items_of(reservation, "Instances")
    ]
    return _records(Instance, raw)
