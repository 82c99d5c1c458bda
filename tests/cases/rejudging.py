"""Judges worlds that differ from one in a few facts, running a check only of a subject for which it looked at what differs.

A check is a pure function of the facts (`diagnostics.faults.base`): where nothing that it read has changed, it says what it said.
So a world whose facts are taken away or changed one by one, hundreds of times, is judged whole each time, but at the cost of
what can differ. What a check reads is written down while it judges the first world: every attribute of every model. What looks at
a model as a whole (it is compared, hashed, copied or dumped) has read all that is in it. A leg that is followed is known by its
trace, which the checks share: where that comes out as it was, nobody who asked for it runs again. `test_rejudging.py` compares the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

import pytest

from diagnostics import engine, verdict
from diagnostics.engine.run import judged, subjects
from diagnostics.faults import ALL_CHECKS
from diagnostics.faults.base import Check, Subject, SubjectKind, World
from diagnostics.finding import Finding, Status
from diagnostics.network import Trace
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import Known, Model, Snapshot


@dataclass(frozen=True)
class Judgement:
    """The parts of a report that a missing fact may change.

    `folded` is what fails as a consequence of something else that fails, and so is no cause of its own.
    """

    findings: tuple[Finding, ...]
    causes: frozenset[tuple[str, tuple[str, ...]]]
    folded: frozenset[tuple[str, tuple[str, ...]]]
    outcome: str

    @cached_property
    def statuses(self) -> dict[Key, set[Status]]:
        """What is said of each fault of each subject."""
        return statuses_of(self.findings)

    @cached_property
    def of_any_subject(self) -> dict[tuple[str, str], set[Status]]:
        """What each check says of each of its faults, whatever the subject."""
        found: dict[tuple[str, str], set[Status]] = defaultdict(set)
        for (check, fault, *_), said in self.statuses.items():
            found[(check, fault)] |= said
        return found

    @cached_property
    def places(self) -> frozenset[int]:
        """The identities of the findings: those that another judgement took over say nothing that is new."""
        return frozenset(map(id, self.findings))


Key = tuple[str, str, tuple[str, ...], str | None, str | None]


def statuses_of(findings: Iterable[Finding]) -> dict[Key, set[Status]]:
    """What findings say of each fault of each subject."""
    found: dict[Key, set[Status]] = defaultdict(set)
    for item in findings:
        found[(item.check, item.fault, item.containers, item.leg, item.subnet)].add(item.status)
    return found


def judgement(snapshot: Snapshot) -> Judgement:
    """What is judged, without what is only shown."""
    world = engine.world_of(snapshot)
    return _ranked(world, engine.run(world))


def _ranked(world: World, findings: tuple[Finding, ...]) -> Judgement:
    answer, causes = verdict.rank(world, findings)
    named = frozenset((item.id, item.resources) for item in causes if item.role == "cause")
    folded = frozenset(
        (item.fault, item.resources)
        for item in findings
        if item.status is Status.FAIL and item.follows_from in {fault for fault, _ in named}
    )
    return Judgement(findings, named, folded, answer.outcome)


Prepare = Callable[[World], None]
"""Puts into a world what would else be made of its facts."""


class Rejudging:
    """One world, and what is said of others like it.

    `before` is what is said of the world itself; `last` is the world that was judged last, and `ran` are the checks that ran
    for it, one entry for each subject.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        checks: tuple[Check, ...] = ALL_CHECKS,
        *,
        prepare: Prepare | None = None,
        world_of: Callable[[Snapshot], World] = engine.world_of,
    ) -> None:
        self._world_of = world_of
        self._checks, self._prepare = checks, prepare or (lambda world: None)
        self._followed: dict[Way, _Followed] = {}
        with reading() as self._described:
            self.last = self._world = world_of(snapshot)
            self._subjects = {check.subject: subjects(self._world, check.subject) for check in checks}
        plain = World.trace
        with reading(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(World, "trace", lambda *asked: self._follow(plain, *asked))
            self._judged = {
                (check.name, place): self._first(check, subject)
                for check in checks
                for place, subject in enumerate(self._subjects[check.subject])
            }
        self.findings = tuple(item for one in self._judged.values() for item in one.findings)
        if isinstance(snapshot.hosts, Known):
            # Each kind of container instance is a world of its own.
            self.findings = engine.run(self._world, checks)
        self.ran: list[str] = []

    @cached_property
    def before(self) -> Judgement:
        """What `judgement` says of the world itself."""
        return _ranked(self._world, self.findings)

    def _first(self, check: Check, subject: Subject) -> _Judged:
        world = replace(self._world, _traces={})
        self._prepare(world)
        with reading() as read:
            findings = tuple(judged(world, check, subject))
        return _Judged(findings, read)

    def _follow(self, plain: Follow, world: World, leg: Leg, interface: Interface) -> Trace:
        """A leg of the first world is followed once; each check that asks for it reads the trace."""
        key = _way(leg, interface)
        # One that a check makes up may be another one in another world, by the same name.
        known = any(item is leg for item in world.pull.legs)
        known = known and any(item is interface for item in world.interfaces())
        if key in world._traces or not known:
            return plain(world, leg, interface)
        if key not in self._followed:
            with reading() as on_the_way:
                try:
                    trace = plain(world, leg, interface)
                except Exception:
                    # There is no trace to know it by.
                    _readers[-2].add(on_the_way)
                    raise
            self._followed[key] = _Followed(trace, on_the_way)
        _readers[-1].traces.add(key)
        return world._traces.setdefault(key, self._followed[key].trace)

    def _follow_again(self, world: World, changes: list[Change]) -> set[Way]:
        """The legs that lead another way in this world; the traces of the others are put into it."""
        ends = {
            _way(leg, interface): (leg, interface)
            for interface in world.interfaces()
            for leg in world.pull.legs
        }
        other: set[Way] = set()
        for key, item in self._followed.items():
            if item.read.any_of(changes):
                # What cannot be followed any more shows in the checks that ask for it.
                with suppress(Exception):
                    if key in ends and alike(world.trace(*ends[key]), item.trace):
                        world._traces[key] = item.trace
                        continue
                other.add(key)
            else:
                world._traces[key] = item.trace
        return other

    def judgement(self, snapshot: Snapshot) -> Judgement:
        """What `judgement` says of another world."""
        findings = self.findings_of(snapshot)
        return _ranked(self.last, findings)

    def findings_of(self, snapshot: Snapshot) -> tuple[Finding, ...]:
        """What the checks say of another world."""
        facts = list(differences(self._world.snapshot, snapshot))
        if isinstance(self._world.snapshot.hosts, Known) or self._described.any_of(facts):
            return self._again(self._world_of(snapshot), facts)
        # Who pulls what from where hangs on nothing that differs.
        world = replace(self._world, snapshot=snapshot, _traces={})
        same: Pairs = {kind: [(one, []) for one in before] for kind, before in self._subjects.items()}
        return self._judge(world, facts, same)

    def _again(self, world: World, facts: list[Change]) -> tuple[Finding, ...]:
        if isinstance(self._world.snapshot.hosts, Known):
            self.ran, self.last = [], world
            return engine.run(world, self._checks)
        alike = world.symptoms == self._world.symptoms
        changes = [*facts, *differences(self._world.pull, world.pull)] if alike else None
        parts: Parts = {}
        known: Pairs = {}
        for kind, before in self._subjects.items():
            now = subjects(world, kind)
            pairs = zip(now, before, strict=True) if alike and len(now) == len(before) else None
            known[kind] = (
                [(one, None) for one in now]
                if pairs is None
                else [(one, _of_subjects(other, one, parts)) for one, other in pairs]
            )
        return self._judge(world, changes, known)

    def _judge(self, world: World, changes: list[Change] | None, known: Pairs) -> tuple[Finding, ...]:
        """Run the checks of the subjects for which they looked at a change, or of all where it is not known what has changed."""
        self.ran, self.last = [], world
        other = set() if changes is None else self._follow_again(world, changes)
        self._prepare(world)
        found: list[Finding] = []
        for check in self._checks:
            for place, (subject, others) in enumerate(known[check.subject]):
                first = self._judged.get((check.name, place))
                if (
                    first is None
                    or changes is None
                    or others is None
                    or not first.read.traces.isdisjoint(other)
                    or first.read.any_of([*changes, *others])
                ):
                    self.ran.append(check.name)
                    found.extend(judged(world, check, subject))
                else:
                    found.extend(first.findings)
        return tuple(found)


Follow = Callable[[World, Leg, Interface], Trace]
Way = tuple[str, str, str, str | None]
"""By what a world tells the legs apart that it has followed."""


def _way(leg: Leg, interface: Interface) -> Way:
    return (leg.name, leg.host, interface.subnet_id, interface.instance_id)


def alike(one: Trace, other: Trace) -> bool:
    """Equal also in what blockers leave out where they are compared."""
    return one == other and _blockers(one) == _blockers(other)


def _blockers(trace: Trace) -> list[dict[str, Any]]:
    every = (*trace.blockers, *trace.partly, *(hop.blocker for hop in trace.hops))
    return [vars(item) for item in every if item is not None]


@dataclass(frozen=True)
class _Followed:
    """A leg that was followed in the first world, and what was read there."""

    trace: Trace
    read: Reads


@dataclass(frozen=True)
class _Judged:
    """What a check said of one subject of the first world, and what it read there."""

    findings: tuple[Finding, ...]
    read: Reads


# --- what is read ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A field of a model whose value is another one, and the models that this one is in, itself included."""

    inside: tuple[int, ...]
    name: str


@dataclass
class Reads:
    """The fields that were read, by the models' identities, the models that were looked at as a whole, and the traces."""

    fields: set[tuple[int, str]] = field(default_factory=set)
    whole: set[int] = field(default_factory=set)
    traces: set[Way] = field(default_factory=set)

    def add(self, other: Reads) -> None:
        """What was read elsewhere was read here too."""
        self.fields |= other.fields
        self.whole |= other.whole

    def any_of(self, changes: list[Change]) -> bool:
        """True if one of the changes is in what was read, the traces aside."""
        return any(
            (item.inside[-1], item.name) in self.fields or not self.whole.isdisjoint(item.inside)
            for item in changes
        )


_readers: list[Reads] = []
_kinds: dict[tuple[type, str], str] = {}


@contextmanager
def reading() -> Iterator[Reads]:
    """Writes down what is read of models of facts meanwhile; they must outlive it, or their identities mean nothing.

    Within another one, nothing is written down there.
    """
    reads = Reads()
    _readers.append(reads)
    try:
        if len(_readers) > 1:
            yield reads
            return
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Model, "__getattribute__", _read, raising=False)
            yield reads
    finally:
        _readers.pop()


