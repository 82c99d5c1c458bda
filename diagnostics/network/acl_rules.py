"""Network ACLs: numbered entries, first match decides, stateless, so answers need an entry of their own.

https://docs.aws.amazon.com/vpc/latest/userguide/nacl-basics.html and, for the ports of answers,
https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from diagnostics.image_reference import HTTPS_PORT
from diagnostics.network.addresses import AddressSet, of_cidrs
from diagnostics.network.blockers import AclBlocks, AclBlocksAnswers, AclBlocksRequest
from diagnostics.network.ends import End
from diagnostics.network.group_rules import Coverage
from diagnostics.network.step_result import StepResult, blocked, cannot_tell, missing, partly, passed
from diagnostics.network.trace import Gap, What
from diagnostics.snapshot import Fact, Known, NetworkAcl, NetworkAclEntry, Unavailable, VpcFacts, Why

Ports = tuple[int, int]

LINUX_EPHEMERAL: Ports = (32768, 60999)
WINDOWS_EPHEMERAL: Ports = (49152, 65535)
NAT_EPHEMERAL: Ports = (1024, 65535)

CLOSING_RULE = 32767


@dataclass(frozen=True)
class Flow:
    """How an ACL treats one kind of packet: how many of the addresses pass, on all ports or not on `closed` ones.

    `rule` is the number of the first entry that denies.
    """

    answer: Coverage
    closed: tuple[Ports, ...] = ()
    rule: int | None = None


def flow(acl: NetworkAcl, peer: End, ports: Ports, *, egress: bool, protocol: str = "6") -> Flow:
    """Reads the entries of one direction in the order of their numbers."""
    entries = sorted(
        (
            item
            for item in acl.entries
            if item.egress == egress and (item.protocol in ("-1", protocol) or not _is_number(item.protocol))
        ),
        key=lambda item: item.rule_number,
    )
    if any(_in_doubt(item) and _may_match(item, ports, peer) for item in entries):
        return _as_far_as_is_sure(entries, peer, ports)
    answers: list[Coverage] = []
    closed: list[Ports] = []
    rules: list[int] = []
    for segment in _segments(entries, ports):
        allowed, denied_by = _claims(entries, segment, peer)
        if peer.addresses <= allowed:
            answers.append("all")
            continue
        rules.append(denied_by)
        closed.append(segment)
        if not peer.addresses & allowed:
            answers.append("none")
        else:
            answers.append("some" if peer.exact else "unknown")
    first = min(rules) if rules else None
    if all(item == "all" for item in answers):
        return Flow("all")
    if all(item == "none" for item in answers):
        return Flow("none", _joined(closed), first)
    return Flow("unknown" if "unknown" in answers else "some", _joined(closed), first)


def _is_number(protocol: str) -> bool:
    return protocol == "-1" or protocol.isdigit()


def _in_doubt(entry: NetworkAclEntry) -> bool:
    """True if an entry does neither of the two things that an entry does, or names no range or no protocol."""
    if not _is_number(entry.protocol):
        return True
    return entry.rule_action.lower() not in ("allow", "deny") or not (
        entry.cidr_block or entry.ipv6_cidr_block
    )


def _may_match(entry: NetworkAclEntry, ports: Ports, peer: End) -> bool:
    """False if an entry is certainly about other addresses or other ports."""
    if (entry.cidr_block or entry.ipv6_cidr_block) and not peer.addresses & of_cidrs(
        (entry.cidr_block, entry.ipv6_cidr_block), peer.family
    ):
        return False
    first, last = _ports_of(entry)
    return first <= ports[1] and ports[0] <= last


def _as_far_as_is_sure(entries: list[NetworkAclEntry], peer: End, ports: Ports) -> Flow:
    """The answer where some entries are in doubt: what is decided before the first of them that could match, else nothing."""
    sure: list[NetworkAclEntry] = []
    for entry in entries:
        if _in_doubt(entry) and _may_match(entry, ports, peer):
            break
        sure.append(entry)
    allowed = [_claims(sure, segment, peer)[0] for segment in _segments(sure, ports)]
    if all(peer.addresses <= item for item in allowed):
        return Flow("all")
    return Flow("unknown")


def _segments(entries: list[NetworkAclEntry], ports: Ports) -> list[Ports]:
    """The ports cut wherever an entry begins or ends, so that within a piece every entry matches all or nothing."""
    cuts = {ports[0], ports[1] + 1}
    for entry in entries:
        first, last = _ports_of(entry)
        cuts |= {cut for cut in (first, last + 1) if ports[0] < cut <= ports[1]}
    edges = sorted(cuts)
    return [(first, after - 1) for first, after in pairwise(edges)]


def _ports_of(entry: NetworkAclEntry) -> Ports:
    if entry.protocol == "-1" or entry.port_range is None:
        return 0, 65535
    first, last = entry.port_range.from_, entry.port_range.to
    return first if first is not None else 0, last if last is not None else 65535


def _claims(entries: list[NetworkAclEntry], segment: Ports, peer: End) -> tuple[AddressSet, int]:
    """The addresses that pass on these ports, and the number of the first entry that denies some."""
    open_question, allowed = peer.addresses, AddressSet(peer.family)
    denied_by: int | None = None
    for entry in entries:
        if not open_question:
            break
        first, last = _ports_of(entry)
        if not (first <= segment[0] and segment[1] <= last):
            continue
        named = of_cidrs((entry.cidr_block, entry.ipv6_cidr_block), peer.family)
        claimed = open_question & named
        if not claimed:
            continue
        open_question = open_question - claimed
        if entry.rule_action.lower() == "allow":
            allowed = allowed | claimed
        elif denied_by is None:
            denied_by = entry.rule_number
    return allowed, denied_by if denied_by is not None else CLOSING_RULE


def _joined(ports: list[Ports]) -> tuple[Ports, ...]:
    result: list[Ports] = []
    for first, last in sorted(ports):
        if result and first == result[-1][1] + 1:
            result[-1] = (result[-1][0], last)
        else:
            result.append((first, last))
    return tuple(result)


def free_rule_number(acl: NetworkAcl, egress: bool, before: int) -> int | None:
    """The number of a new entry that is read before the one that denies; `None` where none is left."""
    used = {item.rule_number for item in acl.entries if item.egress == egress}
    if before >= CLOSING_RULE:
        last = max((number for number in used if number < CLOSING_RULE), default=90)
        for number in (last + 10, last + 1):
            if number < CLOSING_RULE:
                return number
        before = CLOSING_RULE
    return next((number for number in range(before - 1, 0, -1) if number not in used), None)


def acl_of(subnet_id: str, vpc: VpcFacts) -> Known[NetworkAcl] | Unavailable:
    """The ACL of a subnet; every subnet has one."""
    fact = vpc.network_acls
    if isinstance(fact, Known):
        for acl in fact.value:
            if any(item.subnet_id == subnet_id for item in acl.associations):
                return Known(value=acl)
        return Unavailable(
            reason=Why.NO_ACL_OF_SUBNET,
            call="ec2:DescribeNetworkAcls",
            resource=subnet_id,
        )
    return fact if isinstance(fact, Unavailable) else Unavailable(call="ec2:DescribeNetworkAcls")


@dataclass(frozen=True)
class Gate:
    """The ACL of a subnet that the leg passes.

    `port` is that of the request. `route_table_id` is the table whose route led there, `windows` whether the puller runs Windows, which decides to
    which ports answers come.
    """

    subnet_id: str
    vpc: VpcFacts
    windows: Fact[bool]
    port: int = HTTPS_PORT
    route_table_id: str | None = None

    def request(self, peer: End, *, egress: bool) -> StepResult:
        """The request to the leg's port."""
        return self.judge(peer, (self.port, self.port), AclBlocksRequest, egress=egress)

    def answers(self, peer: End, *, egress: bool) -> StepResult:
        """Answers to the ephemeral ports of the puller's operating system."""
        if isinstance(self.windows, Known):
            ports = WINDOWS_EPHEMERAL if self.windows.value else LINUX_EPHEMERAL
            return self.judge(peer, ports, AclBlocksAnswers, egress=egress)
        linux = self.judge(peer, LINUX_EPHEMERAL, AclBlocksAnswers, egress=egress)
        both = self.judge(peer, WINDOWS_EPHEMERAL, AclBlocksAnswers, egress=egress)
        if linux.clear and both.clear:
            return linux
        gap = missing("the operating system of the puller", self.windows, (AclBlocksAnswers,))
        return cannot_tell("network ACL", None, gap)

    def server_side(self, source: End) -> StepResult:
        """The two flows at the subnet of an endpoint or a NAT gateway: the request in, and answers out."""
        return self.request(source, egress=False) + self.answers(source, egress=True)

    def nat_outside(self, peer: End) -> StepResult:
        """The two flows between a NAT gateway and the internet, whose answers come to 1024-65535."""
        back = self.judge(peer, NAT_EPHEMERAL, AclBlocksAnswers, egress=False)
        return self.request(peer, egress=True) + back

    def judge(self, peer: End, ports: Ports, kind: type[AclBlocks], *, egress: bool) -> StepResult:
        """Rules on one flow."""
        what: What = "network ACL"
        fact = acl_of(self.subnet_id, self.vpc)
        if isinstance(fact, Unavailable):
            gap = missing(f"the network ACL of {self.subnet_id}", fact, (kind,), self.subnet_id)
            return cannot_tell(what, None, gap)
        acl = fact.value
        result = flow(acl, peer, ports, egress=egress)
        name = acl.network_acl_id
        traffic = f"TCP {_words(ports)} {'out to' if egress else 'in from'} {peer.words}"
        if result.answer == "all":
            return passed(what, name, f"{name} of {self.subnet_id} lets {traffic}", kind)
        if result.answer == "unknown":
            why = f"{name} lets {traffic} for only some of those it may have"
            gap = Gap(
                what=f"which address {peer.who} has",
                question=True,
                why=why,
                resource=name,
                could_hide=(kind,),
            )
            return cannot_tell(what, name, gap)
        rule = result.rule if result.rule is not None else CLOSING_RULE
        by = "its closing rule" if rule == CLOSING_RULE else f"rule {rule}"
        says = f"Network ACL {name} of {self.subnet_id} does not let {traffic}: {by} denies it."
        if result.answer == "some":
            shut = ", ".join(_words(item) for item in result.closed)
            says = (
                f"Network ACL {name} of {self.subnet_id} lets {traffic} only partly: {by} denies TCP {shut}."
            )
        blocker = kind(
            resources=(name,), says=says, route_table_id=self.route_table_id, network_acl_id=name,
            direction="egress" if egress else "ingress", rule_number=rule, port=self.port,
            free_rule_number=free_rule_number(acl, egress, rule), peer_cidrs=peer.cidrs,
        )  # fmt: skip
        return (blocked if result.answer == "none" else partly)(what, name, blocker)


def _words(ports: Ports) -> str:
    return str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"
