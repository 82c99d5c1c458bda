"""Scenarios in accounts of their own kind: only what each needs, in any Region, with what looks odd and is in order."""

from __future__ import annotations

from demo.aws.scenarios.bare import (
    barriers,
    doubles,
    hosts,
    other_side,
    own_side,
    registries,
    secrets,
    ways_out,
)
from demo.aws.scenarios.model import Scenario

BARE: tuple[Scenario, ...] = tuple(
    scenario
    for part in (ways_out, barriers, hosts, own_side, other_side, registries, doubles, secrets)
    for scenario in part.catalogue.scenarios.values()
)
