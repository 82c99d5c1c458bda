"""The DNS attributes of the VPC."""

from __future__ import annotations

from diagnostics.network.blockers import DnsOff
from tests.build import VPC, endpoints, fargate
from tests.build.network import attribute
from tests.faults.network.tables import SAYS, Broken, Case

WORLDS = (
    Broken("vpc-dns-off", "login", (VPC,), fargate, attribute("enable_dns_support", False)),
    Broken(
        "vpc-dns-off", "login", (VPC,), endpoints, attribute("enable_dns_hostnames", False), name="host names"
    ),
)
REPAIRS = (
    Case(
        "vpc-dns-off",
        "no DNS at all",
        DnsOff(resources=(VPC,), says=SAYS, attribute="enableDnsSupport"),
        edits=(attribute("enable_dns_support", False),),
        wants=("modify-vpc-attribute", "--enable-dns-support"),
    ),
    Case(
        "vpc-dns-off",
        "no host names",
        DnsOff(resources=(VPC,), says=SAYS, attribute="enableDnsHostnames"),
        world=endpoints,
        edits=(attribute("enable_dns_hostnames", False),),
        wants=("--enable-dns-hostnames",),
    ),
)
