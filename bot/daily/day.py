"""What a day's audit means for each channel: what changed since the last one, once a week that it still runs, else nothing.

Of a service that the newer audit could not see nothing is said to be mended.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.daily.scopes import AuditScope
from bot.daily.state import KeptAudits, LastAudit, carried, slim
from bot.events.routes import Routes
from diagnostics.audit import AuditChange, AuditedSubject, AuditReport, compare
from diagnostics.audit.text import names
from handlers.audit_news import MOST_CHANGES, AuditNews, ToldChange
from handlers.jobs import Job
from handlers.kinds import AUDIT_NEWS
from handlers.ports import Accounts

log = logging.getLogger(__name__)

WEEK = 7 * 86_400.0 - 3600.0
"""Seconds of silence after which a channel is told that audits still run; an hour less than a week, so that the day stays the same."""
_WITHOUT_SERVICE = {"family": "family:{}", "rule": "rule:{}", "schedule": "schedule:{}"}
"""What a routing rule calls what is no service: as for task events, the family of a standalone task."""


@dataclass(frozen=True)
class RoutedSubject:
    """What an audit looked at, as routes know it."""

    account: str
    cluster: str
    service: str
    region: str
    is_service: bool

    @classmethod
    def of(cls, subject: AuditedSubject, report: AuditReport) -> RoutedSubject:
        """A subject of a report."""
        name = _WITHOUT_SERVICE.get(subject.kind, "{}").format(subject.name)
        return cls(report.account_id or "", subject.cluster, name, report.region, subject.kind == "service")


SubjectTags = Callable[[RoutedSubject], Mapping[str, str]]
"""Reads the tags of a service."""


@dataclass(frozen=True)
class DailyAudits:
    """Tells what audits found.

    Attributes:
        kept: the last audits.
        routes: which channel hears of which service.
        tags: of a service, for rules that name one.
        submit: takes a message for a channel, as a job.
        accounts: which account may be told of where.
        clock: seconds since 1970.
    """

    kept: KeptAudits
    routes: Routes
    tags: SubjectTags
    submit: Callable[[Job], object]
    accounts: Accounts
    clock: Callable[[], float]

    def made(self, scope: AuditScope, report: AuditReport) -> None:
        """An audit was made: tell what changed, and keep it. Done twice, it says nothing twice."""
        last, now = self.kept.last(scope.id), self.clock()
        channels = self._channels(report, last)
        comparable = last.comparable(report)
        changes = compare(last.as_report(report), comparable)
        heard = dict(last.heard)
        # A channel that no service leads to any more is told no more, unless it is only that they cannot be listed now.
        also = () if report.is_whole else last.heard
        for channel in sorted({*channels.values(), *also}):
            if refusal := self.accounts.refusal(report.account_id, channel):
                log.warning("a channel is not told of an audit: %s", refusal)
                continue
            mine = [key for key, where in channels.items() if where == channel]
            news = _changed(scope, report, changes.changes, set(mine), first=last.taken_at is None)
            quiet = now - heard.get(channel, 0.0)
            if news is None and (quiet >= WEEK or last.failed is not None):
                news = _still_runs(scope, report, set(mine), last)
            if news is not None:
                self._tell(scope, channel, news)
                heard[channel] = now
        findings = carried(last, report, changes)
        named = {key for item in findings for key in item.subjects}
        self.kept.keep(
            scope.id,
            LastAudit(
                taken_at=report.taken_at,
                findings=findings,
                channels={key: where for key, where in channels.items() if key in named},
                heard=heard,
            ),
        )

    def failed(self, scope: AuditScope, sentence: str) -> None:
        """There was no audit. That is said once where it is new, for silence would mean that nothing changed; and then each week."""
        last, now = self.kept.last(scope.id), self.clock()
        log.error("the daily audit of %s could not be made: %s", scope, sentence)
        since = f" The last one is of {last.taken_at:%Y-%m-%d %H:%M} UTC." if last.taken_at else ""
        news = AuditNews(
            heading=f"The daily audit of {scope} could not be made: {sentence.rstrip('.')}.",
            notes=(f"What changed since is not known.{since} It is tried again.",),
        )
        heard = dict(last.heard)
        for channel in sorted(heard or self._everywhere()):
            if last.failed is None or now - heard.get(channel, 0.0) >= WEEK:
                self._tell(scope, channel, news)
                heard[channel] = now
        self.kept.keep(scope.id, last.model_copy(update={"heard": heard, "failed": sentence}))

    def _everywhere(self) -> set[str]:
        """Where to say that there was not one audit yet: wherever one would be told of."""
        rule = next((item for item in self.routes.rules if item.fits_all), None)
        return {rule.channel} if rule is not None and rule.tells else set()

    def _channels(self, report: AuditReport, last: LastAudit) -> dict[str, str]:
        """The channel of each subject, by its key; of one that is gone the one that heard of it."""
        found = dict(last.channels)
        for subject in report.subjects:
            channel = self.routes.channel(RoutedSubject.of(subject, report), self.tags)
            if channel is None:
                found.pop(subject.key, None)
            else:
                found[subject.key] = channel
        return found

    def _tell(self, scope: AuditScope, channel: str, news: AuditNews) -> None:
        text = news.model_dump_json()
        day = f"{datetime.fromtimestamp(self.clock(), UTC):%Y-%m-%d}"
        digest = hashlib.sha256(f"{scope.id} {text}".encode()).hexdigest()[:16]
        self.submit(
            Job(
                key=f"audit news {day} {channel} {digest}",
                kind=AUDIT_NEWS,
                channel=channel,
                user="",
                about=text,
            )
        )


def _changed(
    scope: AuditScope,
    report: AuditReport,
    changes: Sequence[AuditChange],
    mine: set[str],
    *,
    first: bool,
) -> AuditNews | None:
    """What changed for the subjects of a channel; `None` where nothing did."""
    told = [*_rows(report, changes, mine)]
    news = [item for item in told if item.change.turned != "not_seen"]
    if not news:
        return None
    many = f"{len(news)} thing{'s' if len(news) != 1 else ''}"
    what = f"{many} to know" if first else f"{many} changed"
    hidden = len(told) - len(news)
    notes = [*_not_told(report, mine)]
    if hidden:
        notes.append(
            f"Of {hidden} earlier finding{'s' if hidden != 1 else ''} it cannot be told if they still hold."
        )
    return AuditNews(
        heading=f"{'First' if first else 'Daily'} audit of {_where(scope, report)}: {what}.",
        changes=tuple(news[:MOST_CHANGES]),
        left=max(0, len(news) - MOST_CHANGES),
        notes=tuple(notes),
    )


def _rows(report: AuditReport, changes: Sequence[AuditChange], mine: set[str]) -> Iterator[ToldChange]:
    for item in changes:
        keys = tuple(key for key in item.subjects if key in mine)
        if keys:
            finding = slim(item.finding).model_copy(
                update={"subjects": keys, "clause": item.finding.clause[:300]}
            )
            told = item.model_copy(update={"finding": finding, "subjects": keys})
            yield ToldChange(who=names(report, keys), change=told)


def _still_runs(scope: AuditScope, report: AuditReport, mine: set[str], last: LastAudit) -> AuditNews:
    """That audits still run, when, over how many services, and of how many it cannot tell."""
    seen = [item for item in report.subjects if item.key in mine]
    begun = "is on" if last.taken_at is None else "still runs"
    counts = {
        level: len({key for item in report.at(level) for key in item.subjects if key in mine})
        for level in ("now", "soon", "when_started")
    }
    known = [
        *([f"{counts['now']} would fail now"] if counts["now"] else []),
        *([f"{counts['soon']} will fail soon"] if counts["soon"] else []),
        *([f"{counts['when_started']} would fail when started"] if counts["when_started"] else []),
    ]
    heading = (
        f"The daily audit of {_where(scope, report)} {begun}: last at {report.taken_at:%Y-%m-%d %H:%M} UTC, "
        f"{len(seen)} looked at for this channel."
    )
    same = "Nothing changed since the last message here" if last.taken_at else "Nothing is found"
    told = f"{same}; {' and '.join(known)}, as told before." if known else f"{same}."
    return AuditNews(heading=heading, notes=(told, *_not_told(report, mine)))


def _not_told(report: AuditReport, mine: set[str]) -> Iterator[str]:
    """Of how many it cannot be told, and which actions are missing for that."""
    open_ends = [item for item in report.standing("undecided") if item.key in mine]
    missing = [key for key in report.missing if key in mine or key not in {i.key for i in report.subjects}]
    if open_ends:
        yield f"It cannot be told for {len(open_ends)}: {names(report, [item.key for item in open_ends])}."
    if missing:
        yield f"Not looked at before the time was up: {', '.join(missing[:6])}{f' and {len(missing) - 6} more' if len(missing) > 6 else ''}."
    denied = [item.action for item in report.cannot_tell if item.denied and item.action]
    if denied:
        yield f"Not allowed: {', '.join(denied[:10])}."


def _where(scope: AuditScope, report: AuditReport) -> str:
    some = (
        f"cluster{'s' if len(scope.clusters) > 1 else ''} {', '.join(scope.clusters[:5])} of "
        if scope.clusters
        else ""
    )
    account = f"account {report.account_id}, " if report.account_id else ""
    return f"{some}{account}{report.region}"
