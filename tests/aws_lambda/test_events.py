"""Task events: which of them matter, who hears of them, and what a storm of them costs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from bot.aws_lambda import work
from bot.events.event import TaskEvent, failure_of
from bot.events.routes import Routes
from bot.events.tags import TagsLaterError
from demo.aws import ACCOUNT_ID
from demo.slack import LocalSlack
from handlers.ports import DiagnosisError
from tests.aws_lambda.cloud import IMAGE, NO_WAY, NOT_FOUND, Cloud, failing, lines, task_event
from tests.aws_lambda.conftest import Clock
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.bot.conftest import Script
from tests.build import reports

WINDOW = 300


def task_ids(count: int) -> list[str]:
    return [f"{number:032x}" for number in range(1, count + 1)]


def shown_count(slack: LocalSlack) -> int | None:
    (parent,) = slack.messages()
    found = re.search(r"failing since .+ · (\d+) tasks?", parent.plain)
    return int(found[1]) if found else None


# --- storms ------------------------------------------------------------------------------------------


def test_each_cause_has_its_own_thread(scripted: Cloud, script: Script) -> None:
    script.steps = [partial(reports.cause_at, f"rtb-{number}") for number in range(5)]
    denied = (
        "CannotPullContainerError: pull access denied, repository does not exist or may require authorization"
    )
    one, other = task_event("1" * 32), task_event("2" * 32, group="service:billing")
    third = task_event("3" * 32)
    third["detail"]["containers"][0]["reason"] = denied
    fourth = task_event("4" * 32, account="444455556666")
    fifth = task_event("5" * 32)
    fifth["detail"]["containers"][0]["image"] = IMAGE.replace("9.9.9", "9.9.8")

    assert scripted.deliver(one, other, third, fourth, fifth, task_event("6" * 32)) == []

    assert len(script.asked) == len(scripted.slack.messages()) == 5


def test_a_group_ends_when_no_event_follows_in_time(scripted: Cloud, script: Script, clock: Clock) -> None:
    scripted.deliver(task_event("1" * 32))
    clock.now += WINDOW - 1
    scripted.deliver(task_event("2" * 32))
    clock.now += WINDOW - 1
    scripted.deliver(task_event("3" * 32))
    assert len(script.asked) == 1

    clock.now += WINDOW + 1
    scripted.deliver(task_event("4" * 32))

    assert [target.task_id for target, _ in script.asked] == ["1" * 32, "4" * 32]
    assert len(scripted.slack.messages()) == 2


def test_a_service_that_fails_all_day_is_told_of_again(scripted: Cloud, script: Script, clock: Clock) -> None:
    for task_id in task_ids(30):
        scripted.deliver(task_event(task_id))
        clock.now += 200

    assert len(script.asked) == 2


# --- one cause of many services ----------------------------------------------------------------------


def stopped_services(slack: LocalSlack) -> list[str]:
    """The services that the messages name."""
    found = [re.search(r"stops \d+ services: (.+)", item.plain) for item in slack.messages()]
    return [match[1].replace("`", "") for match in found if match]


def test_the_same_text_from_the_same_subnet_is_not_diagnosed_again(scripted: Cloud, script: Script) -> None:
    scripted.deliver(*(failing(number, name) for number, name in enumerate(("api", "web", "jobs", "web"), 1)))
    scripted.drain()

    assert [target.service for target, _ in script.asked] == ["api"]
    assert shown_count(scripted.slack) == 4
    assert stopped_services(scripted.slack) == ["payments/api, payments/jobs, payments/web"]
    # Counted where it is told, too.
    scripted.deliver(failing(5, "jobs"))
    scripted.drain()
    assert shown_count(scripted.slack) == 5
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        failing(2, "web", "subnet-b"),
        failing(2, "web", account="444455556666"),
        failing(2, "web", stoppedReason=NO_WAY.replace("api.ecr", "api.other")),
        failing(2, "web", stoppedReason=NO_WAY.replace("44.213.79.10", "10.0.1.9")),
        failing(2, "web", attachments=[]),
    ],
    ids=["subnet", "account", "host", "address", "no-subnet"],
)
def test_what_the_event_tells_otherwise_is_diagnosed(scripted: Cloud, script: Script, other: Any) -> None:
    script.steps = [partial(reports.cause_at, "rtb-1"), partial(reports.cause_at, "rtb-2")]
    scripted.deliver(failing(1, "api"), other)

    assert [target.service for target, _ in script.asked] == ["api", "web"]
    assert len(scripted.slack.messages()) == 2


def test_a_cause_that_is_found_twice_is_told_once(scripted: Cloud, script: Script) -> None:
    """Another subnet, the same NAT gateway."""
    script.steps = [partial(reports.cause_at, "rtb-1", "nat-1"), partial(reports.cause_at, "rtb-2", "nat-1")]
    scripted.deliver(failing(1, "api"), failing(2, "web", "subnet-b"))
    scripted.drain()

    assert len(script.asked) == 2
    assert len(scripted.slack.messages()) == 1
    assert stopped_services(scripted.slack) == ["payments/api, payments/web"]
    # And what looks like the second one is known to be the same, too.
    scripted.deliver(failing(3, "jobs", "subnet-b"))
    scripted.drain()
    assert len(script.asked) == 2
    assert stopped_services(scripted.slack) == ["payments/api, payments/jobs, payments/web"]


@pytest.mark.parametrize(
    "found",
    [
        # Two causes; one that hangs on the puller's own security group; none.
        reports.cause_found,
        lambda: reports.cause_found(
            causes=(
                reports.no_route().model_copy(update={"id": "sg-egress-blocked", "resources": ("sg-1",)}),
            )
        ),
        reports.undecided,
    ],
    ids=["after-it-another", "of-the-puller", "undecided"],
)
def test_what_an_event_cannot_tell_is_diagnosed(scripted: Cloud, script: Script, found: Any) -> None:
    script.steps = [found]
    scripted.deliver(failing(1, "api"), failing(2, "web"))

    shared = found is reports.cause_found
    assert len(script.asked) == (1 if shared else 2)
    assert len(scripted.slack.messages()) == (2 if found is reports.undecided else 1)


def test_after_it_was_repaired_the_next_failure_is_diagnosed(scripted: Cloud, script: Script) -> None:
    slack = scripted.slack
    script.snapshot = script.snapshot.model_copy(
        update={"task": script.snapshot.task.model_copy(update={"value": _task(f"{1:032x}")})}
    )
    script.steps = [partial(reports.cause_at, "rtb-1"), reports.after_fix, partial(reports.cause_at, "rtb-1")]
    scripted.deliver(failing(1, "api"))
    (parent,) = slack.messages()
    scripted.deliver(json.loads(_rerun(scripted, parent.element("pullcheck.rerun")["value"])))

    scripted.deliver(failing(2, "web"))

    assert [target.service for target, _ in script.asked] == ["api", "api", "web"]
    assert len(slack.messages()) == 2


@pytest.mark.parametrize(
    ("created", "diagnosed"),
    [("2026-11-24T09:14:00Z", False), ("2026-11-24T09:16:00Z", True)],
    ids=["begun before the look", "begun after it"],
)
def test_a_service_that_joined_and_fails_after_the_repair_is_diagnosed_by_itself(
    scripted: Cloud, script: Script, created: str, diagnosed: bool
) -> None:
    """What began before the look that found the cause gone failed of that cause; what began after it did not."""
    slack = scripted.slack
    script.snapshot = script.snapshot.model_copy(
        update={"task": script.snapshot.task.model_copy(update={"value": _task(f"{1:032x}")})}
    )
    assert script.snapshot.taken_at.isoformat() == "2026-11-24T09:15:02+00:00"
    script.steps = [partial(reports.cause_at, "rtb-1"), reports.after_fix, partial(reports.cause_at, "rtb-1")]
    scripted.deliver(failing(1, "api"), failing(2, "web"))
    (parent,) = slack.messages()
    scripted.deliver(json.loads(_rerun(scripted, parent.element("pullcheck.rerun")["value"])))
    assert len(script.asked) == 2

    scripted.deliver(failing(3, "web", createdAt=created))

    assert [target.service for target, _ in script.asked[2:]] == (["web"] if diagnosed else [])
    assert len(slack.messages()) == (2 if diagnosed else 1)
    scripted.drain()
    assert "· 3 tasks ·" in slack.messages()[0].plain or diagnosed


def test_where_an_event_is_told_waits_for_its_tags(
    scripted: Cloud, script: Script, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a quarter of an hour; then it is told as if it had none."""
    slack = scripted.slack
    rules = [{"tag": "team=a", "channel": "mute"}, {"channel": slack.channel.id}]
    monkeypatch.setenv("PULLCHECK_ROUTES", json.dumps(rules))

    def later(*_: object) -> Mapping[str, str]:
        raise TagsLaterError("ecs:DescribeServices: timed out")

    monkeypatch.setattr(work, "read_tags", later)
    happened = datetime.fromtimestamp(clock.now, UTC).isoformat()
    scripted.deliver({**failing(1, "api"), "time": happened})
    assert not slack.messages()
    assert not script.asked

    clock.now += 901
    scripted.deliver({**failing(2, "api"), "time": happened})
    assert len(slack.messages()) == 1


