"""What an audit says: which services could not start a task now, which soon cannot, and for which it cannot tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from diagnostics.finding.outcome import Evidence
from diagnostics.finding.value import Value

AUDIT_SCHEMA_VERSION = 1

AuditedKind = Literal["service", "rule", "schedule", "family"]
"""What starts tasks: a service, an EventBridge rule, a schedule of EventBridge Scheduler, or somebody who runs tasks of a family."""

AuditLevel = Literal["now", "soon", "when_started", "risk"]
"""`now`: the next pull would fail. `soon`: it will, by a date or by what is pushed. `when_started`: it would fail now, but nothing is
meant to run until somebody scales the service up. `risk`: something it rests on is about to give."""

Standing = Literal["fails_now", "fails_soon", "fails_when_started", "undecided", "works"]

LEVELS: tuple[AuditLevel, ...] = ("now", "soon", "when_started", "risk")
STANDINGS: tuple[Standing, ...] = ("fails_now", "fails_soon", "fails_when_started", "undecided", "works")

RiskId = Literal[
    "image-expires", "image-archived-soon", "image-only-untagged", "tag-gone", "roll-back-image-gone", "role-unused",
    "cache-cannot-refresh", "endpoint-deleting", "definition-inactive",
]  # fmt: skip
"""What an audit finds beside the faults of a diagnosis."""


class AuditFinding(Value):
    """One resource, and what it stops.

    Attributes:
        level: how near it is.
        id: the fault (`explain ID`), or one of the risks that only an audit looks for.
        resources: exactly what must change, or what the missing thing belongs to.
        summary: a sentence about it.
        clause: the same in a few words, to stand behind the names of the services.
        subjects: what it stops, by key.
        subnets: those in which it stops them; empty where the subnet does not matter.
        at: about when, where a date is known.
        pushes: after how many more images a lifecycle rule acts, where it counts.
        rule: the priority of that lifecycle rule.
        certain: false where it hangs on what AWS does not tell.
        advice: what to do about it.
    """

    level: AuditLevel
    id: str
    resources: tuple[str, ...]
    summary: str
    clause: str
    subjects: tuple[str, ...]
    subnets: tuple[str, ...] = ()
    at: datetime | None = None
    pushes: int | None = None
    rule: int | None = None
    certain: bool = True
    evidence: tuple[Evidence, ...] = ()
    advice: str | None = None

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What makes it the same finding, for another service and in another audit.

        A route table or an endpoint is one, whichever of its subnets a task is in. What is scaled to zero stands by itself.
        """
        shared = tuple(item for item in self.resources if not item.startswith("subnet-"))
        name = f"{self.id} when started" if self.level == "when_started" else self.id
        return name, shared or self.resources


class AuditedSubject(Value):
    """A service, rule, schedule or family, and how it stands.

    Attributes:
        key: unique in an audit, such as `prod/api` of a service and `rule nightly` of a rule.
        name: its own name.
        headline: the answer in one sentence.
        open: what keeps it from being decided, a sentence each.
    """

    key: str
    kind: AuditedKind
    cluster: str
    name: str
    standing: Standing
    headline: str
    open: tuple[str, ...] = ()


class AuditGap(Value):
    """Something that could not be read, once, with what stays open for it.

    Attributes:
        action: the IAM action that is missing or failed; null where none would read it.
        why: the reason.
        denied: it is missing from the policy of the credentials.
        subjects: for which it cannot be told, by key; empty where whole kinds of subjects were not found for it.
        what: what was not seen, where that is no subject: the schedules, say.
    """

    action: str | None
    why: str
    denied: bool
    subjects: tuple[str, ...] = ()
    what: tuple[str, ...] = ()


class AuditProgress(Value):
    """How far an audit is; `seconds_left` is an estimate, null as long as there is nothing to go by."""

    done: int
    total: int | None
    requests: int
    seconds_left: float | None = None


class AuditReport(Value):
    """The whole answer; its JSON form is a stable contract (`schema_version`). Worst first.

    Attributes:
        days: how far ahead it looked.
        clusters: the names of those that were looked at.
        missing: what was not reached before the time was up, by key, or in words.
        interrupted: it was ended before it was through.
        caveats: what no audit of this account can see, once.
    """

    schema_version: int = AUDIT_SCHEMA_VERSION
    taken_at: datetime
    seconds: float
    requests: int
    days: int
    region: str
    account_id: str | None
    clusters: tuple[str, ...]
    findings: tuple[AuditFinding, ...]
    subjects: tuple[AuditedSubject, ...]
    cannot_tell: tuple[AuditGap, ...]
    missing: tuple[str, ...] = ()
    interrupted: bool = False
    caveats: tuple[str, ...] = ()

    def at(self, level: AuditLevel) -> tuple[AuditFinding, ...]:
        """The findings of one level."""
        return tuple(item for item in self.findings if item.level == level)

    def standing(self, standing: Standing) -> tuple[AuditedSubject, ...]:
        """The subjects that stand so."""
        return tuple(item for item in self.subjects if item.standing == standing)

    @property
    def is_whole(self) -> bool:
        """True if everything was reached and decided."""
        open_ends = self.missing or self.interrupted or self.standing("undecided")
        return not open_ends and not any(item.what for item in self.cannot_tell)

    def to_json(self, **options: Any) -> str:
        """The report as JSON text."""
        return self.model_dump_json(by_alias=True, **options)


class JudgedSubject(Value):
    """How one subject stands, before findings about one resource are put together.

    `roles` are those that its next task needs; `idle`: it runs nothing now.
    """

    subject: AuditedSubject
    findings: tuple[AuditFinding, ...] = ()
    unread: tuple[AuditGap, ...] = ()
    roles: tuple[str, ...] = ()
    idle: bool = False
