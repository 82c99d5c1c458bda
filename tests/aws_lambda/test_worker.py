"""The worker: killed in the middle, delivered twice, delivered late; nothing is lost and nothing is said twice."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from bot.aws_lambda import work
from bot.aws_lambda.settings import SettingsError
from bot.queues.sqs import SqsQueue
from demo.slack import LocalSlack
from diagnostics.finding import Report
from tests.aws_lambda.cloud import Cloud, Killed, task_event
from tests.aws_lambda.conftest import Clock
from tests.bot.conftest import Script
from tests.build import reports

LEASE = 80.0
TARGET = reports.TARGET.model_dump()


def job(slack: LocalSlack, **changes: Any) -> dict[str, Any]:
    values = {
        "key": "command 1.2.3",
        "kind": "diagnose",
        "target": reports.TARGET.model_dump(),
        "channel": slack.channel.id,
        "user": slack.user.id,
    }
    return {**values, **changes}


def killed() -> Report:
    raise Killed


def posts(slack: LocalSlack) -> int:
    return len(slack.calls("chat.postMessage"))


@pytest.fixture(params=["job", "event"])
def message(request: pytest.FixtureRequest, slack: LocalSlack) -> dict[str, Any]:
    return job(slack) if request.param == "job" else task_event()


def test_what_is_told_is_sent_at_the_end_of_the_invocation(
    scripted: Cloud, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then Lambda freezes the function; where it fails, what it told is of most interest."""
    sent: list[int] = []

    def said() -> int:
        return sum(len(scripted.slack.calls(name)) for name in ("chat.postMessage", "chat.update"))

    monkeypatch.setattr("bot.telemetry.flush", lambda: sent.append(said()))
    script.steps = [killed, reports.cause_found]
    with pytest.raises(Killed):
        scripted.deliver(job(scripted.slack))
    assert len(sent) == 1
    scripted.deliver(job(scripted.slack, key="command 4.5.6"))
    assert sent[1:] == [said()]


def test_a_worker_that_is_killed_in_the_middle_loses_nothing_and_says_nothing_twice(
    scripted: Cloud, script: Script, clock: Clock, message: dict[str, Any]
) -> None:
    slack = scripted.slack
    script.steps = [killed, reports.cause_found]
    with pytest.raises(Killed):
        scripted.deliver(message)
    # Where nobody waits, nothing is shown before there is a verdict.
    begun = [item.ts for item in slack.messages()]
    assert len(begun) == ("kind" in message)

    # Delivered again while the lease runs: somebody else may be at it, so it is not settled and not done.
    assert scripted.deliver(message) == ["0"]
    assert len(script.asked) == 1

    clock.now += LEASE + 1
    assert scripted.deliver(message) == []

    (parent,) = slack.messages()
    assert begun in ([], [parent.ts])
    assert "cannot start: " in parent.plain
    assert len(slack.thread(parent)) == 1
    assert posts(slack) == 2

    clock.now += 86_400
    assert scripted.deliver(message) == []
    assert (len(script.asked), posts(slack)) == (2, 2)


def test_a_message_that_comes_twice_at_once_is_answered_once(
    scripted: Cloud, script: Script, message: dict[str, Any]
) -> None:
    started, ready = threading.Event(), threading.Event()

    def slow() -> Report:
        started.set()
        assert ready.wait(30)
        return reports.cause_found()

    script.steps = [slow]
    first: list[list[str]] = []
    thread = threading.Thread(target=lambda: first.append(scripted.deliver(message)))
    thread.start()
    assert started.wait(30)
    second = scripted.deliver(message)
    ready.set()
    thread.join()

    assert (first, second) == ([[]], ["0"])
    assert scripted.deliver(message) == []
    assert (len(script.asked), posts(scripted.slack)) == (1, 2)


def test_what_slack_does_not_take_comes_again(
    scripted: Cloud, script: Script, message: dict[str, Any]
) -> None:
    scripted.slack.fail("chat.postMessage", "restricted_action", times=None)
    assert scripted.deliver(message) == ["0"]
    assert not scripted.slack.messages()

    scripted.slack._script.failures.clear()
    assert scripted.deliver(message) == []

    (parent,) = scripted.slack.messages()
    assert "cannot start: " in parent.plain


