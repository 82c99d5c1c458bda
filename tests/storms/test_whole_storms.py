"""Storms from the event to Slack, on an emulated AWS that keeps to its rates, in simulated time: nothing lost, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from demo.aws import EmulatedAws, TaskHandle, build_account
from handlers.pace import REMEMBERED
from tests.aws_lambda.cloud import NO_WAY
from tests.build.storm import Storm, storm

SERVICES = 12
ZONES = ("private-a", "private-b")
NO_IMAGE = (
    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: "
    "{image}: not found"
)


class World:
    """Twelve services that a NAT gateway stops, one that has a fault of its own, and one that a person asks about."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        account = build_account(aws)
        self.stopped: list[TaskHandle] = [
            account.fargate_task(f"service-{number:02}", subnets=ZONES, runs_in=ZONES[number % 2])
            for number in range(SERVICES)
        ]
        self.asked = account.fargate_task("asked", subnets=ZONES)
        image = f"{account.image().rpartition(':')[0]}:9.9.9"
        self.own = account.fargate_task("own", subnets=ZONES, image=image)
        account.ec2.delete_nat_gateway(NatGatewayId=account.network.nat_gateway)
        for task in (*self.stopped, self.asked):
            task.stop(NO_WAY)
        self.own.stop(NO_IMAGE.format(image=image))

    def storm(self, **settings: object) -> AbstractContextManager[Storm]:
        return storm(self.aws, **settings)  # type: ignore[arg-type]

    def fail(self, scene: Storm, seconds: float = 10.0) -> None:
        """All of them fail, within some seconds; some are told of twice, and one state late."""
        for number, task in enumerate(self.stopped):
            event = scene.fails(task, seconds * number / SERVICES)
            if number % 3 == 0:
                scene.arrives(event, seconds * number / SERVICES + 0.05)
            if number % 4 == 0:
                scene.arrives({**event, "detail": {**event["detail"], "version": 1}}, 90.0)
        scene.fails(self.own, seconds / 2)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with EmulatedAws(sockets=False) as aws:
        yield World(aws)


def told(scene: Storm) -> list[str]:
    """The messages, without the answer to a person."""
    return [item.plain for item in scene.parents]


def counted(scene: Storm) -> set[str]:
    """The services of the group that has most."""
    groups = [item for key, item in scene.table.memory.items.items() if key.startswith("group#")]
    return max((set(item.get("services", {}).get("SS", ())) for item in groups), key=len)


def check(scene: Storm, world: World) -> None:
    """One message for the NAT gateway, which counts and names all, and one for the fault of one service."""
    first, own = sorted(told(scene), key=lambda text: "9.9.9" in text)
    assert "its route leads to something that is gone" in first
    assert f"{SERVICES} tasks · stops {SERVICES} services: " in first
    assert counted(scene) == {f"payments/service-{number:02}" for number in range(SERVICES)}
    assert "*own cannot start: its image's tag does not exist*" in own
    assert "9.9.9" in own
    assert scene.dead == []
    assert scene.left == []
    assert all(len(scene.slack.thread(item)) == 1 for item in scene.slack.messages())
    assert scene.rates.refused == []
    assert max(scene.rates.drawn().values()) <= 0.5


def test_one_cause_is_one_message_and_another_cause_has_its_own(world: World) -> None:
    with world.storm() as scene:
        world.fail(scene)
        scene.run()
        check(scene, world)
        # One of each subnet; all others are told of from their events.
        assert {item.target.service for item in scene.asked} == {"service-00", "service-01", "own"}
        # Each of the three environments reads for itself.
        assert len(scene.rates.asked) <= 3 * 36
        # The event that came while its twin was being worked on came once more.
        again = [(message.receives, message.body) for message in scene.messages if message.receives > 1]
        assert [(times, json.loads(body)["detail"]["taskArn"]) for times, body in again] == [
            (2, world.stopped[0].arn)
        ]