def _read(model: Model, name: str) -> Any:
    cls = type(model)
    kind = _kinds.get((cls, name)) or _kinds.setdefault((cls, name), _kind(cls, name))
    if kind == "field":
        _readers[-1].fields.add((id(model), name))
    elif kind == "whole":
        _readers[-1].whole.add(id(model))
    return object.__getattribute__(model, name)


def _kind(cls: type[Model], name: str) -> str:
    """What it means to ask a model for a name; a method or property that is our own reads what it reads when it runs."""
    if name in cls.model_fields:
        return "field"
    own = (item for item in cls.__mro__ if issubclass(item, Model) and name in vars(item))
    written = next((vars(item)[name] for item in own), None)
    if name == "__class__" or (not name.startswith("__") and _runs(written)):
        return "neither"
    return "whole"


def _runs(written: Any) -> bool:
    return isinstance(written, property | classmethod | staticmethod) or callable(written)


@cache
def _fields(cls: type[Model]) -> tuple[str, ...]:
    return tuple(cls.model_fields)


def differences(before: Model, after: Model, above: tuple[int, ...] = ()) -> Iterator[Change]:
    """The fields in which a model differs from another of its type, each of them named at the innermost model there is."""
    inside = (*above, id(before))
    mine, theirs = before.__dict__, after.__dict__
    for name in _fields(type(before)):
        one, other = mine[name], theirs[name]
        if one is not other:
            found = further_in(one, other, inside)
            yield from [Change(inside, name)] if found is None else found


