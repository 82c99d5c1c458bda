"""Texts of a case that Slack would act on: in no message about it is anything alive that is not ours."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from diagnostics.faults import ALL_FAULTS
from diagnostics.report import build
from diagnostics.snapshot import Snapshot
from diagnostics.target import EXAMPLE, Target, TargetError, parse
from handlers.text import fmt
from handlers.views import notices
from handlers.views.details import alone, details
from handlers.views.explain import explanation
from handlers.views.message import MessageContent
from handlers.views.parent import parent
from tests import poison
from tests.build import saved
from tests.handlers.test_views import sent

POISON = (
    "<!channel> <!subteam^S0123|x> <@U0BOSS> <http://evil.example/pwned|AWS> & &lt;!here&gt; @here\n```\n:tada: `x` ````\n"
    "*pwned*\n> pwned\u202e\u2066\u200b\ufeff\x1b[31m\x9b\x07\r\u2028\U000e0041"
)
ALL = os.environ.get("POISON") == "all"
"""Every case with each of its texts takes minutes."""
SHOWN = {
    "demo-repo-policy-denies": 0,
    "tag-not-found-second-container": 1,
    "endpoint-policy-denies": 2,
    "task-gone-service-events": 3,
    "container-secret-access-denied": 4,
}
"""Cases, and with which of their texts it is begun; then every fifth."""
OURS = re.compile(r"<@U0ALICE>|<!date\^\d+\^\{date_short_pretty\} \{time\}\|[0-9: UTC-]+>")
JOINER = "\u2060"
"""Ours, between `@` and `here`."""


def alive(payload: dict[str, Any]) -> Iterator[str]:
    """What of a message would act in Slack, or on a screen, and is not ours."""
    for kind, text in (("mrkdwn", payload["text"]), *texts(payload["blocks"])):
        shown = OURS.sub("", text) if kind == "mrkdwn" else text
        for char in "" if shown.replace("\n", "").isprintable() else shown:
            if char not in ("\n", JOINER) and unicodedata.category(char) in (
                "Cc",
                "Cf",
                "Cs",
                "Co",
                "Zl",
                "Zp",
            ):
                yield f"{char!r} in {text!r}"
        if kind == "mrkdwn":
            if re.search(r"[<>]|&(?!amp;|lt;|gt;)", shown):
                yield f"a mention, link or entity in {text!r}"
            if any("```" in line and line != "```" for line in shown.split("\n")) or shown.count("```") % 2:
                yield f"a fence in {text!r}"
            outside = re.sub(r"```\n.*?\n```", "", shown, flags=re.DOTALL)
            if any(line.count("`") % 2 for line in outside.split("\n")):
                yield f"code that does not end in {text!r}"
            # Slack makes a mention of these words by themselves where a client sends them.
            if re.search("@(?:here|channel|everyone)", re.sub("`[^`\n]*`", "", outside)):
                yield f"a loud word in {text!r}"
        elif "\n" in shown:
            yield f"a line break in {text!r}"
        if kind == "url" and not re.fullmatch(
            r"https://[a-z0-9.-]+\.(?:aws\.amazon\.com|amazonaws\.cn)/[!-~]*", shown
        ):
            yield f"an address that is not the console's: {text!r}"


def texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text that is shown, or led to."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text"):
            yield value["type"], value["text"]
        for name in ("url", "accessibility_label", "alt_text"):
            if name in value:
                yield name, value[name]
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def messages(snapshot: Snapshot, previous: Snapshot | None = None) -> Iterator[MessageContent]:
    """Every message about a case."""
    report, target = build(snapshot, previous), snapshot.target
    yield parent(report, run_id="0a1b2c3d", target=target)
    yield details(report)
    yield alone(report, run_id="0a1b2c3d", target=target)(fmt("Invite the app."), False)
    if report.causes:
        yield explanation(report, ALL_FAULTS.get)


@pytest.mark.parametrize("name", saved.NAMES if ALL else SHOWN)
def test_nothing_of_a_case_acts_in_slack(name: str) -> None:
    content = saved.case_json(name)
    healthy = Snapshot.model_validate(content)
    arrived = 0
    every = poison.values(content)
    for value in every if ALL else every[SHOWN[name] :: 5]:
        try:
            snapshot = Snapshot.model_validate(poison.poisoned(content, value, POISON))
        except ValidationError:
            continue
        for message in messages(snapshot, healthy):
            payload = sent(message)
            assert not list(alive(payload)), value
            arrived += "pwned" in str(payload)
    assert arrived


@pytest.mark.parametrize(
    "text",
    [POISON, POISON + EXAMPLE, f"{EXAMPLE}{POISON}", f"arn:{POISON}", f"arn:aws:ecs:{POISON}:1:task/x"],
)
def test_what_was_typed_does_not_act_in_slack(text: str) -> None:
    try:
        message = notices.taken(parse(text))
    except TargetError as error:
        message = notices.refused(str(error))
    assert not list(alive(sent(message)))


@pytest.mark.parametrize("by", ["U0ALICE", "", POISON])
def test_no_notice_lets_a_target_act(by: str) -> None:
    target = Target(kind="service", cluster=f"a{POISON}", service=f"b{POISON}")
    for message in (
        notices.taken(target), notices.checking(target, by), notices.rerunning(target, by), notices.waiting(target, by, 3),
        notices.failed(target, POISON, run_id="0a1b2c3d"), notices.refused(POISON), notices.usage(POISON),
        notices.choose((target, target), "1.2"),
    ):  # fmt: skip
        payload = sent(message)
        assert not list(alive(payload))
        assert "pwned" in str(payload)


@pytest.mark.parametrize(
    "text", ["<!here>", "<http://x|y>", "&", "```", "a `b", "@here", "\u202e", "\x1b", "\u200b", "```x\n```"]
)
def test_what_is_alive_is_seen(text: str) -> None:
    assert list(alive({"text": text, "blocks": []}))
