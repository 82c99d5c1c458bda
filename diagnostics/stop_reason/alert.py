"""The error text inside an alert: what ECS said, without the labels, links and fields that stand around it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from diagnostics.stop_reason.classify import classify
from diagnostics.stop_reason.model import Symptom
from diagnostics.stop_reason.normalise import LIMIT
from diagnostics.stop_reason.symptoms import SymptomId

LONGEST = 1500
"""Characters of an error text that are kept; ECS itself cuts a reason at 1,024."""
_MOST = 12
"""Pieces of an alert that are read, so that a message of thousands is acknowledged in time."""

_BEGINS = (
    "cannotpull", "resourceinitializationerror", "dockertimeouterror", "taskfailedtostart", "task failed to start",
    "unable to pull", "unable to assume", "failed to pull", "failed to resolve", "failed to copy", "failed to register",
    "failed to extract", "failed to fetch", "cannot pull", "can't pull", "pull access denied", "pull image manifest",
    "error response from daemon", "image pull", "pull command failed", "error pulling", "toomanyrequests",
    "too many requests", "manifest for", "manifest unknown", "no basic auth", "resource:eni",
)  # fmt: skip
"""With what an error text begins, in lower case."""
_HOLDS = (
    "is not authorized to perform", "accessdenied", "no space left", "exec format error", "i/o timeout", "no such host",
    "x509:", "could not transition to", "context deadline exceeded", "connection refused", "403 forbidden",
)  # fmt: skip
"""What stands in the middle of an error text that begins in another way, in lower case."""
_LABEL = re.compile(r"\n[ \t>*_•-]{0,6}[A-Z][A-Za-z]{1,20}(?: [A-Za-z]{1,20}){0,2}[*_]{0,2}:[ *_]")
"""The next field of an alert that is written as lines."""
_QUOTED_END = re.compile(r"(?<!\\\\)\"\s{0,20}[,}\]]")
"""The end of a string of JSON, in a text that holds only a part of it."""
_PARAGRAPH = re.compile(r"\r?\n[ \t]{0,40}\r?\n")
_TARGET = re.compile(
    r"\S{0,40}(?:arn:aws[a-z-]{0,20}:ecs:|https?://[^\s/]{0,80}console\.)\S{0,900}", re.IGNORECASE
)
_SAYS_NOTHING = (SymptomId.NONE, SymptomId.UNRECOGNISED)


def error_in(texts: Iterable[str]) -> str | None:
    """The error text of ECS within an alert's texts, redacted; `None` where none of them holds one that is known.

    JSON within a text is looked into; of lines, the piece that says most by itself is taken.
    """
    left = _MOST
    unknown: str | None = None
    for text in texts:
        for piece in _pieces(text[:LIMIT]):
            if left == 0:
                return unknown
            left -= 1
            shown = classify(piece[:LONGEST])
            if _is_known(shown):
                return shown.text
            if shown.about_pull:
                unknown = unknown or shown.text
    return unknown


def _is_known(symptom: Symptom) -> bool:
    return symptom.id not in _SAYS_NOTHING


def _pieces(text: str) -> Iterator[str]:
    """What may be an error text, what is clearest first."""
    if not _speaks_of_an_error(text):
        return
    strings = [item for item in _strings_of(text) if _speaks_of_an_error(item)]
    for string in strings or [text]:
        plain = _TARGET.sub(" ", string)
        paragraph = _PARAGRAPH.split(plain[_begin(plain) :], maxsplit=1)[0]
        field = _QUOTED_END.split(_LABEL.split(paragraph, maxsplit=1)[0], maxsplit=1)[0]
        field = field.replace('\\"', '"')
        yield from dict.fromkeys((field.strip(), paragraph.strip()))


def _speaks_of_an_error(text: str) -> bool:
    lowered = text.lower()
    return any(phrase in lowered for phrase in (*_BEGINS, *_HOLDS))


def _begin(text: str) -> int:
    """Where the error text begins: at its first words, or at the line in which its middle stands."""
    lowered = text.lower()
    for phrases, whole_line in ((_BEGINS, False), (_HOLDS, True)):
        places = [place for place in map(lowered.find, phrases) if place >= 0]
        if places:
            return lowered.rfind("\n", 0, min(places)) + 1 if whole_line else min(places)
    return 0


def _strings_of(text: str) -> Iterator[str]:
    """Every string inside the JSON that a text holds, also of JSON that is a string within it; none where it holds none."""
    left = [_inside(text)]
    while left:
        value = left.pop()
        if isinstance(value, str):
            inner = _inside(value)
            if inner is None:
                yield value
            else:
                left.append(inner)
        elif isinstance(value, dict):
            left.extend(reversed(value.values()))
        elif isinstance(value, list):
            left.extend(reversed(value))


def _inside(text: str) -> Any:
    """The JSON object or list that a text holds, `None` where it holds none, or only a part."""
    starts = [place for place in map(text.find, "{[") if place >= 0]
    end = max(map(text.rfind, "}]"))
    if not starts or end < min(starts):
        return None
    try:
        return json.loads(text[min(starts) : end + 1])
    except (ValueError, RecursionError):
        return None
