"""Gateways that a repair makes: with the commands that make one, find it again, and take it away."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.faults.network.repair import Repair
from diagnostics.network.blockers import Blocker
from diagnostics.write import Variable, captured, found
from diagnostics.write.snippets import Reference, as_code, hcl, lines, template


@dataclass(frozen=True)
class Made:
    """Something that a repair makes before the change that needs it.

    `make` sets the variable `named`. `find` sets it in a shell that knows nothing, and `remove` then takes away what was
    made, once nothing uses it. The code stands before that of the change, which refers to it by `reference`.
    """

    named: Variable
    make: tuple[str, ...]
    find: tuple[str, ...]
    remove: tuple[str, ...]
    terraform: str
    cloudformation: str
    reference: Reference


def nat_gateway(repair: Repair[Blocker], subnet: str) -> Made:
    """A public NAT gateway with an address of its own, in a public subnet."""
    gateway, address = Variable("NAT_GATEWAY_ID"), Variable("ALLOCATION_ID")
    found_gateway = repair.ec2(
        "describe-nat-gateways", filter=(repair.by_mark, "Name=state,Values=available")
    )
    found_address = repair.ec2("describe-addresses", filters=(repair.by_mark,))
    allocation = Reference("aws_eip.nat.id", "!GetAtt NatAddress.AllocationId")
    return Made(
        named=gateway,
        make=(
            captured(
                address, repair.ec2("allocate-address", domain="vpc", **repair.tagged("elastic-ip")), "AllocationId"
            ),
            captured(
                gateway,
                repair.ec2(
                    "create-nat-gateway", subnet_id=subnet, allocation_id=address, **repair.tagged("natgateway")
                ),
                "NatGateway.NatGatewayId",
            ),
            repair.ec2("wait nat-gateway-available", nat_gateway_ids=gateway),
        ),
        find=(
            found(gateway, found_gateway, f"NatGateways[?{repair.is_mine} && State=='available'] | [0].NatGatewayId", "NAT gateway that this repair made"),
            found(address, found_address, f"Addresses[?{repair.is_mine}] | [0].AllocationId", "address that this repair allocated"),
        ),
        remove=(
            repair.ec2("delete-nat-gateway", nat_gateway_id=gateway),
            repair.ec2("wait nat-gateway-deleted", nat_gateway_ids=gateway),
            repair.ec2("release-address", allocation_id=address),
        ),
        terraform=lines(
            hcl("aws_eip", "nat", domain="vpc"),
            hcl("aws_nat_gateway", "pull", subnet_id=subnet, allocation_id=allocation),
        ),
        cloudformation=lines(
            template("NatAddress", "AWS::EC2::EIP", Domain="vpc"),
            template("PullNat", "AWS::EC2::NatGateway", SubnetId=subnet, AllocationId=allocation),
        ),
        reference=Reference("aws_nat_gateway.pull.id", "!Ref PullNat"),
    )  # fmt: skip


def internet_gateway(repair: Repair[Blocker]) -> Made:
    """An internet gateway, attached to the VPC."""
    gateway = Variable("INTERNET_GATEWAY_ID")
    where = {"internet_gateway_id": gateway, "vpc_id": repair.vpc_id}
    made = repair.ec2("create-internet-gateway", **repair.tagged("internet-gateway"))
    again = repair.ec2("describe-internet-gateways", filters=(repair.by_mark,))
    reference = Reference("aws_internet_gateway.main.id", "!Ref InternetGateway")
    attachment = template(
        "Attachment", "AWS::EC2::VPCGatewayAttachment", VpcId=repair.vpc_id, InternetGatewayId=reference
    )
    return Made(
        named=gateway,
        make=(
            captured(gateway, made, "InternetGateway.InternetGatewayId"),
            repair.ec2("attach-internet-gateway", **where),
        ),
        find=(
            found(
                gateway, again, f"InternetGateways[?{repair.is_mine}] | [0].InternetGatewayId", "internet gateway that this repair made"
            ),
        ),
        remove=(
            repair.ec2("detach-internet-gateway", **where),
            repair.ec2("delete-internet-gateway", internet_gateway_id=gateway),
        ),
        terraform=hcl("aws_internet_gateway", "main", vpc_id=repair.vpc_id),
        cloudformation=lines("InternetGateway:\n  Type: AWS::EC2::InternetGateway", attachment),
        reference=reference,
    )  # fmt: skip


def egress_only_gateway(repair: Repair[Blocker]) -> Made:
    """An egress-only internet gateway: nothing on the internet can open a connection through it."""
    gateway = Variable("EGRESS_ONLY_GATEWAY_ID")
    made = repair.ec2(
        "create-egress-only-internet-gateway",
        vpc_id=repair.vpc_id,
        **repair.tagged("egress-only-internet-gateway"),
    )
    again = repair.ec2("describe-egress-only-internet-gateways", filters=(repair.by_mark,))
    terraform, cloudformation = as_code(
        ("aws_egress_only_internet_gateway", "AWS::EC2::EgressOnlyInternetGateway"), "egress_only", vpc_id=repair.vpc_id
    )  # fmt: skip
    return Made(
        named=gateway,
        make=(
            captured(gateway, made, "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId"),
        ),
        find=(
            found(
                gateway, again, f"EgressOnlyInternetGateways[?{repair.is_mine}] | [0].EgressOnlyInternetGatewayId",
                "egress-only internet gateway that this repair made",
            ),
        ),
        remove=(
            repair.ec2("delete-egress-only-internet-gateway", egress_only_internet_gateway_id=gateway),
        ),
        terraform=terraform,
        cloudformation=cloudformation,
        reference=Reference("aws_egress_only_internet_gateway.egress_only.id", "!Ref EgressOnly"),
    )  # fmt: skip