def slack_asks_to_wait(scene: Storm) -> None:
    scene.slack_busy_until = scene.clock() + 60


def slack_is_down(scene: Storm) -> None:
    scene.slack_down_until = scene.clock() + 300


def the_table_is_throttled(scene: Storm) -> None:
    scene.table.throttled_until = scene.clock() + 12


TROUBLES = (slack_asks_to_wait, slack_is_down, the_table_is_throttled)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.__name__)
def test_nothing_is_lost_and_nothing_is_said_twice(world: World, trouble: Callable[[Storm], None]) -> None:
    with world.storm() as scene:
        trouble(scene)
        world.fail(scene)
        scene.run()
        check(scene, world)
        assert scene.slack_refused + scene.table.refused > 0
        # Nothing was diagnosed and thrown away.
        assert len(scene.asked) == 3


@pytest.mark.parametrize("moment", [0.01, 0.1, 0.25, 0.255, 0.3, 1.3])
def test_an_environment_that_ends_in_the_middle_costs_time_and_nothing_else(
    world: World, moment: float
) -> None:
    """Its messages come again when the queue's own time is over, six minutes later."""
    with world.storm() as scene:
        world.fail(scene, 0.0)
        scene.clock.start(lambda: scene.kill(scene.environments[0]), moment, group=scene)
        scene.run()
        assert scene.environments[0].killed
        check(scene, world)


def test_every_tenth_answer_is_throttled(world: World) -> None:
    with world.storm(every=10) as scene:
        world.fail(scene)
        scene.run()
        check(scene, world)


def test_a_person_who_asks_in_the_middle_is_served_at_once(world: World) -> None:
    with world.storm() as scene:
        world.fail(scene, 0.0)
        began = scene.clock()
        scene.asks(world.asked.arn, 0.2)
        scene.run()
        (person,) = [item for item in scene.asked if item.user]
        assert person.began - began <= 0.2 + 3
        assert person.run is not None
        assert "route-blackhole" in {cause.id for cause in person.run.report.causes}
        assert len(scene.about("asked")) == 1
        assert scene.dead == scene.left == []


def test_what_events_do_not_tell_apart_is_diagnosed_one_by_one_within_half_of_the_rates(world: World) -> None:
    with world.storm() as scene:
        for task in world.stopped:
            scene.fails(task, attachments=[])
        scene.run()
        assert len(scene.asked) == SERVICES
        (only,) = told(scene)
        assert f"{SERVICES} tasks · stops {SERVICES} services" in only
        assert scene.rates.refused == []
        assert max(scene.rates.drawn().values()) <= 0.5
        first = scene.asked[0].run
        assert first is not None
        assert len(scene.rates.asked) - first.snapshot.api_calls <= 7 * (SERVICES - 1)


# --- a person was quicker ----------------------------------------------------------------------------


def test_what_a_person_asked_for_before_the_event_came_is_told_of_there(world: World) -> None:
    """The event of the task, further tasks of other services, and one with a cause of its own."""
    with world.storm() as scene:
        scene.asks(world.asked.arn, 0.0)
        scene.fails(world.asked, 5.0)
        for number, task in enumerate(world.stopped):
            scene.fails(task, 10.0 + number)
        scene.fails(world.own, 30.0)
        scene.run()
        first, own = told(scene)
        assert "*asked cannot start: its route leads to something that is gone*" in first
        assert f"{SERVICES + 1} tasks · stops {SERVICES + 1} services: " in first
        assert f"for <@{scene.slack.user.id}>" in first
        assert "*own cannot start" in own
        assert scene.dead == scene.left == []
        # The person's; the first of the other subnet, or of each; the one with a cause of its own. The event's own task is not.
        assert len(scene.asked) <= 4
        assert sum(item.target.task_id == world.asked.id for item in scene.asked) == 1


