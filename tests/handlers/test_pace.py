"""Who goes when in a line of Slack's: people before what nobody asked for, and never faster than Slack takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil

import pytest

from handlers.pace import UPDATES, Line, Pace, posts
from tests.handlers.timeline import Timeline

CHANNEL = posts("C1")
LONG = 1000.0


@dataclass
class Scene:
    """A line, and when each of those who stand in it went; `None` where there was no turn in time."""

    line: Line = CHANNEL
    time: Timeline = field(default_factory=Timeline)
    went: dict[str, float | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pace = Pace(clock=self.time.clock, sleep=self.time.sleep, chance=lambda: 0.0)

    def comes(self, name: str, at: float, *, first: bool = False, until: float = LONG) -> None:
        def work() -> None:
            self.went[name] = self.time.now if self.pace.turn(self.line, until, first=first) else None

        self.time.at(at, work)

    def held(self, at: float, seconds: float) -> None:
        self.time.at(at, lambda: self.pace.hold(self.line, seconds))

    def run(self) -> dict[str, float | None]:
        self.time.run()
        moments = sorted(at for at in self.went.values() if at is not None)
        for place in range(len(moments) - self.line.burst):
            assert moments[place + self.line.burst] - moments[place] >= self.line.interval - 1e-9
        return self.went


def test_a_person_goes_before_those_who_wait_and_each_goes_one_turn_later() -> None:
    scene = Scene()
    for number in range(5):
        scene.comes(f"event {number}", 0.0)
    scene.comes("person", 0.4, first=True)
    assert scene.run() == {
        "event 0": 0.0, "person": 1.0, "event 1": 2.0, "event 2": 3.0, "event 3": 4.0, "event 4": 5.0
    }  # fmt: skip


def test_people_go_in_the_order_in_which_they_came() -> None:
    scene = Scene()
    for number in range(4):
        scene.comes(f"event {number}", 0.0)
    scene.comes("one", 0.1, first=True)
    scene.comes("another", 0.2, first=True)
    scene.comes("event 4", 0.3)
    assert scene.run() == {
        "event 0": 0.0, "one": 1.0, "another": 2.0, "event 1": 3.0, "event 2": 4.0, "event 3": 5.0, "event 4": 6.0
    }  # fmt: skip


def test_nobody_goes_before_one_whose_moment_has_come() -> None:
    scene = Scene()
    scene.comes("event 0", 0.0)
    scene.comes("event 1", 0.0)
    scene.comes("person", 1.0, first=True)
    assert scene.run() == {"event 0": 0.0, "event 1": 1.0, "person": 2.0}


def test_who_loses_a_turn_in_time_is_told() -> None:
    scene = Scene()
    for number in range(3):
        scene.comes(f"event {number}", 0.0, until=2.5)
    scene.comes("person", 0.5, first=True, until=1.5)
    assert scene.run() == {"event 0": 0.0, "person": 1.0, "event 1": 2.0, "event 2": None}


def test_a_person_without_a_turn_in_time_takes_none() -> None:
    scene = Scene()
    for number in range(3):
        scene.comes(f"event {number}", 0.0)
    scene.comes("person", 0.5, first=True, until=0.9)
    assert scene.run() == {"event 0": 0.0, "event 1": 1.0, "event 2": 2.0, "person": None}


@pytest.mark.parametrize("at", [2.2, 12.0, 32.0, 33.5])
def test_where_slack_asks_to_wait_people_wait_too_and_nobody_goes_at_once(at: float) -> None:
    """Before those who waited know of it, while all wait, when its end has come, and when some have gone."""
    scene = Scene()
    for number in range(8):
        scene.comes(f"event {number}", 0.0)
    scene.held(2.1, 30.0)
    scene.comes("person", at, first=True)
    went = scene.run()
    moments = sorted(went.values(), key=lambda moment: moment or 0.0)
    assert moments == [0.0, 1.0, 2.0, *(pytest.approx(32.1 + number) for number in range(6))]
    assert went["person"] == pytest.approx(32.1 + max(0, ceil(at - 32.1)))


def test_who_has_no_turn_before_slack_lets_go_is_told_at_once() -> None:
    scene = Scene()
    for number in range(8):
        scene.comes(f"event {number}", 0.0)
    scene.held(2.1, 30.0)
    told: list[float] = []
    scene.time.at(2.2, lambda: told.append(scene.pace.turn(CHANNEL, 20.0, first=True) or scene.time.now))
    scene.run()
    assert told == [2.2]


def test_a_burst_is_no_larger_for_a_person() -> None:
    scene = Scene(UPDATES)
    for number in range(30):
        scene.comes(f"event {number}", 0.0)
    scene.comes("person", 0.5, first=True)
    went = scene.run()
    assert sum(at == 0.0 for at in went.values()) == UPDATES.burst
    assert went["person"] == UPDATES.interval


def test_what_waits_is_forgotten_when_it_has_gone() -> None:
    scene = Scene()
    for number in range(20):
        scene.comes(f"event {number}", 0.0, until=10.0)
        scene.comes(f"person {number}", number / 7, first=True, until=15.0)
    scene.run()
    (state,) = scene.pace._lines.values()
    assert state.waiting == []