def test_a_storm_of_many_services_names_the_first_and_counts_the_others(
    scripted: Cloud, script: Script
) -> None:
    scripted.deliver(*(failing(number, f"s{number:02}") for number in range(1, 31)))
    scripted.drain()

    assert len(script.asked) == 1
    (named,) = stopped_services(scripted.slack)
    assert named == "payments/s01, payments/s02, payments/s03, … and 27 more"


# --- twice, late, in any order -----------------------------------------------------------------------


def test_states_of_one_task_count_once_in_any_order(scripted: Cloud, script: Script, clock: Clock) -> None:
    scripted.deliver(task_event("1" * 32))
    scripted.deliver(task_event("2" * 32, version=6), task_event("2" * 32, version=5))
    scripted.deliver(task_event("1" * 32, version=7))
    scripted.drain()
    assert shown_count(scripted.slack) == 2

    clock.now += 20 * WINDOW
    scripted.deliver(task_event("1" * 32), task_event("2" * 32), task_event("2" * 32, version=9))

    assert len(script.asked) == len(scripted.slack.messages()) == 1


@pytest.mark.parametrize("versions", [(5, 6), (6, 5)])
def test_the_facts_of_the_latest_state_are_kept(
    scripted: Cloud, script: Script, slack: LocalSlack, versions: tuple[int, int]
) -> None:
    scripted.deliver(task_event("1" * 32))
    for version in versions:
        reason = f"{NOT_FOUND} ({version})"
        scripted.deliver(task_event("2" * 32, version=version, stoppedReason=reason))

    scripted.deliver(
        {
            "key": "k",
            "kind": "diagnose",
            "target": TaskEvent.model_validate(task_event("2" * 32)).target.model_dump(),  # type: ignore[union-attr]
            # Where the events are told, a link to that would be the answer.
            "channel": slack.add_channel("elsewhere").id,
            "user": slack.user.id,
        }
    )

    previous = script.asked[-1][1]
    assert previous is not None
    assert previous.source == "saved"
    assert "hunter2" not in previous.model_dump_json()
    assert previous.task.value.version == 6  # type: ignore[union-attr]


