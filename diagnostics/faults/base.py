"""What a check is: a pure function that judges one subject and rules on each of its faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from diagnostics.finding import Evidence, Fault, Outcome, Status, Unsettled, Ways, first_and_others
from diagnostics.network import KeptTraces, Trace, made_since, trace
from diagnostics.network.addresses import is_public
from diagnostics.pull import ContainerImage, Interface, Leg, Pull
from diagnostics.snapshot import ImageFacts, Model, Snapshot, VpcFacts, known_value, need
from diagnostics.stop_reason import Stage, Symptom, SymptomId

SubjectKind = Literal["task", "image", "role", "path", "leg"]
"""What a check may judge.

`task`: the task as a whole. `image`: one image. `role`: one image and who may pull it, over the interface that was used.
`path`: one image over one interface (the endpoint policies on the way). `leg`: one network leg from one interface.
"""


class Subject(Model):
    """What a check judges; which of the fields are set follows from `kind`."""

    kind: SubjectKind
    image: ContainerImage | None = None
    leg: Leg | None = None
    interface: Interface | None = None


@dataclass(frozen=True)
class World:
    """The facts of a run and what is derived from them. Traces are made once and shared by all checks.

    `kept` are those of other runs on the same facts of a VPC.
    """

    snapshot: Snapshot
    pull: Pull
    symptoms: tuple[Symptom, ...]
    kept: KeptTraces | None = field(default=None, compare=False, repr=False)
    _traces: dict[tuple[str, str, str, str | None], Trace] = field(
        default_factory=dict, compare=False, repr=False
    )
    _made: dict[tuple[object, ...], tuple[object, Any]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def region(self) -> str:
        """The Region of the task."""
        return self.snapshot.region

    def vpc(self, interface: Interface) -> VpcFacts:
        """What is known of the VPC of an interface.

        Raises:
            UnavailableError: the interface's VPC could not be read.
        """
        vpc_id = need(interface.vpc_id)
        return self.snapshot.vpcs.get(vpc_id or "") or VpcFacts(vpc_id=vpc_id or "")

    def trace(self, leg: Leg, interface: Interface) -> Trace:
        """One leg followed from one interface.

        Raises:
            UnavailableError: the interface's VPC could not be read.
        """
        key = (leg.name, leg.host, interface.subnet_id, interface.instance_id)
        if key not in self._traces:
            facts = self.vpc(interface)
            others = {
                item.host: (item, text)
                for item in self.pull.legs
                if item.by == "puller" and item.service is not None and item.host != leg.host
                if (text := self._still_dialled(item, facts))
            }
            follow = trace if self.kept is None else self.kept.trace
            self._traces[key] = follow(
                leg,
                interface,
                facts,
                task_region=self.region,
                dialled=self._still_dialled(leg, facts) if leg.by == "puller" else None,
                others=tuple(others.values()),
            )
        return self._traces[key]

    def _still_dialled(self, leg: Leg, facts: VpcFacts) -> str | None:
        """The address, unless it is a public one of before the endpoint that takes the name now."""
        address, task = self.dialled(leg), known_value(self.snapshot.task)
        stopped = task and (task.stopped_at or task.stopping_at)
        outdated = stopped and is_public(address) and made_since(leg, facts, stopped)
        return None if outdated else address

    def dialled(self, leg: Leg) -> str | None:
        """The address of a leg's host: what its name is, or what an error text shows, by the name, else by the step alone."""
        if leg.address is not None:
            return leg.address
        shown = [item for item in self.symptoms if item.address and item.port in (None, leg.port)]
        named = (item.address for item in shown if leg.is_at(item.host))
        alone = (
            item.address
            for item in shown
            if item.host is None and item.stage == leg.stage and leg.needed_for_pull
        )
        return next(iter((*named, *alone)), None)

    def legs(self, image: ContainerImage) -> tuple[Leg, ...]:
        """The legs of one image's pull."""
        return tuple(leg for leg in self.pull.legs if set(image.containers) & set(leg.containers))

    def interfaces(self) -> tuple[Interface, ...]:
        """The interfaces that are known, the one that was used first."""
        return known_value(self.pull.interfaces) or ()

    def image_facts(self, image: ContainerImage) -> ImageFacts:
        """What ECR knows of an image."""
        found = next((item for item in self.snapshot.images if item.image == image.image), None)
        return found or ImageFacts(image=image.image)

    def text_shows(self, *symptoms: SymptomId) -> bool:
        """True if the error text shows one of these symptoms."""
        return any(item.id in symptoms for item in self.symptoms)


PartsOfWorld = ParamSpec("PartsOfWorld")
MadeOnce = TypeVar("MadeOnce")


