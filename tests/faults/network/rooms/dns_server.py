"""DNS servers of the VPC's own."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import DnsServerUnusable
from tests.build import VPC, Edit, fargate, stopped
from tests.build.network import dns_servers
from tests.faults.network.tables import LOOKUP, SAYS, Broken, Case


def _told(server: str) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        dns_servers(server, dhcp_options="dopt-main")(world)
        stopped(LOOKUP.format(server=server))(world)

    return edit


_own_dns = dns_servers("10.9.0.53", dhcp_options="dopt-main")


WORLDS = (
    Broken(
        "dns-server-unusable",
        "login",
        (VPC, "dopt-main"),
        fargate,
        _own_dns,
    ),
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
