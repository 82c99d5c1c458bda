"""Security groups that do not let a leg's port through: out of the puller, out to S3, in to an endpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.image_reference import HTTPS_PORT
from diagnostics.network.blockers import Blocker, EndpointGroupBlocksIn, GroupBlocksOut, GroupBlocksS3
from diagnostics.network.prefix_lists import s3_list
from diagnostics.snapshot import Known
from diagnostics.write import Variable, chain
from diagnostics.write.snippets import hcl, joined, lines, template

MANY_RANGES = 3


EGRESS = network_fault(
    "sg-egress-blocked",
    "The pulling security group lets 443 out",
    "No outbound rule of the security groups of the interface that pulls matches TCP 443, or the port that the "
    "image reference gives its registry, to the address of this leg. A security group without a matching rule drops "
    "the packet; a group made with Terraform has no outbound rules unless they are written down.",
    "Add one outbound rule for that port: to the endpoint's security group where the pull goes to an interface "
    "endpoint, to the S3 prefix list for S3, to 0.0.0.0/0 only where the pull leaves to the internet.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    over=("endpoint", "internet"),
    of_puller=True,
    short="its security group does not let HTTPS out",
)

EGRESS_S3 = network_fault(
    "sg-egress-s3-blocked",
    "The pulling security group lets 443 out to S3",
    "ECR hands out image layers from S3. The security group lets the pull reach ECR's endpoints, but no outbound "
    "rule covers S3's addresses, so log-in and manifest work and the layers time out. An S3 gateway endpoint keeps "
    "S3's public addresses: a rule for the VPC's own range does not cover them.",
    "Add one outbound rule for TCP 443 to the Region's S3 prefix list.",
    "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html",
    of_puller=True,
    short="its security group does not let HTTPS out to S3",
)

ENDPOINT_INGRESS = network_fault(
    "endpoint-sg-ingress-blocked",
    "The endpoint's security group admits the task on 443",
    "The name of the service leads to an interface endpoint in the VPC, and the security group of that endpoint "
    "has no inbound rule for TCP 443 from the interface that pulls. With private DNS the endpoint takes the "
    "traffic of the whole VPC, also of subnets that have a NAT gateway.",
    "Add one inbound rule for TCP 443 to the endpoint's security group, from the security group that pulls.",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html",
    over=("endpoint",),
    of_puller=True,
    short="the endpoint's security group does not let it in",
)


@dataclass(frozen=True)
class RuleEnd:
    """The other end of a security group rule in the words of the CLI, of Terraform and of CloudFormation, and its port."""

    says: str
    permission: tuple[str, object]
    terraform: tuple[str, str]
    cloudformation: tuple[str, str]
    port: int = HTTPS_PORT

    @property
    def ports(self) -> dict[str, object]:
        """The protocol and the port, as the CLI and CloudFormation write them."""
        return {"IpProtocol": "tcp", "FromPort": self.port, "ToPort": self.port}

    @property
    def rule_name(self) -> str:
        """What a rule is called in code."""
        return "https" if self.port == HTTPS_PORT else f"tcp_{self.port}"


def _group(group: str, side: str) -> RuleEnd:
    return RuleEnd(
        f"security group {group}",
        ("UserIdGroupPairs", [{"GroupId": group}]),
        ("referenced_security_group_id", group),
        (f"{side}SecurityGroupId", group),
    )


def _prefix_list(prefix_list: str, side: str) -> RuleEnd:
    return RuleEnd(
        f"S3's prefix list {prefix_list}",
        ("PrefixListIds", [{"PrefixListId": prefix_list}]),
        ("prefix_list_id", prefix_list),
        (f"{side}PrefixListId", prefix_list),
    )


def _range(cidr: str) -> RuleEnd:
    if ":" in cidr:
        return RuleEnd(cidr, ("Ipv6Ranges", [{"CidrIpv6": cidr}]), ("cidr_ipv6", cidr), ("CidrIpv6", cidr))
    return RuleEnd(cidr, ("IpRanges", [{"CidrIp": cidr}]), ("cidr_ipv4", cidr), ("CidrIp", cidr))


def _other_end(repair: Repair[GroupBlocksOut]) -> tuple[RuleEnd, ...]:
    """Where the puller must be let out to: an endpoint's group, S3's prefix list, or ranges of addresses."""
    ranges = tuple(_range(cidr) for cidr in repair.blocker.peer_cidrs)
    if repair.trace.via == "interface_endpoint":
        endpoint = repair.view.endpoint(repair.trace.endpoint_id)
        groups = repair.blocker.endpoint_group_ids or tuple(
            group.group_id for group in (endpoint.groups if endpoint else ())
        )
        return (_group(groups[0], "Destination"),) if groups else ranges or (_range("0.0.0.0/0"),)
    prefix_list = _s3_prefix_list(repair) if repair.leg.service == "s3" and repair.in_region else None
    if prefix_list:
        return (_prefix_list(prefix_list, "Destination"),)
    return ranges if 0 < len(ranges) <= MANY_RANGES else (_range("0.0.0.0/0"),)


def _s3_prefix_list(repair: Repair[GroupBlocksOut]) -> str | None:
    """AWS's own prefix list of S3 in the VPC's Region."""
    found = s3_list(repair.region, repair.vpc)
    own = found.value.prefix_list_id if isinstance(found, Known) else None
    return repair.blocker.prefix_list_id or own


def _without_covered(peers: tuple[RuleEnd, ...]) -> tuple[RuleEnd, ...]:
    """Without what a rule for every IPv4 address lets out on the same port anyway."""
    wide = {peer.port for peer in peers if peer.says == "0.0.0.0/0"}
    first = tuple(peer for peer in peers if peer.says == "0.0.0.0/0")
    rest = (peer for peer in peers if peer not in first)
    return (*first, *(peer for peer in rest if peer.port not in wide or peer.says.startswith("::")))


def _rules(
    repair: Repair[Blocker], direction: str, group: str, peers: tuple[RuleEnd, ...], text: str, warning: str
) -> Fix:
    permissions: list[object] = [{**peer.ports, peer.permission[0]: peer.permission[1]} for peer in peers]
    kind = "AWS::EC2::SecurityGroupEgress" if direction == "egress" else "AWS::EC2::SecurityGroupIngress"
    names = [
        peer.rule_name + (f"_{place}" if len(peers) > 1 else "") for place, peer in enumerate(peers, start=1)
    ]
    ends = joined(peer.says for peer in peers)
    return Fix(
        title=f"Let {group} out to {ends}" if direction == "egress" else f"Let {ends} in to {group}",
        text=text,
        warning=warning,
        cli=chain(
            repair.ec2(
                f"authorize-security-group-{direction}", group_id=group, ip_permissions=permissions
            )
        ),
        terraform=lines(
            *(
                hcl(
                    f"aws_vpc_security_group_{direction}_rule", name, security_group_id=group, ip_protocol="tcp",
                    from_port=peer.port, to_port=peer.port, **dict([peer.terraform]),
                )
                for name, peer in zip(names, peers, strict=True)
            )
        ),
        cloudformation=lines(
            *(
                template(name, kind, GroupId=group, **peer.ports, **dict([peer.cloudformation]))
                for name, peer in zip(names, peers, strict=True)
            )
        ),
        verify=chain(_shows(repair, direction, group, peers)),
        expect=" ".join("1" for _ in peers),
        undo=chain(
            repair.ec2(f"revoke-security-group-{direction}", group_id=group, ip_permissions=permissions)
        ),
    )  # fmt: skip


def _shows(repair: Repair[Blocker], direction: str, group: str, peers: tuple[RuleEnd, ...]) -> str:
    """Prints for each other end how many sets of rules of its port name it: 1, once it is named."""
    of = "IpPermissionsEgress" if direction == "egress" else "IpPermissions"
    counts = (
        f"length({of}[?FromPort==`{peer.port}` && ToPort==`{peer.port}` && {_names(peer)}])" for peer in peers
    )
    return repair.prints(
        "describe-security-groups", f"SecurityGroups[].[{', '.join(counts)}]", group_ids=group
    )


def _names(peer: RuleEnd) -> str:
    """The condition of a query that holds for rules which name an other end."""
    many, ends = peer.permission
    assert isinstance(ends, list)
    ((member, value),) = ends[0].items()
    return f"contains({many}[].{member}, '{value}')"


def _shared(group: str, what: str) -> str:
    return f"The rule holds for everything that has security group {group}, not only for this task: {what}."


def _egress(repair: Repair[GroupBlocksOut]) -> Fix:
    """One outbound rule for the pulling security group, or one for each port and each other end."""
    every = (
        replace(peer, port=item.blocker.port)
        for item in repair.with_alike(GroupBlocksOut)
        for peer in _other_end(item)
    )
    peers = _without_covered(tuple({(peer.port, peer.says): peer for peer in every}.values()))
    group = repair.blocker.group_id
    by_port = {peer.port: [item.says for item in peers if item.port == peer.port] for peer in peers}
    ways = (f"on TCP {port} to {joined(ends)}" for port, ends in by_port.items())
    text = f"Let security group {group} out {', and '.join(ways)}. It takes effect at once."
    if any(peer.says == "0.0.0.0/0" and peer.port == repair.leg.port for peer in peers):
        text += (
            f" The addresses of {repair.leg.host} are public and change, so no narrower range will do."
            if repair.leg.public
            else f" If {repair.leg.hostname} has an address that does not change, name that one instead of 0.0.0.0/0."
        )
    warning = _shared(group, "all of it may then open these connections")
    return _rules(repair, "egress", group, peers, text, warning)


def _ingress(repair: Repair[EndpointGroupBlocksIn]) -> Fix:
    """One inbound rule for the endpoint's security group."""
    blocker, source, subnet = repair.blocker, repair.puller_group_id, repair.subnet
    cidr = blocker.peer_cidrs[0] if blocker.peer_cidrs else (subnet.cidr_block if subnet else None)
    if source is not None or cidr is None:
        peer = _group(source or Variable("PULLING_GROUP_ID"), "Source")
    else:
        peer = _range(cidr)
    where = f"{blocker.group_id} of endpoint {blocker.endpoint_id}"
    text = f"Let {peer.says} in on TCP 443 to security group {where}. It takes effect at once."
    others = [
        item.vpc_endpoint_id
        for item in repair.endpoints
        if item.vpc_endpoint_id != blocker.endpoint_id
        and any(one.group_id == blocker.group_id for one in item.groups)
    ]
    warning = _shared(
        blocker.group_id,
        f"{joined(others)} {'have' if len(others) > 1 else 'has'} it too"
        if others
        else f"no other endpoint of {repair.vpc_id} is known to have it",
    )
    return _rules(repair, "ingress", blocker.group_id, (peer,), text, warning)


ROOMS = (
    NetworkFault(
        fault=EGRESS, means=GroupBlocksOut, repair=_egress, title="The pulling security group lets {port} out"
    ),
    NetworkFault(
        fault=EGRESS_S3,
        means=GroupBlocksS3,
        repair=_egress,
        service="s3",
        unless="the pull has another way: it goes through {way}",
        follows=(GroupBlocksOut,),
    ),
)
ENDPOINT_ROOM = NetworkFault(
    fault=ENDPOINT_INGRESS,
    means=EndpointGroupBlocksIn,
    repair=_ingress,
    unless="the pull goes through {way}, not through an interface endpoint",
)
