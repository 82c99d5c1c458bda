"""What is asked when, and that the order of the answers, or the lack of one, changes nothing else."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from diagnostics.collect.calls import SIMULATE_PRINCIPAL_POLICY
from diagnostics.collect.collector import depth_of
from diagnostics.collect.operation import Call
from diagnostics.snapshot import Fact, Known, Unavailable
from diagnostics.target import Target
from tests.build.recorded import recorded
from tests.build.targets import service_target, task_target
from tests.golden import assert_golden

from .reading import absences, unavailable
from .replaying import Remembered, planned, replay, triggers

RUNS = (("fargate-missing-tag", False), ("fargate-missing-tag", True), ("on-ec2-missing-tag", False))
EVERY_RUN = pytest.mark.parametrize(("name", "service"), RUNS, ids=["fargate", "service", "on-ec2"])


def target_of(name: str, service: bool) -> Target:
    return service_target() if service else task_target(recorded(name).world.task_id)


@EVERY_RUN
def test_each_call_is_made_as_soon_as_the_answers_it_needs_are_there(name: str, service: bool) -> None:
    """The waves of a run, for a reader: what is asked at once, and what each later call waited for."""
    build = planned(target_of(name, service))
    _, facts = replay(build, Remembered(recorded(name)))
    lines = []
    for number, wave in enumerate(triggers(build, facts), 1):
        lines += [f"--- {number}", *sorted(wave)]
    assert_golden(f"collect/{name}{'-service' if service else ''}.txt", "\n".join(lines) + "\n")


@EVERY_RUN
def test_the_order_of_the_answers_does_not_matter(name: str, service: bool) -> None:
    build, answer = planned(target_of(name, service)), Remembered(recorded(name))
    first, facts = replay(build, answer)
    assert isinstance(first.task, Known)
    for call in facts:
        other, others = replay(build, answer, Last(call))
        assert other == first
        assert others == facts
    depth = depth_of(build, facts)
    for seed in range(6):
        other, others = replay(build, answer, OneByOne(seed))
        assert other == first
        assert others == facts
        assert depth_of(build, others) == depth


class Last:
    """One answer comes only when nothing else is left to wait for."""

    def __init__(self, late: Call[Any]) -> None:
        self._late = late

    def __call__(self, wanted: list[Call[Any]]) -> Iterable[Call[Any]]:
        return [call for call in wanted if call != self._late] or wanted


class OneByOne:
    """One answer at a time, any of them."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def __call__(self, wanted: list[Call[Any]]) -> Iterable[Call[Any]]:
        return (self._chance.choice(wanted),)


@pytest.mark.parametrize("name", ["fargate", "on-ec2"])
def test_any_one_call_denied_is_never_absent_and_adds_no_facts(name: str) -> None:
    build, answer = planned(target_of(name, False)), Remembered(recorded(name))
    whole, facts = replay(build, answer)
    asked = Counter(call.operation.action for call in facts)
    actions = set(asked)
    # The only call of an action is denied with the action.
    one_of_several = [call for call in facts if asked[call.operation.action] > 1]
    each: tuple[Call[Any] | str, ...] = (*one_of_several, *actions)
    for denied in each:

        def but_one(call: Call[Any], denied: Call[Any] | str = denied) -> Fact[Any]:
            action = call.operation.action
            return Unavailable(why="denied", call=action) if denied in (call, action) else answer(call)

        less, fewer = replay(build, but_one)
        assert questions(fewer) <= questions(facts)
        assert absences(less) <= absences(whole)
        # Of two answers that tell of the same subnet, the other one may be denied.
        one_of_two = denied not in actions and less == whole
        action = denied if isinstance(denied, str) else denied.operation.action
        assert one_of_two or any(fact.call == action for fact in unavailable(less))


def questions(facts: Iterable[Call[Any]]) -> set[tuple[Any, ...]]:
    """The calls; the simulator is only told less where less is known."""
    return {
        (call.operation, call.resource if call.operation is SIMULATE_PRINCIPAL_POLICY else call.params)
        for call in facts
    }
