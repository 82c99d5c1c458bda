"""What a room holds: a network fault, the kind of blocking that means it, and how it is told and repaired."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from diagnostics import console
from diagnostics.faults.base import World
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.texts import NO_ANSWER
from diagnostics.finding import Evidence, Explains, Fault, Over, Ways
from diagnostics.image_reference import HTTPS_PORT
from diagnostics.network import Blocker, BlockerKind, Trace
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import SymptomId

B = TypeVar("B", bound=Blocker)


def network_fault(
    id: str, title: str, why: str, how: str, source: str, *, kind: Literal["network", "dns"] = "network",
    also: tuple[SymptomId, ...] = (), over: tuple[Over, ...] = ("internet",), text_only: bool = False, of_puller: bool = False,
    short: str = "",
) -> Fault:  # fmt: skip
    """A fault of the network path, as data. Each may show as no answer; `also` are further texts."""
    explains = Explains(symptoms=(*NO_ANSWER, *also), over=over)
    return Fault(
        id=id, kind=kind, title=title, why=why, how=how, source=source, explains=explains, text_only=text_only,
        of_puller=of_puller, short=short,
    )  # fmt: skip


def first_page(repair: Repair[Blocker]) -> str | None:
    """The console page of the first resource that has one."""
    return _first(repair, repair.blocker.resources)


def table_page(repair: Repair[Blocker]) -> str | None:
    """The page of the route table, whatever else the resources name."""
    tables = tuple(item for item in repair.blocker.resources if item.startswith("rtb-"))
    return _first(repair, (*tables, *repair.blocker.resources))


def endpoints_page(repair: Repair[Blocker]) -> str | None:
    """The page of the VPC's endpoints, where one is missing."""
    vpc_id = known_value(repair.interface.vpc_id)
    return console.vpc_endpoints(repair.region, vpc_id) if vpc_id else first_page(repair)


def _first(repair: Repair[Blocker], resources: tuple[str, ...]) -> str | None:
    links = (console.of_resource(repair.region, item) for item in resources)
    return next((link for link in links if link), console.subnet(repair.region, repair.interface.subnet_id))


@dataclass(frozen=True, kw_only=True)
class NetworkFault(Generic[B]):
    """One network fault.

    `service` is the one service whose legs can have it. `unless` says of a leg that cannot have it why not: `{way}` stands
    for what carries the leg. `read_by` is the IAM action behind the blocker, where the resource alone does not tell.
    `follows` are the kinds of blocking whose consequence it is where both stop a leg. `shown_by` are the symptoms of
    error texts that point at it.
    """

    fault: Fault
    means: type[B]
    repair: Callable[[Repair[B]], Ways]
    service: str | None = None
    unless: str = "it plays no part where the pull goes through {way}"
    never: Callable[[Leg, str], str | None] = lambda _leg, _region: None
    """Why a leg of a task in this Region cannot have it, whichever way it goes."""
    read_by: str | None = None
    told_by_interface: bool = False
    """What told of the interface is the evidence."""
    follows: tuple[BlockerKind, ...] = ()
    shown_by: tuple[SymptomId, ...] = ()
    page: Callable[[Repair[B]], str | None] = first_page
    sentence: Callable[[Repair[B]], str | None] = lambda _repair: None
    """A sentence in place of the blocker's own."""
    evidence: Callable[[Repair[B]], tuple[Evidence, ...]] = lambda _repair: ()
    """Evidence besides the hops."""
    told: Callable[[World, Leg, Interface, Trace], B | None] = lambda *_: None
    """What the error text shows where the facts alone do not."""
    title: str | None = None
    """The fault's title with `{port}` for the port of the leg, where it names one."""

    def fault_on(self, leg: Leg) -> Fault:
        """The fault with the title that it has on a leg: with the leg's port."""
        if self.title is None or leg.port == HTTPS_PORT:
            return self.fault
        return self.fault.model_copy(update={"title": self.title.format(port=leg.port)})

    def serves(self, leg: Leg) -> bool:
        """True if a leg can have this fault, by its service."""
        return self.service is None or self.service == (leg.service or "").replace("-fips", "")


AnyFault = NetworkFault[Any]


def fault_of(rooms: tuple[AnyFault, ...], kind: BlockerKind, leg: Leg) -> Fault:
    """The fault that a kind of blocking means on a leg."""
    return next(item.fault for item in rooms if item.means is kind and item.serves(leg))
