"""What the error text adds to the facts where AWS's API alone cannot prove a fault."""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.finding import Evidence, Fault
from diagnostics.network import Blocker, Trace
from diagnostics.network import faults as ids
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom, SymptomId

SHOWN_BY = {
    ids.DNS_SERVER: (SymptomId.DNS_FAILURE,),
    ids.FIREWALL: (SymptomId.TLS_FAILURE, SymptomId.CONNECTION_REFUSED_RESET),
}
"""The symptoms that point at a fault which only the text can show."""


def pointed_at(world: World, leg: Leg, interface: Interface, trace: Trace, fault: Fault) -> Blocker | None:
    """A DNS server of the VPC's own that did not answer, where the facts name one and the error text blames it.

    The trace then says that nobody can tell whether the server answers, and which action was denied is no part of it.
    """
    facts = world.snapshot.vpcs.get(known_value(interface.vpc_id) or "")
    options = known_value(facts.dhcp_options) if facts else None
    open_question = any(fault.id in item.could_hide and item.call is None for item in trace.missing)
    if fault.id != ids.DNS_SERVER or facts is None or options is None or not open_question:
        return None
    servers = options.option("domain-name-servers")
    for symptom in world.symptoms:
        blamed = symptom.resolver is None or symptom.resolver in servers
        if symptom.id in SHOWN_BY[fault.id] and blamed and _speaks_of(symptom, leg):
            asked = symptom.resolver or ", ".join(servers)
            return Blocker(
                fault=fault.id,
                resources=(facts.vpc_id, options.dhcp_options_id),
                says=(
                    f"The DHCP options {options.dhcp_options_id} of {facts.vpc_id} name DNS server {asked}, and the "
                    f"error text says that it did not resolve {symptom.host or leg.host}."
                ),
                facts={"dns_servers": ",".join(servers), "dhcp_options_id": options.dhcp_options_id},
            )
    return None


def texts_about(world: World, leg: Leg, fault: Fault) -> tuple[Evidence, ...]:
    """The error texts that point at a fault on this leg."""
    return tuple(
        Evidence(what=item.text, source="error text")
        for item in world.symptoms
        if item.id in SHOWN_BY.get(fault.id, ()) and _speaks_of(item, leg)
    )


def _speaks_of(symptom: Symptom, leg: Leg) -> bool:
    """Whether a text may be about this leg, by the step and the host that it names."""
    return symptom.stage in (None, leg.stage) and symptom.host in (None, leg.host)
