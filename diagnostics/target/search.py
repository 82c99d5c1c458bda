"""Finding every target of a text, in time that grows with the text's length and no faster."""

from __future__ import annotations

import re

from diagnostics.arn import partition_of_region
from diagnostics.target import forms
from diagnostics.target.alarms import services_by_name, tasks_by_name, tasks_by_session, with_clusters
from diagnostics.target.beside import of_service
from diagnostics.target.model import Target
from diagnostics.target.plain import beginning, decoded, plain

_MOST_LINES = 4
_LONGEST_INDENT = 64
_BESIDE = {"task": {"service"}, "service": set[str]()}
"""What is told of a target and is no part of what tells it from others."""
_SHORTEST = len("ClusterName=c ServiceName=s")
"""Nothing shorter names a target by itself."""


def find_all(text: str) -> tuple[Target, ...]:
    """Every different target that a text names by ARN or console link, in order; tasks before services.

    An alert about a task usually names its service too, so services count only where no task is named; the only task of a
    text is said to be of the only service that the text names. Where a text has neither an ARN nor a link, `cluster/task-id` counts, then the names of an alarm's dimensions, then the session of a
    task's role. The same target by its ARN and by a link is one.
    """
    if len(text) < _SHORTEST:
        return ()
    cleaned = plain(beginning(text))
    if "/" not in cleaned and "%" not in cleaned:
        return of_service(_merged(tasks_by_name(cleaned)), (), cleaned) or _merged(services_by_name(cleaned))
    found = with_clusters(_merged(_targets(cleaned)), cleaned)
    if tasks := _tasks(found):
        return of_service(tasks, found, cleaned)
    # Sign-in and redirecting links carry the console's address, or an ARN, percent-encoded.
    inside = _merged(_targets(decoded(cleaned))) if "%" in cleaned else ()
    return (
        _tasks(inside)
        or found
        or inside
        or of_service(_merged(_loose_tasks(cleaned) or tasks_by_name(cleaned)), (), cleaned)
        or _merged(services_by_name(cleaned))
        or of_service(_merged(tasks_by_session(cleaned)), (), cleaned)
    )


def _loose_tasks(text: str) -> list[Target]:
    return [
        Target(kind="task", cluster=match["cluster"], task_id=match["task"].lower())
        for match in forms.LOOSE_TASK.finditer(text)
        if not _is_tail(text, match.start())
    ]


def _is_tail(text: str, start: int) -> bool:
    """True if something that holds a slash or an ARN was broken before this, and goes on with it: a role, an image, a path."""
    for _ in range(_MOST_LINES):
        line_break = forms.BEFORE.search(text, max(0, start - _LONGEST_INDENT), start)
        if line_break is None:
            return False
        before = text[max(0, line_break.start() - forms.LONGEST_ARN) : line_break.start()].rsplit("\n", 1)[-1]
        word = before.split()[-1:] or [""]
        if "/" in word[0] or "arn:" in word[0].lower():
            return True
        if before.strip(" \t>|") != word[0]:
            return False
        # The line is one word, so that may be the middle of something longer.
        start = line_break.start() - len(before) + before.index(word[0])
    return False


def _tasks(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    return targets and tuple(target for target in targets if target.kind == "task")


def _targets(text: str) -> list[Target]:
    places: list[tuple[int, Target]] = []
    if "://" in text:
        starts = [match.start() for match in forms.URL_START.finditer(text)]
        for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
            link = forms.CONSOLE_URL.match(text, start, end)
            target = _from_link(link) if link is not None else None
            if target is not None:
                places.append((start, target))
    for match in forms.ARN_START.finditer(text):
        target = _from_wrapped_arn(text[match.start() : match.start() + forms.LONGEST_ARN])
        if target is not None:
            places.append((match.start(), target))
    places.sort(key=lambda place: place[0])
    return [target for _, target in places]


def _merged(targets: list[Target]) -> tuple[Target, ...]:
    """Each target once: one that says less than another, but nothing else, is the same."""
    if len(targets) < 2:
        return tuple(targets)
    found: list[Target] = []
    places: dict[tuple[str, str | None], list[int]] = {}
    for target in {(target, target.service): target for target in targets}.values():
        same = places.setdefault((target.kind, target.task_id or target.service), [])
        more = {name: value for name, value in target if value is not None} if same else {}
        for place in same:
            other = found[place]
            if all(getattr(other, name) in (None, more[name]) for name in more.keys() - _BESIDE[target.kind]):
                found[place] = other.model_copy(update=more)
                break
        else:
            same.append(len(found))
            found.append(target)
    return tuple(found)


def _from_wrapped_arn(piece: str) -> Target | None:
    """The target of an ARN at the beginning of a piece of text, where mail or a terminal may have broken the lines."""
    for _ in range(_MOST_LINES):
        line = forms.ARN_LINE.match(piece)
        # What ends in a slash where the line ends goes on in the next line.
        if line is None or line["slash"] is None:
            match = forms.ARN.match(piece)
            if match is not None:
                return _from_arn(match)
        # More lines help only where nothing but a line's end is in the way.
        if line is None:
            return None
        piece = piece[: line.start("break")] + piece[line.end() :]
    return None


def _from_arn(arn: re.Match[str]) -> Target:
    # What was put in upper case as a whole had names in lower case, most likely.
    lower = arn[0].isupper()
    cluster = arn["cluster"] or arn["cluster_of"] or arn["cluster_of_it"]
    service = arn["service"] or arn["service_of_it"]
    return Target(
        kind="task" if arn["task"] else "service",
        partition=arn["partition"].lower(),
        region=arn["region"].lower(),
        account_id=arn["account"],
        cluster=cluster.lower() if cluster and lower else cluster,
        task_id=arn["task"].lower() if arn["task"] else None,
        service=service.lower() if service and lower else service,
    )


def _from_link(link: re.Match[str]) -> Target | None:
    rest = decoded(link["rest"])
    if not rest.startswith("ecs/"):
        return None
    asked = forms.ASKED_REGION.search(rest)
    region = (asked[1] if asked else None) or (link["region"] or "").lower()
    match = forms.CONSOLE_PATH.search(rest)
    if match is None or not forms.IN_REGION.fullmatch(region):
        return None
    where = {
        "partition": partition_of_region(region), "region": region, "account_id": link["account"],
        "cluster": match["cluster"],
    }  # fmt: skip
    if match["task"]:
        return Target(kind="task", task_id=match["task"].lower(), service=match["service"], **where)
    if match["service"]:
        return Target(kind="service", service=match["service"], **where)
    return None
