"""What GitHub's runner, readers of JUnit XML and readers of Markdown make of a report, hostile texts in it included."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as xml

import pytest
from markdown_it import MarkdownIt

from diagnostics.finding import Report
from diagnostics.render import github_annotations, report_junit, step_summary
from diagnostics.render.github import MOST
from diagnostics.render.markdown import LARGEST_SUMMARY, markdown
from diagnostics.report import build
from tests.build import ec2, fargate, reports
from tests.build.planned import host_of, on_hosts, planned
from tests.build.saved import case
from tests.golden import assert_golden

from .schema import SCHEMA, Schema

POISON = "\r\n::error title=x::owned\n##[add-mask]x ::set-output name=a::b %0A%25, <img src=x onerror=alert(1)> [a](http://x.test) ![b](y) @everyone #1 `*_|~ ]]> & \x1b[31m \x00 \ufffe \u202e ```"


class Lazily(Mapping[str, Report]):
    """Reports by their names, each made when it is first asked for: each process of the tests imports this, and few need it."""

    def __init__(self, makers: Mapping[str, Callable[[], Report]]) -> None:
        self._makers = {name: functools.cache(make) for name, make in makers.items()}

    def __getitem__(self, name: str) -> Report:
        return self._makers[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


REPORTS = Lazily(
    {
        "cause": lambda: build(case("demo-route-no-egress")),
        "two causes": reports.cause_found,
        "undecided": reports.undecided,
        "gone": lambda: build(case("task-gone")),
        "healthy": lambda: build(case("healthy-nat")),
        "ended otherwise": lambda: build(case("essential-container-exited")),
        "planned": lambda: build(planned(fargate())),
        "planned, on hosts": lambda: build(on_hosts(ec2(), host_of(ec2()), host_of(ec2(), "i-0second"))),
    }
)


def poisoned(report: Report) -> Report:
    """The report in which every sentence ends in what could act somewhere."""
    content: Any = json.loads(report.to_json())

    def spoil(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: spoil(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [spoil(item, key) for item in value]
        texts = (
            "headline", "summary", "text", "what", "source", "caveats", "why", "why_ranked", "cli", "verify", "undo",
            "then", "warning", "resource", "containers", "cluster", "service", "task_definition", "reason", "resources",
        )  # fmt: skip
        told = isinstance(value, str) and key in texts and value not in ("live", "saved", "none")
        return f"{value}{POISON}" if told else value

    return Report.model_validate(spoil(content))


def _hostile(name: str) -> Report:
    return poisoned(REPORTS[name])


HOSTILE = Lazily({name: functools.partial(_hostile, name) for name in REPORTS})
EVERY = Lazily(
    {
        **{name: functools.partial(REPORTS.__getitem__, name) for name in REPORTS},
        **{f"hostile {name}": functools.partial(HOSTILE.__getitem__, name) for name in HOSTILE},
    }
)


# --- GitHub's runner ---------------------------------------------------------------------------------

_COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>[^:]*))?::(?P<data>.*)")
"""How the runner reads a line: https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs"""


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner reads it, its escapes undone."""
    found = _COMMAND.fullmatch(line)
    assert found is not None, line
    properties = {}
    for item in filter(None, (found["properties"] or "").split(",")):
        name, _, value = item.partition("=")
        for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            value = value.replace(escape, char)
        properties[name] = value
    data = found["data"]
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        data = data.replace(escape, char)
    return found["name"], properties, data


@pytest.mark.parametrize("name", EVERY)
def test_each_line_is_one_annotation_and_nothing_else(name: str) -> None:
    commands = [read(line) for line in github_annotations(EVERY[name]).split("\n")]
    assert {command for command, _, _ in commands} <= {"error", "warning", "notice"}
    assert {tuple(properties) for _, properties, _ in commands} == {("title",)}
    assert all(count <= MOST for count in Counter(command for command, _, _ in commands).values())
    assert all(char not in data for _, _, data in commands for char in "\x1b\x00\u202e\r")


def test_the_cause_comes_first() -> None:
    report = REPORTS["two causes"]
    command, properties, data = read(github_annotations(report).split("\n")[0])
    assert (command, report.causes[0].id in properties["title"]) == ("error", True)
    assert data.startswith(report.causes[0].summary)
    assert report.causes[0].fix.text in data


@pytest.mark.parametrize(
    ("name", "command"),
    [("undecided", "warning"), ("gone", "warning"), ("healthy", "notice"), ("planned", "notice")],
)
def test_without_a_cause_the_answer_is_annotated(name: str, command: str) -> None:
    first = read(github_annotations(REPORTS[name]).split("\n")[0])
    assert first[0] == command
    assert REPORTS[name].verdict.headline in first[2]


