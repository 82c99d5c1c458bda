"""What a check says and what a report holds: faults, findings, fixes, causes (data only).

The models of the second half are the JSON contract: `Report` serialises to exactly the object that
`python -m diagnostics TARGET --format json` prints and whose JSON Schema is checked in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from diagnostics.pull import LegName
from diagnostics.snapshot import Reason, Unavailable, reasons
from diagnostics.stop_reason import Denial, Stage, SymptomId
from diagnostics.write import bound

REPORT_SCHEMA_VERSION = 1


class Value(BaseModel):
    """A frozen value of the report. Unlike a fact it refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Status(StrEnum):
    """Would a pull started now fail because of this fault?"""

    PASS = "pass"
    """Every deciding fact is known and the answer is no."""
    FAIL = "fail"
    """The facts show that it would fail."""
    WARN = "warn"
    """It might: partly open ports, a condition that holds only sometimes, a limit only the error text shows."""
    UNKNOWN = "unknown"
    """A deciding fact was unavailable, the facts do not settle it, or the check crashed."""
    SKIPPED = "skipped"
    """It does not apply, or a neighbouring fault names it; with the reason."""


FaultKind = Literal["network", "dns", "permission", "role", "image", "platform", "secret", "limit", "host"]
"""What sort of error text a fault can produce; the verdict joins it with the symptom.

`network`: no answer (time-outs); `dns`: no address; `permission`: denied by a policy; `role`: the role itself cannot
be used; `image`: not found; `platform`: found but of no use; `secret`: credentials and secrets; `limit`: throttled or
out of order upstream; `host`: disk, time and the like on the machine that pulls.
"""


Over = Literal["endpoint", "internet"]
"""How the packets went, by the address that an error text says was dialled."""

