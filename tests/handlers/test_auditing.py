"""`/pullcheck audit`: what it says, how far it is meanwhile, and that of two who ask one audits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.app import create_app
from bot.settings import Settings
from bot.stores.dynamodb import DynamoDbRuns, Table
from bot.stores.sqlite import SqliteRuns
from demo.slack import LocalSlack, dispatch_to
from demo.slack.methods import DEFAULT_SCOPES
from diagnostics.audit import AuditProgress, AuditReport
from diagnostics.target import Target, TargetError
from handlers.auditing import PROGRESS_SECONDS
from handlers.clusters import cluster_of
from handlers.ids import COMMAND
from handlers.jobs import Job
from handlers.kinds import AUDIT, read_job
from handlers.ports import Accounts, DiagnosisError, Listening, RunsStore, Services
from handlers.running import JobOutcome, announce, run_job
from handlers.views import audited as views
from handlers.views.lint import lint_message
from tests.aws_lambda.memory_table import MemoryDynamoDb
from tests.bot.conftest import AtOnce
from tests.build import audits
from tests.golden import assert_golden_json
from tests.handlers.answers import ALICE
from tests.handlers.test_kinds import Line
from tests.handlers.test_text import HOSTILE

PROD = Target(kind="cluster", cluster="prod")
EVERY = Target(kind="cluster")
ARN = "arn:aws:ecs:eu-central-1:111122223333:cluster/prod"


# --- what is asked -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prod", PROD),
        (" `prod` ", PROD),
        ("--all", EVERY),
        (ARN, Target(kind="cluster", partition="aws", region="eu-central-1", account_id="111122223333", cluster="prod")),
    ],
)  # fmt: skip
def test_a_cluster_is_named_by_its_name_or_its_arn(text: str, expected: Target) -> None:
    found = cluster_of(text)

    assert found == expected
    job = Job(key="k", kind=AUDIT, target=found, channel="C1", user="U1")
    assert read_job(job.text()) == job


@pytest.mark.parametrize("text", ["", "prod batch", "prod/api", "--everything please", "x" * 300, f"{ARN}/x"])
def test_what_names_no_cluster_gets_one_sentence_with_an_example(text: str) -> None:
    with pytest.raises(TargetError) as error:
        cluster_of(text)
    assert str(error.value).startswith("Which cluster? Name it, such as /pullcheck audit prod")


# --- what it says --------------------------------------------------------------------------------------

MANY = [audits.finding("now", f"repository-{number}", f"service-{number}") for number in range(60)]
LONG = [audits.finding("now", f"r{n}", f"s{n}" + "y" * 250, clause="x" * 500) for n in range(60)]
MESSAGES: dict[str, Callable[[], Any]] = {
    "found": lambda: views.audited(audits.report(), PROD, by=ALICE),
    "many": lambda: views.audited(audits.report(*MANY, services=[f"service-{n}" for n in range(64)]), PROD, by=ALICE),
    "parked": lambda: views.audited(audits.report(audits.finding("when_started", "shop", "api")), PROD, by=ALICE),
    "nothing": lambda: views.audited(audits.healthy(), EVERY, by=ALICE),
    "unread": lambda: views.audited(
        audits.report(
            audits.BROKEN,
            cannot_tell=(audits.denied(), audits.denied("scheduler:ListSchedules").model_copy(update={"subjects": (), "what": ("the schedules that run tasks",)})),
            missing=("prod/late", "prod/later"),
        ),
        PROD,
        by=ALICE,
    ),
    "under_way": lambda: views.auditing(PROD, ALICE, AuditProgress(done=12, total=24, requests=80, seconds_left=95.0)),
    "listing": lambda: views.auditing(EVERY, ALICE, AuditProgress(done=0, total=None, requests=8)),
    "led": lambda: views.being_audited(PROD, ALICE, "https://acme.slack.com/archives/C1/p1"),
    "failed": lambda: views.not_audited(PROD, "the app has no valid AWS credentials."),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_the_messages(name: str) -> None:
    payload = MESSAGES[name]().payload()
    lint_message(payload)
    assert_golden_json(f"slack/audit.{name}.json", payload)


@pytest.mark.parametrize("findings", [MANY, LONG], ids=["many", "long"])
def test_a_large_audit_fits_a_message_and_counts_the_rest(findings: list[Any]) -> None:
    payload = views.audited(audits.report(*findings), PROD, by=ALICE).payload()

    lint_message(payload)
    (table,) = [block for block in payload["blocks"] if block["type"] == "table"]
    left = 60 - (len(table["rows"]) - 1)
    assert f"… {left} more, in the thread." in str(payload["blocks"])


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_change_nothing(hostile: str) -> None:
    found = audits.finding("now", hostile, hostile, clause=hostile)
    report = audits.report(
        found, cannot_tell=(audits.denied(hostile, hostile),), missing=(hostile,), region=hostile
    )
    payload = views.audited(report, PROD, by=None).payload()

    lint_message(payload)
    for text in (str(payload["text"]), *(str(block.get("text")) for block in payload["blocks"])):
        assert "<!channel>" not in text
        assert "<@U" not in text


# --- asked in Slack ------------------------------------------------------------------------------------


class Auditing:
    """Audits as a test wants them."""

    def __init__(self) -> None:
        self.asked: list[Target] = []
        self.report = audits.report()
        self.meanwhile: Callable[[Callable[[AuditProgress], None]], None] = lambda tell: None

    def __call__(self, target: Target, tell: Callable[[AuditProgress], None], /) -> AuditReport:
        self.asked.append(target)
        self.meanwhile(tell)
        return self.report


@dataclasses.dataclass
class AuditDesk:
    """A channel in which audits are asked for, and the app at work."""

    slack: LocalSlack
    line: Line
    auditing: Auditing
    services: Services

    def ask(self, text: str = "prod", **how: Any) -> None:
        """Ask for an audit; nothing is done yet."""
        self.slack.command(COMMAND, f"audit {text}", **how)

    def work(self) -> list[JobOutcome]:
        """Do what waits."""
        done = []
        while self.line.jobs:
            done.append(run_job(self.line.jobs.pop(0), self.services))
        return done

    @property
    def told(self) -> list[str]:
        """What somebody was told alone."""
        return [item.plain for who in (self.slack.user, self.slack.other_user) for item in self.slack.ephemeral(user=who)]  # fmt: skip


STORES: dict[str, Callable[[], RunsStore]] = {
    "sqlite": lambda: SqliteRuns(":memory:"),
    "dynamodb": lambda: DynamoDbRuns(Table(MemoryDynamoDb(), "t")),
}


@pytest.fixture
def open_desk() -> Iterator[Callable[..., AuditDesk]]:
    with ExitStack() as stack:

        def make(*scopes: str, store: str = "sqlite", accounts: Accounts | None = None) -> AuditDesk:
            slack = stack.enter_context(LocalSlack(scopes=(*DEFAULT_SCOPES, *scopes)))
            line, auditing, runs = Line(), Auditing(), STORES[store]()
            settings = Settings(
                slack_bot_token=slack.bot_token,  # type: ignore[arg-type]
                slack_signing_secret=slack.signing_secret,  # type: ignore[arg-type]
                slack_api_url=slack.api_url,
            )
            listening = Listening(line, accounts or Accounts())
            stack.enter_context(slack.over_http(dispatch_to(create_app(settings, listening))))
            if isinstance(runs, SqliteRuns):
                stack.callback(runs.close)
            services = Services(
                slack=WebClient(slack.bot_token, base_url=slack.api_url),
                diagnose=lambda *_: pytest.fail("nothing is diagnosed"),
                runs=runs, fault=lambda _: None, accounts=accounts or Accounts(), pace=AtOnce(), strict=True,
                audit=auditing,
            )  # fmt: skip
            return AuditDesk(slack, line, auditing, services)

        yield make


def test_an_audit_is_one_message_with_the_whole_of_it_as_a_file(open_desk: Callable[..., AuditDesk]) -> None:
    desk = open_desk("files:write")
    desk.ask()
    assert desk.work() == [JobOutcome.SETTLED]

    (message,) = desk.slack.messages()
    assert [block["type"] for block in message.blocks] == ["section", "table", "context"]
    assert message.text.startswith("Audit of prod: api: would fail now · mailer, worker: image expires")
    (file,) = [item for reply in desk.slack.thread(message) for item in reply.files]
    assert file["name"].startswith("pullcheck-audit-prod-")
    assert "Push it, or name a tag that is there." in file["text"]
    assert desk.auditing.asked == [PROD]


def test_without_the_scope_the_rest_comes_in_the_thread(open_desk: Callable[..., AuditDesk]) -> None:
    desk = open_desk()
    desk.ask("--all")
    assert desk.work() == [JobOutcome.SETTLED]

    (message,) = desk.slack.messages()
    (page,) = desk.slack.thread(message)
    assert "Push it, or name a tag that is there." in page.plain
    assert page.text == "Audit of every cluster, page 1 of 1."


def test_where_nothing_is_found_there_is_no_rest(open_desk: Callable[..., AuditDesk]) -> None:
    desk = open_desk("files:write")
    desk.auditing.report = audits.healthy()
    desk.ask()
    desk.work()

    (message,) = desk.slack.messages()
    assert "Every next pull would work" in message.plain
    assert not desk.slack.thread(message)


def test_a_workspace_that_refuses_tables_gets_the_same_in_sections(
    open_desk: Callable[..., AuditDesk],
) -> None:
    desk = open_desk()
    desk.slack.workspace.refused_blocks = frozenset({"table"})
    desk.ask()
    assert desk.work() == [JobOutcome.SETTLED]

    (message,) = desk.slack.messages()
    assert "table" not in {block["type"] for block in message.blocks}
    for words in ("What it stops", "api", "2026-11-27", "its role looks unused"):
        assert words in message.plain


def test_how_far_it_is_is_told_at_slacks_pace(open_desk: Callable[..., AuditDesk]) -> None:
    desk = open_desk()
    shown: list[str] = []

    def meanwhile(tell: Callable[[AuditProgress], None]) -> None:
        for done in range(1, 25):
            desk.services.pace.sleep(1.0)
            tell(AuditProgress(done=done, total=24, requests=done * 3, seconds_left=24.0 - done))
            shown.append(desk.slack.messages()[0].plain)

    desk.auditing.meanwhile = meanwhile
    desk.ask()
    desk.work()

    updates = len(desk.slack.calls("chat.update"))
    assert updates == 24 // PROGRESS_SECONDS + 1
    assert "6 of 24 looked at, about 18 s left." in shown[5]
    assert shown[4] == "⏳ Auditing `prod` for alice…"
    assert shown[11] != shown[5]


@pytest.mark.parametrize("store", STORES)
def test_of_two_who_ask_at_once_one_audits_and_the_other_is_led_there(
    open_desk: Callable[..., AuditDesk], store: str
) -> None:
    desk = open_desk(store=store)
    desk.ask()
    desk.ask(user=desk.slack.other_user)
    desk.auditing.meanwhile = lambda tell: desk.work() and None

    first = desk.line.jobs.pop(0)
    assert run_job(first, desk.services) is JobOutcome.SETTLED

    (message,) = desk.slack.messages()
    (told,) = desk.told
    assert told.startswith("⏳ `prod` is being audited for alice")
    assert message.ts.replace(".", "") in str(desk.slack.ephemeral(user=desk.slack.other_user)[0].blocks)
    assert len(desk.auditing.asked) == 1

    # When it is over, who asks gets an audit of their own, also where the word on the first one is still there.
    desk.auditing.meanwhile = lambda tell: None
    desk.ask(user=desk.slack.other_user)
    desk.work()
    assert (len(desk.auditing.asked), len(desk.slack.messages())) == (2, 2)


def test_another_cluster_is_another_audit(open_desk: Callable[..., AuditDesk]) -> None:
    desk = open_desk()
    desk.ask("prod")
    desk.ask("batch")
    desk.auditing.meanwhile = lambda tell: desk.work() and None
    run_job(desk.line.jobs.pop(0), desk.services)

    assert [item.cluster for item in desk.auditing.asked] == ["prod", "batch"]
    assert desk.told == []


def test_an_audit_that_cannot_be_made_says_why(open_desk: Callable[..., AuditDesk]) -> None:
    desk = open_desk()

    def refuse(tell: Any) -> None:
        raise DiagnosisError("the app has no valid AWS credentials.")

    desk.auditing.meanwhile = refuse
    desk.ask()
    assert desk.work() == [JobOutcome.SETTLED]
    (message,) = desk.slack.messages()
    assert message.plain == "⚠️ `prod` was not audited: the app has no valid AWS credentials."


@pytest.mark.parametrize(("text", "asked"), [(ARN, 0), ("prod", 1)], ids=["named", "told by AWS"])
def test_an_account_that_is_not_listed_is_not_told_of(
    open_desk: Callable[..., AuditDesk], text: str, asked: int
) -> None:
    desk = open_desk(accounts=Accounts(frozenset({"444455556666"})))
    desk.ask(text)
    desk.work()

    assert len(desk.auditing.asked) == asked
    said = [*desk.told, *(item.plain for item in desk.slack.messages())]
    assert any("Account 111122223333 is not one that this app may look at" in item for item in said)
    assert not any("would fail now" in item for item in said)


def test_without_a_cluster_there_is_a_sentence_and_no_audit(open_desk: Callable[..., AuditDesk]) -> None:
    desk = open_desk()
    desk.ask("")
    assert desk.line.jobs == []
    (told,) = desk.told
    assert told.startswith("Which cluster? Name it, such as /pullcheck audit prod")


def test_an_audit_that_waits_says_so_and_answers_in_that_message(open_desk: Callable[..., AuditDesk]) -> None:
    desk = open_desk()
    desk.ask()
    waiting = announce(desk.line.jobs.pop(), 1, desk.services)
    assert "`prod` is 1st in line" in desk.slack.messages()[0].plain

    assert run_job(waiting, desk.services) is JobOutcome.SETTLED
    (message,) = desk.slack.messages()
    assert "api: would fail now" in message.plain


def test_a_job_that_comes_twice_audits_once(open_desk: Callable[..., AuditDesk]) -> None:
    desk = open_desk()
    desk.ask()
    job = desk.line.jobs[0]
    desk.work()
    assert run_job(job, desk.services) is JobOutcome.SETTLED
    assert (len(desk.auditing.asked), len(desk.slack.messages())) == (1, 1)


@pytest.mark.parametrize("store", STORES)
def test_an_audit_whose_answer_reached_nobody_is_not_made_again(
    open_desk: Callable[..., AuditDesk], store: str
) -> None:
    desk = open_desk(store=store)
    target = Target(kind="cluster", cluster="prod")
    job = Job(key="k", kind=AUDIT, target=target, channel=desk.slack.channel.id, user=desk.slack.user.id)
    desk.auditing.meanwhile = lambda tell: desk.slack.revoke_tokens()
    assert run_job(job, desk.services) is JobOutcome.UNHEARD

    desk.slack.methods.revoked = False
    assert run_job(job.model_copy(update={"tries": 1}), desk.services) is JobOutcome.SETTLED
    assert len(desk.auditing.asked) == 1
    assert "api: would fail now" in desk.slack.messages()[0].plain
