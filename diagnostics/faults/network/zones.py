"""The Availability Zone of the pulling subnet, in the sentence that a finding is read by."""

from __future__ import annotations

import re

from diagnostics.faults.base import World
from diagnostics.pull import Interface
from diagnostics.snapshot import known_value


def subnet_in_zone(world: World, interface: Interface) -> str:
    """The subnet with its Availability Zone behind it: `subnet-1 (us-east-1a)`."""
    zone = zone_of(world, interface)
    return f"{interface.subnet_id} ({zone})" if zone else interface.subnet_id


def with_zone(world: World, interface: Interface, sentence: str) -> str:
    """The sentence with the Availability Zone behind the first mention of the pulling subnet."""
    zone = zone_of(world, interface)
    if zone is None or re.search(rf"\b{re.escape(zone)}\b", sentence):
        return sentence
    pattern = rf"\b{re.escape(interface.subnet_id)}\b(?![-\w])"
    return re.sub(pattern, subnet_in_zone(world, interface), sentence, count=1)


def zone_of(world: World, interface: Interface) -> str | None:
    """The Availability Zone of an interface's subnet, as far as it is known; only for wording."""
    fact = world.snapshot.subnets.get(interface.subnet_id)
    found = known_value(fact) if fact is not None else None
    if found is not None:
        return found.availability_zone
    facts = world.snapshot.vpcs.get(known_value(interface.vpc_id) or "")
    for subnet in (known_value(facts.subnets) if facts else None) or ():
        if subnet.subnet_id == interface.subnet_id:
            return subnet.availability_zone
    return None
