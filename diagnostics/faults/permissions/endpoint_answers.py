"""What the VPC endpoints on the way of a pull say to its requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from diagnostics.faults.base import World
from diagnostics.faults.permissions.endpoint_on_the_way import Way, leg_of, way_of
from diagnostics.faults.permissions.policy_documents import endpoint_document
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import Ruling
from diagnostics.faults.permissions.refusal_words import not_told
from diagnostics.finding import Unsettled
from diagnostics.policy import Denied, Document, Missing, Policies, refusals
from diagnostics.pull import ContainerImage, Interface, LegName
from diagnostics.snapshot import VpcEndpoint
from diagnostics.stop_reason import Stage

_BOUNDARY = Missing(what="the role's permissions boundary", why="an endpoint's policy is judged by itself")
"""Of a role's boundary nothing is known here; only NotPrincipal depends on it."""


@dataclass(frozen=True)
class EndpointRefusal:
    """What one endpoint's policy refuses: the requests that a Deny meets, and those that no Allow covers."""

    endpoint: VpcEndpoint
    document: Document
    ruling: Ruling

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that it refuses."""
        return tuple(dict.fromkeys(self.ruling.actions))

    def with_those_of(self, answers: Iterable[EndpointAnswer]) -> EndpointRefusal:
        """With what the same endpoint refuses of other images."""
        every = (item for answer in answers for item in answer.refusals)
        name = self.endpoint.vpc_endpoint_id
        more = (item.ruling for item in every if item.endpoint.vpc_endpoint_id == name)
        return EndpointRefusal(self.endpoint, self.document, self.ruling.joined(more))


@dataclass(frozen=True)
class EndpointAnswer:
    """What the endpoints on the way say: what they refuse, and what is not known of them.

    `blocked` are the legs that do not come as far as an endpoint.
    """

    refusals: tuple[EndpointRefusal, ...] = ()
    open: tuple[Unsettled, ...] = ()
    endpoints: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


def answer_of(ways: Iterable[tuple[Way, tuple[Step, ...]]]) -> EndpointAnswer:
    """The requests put to the endpoint of their way."""
    refused: dict[str, EndpointRefusal] = {}
    unsettled: list[Unsettled] = []
    endpoints: list[str] = []
    blocked: list[str] = []
    for way, steps in ways:
        unsettled.extend(item for item in (way.unknown,) if item is not None)
        blocked.extend(item for item in (way.blocked,) if item is not None)
        if way.endpoint is None:
            continue
        name, document = way.endpoint.vpc_endpoint_id, endpoint_document(way.endpoint)
        endpoints.append(name)
        denied: list[tuple[Step, Denied]] = []
        for step in steps:
            answer = refusals(step.request, Policies(endpoint=document, boundary=_BOUNDARY))
            # A Deny and a missing Allow are two things to change.
            both = (answer.first("endpoint", explicit=explicit) for explicit in (True, False))
            denied.extend((step, item) for item in both if item is not None)
            unsettled.extend(not_told(step.action, why) for why in answer.not_known("endpoint"))
        if denied and isinstance(document, Document):
            before = refused[name].ruling.denied if name in refused else ()
            refused[name] = EndpointRefusal(way.endpoint, document, Ruling((*before, *denied)))
    return EndpointAnswer(
        refusals=tuple(refused.values()),
        open=tuple(dict.fromkeys(unsettled)),
        endpoints=tuple(dict.fromkeys(endpoints)),
        blocked=tuple(dict.fromkeys(blocked)),
    )


def ecr_ways(
    world: World,
    image: ContainerImage,
    interface: Interface,
    steps: tuple[Step, ...],
    stages: tuple[Stage, ...],
) -> Iterator[tuple[Way, tuple[Step, ...]]]:
    """The legs to ECR with the requests that go over each: the login, and all others with the manifest."""
    legs: tuple[LegName, ...] = ("login", "manifest")
    for name in legs:
        leg = leg_of(world, image, name)
        asked = tuple(step for step in steps if step.is_login is (name == "login") and step.stage in stages)
        if leg is not None and asked:
            yield way_of(world, leg, interface), asked
