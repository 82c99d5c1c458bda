"""Endpoints that are there and do not take the leg: private DNS is off, or they are not in service."""

from __future__ import annotations

from diagnostics.faults.network.endpoint_changes import (
    create_endpoints,
    describe_endpoint,
    dns_on,
    short_name,
)
from diagnostics.faults.network.fixes.snippets import existing, hcl, lines, template
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault
from diagnostics.faults.texts import NO_ANSWER
from diagnostics.finding import Explains, Fault, Fix
from diagnostics.network.blockers import DnsOff, EndpointNotAvailable, PrivateDnsOff
from diagnostics.snapshot import VpcEndpoint

PRIVATE_DNS = Fault(
    id="endpoint-private-dns-off",
    kind="network",
    title="The endpoint that the leg depends on has private DNS",
    why=(
        "The interface endpoint exists, but with private DNS off the service's ordinary name still leads to public "
        "addresses, and the subnet has no way to those. ECS always uses the ordinary names."
    ),
    how="Turn private DNS on for the endpoint. Both VPC attributes enableDnsSupport and enableDnsHostnames must be on.",
    source="https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",
    explains=Explains(symptoms=NO_ANSWER, over=("internet",)),
)

AVAILABLE = Fault(
    id="endpoint-not-available",
    kind="network",
    title="The endpoint that the leg depends on is available",
    why=(
        "The endpoint exists but is not in the state available: it is still being created, waits for acceptance, "
        "failed, or is being deleted. Until then it carries no traffic."
    ),
    how="Wait if it is pending; otherwise delete it and create it again.",
    source="https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html",
    explains=Explains(symptoms=NO_ANSWER),
)


def _private_dns_on(repair: Repair[PrivateDnsOff]) -> Fix:
    """Private DNS turned on for the endpoint."""
    endpoint = repair.blocker.endpoint_id
    known = repair.view.endpoint(endpoint)
    service = known.service_name if known else repair.leg_service_name
    first = dns_on(repair)
    need = " It needs both DNS attributes of the VPC on, so they come first." if first else ""
    return Fix(
        text=(
            f"Turn on private DNS for {endpoint} ({short_name(service)}).{need} From then on the endpoint takes this "
            "service's traffic of every subnet of the VPC, so its security group must admit them all on 443."
        ),
        cli=lines(
            first, repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, private_dns_enabled=True)
        ),
        terraform=_terraform_of(repair, known, service),
        cloudformation=_template_of(repair, known, service),
        verify=describe_endpoint(repair, endpoint),
        undo=repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, private_dns_enabled=False),
    )


def _terraform_of(repair: Repair[PrivateDnsOff], known: VpcEndpoint | None, service: str) -> str:
    """The endpoint as it should be, as Terraform."""
    arguments: dict[str, object] = {"vpc_id": repair.vpc_id, "service_name": service}
    if known is not None and known.route_table_ids:
        arguments |= {"vpc_endpoint_type": "Gateway", "route_table_ids": known.route_table_ids}
    else:
        arguments |= {
            "vpc_endpoint_type": "Interface",
            "subnet_ids": known.subnet_ids if known else repair.endpoint_subnets,
            "private_dns_enabled": True,
        }
    if known is not None and known.groups:
        arguments["security_group_ids"] = tuple(group.group_id for group in known.groups)
    return existing(hcl("aws_vpc_endpoint", short_name(service), **arguments))


def _template_of(repair: Repair[PrivateDnsOff], known: VpcEndpoint | None, service: str) -> str:
    """The endpoint as it should be, as CloudFormation."""
    properties: dict[str, object] = {"VpcId": repair.vpc_id, "ServiceName": service}
    if known is not None and known.route_table_ids:
        properties |= {"VpcEndpointType": "Gateway", "RouteTableIds": known.route_table_ids}
    else:
        properties |= {
            "VpcEndpointType": "Interface",
            "SubnetIds": known.subnet_ids if known else repair.endpoint_subnets,
            "PrivateDnsEnabled": True,
        }
    if known is not None and known.groups:
        properties["SecurityGroupIds"] = tuple(group.group_id for group in known.groups)
    return existing(template(short_name(service), "AWS::EC2::VPCEndpoint", **properties))


def _make_available(repair: Repair[EndpointNotAvailable]) -> Fix:
    """Waits for an endpoint that is on its way, and makes another one where it is not."""
    endpoint = repair.blocker.endpoint_id
    known = repair.view.endpoint(endpoint)
    state = (repair.blocker.state or (known.state if known else None) or "").lower()
    if state == "pending":
        return Fix(
            text=f"Wait: endpoint {endpoint} is pending and should be available within minutes. Then start the task again.",
            cli=describe_endpoint(repair, endpoint),
            verify=describe_endpoint(repair, endpoint),
        )
    service = known.service_name if known else repair.leg_service_name
    made = create_endpoints(repair, (service,))
    if state in ("deleting", "deleted"):
        return made.model_copy(update={"text": f"Endpoint {endpoint} is going away. {made.text}"})
    return made.model_copy(
        update={
            "text": f"Delete endpoint {endpoint} ({state or 'not available'}) and make it anew once it is gone. {made.text}",
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