def test_a_cause_that_a_person_was_told_of_is_counted_there_without_an_event_of_that_task(
    world: World,
) -> None:
    with world.storm() as scene:
        scene.asks(world.asked.arn, 0.0)
        for number, task in enumerate(world.stopped):
            scene.fails(task, 10.0 + number)
        # Late, and counted already.
        scene.fails(world.asked, 120.0)
        scene.run()
        (only,) = told(scene)
        assert "*asked cannot start" in only
        assert f"{SERVICES + 1} tasks · stops {SERVICES + 1} services: " in only


def test_what_a_person_was_told_half_an_hour_ago_counts_no_more(world: World) -> None:
    with world.storm() as scene:
        scene.asks(world.asked.arn, 0.0)
        scene.fails(world.asked, 1900.0)
        scene.run()
        assert len(told(scene)) == 2


# --- a diagnosis that cannot be made -----------------------------------------------------------------


@pytest.mark.parametrize("apart", [False, True], ids=["alike", "apart"])
def test_aws_that_is_away_is_told_of_once_and_counted(world: World, apart: bool) -> None:
    """Also where no event tells what it has in common with another one."""
    with world.storm() as scene:
        scene.aws_down_until = scene.clock() + 3600
        for number, task in enumerate((*world.stopped, world.own)):
            scene.fails(task, 10.0 * number / SERVICES, **({"attachments": []} if apart else {}))
        scene.run()
        (only,) = told(scene)
        assert "was not checked: the app could not reach AWS in us-east-1." in only
        assert f"{SERVICES + 1} tasks · stops {SERVICES + 1} services: " in only
        assert counted(scene) == {f"payments/service-{number:02}" for number in range(SERVICES)} | {
            "payments/own"
        }
        assert scene.dead == scene.left == []
        # One of each kind finds out: one of each subnet, and the one with another text.
        assert len(scene.asked) == (SERVICES + 1 if apart else 3)


def test_when_aws_is_back_what_fails_next_is_diagnosed_and_told(world: World) -> None:
    with world.storm() as scene:
        scene.aws_down_until = scene.clock() + 60
        *early, late = world.stopped
        for number, task in enumerate(early):
            scene.fails(task, 10.0 * number / SERVICES)
        # Too soon to try one of that kind again; late enough; and one of another kind.
        scene.fails(world.asked, 200.0)
        scene.fails(late, 400.0)
        scene.fails(world.own, 401.0)
        scene.run()
        away, again, own = told(scene)
        assert f"{SERVICES} tasks" in away
        assert "was not checked" in away
        assert "*service-11 cannot start: its route leads to something that is gone*" in again
        assert "*own cannot start: its image's tag does not exist*" in own
        assert len(scene.asked) == 4


def test_what_could_not_be_diagnosed_and_is_tried_again_by_a_person_shows_the_verdict_and_the_count(
    world: World,
) -> None:
    with world.storm() as scene:
        scene.aws_down_until = scene.clock() + 60
        for number, task in enumerate(world.stopped[:-1]):
            scene.fails(task, 10.0 * number / SERVICES)
        scene.presses("pullcheck.rerun", 100.0)
        scene.fails(world.stopped[-1], 130.0)
        scene.run()
        (only,) = told(scene)
        assert "its route leads to something that is gone" in only
        assert f"{SERVICES} tasks · stops {SERVICES} services: " in only
        assert scene.dead == scene.left == []


def test_memory_is_what_it_was_when_a_storm_is_over(world: World) -> None:
    with world.storm() as scene:
        world.fail(scene)
        scene.run()
        for environment in scene.environments:
            assert environment.store.waiting == 0
            assert environment.store.records <= 1000
            assert environment.pace.remembered <= REMEMBERED
        groups = [item for key, item in scene.table.memory.items.items() if key.startswith("group#")]
        assert len(groups) == SERVICES + 1
        assert all(len(json.dumps(item)) < 5000 for item in groups)
