"""Replays the plan against answers, in any order, without waiting for anybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from diagnostics.collect import AwsClients, plan
from diagnostics.collect.operation import Ask, Call
from diagnostics.collect.perform import perform
from diagnostics.snapshot import Fact, Snapshot, Unavailable
from diagnostics.target import Target
from tests.build.targets import REGION

Facts = dict[Call[Any], Fact[Any]]
Choose = Callable[[list[Call[Any]]], Iterable[Call[Any]]]
"""Which of the calls that are wanted are answered next; at least one of them."""


def planned(target: Target, region: str = REGION) -> Callable[[Ask], Snapshot]:
    """The plan for a target."""
    return lambda ask: plan.build(target, ask, region=region)


def wanted_beyond(build: Callable[[Ask], Snapshot], facts: Facts) -> tuple[Snapshot, list[Call[Any]]]:
    """What is made of these answers, and what is asked next."""
    wanted: dict[Call[Any], None] = {}

    def ask(call: Call[Any], /) -> Fact[Any]:
        if call in facts:
            return facts[call]
        wanted.setdefault(call)
        return Unavailable(call=call.operation.action)

    return build(ask), list(wanted)


def replay(
    build: Callable[[Ask], Snapshot],
    answer: Callable[[Call[Any]], Fact[Any]],
    choose: Choose = lambda wanted: wanted,
) -> tuple[Snapshot, Facts]:
    """Answer what is wanted until nothing more is; unless `choose` picks some, all of it at once."""
    facts: Facts = {}
    while True:
        snapshot, wanted = wanted_beyond(build, facts)
        if not wanted:
            return snapshot, facts
        facts.update((call, answer(call)) for call in choose(wanted))


def completed(
    build: Callable[[Ask], Snapshot], facts: Facts, answer: Callable[[Call[Any]], Fact[Any]]
) -> Snapshot:
    """What is made of these answers and of those that are wanted beyond them; what nobody asks for does no harm."""
    known = dict(facts)
    while True:
        snapshot, wanted = wanted_beyond(build, known)
        if not wanted:
            return snapshot
        known.update((call, answer(call)) for call in wanted)


class Remembered:
    """The answers of a world, each call made once however often a replay wants it."""

    def __init__(self, world: AwsClients) -> None:
        self._world = world
        self._facts: Facts = {}

    def __call__(self, call: Call[Any]) -> Fact[Any]:
        if call not in self._facts:
            self._facts[call] = perform(call, self._world).fact
        return self._facts[call]


def triggers(build: Callable[[Ask], Snapshot], facts: Mapping[Call[Any], Fact[Any]]) -> list[list[str]]:
    """The waves of a run: each call with the calls whose answers it waited for.

    A call waits for an answer of the wave before its own if it is not asked where all answers but that one are there.
    """
    known: Facts = {}
    waves: list[list[str]] = []
    before: list[Call[Any]] = []
    while True:
        wanted = wanted_beyond(build, known)[1]
        if not wanted:
            return waves
        needed: dict[Call[Any], set[str]] = {call: set() for call in wanted}
        for one in before:
            others = {call: fact for call, fact in known.items() if call != one}
            for call in needed.keys() - wanted_beyond(build, others)[1]:
                needed[call].add(one.operation.action)
        waves.append([_line(call, after) for call, after in needed.items()])
        known.update((call, facts[call]) for call in wanted)
        before = wanted


def _line(call: Call[Any], after: set[str]) -> str:
    return call.operation.action + (f" after {', '.join(sorted(after))}" if after else "")
