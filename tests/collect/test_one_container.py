"""A container of a task that cannot be read costs no other, and lets nobody say that all is well."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import report
from diagnostics.collect import calls
from diagnostics.collect.parsing import UnexpectedAnswerError
from diagnostics.snapshot import Snapshot, Task
from tests.build import TASK_ARN, changed, fargate, stopped, task_of
from tests.verdict.test_worlds import no_tag

GOOD = {"name": "app", "image": "nginx", "reason": "CannotPullContainerError: context canceled"}
BAD: tuple[Any, ...] = ({}, {"name": 7}, {"image": "nginx"}, "text", None, {"name": "b", "reason": {"a": 1}})


def parsed(*containers: Any) -> Task:
    answer = {"tasks": [{"taskArn": TASK_ARN, "containers": list(containers)}], "failures": []}
    (task,) = calls.DESCRIBE_TASKS.parse(answer).items  # type: ignore[union-attr]
    return task


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_the_others_are_read(bad: Any) -> None:
    task = parsed(bad, GOOD)
    assert [item.name for item in task.containers] == ["app"]
    assert task.unread_containers == 1
    assert Task.model_validate_json(task.model_dump_json(by_alias=True)) == task


def test_all_of_them_are_read() -> None:
    assert parsed(GOOD, {"name": "b"}).unread_containers == 0


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_none_of_them_is_no_task(bad: Any) -> None:
    with pytest.raises(UnexpectedAnswerError, match="none of tasks can be read"):
        parsed(bad)
    with pytest.raises(UnexpectedAnswerError, match="none of tasks can be read"):
        parsed(bad, bad)


def world(*edits: Any) -> Snapshot:
    def another(facts: dict[str, Any]) -> None:
        task_of(facts)["containers"].append({"name": 7})

    return changed(fargate(), *edits, another)


def test_nothing_is_wrong_is_not_said() -> None:
    assert report.build(changed(fargate())).verdict.outcome == "nothing_wrong"
    answer = report.build(world())
    assert answer.verdict.outcome == "undecided"
    assert any("one of the task's containers could not be read" in item for item in answer.verdict.caveats)


def test_nor_that_no_pull_failed() -> None:
    exited = stopped("Essential container in task exited")
    assert report.build(changed(fargate(), exited)).verdict.outcome == "not_a_pull_failure"
    assert report.build(world(exited)).verdict.outcome == "undecided"


def test_what_the_others_show_is_a_cause_all_the_same() -> None:
    text = stopped("CannotPullContainerError: failed to resolve ref payments-api:1.4.2: not found")
    answer = report.build(world(no_tag, text))
    assert [item.id for item in answer.causes] == ["tag-not-found"]
