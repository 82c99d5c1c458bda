"""What people paste, turned into a target: a task or a service of an ECS cluster."""

from __future__ import annotations

import re

from diagnostics.target.complaint import complaint, described, without_secrets
from diagnostics.target.forms import PAIR
from diagnostics.target.model import CLUSTER, EXAMPLE, REGION, Target, TargetError
from diagnostics.target.plain import AROUND, LONGEST, plain
from diagnostics.target.search import find_all

__all__ = ["CLUSTER", "EXAMPLE", "LONGEST", "REGION", "Target", "TargetError", "find_all", "parse"]

_TASK_ID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_WORDY = re.compile(r"(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{3,}")


def parse(text: str) -> Target:
    """The one target of a text: an ARN, a console link, `cluster/task-id` or `cluster/service`, also inside prose.

    Raises:
        TargetError: there is none, or more than one.
    """
    found = find_all(text)
    if len(found) == 1:
        return found[0]
    if found:
        listed = " and ".join(described(item) for item in found[:2])
        raise TargetError(
            f"That names {len(found)} different targets ({listed}); give one at a time, such as {found[0]}."
        )
    cleaned = plain(text).strip(AROUND)
    loose = PAIR.fullmatch(cleaned) if len(cleaned) <= LONGEST else None
    if loose is None and len(cleaned) <= LONGEST:
        loose = _only_pair(without_secrets(cleaned))
    if loose is not None:
        return Target(kind="service", cluster=loose["cluster"], service=loose["name"])
    raise TargetError(complaint(without_secrets(cleaned)))


def _only_pair(text: str) -> re.Match[str] | None:
    """The one `cluster/service` among the words of a sentence.

    `and/or`, `24/7` and `read/write` are none: only names of three characters and more count, of which one has a
    dash, an underscore or a digit. A task's id is no service's name: where `find_all` left it, what stands before it is
    the end of a role's name or of a path, on a line that was broken.
    """
    words = {word.strip(AROUND) for word in text.split()}
    pairs = [match for match in map(PAIR.fullmatch, words) if match is not None]
    if any(_TASK_ID.fullmatch(match["name"]) for match in pairs):
        return None
    pairs = [
        match
        for match in pairs
        if re.search("[0-9_-]", match[0]) and all(map(_WORDY.fullmatch, (match["cluster"], match["name"])))
    ]
    return pairs[0] if len(pairs) == 1 else None
