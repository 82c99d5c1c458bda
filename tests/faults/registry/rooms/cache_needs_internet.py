"""The first pull through the pull-through cache needs a way to the internet, which the subnet does not have."""

from __future__ import annotations

from typing import Any

from diagnostics.faults.registry.cache_needs_internet import NEEDS_INTERNET
from diagnostics.network import Gap, Trace
from diagnostics.network.blockers import NoWayOut
from tests.build import REGISTRY, endpoints
from tests.build.images import facts, named, no_repository
from tests.faults.judging import Table, case, traces
from tests.faults.registry.worlds import CACHED, UNREAD, first


def traced(disposition: str, endpoint: str | None = "vpce-ecr-dkr", missing: bool = False) -> Any:
    """The manifest leg through an endpoint (or not), and what the way to the internet amounts to."""
    gap = (Gap(what="the route tables", why="denied", call="ec2:DescribeRouteTables"),)
    own = Trace(
        leg="manifest", host=REGISTRY, subnet_id="subnet-private-a", hops=(),
        via="interface_endpoint" if endpoint else "nat_gateway", endpoint_id=endpoint, missing=gap if missing else (),
    )  # fmt: skip
    blocker = NoWayOut(
        resources=("rtb-private", "subnet-private-a"),
        says="rtb-private has no default route",
    )
    out = Trace(
        leg="manifest", host="registry-1.docker.io", subnet_id="subnet-private-a", via="none", hops=(),
        blockers=(blocker,) if disposition == "blocked" else (), missing=gap if disposition == "unknown" else (),
    )  # fmt: skip
    return traces(own, out)


TABLE = Table(
    NEEDS_INTERNET,
    (
        case("endpoints only", "fail", *first(), start=endpoints, traced=traced("blocked"),
             resources=("subnet-private-a", "rtb-private")),
        case("endpoints and a way out", "pass", *first(), start=endpoints, traced=traced("reachable")),
        case("the way out is not known", "unknown", *first(), start=endpoints, traced=traced("unknown")),
        case("no endpoint", "skipped", *first(), traced=traced("reachable", None)),
        case("whether there is an endpoint is not known", "unknown", *first(), traced=traced("reachable", None, True)),
        case("it is in the cache", "skipped", named(CACHED), start=endpoints, traced=traced("blocked")),
        case("the rules are denied", "unknown", named(CACHED), no_repository, facts(pull_through_cache_rules=UNREAD),
             start=endpoints, traced=traced("blocked")),
    ),
)  # fmt: skip
