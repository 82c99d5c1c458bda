"""Endpoints that are there and do not take the leg: private DNS is off, or they are not in service."""

from __future__ import annotations

from diagnostics.faults.network.endpoint_changes import (
    create_endpoints,
    describe_endpoint,
    dns_on,
    short_name,
)
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import DnsOff, EndpointNotAvailable, PrivateDnsOff
from diagnostics.write.snippets import ENDPOINT, as_code, existing, lines

PRIVATE_DNS = network_fault(
    "endpoint-private-dns-off",
    "The endpoint that the leg depends on has private DNS",
    "The interface endpoint exists, but with private DNS off the service's ordinary name still leads to public "
    "addresses, and the subnet has no way to those. ECS always uses the ordinary names.",
    "Turn private DNS on for the endpoint. Both VPC attributes enableDnsSupport and enableDnsHostnames must be on.",
    "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",
)

AVAILABLE = network_fault(
    "endpoint-not-available",
    "The endpoint that the leg depends on is available",
    "The endpoint exists but is not in the state available: it is still being created, waits for acceptance, "
    "failed, or is being deleted. Until then it carries no traffic.",
    "Wait if it is pending; otherwise delete it and create it again.",
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html",
    over=("endpoint", "internet"),
)


def _private_dns_on(repair: Repair[PrivateDnsOff]) -> Fix:
    """Private DNS turned on for the endpoint."""
    blocker, endpoint = repair.blocker, repair.blocker.endpoint_id
    short = short_name(blocker.endpoint_service)
    first = dns_on(repair)
    need = " It needs both DNS attributes of the VPC on, so they come first." if first else ""
    arguments: dict[str, object] = {
        "vpc_id": repair.vpc_id, "service_name": blocker.endpoint_service, "vpc_endpoint_type": "Interface",
        "subnet_ids": blocker.subnet_ids, "private_dns_enabled": True,
    }  # fmt: skip
    if blocker.endpoint_group_ids:
        arguments["security_group_ids"] = blocker.endpoint_group_ids
    terraform, cloudformation = as_code(ENDPOINT, short, **arguments)
    return Fix(
        text=(
            f"Turn on private DNS for {endpoint} ({short}).{need} From then on the endpoint takes this "
            "service's traffic of every subnet of the VPC, so its security group must admit them all on 443."
        ),
        cli=lines(
            first, repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, private_dns_enabled=True)
        ),
        terraform=existing(terraform),
        cloudformation=existing(cloudformation),
        verify=describe_endpoint(repair, endpoint),
        undo=repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, private_dns_enabled=False),
    )


def _make_available(repair: Repair[EndpointNotAvailable]) -> Fix:
    """Waits for an endpoint that is on its way, and makes another one where it is not."""
    endpoint = repair.blocker.endpoint_id
    state = (repair.blocker.state or "").lower()
    if state == "pending":
        return Fix(
            text=f"Wait: endpoint {endpoint} is pending and should be available within minutes. Then start the task again.",
            cli=describe_endpoint(repair, endpoint),
            verify=describe_endpoint(repair, endpoint),
        )
    made = create_endpoints(repair, (repair.blocker.endpoint_service,))
    if state in ("deleting", "deleted"):
        return made.model_copy(update={"text": f"Endpoint {endpoint} is going away. {made.text}"})
    return made.model_copy(
        update={
            "text": f"Delete endpoint {endpoint} ({state or 'not available'}) and create it again once it is gone. {made.text}",
            "cli": lines(repair.ec2("delete-vpc-endpoints", vpc_endpoint_ids=endpoint), made.cli),
        }
    )


ROOMS = (
    NetworkFault(
        fault=PRIVATE_DNS,
        means=PrivateDnsOff,
        repair=_private_dns_on,
        unless="the leg goes through {way}, not through an interface endpoint",
        follows=(DnsOff,),
    ),
    NetworkFault(
        fault=AVAILABLE,
        means=EndpointNotAvailable,
        repair=_make_available,
        unless="the leg goes through {way}, not through an endpoint",
    ),
)
