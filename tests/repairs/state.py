"""What an emulated account holds, as a flat table that two moments are compared by."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from types import FunctionType, MethodType
from typing import Any

from moto.backends import get_backend
from moto.core.base_backend import BaseBackend

SERVICES = ("ec2", "ecs", "ecr", "iam", "kms", "secretsmanager", "ssm", "organizations")

_NOT_STATE = re.compile(
    r"(?:^|_)(?:at|time|date|timestamp|backend|lock|paginator|seed|counter|etag|changed|accessed|used)s?$"
    r"|^(?:events|revision_id|created|last_.*|next_.*|_.*cache.*|account_id|region_name|version_num.*|tagging_service|tagger|history|partition|running_tasks_count)$"
)
"""Attributes that change by themselves, or lead to somewhere else."""
_LEFT_BEHIND = (
    # AWS forgets none of these when they are deleted, and shows them for a while.
    ("ec2", "nat_gateways", "state", "deleted"),
    ("ecs", "task_definitions", "status", "INACTIVE"),
)
_OF_A_DEPLOYMENT = re.compile(
    r"^ecs\.services\[.*\]\.(?:deployments\[\d+\]\[(?:id|failedTasks|rolloutState.*|.*Count)\]"
    r"|current_service_deployment|current_service_revisions\[\d+\]\[arn\])$"
)
"""A service that is pointed elsewhere and back deploys twice: the deployment is another one with the same content."""
_TAG = re.compile(r"ec2\.tags\[([^\]]+)\]")
_NAMES = re.compile(r"\[([^\]]+)\]")


def state_of(account_id: str, region: str) -> dict[str, Any]:
    """Everything that the account holds in a Region, and its IAM, by path."""
    found: dict[str, Any] = {}
    for service in SERVICES:
        for backend in _backends(service, account_id, region):
            found.update(_Walk(backend).rows(service))
    return found


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is another one now, is gone or is new: a line each."""
    lines = []
    if before == after:
        return lines
    for path in sorted({*before, *after}):
        was, now = before.get(path, "(nothing)"), after.get(path, "(nothing)")
        if was != now:
            lines.append(f"{path}: {was!s:.120} → {now!s:.120}")
    return lines


def _backends(service: str, account_id: str, region: str) -> Iterator[BaseBackend]:
    own: Any = get_backend(service)  # type: ignore[call-overload]
    for name, backend in dict(own[account_id]).items():
        # IAM and Organizations have one for the partition.
        if name in (region, "aws", "aws-cn", "aws-us-gov", "global"):
            yield backend


class _Walk:
    def __init__(self, backend: BaseBackend) -> None:
        self._backend = backend
        self._known: dict[int, str] = {}

    def rows(self, service: str) -> dict[str, Any]:
        """The rows of one backend."""
        attributes = {name: value for name, value in sorted(vars(self._backend).items()) if _is_state(name)}
        for name, value in attributes.items():
            self._name(name, value)
        rows: dict[str, Any] = {}
        for name, value in attributes.items():
            for path, item in self._of(value, f"{service}.{name}", top=True):
                rows[path] = item
        return _without_what_is_left(service, rows)

    def _name(self, path: str, value: Any) -> None:
        """The things of the backend's own tables are told there, and elsewhere by their name."""
        if isinstance(value, Mapping):
            for key, item in value.items():
                if isinstance(item, Mapping):
                    self._name(f"{path}[{key}]", item)
                elif hasattr(item, "__dict__"):
                    self._known.setdefault(id(item), f"{path}[{key}]")

    def _of(self, value: Any, path: str, top: bool = False) -> Iterator[tuple[str, Any]]:
        if isinstance(value, Enum):
            yield path, value.name
        elif isinstance(value, str):
            yield path, _document(value)
        elif value is None or isinstance(value, (int, float, bool, bytes)):
            yield path, value
        elif isinstance(value, (datetime, date, BaseBackend, FunctionType, MethodType, type)):
            return
        elif isinstance(value, Mapping):
            for key in sorted(value, key=str):
                if _is_state(str(key)) or top:
                    yield from self._of(value[key], f"{path}[{key}]", top)
        elif isinstance(value, (set, frozenset)):
            yield path, sorted(map(str, value))
        elif isinstance(value, (list, tuple)):
            yield f"{path}#", len(value)
            for place, item in enumerate(value):
                yield from self._of(item, f"{path}[{place}]")
        elif hasattr(value, "__dict__"):
            name = self._known.get(id(value))
            if name is not None and not path.endswith(f".{name}"):
                yield path, f"<{name}>"
            elif path.count(".") < 12:
                for key, item in sorted(vars(value).items()):
                    if _is_state(key):
                        yield from self._of(item, f"{path}.{key}")


@cache
def _document(text: str) -> str:
    """A text; a policy that is written otherwise is the same one."""
    if not text.startswith(("{", "[")):
        return text
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


@cache
def _is_state(name: str) -> bool:
    return not _NOT_STATE.search(name)


def _without_what_is_left(service: str, rows: Mapping[str, Any]) -> dict[str, Any]:
    gone = [
        path.rpartition(".")[0]
        for of, table, attribute, value in _LEFT_BEHIND
        if of == service
        for path, item in rows.items()
        if path.startswith(f"{service}.{table}[") and path.endswith(f".{attribute}") and item == value
    ]
    # Nor does it forget the interface of a NAT gateway, and the tags of whatever there was.
    gone += [
        rows[f"{name}._eni"].strip("<>").join((f"{service}.", "")) for name in gone if f"{name}._eni" in rows
    ]
    of_them = tuple(f"{name}." for name in gone)
    left = {
        path: item
        for path, item in rows.items()
        if not path.startswith(of_them) and not _OF_A_DEPLOYMENT.search(path)
    }
    # The others keep no table of tags.
    if service != "ec2":
        return left
    there = {
        name for path in left if not path.startswith(f"{service}.tags[") for name in _NAMES.findall(path)
    }
    return {path: item for path, item in left.items() if not (tag := _TAG.match(path)) or tag[1] in there}
