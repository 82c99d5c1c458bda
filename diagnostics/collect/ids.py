"""Asks EC2 for things by their ids, in as many requests as its limits demand, and says of the rest that it was not read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from diagnostics.collect import calls
from diagnostics.collect.operation import Operation
from diagnostics.collect.reading import Reader, by_id, ids_filter
from diagnostics.snapshot import Fact, Instance, NetworkInterface, SecurityGroup, Unavailable, Volume, Why

T = TypeVar("T")

MOST_VALUES = 200
"""How many values the filters of one request may hold; with more EC2 answers `FilterLimitExceeded`.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
"""
MOST_REQUESTS = 5
"""A VPC has room for more interfaces and groups than one diagnosis may ask for."""


def read_interfaces(reader: Reader, ids: Iterable[str]) -> dict[str, Fact[NetworkInterface]]:
    """Network interfaces by id, those that matter most first."""
    return _read(
        reader, calls.DESCRIBE_NETWORK_INTERFACES, "network-interface-id", "network_interface_id", ids
    )


def read_instances(reader: Reader, ids: Iterable[str]) -> dict[str, Fact[Instance]]:
    """Instances by id, those that matter most first."""
    return _read(reader, calls.DESCRIBE_INSTANCES, "instance-id", "instance_id", ids)


def read_groups(reader: Reader, ids: Iterable[str]) -> dict[str, Fact[SecurityGroup]]:
    """Security groups by id, those that matter most first."""
    return _read(reader, calls.DESCRIBE_SECURITY_GROUPS, "group-id", "group_id", ids)


def read_volumes(reader: Reader, ids: Iterable[str]) -> dict[str, Fact[Volume]]:
    """EBS volumes by id."""
    return _read(reader, calls.DESCRIBE_VOLUMES, "volume-id", "volume_id", ids)


def too_many(operation: Operation[Any], about: str) -> Unavailable:
    """What was not asked for because there are too many of its kind."""
    return Unavailable(reason=Why.TOO_MANY_IDS, call=operation.action, resource=about)


def _read(
    reader: Reader, operation: Operation[tuple[T, ...]], name: str, key: str, ids: Iterable[str]
) -> dict[str, Fact[T]]:
    wanted = tuple(dict.fromkeys(ids))
    found: dict[str, Fact[T]] = {}
    for start in range(0, min(len(wanted), MOST_VALUES * MOST_REQUESTS), MOST_VALUES):
        part = tuple(sorted(wanted[start : start + MOST_VALUES]))
        fact = reader.read(operation, ids_filter(name, part), about=", ".join(part))
        found |= by_id(fact, part, key, operation.action)
    return found | {item: too_many(operation, item) for item in wanted if item not in found}
