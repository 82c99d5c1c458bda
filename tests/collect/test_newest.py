"""The newest task of a service: what tells whether it pulled, and no more is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from diagnostics.collect import calls
from diagnostics.collect.newest import of_service
from diagnostics.collect.parsing import Found
from diagnostics.snapshot import Absent, CallerIdentity, Fact, Known, Task, Unavailable, Why
from tests.build.answers import Answers, known, replies
from tests.build.targets import ACCOUNT, REGION, service_target

TARGET = service_target()
BEGAN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DENIED = Unavailable(reason=Why.DENIED, call="ecs:ListTasks")
GONE: Fact[tuple[str, ...]] = Absent(call="ecs:ListTasks")


def made(name: str, minutes: int, service: str | None = TARGET.service) -> Task:
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{TARGET.cluster}/{name}"
    return Task(task_arn=arn, group=f"service:{service}", created_at=BEGAN + timedelta(minutes=minutes))


OLD, NEW, FOREIGN = made("old", 1), made("new", 2), made("foreign", 3, "other")


@pytest.mark.parametrize(
    ("listed", "tasks", "expected"),
    [
        (known(("a",)), known(Found((OLD, NEW), ())), Known(value=NEW)),
        (known(("a",)), known(Found((NEW, OLD, FOREIGN), ())), Known(value=NEW)),
        (known(()), known(Found((), ())), Known(value=None)),
        (known(("a",)), known(Found((), ())), Known(value=None)),
        (DENIED, known(Found((), ())), DENIED),
        (known(("a",)), DENIED, DENIED),
    ],
    ids=["newest", "of another service", "no task", "gone meanwhile", "lists denied", "tasks denied"],
)
def test_the_newest_task(listed: Fact[object], tasks: Fact[object], expected: Fact[Task | None]) -> None:
    answers = Answers(replies(list_tasks=listed, describe_tasks=tasks))

    assert of_service(TARGET, answers, REGION) == expected
    assert {call.operation for call in answers.asked} <= {calls.LIST_TASKS, calls.DESCRIBE_TASKS}


@pytest.mark.parametrize(
    ("account", "gone"), [(ACCOUNT, True), ("999999999999", False)], ids=["its own", "of another account"]
)
def test_only_its_own_account_says_that_a_service_is_gone(account: str, gone: bool) -> None:
    caller = known(CallerIdentity(account=account, arn="arn:any"))
    found = of_service(TARGET, Answers(replies(list_tasks=GONE, get_caller_identity=caller)), REGION)

    assert isinstance(found, Absent) == gone
    assert gone or (isinstance(found, Unavailable) and found.reason.why is Why.OTHER_ACCOUNT)
