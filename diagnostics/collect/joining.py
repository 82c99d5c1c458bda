"""Questions of one operation that differ only in their ids, as one request; and its answer divided among them.

Only operations whose API takes a list say how (`Joining`). What a record does not name itself by belongs to every question:
it may be what any of them asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Params = Mapping[str, Any]
Raw = Mapping[str, Any]


@dataclass(frozen=True)
class Joining:
    """How the questions of one operation become one.

    Attributes:
        most: how many ids one request takes.
        ids: the ids in the parameters of a question; `None` where it is not a question by ids.
        with_ids: the parameters with other ids.
        lists: the lists of the answer whose records are divided, outermost first for a list in a list.
        names: what a record may have been asked for by; nothing where it does not say.
    """

    most: int
    ids: Callable[[Params], Sequence[Any] | None]
    with_ids: Callable[[Params, Sequence[Any]], Params]
    lists: tuple[tuple[str, ...], ...]
    names: Callable[[Raw], Iterable[str]]

    def kind(self, params: Params) -> str | None:
        """What questions that can be asked together have in common; `None` where one cannot be joined to any."""
        if not self.ids(params):
            return None
        return json.dumps(self.with_ids(params, []), sort_keys=True)

    def joined(self, questions: Sequence[Params]) -> Params:
        """The question that asks for the ids of all of them, each once."""
        ids = {_name(item): item for params in questions for item in self.ids(params) or ()}
        return self.with_ids(questions[0], list(ids.values()))

    def share(self, answer: Raw, params: Params) -> Raw:
        """What an answer says to one of the questions that it was asked for."""
        wanted = {_short(_name(item)) for item in self.ids(params) or ()}

        def is_meant(record: Any) -> bool:
            named = (
                {_short(item) for item in self.names(record) if item}
                if isinstance(record, Mapping)
                else set()
            )
            return not named or bool(named & wanted)

        shared = dict(answer)
        for name, *inner in self.lists:
            if name in answer:
                shared[name] = _filtered(answer[name], inner, is_meant)
        return shared


def _filtered(records: Any, inner: Sequence[str], is_meant: Callable[[Any], bool]) -> Any:
    if not isinstance(records, list):
        return records
    if not inner:
        return [item for item in records if is_meant(item)]
    kept = []
    for item in records:
        if not isinstance(item, Mapping):
            kept.append(item)
            continue
        below = _filtered(item.get(inner[0]), inner[1:], is_meant)
        if below != []:
            kept.append({**item, inner[0]: below})
    return kept


def _name(item: Any) -> str:
    return next(iter(item.values())) if isinstance(item, Mapping) else str(item)


def _short(name: str) -> str:
    """ECS takes a name and an ARN alike, and answers with ARNs."""
    return name.rpartition("/")[2] if name.startswith("arn:") and ":ecs:" in name else name


def by_member(
    key: str, most: int, lists: tuple[tuple[str, ...], ...], names: Callable[[Raw], Iterable[str]]
) -> Joining:
    """Of an API that takes its ids as a member of its own."""
    return Joining(
        most,
        lambda params: params.get(key),
        lambda params, ids: {**params, key: ids},
        lists,
        names,
    )


def by_filter(name: str, most: int, path: tuple[str, ...], key: str) -> Joining:
    """Of an API of EC2 that takes its ids as the values of its only filter."""

    def ids(params: Params) -> Sequence[Any] | None:
        filters: Sequence[Any] = params.get("Filters") or ()
        return filters[0]["Values"] if len(filters) == 1 and filters[0]["Name"] == name else None

    return Joining(
        most,
        ids,
        lambda params, values: {**params, "Filters": [{"Name": name, "Values": sorted(values)}]},
        (path,),
        lambda record: (record.get(key) or "",),
    )


def of_ecs(key: str, most: int, *names: str, records: str | None = None) -> Joining:
    """Of an API of ECS, whose answer lists the failures beside what it found (under `records`, else under the same key)."""
    return by_member(
        key,
        most,
        ((records or key,), ("failures",)),
        lambda record: tuple(record.get(name) or "" for name in (*names, "arn")),
    )


def image_names(record: Raw) -> Iterable[str]:
    """What an image of ECR may have been asked for by: its digest and its tags."""
    return (record.get("imageDigest") or "", *(record.get("imageTags") or ()))
