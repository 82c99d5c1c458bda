"""A firewall or appliance on the route interferes with the pull."""

from __future__ import annotations

from diagnostics.faults.network.endpoint_changes import create_endpoints
from diagnostics.faults.network.repair import Repair, together
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import FirewallOnRoute
from diagnostics.stop_reason import SymptomId

FAULT = network_fault(
    "firewall-inspection",
    "No firewall on the route interferes with the pull",
    "The default route leads through a firewall or appliance. The error text shows what such a device does: it "
    "presents a certificate of its own, breaks the TLS handshake or resets the connection. AWS's API cannot show "
    "the device's rules, so this is never more than likely.",
    "Exempt ECR and S3 from TLS inspection and allow their names on 443, or create VPC endpoints for ecr.api, "
    "ecr.dkr and S3: traffic to an endpoint does not take the default route.",
    "https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config.html",
    text_only=True,
    also=(SymptomId.TLS_FAILURE, SymptomId.CONNECTION_REFUSED_RESET),
    over=("endpoint", "internet"),
    short="a firewall on its route may stop the pull",
)


def _fix(repair: Repair[FirewallOnRoute]) -> Fix:
    """Endpoints, which take the traffic off the inspected route; for other registries only the firewall can help."""
    if not repair.in_region:
        return Fix(
            text=(
                f"Let the firewall or appliance on the route pass {repair.leg.host} on {repair.leg.port} without TLS inspection. "
                "AWS's API does not show its rules."
            )
        )
    made = create_endpoints(repair)
    text = (
        f"Exempt {repair.leg.host} from TLS inspection and allow it on 443; or take the pull off the inspected "
        f"route with endpoints. {made.text}"
    )
    intention = "Somebody leads this traffic through the firewall on purpose: it no longer sees what goes to the endpoints."
    return made.model_copy(update={"text": text, "warning": together(intention, made.warning)})


ROOM = NetworkFault(
    fault=FAULT,
    means=FirewallOnRoute,
    repair=_fix,
    unless="the pull goes through {way}, not through a firewall or appliance",
    shown_by=(SymptomId.TLS_FAILURE, SymptomId.CONNECTION_REFUSED_RESET),
)
