"""Ranks what was found. There are no weights: each place has one clause of justification, which is printed.

The rules are: only what fails can be a cause; it is one where it can have produced the text at the step where the pull
stopped; what comes later is next; what the text proves to have worked, and what is only on other subnets, is also
there. What a text alone can show is never more than likely, and so is a cause beside something that could not be read
and could have produced the same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from diagnostics.faults import ALL_FAULTS
from diagnostics.faults.base import World
from diagnostics.finding import Cause, CauseRole, Evidence, Fault, Finding, Fix, Outcomes, Status, Verdict
from diagnostics.stop_reason import Symptom
from diagnostics.verdict.join import (
    LATEST,
    LEVELS,
    PullPosition,
    can_produce,
    last_place_of,
    place_of,
    place_of_text,
    refuted_by_facts,
)
from diagnostics.verdict.situation import Situation, situation_of
from diagnostics.verdict.standing import does_not_start, unread_subnets
from diagnostics.verdict.table import TEXTS
from diagnostics.verdict.unused_registry import UNUSED_REGISTRY, unused_registry
from diagnostics.verdict.words import (
    caveats_of,
    headline_of,
    missing_of,
    summaries_of,
    to_look_at,
    unread_containers,
)


def rank(
    world: World, findings: tuple[Finding, ...], faults: Mapping[str, Fault] = ALL_FAULTS
) -> tuple[Verdict, tuple[Cause, ...]]:
    """The verdict and the causes behind it, `cause` before `next` before `also`.

    Args:
        world: what the findings were judged on.
        findings: what every check said.
        faults: every fault that a finding may name, by its id.
    """
    situation = situation_of(world)
    ranker = _Ranker(world, findings, faults, situation)
    placed = sorted((ranker.place(group) for group in ranker.groups()), key=_order)
    causes = tuple(item.cause for item in placed)
    outcome = ranker.outcome(causes)
    verdict = Verdict(
        outcome=outcome,
        headline=headline_of(
            world, situation, findings, causes, outcome, ranker.explaining, ranker.unrefuted
        ),
        symptoms=summaries_of(world),
        missing=missing_of(world) if outcome == "task_gone" else None,
        caveats=(
            *(to_look_at(ranker.unrefuted) if outcome == "undecided" else ()),
            *((UNUSED_REGISTRY,) if outcome == "undecided" and any(ranker.unused_registries()) else ()),
            *caveats_of(world, situation, findings, causes, outcome, faults),
        ),
    )
    return verdict, causes


BEFORE_THE_PULL = "unable to pull secrets or registry auth"
"""With this begins what ECS says when the secrets or the log-in failed, also where it says no more."""


@dataclass(frozen=True)
class _FaultGroup:
    """Everything found of one fault of one set of resources."""

    fault: Fault
    resources: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def used(self) -> tuple[Finding, ...]:
        """What concerns the subnet that the task pulled from."""
        return tuple(item for item in self.findings if item.used_path)

    @property
    def fails(self) -> bool:
        """True if it would surely stop a pull, from the subnet that was used if it concerns that."""
        return any(item.status is Status.FAIL for item in self.used or self.findings)


@dataclass(frozen=True)
class _Placed:
    cause: Cause
    place: PullPosition


def _order(item: _Placed) -> tuple[int, int, PullPosition, str, tuple[str, ...]]:
    roles: tuple[CauseRole, ...] = ("cause", "next", "also")
    certain = 0 if item.cause.certainty == "confirmed" else 1
    return roles.index(item.cause.role), certain, item.place, item.cause.id, item.cause.resources


class _Ranker:
    """Gives each group its role, its certainty and the clause that justifies them."""

    def __init__(
        self,
        world: World,
        findings: tuple[Finding, ...],
        faults: Mapping[str, Fault],
        situation: Situation,
    ) -> None:
        self.world = world
        self.findings = findings
        self.faults = faults
        self.situation = situation

    def groups(self) -> tuple[_FaultGroup, ...]:
        """What fails or might, without what follows from something else that fails."""
        failing = {item.fault for item in self.findings if item.status is Status.FAIL}
        found: dict[tuple[str, tuple[str, ...]], list[Finding]] = {}
        for item in self.findings:
            if item.status not in (Status.FAIL, Status.WARN) or item.fault not in self.faults:
                continue
            if item.follows_from in failing and item.follows_from != item.fault:
                continue
            found.setdefault((item.fault, _what_changes(item.resources)), []).append(item)
        return tuple(
            _FaultGroup(self.faults[fault], _merged_resources(items), tuple(items))
            for (fault, _), items in found.items()
        )

    def place(self, group: _FaultGroup) -> _Placed:
        """The group as a cause, with its place in the order of steps."""
        role, why, matched = self._role(group)
        shown = tuple(item for item in matched or group.used or group.findings)
        certain = role != "cause" or self._is_certain(group, matched)
        telling = next((item for item in shown if item.status is Status.FAIL), shown[0])
        likely = not certain or not group.fails or group.fault.text_only
        return _Placed(
            cause=Cause(
                id=group.fault.id,
                role=role,
                certainty="likely" if likely else "confirmed",
                containers=_merged(item.containers for item in group.findings),
                subnets=_merged((item.subnet,) if item.subnet else () for item in (*shown, *group.findings)),
                resources=group.resources,
                instances=_merged(item.instances for item in group.findings),
                summary=telling.summary,
                clause=telling.clause,
                evidence=_evidence(shown),
                fix=telling.fix or Fix(text=group.fault.how),
                alternatives=telling.alternatives,
                console_url=telling.console_url,
                why_ranked=why,
                short=group.fault.short or None,
            ),
            place=min(place_of(group.fault, item) for item in shown),
        )

    # --- the answer ----------------------------------------------------------------------------------

    def outcome(self, causes: tuple[Cause, ...]) -> Outcomes:
        """What is answered.

        That nothing is wrong is a claim, which needs every check, a text that was looked into, and that all which can
        have produced it is refuted.
        """
        mode = self.situation.mode
        if any(item.role == "cause" for item in causes):
            return "cause_found"
        unread = unread_containers(self.world)
        if mode == "other_end":
            return "undecided" if unread else "not_a_pull_failure"
        if mode == "gone":
            return "task_gone"
        open_ = (
            any(item.status in (Status.FAIL, Status.UNKNOWN) for item in self.findings) or self._half_open()
        )
        if mode == "unread" or open_ or unread or not self.findings:
            return "undecided"
        if mode == "stopped" and not all(self._looked_into(item) for item in self.situation.symptoms):
            return "undecided"
        if mode == "stopped" and (self.unrefuted or any(self.unused_registries())):
            return "undecided"
        if mode == "now" and self.world.snapshot.gone_of_service:
            return "task_gone"
        if mode == "now" and does_not_start(self.world) is not None:
            return "undecided"
        if unread_subnets(self.world) is not None:
            return "undecided"
        return "nothing_wrong"

    def _half_open(self) -> bool:
        """True if the facts show something on the way that stops some pulls: a range or a zone that is shut, policies that disagree."""
        return any(
            self.faults[item.fault].kind in ("network", "dns", "permission")
            and not self.faults[item.fault].text_only
            for item in self._of(Status.WARN)
        )

    @cached_property
    def explaining(self) -> tuple[Finding, ...]:
        """What is not known and could have produced the text."""
        return tuple(
            item
            for item in self._of(Status.UNKNOWN)
            if item.used_path and any(self._can_produce(told, item) for told in self.situation.told)
        )

    @cached_property
    def unrefuted(self) -> tuple[Fault, ...]:
        """What can have produced the text and that AWS's API cannot show, so that nothing refutes it."""
        found = (
            self.faults[item.fault]
            for item in self._of(Status.SKIPPED)
            if item.unseen and any(self._can_produce(told, item) for told in self.situation.told)
        )
        return tuple({fault.id: fault for fault in found if not fault.refutable}.values())

    def unused_registries(self) -> Iterator[str]:
        """The registries that the texts name and that the task does not use."""
        found = (unused_registry(self.world, item) for item in self.situation.symptoms)
        return (registry for registry in found if registry is not None)

    def _looked_into(self, symptom: Symptom) -> bool:
        """True if something that can produce the text was judged, and is in order now."""
        return refuted_by_facts(self.world, symptom) and any(
            self._can_produce(symptom, item) for item in self._of(Status.PASS)
        )

    def _of(self, *statuses: Status) -> Iterator[Finding]:
        return (item for item in self.findings if item.status in statuses and item.fault in self.faults)

    def _can_produce(self, symptom: Symptom, finding: Finding) -> bool:
        return can_produce(self.world, symptom, self.faults[finding.fault], finding)

    # --- the role ------------------------------------------------------------------------------------

    def _role(self, group: _FaultGroup) -> tuple[CauseRole, str, tuple[Finding, ...]]:
        """The role, the clause that justifies it, and the findings that match the text."""
        mode = self.situation.mode
        if mode == "now":
            if any(item.status is Status.FAIL for item in group.findings):
                return "cause", "a pull that starts now would fail because of this", group.findings
            return "also", "a pull that starts now may fail because of this", ()
        if mode != "stopped":
            return "also", _NOT_CONNECTED[mode], ()
        if not group.used:
            return "also", self._only_elsewhere(group), ()
        if not self.situation.told:
            first = min(place_of(group.fault, item)[0] for item in group.used)
            if group.fails and first > self._reached_at_most():
                return "next", "the text names a step that comes before this one", group.used
            if group.fails:
                return "cause", "the text is not one that is known, and this would stop a pull", group.used
            return "also", "it may stop a pull, and the text is not one that is known", ()
        for symptom in self.situation.told:
            matched = tuple(item for item in group.used if self._can_produce(symptom, item))
            if matched:
                return self._matching(group, symptom, matched)
        return self._unmatched(group)

    def _reached_at_most(self) -> int:
        """Of texts that are not known: the level of the last step that they can be about."""
        return max(
            LEVELS["login"] if BEFORE_THE_PULL in item.text.lower() else LATEST
            for item in self.situation.symptoms
        )

    def _matching(
        self, group: _FaultGroup, symptom: Symptom, matched: tuple[Finding, ...]
    ) -> tuple[CauseRole, str, tuple[Finding, ...]]:
        says = TEXTS[symptom.id].says
        if not group.fails:
            if self._explained_by_more(symptom, group.fault):
                return "also", f"it may show as {says}, but other things may too", ()
            return (
                "cause",
                f"the error shows {says}, which this explains; AWS's API alone cannot prove it",
                matched,
            )
        earliest = self._earliest(symptom)
        if earliest is not None and min(place_of(group.fault, item)[0] for item in matched) > earliest:
            return "next", "the text leaves the step open, and an earlier one comes first", matched
        return "cause", f"the error shows {says}, which this explains", matched

    def _explained_by_more(self, symptom: Symptom, fault: Fault) -> bool:
        """True if something that fails, or is not known, can have produced the text as well."""
        return any(
            item.used_path
            and item.fault != fault.id
            and not self.faults[item.fault].text_only
            and self._can_produce(symptom, item)
            for item in self._of(Status.FAIL, Status.UNKNOWN)
        )

    def _earliest(self, symptom: Symptom) -> int | None:
        """Of a text that names no step: the level of the first that does not work or is not known to."""
        if symptom.stage is not None or not TEXTS[symptom.id].unless_told:
            return None
        return min(
            (
                LEVELS[item.stage]
                for item in self._of(Status.FAIL, Status.UNKNOWN)
                if item.stage is not None and item.used_path and self._can_produce(symptom, item)
            ),
            default=None,
        )

    def _unmatched(self, group: _FaultGroup) -> tuple[CauseRole, str, tuple[Finding, ...]]:
        if not group.fails:
            return "also", "it may stop a pull, but the text shows something else", ()
        reached = min(place_of_text(symptom) for symptom in self.situation.told)
        latest = max(last_place_of(group.fault, item) for item in group.used)
        if latest >= reached:
            return "next", "it comes after what the text shows: a pull that gets that far stops here", ()
        return "also", "the text proves that this step was passed", ()

    def _only_elsewhere(self, group: _FaultGroup) -> str:
        others = ", ".join(_merged((item.subnet,) if item.subnet else () for item in group.findings))
        used = self.world.pull.used_interface
        here = f"this task pulled from {used.subnet_id}" if used else "this task pulled from another"
        return f"only in {others}; {here}"

    # --- the certainty -------------------------------------------------------------------------------

    def _is_certain(self, group: _FaultGroup, matched: tuple[Finding, ...]) -> bool:
        if self.situation.mode == "now":
            return True
        if not self.situation.told:
            return False
        if self._where_is_open(group):
            return False
        matching = [
            symptom
            for symptom in self.situation.told
            if any(self._can_produce(symptom, item) for item in matched)
        ]
        return not any(
            item.used_path and any(self._can_produce(symptom, item) for symptom in matching)
            for item in self._of(Status.UNKNOWN)
        )

    def _where_is_open(self, group: _FaultGroup) -> bool:
        """True if the fault is on some subnets only and it is not known which the task pulled from."""
        if self.world.pull.used_interface is not None:
            return False
        everywhere = {item.subnet_id for item in self.world.interfaces()}
        here = {item.subnet for item in group.findings if item.subnet}
        return bool(here) and here != everywhere


_NOT_CONNECTED: Mapping[str, str] = {
    "other_end": "it would stop a pull, but this task ended for another reason",
    "gone": "it would stop a pull; whether it stopped this one is not known",
    "unread": "it would stop a pull; whether it stopped this one is not known",
}


def _merged(items: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in items for name in names))


def _what_changes(resources: tuple[str, ...]) -> tuple[str, ...]:
    """What one repair changes: of a route table, the table and where it leads, whichever of its subnets it was seen from."""
    if not any(item.startswith("rtb-") for item in resources):
        return resources
    return tuple(item for item in resources if not item.startswith("subnet-"))


def _merged_resources(items: list[Finding]) -> tuple[str, ...]:
    """The resources of all, the subnets that share a route table first."""
    merged = _merged(item.resources for item in items)
    if all(item.resources == merged for item in items):
        return merged
    return tuple(sorted(merged, key=lambda item: not item.startswith("subnet-")))


def _evidence(findings: tuple[Finding, ...]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(item for finding in findings for item in finding.evidence))
