"""Repairs of security groups and network ACLs: one rule more, as narrow as the leg allows."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.faults.network.fixes.repair import Repair
from diagnostics.faults.network.fixes.snippets import hcl, joined, lines, template
from diagnostics.finding import Fix
from diagnostics.network import faults as ids
from diagnostics.snapshot import NetworkAcl, known_or

HTTPS: dict[str, object] = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
EPHEMERAL = (1024, 65535)
MANY_RANGES = 3


@dataclass(frozen=True)
class Peer:
    """The other end of a security group rule in the words of the CLI, of Terraform and of CloudFormation."""

    says: str
    permission: tuple[str, object]
    terraform: tuple[str, str]
    cloudformation: tuple[str, str]


def _group(group: str, side: str) -> Peer:
    return Peer(
        f"security group {group}",
        ("UserIdGroupPairs", [{"GroupId": group}]),
        ("referenced_security_group_id", group),
        (f"{side}SecurityGroupId", group),
    )


def _prefix_list(prefix_list: str, side: str) -> Peer:
    return Peer(
        f"S3's prefix list {prefix_list}",
        ("PrefixListIds", [{"PrefixListId": prefix_list}]),
        ("prefix_list_id", prefix_list),
        (f"{side}PrefixListId", prefix_list),
    )


def _range(cidr: str) -> Peer:
    if ":" in cidr:
        return Peer(cidr, ("Ipv6Ranges", [{"CidrIpv6": cidr}]), ("cidr_ipv6", cidr), ("CidrIpv6", cidr))
    return Peer(cidr, ("IpRanges", [{"CidrIp": cidr}]), ("cidr_ipv4", cidr), ("CidrIp", cidr))


def _other_end(repair: Repair) -> tuple[Peer, ...]:
    """Where the puller must be let out to: an endpoint's group, S3's prefix list, or ranges of addresses."""
    ranges = tuple(_range(cidr) for cidr in repair.facts("peer_cidr"))
    if repair.trace.via == "interface_endpoint":
        endpoint = repair.endpoint(repair.trace.endpoint_id)
        groups = repair.facts("endpoint_group_id") or tuple(
            group.group_id for group in (endpoint.groups if endpoint else ())
        )
        return (_group(groups[0], "Destination"),) if groups else ranges or (_range("0.0.0.0/0"),)
    if repair.leg.service == "s3" and repair.leg.region == repair.region and repair.s3_prefix_list_id:
        return (_prefix_list(repair.s3_prefix_list_id, "Destination"),)
    return ranges if 0 < len(ranges) <= MANY_RANGES else (_range("0.0.0.0/0"),)


def _without_covered(peers: tuple[Peer, ...]) -> tuple[Peer, ...]:
    """Without what a rule for every IPv4 address lets out anyway."""
    anywhere = tuple(peer for peer in peers if peer.says == "0.0.0.0/0")
    return anywhere + tuple(peer for peer in peers if peer.says.startswith("::")) if anywhere else peers


def _rules(repair: Repair, direction: str, group: str, peers: tuple[Peer, ...], text: str) -> Fix:
    permissions: list[object] = [{**HTTPS, peer.permission[0]: peer.permission[1]} for peer in peers]
    letter = "IpPermissionsEgress" if direction == "egress" else "IpPermissions"
    kind = "AWS::EC2::SecurityGroupEgress" if direction == "egress" else "AWS::EC2::SecurityGroupIngress"
    names = [f"https{'' if len(peers) == 1 else f'_{place}'}" for place in range(1, len(peers) + 1)]
    return Fix(
        text=text,
        cli=repair.ec2(
            f"authorize-security-group-{direction}", group_id=group, ip_permissions=permissions
        ),
        terraform=lines(
            *(
                hcl(
                    f"aws_vpc_security_group_{direction}_rule", name, security_group_id=group, ip_protocol="tcp",
                    from_port=443, to_port=443, **dict([peer.terraform]),
                )
                for name, peer in zip(names, peers, strict=True)
            )
        ),
        cloudformation=lines(
            *(
                template(name, kind, GroupId=group, **HTTPS, **dict([peer.cloudformation]))
                for name, peer in zip(names, peers, strict=True)
            )
        ),
        verify=repair.ec2(
            "describe-security-groups", group_ids=group, query=f"SecurityGroups[].{letter}"
        ),
        undo=repair.ec2(
            f"revoke-security-group-{direction}", group_id=group, ip_permissions=permissions
        ),
    )  # fmt: skip


def group_egress(repair: Repair) -> Fix:
    """One outbound rule for the pulling security group."""
    group = repair.fact("group_id") or repair.puller_group_id or "PULLING_GROUP_ID"
    every = (peer for item in repair.with_alike(ids.SG_EGRESS, ids.SG_EGRESS_S3) for peer in _other_end(item))
    peers = _without_covered(tuple({peer.says: peer for peer in every}.values()))
    text = f"Let security group {group} out on TCP 443 to {joined(peer.says for peer in peers)}. It takes effect at once."
    if any(peer.says == "0.0.0.0/0" for peer in peers):
        text += f" The addresses of {repair.leg.host} are public and change, so no narrower range will do."
    return _rules(repair, "egress", group, peers, text)


def endpoint_ingress(repair: Repair) -> Fix:
    """One inbound rule for the endpoint's security group."""
    endpoint_id = repair.fact("endpoint_id") or repair.trace.endpoint_id
    endpoint = repair.endpoint(endpoint_id)
    known = tuple(item.group_id for item in endpoint.groups) if endpoint else ()
    group = (*repair.facts("endpoint_group_id"), *repair.facts("group_id"), *known, "ENDPOINT_GROUP_ID")[0]
    source = repair.puller_group_id
    if source is None:
        ranges = repair.facts("puller_cidr") or repair.facts("subnet_cidr")
        subnet = next((item for item in repair.subnets if item.subnet_id == repair.subnet_id), None)
        cidr = ranges[0] if ranges else (subnet.cidr_block if subnet else None)
        peer = _range(cidr) if cidr else _group("PULLING_GROUP_ID", "Source")
    else:
        peer = _group(source, "Source")
    where = f" of endpoint {endpoint_id}" if endpoint_id else ""
    text = f"Let {peer.says} in on TCP 443 to security group {group}{where}. It takes effect at once."
    return _rules(repair, "ingress", group, (peer,), text)


