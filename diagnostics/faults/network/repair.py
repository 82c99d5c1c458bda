"""What a repair has at hand: the blocker, what the snapshot adds to it, and placeholders for the rest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from diagnostics.faults.base import World
from diagnostics.network import Blocker, Trace, VpcView
from diagnostics.pull import Interface, Leg, network_configuration
from diagnostics.snapshot import AwsvpcConfiguration, Subnet, VpcEndpoint, VpcFacts, known_or, known_value
from diagnostics.write import Variable
from diagnostics.write.snippets import Option, command

B = TypeVar("B", bound=Blocker, covariant=True)
A = TypeVar("A", bound=Blocker)

TAG = "pullcheck"
"""The key of the tag by which `undo` and `verify` find what a repair made."""


@dataclass(frozen=True)
class Repair(Generic[B]):
    """One blocker to repair, with everything that tells what the smallest repair is.

    Nothing here judges: facts that could not be read only make a repair less exact, and what nobody can know is a
    variable that a person fills in (`PLACEHOLDERS`).
    """

    world: World
    leg: Leg
    interface: Interface
    trace: Trace
    blocker: B

    @property
    def region(self) -> str:
        """The Region of the VPC."""
        return self.world.region

    @property
    def in_region(self) -> bool:
        """The host is a service of the VPC's own Region, which an endpoint can serve."""
        return self.leg.service is not None and self.leg.region == self.region

    @cached_property
    def view(self) -> VpcView:
        """What is known of the VPC."""
        vpc_id = known_value(self.interface.vpc_id) or ""
        return VpcView(self.world.snapshot.vpcs.get(vpc_id, VpcFacts(vpc_id=vpc_id)))

    @property
    def vpc(self) -> VpcFacts:
        """The facts of the VPC."""
        return self.view.facts

    def with_alike(self, kind: type[A]) -> tuple[Repair[A], ...]:
        """This one, and those of the pull's other legs that stand at the same resources: one change repairs them all."""
        found: list[Repair[A]] = []
        for leg in (self.leg, *(item for item in self.world.pull.legs if item != self.leg)):
            trace = self.trace if leg == self.leg else self.world.trace(leg, self.interface)
            for item in (*trace.blockers, *trace.partly):
                if isinstance(item, kind) and item.resources == self.blocker.resources:
                    found.append(Repair(self.world, leg, self.interface, trace, item))
        return tuple(found)

    @cached_property
    def mark(self) -> str:
        """The value of the tag on what the repair makes: that of this fault of this task, and of no other repair."""
        task = known_value(self.world.snapshot.task)
        of = (
            task.task_arn if task else str(self.world.snapshot.target),
            type(self.blocker).__name__,
            self.leg.name,
        )
        return f"repair-{hashlib.sha256(' '.join((*of, *self.blocker.resources)).encode()).hexdigest()[:10]}"

    def tagged(self, kind: str) -> dict[str, Option]:
        """The option that tags what a command makes; `kind` is EC2's name for the type of resource."""
        return {"tag_specifications": f"ResourceType={kind},Tags=[{{Key={TAG},Value={self.mark}}}]"}

    @property
    def by_mark(self) -> str:
        """The filter that finds what the repair made."""
        return f"Name=tag:{TAG},Values={self.mark}"

    @property
    def is_mine(self) -> str:
        """The condition of a query that holds for what the repair made: nothing else is ever taken away."""
        return f"Tags[?Key=='{TAG}' && Value=='{self.mark}']"

    @property
    def vpc_id(self) -> str:
        """The VPC."""
        return known_value(self.interface.vpc_id) or Variable("VPC_ID")

    @property
    def subnet_id(self) -> str:
        """The pulling subnet."""
        return self.trace.subnet_id

    @property
    def route_table_id(self) -> str:
        """The pulling subnet's route table."""
        return self.view.table_id_of(self.subnet_id) or Variable("ROUTE_TABLE_ID")

    @property
    def puller_group_id(self) -> str | None:
        """A security group of the interface that pulls."""
        groups = known_or(self.interface.security_group_ids, ())
        return groups[0] if groups else None

    def service_name(self, service: str) -> str:
        """The full name of an endpoint service, spelt as the VPC's other endpoints are."""
        for item in self.endpoints:
            if item.service_name.endswith(f".{self.region}.{service}"):
                return item.service_name
        return f"com.amazonaws.{self.region}.{service}"

    @property
    def leg_service_name(self) -> str:
        """The name of the VPC endpoint service of the leg."""
        return self.service_name(self.leg.service or "SERVICE_NAME")

    @property
    def endpoints(self) -> tuple[VpcEndpoint, ...]:
        """The VPC's endpoints as far as they are known."""
        return known_or(self.vpc.vpc_endpoints, ())

    @property
    def subnet(self) -> Subnet | None:
        """The pulling subnet as far as it is known."""
        every = known_or(self.vpc.subnets, ())
        return next((item for item in every if item.subnet_id == self.subnet_id), None)

    @cached_property
    def endpoint_subnets(self) -> tuple[str, ...]:
        """The pulling subnets, one of each Availability Zone: an interface endpoint takes no two of the same."""
        zones = {item.subnet_id: item.availability_zone for item in known_or(self.vpc.subnets, ())}
        chosen = {zones.get(self.subnet_id) or self.subnet_id: self.subnet_id}
        for item in self.world.interfaces():
            zone = zones.get(item.subnet_id)
            if zone is not None and known_value(item.vpc_id) == known_value(self.interface.vpc_id):
                chosen.setdefault(zone, item.subnet_id)
        return tuple(chosen.values())

    @cached_property
    def gateway_tables(self) -> tuple[str, ...]:
        """The route tables of the pulling subnets, this subnet's first."""
        others = (self.view.table_id_of(item.subnet_id) for item in self.world.interfaces())
        return tuple(dict.fromkeys((self.route_table_id, *(item for item in others if item))))

    @property
    def configuration(self) -> AwsvpcConfiguration | None:
        """The awsvpc configuration of the task's service."""
        return network_configuration(self.world.snapshot)[0]

    @property
    def cluster(self) -> str:
        """The cluster's name."""
        task = known_value(self.world.snapshot.task)
        arn = (task.cluster_arn if task else None) or self.world.snapshot.target.cluster
        return arn.rsplit("/", 1)[-1] if arn else "CLUSTER_NAME"

    @property
    def service(self) -> str | None:
        """The name of the task's service, `None` for a task that stands alone."""
        return self.world.snapshot.service_name

    @property
    def is_fargate(self) -> bool:
        """The task itself, and not an instance, has the interface that pulls."""
        return self.interface.kind == "task"

    def aws(self, service: str, operation: str, /, **options: Option) -> str:
        """A command in the VPC's Region."""
        return command(self.region, service, operation, **options)

    def ec2(self, operation: str, /, **options: Option) -> str:
        """An EC2 command in the VPC's Region."""
        return command(self.region, "ec2", operation, **options)

    def prints(self, operation: str, query: str, /, **options: Option) -> str:
        """An EC2 command that prints what a query finds, as plain words."""
        return self.ec2(operation, **options, query=query, output="text")


def together(*warnings: str | None) -> str | None:
    """The warnings that there are, as one."""
    return " ".join(filter(None, warnings)) or None