def once(
    make: Callable[Concatenate[World, PartsOfWorld], MadeOnce],
) -> Callable[Concatenate[World, PartsOfWorld], MadeOnce]:
    """What several checks make of a world and of parts of it is made once.

    The parts are told apart by what they are, not by what is in them: the checks share the images, legs, roles and interfaces of
    a world. They are kept, so that no other takes their place.
    """

    @wraps(make)
    def made(world: World, /, *parts: PartsOfWorld.args, **named: PartsOfWorld.kwargs) -> MadeOnce:
        key = (make, *map(id, parts), *map(id, named.values()))
        if key not in world._made:
            world._made[key] = ((parts, named), make(world, *parts, **named))
        found: MadeOnce = world._made[key][1]
        return found

    return made


Judge = Callable[[World, Subject], Iterable[Outcome]]


@dataclass(frozen=True)
class Check:
    """A judge with the faults it answers for and the kind of subject it judges."""

    name: str
    subject: SubjectKind
    faults: tuple[Fault, ...]
    judge: Judge

    @cached_property
    def fault_ids(self) -> frozenset[str]:
        """The ids of its faults: comparing faults compares all their texts."""
        return frozenset(fault.id for fault in self.faults)


def check(name: str, subject: SubjectKind, *faults: Fault) -> Callable[[Judge], Check]:
    """Makes a check of a function. It must rule on each of its faults for every subject."""

    def decorate(judge: Judge) -> Check:
        return Check(name=name, subject=subject, faults=faults, judge=judge)

    return decorate


@dataclass(frozen=True)
class Room:
    """One fault and how it is judged: one outcome for each subject, whatever the subject is."""

    fault: Fault
    judge: Callable[[World, Subject], Outcome]


def check_of(name: str, subject: SubjectKind, *rooms: Room) -> Check:
    """A check that asks some rooms in turn.

    Where one of them cannot read what it needs, neither it nor those after it are known: they ask for the same facts.
    """

    def judge(world: World, subject: Subject) -> Iterator[Outcome]:
        return (room.judge(world, subject) for room in rooms)

    return Check(name=name, subject=subject, faults=tuple(room.fault for room in rooms), judge=judge)


def passes(fault: Fault, summary: str | None = None, stage: Stage | None = None) -> Outcome:
    """The fault is not there, and every deciding fact was known."""
    return _plain(fault, Status.PASS, summary or fault.title, None, stage)


def skipped(fault: Fault, reason: str, stage: Stage | None = None) -> Outcome:
    """The fault does not apply, or a neighbour names it."""
    return _plain(fault, Status.SKIPPED, fault.title, reason, stage)


# All but a few of what a world is told says nothing of the world.
@lru_cache(2048)
def _plain(fault: Fault, status: Status, summary: str, reason: str | None, stage: Stage | None) -> Outcome:
    return Outcome(fault=fault, status=status, summary=summary, reason=reason, stage=stage)


def unseen(fault: Fault, reason: str) -> Outcome:
    """AWS's API does not show the fault, and no error text speaks of it: it is not judged, and may be there."""
    return skipped(fault, reason).model_copy(update={"unseen": True})


def unknown(
    fault: Fault, why: Unsettled | str, stage: Stage | None = None, resources: tuple[str, ...] = ()
) -> Outcome:
    """The facts do not settle it."""
    unsettled = why if isinstance(why, Unsettled) else Unsettled(words=why)
    return Outcome(
        fault=fault,
        status=Status.UNKNOWN,
        summary=f"Not known: {fault.title[0].lower()}{fault.title[1:]}",
        reason=unsettled.words,
        unsettled=unsettled,
        stage=stage,
        resources=resources,
    )


def fails(
    fault: Fault,
    summary: str,
    *,
    stage: Stage,
    resources: tuple[str, ...],
    evidence: tuple[Evidence, ...],
    fix: Ways,
    console_url: str | None,
    status: Status = Status.FAIL,
    follows_from: Fault | None = None,
    also_at: tuple[Stage, ...] = (),
    more: str | None = None,
    named: bool = False,
) -> Outcome:
    """The fault is there. Nothing of what a person needs may be left out.

    `summary` is one sentence, and `more` what follows it. `named`: it begins with a name, which keeps its capital
    wherever it stands. `fix` is one way to repair it, or several, the smallest safe one first.
    """
    smallest, others = first_and_others(fix)
    return Outcome(
        fault=fault,
        status=status,
        summary=f"{summary} {more}" if more else summary,
        clause=clause_of(summary, named),
        stage=stage,
        also_at=also_at,
        resources=resources,
        evidence=evidence,
        fix=smallest,
        alternatives=others,
        console_url=console_url,
        follows_from=follows_from,
    )


def clause_of(sentence: str, named: bool = False) -> str:
    """A sentence as it stands behind a colon: without its full stop, and with the capital of a name or an id only."""
    word = sentence.split(" ", 1)[0]
    ordinary = word.replace("'", "").isalpha() and word == word.capitalize()
    begin = sentence if named or not ordinary else f"{sentence[:1].lower()}{sentence[1:]}"
    return begin.rstrip(".")