# --- network ACLs --------------------------------------------------------------------------------------


def acl_request(repair: Repair) -> Fix:
    """An entry for the request on 443."""
    return _acl_entries(repair, repair.fact("direction") or "egress", (443, 443), "requests on TCP 443")


def acl_answers(repair: Repair) -> Fix:
    """An entry for the answers to ephemeral ports."""
    return _acl_entries(repair, repair.fact("direction") or "ingress", EPHEMERAL, "answers on TCP 1024-65535")


def _acl_entries(repair: Repair, direction: str, ports: tuple[int, int], what: str) -> Fix:
    acl = repair.fact("network_acl_id") or "NETWORK_ACL_ID"
    outbound = direction == "egress"
    ranges = _ranges(repair, direction)
    numbers = _free_numbers(repair, acl, outbound, len(ranges))
    cli, undo, terraform, cloudformation = list[str](), list[str](), list[str](), list[str]()
    for number, cidr in zip(numbers, ranges, strict=True):
        is_ipv6 = ":" in cidr
        side = {"egress" if outbound else "ingress": True}
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
                rule_number=int(number) if number.isdigit() else number, egress=outbound, protocol="tcp",
                rule_action="allow", from_port=ports[0], to_port=ports[1],
                **{"ipv6_cidr_block" if is_ipv6 else "cidr_block": cidr},
            )
        )  # fmt: skip
        cloudformation.append(
            template(
                f"pull-{number}", "AWS::EC2::NetworkAclEntry", NetworkAclId=acl,
                RuleNumber=int(number) if number.isdigit() else number, Egress=outbound, Protocol=6,
                RuleAction="allow", PortRange={"From": ports[0], "To": ports[1]},
                **{"Ipv6CidrBlock" if is_ipv6 else "CidrBlock": cidr},
            )
        )  # fmt: skip
    before = repair.fact("rule_number")
    order = f", before rule {before}, which denies them" if before and before not in ("32767", "*") else ""
    wide = (
        " Network ACLs cannot name prefix lists, and the public addresses of ECR and S3 change; the security group "
        "stays the narrower filter."
        if ranges == ("0.0.0.0/0",)
        else ""
    )
    return Fix(
        text=(
            f"Add {'an entry' if len(cli) == 1 else 'entries'} to network ACL {acl} that let{'s' if len(cli) == 1 else ''} "
            f"{what} {'out to' if outbound else 'in from'} {joined(ranges)}{order}.{wide} It holds for every subnet of "
            "the ACL."
        ),
        cli=lines(*cli),
        terraform=lines(*terraform),
        cloudformation=lines(*cloudformation),
        verify=repair.ec2(
            "describe-network-acls",
            network_acl_ids=acl,
            query=f"NetworkAcls[].Entries[?Egress==`{'true' if outbound else 'false'}`]",
        ),
        undo=lines(*undo),
    )


def _ranges(repair: Repair, direction: str) -> tuple[str, ...]:
    """The other ends of all legs that the ACL stops in this direction."""
    found: dict[str, None] = {}
    for item in repair.with_alike(repair.blocker.fault):
        if item.fact("direction") in (direction, None):
            ranges = item.facts("peer_cidr")
            # The ranges of S3 grow; entries for today's would stop the pull again one day.
            changing = item.leg.service == "s3" and len(ranges) > 1
            found.update(dict.fromkeys(("0.0.0.0/0",) if changing or not ranges else ranges))
    return ("0.0.0.0/0",) if "0.0.0.0/0" in found or len(found) > MANY_RANGES else tuple(found)


def _free_numbers(repair: Repair, acl: str, outbound: bool, count: int) -> tuple[str, ...]:
    """Rule numbers that are free and come before the entry that denies."""
    known: NetworkAcl | None = next(
        (item for item in known_or(repair.vpc.network_acls, ()) if item.network_acl_id == acl), None
    )
    first, denying = repair.fact("free_rule_number"), repair.fact("rule_number")
    if first is None or not first.isdigit():
        return ("RULE_NUMBER",) * count
    used = {item.rule_number for item in known.entries if item.egress == outbound} if known else set[int]()
    end = int(denying) if denying and denying.isdigit() else 32767
    start = int(first)
    upward = [number for number in range(start, min(end, start + 200)) if number not in used]
    downward = [number for number in range(start - 1, 0, -1) if number not in used]
    free = tuple(str(number) for number in sorted((upward + downward)[:count]))
    return free + ("RULE_NUMBER",) * (count - len(free))
