"""The buttons and the menu under a verdict, pressed in a real Slack client's way: nothing is said twice, nothing is lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.app import create_app
from bot.settings import Settings
from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack, Message, dispatch_to
from demo.slack.methods import DEFAULT_SCOPES
from diagnostics.finding import Change, Report, Status
from handlers import ids
from handlers.kinds import DIAGNOSE
from handlers.ports import Accounts, Listening, Services
from handlers.running import JobOutcome, run_job
from tests.bot.conftest import AtOnce, Script
from tests.build import TASK_ARN, reports
from tests.handlers.answers import FAULTS
from tests.handlers.test_kinds import Line

CLOCK = [1_795_600_000.0]


class Desk:
    """A channel with a thread in it, and the app at work."""

    def __init__(self, slack: LocalSlack, line: Line) -> None:
        self.slack, self.line = slack, line
        self.script = Script()
        self.store = SqliteRuns(":memory:", clock=lambda: CLOCK[0])
        self.services = Services(
            slack=WebClient(slack.bot_token, base_url=slack.api_url),
            diagnose=self.script,
            runs=self.store,
            fault=FAULTS.get,
            lease=60,
            pace=AtOnce(),
            strict=True,
        )

    def ask(self) -> Message:
        """Ask about the task; the parent message of the answer."""
        self.slack.command(ids.COMMAND, TASK_ARN)
        self.work()
        return self.parent

    @property
    def parent(self) -> Message:
        """The parent message as it stands now."""
        (message,) = [item for item in self.slack.messages() if item.author == self.slack.bot.id]
        return message

    def press(self, message: Message, action: str, **how: Any) -> None:
        """Press a button as the message showed it, whatever it shows by now."""
        now = self.slack.workspace.find(message.channel, message.ts)
        with self.slack.workspace.changed:
            shown = self.slack.workspace._messages[message.channel]
            shown[message.ts] = message
            self.slack.click(message, action, **how)
            if now is None:
                del shown[message.ts]
            else:
                shown[message.ts] = now

    def work(self) -> list[JobOutcome]:
        """Do what waits."""
        done = []
        while self.line.jobs:
            done.append(run_job(self.line.jobs.pop(0), self.services))
        return done

    @property
    def replies(self) -> list[str]:
        """What stands in the thread, without the parent."""
        return [item.plain for item in self.slack.thread(self.parent)]

    @property
    def told(self) -> list[str]:
        """What somebody was told alone."""
        people = (self.slack.user, self.slack.other_user)
        return [item.plain for who in people for item in self.slack.ephemeral(user=who)]


@pytest.fixture
def open_desk() -> Iterator[Callable[..., Desk]]:
    with ExitStack() as stack:

        def make(*scopes: str) -> Desk:
            slack = stack.enter_context(LocalSlack(scopes=(*DEFAULT_SCOPES, *scopes)))
            line = Line()
            settings = Settings(
                slack_bot_token=slack.bot_token,  # type: ignore[arg-type]
                slack_signing_secret=slack.signing_secret,  # type: ignore[arg-type]
                slack_api_url=slack.api_url,
            )
            stack.enter_context(slack.over_http(dispatch_to(create_app(settings, Listening(line)))))
            desk = Desk(slack, line)
            stack.callback(desk.store.close)
            return desk

        yield make


@pytest.fixture
def desk(open_desk: Callable[..., Desk]) -> Desk:
    return open_desk()


def unchanged() -> Report:
    """The same cause as before."""
    still = Change(fault="route-no-egress", was=Status.FAIL, is_=Status.FAIL, resources=("rtb-1",))
    return reports.cause_found(changes=(still,))


def repaired() -> Report:
    """Nothing is wrong any more."""
    gone = Change(fault="route-no-egress", was=Status.FAIL, is_=Status.PASS, resources=("rtb-1",))
    return reports.nothing_wrong(changes=(gone,))


# --- Re-run ------------------------------------------------------------------------------------------


def test_a_rerun_edits_the_parent_at_once_and_leaves_the_old_verdict_below(desk: Desk) -> None:
    before = desk.ask()
    seen: list[Message] = []

    def step() -> Report:
        seen.append(desk.parent)
        return unchanged()

    desk.script.steps = [step]
    desk.press(before, ids.RERUN)
    desk.work()

    (under_way,) = seen
    assert under_way.plain.startswith("⏳ Re-running for alice …")
    assert "its subnet has no way to ECR" in under_way.plain
    assert under_way.action_ids == ()
    assert (under_way.ts, under_way.text) == (before.ts, "Re-running for alice …")


def test_a_rerun_without_change_costs_one_line(desk: Desk) -> None:
    before = desk.ask()
    count = len(desk.replies)
    desk.script.steps = [unchanged]

    desk.press(before, ids.RERUN)
    desk.work()

    assert [text.split(": ", 1)[1] for text in desk.replies[count:]] == ["nothing has changed."]
    assert desk.replies[count].startswith("alice, ")
    # Nobody is mentioned again.
    assert "<@" not in "".join((desk.replies[count], desk.parent.plain))


def test_a_rerun_after_the_repair_shrinks_the_buttons(desk: Desk) -> None:
    before = desk.ask()
    desk.script.steps = [repaired]

    desk.press(before, ids.RERUN, user=desk.slack.other_user)
    desk.work()

    assert desk.parent.plain.startswith("🟢 *payments-api can pull again* · fixed ")
    assert "seen by bob" in desk.parent.plain
    assert desk.parent.action_ids == (ids.NEWEST,)
    assert desk.replies[-1].endswith("✅ fixed `route-no-egress`")


def test_only_new_causes_are_explained_again(desk: Desk) -> None:
    before = desk.ask()
    count = len(desk.replies)
    desk.script.steps = [reports.after_fix]

    desk.press(before, ids.RERUN)
    desk.work()

    line, details = desk.replies[count:]
    assert "✅ fixed" in line
    assert details.startswith("*Fix for payments-api*")
    assert "create-route" not in details


def test_the_second_press_of_a_double_click_does_nothing(desk: Desk) -> None:
    before = desk.ask()
    desk.script.steps = [unchanged]

    desk.press(before, ids.RERUN)
    desk.press(before, ids.RERUN)
    desk.work()

    assert len(desk.script.asked) == 2
    assert sum("nothing has changed" in text for text in desk.replies) == 1
    assert ["was checked again since" in text for text in desk.told] == [True]
    # Whoever presses what the message shows now is heard.
    desk.press(desk.parent, ids.RERUN)
    desk.work()
    assert len(desk.script.asked) == 3


def test_a_rerun_of_a_deleted_parent_answers_all_the_same(desk: Desk) -> None:
    before = desk.ask()
    desk.script.steps = [unchanged]
    desk.services.slack.chat_delete(channel=before.channel, ts=before.ts)

    desk.press(before, ids.RERUN)
    desk.work()

    assert desk.parent.ts != before.ts
    assert "its subnet has no way to ECR" in desk.parent.plain


# --- Check newest task -------------------------------------------------------------------------------


def newest() -> Report:
    """The same cause, of another task."""
    report = unchanged()
    arn = TASK_ARN[:-4] + "ffff"
    return report.model_copy(update={"task": report.task.model_copy(update={"arn": arn})})


def test_the_newest_task_is_looked_at_in_the_same_thread(desk: Desk) -> None:
    before = desk.ask()
    count = len(desk.replies)
    desk.script.steps = [newest]

    desk.press(before, ids.NEWEST)
    desk.work()

    target, previous = desk.script.asked[-1]
    assert (target.kind, target.cluster, target.service) == ("service", "payments", "payments-api")
    assert previous is not None
    assert desk.parent.ts == before.ts
    (line,) = desk.replies[count:]
    assert line.endswith(": newest task `01234567`: nothing has changed.")
    # From now on the message is about that task.
    desk.press(desk.parent, ids.RERUN)
    desk.work()
    assert desk.script.asked[-1][0].task_id == newest().task.arn.rpartition("/")[2]  # type: ignore[union-attr]


def test_where_there_is_no_newer_task_that_is_said(desk: Desk) -> None:
    before = desk.ask()
    desk.script.steps = [unchanged]

    desk.press(before, ids.NEWEST)
    desk.work()

    assert desk.replies[-1].endswith(": there is no newer task; nothing has changed.")


@pytest.mark.parametrize(
    ("step", "line", "parent", "actions"),
    [
        (
            reports.has_pulled,
            "newest task `01234567` has pulled; 🟢 payments-api can pull again",
            "🟢 *payments-api can pull again* · fixed ",
            (ids.NEWEST,),
        ),
        (
            reports.starting,
            "newest task `01234567` is pending and has not pulled yet. Check again in a minute.",
            "🔴 *payments-api cannot start: ",
            None,
        ),
        (
            lambda: reports.starting("PROVISIONING", changes=repaired().changes),
            "newest task `01234567` is provisioning and has not pulled yet; ✅ fixed `route-no-egress`. Check again in a minute.",
            "🔴 *payments-api cannot start: ",
            None,
        ),
        (
            lambda: reports.cause_found(task=reports.newest_task("PENDING"), changes=unchanged().changes),
            "newest task `01234567`: nothing has changed.",
            "🔴 *payments-api cannot start: ",
            None,
        ),
        (
            reports.unread,
            "the newest task could not be read (`ecs:ListTasks`: denied), so that nothing is decided.",
            "🔴 *payments-api cannot start: ",
            None,
        ),
        (
            lambda: reports.undecided().model_copy(update={"task": reports.newest_task("RUNNING")}),
            "newest task `01234567` has pulled; 🟡 ",
            "🟡 ",
            None,
        ),
        (
            lambda: reports.undecided().model_copy(update={"task": reports.newest_task("STOPPED", "EssentialContainerExited")}),
            "newest task `01234567` has pulled; 🟡 ",
            "🟡 ",
            None,
        ),
    ],
    ids=["pulled", "pending", "pending, and fixed", "pending, and would fail", "denied", "runs, and nothing failed before", "ran and ended"],
)  # fmt: skip
def test_what_the_newest_task_tells(
    desk: Desk, step: Callable[[], Report], line: str, parent: str, actions: tuple[str, ...] | None
) -> None:
    before = desk.ask()
    count = len(desk.replies)
    desk.script.steps = [step]

    desk.press(before, ids.NEWEST, user=desk.slack.other_user)
    desk.work()

    assert desk.script.newest[-1] is True
    (said,) = desk.replies[count:]
    assert said.partition(", ")[0] == "bob"
    assert line in said
    # What notifies claims no more than the line.
    assert ("can pull again" in desk.slack.thread(desk.parent)[-1].text) == (actions is not None)
    assert desk.parent.plain.startswith(parent)
    assert ("seen by bob" in desk.parent.plain) == (actions is not None)
    assert desk.parent.action_ids == (actions or desk.parent.action_ids)
    assert actions is not None or ids.RERUN in desk.parent.action_ids


def test_what_could_not_be_told_yet_is_told_by_the_next_press(desk: Desk) -> None:
    before = desk.ask()
    desk.script.steps = [reports.starting]
    desk.press(before, ids.NEWEST)
    desk.work()
    desk.script.steps = [reports.has_pulled]

    # The message shows the same verdict, so that its buttons are not stale.
    desk.press(before, ids.NEWEST)
    desk.work()

    assert desk.told == []
    assert desk.parent.plain.startswith("🟢 *payments-api can pull again* · fixed ")


@pytest.mark.parametrize(
    ("step", "stays"),
    [
        (reports.nothing_wrong, True),
        (lambda: reports.has_pulled(recovered=False), True),
        (lambda: reports.has_pulled(recovered=False, task=reports.task()), False),
        (reports.cause_found, False),
    ],
    ids=["fine", "runs", "undecided", "fails again"],
)
def test_what_can_pull_again_is_not_put_in_other_words(
    desk: Desk, step: Callable[[], Report], stays: bool
) -> None:
    before = desk.ask()
    desk.script.steps = [repaired]
    desk.press(before, ids.RERUN)
    desk.work()
    desk.script.steps = [step]

    for _ in range(2):
        desk.press(desk.parent, ids.NEWEST)
        desk.work()

    assert desk.parent.plain.startswith("🟢 *payments-api can pull again* · fixed ") is stays
    assert desk.replies[-1].endswith("nothing has changed.")


def test_that_a_task_has_pulled_is_told_though_it_was_known_to_be_fixed(desk: Desk) -> None:
    before = desk.ask()
    desk.script.steps = [repaired]
    desk.press(before, ids.RERUN)
    desk.work()
    desk.script.steps = [reports.has_pulled]

    desk.press(desk.parent, ids.NEWEST)
    desk.work()

    assert desk.replies[-1].endswith(": newest task `01234567` has pulled.")
    assert desk.slack.thread(desk.parent)[-1].text.endswith(": the newest task has pulled.")
    assert desk.parent.plain.startswith("🟢 *payments-api can pull again* · fixed ")


# --- I'm on it ---------------------------------------------------------------------------------------


def on_it(desk: Desk) -> str | None:
    """Who is on it, as the channel sees it."""
    row = next((line for line in desk.parent.plain.splitlines() if " is on it* since " in line), None)
    return row.removeprefix("*").split(" is on it")[0] if row else None


def test_who_is_on_it_stands_in_the_parent_and_survives_a_rerun(desk: Desk) -> None:
    before = desk.ask()
    count = len(desk.replies)

    desk.press(before, ids.ON_IT, user=desk.slack.other_user)
    assert desk.work() == [JobOutcome.SETTLED]

    assert on_it(desk) == "bob"
    assert (desk.replies[count:], desk.told) == ([], [])
    desk.script.steps = [unchanged]
    desk.press(desk.parent, ids.RERUN)
    desk.work()
    assert on_it(desk) == "bob"


def test_a_double_click_does_not_let_go_again(desk: Desk) -> None:
    before = desk.ask()

    desk.press(before, ids.ON_IT)
    desk.press(before, ids.ON_IT)
    desk.work()

    assert (on_it(desk), desk.told) == ("alice", [])


def test_who_is_on_it_lets_go_with_the_same_button(desk: Desk) -> None:
    desk.press(desk.ask(), ids.ON_IT)
    desk.work()
    held = desk.parent

    desk.press(held, ids.ON_IT)
    desk.press(held, ids.ON_IT)
    desk.work()

    assert (on_it(desk), desk.told) == (None, [])


def test_another_takes_over_what_they_see_that_somebody_has(desk: Desk) -> None:
    desk.press(desk.ask(), ids.ON_IT)
    desk.work()

    desk.press(desk.parent, ids.ON_IT, user=desk.slack.other_user)
    desk.work()

    assert (on_it(desk), desk.told) == ("bob", [])


def test_of_two_at_once_one_takes_it_and_the_other_is_told(desk: Desk) -> None:
    before = desk.ask()

    desk.press(before, ids.ON_IT)
    desk.press(before, ids.ON_IT, user=desk.slack.other_user)
    desk.work()

    assert on_it(desk) == "alice"
    assert desk.told == ["alice is on it already. Press I'm on it again to take it over."]


def test_a_stale_press_does_not_bring_back_an_older_verdict(desk: Desk) -> None:
    before = desk.ask()
    desk.script.steps = [reports.after_fix]
    desk.press(before, ids.RERUN)
    desk.work()

    desk.press(before, ids.ON_IT)
    desk.work()

    assert on_it(desk) == "alice"
    assert "its image's tag does not exist" in desk.parent.plain


def test_somebody_says_so_while_the_checks_run(desk: Desk) -> None:
    """Whoever draws the message last draws what both have noted."""
    before = desk.ask()

    def step() -> Report:
        desk.press(before, ids.ON_IT)
        desk.work()
        return unchanged()

    desk.script.steps = [step]
    desk.press(before, ids.RERUN)
    run_job(desk.line.jobs.pop(0), desk.services)

    assert on_it(desk) == "alice"
    assert ids.RERUN in desk.parent.action_ids


def test_where_the_message_is_gone_the_person_is_told(desk: Desk) -> None:
    before = desk.ask()
    desk.services.slack.chat_delete(channel=before.channel, ts=before.ts)

    desk.press(before, ids.ON_IT)
    desk.work()

    assert ["alice is on it" in text and "may have been deleted" in text for text in desk.told] == [True]


def test_a_run_of_an_account_that_is_not_the_channels_is_not_shown_again(desk: Desk) -> None:
    before = desk.ask()
    other = Accounts(None, {desk.slack.channel.id: frozenset({"999988887777"})})
    desk.services = dataclasses.replace(desk.services, accounts=other)
    count = len(desk.replies)

    for action, option in (
        (ids.ON_IT, None),
        (ids.MORE, "report.file"),
        (ids.MORE, "fix.terraform"),
        (ids.MORE, "why"),
    ):
        desk.press(before, action, option=option)
    desk.line.jobs[:] = [job for job in desk.line.jobs if job.kind is not DIAGNOSE]
    desk.work()

    assert on_it(desk) is None
    assert len(desk.replies) == count
    assert [("PULLCHECK_CHANNEL_ACCOUNTS" in text) for text in desk.told] == [True] * 4


# --- the menu ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("fix.terraform", 'resource "aws_route"'),
        ("fix.cloudformation", "Type: AWS::EC2::Route"),
        ("why", "*How to fix it*"),
    ],
)
def test_a_choice_of_the_menu_answers_in_the_thread_once(desk: Desk, option: str, says: str) -> None:
    before = desk.ask()
    count = len(desk.replies)

    desk.press(before, ids.MORE, option=option)
    desk.press(before, ids.MORE, option=option)
    desk.work()

    (reply,) = desk.replies[count:]
    assert says in reply
    assert ["is in this thread already" in text for text in desk.told] == [True]


def test_the_full_report_is_a_file_in_the_thread(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk("files:write")
    before = desk.ask()

    desk.press(before, ids.MORE, option="report.file")
    desk.press(before, ids.MORE, option="report.file")
    desk.work()

    (file,) = [item for message in desk.slack.thread(before) for item in message.files]
    assert file["name"].startswith("pullcheck-payments-api-")
    for words in (
        "aws ec2 create-route",
        "aws ec2 delete-route",
        "Type: AWS::EC2::Route",
        "RULED OUT: 9",
        "tag-not-found",
    ):
        assert words in file["text"]


def test_without_the_scope_the_full_report_comes_as_messages(desk: Desk) -> None:
    before = desk.ask()
    count = len(desk.replies)

    desk.press(before, ids.MORE, option="report.file")
    assert desk.work() == [JobOutcome.SETTLED]

    said = "\n".join(desk.replies[count:])
    for words in ("aws ec2 create-route", "aws ec2 delete-route", "Type: AWS::EC2::Route", "RULED OUT: 9"):
        assert words in said


# --- a workspace that does not take the newer blocks -------------------------------------------------


def test_a_workspace_that_refuses_containers_gets_the_same_in_sections_and_is_remembered(desk: Desk) -> None:
    desk.slack.workspace.refused_blocks = frozenset({"container", "table"})
    before = desk.ask()

    (reply,) = desk.slack.thread(before)
    assert {block["type"] for block in reply.blocks} <= {"section", "context", "actions"}
    for words in (
        "How we know · 3 facts",
        "subnet-0a1b2c3d4e5f60718  BLOCKED  BLOCKED   BLOCKED",
        "Undo",
        "Condition 8",
    ):
        assert words in reply.plain
    refused = [call for call in desk.slack.calls("chat.postMessage") if not call.answer["ok"]]
    assert len(refused) == 1

    # The next answer is not tried with what was refused.
    desk.press(before, ids.MORE, option="report.file")
    desk.slack.command(ids.COMMAND, TASK_ARN)
    desk.work()
    assert len([call for call in desk.slack.calls("chat.postMessage") if not call.answer["ok"]]) == 1

    # After the store's retention the newer blocks are tried again.
    CLOCK[0] += 31 * 86_400
    desk.slack.workspace.refused_blocks = frozenset()
    desk.store.save(desk.store.latest("none") or _any_run(desk))
    desk.slack.command(ids.COMMAND, TASK_ARN)
    desk.work()
    assert "container" in {block["type"] for block in desk.slack.thread(desk.slack.messages()[-1])[0].blocks}


def _any_run(desk: Desk) -> Any:
    from tests.build.runs import saved_run

    return saved_run("other", channel=desk.slack.channel.id)
