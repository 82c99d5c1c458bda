"""Makes the facts of a large account small enough to be kept, without making another verdict of them.

What is left out is left out in the order of `STEPS`. First each step is taken only where the facts that stay are judged as all
of them were; if that is not enough, also where less is decided. No step is taken that would name another cause or say that
nothing is wrong where something was. The case says what is missing in `Snapshot.dropped`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, TypeVar

from diagnostics import engine, verdict
from diagnostics.pull import ENDPOINT_SERVICES
from diagnostics.snapshot import (
    Fact,
    ImageFacts,
    Known,
    RoleFacts,
    Snapshot,
    Unavailable,
    VpcFacts,
    Why,
    known_value,
)
from diagnostics.snapshot.vpc import RouteTable, VpcEndpoint

T = TypeVar("T")

MOST_IMAGES = 10
"""How many of the images beside the wanted one are kept, and how many names of repositories."""

_ON_THE_WAY = tuple(f".{name}" for name in ENDPOINT_SERVICES)


class ReductionStep(NamedTuple):
    """One thing that can be left out: in words, and what does it."""

    what: str
    take: Callable[[Snapshot], Snapshot]


def fitted(snapshot: Snapshot, fits: Callable[[Snapshot], bool]) -> Snapshot | None:
    """The facts, or as many of them as fit; `None` where that is not enough.

    Args:
        snapshot: all facts.
        fits: says of facts whether they are small enough.
    """
    if fits(snapshot):
        return snapshot
    before = _judged(snapshot)
    for allowed in (_the_same, _no_more):
        for step in STEPS:
            less = step.take(snapshot)
            if less == snapshot or not allowed(before, _judged(less)):
                continue
            snapshot = less.model_copy(update={"dropped": (*snapshot.dropped, step.what)})
            if fits(snapshot):
                return snapshot
    return None


# --- what is said of the facts ------------------------------------------------------------------------


class _Judged(NamedTuple):
    outcome: str
    causes: frozenset[tuple[str, str, tuple[str, ...]]]


def _judged(snapshot: Snapshot) -> _Judged:
    world = engine.world_of(snapshot)
    answer, causes = verdict.rank(world, engine.run(world))
    return _Judged(answer.outcome, frozenset((item.id, item.role, item.resources) for item in causes))


def _the_same(before: _Judged, after: _Judged) -> bool:
    return before == after


def _no_more(before: _Judged, after: _Judged) -> bool:
    return after.causes <= before.causes and after.outcome in (before.outcome, "undecided")


# --- what can be left out -----------------------------------------------------------------------------


def _of_vpcs(edit: Callable[[Snapshot, VpcFacts], VpcFacts]) -> Callable[[Snapshot], Snapshot]:
    return lambda facts: facts.model_copy(
        update={"vpcs": {name: edit(facts, vpc) for name, vpc in facts.vpcs.items()}}
    )


def _only(fact: Fact[tuple[T, ...]], wanted: Callable[[T], bool]) -> Fact[tuple[T, ...]]:
    return _with(fact, tuple(filter(wanted, fact.value))) if isinstance(fact, Known) else fact


def _with(fact: Known[T], value: T) -> Known[T]:
    """The same kind of fact with another value: what is copied is not validated, and is written as its own class."""
    return fact.model_copy(update={"value": value})


def _other_endpoints(facts: Snapshot, vpc: VpcFacts) -> VpcFacts:
    targets = {
        route.gateway_id for table in known_value(vpc.route_tables) or () for route in table.routes
    }  # fmt: skip

    def matters(item: VpcEndpoint) -> bool:
        return item.service_name.endswith(_ON_THE_WAY) or item.vpc_endpoint_id in targets

    return vpc.model_copy(update={"vpc_endpoints": _only(vpc.vpc_endpoints, matters)})


def _passed(facts: Snapshot, vpc: VpcFacts) -> set[str | None]:
    """The subnets that the pull leaves from, and those that it may pass."""
    interfaces = (known_value(item) for item in vpc.interfaces.values())
    return {
        *facts.subnets,
        *(item.subnet_id for item in known_value(vpc.nat_gateways) or ()),
        *(item.subnet_id for item in interfaces if item is not None),
        *(name for item in known_value(vpc.vpc_endpoints) or () for name in item.subnet_ids),
    }


def _other_subnets(facts: Snapshot, vpc: VpcFacts) -> VpcFacts:
    passed = _passed(facts, vpc)

    def has_part(table: RouteTable) -> bool:
        return any(item.main or item.gateway_id or item.subnet_id in passed for item in table.associations)

    return vpc.model_copy(
        update={
            "subnets": _only(vpc.subnets, lambda item: item.subnet_id in passed),
            "route_tables": _only(vpc.route_tables, has_part),
            "network_acls": _only(
                vpc.network_acls, lambda acl: any(item.subnet_id in passed for item in acl.associations)
            ),
        }
    )


def _names_to_offer(facts: Snapshot) -> Snapshot:
    def less(image: ImageFacts) -> ImageFacts:
        tagged, names = image.tagged, image.repository_names
        return image.model_copy(
            update={
                "tagged": _with(tagged, tagged.value[:MOST_IMAGES]) if isinstance(tagged, Known) else tagged,
                "repository_names": _with(names, names.value[:MOST_IMAGES]) if isinstance(names, Known) else names,
            }
        )  # fmt: skip

    return facts.model_copy(update={"images": tuple(map(less, facts.images))})


def _events(facts: Snapshot) -> Snapshot:
    if not isinstance(facts.service, Known):
        return facts
    service = facts.service.value
    return facts.model_copy(
        update={"service": _with(facts.service, service.model_copy(update={"events": service.events[:10]}))}
    )


def _without(items: Mapping[str, Fact[T]], call: str, keep: Iterable[str] = ()) -> dict[str, Fact[T]]:
    """Facts by id as if they had not been read."""
    kept = set(keep)
    return {
        name: fact if name in kept or not isinstance(fact, Known) else _dropped(call, name)
        for name, fact in items.items()
    }  # fmt: skip


def _dropped(call: str, name: str | None = None) -> Unavailable:
    return Unavailable(reason=Why.DROPPED, call=call, resource=name)


def _prefix_lists(facts: Snapshot, vpc: VpcFacts) -> VpcFacts:
    return vpc.model_copy(
        update={"prefix_lists": _without(vpc.prefix_lists, "ec2:GetManagedPrefixListEntries")}
    )


def _endpoint_groups(facts: Snapshot, vpc: VpcFacts) -> VpcFacts:
    others = {group.group_id for item in known_value(vpc.vpc_endpoints) or () for group in item.groups}
    own = vpc.security_groups.keys() - others
    return vpc.model_copy(
        update={"security_groups": _without(vpc.security_groups, "ec2:DescribeSecurityGroups", own)}
    )


def _policies(facts: Snapshot) -> Snapshot:
    def less(role: RoleFacts) -> RoleFacts:
        return role.model_copy(
            update={
                "inline_policies": _without(role.inline_policies, "iam:GetRolePolicy"),
                "attached_policies": _without(role.attached_policies, "iam:GetPolicyVersion"),
            }
        )

    return facts.model_copy(update={"roles": {name: less(role) for name, role in facts.roles.items()}})


def _vpc(facts: Snapshot, vpc: VpcFacts) -> VpcFacts:
    lists = {
        "subnets": "ec2:DescribeSubnets",
        "route_tables": "ec2:DescribeRouteTables",
        "network_acls": "ec2:DescribeNetworkAcls",
        "vpc_endpoints": "ec2:DescribeVpcEndpoints",
    }
    return vpc.model_copy(
        update={
            **{name: _dropped(call, vpc.vpc_id) for name, call in lists.items()},
            "security_groups": _without(vpc.security_groups, "ec2:DescribeSecurityGroups"),
            "interfaces": _without(vpc.interfaces, "ec2:DescribeNetworkInterfaces"),
        }
    )


STEPS: tuple[ReductionStep, ...] = (
    ReductionStep("VPC endpoints of services that no pull asks", _of_vpcs(_other_endpoints)),
    ReductionStep("subnets that the pull does not pass, their route tables and network ACLs", _of_vpcs(_other_subnets)),
    ReductionStep("all but the first images and repository names to offer in place of a missing one", _names_to_offer),
    ReductionStep("all but the newest events of the service", _events),
    ReductionStep("entries of prefix lists", _of_vpcs(_prefix_lists)),
    ReductionStep("rules of the security groups of endpoints", _of_vpcs(_endpoint_groups)),
    ReductionStep("policies of the roles", _policies),
    ReductionStep("subnets, route tables, network ACLs, endpoints and security groups", _of_vpcs(_vpc)),
)  # fmt: skip
"""What is left out, in this order."""
