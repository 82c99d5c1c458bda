"""The NAT instance on the route cannot forward."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.faults.network.route_changes import point_at_nat
from diagnostics.finding import Fix, Ways
from diagnostics.network.blockers import NatInstanceUnusable
from diagnostics.snapshot import NOT_ASKED, known_value
from diagnostics.write import chain
from diagnostics.write.snippets import changed_code

FAULT = network_fault(
    "nat-instance-unusable",
    "The NAT instance on the route runs and may forward",
    "The default route names an instance that should translate addresses. It does not run, or its source/destination "
    "check is on, so that EC2 drops every packet that is not addressed to the instance itself.",
    "Start the instance, turn its source/destination check off, or send the default route to a NAT gateway.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html",
    short="the NAT instance on its route does not forward",
)


def _fix(repair: Repair[NatInstanceUnusable]) -> Ways:
    """The NAT instance made to forward again, or the route moved to a NAT gateway."""
    instance, checks = repair.blocker.instance_id, _checks_addresses(repair)
    instead = point_at_nat(repair, repair.blocker.destination)
    if instance and repair.blocker.state in ("stopped", "stopping"):
        return _start(repair, instance, repair.blocker.state, checks), instead
    return (_without_check(repair), instead) if checks else instead


def _start(repair: Repair[NatInstanceUnusable], instance: str, state: str, checks: bool) -> Fix:
    """The instance started, and its check turned off where it is on."""
    also = " and turn off its source/destination check" if checks else ""
    stopped = repair.ec2("wait instance-stopped", instance_ids=instance) if state == "stopping" else None
    return Fix(
        title=f"Start NAT instance {instance}",
        text=f"Start NAT instance {instance}, which is {state}{also}.",
        warning=(
            "Somebody or something stopped it. Unless its public address is an Elastic IP address, it starts with another one."
        ),
        cli=chain(
            stopped,
            repair.ec2("start-instances", instance_ids=instance),
            repair.ec2("wait instance-running", instance_ids=instance),
            _check(repair, False) if checks else None,
        ),
        verify=repair.prints(
            "describe-instances",
            "Reservations[].Instances[].[State.Name,SourceDestCheck]",
            instance_ids=instance,
        ),
        expect="running False",
        undo=chain(
            _check(repair, True) if checks else None, repair.ec2("stop-instances", instance_ids=instance)
        ),
    )


def _check(repair: Repair[NatInstanceUnusable], on: bool) -> str:
    """The command that sets the source/destination check of the interface, else of the instance."""
    interface, instance = repair.blocker.interface_id, repair.blocker.instance_id or ""
    if interface:
        return repair.ec2(
            "modify-network-interface-attribute", network_interface_id=interface, source_dest_check=on
        )
    return repair.ec2("modify-instance-attribute", instance_id=instance, source_dest_check=on)


def _without_check(repair: Repair[NatInstanceUnusable]) -> Fix:
    instance, interface = repair.blocker.instance_id, repair.blocker.interface_id
    named = interface or instance or ""
    if interface:
        shows = repair.prints(
            "describe-network-interfaces",
            "NetworkInterfaces[].SourceDestCheck",
            network_interface_ids=interface,
        )
    else:
        shows = repair.prints(
            "describe-instances", "Reservations[].Instances[].SourceDestCheck", instance_ids=named
        )
    kinds = (
        ("aws_network_interface", "AWS::EC2::NetworkInterface")
        if interface
        else ("aws_instance", "AWS::EC2::Instance")
    )
    terraform, cloudformation = changed_code(kinds, named, source_dest_check=False)
    return Fix(
        title=f"Turn off the source/destination check of {named}",
        text=f"Turn off the source/destination check of {named}: a NAT instance forwards packets of others.",
        cli=chain(_check(repair, False)),
        verify=shows,
        expect="False",
        undo=chain(_check(repair, True)),
        terraform=terraform,
        cloudformation=cloudformation,
    )


def _checks_addresses(repair: Repair[NatInstanceUnusable]) -> bool:
    """True if the source/destination check of the NAT instance's interface is on."""
    interface = known_value(repair.vpc.interfaces.get(repair.blocker.interface_id or "", NOT_ASKED))
    instance = known_value(repair.vpc.instances.get(repair.blocker.instance_id or "", NOT_ASKED))
    primary = interface or (instance.primary_interface if instance else None)
    return primary is not None and bool(primary.source_dest_check)


ROOM = NetworkFault(
    fault=FAULT,
    means=NatInstanceUnusable,
    repair=_fix,
    unless="the pull goes through {way}, not through a NAT instance",
)