def test_a_job_that_a_person_waits_for_goes_before_events(scripted: Cloud, script: Script) -> None:
    scripted.deliver(task_event("1" * 32), job(scripted.slack), task_event("2" * 32))

    assert [target.task_id for target, _ in script.asked] == [reports.TARGET.task_id, "1" * 32]


def test_nothing_is_begun_that_cannot_be_finished(scripted: Cloud, script: Script) -> None:
    scripted.context.seconds = 29

    assert scripted.deliver(job(scripted.slack)) == []

    assert not script.asked
    assert not scripted.slack.messages()
    # It is on its queue again, as a new message.
    queue = scripted.aws.client("sqs").get_queue_attributes(
        QueueUrl=scripted.queue_url, AttributeNames=["All"]
    )
    assert queue["Attributes"]["ApproximateNumberOfMessagesDelayed"] == "1"


def test_the_messages_of_a_batch_are_worked_on_beside_each_other(
    scripted: Cloud, script: Script, clock: Clock
) -> None:
    together = threading.Barrier(work.PARALLEL, timeout=60)

    def meets() -> Report:
        together.wait()
        return reports.cause_found()

    script.steps = [meets]
    scripted.handler = work.make(script, clock, parallel=work.PARALLEL)
    jobs = [
        job(scripted.slack, key=f"k{number}", target={**TARGET, "task_id": f"{number:032x}"})
        for number in range(work.PARALLEL)
    ]
    assert scripted.deliver(*jobs) == []

    assert len(script.asked) == len(scripted.slack.messages()) == work.PARALLEL


@pytest.mark.parametrize(
    "body",
    [
        "nonsense",
        "[" * 100_000,
        "[]",
        "{}",
        '{"kind": "recount"}',
        json.dumps({"detail-type": "ECS Task State Change"}),
        json.dumps({"kind": "diagnose", "response_url": "https://127.0.0.1/answers/secret", "more": 1}),
    ],
    ids=["no JSON", "100,000 lists", "no object", "nothing", "half a recount", "half an event", "half a job"],
)  # fmt: skip
def test_a_message_that_nobody_understands_ends_with_the_dead_letters(
    scripted: Cloud, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scripted.deliver(body, job(scripted.slack)) == ["0"]

    assert len(scripted.slack.messages()) == 1
    logged = capsys.readouterr().out
    assert "cannot be read" in logged
    assert "secret" not in logged


def test_a_failed_message_comes_again_soon_and_later_each_time(
    scripted: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden: list[int] = []
    monkeypatch.setattr(SqsQueue, "hide", lambda self, handle, seconds: hidden.append(seconds))
    scripted.aws.client("sqs").send_message(QueueUrl=scripted.queue_url, MessageBody="nonsense")

    for _ in range(4):
        assert scripted.drain() == (0, 1)

    # `waiting` receives each message twice to be sure that it has all of them.
    assert hidden == [20, 180, 300, 300]


def test_a_hidden_message_is_shown_when_it_was_said(cloud: Cloud) -> None:
    cloud.build(visibility=3600)
    client = cloud.aws.client("sqs")
    queue = SqsQueue(client, cloud.queue_url)
    queue.send("one")
    (first,) = client.receive_message(QueueUrl=cloud.queue_url)["Messages"]
    assert "Messages" not in client.receive_message(QueueUrl=cloud.queue_url)

    queue.hide(first["ReceiptHandle"], 0)

    assert client.receive_message(QueueUrl=cloud.queue_url)["Messages"][0]["Body"] == "one"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PULLCHECK_TABLE", None, "missing: PULLCHECK_TABLE"),
        ("PULLCHECK_ROUTES", "{}", "PULLCHECK_ROUTES: "),
        ("PULLCHECK_ROUTES", '[{"channel": "C012"}, {"chanel": "C012"}]', r"PULLCHECK_ROUTES: rule 2\."),
        ("PULLCHECK_ROUTES", '[{"channel": "#payments"}]', r"PULLCHECK_ROUTES: rule 1\.channel"),
        ("PULLCHECK_GROUP_SECONDS", "0", "PULLCHECK_GROUP_SECONDS"),
    ],
)
def test_a_wrong_setting_is_named(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, says: str
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=says):
        work.make()
