"""Network ACLs on the path that deny the request or the answers to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.acl_rules import CLOSING_RULE, NAT_EPHEMERAL, Ports
from diagnostics.network.blockers import AclBlocks, AclBlocksAnswers, AclBlocksRequest
from diagnostics.snapshot import known_or
from diagnostics.stop_reason import SymptomId
from diagnostics.write import Asked, asked, chain
from diagnostics.write.snippets import hcl, joined, lines, template

A = TypeVar("A", bound=AclBlocks)
MANY_RANGES = 3


REQUEST = network_fault(
    "nacl-egress-blocked",
    "The network ACLs on the path let the request through on 443",
    "A network ACL of a subnet on the path denies the request: out of the pulling subnet on TCP 443 (or on the port "
    "that the image reference gives its registry), or into the subnet of the endpoint or NAT gateway. Network ACLs are "
    "read in the order of their rule numbers, and the first match decides.",
    "Add an entry that allows that port, with a rule number lower than the entry that denies.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    over=("endpoint", "internet"),
    short="a network ACL does not let HTTPS through",
)

ANSWERS = network_fault(
    "nacl-ephemeral-return-blocked",
    "The network ACLs on the path let the answers back in",
    "Network ACLs are stateless: the answer to a request needs a rule of its own. It comes back to an ephemeral "
    "port between 1024 and 65535 (Linux uses 32768 to 60999, Windows 49152 to 65535), and a network ACL on the "
    "path denies all or some of them. Where some are open, only some connections work.",
    "Add an entry that allows TCP 1024-65535 in that direction, with a rule number lower than the entry that "
    "denies.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    also=(SymptomId.TLS_FAILURE,),
    over=("endpoint", "internet"),
    short="a network ACL does not let the answers back",
)


def _request(repair: Repair[AclBlocksRequest]) -> Fix:
    """An entry for the request, or one for each port and each other end."""
    found: dict[Ports, list[Repair[AclBlocksRequest]]] = {}
    for item in _same_direction(repair):
        found.setdefault((item.blocker.port, item.blocker.port), []).append(item)
    named = joined(str(first) for first, _ in found)
    return _entries(
        repair, {ports: _ranges(items) for ports, items in found.items()}, f"requests on TCP {named}"
    )


def _answers(repair: Repair[AclBlocksAnswers]) -> Fix:
    """An entry for the answers to ephemeral ports."""
    return _entries(repair, {NAT_EPHEMERAL: _ranges(_same_direction(repair))}, "answers on TCP 1024-65535")


def _entries(repair: Repair[AclBlocks], wanted: Mapping[Ports, tuple[str, ...]], what: str) -> Fix:
    acl, outbound = repair.blocker.network_acl_id, repair.blocker.direction == "egress"
    ranges = tuple(dict.fromkeys(cidr for cidrs in wanted.values() for cidr in cidrs))
    pairs = [(ports, cidr) for ports, cidrs in wanted.items() for cidr in cidrs]
    numbers = _free_numbers(repair, len(pairs))
    side = {"egress" if outbound else "ingress": True}
    cli, undo, terraform, cloudformation = list[str](), list[str](), list[str](), list[str]()
    for number, (ports, cidr) in zip(numbers, pairs, strict=True):
        is_ipv6 = ":" in cidr
        cli.append(
            repair.ec2(
                "create-network-acl-entry", network_acl_id=acl, **side, rule_number=number, protocol="6",
                port_range=f"From={ports[0]},To={ports[1]}", rule_action="allow",
                **{"ipv6_cidr_block" if is_ipv6 else "cidr_block": cidr},
            )
        )  # fmt: skip
        undo.append(repair.ec2("delete-network-acl-entry", network_acl_id=acl, **side, rule_number=number))
        terraform.append(
            hcl(
                "aws_network_acl_rule", f"pull_{number}", network_acl_id=acl,
                rule_number=int(number) if number.isdigit() else str(number), egress=outbound, protocol="tcp",
                rule_action="allow", from_port=ports[0], to_port=ports[1],
                **{"ipv6_cidr_block" if is_ipv6 else "cidr_block": cidr},
            )
        )  # fmt: skip
        cloudformation.append(
            template(
                f"pull-{number}", "AWS::EC2::NetworkAclEntry", NetworkAclId=acl,
                RuleNumber=int(number) if number.isdigit() else str(number), Egress=outbound, Protocol=6,
                RuleAction="allow", PortRange={"From": ports[0], "To": ports[1]},
                **{"Ipv6CidrBlock" if is_ipv6 else "CidrBlock": cidr},
            )
        )  # fmt: skip
    before = repair.blocker.rule_number
    order = f", before rule {before}, which denies them" if before != CLOSING_RULE else ""
    wide = ""
    if ranges == ("0.0.0.0/0",) and repair.leg.public:
        wide = (
            " Network ACLs cannot name prefix lists, and the public addresses of ECR and S3 change; the security group "
            "stays the narrower filter."
        )
    elif ranges == ("0.0.0.0/0",):
        wide = f" If {repair.leg.hostname} has an address that does not change, name that one instead of 0.0.0.0/0."
    return Fix(
        title=f"Let {what} {'out' if outbound else 'in'} by {acl}",
        text=(
            f"Add {'an entry' if len(cli) == 1 else 'entries'} to network ACL {acl} that let{'s' if len(cli) == 1 else ''} "
            f"{what} {'out to' if outbound else 'in from'} {joined(ranges)}{order}.{wide}"
        ),
        warning=_others(repair),
        cli=chain(*(item for item in numbers if isinstance(item, Asked)), *cli),
        terraform=lines(*terraform),
        cloudformation=lines(*cloudformation),
        verify=_shows(repair, numbers),
        expect=" ".join("allow" for _ in numbers),
        undo=chain(*(item for item in numbers if isinstance(item, Asked)), *undo),
    )


def _others(repair: Repair[AclBlocks]) -> str:
    """Which other subnets the ACL filters, and that somebody may have meant what it denies."""
    acl, before = repair.blocker.network_acl_id, repair.blocker.rule_number
    subnets = [
        item.subnet_id
        for one in known_or(repair.vpc.network_acls, ())
        if one.network_acl_id == acl
        for item in one.associations
        if item.subnet_id and item.subnet_id != repair.subnet_id
    ]
    count = f"{len(subnets)} other subnet{'' if len(subnets) == 1 else 's'}"
    shared = f"The entry holds for every subnet of {acl}" + (
        f", including {count}: {joined(subnets)}." if subnets else "."
    )
    meant = (
        f" Rule {before} denies it by name, perhaps on purpose: ask who wrote it."
        if before != CLOSING_RULE
        else ""
    )
    return shared + meant


def _shows(repair: Repair[AclBlocks], numbers: tuple[str, ...]) -> str:
    """Prints what the new entries do."""
    acl = repair.blocker.network_acl_id
    outbound = "true" if repair.blocker.direction == "egress" else "false"
    unknown = tuple(item for item in numbers if isinstance(item, Asked))
    if unknown:
        # In double quotes, so that the shell puts the numbers in.
        named = ", ".join(f"'${item}'" if isinstance(item, Asked) else f"'{item}'" for item in numbers)
        query = f"NetworkAcls[].Entries[?Egress==\\`{outbound}\\` && contains([{named}], to_string(RuleNumber))].RuleAction"
        command = repair.ec2("describe-network-acls", network_acl_ids=acl, output="text")
        return chain(*unknown, f'{command} --query "{query}"')
    which = " || ".join(f"RuleNumber==`{number}`" for number in numbers)
    query = f"NetworkAcls[].Entries[?Egress==`{outbound}` && ({which})].RuleAction"
    return chain(repair.prints("describe-network-acls", query, network_acl_ids=acl))


def _same_direction(repair: Repair[A]) -> tuple[Repair[A], ...]:
    """All legs that the ACL stops in this direction."""
    every = repair.with_alike(type(repair.blocker))
    return tuple(item for item in every if item.blocker.direction == repair.blocker.direction)


def _ranges(repairs: Iterable[Repair[AclBlocks]]) -> tuple[str, ...]:
    """The other ends of some legs."""
    found: dict[str, None] = {}
    for item in repairs:
        ranges = item.blocker.peer_cidrs
        # The ranges of S3 grow; entries for today's would stop the pull again one day.
        changing = item.leg.service == "s3" and len(ranges) > 1
        found.update(dict.fromkeys(("0.0.0.0/0",) if changing or not ranges else ranges))
    return ("0.0.0.0/0",) if "0.0.0.0/0" in found or len(found) > MANY_RANGES else tuple(found)


def _free_numbers(repair: Repair[AclBlocks], count: int) -> tuple[str, ...]:
    """Rule numbers that are free and come before the entry that denies; a person fills in those that are not known."""
    blocker, start = repair.blocker, repair.blocker.free_rule_number
    free: tuple[str, ...] = ()
    if start is not None:
        used = {
            item.rule_number
            for acl in known_or(repair.vpc.network_acls, ())
            for item in acl.entries
            if acl.network_acl_id == blocker.network_acl_id and item.egress == (blocker.direction == "egress")
        }
        end = min(blocker.rule_number, start + 200)
        upward = [number for number in range(start, end) if number not in used]
        downward = [number for number in range(start - 1, 0, -1) if number not in used]
        free = tuple(str(number) for number in sorted((upward + downward)[:count]))
    meaning = "a free rule number lower than that of the entry that denies; if that is 1, number it anew before this"
    names = ("RULE_NUMBER", *(f"RULE_NUMBER_{place}" for place in range(2, count - len(free) + 1)))
    return free + tuple(asked(name, meaning) for name in names[: count - len(free)])


ROOMS = (
    NetworkFault(
        fault=REQUEST,
        means=AclBlocksRequest,
        repair=_request,
        title="The network ACLs on the path let the request through on {port}",
    ),
    NetworkFault(fault=ANSWERS, means=AclBlocksAnswers, repair=_answers),
)
