"""What a repair has at hand: the blocker's values, what the snapshot adds to them, and placeholders for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from diagnostics.faults.base import World
from diagnostics.faults.network.fixes.snippets import Option, command
from diagnostics.network import Blocker, Trace
from diagnostics.pull import Interface, Leg, network_configuration
from diagnostics.snapshot import AwsvpcConfiguration, Subnet, VpcEndpoint, VpcFacts, known_or, known_value


@dataclass(frozen=True)
class Repair:
    """One blocker to repair, with everything that tells what the smallest repair is.

    Nothing here judges: facts that could not be read only make a repair less exact, and what nobody can know is a
    placeholder in capitals (`PLACEHOLDERS`).
    """

    world: World
    leg: Leg
    interface: Interface
    trace: Trace
    blocker: Blocker

    @property
    def region(self) -> str:
        """The Region of the VPC."""
        return self.world.region

    @cached_property
    def vpc(self) -> VpcFacts:
        """What is known of the VPC."""
        vpc_id = known_value(self.interface.vpc_id) or ""
        return self.world.snapshot.vpcs.get(vpc_id, VpcFacts(vpc_id=vpc_id))

    def with_alike(self, *faults: str) -> tuple[Repair, ...]:
        """This one, and those of the pull's other legs that stand at the same resources: one change repairs them all."""
        found = [self]
        for leg in self.world.pull.legs:
            trace = self.trace if leg == self.leg else self.world.trace(leg, self.interface)
            for item in (*trace.blockers, *trace.partly):
                if item.fault in faults and item.resources == self.blocker.resources and item != self.blocker:
                    found.append(Repair(self.world, leg, self.interface, trace, item))
        return tuple(found)

    def fact(self, name: str) -> str | None:
        """A value that the trace gave, the first where it gave several."""
        value = self.blocker.facts.get(name)
        return value.split(",")[0].strip() if value else None

    def facts(self, name: str) -> tuple[str, ...]:
        """All values of one name."""
        return tuple(part.strip() for part in self.blocker.facts.get(name, "").split(",") if part.strip())

    @property
    def vpc_id(self) -> str:
        """The VPC."""
        return self.fact("vpc_id") or known_value(self.interface.vpc_id) or "VPC_ID"

    @property
    def subnet_id(self) -> str:
        """The pulling subnet."""
        return self.fact("subnet_id") or self.trace.subnet_id

    @property
    def route_table_id(self) -> str:
        """The pulling subnet's route table."""
        return self.fact("route_table_id") or self.table_of(self.subnet_id) or "ROUTE_TABLE_ID"

    @property
    def nat_gateway_id(self) -> str | None:
        """A NAT gateway of the VPC that works and that a route may name."""
        return self.fact("usable_nat_gateway_id")

    @property
    def internet_gateway_id(self) -> str | None:
        """The internet gateway that is attached to the VPC."""
        for item in known_or(self.vpc.internet_gateways, ()):
            if any(place.vpc_id == self.vpc_id for place in item.attachments):
                return item.internet_gateway_id
        return None

    @property
    def puller_group_id(self) -> str | None:
        """A security group of the interface that pulls."""
        groups = known_or(self.interface.security_group_ids, ())
        return self.fact("puller_group_id") or (groups[0] if groups else None)

    @property
    def endpoint_service(self) -> str:
        """The name of the VPC endpoint service of the leg."""
        return self.fact("endpoint_service") or self.service_name(self.leg.service or "SERVICE_NAME")

    def service_name(self, service: str) -> str:
        """The full name of an endpoint service, spelt as the VPC's other endpoints are."""
        for item in self.endpoints:
            if item.service_name.endswith(f".{self.region}.{service}"):
                return item.service_name
        return f"com.amazonaws.{self.region}.{service}"

    @property
    def endpoints(self) -> tuple[VpcEndpoint, ...]:
        """The VPC's endpoints as far as they are known."""
        return known_or(self.vpc.vpc_endpoints, ())

    def endpoint(self, endpoint_id: str | None) -> VpcEndpoint | None:
        """An endpoint by its id."""
        return next((item for item in self.endpoints if item.vpc_endpoint_id == endpoint_id), None)

    @property
    def subnets(self) -> tuple[Subnet, ...]:
        """The VPC's subnets as far as they are known."""
        return known_or(self.vpc.subnets, ())

    @cached_property
    def endpoint_subnets(self) -> tuple[str, ...]:
        """The pulling subnets, one of each Availability Zone: an interface endpoint takes no two of the same."""
        zones = {item.subnet_id: item.availability_zone for item in self.subnets}
        chosen = {zones.get(self.subnet_id) or self.subnet_id: self.subnet_id}
        for item in self.world.interfaces():
            zone = zones.get(item.subnet_id)
            if zone is not None and known_value(item.vpc_id) == known_value(self.interface.vpc_id):
                chosen.setdefault(zone, item.subnet_id)
        return tuple(chosen.values())

    @cached_property
    def gateway_tables(self) -> tuple[str, ...]:
        """The route tables of the pulling subnets, this subnet's first."""
        tables = [self.route_table_id]
        for item in self.world.interfaces():
            found = self.table_of(item.subnet_id)
            if found:
                tables.append(found)
        return tuple(dict.fromkeys(tables))

    def table_of(self, subnet_id: str) -> str | None:
        """The route table of a subnet: the one associated with it, else the VPC's main one."""
        main = None
        for table in known_or(self.vpc.route_tables, ()):
            for item in table.associations:
                if item.subnet_id == subnet_id:
                    return table.route_table_id
                if item.main:
                    main = table.route_table_id
        return main

    def subnets_of_table(self, table_id: str) -> tuple[str, ...]:
        """The subnets that use a route table, by its associations and as the main one."""
        return tuple(item.subnet_id for item in self.subnets if self.table_of(item.subnet_id) == table_id)

    @cached_property
    def public_subnet_id(self) -> str | None:
        """A subnet whose default route leads to an internet gateway: where a NAT gateway belongs."""
        for subnet in self.subnets:
            table = self.table_of(subnet.subnet_id)
            for item in known_or(self.vpc.route_tables, ()):
                if item.route_table_id != table:
                    continue
                for route in item.routes:
                    if (
                        route.destination_cidr_block == "0.0.0.0/0"
                        and (route.gateway_id or "").startswith("igw-")
                        and route.state != "blackhole"
                    ):
                        return subnet.subnet_id
        return None

    @cached_property
    def s3_prefix_list_id(self) -> str | None:
        """AWS's own prefix list of S3 in the VPC's Region."""
        given = self.fact("prefix_list_id")
        if given:
            return given
        for item in known_or(self.vpc.service_prefix_lists, ()):
            if (item.prefix_list_name or "").endswith(f".{self.region}.s3"):
                return item.prefix_list_id
        return None

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
        service = known_value(self.world.snapshot.service)
        task = known_value(self.world.snapshot.task)
        return (service.service_name if service else None) or (task.service_name if task else None)

    @property
    def is_fargate(self) -> bool:
        """Whether the task itself, and not an instance, has the interface that pulls."""
        return self.interface.kind == "task"

    def aws(self, service: str, operation: str, /, **options: Option) -> str:
        """A command in the VPC's Region."""
        return command(self.region, service, operation, **options)

    def ec2(self, operation: str, /, **options: Option) -> str:
        """An EC2 command in the VPC's Region."""
        return command(self.region, "ec2", operation, **options)