def test_a_count_waits_for_the_answer(scripted: Cloud, script: Script) -> None:
    """What is shown too early would be overwritten by the verdict."""

    def meanwhile() -> Any:
        assert scripted.deliver(task_event("2" * 32)) == []
        assert scripted.drain() == (1, 0)
        assert not scripted.slack.messages()
        return reports.cause_found()

    script.steps = [meanwhile]
    scripted.deliver(task_event("1" * 32))

    scripted.drain()

    assert shown_count(scripted.slack) == 2


def test_a_count_keeps_the_verdict_of_the_newest_run(scripted: Cloud, script: Script) -> None:
    slack = scripted.slack
    script.snapshot = script.snapshot.model_copy(
        update={"task": script.snapshot.task.model_copy(update={"value": _task("1" * 32)})}
    )
    script.steps = [reports.cause_found, reports.after_fix]
    scripted.deliver(task_event("1" * 32), task_event("2" * 32))
    (parent,) = slack.messages()
    rerun = json.loads(_rerun(scripted, parent.element("pullcheck.rerun")["value"]))
    assert scripted.deliver(rerun) == []
    assert "its image's tag does not exist" in slack.messages()[0].plain

    scripted.drain()

    assert shown_count(slack) == 2
    # The count is drawn into the newest verdict.
    assert "its image's tag does not exist" in slack.messages()[0].plain


def _task(task_id: str) -> Any:
    return TaskEvent.model_validate(task_event(task_id)).detail


