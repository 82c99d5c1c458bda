"""Words of a command in a real bash, strings of Terraform and of YAML."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from diagnostics.write import code_json, code_string, named, quoted, yaml_string
from tests.write.attack import SHELL, Room

TEXTS = (
    "plain", "two words", "", "-x", "--endpoint-url=http://x", "a'b", 'a"b', "a`>pwned`", "$(>pwned)", "a;>pwned", "# no",
    "a\n>pwned", "\r\x1b]0;x\x07", "\u202ee\u2066", "\x9b", "é🙂", "*", "~", "!!", "${x}", "\\", "a\\'b\n", SHELL,
)  # fmt: skip


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A folder with programs that write down their arguments, and nothing else to run."""
    return Room.made_in(tmp_path)


@pytest.mark.parametrize("text", TEXTS)
def test_a_word_is_one_argument(text: str, room: Room) -> None:
    word = quoted(text)
    assert "\n" not in word
    assert word.isprintable()
    calls, error = room.run(f"aws {word} end\n# {named(text)}\naws {word} 2\n# aws {word}")
    assert calls == [["aws", text, "end"], ["aws", text, "2"]]
    assert error == ""
    assert room.made() == []


def test_no_argument_holds_a_nul(room: Room) -> None:
    assert room.run("aws " + quoted("a\0b"))[0] == [["aws", "a\ufffdb"]]


def test_other_values_are_json(room: Room) -> None:
    calls, _ = room.run(f"aws {quoted({'a': [SHELL]})}")
    assert json.loads(calls[0][1]) == {"a": [SHELL]}


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_in_a_comment_means_nothing_to_zsh(text: str) -> None:
    assert not re.search(
        r"['\"`$;&|<>(){}*?!\\\n\r\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", named(text)
    )


def test_names_stay_readable_in_comments() -> None:
    assert named("arn:aws:iam::1:role/a+b=c,d@e_f-g.h #1") == "arn:aws:iam::1:role/a+b=c,d@e_f-g.h #1"
    assert named("it's") == "it_s"


@pytest.mark.parametrize(
    ("text", "code", "yaml"),
    [
        ("app", '"app"', "app"),
        ("${var.x}", '"$${var.x}"', '"${var.x}"'),
        ("%{ if x }", '"%%{ if x }"', '"%{ if x }"'),
        ('a"b\\', r'"a\"b\\"', r'"a\"b\\"'),
        ("a\nb: c", r'"a\nb: c"', r'"a\nb: c"'),
        ("\u202e\x7f\x9b", r'"\u202e\u007f\u009b"', r'"\u202e\u007f\u009b"'),
        ("é🙂", '"é🙂"', '"é🙂"'),
        ("\U000e0041", r'"\U000e0041"', r'"\U000e0041"'),
        ("yes", '"yes"', '"yes"'),
        ("0123", '"0123"', '"0123"'),
        ("- a", '"- a"', '"- a"'),
        ("!Sub x", '"!Sub x"', '"!Sub x"'),
    ],
)
def test_a_string_of_code(text: str, code: str, yaml: str) -> None:
    assert code_string(text) == code
    assert yaml_string(text) == yaml
    assert code_json({text: [text]}) == f"{{{code}: [{code}]}}"