Refusal = Literal[
    "identity", "identity explicit", "resource", "resource explicit", "boundary", "endpoint", "scp", "rcp"
]
"""How AWS words a refusal: the kind of policy that it names, and if that holds an explicit deny.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""


class Explains(Value):
    """Which error texts a fault can produce, as the fault itself says it; the verdict's table is derived from this.

    `symptoms` are what such a text shows, at the stages that the finding stands at. `over`: the ways that the fault can
    stop, where the text says which address was dialled. `refusals`: the wordings that it leaves possible, where the
    text is a refusal that names a kind of policy.
    """

    symptoms: tuple[SymptomId, ...] = ()
    over: tuple[Over, ...] = ("endpoint", "internet")
    refusals: tuple[Refusal, ...] = ()

    def fits(self, denial: Denial) -> bool:
        """True where AWS may have worded its refusal like this because of this fault."""
        if denial.policy == "unspecified":
            return not denial.explicit or any(item not in ("identity", "resource") for item in self.refusals)
        if denial.policy in ("identity", "resource") and denial.explicit:
            return f"{denial.policy} explicit" in self.refusals
        if denial.policy == "resource":
            # In one account AWS words it like this also where the identity side alone could have allowed the request.
            return "resource" in self.refusals or "identity" in self.refusals
        return denial.policy in self.refusals


class Fault(Value):
    """A thing that can stop a pull, as data.

    `title` states the healthy condition, so that a passing check reads as a true sentence. `why` and `how` are the
    two halves of the long explanation ("Why the pull fails", "How to fix it"). `source` is the AWS page of the rule.
    `explains` are the error texts that it can produce. `text_only` marks faults that AWS's API cannot prove: with the
    error text they are at most *likely*.
    """

    id: str
    kind: FaultKind
    title: str
    why: str
    how: str
    source: str
    explains: Explains = Explains()
    text_only: bool = False


class Evidence(Value):
    """One fact behind a finding. `source` is the IAM action that read it, or `error text`."""

    what: str
    source: str


class Fix(Value):
    """The smallest safe change, ready to paste, with the real ids filled in.

    `text` says in a sentence what changes; `cli` changes it, `verify` shows that it worked and `undo` takes it back
    (all AWS CLI). `terraform` and `cloudformation` are the same change as code.
    """

    text: str
    cli: str | None = None
    terraform: str | None = None
    cloudformation: str | None = None
    verify: str | None = None
    undo: str | None = None

    @field_validator("cli", "verify", "undo")
    @classmethod
    def _no_value_is_an_option(cls, commands: str | None) -> str | None:
        return commands and bound(commands)


class Unsettled(Value):
    """Why something is not known: the facts that could not be read, and the words for a person.

    `lead` is the part of the words that a headline has room for, where that is not all of them. `question`: they begin
    with what is not known ("whether it answers"). `failed` is the call that failed, as a clause for a headline. `names` are
    the resources that the words name. `stopped`: the check could not go on without the fact, so that there are no others.
    """

    words: str
    unread: tuple[Unavailable, ...] = ()
    lead: str | None = None
    question: bool = False
    failed: str | None = None
    names: tuple[str, ...] = ()
    stopped: bool = False

    @classmethod
    def by(cls, fact: Unavailable, words: str | None = None) -> Unsettled:
        """Because of one fact; `words` where they say more than why it could not be read."""
        return cls(words=words or fact.in_words(), unread=(fact,), failed=fact.in_brief())

    @property
    def short(self) -> str:
        """As much of the words as a headline has room for."""
        return self.words if self.lead is None else self.lead

    def within(self, words: str) -> Unsettled:
        """The same in other words around it: `words` has a gap, `{}`, for these."""
        lead = None if self.lead is None else words.format(self.lead)
        return self.model_copy(update={"words": words.format(self.words), "lead": lead, "question": False})


def together(items: Sequence[Unsettled], between: str = "; ", lead_is_all: bool = False) -> Unsettled:
    """Several things that are not known, as one; a headline quotes the first unless `lead_is_all`."""
    words = between.join(item.words for item in items)
    return Unsettled(
        words=words,
        unread=tuple(dict.fromkeys(fact for item in items for fact in item.unread)),
        lead=None if lead_is_all else items[0].short,
        question=items[0].question,
        failed=next((item.failed for item in items if item.failed), None),
        names=tuple(dict.fromkeys(name for item in items for name in item.names)),
    )


def distinct(items: Iterable[Unsettled]) -> tuple[Unsettled, ...]:
    """One of those that say the same."""
    by_words: dict[str, Unsettled] = {}
    for item in items:
        by_words.setdefault(item.words, item)
    return tuple(by_words.values())


class UndecidedError(Exception):
    """Raised by a check whose facts are all there but do not settle the question; says why in one sentence."""

    def __init__(self, why: Unsettled | str) -> None:
        self.why = why if isinstance(why, Unsettled) else Unsettled(words=why)
        super().__init__(self.why.words)


class Outcome(Value):
    """What a check says about one of its faults for one subject.

    `stage` is the first step that it stops and `also_at` are later ones that it would stop as well.
    `reason` explains `unknown` and `skipped` in words; `unsettled` is what is behind `unknown`. `follows_from` is the fault that this one is a consequence of.
    `resources` name exactly what must change, or what the missing thing belongs to. `clause` is the first sentence of
    `summary` as it stands behind a colon.
    """

    fault: Fault
    status: Status
    summary: str
    stage: Stage | None = None
    also_at: tuple[Stage, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    resources: tuple[str, ...] = ()
    clause: str | None = None
    reason: str | None = None
    unsettled: Unsettled | None = None
    follows_from: Fault | None = None
    fix: Fix | None = None
    console_url: str | None = None


class Finding(Value):
    """An outcome with what it was judged about; one row of `findings` in the JSON report.

    `used_path` is false where it is about a subnet that the task in hand did not pull from. `unsettled` is why it
    is unknown, of which `reason` are the words.
    """

    check: str
    fault: str
    status: Status
    stage: Stage | None
    container: str | None = None
    leg: LegName | None = None
    subnet: str | None = None
    summary: str
    evidence: tuple[Evidence, ...] = ()
    resources: tuple[str, ...] = ()
    reason: str | None = None
    follows_from: str | None = None
    containers: tuple[str, ...] = Field((), exclude=True)
    also_at: tuple[Stage, ...] = Field((), exclude=True)
    used_path: bool = Field(True, exclude=True)
    clause: str | None = Field(None, exclude=True)
    unsettled: Unsettled | None = Field(None, exclude=True)
    fix: Fix | None = Field(None, exclude=True)
    console_url: str | None = Field(None, exclude=True)


# --- the report --------------------------------------------------------------------------------------


class TaskContainer(Value):
    """A container of the task and what ECS said about it."""

    name: str
    image: str | None
    reason: str | None


class TaskSummary(Value):
    """The task, or the service where there was none. `source` says where these facts come from."""

    arn: str | None
    cluster: str | None
    account_id: str | None
    region: str | None
    partition: str | None
    service: str | None
    launch_type: str | None
    platform_version: str | None
    last_status: str | None
    stop_code: str | None
    stopped_reason: str | None
    stopped_at: datetime | None
    containers: tuple[TaskContainer, ...]
    source: Literal["live", "saved", "service_events", "none"]


class PulledBy(Value):
    """The role and the interface that pull. Null where the facts do not settle it."""

    principal: str | None
    principal_kind: Literal["execution_role", "instance_role"] | None
    interface: str | None
    subnet: str | None


class SymptomSummary(Value):
    """What an error text shows. `id` is a symptom (not a cause), `unrecognised` where nothing fits."""

    id: str
    stage: Stage | None
    container: str | None
    text: str


Outcomes = Literal["cause_found", "undecided", "nothing_wrong", "not_a_pull_failure", "task_gone"]


class Verdict(Value):
    """The answer in one sentence. `caveats` are what no workload account can read, said once."""

    outcome: Outcomes
    headline: str
    symptoms: tuple[SymptomSummary, ...]
    caveats: tuple[str, ...] = ()


class Cause(Value):
    """A fault that would stop a pull.

    `role`: `cause` stopped this pull; `next` is what the pull would hit after that; `also` was found but did not stop
    this pull. `why_ranked` is the one clause that justifies it.
    """

    id: str
    role: Literal["cause", "next", "also"]
    certainty: Literal["confirmed", "likely"]
    containers: tuple[str, ...]
    subnets: tuple[str, ...]
    resources: tuple[str, ...]
    summary: str
    evidence: tuple[Evidence, ...]
    fix: Fix
    console_url: str | None
    why_ranked: str
    clause: str | None = Field(None, exclude=True)


class LegSummary(Value):
    """One network leg of one subnet and the hops that were followed, up to the one that stopped it.

    `used` tells whether the task in hand pulled from this subnet; `stopped_at` is the hop where the leg ended or where
    nothing more is known, and `faults` are the causes found on it.
    """

    name: LegName
    host: str
    subnet: str
    disposition: Literal["reachable", "blocked", "insufficient_information"]
    hops: tuple[str, ...]
    availability_zone: str | None = None
    used: bool = True
    stopped_at: str | None = None
    faults: tuple[str, ...] = ()


class NetworkSummary(Value):
    """All legs that were traced. `headline` says where a pull works, where that is not the same in every subnet."""

    legs: tuple[LegSummary, ...]
    headline: str | None = None


class UnavailableSummary(Value):
    """One thing that could not be read. `needed_by` are the faults that stay unknown because of it."""

    call: str | None
    why: str
    resource: str | None
    needed_by: tuple[str, ...]
    reason: Reason = Field(exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _read_reason(cls, values: Any) -> Any:
        """A report that was kept as JSON holds the reason in words only."""
        if isinstance(values, dict) and "reason" not in values and isinstance(values.get("why"), str):
            return {**values, "reason": reasons.read(values["why"])}
        return values


class Impact(Value):
    """How the service is doing, from DescribeServices. Counts are tasks."""

    desired: int | None
    running: int | None
    pending: int | None
    headline: str | None


Became = Literal["fixed", "still_failing", "new", "unseen"]
BECAME: dict[Became, str] = {
    "fixed": "Fixed",
    "still_failing": "Still failing",
    "new": "New",
    "unseen": "Can no longer be seen",
}
"""What became of a fault since an earlier run, in the order and the words in which people are told."""
NOTHING_CHANGED = "Nothing has changed since the last run."


class Change(Value):
    """One fault that failed in the previous run or fails now. `was` or `is` is null where it was not judged."""

    fault: str
    was: Status | None
    is_: Status | None = Field(alias="is")
    resources: tuple[str, ...] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @property
    def became(self) -> Became | None:
        """What became of the fault; `None` where it fails in neither run.

        It is fixed only where the same subject was judged again and passes; what was not judged or is not known can no
        longer be seen.
        """
        bad = (Status.FAIL, Status.WARN)
        if self.is_ in bad:
            return "still_failing" if self.was in bad else "new"
        if self.was not in bad:
            return None
        return "fixed" if self.is_ is Status.PASS else "unseen"


class SnapshotSummary(Value):
    """When and how the facts were read. `seconds` is wall time, `depth` the longest chain of dependent calls."""

    taken_at: datetime
    seconds: float
    api_calls: int
    depth: int


class Report(Value):
    """The whole answer. Its JSON form is a stable contract (`schema_version`)."""

    schema_version: int = REPORT_SCHEMA_VERSION
    task: TaskSummary
    pulled_by: PulledBy
    verdict: Verdict
    causes: tuple[Cause, ...]
    findings: tuple[Finding, ...]
    network: NetworkSummary
    unavailable: tuple[UnavailableSummary, ...]
    impact: Impact | None
    changes: tuple[Change, ...] | None
    snapshot: SnapshotSummary

    @property
    def cause(self) -> Cause | None:
        """The first cause with role `cause`."""
        return next((item for item in self.causes if item.role == "cause"), None)

    def to_json(self, **options: Any) -> str:
        """The report as JSON text."""
        return self.model_dump_json(by_alias=True, **options)
