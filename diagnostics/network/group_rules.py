"""Security groups: all groups of an interface together, stateful, and what no rule allows is denied.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from diagnostics.image_reference import HTTPS_PORT
from diagnostics.network.addresses import AddressSet, Family, of_cidrs
from diagnostics.network.blockers import Blocker, BlockerKind
from diagnostics.network.ends import End
from diagnostics.network.prefix_lists import cidrs_of, is_of_a_store
from diagnostics.network.step_result import StepResult, blocked, cannot_tell, missing, partly, passed
from diagnostics.network.trace import Gap, What
from diagnostics.snapshot import Absent, IpPermission, Known, SecurityGroup, Unavailable, VpcFacts, Why

Coverage = Literal["all", "none", "some", "unknown"]
"""How many of the addresses at the other end are let through."""


@dataclass(frozen=True)
class Permitted:
    """What a union of groups lets through: `addresses` for sure, and more if one of `unread` turns out to allow it."""

    addresses: AddressSet
    unread: tuple[tuple[str, Unavailable], ...] = ()


def admits(rule: IpPermission, port: int, protocol: str = "tcp") -> bool:
    """True if a rule speaks of this port. Protocol `-1` is every protocol and port."""
    numbers = {"tcp": "6", "udp": "17"}
    if rule.ip_protocol == "-1":
        return True
    if rule.ip_protocol not in (protocol, numbers[protocol]):
        return False
    first = rule.from_port if rule.from_port is not None else 0
    last = rule.to_port if rule.to_port is not None else 65535
    return (first in (-1, 0) and last == -1) or first <= port <= last


def rules_of(group_id: str, vpc: VpcFacts) -> Known[SecurityGroup] | Unavailable:
    """A security group. One that was deleted since had rules when the task pulled, and nothing tells which."""
    call = "ec2:DescribeSecurityGroups"
    fact = vpc.security_groups.get(group_id, Unavailable(call=call, resource=group_id))
    if isinstance(fact, Absent):
        return Unavailable(reason=Why.GROUP_GONE, call=call, resource=group_id)
    return fact


def permitted(
    group_ids: Iterable[str],
    vpc: VpcFacts,
    peer: End,
    *,
    egress: bool,
    port: int = HTTPS_PORT,
    protocol: str = "tcp",
) -> Permitted:
    """What the groups together let through to or from the other end."""
    found = AddressSet(peer.family)
    unread: list[tuple[str, Unavailable]] = []
    for group_id in group_ids:
        fact = rules_of(group_id, vpc)
        if isinstance(fact, Unavailable):
            unread.append((f"the rules of security group {group_id}", fact))
            continue
        for rule in fact.value.ip_permissions_egress if egress else fact.value.ip_permissions:
            if admits(rule, port, protocol):
                more, unsure = _targets(rule, vpc, peer)
                found = found | more
                unread.extend(unsure)
    return Permitted(found, tuple(dict.fromkeys(unread)))


def _targets(
    rule: IpPermission, vpc: VpcFacts, peer: End
) -> tuple[AddressSet, tuple[tuple[str, Unavailable], ...]]:
    family: Family = peer.family
    ranges = [item.cidr_ip for item in rule.ip_ranges] + [item.cidr_ipv6 for item in rule.ipv6_ranges]
    found = of_cidrs(ranges, family)
    unread: list[tuple[str, Unavailable]] = []
    for item in rule.prefix_list_ids:
        if item.prefix_list_id == peer.prefix_list_id:
            found = found | peer.addresses
            continue
        if peer.is_of_aws and is_of_a_store(item.prefix_list_id, vpc):
            # Their addresses are nobody else's: a rule for S3 lets nothing out to ECR.
            continue
        cidrs = cidrs_of(item.prefix_list_id, vpc)
        if isinstance(cidrs, Unavailable):
            unread.append((f"the entries of prefix list {item.prefix_list_id}", cidrs))
        else:
            found = found | of_cidrs(cidrs.value, family)
    for pair in rule.user_id_group_pairs:
        if peer.groups is None:
            unread.append(
                (
                    f"the security groups of {peer.words}",
                    Unavailable(reason=Why.ADDRESSES_NOT_KNOWN, call="ec2:DescribeNetworkInterfaces"),
                )
            )
        elif pair.group_id in peer.groups:
            found = found | peer.addresses
    return found, tuple(unread)


def answer(allowed: Permitted, peer: End) -> Coverage:
    """How much of the other end is let through. `some` only where each address is really in use."""
    if peer.addresses <= allowed.addresses:
        return "all"
    if allowed.unread:
        return "unknown"
    if not peer.addresses & allowed.addresses:
        return "none"
    return "some" if peer.exact else "unknown"


def lets_any_out(group_ids: Iterable[str], vpc: VpcFacts, port: int = HTTPS_PORT) -> bool | None:
    """True if any rule lets this port out to anywhere at all; `None` where a group could not be read."""
    unread = False
    for group_id in group_ids:
        fact = rules_of(group_id, vpc)
        if isinstance(fact, Unavailable):
            unread = True
        elif any(
            admits(rule, port)
            and (rule.ip_ranges or rule.ipv6_ranges or rule.prefix_list_ids or rule.user_id_group_pairs)
            for rule in fact.value.ip_permissions_egress
        ):
            return True
    return None if unread else False


def closed(group_ids: tuple[str, ...], way: str, of: str | None = None, port: int = HTTPS_PORT) -> str:
    """A sentence that says that groups let nothing through `way`: `out to …`, `in from …`."""
    names = ", ".join(group_ids)
    head = f"Security group {names}" if len(group_ids) == 1 else f"Security groups {names}"
    verb = "does" if len(group_ids) == 1 else "do"
    return f"{head}{f' of {of}' if of else ''} {verb} not let TCP {port} {way}."


def judge(
    group_ids: tuple[str, ...],
    vpc: VpcFacts,
    peer: End,
    blocker: Blocker,
    *,
    egress: bool,
    port: int = HTTPS_PORT,
) -> StepResult:
    """Rules on whether the groups let a TCP port through, as a step of a trace.

    Args:
        blocker: what to say where they do not.
    """
    allowed = permitted(group_ids, vpc, peer, egress=egress, port=port)
    name = ", ".join(group_ids)
    what: What = "security group"
    verdict = answer(allowed, peer)
    way = f"out to {peer.words}" if egress else f"in from {peer.words}"
    if verdict == "all":
        return passed(what, name, f"{name} lets TCP {port} {way}", type(blocker))
    if verdict == "none":
        return blocked(what, name, blocker)
    if verdict == "some":
        some = replace(blocker, says=f"{name} lets TCP {port} {way} for some of its addresses only.")
        return partly(what, name, some)
    return cannot_tell(what, name, *unsettled(allowed, peer, (type(blocker),)))


def unsettled(allowed: Permitted, peer: End, could_hide: tuple[BlockerKind, ...]) -> tuple[Gap, ...]:
    """The facts that leave a question about groups open."""
    if not allowed.unread:
        return (
            Gap(
                what=f"which address {peer.who} has",
                question=True,
                why="the rules let through only some of those it may have",
                could_hide=could_hide,
            ),
        )
    return tuple(missing(what, fact, could_hide) for what, fact in allowed.unread)