def _rerun(cloud: Cloud, value: str) -> str:
    from handlers.views.values import read_value

    button = read_value(value)
    assert button is not None
    (parent,) = cloud.slack.messages()
    return json.dumps(
        {
            "key": "action 1",
            "kind": "rerun",
            "target": button.target.model_dump(),
            "channel": cloud.slack.channel.id,
            "user": cloud.slack.user.id,
            "thread_ts": parent.ts,
            "message_ts": parent.ts,
            "run_id": button.run_id,
        }
    )


def test_a_count_of_a_message_that_was_deleted_is_nowhere(scripted: Cloud) -> None:
    scripted.deliver(task_event("1" * 32), task_event("2" * 32))
    scripted.slack.delete(scripted.slack.messages()[0])

    assert scripted.drain() == (1, 0)

    assert not scripted.slack.messages()


# --- what is dropped ---------------------------------------------------------------------------------

OTHER_REASONS = [
    ("Essential container in task exited", "EssentialContainerExited"),
    ("Scaling activity initiated by (deployment ecs-svc/1234567890123456789)", "ServiceSchedulerInitiated"),
    ("OutOfMemoryError: Container killed due to memory usage", "EssentialContainerExited"),
    ("", "UserInitiated"),
]


@pytest.mark.parametrize(("reason", "code"), OTHER_REASONS, ids=[code for _, code in OTHER_REASONS])
def test_what_is_no_failed_pull_is_dropped(
    scripted: Cloud, script: Script, memory: MemoryDynamoDb, reason: str, code: str
) -> None:
    event = task_event(stoppedReason=reason, stopCode=code)
    event["detail"]["containers"][0]["reason"] = reason

    assert scripted.deliver(event) == []

    assert not script.asked
    assert not memory.items


@pytest.mark.parametrize(
    "changes",
    [
        {"lastStatus": "DEPROVISIONING"},
        {"taskArn": "arn:aws:ecs:us-east-1:999999999999:task/payments/" + "0" * 32},
        {"taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/payments/" + "0" * 32},
        {"taskArn": "arn:aws:ecs:us-east-1:111122223333:service/payments/api"},
    ],
    ids=["not stopped yet", "of another account", "of another Region", "no task"],
)
def test_what_is_not_about_a_stopped_task_of_the_sender_is_dropped(
    scripted: Cloud, script: Script, memory: MemoryDynamoDb, changes: dict[str, Any]
) -> None:
    assert scripted.deliver(task_event(**changes)) == []

    assert not script.asked
    assert not memory.items


def test_an_account_that_is_not_listed_is_dropped(
    cloud: Cloud, script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULLCHECK_ALLOWED_ACCOUNTS", "444455556666")
    cloud.handler = work.make(script)

    assert cloud.deliver(task_event()) == []

    assert not script.asked
    assert "Account 111122223333 is not one" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("everywhere", "here", "told"),
    [
        (ACCOUNT_ID, "444455556666", False),
        (ACCOUNT_ID, ACCOUNT_ID, True),
        ("444455556666", ACCOUNT_ID, True),
        ("444455556666", "444455556666", False),
        (ACCOUNT_ID, "", False),
    ],
)
def test_an_event_of_an_account_that_is_not_the_channels_is_not_told_there(
    scripted: Cloud, script: Script, monkeypatch: pytest.MonkeyPatch, everywhere: str, here: str, told: bool
) -> None:
    monkeypatch.setenv("PULLCHECK_ALLOWED_ACCOUNTS", everywhere)
    monkeypatch.setenv("PULLCHECK_CHANNEL_ACCOUNTS", f"{scripted.slack.channel.id}={here}")

    assert scripted.deliver(task_event()) == []

    assert (len(script.asked), len(scripted.slack.messages())) == (told, told)


def test_an_account_that_cannot_be_read_is_said_in_the_channel(scripted: Cloud, script: Script) -> None:
    def refused() -> Any:
        raise DiagnosisError("the app could not assume the role pullcheck-read in account 111122223333.")

    script.steps = [refused]

    assert scripted.deliver(task_event()) == []

    (parent,) = scripted.slack.messages()
    assert "could not assume the role" in parent.plain


# --- failures ----------------------------------------------------------------------------------------


