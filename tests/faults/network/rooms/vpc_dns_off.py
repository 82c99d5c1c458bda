"""The DNS attributes of the VPC."""

from __future__ import annotations

from diagnostics.network.blockers import DnsOff
from tests.build import VPC, endpoints, fargate
from tests.faults.network.edits import off
from tests.faults.network.tables import SAYS, Broken, Case

WORLDS = (
    Broken("vpc-dns-off", "login", (VPC,), fargate, off("enable_dns_support")),
    Broken("vpc-dns-off", "login", (VPC,), endpoints, off("enable_dns_hostnames"), name="host names"),
)
REPAIRS = (
    Case(
        "vpc-dns-off",
        "no DNS at all",
        DnsOff(resources=(VPC,), says=SAYS, attribute="enableDnsSupport"),
        edits=(off("enable_dns_support"),),
        wants=("modify-vpc-attribute", "--enable-dns-support"),
    ),
    Case(
        "vpc-dns-off",
        "no host names",
        DnsOff(resources=(VPC,), says=SAYS, attribute="enableDnsHostnames"),
        world=endpoints,
        edits=(off("enable_dns_hostnames"),),
        wants=("--enable-dns-hostnames",),
    ),
)
