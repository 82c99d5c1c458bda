"""No name becomes a command: words in a real bash, whole fixes with programs that only note what they are given."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from diagnostics.finding import Fix, Report
from diagnostics.report import build
from diagnostics.snapshot import Snapshot
from diagnostics.write import code_json, code_string, named, quoted, yaml_string
from tests import poison

POISON = "'\"`>pwned`$(>pwned);>pwned\n>pwned #\u202e\x1b&& >pwned|>pwned ${x}%{y} *\\ !-- \x9b\rzzz"
PROGRAMS = ("aws", "docker", "jq", "sudo", "curl")
BASH = shutil.which("bash") or "/bin/bash"
SHOWN = (
    "endpoint-policy-denies", "role-missing", "tag-not-found", "sg-egress-blocked", "container-secret-missing",
    "platform-mismatch", "repo-policy-denies-instance", "role-explicit-deny", "instance-profile-missing", "scp-denies",
)  # fmt: skip
TEXTS = (
    "plain", "two words", "", "-x", "--endpoint-url=http://x", "a'b", 'a"b', "a`>pwned`", "$(>pwned)", "a;>pwned", "# no",
    "a\n>pwned", "\r\x1b]0;x\x07", "\u202ee\u2066", "\x9b", "é🙂", "*", "~", "!!", "${x}", "\\", "a\\'b\n", POISON,
)  # fmt: skip


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A folder with programs that write down their arguments, and nothing else to run."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        file = programs / name
        file.write_text(
            f'#!{BASH}\nprintf \'%s\\0\' "${{0##*/}}" "$@" $\'\\1\' >> "$LOG"\necho x\n', encoding="utf-8"
        )
        file.chmod(0o755)
    (tmp_path / "work").mkdir()
    return tmp_path


def run(script: str, room: Path) -> tuple[list[list[str]], str]:
    """What the programs were given, and what bash complained about."""
    log = room / "log"
    log.unlink(missing_ok=True)
    done = subprocess.run(
        [BASH, "--noprofile", "--norc", "-c", script],
        cwd=room / "work",
        env={"PATH": str(room / "bin"), "LOG": str(log), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=False,
    )
    words = log.read_bytes().decode("utf-8", "surrogateescape").split("\0\1\0") if log.exists() else []
    return [item.split("\0") for item in words if item], done.stderr.decode()


@pytest.mark.parametrize("text", TEXTS)
def test_a_word_is_one_argument(text: str, room: Path) -> None:
    word = quoted(text)
    assert "\n" not in word
    assert word.isprintable()
    calls, error = run(f"aws {word} end\n# {named(text)}\naws {word} 2\n# aws {word}", room)
    assert calls == [["aws", text, "end"], ["aws", text, "2"]]
    assert error == ""
    assert list((room / "work").iterdir()) == []


def test_no_argument_holds_a_nul(room: Path) -> None:
    assert run("aws " + quoted("a\0b"), room)[0] == [["aws", "a\ufffdb"]]


def test_other_values_are_json(room: Path) -> None:
    calls, _ = run(f"aws {quoted({'a': [POISON]})}", room)
    assert json.loads(calls[0][1]) == {"a": [POISON]}


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


def commands(report: Report) -> Iterator[tuple[str, str]]:
    for cause in report.causes:
        for name in ("cli", "verify", "undo"):
            text = getattr(cause.fix, name)
            if text:
                yield f"{cause.id} {name}", text


def code(fix: Fix) -> Iterator[str]:
    yield from filter(None, (fix.terraform, fix.cloudformation))


def forms(text: str) -> tuple[str, ...]:
    """The text, and as it stands inside of JSON, once and twice, in either of JSON's ways to write it."""
    found = [text]
    for ensure_ascii in (False, True):
        once = json.dumps(text, ensure_ascii=ensure_ascii)[1:-1]
        found += [once, json.dumps(once, ensure_ascii=ensure_ascii)[1:-1]]
    return tuple(found)


@pytest.mark.parametrize("name", os.environ.get("POISON_CASES", "").split() or SHOWN)
def test_no_name_becomes_a_command(name: str, room: Path) -> None:
    content = poison.case(name)
    told = "\n".join(text for _, text in commands(build(Snapshot.model_validate(content))))
    arrived = 0
    for value in poison.values(content):
        if value not in told and "POISON_CASES" not in os.environ:
            continue
        try:
            report = build(Snapshot.model_validate(poison.poisoned(content, value, POISON)))
        except ValidationError:
            continue
        for where, text in commands(report):
            if "pwned" not in text:
                continue
            place = f"{where}, {value!r}: {text}"
            calls, error = run(text, room)
            assert not [item for item in (room / "work").iterdir() if "pwned" in item.name], place
            assert not re.search("syntax error|command not found|unexpected", error), f"{error} {place}"
            assert calls, place
            assert {item[0] for item in calls} <= set(PROGRAMS), place
            for word in (word for item in calls for word in item if "pwned" in word):
                rest = word
                for form in forms(POISON):
                    rest = rest.replace(form, "")
                assert "pwned" not in rest, f"{word!r} {place}"
                arrived += 1
        for cause in report.causes:
            for text in code(cause.fix):
                assert not re.search(r"(?<!\$)\$\{x|(?<!%)%\{y", cause.fix.terraform or ""), (
                    f"{value!r}: {text}"
                )
                assert not re.search("^>pwned|[\u202e\x1b\x9b\r]", text, re.MULTILINE), f"{value!r}: {text}"
    assert arrived
