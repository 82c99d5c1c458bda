"""A watch on Lambda: a message that SQS holds back between two looks, and no function that sleeps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.aws_lambda import work
from bot.queues.sqs import SqsQueue
from diagnostics.snapshot import Fact, Known, Task
from diagnostics.target import Target
from tests.aws_lambda.cloud import Cloud
from tests.aws_lambda.conftest import Clock
from tests.aws_lambda.test_worker import job
from tests.bot.conftest import Script
from tests.build import TASK_ARN, reports
from tests.build.targets import ACCOUNT


def test_a_look_is_a_message_of_its_own(
    cloud: Cloud, script: Script, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack, sent = cloud.slack, list[tuple[str, int]]()
    newest: list[Fact[Task | None]] = [Known(value=None)]
    looked: list[Target] = []

    def look(target: Target, /) -> Fact[Task | None]:
        looked.append(target)
        return newest[0]

    monkeypatch.setattr(SqsQueue, "send", lambda queue, body, *, delay=0: sent.append((body, delay)))
    cloud.make = lambda: work.make(script, clock, parallel=1, newest=look)
    assert cloud.deliver(job(slack)) == []
    (parent,) = slack.messages()
    (run_id,) = {
        json.loads(item["value"])["run_id"] for item in parent.elements if "run_id" in item.get("value", "")
    }
    press = job(
        slack, key="action 1 0", kind="watch_service", run_id=run_id, thread_ts=parent.ts, message_ts=parent.ts, replaces=True,
        user_name="alice",
    )  # fmt: skip

    assert cloud.deliver(press) == []

    for number in range(1, 20):
        ((body, delay),) = sent
        said: dict[str, Any] = json.loads(body)
        assert said["key"] == f"action 1 0 look {number}"
        assert 0 < delay <= 900
        sent.clear()
        clock.now += delay
        # SQS may deliver a message twice: the second one says and sends nothing.
        assert cloud.deliver(said) == []
        assert cloud.deliver(said) == []
    assert len(looked) == 19
    assert looked[0].account_id == ACCOUNT

    script.steps = [reports.has_pulled]
    newest[0] = Known(value=Task(task_arn=TASK_ARN[:-4] + "ffff", last_status="RUNNING"))
    ((body, _),) = sent
    sent.clear()
    assert cloud.deliver(json.loads(body)) == []
    assert cloud.deliver(json.loads(body)) == []

    assert sent == []
    assert [item.text.partition(": ")[2] for item in slack.thread(parent)[1:]] == [
        "payments-api: the next task pulled."
    ]
    (parent,) = slack.messages()
    assert parent.plain.startswith("🟢 *payments-api can pull again* · fixed ")
    assert "seen by alice" in parent.plain
    assert script.newest[-1] is True
