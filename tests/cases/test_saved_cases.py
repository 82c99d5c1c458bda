"""Every saved case gets the answer that belongs to it, and nothing healthy beside it is accused."""

from __future__ import annotations

import json

import jsonschema
import pytest

from diagnostics.finding import Report
from tests.cases.saved import EXPECTED, FOLDER, NAMES, judged
from tests.golden import assert_golden, report_text
from tests.rows import every_row


def test_each_case_has_its_expectation() -> None:
    saved = {path.stem for path in FOLDER.glob("*.json")} - {"expected"}
    assert saved == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_answer(name: str) -> None:
    expected, report = EXPECTED[name], judged(name)
    assert report.verdict.outcome == expected["outcome"]
    named = [item for item in report.causes if item.role == "cause"]
    if expected["outcome"] != "cause_found":
        assert named == []
        return
    assert [item.id for item in named] == [expected["fault"]]
    assert set(expected["resources"]) <= set(named[0].resources)


@every_row("name", NAMES)
def test_the_symptom(name: str) -> None:
    expected = EXPECTED[name]["symptom"]
    shown = [item.id for item in judged(name).verdict.symptoms if item.id != "none"]
    # The task that ECS has forgotten takes its text with it.
    gone = EXPECTED[name]["outcome"] == "task_gone"
    assert shown == ([expected] if expected and not gone else [])


@every_row("name", NAMES)
def test_a_cause_carries_all_that_a_person_needs(name: str) -> None:
    for cause in judged(name).causes:
        assert cause.summary
        assert cause.why_ranked
        assert cause.evidence
        assert cause.resources
        assert cause.fix.text
        if cause.role == "cause":
            assert cause.console_url
            # What the organization's management account keeps nobody can change from here.
            assert cause.fix.cli or cause.id in ("scp-denies", "rcp-denies")
            assert cause.fix.verify


@every_row("name", NAMES)
def test_no_check_crashes_or_forgets_a_fault(name: str) -> None:
    reasons = [item.reason or "" for item in judged(name).findings]
    assert [reason for reason in reasons if reason.startswith("this check")] == []


@pytest.mark.parametrize("name", NAMES)
def test_golden_report(name: str) -> None:
    assert_golden(f"reports/{name}.json", report_text(judged(name)))


SCHEMA = Report.model_json_schema(by_alias=True, mode="serialization")
CONTRACT = jsonschema.Draft202012Validator(SCHEMA)


def test_the_contract_is_a_schema() -> None:
    CONTRACT.check_schema(SCHEMA)


@every_row("name", NAMES)
def test_the_report_keeps_its_contract(name: str) -> None:
    CONTRACT.validate(json.loads(judged(name).to_json()))
