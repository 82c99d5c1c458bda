"""The answer to the question why a pull failed: the verdict and the causes behind it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from diagnostics.finding.fix import Fix
from diagnostics.finding.outcome import Evidence
from diagnostics.finding.value import Value
from diagnostics.stop_reason import Stage


class SymptomSummary(Value):
    """What an error text shows. `id` is a symptom (not a cause), `unrecognised` where nothing fits."""

    id: str
    stage: Stage | None
    container: str | None
    text: str


Outcomes = Literal["cause_found", "undecided", "nothing_wrong", "not_a_pull_failure", "task_gone"]


Gone = Literal[
    "cluster", "service", "task", "task_definition", "service_revision", "subnet", "security_group", "capacity_provider",
    "common_vpc",
]  # fmt: skip
"""What AWS says there is none of; `common_vpc`: the subnets that were given are of several."""


class Verdict(Value):
    """The answer in one sentence. `caveats` are what no workload account can read, said once.

    `missing` says what of the target does not exist, where that leaves nothing to look at (`task_gone`).
    """

    outcome: Outcomes
    headline: str
    symptoms: tuple[SymptomSummary, ...]
    caveats: tuple[str, ...] = ()
    missing: Gone | None = Field(None, exclude_if=lambda value: value is None)


CauseRole = Literal["cause", "next", "also"]


class Cause(Value):
    """A fault that would stop a pull.

    `role`: `cause` stopped this pull; `next` is what the pull would hit after that; `also` was found but did not stop
    this pull. `instances` are the container instances on which a planned task would meet it. `why_ranked` is the one clause that
    justifies it. `fix` is the smallest safe way to repair it, and `alternatives` are others, each whole and each with a title.
    `short` says what is wrong in a few plain words without ids, to stand behind a colon ("its subnet has no way to ECR"); null
    in a report of an earlier version.
    """

    id: str
    role: CauseRole
    certainty: Literal["confirmed", "likely"]
    containers: tuple[str, ...]
    subnets: tuple[str, ...]
    resources: tuple[str, ...]
    summary: str
    evidence: tuple[Evidence, ...]
    fix: Fix
    alternatives: tuple[Fix, ...] = ()
    instances: tuple[str, ...] = Field((), exclude_if=lambda value: not value)
    console_url: str | None
    why_ranked: str
    short: str | None = None
    clause: str | None = Field(None, exclude=True)
