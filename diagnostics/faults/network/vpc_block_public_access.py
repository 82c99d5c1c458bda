"""VPC Block Public Access stops what passes an internet gateway."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import PublicAccessBlocked
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
)


def _fix(repair: Repair[PublicAccessBlocked]) -> Fix:
    """An exclusion from VPC Block Public Access, only as wide as the path needs.

    An egress-only exclusion lets out what goes through NAT and egress-only gateways; a public address on the interface
    itself needs a bidirectional one.
    https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
    """
    indirect = repair.trace.via in ("nat_gateway", "egress_only_internet_gateway")
    mode = "allow-egress" if indirect else "allow-bidirectional"
    where: dict[str, Option] = {"vpc_id": repair.vpc_id} if indirect else {"subnet_id": repair.subnet_id}
    excluded = repair.vpc_id if indirect else repair.subnet_id
    present = repair.blocker.exclusion_id
    if present and not indirect:
        change: dict[str, Option] = {"exclusion_id": present}
        return Fix(
            text=(
                f"Change exclusion {present} from allow-egress to {mode}: the interface has a public address of its own, "
                "so an egress-only exclusion does not cover it."
            ),
            cli=repair.ec2(
                "modify-vpc-block-public-access-exclusion", **change, internet_gateway_exclusion_mode=mode
            ),
            verify=repair.ec2("describe-vpc-block-public-access-exclusions", exclusion_ids=present),
            undo=repair.ec2(
                "modify-vpc-block-public-access-exclusion",
                **change,
                internet_gateway_exclusion_mode="allow-egress",
            ),
        )
    return Fix(
        text=(
            f"Exclude {excluded} from VPC Block Public Access with mode {mode}; it takes a few minutes. If the setting "
            "is managed by a declarative policy of the organization, ask its owners. Endpoints for ecr.api, ecr.dkr and "
            "S3 do without an exclusion."
        ),
        cli=repair.ec2(
            "create-vpc-block-public-access-exclusion", **where, internet_gateway_exclusion_mode=mode
        ),
        terraform=hcl(
            "aws_vpc_block_public_access_exclusion", "pull", **where, internet_gateway_exclusion_mode=mode
        ),
        cloudformation=template(
            "PullExclusion", "AWS::EC2::VPCBlockPublicAccessExclusion",
            **{"VpcId" if indirect else "SubnetId": excluded}, InternetGatewayExclusionMode=mode,
        ),
        verify=repair.ec2(
            "describe-vpc-block-public-access-exclusions",
            query="VpcBlockPublicAccessExclusions[].[ResourceArn,InternetGatewayExclusionMode,State]",
        ),
        undo=repair.ec2("delete-vpc-block-public-access-exclusion", exclusion_id="EXCLUSION_ID"),
    )  # fmt: skip


ROOM = NetworkFault(
    fault=FAULT,
    means=PublicAccessBlocked,
    repair=_fix,
    unless="the leg goes through {way}, not through an internet gateway",
    read_by="ec2:DescribeVpcBlockPublicAccessOptions",
)
