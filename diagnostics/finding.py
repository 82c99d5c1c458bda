"""What a check says and what a report holds: faults, findings, fixes, causes (data only).

The models of the second half are the JSON contract: `Report` serialises to exactly the object that
`python -m diagnostics TARGET --format json` prints and whose JSON Schema is checked in.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from diagnostics.pull import LegName
from diagnostics.snapshot import Unavailable
from diagnostics.stop_reason import Stage
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


class Fault(Value):
    """A thing that can stop a pull, as data.

    `title` states the healthy condition, so that a passing check reads as a true sentence. `why` and `how` are the
    two halves of the long explanation ("Why the pull fails", "How to fix it"). `source` is the AWS page of the rule.
    `text_only` marks faults that AWS's API cannot prove: with the error text they are at most *likely*.
    """

    id: str
    kind: FaultKind
    title: str
    why: str
    how: str
    source: str
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


class UndecidedError(Exception):
    """Raised by a check whose facts are all there but do not settle the question; says why in one sentence."""


class Outcome(Value):
    """What a check says about one of its faults for one subject.

    `stage` is the first step that it stops and `also_at` are later ones that it would stop as well.
    `reason` explains `unknown` and `skipped`. `follows_from` names the fault that this one is a consequence of.
    `resources` name exactly what must change, or what the missing thing belongs to.
    """

    fault: str
    status: Status
    summary: str
    stage: Stage | None = None
    also_at: tuple[Stage, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    resources: tuple[str, ...] = ()
    reason: str | None = None
    follows_from: str | None = None
    fix: Fix | None = None
    console_url: str | None = None


class Finding(Value):
    """An outcome with what it was judged about; one row of `findings` in the JSON report.

    `used_path` is false where it is about a subnet that the task in hand did not pull from. `unread` is the fact whose
    absence made it unknown.
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
    unread: Unavailable | None = Field(None, exclude=True)
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

        It is fixed only where the same subject was judged again and passes; what does not apply any more, was not judged
        or is not known can no longer be seen.
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
