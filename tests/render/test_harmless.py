"""Nothing that somebody else named acts on a terminal, and JSON carries it as the same value."""

from __future__ import annotations

import io
import json
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from diagnostics.__main__ import main
from diagnostics.finding import Report
from diagnostics.render import HarmlessConsole, error_json, harmless, report_json
from diagnostics.render.brief import brief_lines
from diagnostics.render.harmless import escaped_json, one_line
from diagnostics.render.lines import show
from diagnostics.render.whole import render_whole
from diagnostics.report import build
from diagnostics.snapshot import Snapshot
from tests import poison
from tests.build import saved

POISON = "\x1b]0;x\x07[red]x[/]\u202e\x9b31m\r\u2066\u200f\u061c\u200b\u2028\u2029\x7f\x00\nforged"
_SGR = re.compile("\x1b\\[[0-9;]*m")
SHOWN = ("demo-route-no-egress", "tag-not-found-second-container", "container-secret-access-denied")


_OSC_8 = re.compile("\x1b]8;(?:id=[0-9-]+)?;(?:https://[!-~]+)?\x1b\\\\")
"""A hyperlink of ours."""


def drawn_both(report: Report) -> str:
    """What a terminal with colours and hyperlinks gets, the answer and the whole text, without those."""
    out = io.StringIO()
    console = HarmlessConsole(file=out, width=110, force_terminal=True, color_system="standard")
    show(console, brief_lines(report, 110, links=True))
    show(console, brief_lines(report, 60, links=False))
    render_whole(report, console, links=True)
    return _OSC_8.sub("", _SGR.sub("", out.getvalue()))


def acting(text: str) -> set[str]:
    """The characters of a text that could act on a terminal."""
    return {
        char
        for char in set(text)
        if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("app", "app"),
        ("Größe ✗ → 日本", "Größe ✗ → 日本"),
        ("\x1b]0;x\x07", "\\x1b]0;x\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\rb", "a\\rb"),
        ("\x7f\x00", "\\x7f\\x00"),
        ("gpj\u202egnp", "gpj\\u202egnp"),
        ("\u2066\u2069\u200e\u200f\u061c", "\\u2066\\u2069\\u200e\\u200f\\u061c"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("a\u2028b\u2029", "a\\u2028b\\u2029"),
        ("\U000e0041", "\\U000e0041"),
        ("\udcff", "\\udcff"),
        ("[red]x[/]", "[red]x[/]"),
    ],
)
def test_what_acts_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert one_line(text + "\n") == shown + "\\n"
    out = io.StringIO()
    HarmlessConsole(file=out, width=200).print(text)
    # Rich takes a few controls (bell, carriage return) out of a text by itself.
    assert not acting(out.getvalue())
    assert "\x07" in text or "\r" in text or out.getvalue() == shown + "\n"


@pytest.mark.parametrize("name", SHOWN)
def test_no_text_of_a_case_acts_on_the_terminal(name: str) -> None:
    content = saved.case_json(name)
    arrived = 0
    for value in poison.values(content):
        try:
            snapshot = Snapshot.model_validate(poison.poisoned(content, value, POISON))
        except ValidationError:
            continue
        report = build(snapshot)
        text = drawn_both(report)
        assert not acting(text), value
        arrived += "[red]x[/]" in text
        as_json = report_json(report)
        assert not acting(as_json), value
        assert json.loads(as_json) == json.loads(report.to_json()), value
    assert arrived > 10


def test_the_command_line_prints_none_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = saved.case_json("demo-route-no-egress")
    file = tmp_path / "a\x1b]0;x\x07case\u202e.json"
    for value in ("app", content["region"], "arn:aws:ecs"):
        file.write_text(json.dumps(poison.poisoned(content, value, POISON)), encoding="utf-8")
        for form in ("text", "json"):
            main(["--replay", str(file), "--format", form])
            captured = capsys.readouterr()
            assert not acting(captured.out + captured.err)


@pytest.mark.parametrize(
    "words",
    [
        [POISON],
        [f"arn:aws:ecs:{POISON}:1:task/x"],
        ["--replay", f"/no/{POISON}"],
        ["a/b", "--region", POISON],
        ["a/b", "--deadline", POISON],
        ["a/b", "--save", f"/no/{POISON}/file", "--region", "eu-west-1"],
        ["explain", POISON],
        ["list", POISON],
        ["a/b", f"--{POISON}"],
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_was_typed_is_echoed_harmlessly(
    words: list[str], form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main([*words, *(["--format", form] if words[0] not in ("explain", "list") else [])])
    except SystemExit as stop:
        status = int(str(stop.code))
    captured = capsys.readouterr()
    assert status == 2
    assert not acting(captured.out + captured.err)
    assert captured.out + captured.err


@pytest.mark.parametrize("value", ["\x9b\x7f\u202e\u2028", "é🙂\U000e0041", "plain", '"\\\n'])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_json_is_escaped_and_stays_the_same_value(value: str, ascii_only: bool) -> None:
    text = escaped_json(json.dumps({value: value}, ensure_ascii=False), ascii_only=ascii_only)
    assert json.loads(text) == {value: value}
    assert not acting(text)
    assert text.isascii() or not ascii_only
    assert "é" not in value or ascii_only or "é🙂" in text
    assert json.loads(error_json("kind", value, ascii_only=ascii_only))["error"]["message"] == value


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_ascii_terminal_is_told_everything(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content: dict[str, Any] = poison.poisoned(saved.case_json("demo-route-no-egress"), "app", "é✗")
    file = tmp_path / "case.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", out)
    assert main(["--replay", str(file), "--format", form]) == 1
    out.flush()
    text = out.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]
    if form == "json":
        assert "appé✗" in json.dumps(json.loads(text), ensure_ascii=False)
    else:
        assert text.startswith("x ")