def on_ec2(**changes: Any) -> dict[str, Any]:
    event = task_event(stoppedReason="Task failed to start", launchType="EC2", **changes)
    event["detail"]["containers"].insert(0, {"name": "zz", "image": "busybox", "lastStatus": "STOPPED"})
    return event


@pytest.mark.parametrize(
    ("event", "container"),
    [
        (task_event(), "app"),
        (on_ec2(), "app"),
        (task_event(containers=[{"name": "app", "image": IMAGE}]), "app"),
        (task_event(containers=[{"name": "a", "image": "nginx"}, {"name": "b", "image": IMAGE}]), "b"),
    ],
    ids=["in both places", "on the container", "on the task", "by its image"],
)
def test_the_failed_container_is_found(event: dict[str, Any], container: str) -> None:
    found = failure_of(TaskEvent.model_validate(event).detail)

    assert found is not None
    assert (found.symptom, found.container, found.image) == ("image-not-found", container, IMAGE)


# --- routes ------------------------------------------------------------------------------------------

ROUTES = [
    ({"channel": "C0000000A"}, "C0000000A"),
    ({"channel": "mute"}, None),
    ({"account": "444455556666", "channel": "C0000000A"}, "C0000000Z"),
    ({"account": "1111*", "channel": "C0000000A"}, "C0000000A"),
    ({"cluster": "pay*", "service": "*-api", "channel": "C0000000A"}, "C0000000A"),
    ({"cluster": "Pay*", "channel": "C0000000A"}, "C0000000Z"),
    ({"service": "family:*", "channel": "C0000000A"}, "C0000000Z"),
    ({"tag": "team=pay*", "channel": "C0000000A"}, "C0000000A"),
    ({"tag": "team=*", "cluster": "other", "channel": "C0000000A"}, "C0000000Z"),
    ({"tag": "owner=*", "channel": "C0000000A"}, "C0000000Z"),
]


@pytest.mark.parametrize(("rule", "channel"), ROUTES, ids=[json.dumps(rule) for rule, _ in ROUTES])
def test_the_first_rule_that_fits_decides(rule: dict[str, str], channel: str | None) -> None:
    routes = Routes.of(json.dumps([rule, {"channel": "C0000000Z"}, {"channel": "C0000000Y"}]))

    event = TaskEvent.model_validate(task_event())
    assert routes.channel(event, lambda _: {"team": "payments"}) == channel


def test_without_rules_nothing_is_told_and_no_tag_is_read() -> None:
    event = TaskEvent.model_validate(task_event())

    assert Routes.of("").channel(event, lambda _: pytest.fail("read")) is None
    assert Routes.of("[]").channel(event, lambda _: pytest.fail("read")) is None


def test_a_task_of_no_service_is_known_by_its_group() -> None:
    routes = Routes.of('[{"service": "family:report", "channel": "C0000000A"}]')

    assert routes.channel(TaskEvent.model_validate(task_event(group="family:report")), lambda _: {})


def test_what_is_muted_costs_no_diagnosis_and_is_kept_all_the_same(
    cloud: Cloud, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLCHECK_ROUTES", '[{"channel": "mute"}]')
    cloud.handler = work.make(script)
    assert cloud.deliver(task_event("1" * 32), task_event("2" * 32)) == []
    assert not script.asked
    assert not cloud.slack.calls("chat.postMessage")
    assert not cloud.waiting()

    for task_id in ("1" * 32, "2" * 32):
        target = TaskEvent.model_validate(task_event(task_id)).target
        assert target is not None
        cloud.deliver(
            {
                "key": task_id,
                "kind": "diagnose",
                "target": target.model_dump(),
                "channel": cloud.slack.channel.id,
                "user": cloud.slack.user.id,
            }
        )
        previous = script.asked[-1][1]
        assert previous is not None
        assert previous.task.value.task_arn == target.task_arn  # type: ignore[union-attr]


def test_the_log_names_the_run_of_an_event(scripted: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    scripted.context.aws_request_id = "request-7"
    scripted.deliver(task_event())

    (parent,) = scripted.slack.messages()
    run_id = json.loads(parent.element("pullcheck.rerun")["value"])["run_id"]
    logged = list(lines(capsys.readouterr().out))
    assert {line["request_id"] for line in logged if "message" in line} == {"request-7"}
    assert run_id in {line.get("run_id") for line in logged}
