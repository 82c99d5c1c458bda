"""The faults that AWS's API cannot prove, where the facts allow them and the error text points at them."""

from __future__ import annotations

from diagnostics.checks.base import World
from diagnostics.finding import Fault
from diagnostics.network import Blocker, Trace
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import Known, VpcFacts, known_value
from diagnostics.stop_reason import Symptom

INSPECTED = ("tls-failure", "connection-refused-reset")
"""What a firewall that looks into TLS does to a pull: a certificate of its own, a broken handshake, a reset."""

AMAZON_DNS = ("AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253")


def pointed_at(world: World, leg: Leg, interface: Interface, trace: Trace, fault: Fault) -> Blocker | None:
    """The fault as the error text and the facts together show it, `None` where they do not."""
    if leg.by == "aws":
        return None
    facts = world.snapshot.vpcs.get(known_value(interface.vpc_id) or "")
    if facts is None:
        return None
    if fault.id == "firewall-inspection":
        return _inspected(world, leg, interface, trace, facts)
    if fault.id == "dns-server-unusable":
        return _unanswered(world, leg, facts)
    return None


def _speaks_of(symptom: Symptom, leg: Leg) -> bool:
    """Whether a text may be about this leg, by the step and the host that it names."""
    return symptom.stage in (None, leg.stage) and symptom.host in (None, leg.host)


def _inspected(world: World, leg: Leg, interface: Interface, trace: Trace, facts: VpcFacts) -> Blocker | None:
    # Every fact that chooses the way must be known: with one of them the leg may turn out to take another.
    chosen_by = (
        facts.vpc_endpoints, facts.route_tables, facts.enable_dns_support, facts.enable_dns_hostnames,
        facts.dhcp_options, facts.service_prefix_lists,
    )  # fmt: skip
    if trace.via != "appliance" or not all(isinstance(fact, Known) for fact in chosen_by):
        return None
    if not any(item.id in INSPECTED and _speaks_of(item, leg) for item in world.symptoms):
        return None
    hop = next((item for item in reversed(trace.hops) if item.verdict == "unknown"), trace.hops[-1])
    named = (hop.resource,) if hop.resource else ()
    return Blocker(
        fault="firewall-inspection",
        resources=(interface.subnet_id, *named),
        says=(
            f"The default route of {interface.subnet_id} leads through {hop.resource or hop.what}, and the error text "
            f"shows what an inspecting firewall does to the connection to {leg.host}."
        ),
    )


def _unanswered(world: World, leg: Leg, facts: VpcFacts) -> Blocker | None:
    options = known_value(facts.dhcp_options)
    if options is None:
        return None
    servers = tuple(item for item in options.option("domain-name-servers") if item not in AMAZON_DNS)
    for symptom in world.symptoms:
        if symptom.id != "dns-failure" or not _speaks_of(symptom, leg):
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