def further_in(one: Any, other: Any, inside: tuple[int, ...]) -> list[Change] | None:
    """What differs in models that a value holds; `None` where the value is another one before that."""
    if one is other:
        return []
    if type(one) is not type(other):
        return None
    if isinstance(one, Model):
        return list(differences(one, other, inside))
    if isinstance(one, Mapping):
        # Whoever goes through it sees the order too.
        pairs = zip(one.values(), other.values(), strict=True) if list(one) == list(other) else None
    elif isinstance(one, tuple | list):
        pairs = zip(one, other, strict=True) if len(one) == len(other) else None
    else:
        return [] if one == other else None
    found: list[Change] = []
    for pair in pairs or ():
        deeper = further_in(*pair, inside)
        if deeper is None:
            return None
        found.extend(deeper)
    return None if pairs is None else found


Pairs = dict[SubjectKind, list[tuple[Subject, list[Change] | None]]]
"""The subjects of a world, each with what is different from the first world's, `None` where that is not known."""
Parts = dict[tuple[int, int], list[Change] | None]
"""What differs in pairs of values that outlive it: a leg and an interface are parts of many subjects."""


def _of_subjects(before: Subject, after: Subject, parts: Parts) -> list[Change] | None:
    """`further_in` for two subjects, whose parts are compared once."""
    if type(before) is not type(after):
        return None
    found: list[Change] = []
    for name in _fields(type(before)):
        one, other = before.__dict__[name], after.__dict__[name]
        pair = (id(one), id(other))
        if pair not in parts:
            parts[pair] = further_in(one, other, ())
        deeper = parts[pair]
        above = (id(before),)
        found += (
            [Change(above, name)]
            if deeper is None
            else [Change((*above, *item.inside), item.name) for item in deeper]
        )
    return found
