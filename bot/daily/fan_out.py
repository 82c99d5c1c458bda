"""A day's audits cut by cluster, because a function on Lambda has fifteen minutes: one message for each, and one that puts them together.

All messages of an account and Region are of one group of a FIFO queue, so that its clusters are looked at one after the other, out of
one budget, and what puts them together comes last: also behind a cluster that was given up after its last try, which is then missing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.daily.day import DailyAudits
from bot.daily.scopes import AuditScope
from bot.daily.state import LARGEST, slim
from bot.stores.items import Items
from diagnostics.audit import AuditReport
from diagnostics.audit.joining import joined
from handlers.packed import packed_text, unpacked_text
from handlers.ports import Auditor, DiagnosisError, RunsStore

log = logging.getLogger(__name__)

LEASE = 900.0
"""Seconds after which what a function began counts as lost: Lambda ends it by then."""
_EVERYTHING = ""
"""In place of a cluster's name, where they could not be listed and one audit looks at all of them."""


class _OfADay(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    day: str
    account: str | None = None
    region: str | None = None
    clusters: tuple[str, ...] = ()

    @property
    def scope(self) -> AuditScope:
        """What the day's audit is about."""
        return AuditScope(self.account, self.region, self.clusters)


class ClusterAudit(_OfADay):
    """Audit one cluster."""

    audit: Literal["cluster"] = "cluster"
    cluster: str


class DayEnd(_OfADay):
    """Put together what was found in some clusters, and tell it."""

    audit: Literal["end"] = "end"
    parts: tuple[str, ...]


class SendsInGroups(Protocol):
    """A FIFO queue."""

    def send(self, body: str, *, group: str, once: str) -> None:
        """Put a message there."""


class _AuditPart(BaseModel):
    """What came of one cluster: an audit, or why there is none."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    report: AuditReport | None = None
    why: str = ""


@dataclass(frozen=True)
class FanOut:
    """Cuts a day's audits, makes the parts, and puts them together.

    Attributes:
        daily: tells what is found.
        scopes: what is audited.
        listed: names the clusters of a scope that names none; `None` where they could not be listed.
        queue: takes the parts.
        items: keeps what was found until it is put together.
        runs: says what was begun and told already.
    """

    daily: DailyAudits
    scopes: Sequence[AuditScope]
    listed: Callable[[AuditScope], tuple[str, ...] | None]
    queue: SendsInGroups
    items: Items
    runs: RunsStore

    def begin(self, day: str) -> None:
        """Send a day's parts, once. A schedule may call more often.

        Args:
            day: the date.
        """
        for scope in self.scopes:
            key = f"daily audit {scope.id} {day}"
            if self.runs.finished(key) or not self.runs.claim(key, LEASE):
                continue
            self._send(scope, day)
            self.runs.settle((key,))

    def _send(self, scope: AuditScope, day: str) -> None:
        listed = scope.clusters or self.listed(scope)
        parts = (_EVERYTHING,) if listed is None else listed
        where = {"day": day, "account": scope.account, "region": scope.region, "clusters": scope.clusters}
        group = f"{scope.account or 'own'}/{scope.region or 'own'}"
        for name in parts:
            message = ClusterAudit(**where, cluster=name)
            self.queue.send(message.model_dump_json(), group=group, once=f"{day} {scope.id} {name}")
        end = DayEnd(**where, parts=parts)
        self.queue.send(end.model_dump_json(), group=group, once=f"{day} {scope.id} end")

    def cluster(self, message: ClusterAudit, auditor: Auditor) -> None:
        """Audit one cluster, and keep what is found. Delivered again, it does nothing where that was kept."""
        scope, key = message.scope, _key(message, message.cluster)
        if self.items.read(key) is not None:
            return
        try:
            report = auditor(scope.target(message.cluster or None), lambda _: None)
            part = _AuditPart(report=_light(report))
        except DiagnosisError as error:
            part = _AuditPart(why=str(error))
        text = packed_text(part.model_dump_json())
        if len(text) > LARGEST and part.report is not None:
            # It must fit an item: what is only at risk is left out, and said to be missing.
            less = tuple(item for item in part.report.findings if item.level != "risk")
            left_out = (*part.report.missing, f"what is at risk in {message.cluster}")
            part = _AuditPart(report=part.report.model_copy(update={"findings": less, "missing": left_out}))
            text = packed_text(part.model_dump_json())
        self.items.write(key, {"audit": text})

    def end(self, message: DayEnd) -> None:
        """Put the parts together and tell what changed, once."""
        scope = message.scope
        key = f"daily audit told {scope.id} {message.day}"
        if self.runs.finished(key):
            return
        reports: list[AuditReport] = []
        missing: list[str] = []
        why = "no cluster could be audited in time"
        for name in message.parts:
            part = self._part(message, name)
            if part.report is not None:
                reports.append(part.report)
            else:
                why = part.why or why
                missing.append(f"everything in {name or 'all clusters'}")
        if reports:
            self.daily.made(scope, joined(reports, missing))
        elif message.parts:
            self.daily.failed(scope, why)
        self.runs.settle((key,))

    def _part(self, message: DayEnd, name: str) -> _AuditPart:
        item = self.items.read(_key(message, name))
        if item is None:
            return _AuditPart()
        try:
            return _AuditPart.model_validate_json(unpacked_text(str(item["audit"])))
        except (ValidationError, ValueError):
            log.warning("a part of an audit was kept by a version that differs")
            return _AuditPart()


def _light(report: AuditReport) -> AuditReport:
    """What putting together and telling need of a report."""
    return report.model_copy(
        update={
            "findings": tuple(slim(item) for item in report.findings),
            "subjects": tuple(
                item.model_copy(update={"headline": "", "open": ()}) for item in report.subjects
            ),
        }
    )


def _key(message: _OfADay, cluster: str) -> str:
    return f"audit#{message.scope.id}#{message.day}#{cluster}"
