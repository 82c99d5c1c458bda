"""The two DNS attributes of a VPC, turned on where they are known to be off, and back."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.network import Blocker
from diagnostics.network.blockers import DnsOff
from diagnostics.snapshot import Fact, known_or
from diagnostics.write.snippets import changed_code

VPC = ("aws_vpc", "AWS::EC2::VPC")
OPTIONS = {"enableDnsSupport": "enable_dns_support", "enableDnsHostnames": "enable_dns_hostnames"}


def _off(repair: Repair[Blocker]) -> tuple[str, ...]:
    """The attributes that are known to be off, in the order in which EC2 lets them be turned on."""
    every: tuple[tuple[str, Fact[bool]], ...] = (
        ("enable_dns_support", repair.vpc.enable_dns_support),
        ("enable_dns_hostnames", repair.vpc.enable_dns_hostnames),
    )
    told = repair.blocker.attribute if isinstance(repair.blocker, DnsOff) else None
    return tuple(name for name, fact in every if not known_or(fact, True) or OPTIONS.get(told or "") == name)


def _set(repair: Repair[Blocker], name: str, value: bool) -> str:
    return repair.ec2("modify-vpc-attribute", vpc_id=repair.vpc_id, **{name: {"Value": value}})


def dns_on(repair: Repair[Blocker]) -> tuple[str, ...]:
    """The commands that turn on the attributes which are off."""
    return tuple(_set(repair, name, True) for name in _off(repair))


def dns_off(repair: Repair[Blocker]) -> tuple[str, ...]:
    """The commands that take `dns_on` back."""
    return tuple(_set(repair, name, False) for name in reversed(_off(repair)))


def dns_code(repair: Repair[Blocker]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same change as Terraform and as CloudFormation; nothing where both are on."""
    off = _off(repair)
    if not off:
        return (), ()
    terraform, cloudformation = changed_code(VPC, repair.vpc_id, **dict.fromkeys(off, True))
    return (terraform,), (cloudformation,)


def dns_warning(repair: Repair[Blocker]) -> str | None:
    """What the attributes change for the rest of the VPC."""
    subnets = len(known_or(repair.vpc.subnets, ()))
    where = f"all {subnets} subnets" if subnets > 1 else "the whole VPC"
    return f"The DNS attributes hold for {where} of {repair.vpc_id}." if _off(repair) else None
