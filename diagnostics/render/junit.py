"""The report as JUnit XML, which GitLab, Jenkins, CodeBuild and others show as tests.

The format has no owner. What is written here is valid by both schemas that are in use: that of Ant's JUnit task
(https://github.com/windyroad/JUnit-Schema) and that of Jenkins (https://github.com/jenkinsci/xunit-plugin, junit-10.xsd). A failure is
what would stop a pull. What is not known is skipped with its reason, since an error would break a build that may be in order.
GitLab: https://docs.gitlab.com/ci/testing/unit_test_reports (of tests of equal names it shows the first)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple
from xml.etree import ElementTree as xml

from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Finding, Report, Status
from diagnostics.render.harmless import harmless, one_line

TestResult = Literal["passed", "failed", "skipped"]

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""https://www.w3.org/TR/xml/#charsets"""


class PullTest(NamedTuple):
    """One test: of what (a container, a subnet), its name, and what became of it."""

    of: str
    name: str
    result: TestResult
    message: str = ""
    text: str = ""
    kind: str = "pull"


class PullTestSuite(NamedTuple):
    """The tests of one task definition or service."""

    name: str
    tests: tuple[PullTest, ...]
    said: tuple[str, ...]
    report: Report


def report_junit(report: Report) -> str:
    """The report as one suite."""
    return suites_xml((suite_of(report),))


def suite_of(report: Report) -> PullTestSuite:
    """The tests of a report: first the answer, then every check of every subject."""
    name = (
        report.task.task_definition or report.task.service or report.task.arn or report.task.cluster or "pull"
    )
    tests = tuple(_distinct((_answer(report), *map(_test_of, report.findings))))
    return PullTestSuite(name.rpartition("/")[2] or name, tests, tuple(_said(report)), report)


def suites_xml(suites: tuple[PullTestSuite, ...]) -> str:
    """Suites as one document."""
    root = xml.Element("testsuites")
    for place, suite in enumerate(suites):
        root.append(_element(suite, place))
    xml.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml.tostring(root, encoding="unicode")}'


# --- what is tested ----------------------------------------------------------------------------------


def _answer(report: Report) -> PullTest:
    """The verdict itself, so that the suite fails exactly where a cause was found, also one that only a text shows."""
    outcome, headline = report.verdict.outcome, report.verdict.headline
    name = "The image can be pulled"
    if outcome == "cause_found":
        lines = [
            f"{item.id}: {one_line(item.summary)}\nFix: {one_line(item.fix.text)}"
            for item in report.causes_of("cause")
        ]
        return PullTest("verdict", name, "failed", headline, "\n\n".join(lines), outcome)
    if outcome in ("undecided", "task_gone"):
        return PullTest("verdict", name, "skipped", headline)
    return PullTest("verdict", name, "passed")


def _test_of(finding: Finding) -> PullTest:
    fault = ALL_FAULTS.get(finding.fault)
    of = finding.container or ", ".join(finding.containers) or finding.subnet or "task"
    where = [item for item in (finding.leg, finding.subnet, *finding.instances[:1]) if item and item != of]
    title = fault.title if fault is not None else finding.fault
    name = f"{title} ({', '.join(where)})" if where else title
    if finding.status is Status.FAIL:
        fix = [f"Fix: {finding.fix.text}"] if finding.fix is not None else []
        evidence = [f"- {item.what} ({item.source})" for item in finding.evidence]
        # A line that a name draws could be a command where the log is read for some (`::error::` of GitHub).
        text = "\n".join(map(one_line, (finding.summary, *evidence, *fix)))
        return PullTest(of, name, "failed", finding.summary, text, finding.fault)
    if finding.status in (Status.UNKNOWN, Status.SKIPPED):
        return PullTest(of, name, "skipped", finding.reason or finding.summary)
    return PullTest(of, name, "passed")


def _distinct(tests: tuple[PullTest, ...]) -> Iterator[PullTest]:
    seen: dict[tuple[str, str], int] = {}
    for item in tests:
        key = (item.of, item.name)
        seen[key] = seen.get(key, 0) + 1
        yield item if seen[key] == 1 else item._replace(name=f"{item.name} [{seen[key]}]")


def _said(report: Report) -> Iterator[str]:
    """What stands beside the tests: the answer, what warns, and what no API shows."""
    yield report.verdict.headline
    for item in report.findings:
        if item.status is Status.WARN:
            yield f"WARNING {item.fault}: {item.summary}"
    yield from report.verdict.caveats


# --- the XML -----------------------------------------------------------------------------------------


def _element(suite: PullTestSuite, place: int) -> xml.Element:
    results = [item.result for item in suite.tests]
    shot = suite.report.snapshot
    element = xml.Element(
        "testsuite",
        {
            "name": _token(suite.name),
            "package": "pullcheck",
            "id": str(place),
            "hostname": "localhost",
            "timestamp": f"{shot.taken_at:%Y-%m-%dT%H:%M:%S}",
            "time": f"{shot.seconds:.3f}",
            "tests": str(len(results)),
            "failures": str(results.count("failed")),
            "errors": "0",
            "skipped": str(results.count("skipped")),
        },
    )
    properties = xml.SubElement(element, "properties")
    for name, value in _properties(suite.report):
        xml.SubElement(properties, "property", {"name": name, "value": _line(value)})
    for item in suite.tests:
        element.append(_case(item))
    xml.SubElement(element, "system-out").text = _text("\n".join(map(one_line, suite.said)))
    xml.SubElement(element, "system-err").text = ""
    return element


def _case(test: PullTest) -> xml.Element:
    case = xml.Element("testcase", {"classname": _token(test.of), "name": _token(test.name), "time": "0"})
    if test.result == "failed":
        failure = xml.SubElement(case, "failure", {"message": _line(test.message), "type": _token(test.kind)})
        failure.text = _text(test.text)
    elif test.result == "skipped":
        xml.SubElement(case, "skipped", {"message": _line(test.message)})
    return case


def _properties(report: Report) -> Iterator[tuple[str, str]]:
    task = report.task
    rows = (
        ("outcome", report.verdict.outcome),
        ("account", task.account_id),
        ("region", task.region),
        ("cluster", task.cluster),
        ("service", task.service),
        ("task-definition", task.task_definition),
    )
    return ((name, value) for name, value in rows if value)


def _text(words: str) -> str:
    return _NOT_XML.sub("\ufffd", harmless(words))


def _line(words: str) -> str:
    return " ".join(_text(words).split())


def _token(words: str) -> str:
    return _line(words) or "-"
