"""Untrusted text must come out harmless, whatever it holds, and as short as it was asked to be."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import text
from handlers.text import (
    Mrkdwn,
    Plain,
    code,
    code_block,
    code_blocks,
    escape,
    fmt,
    join,
    lines,
    moment,
    plain,
    prose,
    units,
    user,
)
from tests.build import ROLE_ARN

HANDLERS = Path(text.__file__).parent
HOSTILE = (
    "<!channel> help",
    "<!here|everyone>",
    "<@U012ABCDEF> pay me",
    "<!subteam^S0123|oncall>",
    "<https://evil.example|AWS console>",
    "`code` ```block```",
    "a & b < c > d",
    "@channel @here @everyone",
    "good\u202edab\u202c \u2066x\u2069 \u200fy",
    "null\x00 bell\x07 escape\x1b[31m",
    "line\u2028line\u2029line\r\nline",
    "zero\u200bwidth\u2060\ufeff",
    "broken \ud800 pair",
    ":white_check_mark: all fine :100:",
    "&lt;!channel&gt;",
    "x" * 5000,
    "<" * 5000,
    "😀" * 3000,
)
MAKERS = (escape, code, prose, code_block)


def is_harmless(shown: str) -> bool:
    """No raw angle bracket, no ampersand that is not an entity, no character that hides or reorders."""
    return (
        not re.search(r"[<>]", shown)
        and not re.search(r"&(?!amp;|lt;|gt;)", shown)
        and not re.search(
            r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", shown
        )
        and not any("\ud800" <= character <= "\udfff" for character in shown)
    )


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("make", MAKERS)
def test_hostile_text_is_harmless_and_capped(make: object, hostile: str) -> None:
    for limit in (30, 300, 2000):
        shown = make(hostile, limit)  # type: ignore[operator]

        assert is_harmless(shown)
        assert units(shown) <= limit
        assert isinstance(shown, Mrkdwn)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_backticks_of_untrusted_text_end_no_code(hostile: str) -> None:
    assert "`" not in escape(hostile)
    assert code(hostile).count("`") == 2
    assert code_block(hostile).count("```") == 2


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.integers(min_value=20, max_value=200))
def test_any_text_is_harmless_and_capped(hostile: str, limit: int) -> None:
    for make in MAKERS:
        shown = make(hostile, limit)

        assert is_harmless(shown)
        assert units(shown) <= limit


@pytest.mark.parametrize(
    ("given_text", "limit", "shown"),
    [
        ("plain", 5, "plain"),
        ("plain!", 5, "plai…"),
        ("a&b", 7, "a&amp;b"),
        ("a&b", 6, "a…"),
        ("a<", 5, "a&lt;"),
        ("a<", 4, "a…"),
        ("", 10, ""),
        ("  two \n lines ", 40, "two lines"),
    ],
)
def test_a_cut_never_splits_an_entity(given_text: str, limit: int, shown: str) -> None:
    assert escape(given_text, limit) == shown


@pytest.mark.parametrize("word", ["channel", "here", "everyone", "HERE"])
def test_a_word_that_would_call_everybody_is_taken_apart(word: str) -> None:
    assert f"@{word}" not in escape(f"ping @{word} now")


def test_a_digest_keeps_its_at_sign() -> None:
    assert escape("repo@sha256:12") == "repo@sha256:12"


@pytest.mark.parametrize("shortcode", [":tada:", ":100:", ":+1:", ":aws:"])
def test_what_slack_would_draw_as_an_emoji_is_taken_apart(shortcode: str) -> None:
    assert shortcode not in escape(f"it is {shortcode} fine")


def test_a_port_is_no_emoji() -> None:
    assert escape("52.46.1.9:443: i/o timeout") == "52.46.1.9:443: i/o timeout"


@pytest.mark.parametrize(
    "token",
    [
        ROLE_ARN,
        "arn:aws-us-gov:ecs:us-gov-west-1:111122223333:task/a/0123456789abcdef0123456789abcdef",
        "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/api:1.4.2",
        "subnet-0a1b2c3d4e5f60718",
        "sg-0a1b2c3d",
        "sha256:" + "1a" * 32,
    ],
)
def test_prose_shows_what_people_copy_as_code(token: str) -> None:
    assert prose(f"It concerns {token}, and no more.") == f"It concerns `{token}`, and no more."
    assert prose(f"{token}.") == f"`{token}`."


def test_prose_leaves_ordinary_words_alone() -> None:
    sentence = "The VPC-endpoint of sg-ingress and i-o is in i-th place."
    assert prose(sentence) == sentence


def test_a_block_of_code_is_cut_after_a_line_and_says_so() -> None:
    shown = code_block("\n".join(f"line {number}" for number in range(100)), 200)

    assert shown.endswith(" more lines\n```")
    assert units(shown) <= 200
    assert "line 0\nline 1\n" in shown


def test_code_to_paste_is_whole_or_not_there() -> None:
    rows = [f"line {number} of <it>" for number in range(30)]
    blocks = code_blocks("\n".join(rows), 300, 5)

    assert blocks is not None
    assert len(blocks) > 1
    assert all(units(block) <= 300 for block in blocks)
    shown = [row for block in blocks for row in block.split("\n")[1:-1]]
    assert shown == [row.replace("<it>", "&lt;it&gt;") for row in rows]
    assert code_blocks("\n".join(rows), 300, 2) is None
    assert code_blocks("x" * 300, 300, 9) is None
    assert code_blocks("x" * 291, 300, 1) == (f"```\n{'x' * 291}\n```",)


def test_backticks_that_are_data_stay_in_code_to_paste() -> None:
    assert "[?Egress==`false`]" in code_block("--query 'Entries[?Egress==`false`]'")
    assert (code_blocks("a ``` b", 100, 1) or ("",))[0].count("```") == 2


def test_lines_that_do_not_fit_are_counted() -> None:
    rows = [escape(f"row {number} " + "x" * 40) for number in range(10)]

    shown = lines(rows, 200)

    assert shown.endswith("… 6 more")
    assert units(shown) <= 200
    assert lines(rows, 10_000).count("\n") == 9


def test_a_template_escapes_what_is_not_safe_yet() -> None:
    assert fmt("*{}* {}", "<!here>", fmt("_{}_", "&")) == "*&lt;!here&gt;* _&amp;_"
    assert join(" | ", ("<a>", escape("<b>"))) == "&lt;a&gt; | &lt;b&gt;"
    assert fmt("{}", "{} {0.__class__}") == "{} {0.__class__}"


def test_nobody_else_makes_safe_text() -> None:
    with pytest.raises(TypeError):
        Mrkdwn("<!channel>", object())
    with pytest.raises(TypeError):
        Plain("x", None)


@pytest.mark.parametrize(
    ("user_id", "shown"),
    [("U0ALICE", "<@U0ALICE>"), ("U1> <!channel", "U1&gt; &lt;!channel"), ("alice", "alice")],
)
def test_only_an_id_of_slack_becomes_a_mention(user_id: str, shown: str) -> None:
    assert user(user_id) == shown


def test_a_time_is_shown_in_each_readers_zone() -> None:
    shown = moment(datetime(2026, 11, 24, 9, 15, 2, tzinfo=UTC))

    assert shown == "<!date^1795511702^{date_short_pretty} {time}|2026-11-24 09:15 UTC>"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_plain_text_holds_no_hidden_characters(hostile: str) -> None:
    shown = plain(hostile, 75)

    assert units(shown) <= 75
    assert not re.search(r"[\x00-\x1f\u200b-\u200f\u2028-\u202e\u2066-\u2069]", shown)


def test_templates_are_written_out_where_they_are_used() -> None:
    """A template that is put together from values would carry them past the escaping."""
    wrong = []
    for path in sorted(HANDLERS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if (
                name in ("fmt", "join")
                and path.name != "text.py"
                and not isinstance(node.func, ast.Attribute)
            ):
                first = node.args[0]
                if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                    wrong.append(f"{path.name}:{node.lineno}")
    assert not wrong
