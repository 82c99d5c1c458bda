"""Measures storms in simulated time: what they ask of AWS, what they say in Slack, and how long a person waits in the middle.

The emulated AWS keeps to the rates that AWS publishes (`demo.aws.rates`), Slack to its own pace, the queues to what the template
says of them. Time is simulated (`tests.build.simulated`), so that the numbers are the same on every machine; each request takes
as long as `tests.build.storm` says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from demo.aws import EmulatedAws, TaskHandle, build_account
from tests.aws_lambda.cloud import NO_WAY
from tests.build.storm import Asked, Storm, storm

LARGE, SMALL = 300, 100
MINUTE = 60.0
_ZONES = ("private-a", "private-b")


@dataclass(frozen=True)
class Measured:
    """What a storm came to.

    Attributes:
        first: requests that the first diagnosis made.
        requests: all requests, those of the person not counted.
        services: how many services failed.
        diagnosed: how many diagnoses nobody asked for.
        wrong: how many of the diagnoses named another cause than the broken one.
        messages: what was said in the channel, the answer to the person not counted.
        named: the services that the message counts.
        lost: messages that the queues gave up, and diagnoses without an answer.
        drawn: the largest part of a bucket of AWS's that was drawn.
        throttled: requests that found no token.
        peaks: how often each API was asked in the second in which it was asked most.
        visible: seconds until the person saw something.
        begun: seconds until the person's diagnosis began.
        answered: seconds until it was done.
        seconds: until all was done.
    """

    first: int
    requests: int
    services: int
    diagnosed: int
    wrong: int
    messages: int
    named: int
    lost: int
    drawn: float
    throttled: int
    peaks: dict[str, int]
    visible: float
    begun: float
    answered: float
    seconds: float

    def most(self, count: int) -> list[tuple[str, int]]:
        """The APIs that were asked most in one second, and how often."""
        return sorted(self.peaks.items(), key=lambda item: (-item[1], item[0]))[:count]

    @property
    def each(self) -> float:
        """Requests for each service after the first."""
        return (self.requests - self.first) / (self.services - 1)


def tasks_of(aws: EmulatedAws, services: int) -> list[TaskHandle]:
    """One stopped task of each of so many services of one VPC, whose NAT gateway is gone."""
    account = build_account(aws)
    tasks = [
        account.fargate_task(f"service-{number:03}", subnets=_ZONES, runs_in=_ZONES[number % 2])
        for number in range(services)
    ]
    account.ec2.delete_nat_gateway(NatGatewayId=account.network.nat_gateway)
    for task in tasks:
        task.stop(NO_WAY)
    return tasks


def nat_gateway(services: int, *, within: float = MINUTE, every: int = 0, apart: bool = False) -> Measured:
    """So many services are stopped within some seconds by one broken NAT gateway, and a person asks in the middle.

    Args:
        services: how many.
        within: seconds from the first failure to the last.
        every: so many requests are throttled besides: 10 for every tenth.
        apart: no event tells what it has in common with another one, so that each is diagnosed.
    """
    with EmulatedAws(sockets=False) as aws:
        *tasks, last = tasks_of(aws, services + 1)
        with storm(aws, every=every) as scene:
            began = scene.clock()
            for number, task in enumerate(tasks):
                # Without its network interface an event does not say where its task ran.
                scene.fails(task, within * number / services, **({"attachments": []} if apart else {}))
            asked_at = within / 2 + 0.3
            scene.asks(last.arn, asked_at)
            scene.run()
            return _measured(scene, services, began, began + asked_at)


def _measured(scene: Storm, services: int, began: float, asked_at: float) -> Measured:
    (person,) = [item for item in scene.asked if item.user]
    runs = [item.run for item in scene.asked if item.run is not None]
    automatic = [item.run for item in scene.automatic if item.run is not None]
    mine = person.run.snapshot.api_calls if person.run else 0
    own = scene.about(_name_of(person))
    others = [item for item in scene.parents if item not in own]
    return Measured(
        first=automatic[0].snapshot.api_calls,
        requests=len(scene.rates.asked) - mine,
        services=services,
        diagnosed=len(scene.automatic),
        wrong=sum("route-blackhole" not in {cause.id for cause in run.report.causes} for run in runs),
        messages=len(others),
        named=max((_named(item.plain) for item in others), default=0),
        lost=len(scene.dead) + len(scene.left) + len(scene.asked) - len(runs),
        drawn=max(scene.rates.drawn().values()),
        throttled=len(scene.rates.refused),
        peaks=scene.rates.peaks(),
        visible=scene.first_seen(_name_of(person)) - asked_at,
        begun=person.began - asked_at,
        answered=(person.ended or float("inf")) - asked_at,
        seconds=scene.clock() - began,
    )


def _name_of(person: Asked) -> str:
    assert person.run is not None
    return person.run.report.task.service or ""


def _named(text: str) -> int:
    _, _, rest = text.partition("stops ")
    number = rest.partition(" services")[0]
    return int(number) if number.isdigit() else 1


def storms() -> Iterator[tuple[str, Measured]]:
    """Each storm that design promises something of."""
    for services in (SMALL, LARGE):
        yield f"{services} services, each diagnosed", nat_gateway(services, within=0.0, apart=True)
    yield f"a NAT gateway stops {LARGE} services", nat_gateway(LARGE)
    yield f"a NAT gateway stops {LARGE} services, every tenth answer throttled", nat_gateway(LARGE, every=10)
    yield (
        f"{SMALL} services, each diagnosed, every tenth answer throttled",
        nat_gateway(SMALL, within=0.0, every=10, apart=True),
    )
