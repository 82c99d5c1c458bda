"""VPC Block Public Access stops what passes an internet gateway."""

from __future__ import annotations

from diagnostics.faults.network.endpoint_changes import create_endpoints
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix, Ways
from diagnostics.network.blockers import PublicAccessBlocked
from diagnostics.snapshot import known_or, known_value
from diagnostics.write import Variable, captured, chain, found, wait_for
from diagnostics.write.snippets import Option, hcl, template

FAULT = network_fault(
    "vpc-block-public-access",
    "VPC Block Public Access lets the pull out",
    "VPC Block Public Access is on for the account in this Region. It overrides route tables, security groups and "
    "network ACLs and drops what passes an internet gateway. The mode block-bidirectional drops everything; "
    "block-ingress still lets out what goes through NAT gateways and egress-only internet gateways.",
    "Create an exclusion for the VPC or subnet (it takes a few minutes), or let the pull go through VPC endpoints, "
    "which the setting does not touch. If the setting comes from a declarative policy of the organization, its "
    "owners must allow the exclusion.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html",
    short="VPC Block Public Access keeps it from the internet",
)


DESCRIBE = "describe-vpc-block-public-access-exclusions"


def _fix(repair: Repair[PublicAccessBlocked]) -> Ways:
    """An exclusion from VPC Block Public Access, only as wide as the path needs; or endpoints, which do without one.

    An egress-only exclusion lets out what goes through NAT and egress-only gateways; a public address on the interface
    itself needs a bidirectional one.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
    """
    indirect = repair.trace.via in ("nat_gateway", "egress_only_internet_gateway")
    present = repair.blocker.exclusion_id
    exclusion = _widened(repair, present) if present and not indirect else _excluded(repair, indirect)
    options = known_value(repair.vpc.block_public_access)
    allowed = (options.exclusions_allowed if options else None) != "not-allowed"
    if not repair.in_region:
        return exclusion
    return (exclusion, create_endpoints(repair)) if allowed else create_endpoints(repair)


MEANT = (
    "Somebody blocks public access on purpose: ask who did. Where a declarative policy of the organization does, "
    "its owners must allow the exclusion."
)


def _wait(repair: Repair[PublicAccessBlocked], exclusion: str, state: str) -> str:
    """A wait until an exclusion is in force, which takes a few minutes and for which the CLI has no waiter."""
    named = repair.ec2(DESCRIBE, exclusion_ids=exclusion)
    return wait_for(named, "VpcBlockPublicAccessExclusions[0].State", state)


def _widened(repair: Repair[PublicAccessBlocked], present: str) -> Fix:
    """The exclusion that there is, which lets out only what goes through gateways, made bidirectional."""

    def change(mode: str) -> str:
        return repair.ec2(
            "modify-vpc-block-public-access-exclusion",
            exclusion_id=present,
            internet_gateway_exclusion_mode=mode,
        )

    return Fix(
        title=f"Make exclusion {present} bidirectional",
        text=(
            f"Change exclusion {present} from allow-egress to {BOTH}: the interface has a public address of its own, "
            "so an egress-only exclusion does not cover it."
        ),
        warning=f"{MEANT} From then on the internet can open connections to what {present} excludes.",
        cli=chain(change(BOTH), _wait(repair, present, "update-complete")),
        verify=repair.prints(
            DESCRIBE, "VpcBlockPublicAccessExclusions[].InternetGatewayExclusionMode", exclusion_ids=present
        ),
        expect=BOTH,
        undo=chain(change("allow-egress"), _wait(repair, present, "update-complete")),
    )


BOTH = "allow-bidirectional"


def _excluded(repair: Repair[PublicAccessBlocked], indirect: bool) -> Fix:
    """A new exclusion: of the VPC, whose NAT gateway stands in another subnet, or of the pulling subnet."""
    mode = "allow-egress" if indirect else BOTH
    where: dict[str, Option] = {"vpc_id": repair.vpc_id} if indirect else {"subnet_id": repair.subnet_id}
    excluded = str(repair.vpc_id) if indirect else repair.subnet_id
    exclusion = Variable("EXCLUSION_ID")
    one = f"VpcBlockPublicAccessExclusions[?ends_with(ResourceArn, '/{excluded}') && !starts_with(State, 'delete')]"
    subnets = len(known_or(repair.vpc.subnets, ()))
    opens = (
        f"It lets all {subnets} subnets of the VPC out, as far as their routes lead."
        if indirect and subnets > 1
        else f"It holds for everything in {excluded}."
    )
    return Fix(
        title=f"Exclude {excluded} from VPC Block Public Access",
        text=f"Exclude {excluded} from VPC Block Public Access with mode {mode}; it takes a few minutes.",
        warning=f"{MEANT} {opens}",
        cli=chain(
            captured(
                exclusion,
                repair.ec2(
                    "create-vpc-block-public-access-exclusion",
                    **where,
                    internet_gateway_exclusion_mode=mode,
                    **repair.tagged("vpc-block-public-access-exclusion"),
                ),
                "VpcBlockPublicAccessExclusion.ExclusionId",
            ),
            _wait(repair, exclusion, "create-complete"),
        ),
        terraform=hcl(
            "aws_vpc_block_public_access_exclusion", "pull", **where, internet_gateway_exclusion_mode=mode
        ),
        cloudformation=template(
            "PullExclusion", "AWS::EC2::VPCBlockPublicAccessExclusion",
            **{"VpcId" if indirect else "SubnetId": excluded}, InternetGatewayExclusionMode=mode,
        ),
        verify=repair.prints(DESCRIBE, f"{one}.[InternetGatewayExclusionMode,State]"),
        expect=f"{mode} create-complete",
        undo=chain(
            found(
                exclusion, repair.ec2(DESCRIBE), f"{one} | [0].ExclusionId", f"exclusion of {excluded}"
            ),
            repair.ec2("delete-vpc-block-public-access-exclusion", exclusion_id=exclusion),
        ),
    )  # fmt: skip


ROOM = NetworkFault(
    fault=FAULT,
    means=PublicAccessBlocked,
    repair=_fix,
    unless="the pull goes through {way}, not through an internet gateway",
    read_by="ec2:DescribeVpcBlockPublicAccessOptions",
)
