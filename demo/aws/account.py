"""Builds AWS accounts: a VPC, repositories, roles, hosts and tasks, with ordinary calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from demo.aws.launch import Launches
from demo.aws.network import Network, tcp
from demo.aws.policies import PolicyDocument
from demo.aws.roles import Roles
from demo.aws.server import EmulatedAws

if TYPE_CHECKING:
    from demo.aws.scenarios.model import Broken


class Account(Launches, Roles):
    """One account in one Region of the emulated AWS, and the ids of what was built in it."""

    def __init__(self, aws: EmulatedAws, account_id: str, region: str) -> None:
        super().__init__(aws, account_id, region)
        self.broken: dict[str, Broken] = {}

    def add_network(
        self,
        name: str,
        cidr: str = "10.0.0.0/16",
        *,
        nat: bool = True,
        internet: bool = True,
        endpoints: Sequence[str] = (),
        s3_endpoint: bool = False,
        policies: Mapping[str, PolicyDocument] | None = None,
    ) -> Network:
        """Build a VPC with two zones that can pull.

        Subnets `public-a`, `public-b` (with `internet`), `private-a`, `private-b`; route tables `public`,
        `private`; a NAT gateway in `public-a` (with `nat`); groups `tasks` (open egress) and, with
        `endpoints`, `endpoints`, which admits the VPC on 443; interface endpoints in both private subnets;
        S3's gateway endpoint on the private route table. `policies` are those of endpoints, by service or `s3`.
        """
        network = Network(self.ec2, name, cidr, self.region)
        self.networks[name] = network
        base = ".".join(cidr.split(".")[:2])
        if internet:
            gateway = network.add_internet_gateway()
            network.add_route_table("public")
            network.route_default("public", GatewayId=gateway)
            network.add_subnet("public-a", f"{base}.0.0/24", "a", "public")
            network.add_subnet("public-b", f"{base}.1.0/24", "b", "public")
        network.add_route_table("private")
        network.add_subnet("private-a", f"{base}.10.0/24", "a", "private")
        network.add_subnet("private-b", f"{base}.11.0/24", "b", "private")
        if internet and nat:
            network.route_default("private", NatGatewayId=network.add_nat_gateway("public-a"))
        network.add_security_group("tasks")
        own = policies or {}
        if endpoints:
            network.add_security_group("endpoints", ingress=[tcp(443, cidr=cidr)])
            for service in endpoints:
                network.add_interface_endpoint(
                    service, ["private-a", "private-b"], "endpoints", policy=own.get(service)
                )
        if s3_endpoint:
            network.add_s3_gateway_endpoint(["private"], own.get("s3"))
        return network
