"""Lists of ids in the environment, and the names of the variables themselves: what people type, read strictly.

A name where an id belongs would match nobody, and a misspelt variable would be no variable at all: both would leave the app
open, or closed, without a word. So they are refused at the start.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.logs import without_secrets

PREFIX = "PULLCHECK_"
_LONGEST = 40
"""How much of a wrong value is shown."""
_CLOSE = 0.6
_VERY_CLOSE = 0.9
_CLOSE_TO_SLACKS = 0.8
"""SLACK_TOKEN and SLACK_SIGNING_KEY are so close; SLACK_CLIENT_SECRET, which other apps have, is not."""
_NEARLY = 0.85


@dataclass(frozen=True)
class IdKind:
    """A kind of id: how one looks, and what is said of something that does not.

    Slack: https://docs.slack.dev/reference/objects/ (ids begin with a letter for their kind)
    """

    form: re.Pattern[str]
    wanted: str


USERS = IdKind(
    re.compile(r"[UW][A-Z0-9]{1,30}"),
    "the id of a person, which begins with U or W, such as U0123ABCD (in Slack: profile, More, Copy member ID)",
)
GROUPS = IdKind(
    re.compile(r"S[A-Z0-9]{1,30}"),
    "the id of a user group, which begins with S, such as S0123ABCD (in Slack: the group's menu, Copy group ID)",
)
TEAMS = IdKind(
    re.compile(r"[TE][A-Z0-9]{1,30}"),
    "the id of a workspace, which begins with T, or of an Enterprise organization, which begins with E, such as T0123ABCD",
)
CHANNELS = IdKind(
    re.compile(r"[CGD][A-Z0-9]{1,30}"),
    "the id of a channel, which begins with C, G or D, such as C0123ABCD (in Slack: at the end of the channel's details)",
)
ACCOUNTS = IdKind(
    re.compile(r"[0-9]{12}"), "an AWS account id, which is twelve digits without dashes, such as 111122223333"
)


def read_ids(text: str, kind: IdKind) -> frozenset[str]:
    """The ids of a list separated by commas; an empty list has none.

    Raises:
        ValueError: something in it is no such id; the message shows it and says what was expected.
    """
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        if part and not kind.form.fullmatch(part):
            raise ValueError(f"{shown(part)} is not {kind.wanted}; several are separated by commas")
    return frozenset(part for part in parts if part)


CHANNEL_EXAMPLE = "C0123ABCD=111122223333+222233334444,C0456EFGH=111122223333"


def read_channel_accounts(text: str) -> dict[str, frozenset[str]] | None:
    """Accounts by channel, as in `CHANNEL_EXAMPLE`; an empty text is as if it were not set.

    Raises:
        ValueError: it does not look like that, or names a channel twice.
    """
    found: dict[str, frozenset[str]] = {}
    for part in (item.strip() for item in text.split(",")):
        if not part:
            continue
        channel, equals, accounts = (piece.strip() for piece in part.partition("="))
        if not equals:
            raise ValueError(f"{shown(part)} names no accounts; expected is such as {CHANNEL_EXAMPLE}")
        if not CHANNELS.form.fullmatch(channel):
            raise ValueError(f"{shown(channel)} is not {CHANNELS.wanted}")
        if channel in found:
            raise ValueError(f"{channel} is named twice; join its accounts with +, such as {CHANNEL_EXAMPLE}")
        ids = [item.strip() for item in accounts.split("+")] if accounts else []
        for item in ids:
            if not ACCOUNTS.form.fullmatch(item):
                raise ValueError(f"{shown(item)} is not {ACCOUNTS.wanted}; several are joined with +")
        found[channel] = frozenset(ids)
    return found or None


QUOTES = "\"'`“”‘’"


def as_meant(value: Any) -> Any:
    """A value without the space around it, which files and shells leave there.

    Raises:
        ValueError: it is in quotation marks, which a file of variables may hand over with it. The value is not shown.
    """
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text[:1] and (text[0] in QUOTES or text[-1] in QUOTES):
        raise ValueError("is in quotation marks, which would be part of it; write it without them")
    return text


def shown(text: str) -> str:
    """A value that somebody typed, for a message: escaped, shortened, and without a token that landed there by mistake."""
    clean = without_secrets(text)
    return ascii(clean[:_LONGEST] + ("…" if len(clean) > _LONGEST else "")).replace("\\u2026", "…")


SLACKS = ("SLACK_API_URL", "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET")
"""Variables of this app with Slack's usual names. Others that begin like them are of other programs."""


def unknown_variables(environment: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """A sentence for each variable that looks like one of this app and is none, with the nearest that is, and for each that is
    there twice.

    Args:
        environment: all variables; case does not count.
        known: the names that this app has, in capitals.
    """
    names = sorted(known)
    given_names: dict[str, str] = {}
    for given in sorted(environment):
        given_names.setdefault(given.upper(), given)
    problems = []
    for given in sorted(environment):
        name = given.upper()
        other = given_names[name]
        if name in names or name in SLACKS:
            if other != given and environment[other] != environment[given]:
                problems.append(f"{_name(given)} and {other} are one variable and differ; set {name} alone")
            continue
        ours = name.startswith(PREFIX) or _meant_as_ours(name)
        slacks = name.startswith("SLACK")
        if not (ours or slacks or name.startswith("PULL")):
            continue
        cutoff = _CLOSE if ours else _CLOSE_TO_SLACKS if slacks else _VERY_CLOSE
        near = difflib.get_close_matches(name, SLACKS if slacks else names, n=1, cutoff=cutoff)
        if near and slacks and near[0] in given_names:
            # What this app needs is there, so that the other is another program's.
            continue
        if near:
            problems.append(f"{_name(given)} is not a variable of this app; {near[0]} is")
        elif ours:
            problems.append(f"{_name(given)} is not a variable of this app")
    return problems


def _meant_as_ours(name: str) -> bool:
    """True when the first word of a variable's name is ours with a slip in it: PULCHECK_TABLE, PULL_CHECK_TABLE."""
    first, *rest = name.split("_")
    if rest and difflib.SequenceMatcher(None, first, PREFIX[:-1]).ratio() >= _NEARLY:
        return True
    return len(rest) > 1 and first + rest[0] == PREFIX[:-1]


def _name(given: str) -> str:
    return shown(given)[1:-1]
