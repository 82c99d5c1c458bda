"""Addresses: links where the terminal shows them, else printed once; nothing in them ends the escape sequence."""

from __future__ import annotations

import io
import re

import pytest

from diagnostics.finding import Report
from diagnostics.render import HarmlessConsole, render_report
from diagnostics.render.lines import linked
from diagnostics.render.links import shows_links
from tests.cases.saved import judged

_OSC_8 = re.compile("\x1b]8;[^;]*;([^\x1b]*)\x1b\\\\")


def terminal(**options: object) -> HarmlessConsole:
    told = {"width": 100, "force_terminal": True, "color_system": "standard", "_environ": {}, **options}
    return HarmlessConsole(file=io.StringIO(), **told)


@pytest.mark.parametrize(
    ("environment", "shows"),
    [
        ({}, False),
        ({"TERM": "xterm-256color"}, False),
        ({"TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "alacritty"}, True),
        ({"WT_SESSION": "1"}, True),
        ({"VTE_VERSION": "7600"}, True),
        ({"VTE_VERSION": "4205"}, False),
        ({"VTE_VERSION": "a\x1b"}, False),
        ({"VTE_VERSION": "7600", "TMUX": "/tmp/x"}, False),
        ({"VTE_VERSION": "7600", "TERM": "screen-256color"}, False),
        ({"FORCE_HYPERLINK": "1"}, True),
        ({"FORCE_HYPERLINK": "0", "TERM_PROGRAM": "iTerm.app"}, False),
    ],
)
def test_links_are_for_terminals_that_show_them(environment: dict[str, str], shows: bool) -> None:
    assert shows_links(terminal(), environment) is shows
    assert not shows_links(terminal(force_terminal=False), environment)
    assert not shows_links(terminal(color_system=None), environment)
    assert not shows_links(terminal(_environ={"TERM": "dumb"}), environment)


def shown(report: Report, verbose: bool, environment: dict[str, str]) -> str:
    console = terminal()
    render_report(report, console, verbose=verbose, environment=environment)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return text


@pytest.mark.parametrize("verbose", [False, True])
def test_an_address_is_a_link_or_printed_once(verbose: bool) -> None:
    report = judged("demo-repo-policy-denies")
    url = report.causes[0].console_url
    assert url is not None
    text = shown(report, verbose, {"FORCE_HYPERLINK": "1"})
    assert [found for found in _OSC_8.findall(text) if found] == [url]
    assert url not in _OSC_8.sub("", text)
    text = shown(report, verbose, {})
    assert "\x1b]8" not in text
    assert text.count(url) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://x/\x1b\\y",
        "https://x/\x07",
        "https://x/ y",
        "javascript:alert(1)",
        "https://x/\u202e",
        "https://x/\x9c",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_could_end_the_sequence_is_no_link(url: str) -> None:
    console = terminal()
    console.print(linked("page", url))
    assert "\x1b]8" not in console.file.getvalue()  # type: ignore[attr-defined]
    assert linked("page", "https://x/y").style.link == "https://x/y"  # type: ignore[union-attr]
