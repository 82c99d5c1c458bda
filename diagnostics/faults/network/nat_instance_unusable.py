"""The NAT instance on the route cannot forward."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.faults.network.route_changes import point_at_nat
from diagnostics.finding import Fix
from diagnostics.network.blockers import NatInstanceUnusable
from diagnostics.snapshot import NOT_ASKED, known_value
from diagnostics.write.snippets import Option, existing, hcl, template

FAULT = network_fault(
    "nat-instance-unusable",
    "The NAT instance on the route runs and may forward",
    "The default route names an instance that should translate addresses. It does not run, or its source/destination "
    "check is on, so that EC2 drops every packet that is not addressed to the instance itself.",
    "Start the instance, turn its source/destination check off, or send the default route to a NAT gateway.",
    "https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html",
)


def _fix(repair: Repair[NatInstanceUnusable]) -> Fix:
    """The NAT instance made to forward again, or the route moved to a NAT gateway that works."""
    instance, interface = repair.blocker.instance_id, repair.blocker.interface_id
    if instance and repair.blocker.state in ("stopped", "stopping"):
        return Fix(
            text=f"Start NAT instance {instance}, which is {repair.blocker.state}.",
            cli=repair.ec2("start-instances", instance_ids=instance),
            verify=repair.ec2(
                "describe-instances",
                instance_ids=instance,
                query="Reservations[].Instances[].[State.Name,SourceDestCheck]",
            ),
            undo=repair.ec2("stop-instances", instance_ids=instance),
        )
    if not _checks_addresses(repair):
        return point_at_nat(repair, repair.blocker.destination)
    operation, option = (
        ("modify-network-interface-attribute", "network_interface_id")
        if interface
        else ("modify-instance-attribute", "instance_id")
    )
    named = interface or instance or ""
    off: dict[str, Option] = {option: named, "source_dest_check": False}
    return Fix(
        text=f"Turn off the source/destination check of {named}: a NAT instance forwards packets of others.",
        cli=repair.ec2(operation, **off),
        verify=repair.ec2(
            f"describe-{'network-interfaces' if interface else 'instances'}",
            **{f"{option}s": named},
            query="NetworkInterfaces[].SourceDestCheck"
            if interface
            else "Reservations[].Instances[].SourceDestCheck",
        ),
        undo=repair.ec2(operation, **{**off, "source_dest_check": True}),
        terraform=existing(hcl("aws_instance", "nat", source_dest_check=False)),
        cloudformation=existing(template("Nat", "AWS::EC2::Instance", SourceDestCheck=False)),
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
    unless="the leg goes through {way}, not through a NAT instance",
)
