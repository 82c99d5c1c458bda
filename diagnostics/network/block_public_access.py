"""VPC Block Public Access: an account's switch over internet gateways, with its modes and exclusions.

https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html
"""

from __future__ import annotations

from typing import Literal

from diagnostics.network.blockers import PublicAccessBlocked
from diagnostics.network.leg_path import LegPath
from diagnostics.network.step_result import StepResult, blocked, cannot_tell, missing, passed
from diagnostics.network.trace import Gap, What
from diagnostics.snapshot import BlockPublicAccessExclusion, Known, Unavailable, Why

Exempt = Literal["yes", "egress", "no", "unknown"]

_WHAT: What = "VPC Block Public Access"
_MODES: dict[str, Exempt] = {"allow-bidirectional": "yes", "allow-egress": "egress"}


def judge(path: LegPath, subnet_id: str | None, *, direct: bool) -> StepResult:
    """Rules on whether traffic through an internet gateway is let through.

    Args:
        subnet_id: the subnet whose route names the gateway; `None` for a regional NAT gateway, which is in none.
        direct: the puller's own address is on the internet gateway's other side. Ingress-only mode then drops the
            answers, while it spares NAT gateways and egress-only internet gateways.
    """
    fact = path.vpc.block_public_access
    if isinstance(fact, Unavailable):
        return cannot_tell(
            _WHAT, None, missing("the mode of VPC Block Public Access", fact, (PublicAccessBlocked,))
        )
    mode = (fact.value.internet_gateway_block_mode or "").lower() if isinstance(fact, Known) else "off"
    if mode not in ("off", "block-ingress", "block-bidirectional"):
        strange = Unavailable(reason=Why.UNREADABLE, call="ec2:DescribeVpcBlockPublicAccessOptions")
        return cannot_tell(
            _WHAT, None, missing("the mode of VPC Block Public Access", strange, (PublicAccessBlocked,))
        )
    if mode == "off" or (mode == "block-ingress" and not direct):
        return StepResult(considered=(PublicAccessBlocked,))
    exclusions = path.vpc.block_public_access_exclusions
    if isinstance(exclusions, Unavailable):
        return cannot_tell(
            _WHAT,
            None,
            missing("the exclusions of VPC Block Public Access", exclusions, (PublicAccessBlocked,)),
        )
    every = exclusions.value if isinstance(exclusions, Known) else ()
    answer = _exempt(path, every, subnet_id, direct)
    vpc_id = path.vpc.vpc_id
    if answer == "yes" or (answer == "egress" and not direct):
        return passed(
            _WHAT, vpc_id, f"{_WHAT} is {mode}, and an exclusion spares this path", PublicAccessBlocked
        )
    if isinstance(exclusions, Known) and exclusions.unread:
        call = "ec2:DescribeVpcBlockPublicAccessExclusions"
        reason = Unavailable(reason=Why.UNREADABLE_RECORD, call=call, resource=vpc_id)
        return cannot_tell(
            _WHAT, vpc_id, missing(f"the exclusions of {_WHAT}", reason, (PublicAccessBlocked,))
        )
    if answer == "unknown":
        return cannot_tell(
            _WHAT,
            vpc_id,
            Gap(
                what=f"whether the exclusions of {_WHAT} cover this path",
                question=True,
                why="an exclusion covers only a part of it, or is still being made or deleted",
                brief="an exclusion covers only a part of it",
                call="ec2:DescribeVpcBlockPublicAccessExclusions",
                resource=vpc_id,
                could_hide=(PublicAccessBlocked,),
            ),
        )
    partial = next((item.exclusion_id for item in every if _names(item, path, subnet_id)), None)
    says = f"{_WHAT} is {mode} in {path.task_region}, and no exclusion spares {vpc_id} for this path."
    blocker = PublicAccessBlocked(resources=(vpc_id,), says=says, exclusion_id=partial)
    return blocked(_WHAT, vpc_id, blocker)


def _exempt(
    path: LegPath, every: tuple[BlockPublicAccessExclusion, ...], subnet_id: str | None, direct: bool
) -> Exempt:
    of_vpc = _of(every, f"vpc/{path.vpc.vpc_id}")
    own = _of(every, f"subnet/{path.subnet_id}")
    gateway = _of(every, f"subnet/{subnet_id}") if subnet_id and subnet_id != path.subnet_id else own
    if direct:
        return _best(of_vpc, own)
    # The page does not say whether an exclusion of the NAT gateway's subnet alone is enough.
    both: Exempt = gateway if own in ("yes", "egress") or gateway == "no" else "unknown"
    return _best(of_vpc, both)


def _best(*answers: Exempt) -> Exempt:
    order: tuple[Exempt, ...] = ("yes", "egress", "unknown", "no")
    return min(answers, key=order.index)


def _of(every: tuple[BlockPublicAccessExclusion, ...], resource: str) -> Exempt:
    answers: list[Exempt] = ["no"]
    for item in every:
        state = (item.state or "create-complete").lower()
        if not (item.resource_arn or "").endswith(f":{resource}"):
            continue
        if state in ("create-complete", "update-complete", "update-failed", "delete-failed"):
            answers.append(_MODES.get((item.internet_gateway_exclusion_mode or "").lower(), "unknown"))
        elif state not in ("create-failed", "delete-complete"):
            answers.append("unknown")
    return _best(*answers)


def _names(item: BlockPublicAccessExclusion, path: LegPath, subnet_id: str | None) -> bool:
    arn = item.resource_arn or ""
    wanted = (f":vpc/{path.vpc.vpc_id}", f":subnet/{path.subnet_id}", f":subnet/{subnet_id}")
    return arn.endswith(wanted) and (item.state or "").lower() != "delete-complete"
