"""Only what changed is told, where the routes say; nothing that could not be seen is told to be mended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.daily.state import LARGEST, KeptAudits, LastAudit
from diagnostics.audit import AuditReport
from handlers.audit_news import MOST_CHANGES, AuditNews
from handlers.ports import Accounts
from tests.build import audits
from tests.build.audits import AT_RISK, BROKEN, EXPIRING, denied, finding, healthy, report
from tests.daily.conftest import KeptIn, Told

Tell = Callable[..., Told]
SPREAD = finding("now", "shop", "api", "worker")
WORSE = finding("now", "jobs", "mailer", "worker", id=EXPIRING.id)
BLIND = denied("ecr:DescribeImages", "prod/api")


def said(news: AuditNews) -> list[str]:
    return [f"{item.change.turned}: {item.who}: {item.change.finding.clause}" for item in news.changes]


FIRST = ["new: api: repository shop has no tag v2"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (healthy(), report(BROKEN), FIRST),
        (report(BROKEN), report(BROKEN), None),
        (report(BROKEN), healthy(), ["gone: api: repository shop has no tag v2"]),
        (report(BROKEN), report(SPREAD), ["spread: worker: repository shop has no tag v2"]),
        (report(SPREAD), report(BROKEN), None),
        (report(EXPIRING), report(WORSE), ["worse: mailer, worker: repository jobs has no tag v2"]),
        (report(BROKEN, AT_RISK), report(AT_RISK, EXPIRING), [
            "new: mailer, worker: image expires in about 3 days by rule 2", "gone: api: repository shop has no tag v2",
        ]),
        # It could not be seen: that is no news, and nothing is mended.
        (report(BROKEN), report(AT_RISK, cannot_tell=(BLIND,)), ["new: search: its role looks unused"]),
        (report(BROKEN), healthy(cannot_tell=(BLIND,), missing=("prod/api",)), None),
        (report(BROKEN), healthy(services=(), cannot_tell=(denied("ecs:ListServices").model_copy(update={"subjects": (), "what": ("the services of prod",)}),)), None),
    ],
    ids=["new", "same", "gone", "spread", "fewer", "worse", "several", "undecided", "missing", "unlisted"],
)  # fmt: skip
def test_only_what_changed_is_told(
    tell: Tell, before: AuditReport, after: AuditReport, expected: list[str] | None
) -> None:
    told = tell()
    told.next_day(before)
    found = told.next_day(after)

    assert (said(found["COPS"]) if found else None) == expected


def test_what_could_not_be_seen_for_a_day_is_neither_mended_nor_new(tell: Tell) -> None:
    told = tell()
    told.next_day(report(BROKEN, EXPIRING))
    blind = report(EXPIRING, cannot_tell=(BLIND,))
    assert told.next_day(blind) == {}
    assert told.next_day(blind) == {}
    # Seen again as it was: no news. Mended: that is.
    assert told.next_day(report(BROKEN, EXPIRING)) == {}
    told.next_day(blind)
    assert said(told.next_day(report(EXPIRING))["COPS"]) == ["gone: api: repository shop has no tag v2"]


def test_what_of_a_finding_could_not_be_seen_for_a_day_does_not_spread_again(tell: Tell) -> None:
    told = tell()
    told.next_day(report(SPREAD))
    assert told.next_day(report(finding("now", "shop", "worker"), cannot_tell=(BLIND,))) == {}
    assert told.next_day(report(SPREAD)) == {}


def test_each_channel_hears_of_its_own_services(tell: Tell) -> None:
    told = tell(
        {"service": "api", "channel": "CAPI"},
        {"service": "worker", "channel": "mute"},
        {"cluster": "prod", "channel": "CPROD"},
    )
    found = told.next_day(report(BROKEN, EXPIRING))

    assert {channel: said(news) for channel, news in found.items()} == {
        "CAPI": ["new: api: repository shop has no tag v2"],
        "CPROD": ["new: mailer: image expires in about 3 days by rule 2"],
    }
    # A service that is gone is told of where it was.
    gone = told.next_day(report(EXPIRING, services=("mailer", "search", "worker")))
    assert said(gone["CAPI"]) == ["gone: prod/api: repository shop has no tag v2"]


def test_a_rule_that_names_a_tag_asks_for_the_tags_of_the_service(tell: Tell) -> None:
    tags: Any = lambda subject: {"team": "shop"} if subject.service == "api" else {}  # noqa: E731
    told = tell({"tag": "team=shop", "channel": "CSHOP"}, tags=tags)

    assert set(told.next_day(report(BROKEN, EXPIRING))) == {"CSHOP"}


def test_a_channel_is_told_of_no_account_that_it_may_not_ask_about(tell: Tell) -> None:
    closed = Accounts(by_channel={"COPS": frozenset({"444455556666"})})
    assert tell(accounts=closed).next_day(report(BROKEN)) == {}


def test_silence_means_that_nothing_changed_and_a_weekly_line_says_that_it_still_runs(tell: Tell) -> None:
    told = tell()
    (begun,) = told.next_day(healthy()).values()
    assert begun.heading == (
        "The daily audit of account 111122223333, eu-central-1 is on: last at 2026-11-24 12:00 UTC, "
        "4 looked at for this channel."
    )
    assert [told.next_day(healthy()) for _ in range(6)] == [{}] * 6
    unread = healthy(cannot_tell=(denied(),))
    (weekly,) = told.next_day(unread).values()
    assert "still runs: last at 2026-11-24 12:00 UTC, 4 looked at" in weekly.heading
    assert weekly.notes == (
        "Nothing changed since the last message here.",
        "It cannot be told for 1: search.",
        "Not allowed: ecr:GetLifecyclePolicy.",
    )
    # A message with news counts too, and known trouble is counted in the line.
    told.next_day(report(BROKEN, EXPIRING), days=3)
    assert [told.next_day(report(BROKEN, EXPIRING)) for _ in range(6)] == [{}] * 6
    (weekly,) = told.next_day(report(BROKEN, EXPIRING)).values()
    assert weekly.notes[0] == (
        "Nothing changed since the last message here; 1 would fail now and 2 will fail soon, as told before."
    )


def test_an_audit_that_fails_is_said_once_and_its_return_too(tell: Tell) -> None:
    told = tell()
    told.next_day(report(BROKEN))
    (failed,) = told.next_day("the app has no valid AWS credentials.").values()
    assert "could not be made: the app has no valid AWS credentials." in failed.heading
    assert "The last one is of 2026-11-24 12:00 UTC." in failed.notes[0]
    assert told.next_day("the app has no valid AWS credentials.") == {}
    (back,) = told.next_day(report(BROKEN)).values()
    assert "still runs" in back.heading
    assert told.next_day(report(BROKEN)) == {}


def test_the_first_audit_of_all_that_fails_is_said_where_everything_is_told(tell: Tell) -> None:
    told = tell({"service": "api", "channel": "CAPI"}, {"channel": "CREST"})
    assert set(told.next_day("the app could not reach AWS.")) == {"CREST"}


def test_the_same_day_twice_says_the_same_under_the_same_key(tell: Tell, kept_in: KeptIn) -> None:
    told = tell()
    told.next_day(report(BROKEN))
    (first,) = [job.key for job in told.jobs]
    # A process that ended between telling and keeping.
    kept_in.items.delete("audit#own/own/all")
    told.next_day(report(BROKEN), days=0)
    assert [job.key for job in told.jobs] == [first]


def test_a_flood_of_changes_fits_one_message_of_a_queue(tell: Tell) -> None:
    many = [finding("now", f"r{n}", f"s{n}", clause="x" * 900) for n in range(500)]
    told = tell()
    (news,) = told.next_day(report(*many, services=[f"s{n}" for n in range(500)])).values()

    assert (len(news.changes), news.left) == (MOST_CHANGES, 500 - MOST_CHANGES)
    assert len(told.jobs[0].text()) < 200_000


# --- what is kept --------------------------------------------------------------------------------------


def test_a_large_audit_is_kept_within_an_item(kept_in: KeptIn) -> None:
    """Random names, which compress badly, of 5,000 services."""
    import hashlib

    def name(number: int) -> str:
        return hashlib.sha256(str(number).encode()).hexdigest()

    found = tuple(finding("soon", name(n), f"{name(n)}-service") for n in range(5000))
    risks = tuple(finding("risk", name(-n), name(-n)) for n in range(3000))
    kept = KeptAudits(kept_in.items)
    kept.keep("x", LastAudit(taken_at=audits.NOON, findings=(BROKEN, *found, *risks)))

    item = kept_in.items.read("audit#x")
    assert item is not None
    assert len(str(item["audit"])) <= LARGEST
    last = kept.last("x")
    assert last.findings[0].key == BROKEN.key
    assert last.levels != ("now", "soon", "risk")
    # What is not kept is not told as new each day.
    assert {item.level for item in last.comparable(report(BROKEN, EXPIRING, AT_RISK)).findings} == set(
        last.levels
    )


def test_an_audit_of_another_version_is_as_none(kept_in: KeptIn) -> None:
    kept_in.items.write("audit#x", {"audit": "no base64"})
    assert KeptAudits(kept_in.items).last("x") == LastAudit()
