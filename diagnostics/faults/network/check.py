"""Turns the trace of one network leg into an outcome for each network fault."""

from __future__ import annotations

from collections.abc import Iterator

from diagnostics import console
from diagnostics.faults.base import Subject, World, check, fails, passes, skipped, unknown
from diagnostics.faults.network.evidence import evidence_for
from diagnostics.faults.network.faults import BY_ID, NETWORK_FAULTS
from diagnostics.faults.network.fixes import Repair, fix_for
from diagnostics.faults.network.reasons import why_not_considered
from diagnostics.faults.network.summaries import summary_of
from diagnostics.faults.network.texts import pointed_at, texts_about
from diagnostics.finding import Evidence, Fault, Outcome, Status
from diagnostics.network import Blocker, Missing, Trace
from diagnostics.network import faults as ids
from diagnostics.pull import Interface, Leg
from diagnostics.snapshot import known_value

# What lies behind a fault where both stop the same leg: repair the one on the right, and the other goes with it.
EXPLAINED_BY: dict[str, tuple[str, ...]] = {
    ids.PRIVATE_DNS_OFF: (ids.VPC_DNS_OFF,),
    ids.ROUTE_NO_EGRESS: (
        ids.PRIVATE_DNS_OFF,
        ids.ENDPOINT_NOT_AVAILABLE,
        ids.S3_NOT_ON_TABLE,
        ids.VPC_DNS_OFF,
    ),
    ids.MISSING_ECR_API: (ids.ROUTE_NO_EGRESS,),
    ids.MISSING_ECR_DKR: (ids.ROUTE_NO_EGRESS,),
    ids.MISSING_S3: (ids.S3_NOT_ON_TABLE, ids.ROUTE_NO_EGRESS),
    ids.MISSING_SECRETSMANAGER: (ids.ROUTE_NO_EGRESS,),
    ids.MISSING_SSM: (ids.ROUTE_NO_EGRESS,),
    ids.MISSING_LOGS: (ids.ROUTE_NO_EGRESS,),
    ids.SG_EGRESS_S3: (ids.SG_EGRESS,),
}


@check("network.leg", "leg", *NETWORK_FAULTS)
def leg(world: World, subject: Subject) -> Iterator[Outcome]:
    """One leg from one interface: what stops it, what may, what is not known, and what plays no part."""
    leg, interface = subject.leg, subject.interface
    assert leg is not None
    assert interface is not None
    trace = world.trace(leg, interface)
    for fault in NETWORK_FAULTS:
        yield from judge(world, leg, interface, trace, fault)


def judge(world: World, leg: Leg, interface: Interface, trace: Trace, fault: Fault) -> Iterator[Outcome]:
    """What a trace says about one fault.

    The order holds the rule that knowing less never decides more: a fact that is missing outweighs what only holds
    for some packets, because with that fact the answer may have been a plain no.
    """
    stops = [item for item in trace.blockers if item.fault == fault.id]
    hidden = [item for item in trace.missing if fault.id in item.could_hide]
    some = [item for item in trace.partly if item.fault == fault.id]
    told = pointed_at(world, leg, interface, trace, fault)
    if stops:
        for blocker in stops:
            yield _stopped(world, leg, interface, trace, fault, blocker, Status.FAIL)
    elif told is not None:
        yield _stopped(world, leg, interface, trace, fault, told, Status.FAIL)
    elif hidden or (not (trace.considered or trace.blockers or trace.partly) and trace.missing):
        yield unknown(fault, _missing_words(hidden or list(trace.missing)), leg.stage, (interface.subnet_id,))
    elif some:
        for blocker in some:
            yield _stopped(world, leg, interface, trace, fault, blocker, Status.WARN)
    elif fault.id in trace.considered:
        yield passes(fault, f"{fault.title} ({leg.host} from {interface.subnet_id})", leg.stage)
    else:
        yield skipped(fault, why_not_considered(fault, leg, trace, world.region), leg.stage)


def _stopped(
    world: World, leg: Leg, interface: Interface, trace: Trace, fault: Fault, blocker: Blocker, status: Status
) -> Outcome:
    evidence = evidence_for(trace, blocker, _launch_call(interface))
    evidence = (*evidence, *texts_about(world, leg, fault))
    if fault.id == ids.ROUTE_NO_EGRESS and leg.service is not None and leg.region == world.region:
        vpc_id = known_value(interface.vpc_id) or "the VPC"
        no_endpoints = f"{vpc_id} has neither an ecr.api nor an ecr.dkr endpoint"
        evidence = (*evidence, Evidence(what=no_endpoints, source="ec2:DescribeVpcEndpoints"))
    return fails(
        fault,
        summary_of(world, leg, interface, blocker),
        stage=leg.stage,
        resources=blocker.resources,
        evidence=evidence,
        fix=fix_for(Repair(world=world, leg=leg, interface=interface, trace=trace, blocker=blocker)),
        console_url=_link(world.region, interface, fault, blocker),
        status=status,
        follows_from=_explained_by(trace, blocker),
    )


def _explained_by(trace: Trace, blocker: Blocker) -> Fault | None:
    """What another blocker of the same trace shows, of which this one is a consequence."""
    present = {item.fault for item in trace.blockers}
    return next((BY_ID[item] for item in EXPLAINED_BY.get(blocker.fault, ()) if item in present), None)


def _missing_words(items: list[Missing]) -> str:
    """What was not known and why, each once, with the IAM action that would read it."""
    words = []
    for item in items:
        what = (
            f"{item.what} ({item.resource})"
            if item.resource and item.resource not in item.what
            else item.what
        )
        by = f"{item.call} could not be read: {item.why}" if item.call else item.why
        words.append(f"{what}: {by}")
    return "; ".join(dict.fromkeys(words))


def _launch_call(interface: Interface) -> str:
    """The IAM action that told of the interface, its groups and its public address."""
    if interface.kind == "container_instance":
        return "ec2:DescribeInstances"
    if interface.told_by.startswith("network interface"):
        return "ec2:DescribeNetworkInterfaces"
    return "ecs:DescribeServices" if interface.told_by != "nothing" else "ecs:DescribeTasks"


def _link(region: str, interface: Interface, fault: Fault, blocker: Blocker) -> str | None:
    """The page where the repair is made: the missing endpoint's list, else the first resource that has a page."""
    vpc_id = known_value(interface.vpc_id)
    if fault.id in ids.MISSING_ENDPOINT.values() and vpc_id:
        return console.vpc_endpoints(region, vpc_id)
    named = _telling(fault.id, blocker)
    links = (console.of_resource(region, item) for item in (*named, *blocker.resources))
    return next((link for link in links if link), console.subnet(region, interface.subnet_id))


def _telling(fault_id: str, blocker: Blocker) -> tuple[str, ...]:
    """A route fault is repaired at the route table, whatever else its resources name."""
    if fault_id in (ids.ROUTE_NO_EGRESS, ids.ROUTE_BLACKHOLE, ids.NAT_UNUSABLE):
        return tuple(item for item in blocker.resources if item.startswith("rtb-"))
    return ()
