"""DNS servers of the VPC's own."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import DnsServerUnusable
from tests.build import VPC, Edit, fargate, vpc_of
from tests.faults.network.edits import LOOKUP, dns_server, stopped
from tests.faults.network.tables import SAYS, Broken, Case


def _told(server: str) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        dns_server(server)(world)
        stopped(LOOKUP.format(server=server))(world)

    return edit


def _own_dns(world: dict[str, Any]) -> None:
    configurations = vpc_of(world)["dhcp_options"]["value"]["DhcpConfigurations"]
    configurations[0]["Values"] = [{"Value": "10.9.0.53"}]


WORLDS = (
    Broken("dns-server-unusable", "login", (VPC, "dopt-main"), fargate, dns_server("10.9.0.53")),
    Broken(
        "dns-server-unusable", "login", (VPC, "dopt-main"), fargate, _told("10.0.10.53"), name="by the text"
    ),
    Broken("dns-server-unusable", "login", (VPC, "dopt-main"), fargate, _told("10.9.0.53"), name="by both"),
)
REPAIRS = (
    Case(
        "dns-server-unusable",
        "a server of their own",
        DnsServerUnusable(
            resources=(
                VPC,
                "dopt-main",
            ),
            says=SAYS,
            servers=("10.9.0.53",),
            dhcp_options_id="dopt-main",
        ),
        edits=(_own_dns,),
        wants=("create-dhcp-options", "AmazonProvidedDNS", "associate-dhcp-options"),
    ),
)
