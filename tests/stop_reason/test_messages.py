"""Real messages, and what people and programs do to them on the way."""

from __future__ import annotations

import html
import json
from collections.abc import Callable

import pytest

from diagnostics.stop_reason import STAGES, SymptomId, classify
from diagnostics.stop_reason.rules import RULES
from tests.rows import every_row
from tests.stop_reason.corpora import EVERY, MESSAGES, REFERENCE
from tests.stop_reason.test_catalogue import CATALOGUE


@every_row("line", REFERENCE, ids=lambda line: line["cause"])
def test_the_reference(line: dict[str, str]) -> None:
    assert classify(line["text"]).id == line["cause"]


@every_row("line", MESSAGES, ids=lambda line: line["cause"])
def test_further_real_messages(line: dict[str, str | None]) -> None:
    found = classify(str(line["text"]))
    assert (found.id, found.stage) == (line["cause"], line["stage"])


def test_the_collections_are_large_and_apart() -> None:
    assert len(REFERENCE) == 102
    assert len(MESSAGES) >= 60
    assert not {line["text"] for line in REFERENCE} & {line["text"] for line in MESSAGES}


def _box(text: str) -> str:
    return (
        "╷\n│ Error: waiting for ECS Service create\n"
        + "\n".join(f"│ {line}" for line in text.splitlines())
        + "\n╵"
    )


def _build_log(text: str) -> str:
    return "\n".join(f"2026-11-24T09:15:02.1234567Z {line}" for line in text.splitlines())


WRAPPERS: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "lower case": str.lower,
    "curly quotes": lambda text: text.replace('"', "“").replace("'", "’"),
    "one word a line": lambda text: "\n\t".join(text.split(" ")),
    "wide spaces": lambda text: text.replace(" ", "\u00a0  "),
    "service event": lambda text: f"(service web) was unable to place a task. Reason: {text}",
    "task failed to start": lambda text: f"Task failed to start - {text}",
    "failed to start, one word": lambda text: f"TaskFailedToStart - {text}",
    "old console": lambda text: f"Status reason\t{text}",
    "stopped": lambda text: f"STOPPED ({text})",
    "quotation": lambda text: "\n".join(f"> {line}" for line in text.splitlines()),
    "code": lambda text: f"```\n{text}\n```",
    "JSON": json.dumps,
    "JSON twice": lambda text: json.dumps(json.dumps({"stoppedReason": text})),
    "HTML": lambda text: html.escape(text) if "<" not in text else text,
    "Terraform's box": _box,
    "build log": _build_log,
    "colour": lambda text: f"\x1b[31m{text}\x1b[0m",
}


@pytest.mark.parametrize("name", WRAPPERS)
def test_wrapping_changes_nothing(name: str) -> None:
    changed = {
        line["text"]: (line["cause"], found)
        for line in EVERY
        if (found := classify(WRAPPERS[name](line["text"])).id) != line["cause"]
    }
    assert changed == {}


def test_what_is_shown_is_read_the_same_way_again() -> None:
    for line in EVERY:
        shown = classify(line["text"]).text
        assert classify(shown).id == line["cause"]
        assert "\n" not in shown


def test_every_text_cut_anywhere_is_the_same_symptom_less_or_none_of_a_kind() -> None:
    """A cut text may show less (a symptom without its cause), but it is never taken for no error or a role."""
    for line in REFERENCE:
        for length in range(20, len(line["text"]), 7):
            found = classify(line["text"][:length] + "...")
            assert found.id != "none", line["text"][:length]
            assert found.stage is None or found.stage in STAGES


def test_symptoms_are_of_the_catalogue() -> None:
    """Those that only facts can tell apart from another symptom are not told by a text."""
    told = {rule.id for rule in RULES} | {"unrecognised"}
    assert {line["cause"] for line in EVERY} <= told
    assert not told & {
        "image-archived",
        "cached-image-hides-failure",
        "soci-index-missing",
        "ptc-template-failed",
    }


def test_the_container_is_kept_and_the_text_redacted() -> None:
    url = (
        "https://prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com/a?X-Amz-Security-Token=hush"
    )
    found = classify(
        f'failed to copy: httpReadSeeker: failed open: failed to do request:\n\tGet "{url}": EOF', "web"
    )
    assert found.container == "web"
    assert found.text.endswith('amazonaws.com/a?[redacted]": EOF')
    assert "hush" not in found.model_dump_json()


def test_every_symptom_has_a_rule_and_a_text() -> None:
    """What nothing shows would stand in the tables of faults and of the verdict for ever, and mean nothing."""
    by_rule = {rule.id for rule in RULES}
    texts = (*(str(line["text"]) for line in EVERY), *(text for text, _, _ in CATALOGUE))
    assert set(SymptomId) - by_rule == {SymptomId.UNRECOGNISED}
    assert set(SymptomId) - {classify(text).id for text in texts} == set()
