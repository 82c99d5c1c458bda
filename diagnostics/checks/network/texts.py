"""What the error text adds to the facts where AWS's API alone cannot prove a fault."""

from __future__ import annotations

from diagnostics.checks.base import World
from diagnostics.finding import Fault
from diagnostics.network import Blocker
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import VpcFacts, known_value
from diagnostics.stop_reason import Symptom

AMAZON_DNS = ("AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253")


def pointed_at(world: World, leg: Leg, interface: Interface, fault: Fault) -> Blocker | None:
    """A DNS server of the VPC's own that did not answer, where the facts name one and the error text blames it."""
    facts = world.snapshot.vpcs.get(known_value(interface.vpc_id) or "")
    if fault.id != "dns-server-unusable" or leg.by == "aws" or facts is None:
        return None
    return _unanswered(world, leg, facts)


def speaks_of(symptom: Symptom, leg: Leg) -> bool:
    """Whether a text may be about this leg, by the step and the host that it names."""
    return symptom.stage in (None, leg.stage) and symptom.host in (None, leg.host)


def _unanswered(world: World, leg: Leg, facts: VpcFacts) -> Blocker | None:
    options = known_value(facts.dhcp_options)
    if options is None:
        return None
    servers = tuple(item for item in options.option("domain-name-servers") if item not in AMAZON_DNS)
    for symptom in world.symptoms:
        if symptom.id != "dns-failure" or not speaks_of(symptom, leg):
            continue
        if symptom.resolver is None or symptom.resolver in servers:
            asked = symptom.resolver or servers[0] if servers else None
            if asked is None:
                continue
            return Blocker(
                fault="dns-server-unusable",
                resources=(facts.vpc_id, options.dhcp_options_id),
                says=(
                    f"{facts.vpc_id} hands out DNS server {asked} ({options.dhcp_options_id}), and according to the "
                    f"error text it did not resolve {leg.host}."
                ),
                facts={"dns_servers": ",".join(servers), "dhcp_options_id": options.dhcp_options_id},
            )
    return None
