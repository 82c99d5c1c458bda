"""The NAT gateway on the route cannot carry traffic to the internet."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, table_page
from diagnostics.faults.network.route_changes import point_at_nat
from diagnostics.faults.texts import NO_ANSWER
from diagnostics.finding import Explains, Fault, Fix
from diagnostics.network.blockers import NatGatewayUnusable

FAULT = Fault(
    id="nat-gateway-unusable",
    kind="network",
    title="The NAT gateway on the route is available and public",
    why=(
        "The default route names a NAT gateway that cannot carry traffic to the internet: it failed, is still being "
        "created, is being deleted, or is a private NAT gateway, which only translates between private networks."
    ),
    how=(
        "Point the route at an available public NAT gateway, or create one in a public subnet. A pending one only "
        "needs a few minutes."
    ),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html",
    explains=Explains(symptoms=NO_ANSWER, over=("internet",)),
)


def _fix(repair: Repair[NatGatewayUnusable]) -> Fix:
    """The route moved to a NAT gateway that works; one that is being created only needs time."""
    nat = repair.blocker.nat_gateway_id
    if repair.blocker.state != "pending":
        return point_at_nat(repair, repair.blocker.destination)
    return Fix(
        text=f"Wait until NAT gateway {nat} is available; that takes a few minutes. Then start the task again.",
        cli=repair.ec2("wait nat-gateway-available", nat_gateway_ids=nat),
        verify=repair.ec2(
            "describe-nat-gateways", nat_gateway_ids=nat, query="NatGateways[].[NatGatewayId,State]"
        ),
    )


ROOM = NetworkFault(
    fault=FAULT,
    means=NatGatewayUnusable,
    repair=_fix,
    unless="the leg goes through {way}, not through a NAT gateway",
    page=table_page,
)