def test_more_than_are_shown_are_counted() -> None:
    report = REPORTS["cause"]
    (cause,) = report.causes_of("cause")
    many = report.model_copy(
        update={"causes": tuple(cause.model_copy(update={"id": f"cause-{n}"}) for n in range(14))}
    )
    commands = [read(line) for line in github_annotations(many).split("\n")]
    assert len(commands) == MOST
    assert commands[-1][1]["title"] == "5 more"


# --- JUnit -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
def test_junit_is_valid_by_the_schema(name: str) -> None:
    document = report_junit(EVERY[name])
    assert Schema(SCHEMA.read_text(encoding="utf-8")).complaints(document) == []
    (suite,) = xml.fromstring(document)
    cases = suite.findall("testcase")
    assert int(suite.attrib["tests"]) == len(cases)
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
    names = [(item.attrib["classname"], item.attrib["name"]) for item in cases]
    assert len(set(names)) == len(names), "GitLab shows only the first of equal names"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_line_of_junit_is_a_command(name: str) -> None:
    """A step that prints it to its log lets the runner read each line."""
    lines = report_junit(HOSTILE[name]).splitlines()
    assert [line for line in lines if line.lstrip().startswith("::")] == []


def test_the_schema_refuses_what_is_not_in_it() -> None:
    schema = Schema(SCHEMA.read_text(encoding="utf-8"))
    good = report_junit(REPORTS["cause"])
    for old, new, says in (
        ("<testsuites>", '<testsuites name="x">', "has a name"),
        ('hostname="localhost" ', "", "has no hostname"),
        ('time="0"', 'time="soon"', "has the time 'soon'"),
        ("<system-err />", "", "has no system-err"),
        ("</failure>", "</failure><skipped message='x'/>", "has 2 results"),
        ("<properties>", "<properties>text", "holds text"),
        ("<system-out>", "<extra/><system-out>", "has no system-out"),
    ):
        assert old in good
        assert any(says in item for item in schema.complaints(good.replace(old, new, 1))), new


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("cause", "failure"),
        ("undecided", "skipped"),
        ("gone", "skipped"),
        ("healthy", None),
        ("planned", None),
        ("ended otherwise", None),
    ],
)
def test_the_first_test_is_the_answer(name: str, result: str | None) -> None:
    (suite,) = xml.fromstring(report_junit(REPORTS[name]))
    case_ = suite.findall("testcase")[0]
    assert [item.tag for item in case_] == ([result] if result else [])
    if result:
        assert case_[0].attrib["message"] == " ".join(REPORTS[name].verdict.headline.split())


# --- Markdown ----------------------------------------------------------------------------------------

_ALLOWED = {
    "heading", "paragraph", "inline", "text", "bullet_list", "list_item", "code_inline", "strong", "fence", "blockquote",
    "softbreak", "link", "html_inline", "code_block",
}  # fmt: skip


def tokens(text: str) -> list[Any]:
    parsed = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    return [item for token in parsed for item in (token, *(token.children or ()))]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_acts_in_markdown(name: str) -> None:
    """Hostile texts make no other elements than the same report without them."""
    plain, hostile = tokens(markdown(REPORTS[name])), tokens(markdown(HOSTILE[name]))

    def made(found: list[Any]) -> Counter[str]:
        kinds = (item.type.removesuffix("_open") for item in found if not item.type.endswith("_close"))
        return Counter(kind for kind in kinds if kind not in ("text", "code_inline", "text_special"))

    assert made(hostile) == made(plain)
    assert {item.content for item in hostile if item.type in ("html_inline", "html_block")} <= {
        "<sub>",
        "</sub>",
    }
    links = {item.attrs["href"] for item in hostile if item.type == "link_open"}
    assert all(
        re.match(r"https://[a-z0-9.-]+\.(aws\.amazon\.com|amazonaws\.cn)/", str(link)) for link in links
    )
    written = "".join(item.content for item in hostile if item.type == "text")
    assert not re.search(r"@\w|://|(?<!\w)#\d", written), (
        "GitHub would make a mention, a link or a reference of it"
    )


def test_a_summary_keeps_the_cause_where_it_is_too_long() -> None:
    report = REPORTS["cause"]
    long = report.model_copy(
        update={
            "verdict": report.verdict.model_copy(
                update={"caveats": tuple(f"{'ä' * 4000} {n}" for n in range(300))}
            )
        }
    )
    text = step_summary(long)
    assert len(text.encode()) <= LARGEST_SUMMARY
    assert report.causes[0].summary[:40] in text
    assert text.endswith("1 MiB._\n")
    assert step_summary(report) == markdown(report) + "\n"


def test_golden() -> None:
    report = REPORTS["cause"]
    assert_golden("pipelines/github.txt", github_annotations(report) + "\n")
    assert_golden("pipelines/report.md", markdown(report))
    assert_golden("pipelines/planned.md", markdown(REPORTS["planned, on hosts"]))
