"""Endpoints that are there and do not take the leg: private DNS is off, or they are not in service."""

from __future__ import annotations

import json

from diagnostics.faults.network.dns_attributes import dns_code, dns_off, dns_on, dns_warning
from diagnostics.faults.network.endpoint_changes import (
    create_endpoints,
    delete_endpoints,
    short_name,
    shows_endpoints,
    wait_until_available,
    wait_until_gone,
)
from diagnostics.faults.network.repair import Repair, together
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import Blocker, DnsOff, EndpointNotAvailable, PrivateDnsOff
from diagnostics.snapshot import VpcEndpoint, known_or
from diagnostics.write import chain, wait_for
from diagnostics.write.snippets import ENDPOINT, Option, as_code, changed_code, hcl, joined, lines

PRIVATE_DNS = network_fault(
    "endpoint-private-dns-off",
    "The endpoint that the pull depends on has private DNS",
    "The interface endpoint exists, but with private DNS off the service's ordinary name still leads to public "
    "addresses, and the subnet has no way to those. ECS always uses the ordinary names.",
    "Turn private DNS on for the endpoint. Both VPC attributes enableDnsSupport and enableDnsHostnames must be on.",
    "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",
    short="private DNS is off on the endpoint that it needs",
)

AVAILABLE = network_fault(
    "endpoint-not-available",
    "The endpoint that the pull depends on is available",
    "The endpoint exists but is not in the state available: it is still being created, waits for acceptance, "
    "failed, or is being deleted. Until then it carries no traffic.",
    "Wait if it is pending; otherwise delete it and create it again.",
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html",
    over=("endpoint", "internet"),
    short="the endpoint that it needs is not available",
)


def _private_dns_on(repair: Repair[PrivateDnsOff]) -> Fix:
    """Private DNS turned on for the endpoint."""
    blocker, endpoint = repair.blocker, repair.blocker.endpoint_id
    short = short_name(blocker.endpoint_service)
    need = " It needs both DNS attributes of the VPC on, so they come first." if dns_on(repair) else ""
    terraform, cloudformation = changed_code(ENDPOINT, endpoint, private_dns_enabled=True)
    subnets = len(known_or(repair.vpc.subnets, ()))
    every = f"all {subnets} subnets" if subnets > 1 else "every subnet"
    return Fix(
        title=f"Turn on private DNS for {endpoint}",
        text=f"Turn on private DNS for {endpoint} ({short}).{need}",
        warning=together(
            f"From then on the endpoint takes the calls of {every} of {repair.vpc_id} to {short}: its security group"
            f"{f' {joined(blocker.endpoint_group_ids)}' if blocker.endpoint_group_ids else ''} must admit them all on 443.",
            dns_warning(repair),
        ),
        cli=chain(
            *dns_on(repair),
            repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, private_dns_enabled=True),
            _wait_for(repair, endpoint),
        ),
        terraform=lines(*dns_code(repair)[0], terraform),
        cloudformation=lines(*dns_code(repair)[1], cloudformation),
        verify=repair.prints(
            "describe-vpc-endpoints", "VpcEndpoints[].[State,PrivateDnsEnabled]", vpc_endpoint_ids=endpoint
        ),
        expect="available True",
        undo=chain(
            repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, private_dns_enabled=False),
            *dns_off(repair),
        ),
    )


def _wait_for(repair: Repair[Blocker], endpoint: str) -> str:
    """A wait until an endpoint is in service, which the CLI has no waiter for."""
    named = repair.ec2("describe-vpc-endpoints", vpc_endpoint_ids=endpoint)
    return wait_for(named, "VpcEndpoints[0].State", "available")


def _make_available(repair: Repair[EndpointNotAvailable]) -> Fix:
    """Waits for an endpoint that is on its way, and makes another one where it is not."""
    endpoint = repair.blocker.endpoint_id
    state = (repair.blocker.state or "").lower()
    if state == "pending":
        return Fix(
            title=f"Wait for endpoint {endpoint}",
            text=f"Wait: endpoint {endpoint} is pending and should be available within minutes.",
            cli=chain(_wait_for(repair, endpoint)),
            verify=repair.prints("describe-vpc-endpoints", "VpcEndpoints[].State", vpc_endpoint_ids=endpoint),
            expect="available",
            undo_note="Waiting changes nothing.",
        )
    return _again(repair, endpoint, state)


def _again(repair: Repair[EndpointNotAvailable], endpoint: str, state: str) -> Fix:
    """The endpoint made again as it was, once the old one is gone: until then its private name is taken."""
    service, known = repair.blocker.endpoint_service, repair.view.endpoint(endpoint)
    if known is None or not (known.subnet_ids or known.route_table_ids):
        made = create_endpoints(repair, (service,))
        options, details = None, made.text
    else:
        options = _as_it_was(repair, known)
        details = f"The new one has its {_kept(known)} (VPC {repair.vpc_id})."
        made = _made_of(repair, service, options)
    going = state in ("deleting", "deleted")
    before = None if going else repair.ec2("delete-vpc-endpoints", vpc_endpoint_ids=endpoint)
    first = (
        f"Wait until endpoint {endpoint} is gone, which is {state}"
        if going
        else f"Delete endpoint {endpoint} ({state or 'not available'})"
    )
    return made.model_copy(
        update={
            "title": f"Make endpoint {endpoint} again",
            "text": f"{first}, and create it again once it is gone. {details}",
            "warning": together(
                f"The new endpoint has another id: policies that name {endpoint} (aws:SourceVpce) must name it.",
                made.warning,
            ),
            "cli": chain(
                before,
                wait_until_gone(
                    repair, f"Name=vpc-id,Values={repair.vpc_id}", f"VpcEndpointId=='{endpoint}'"
                ),
                made.cli,
            ),
            "undo_note": f"{endpoint} itself does not come back; it carried nothing.",
        }
    )


def _kept(known: VpcEndpoint) -> str:
    parts = (
        "subnets, security groups" if known.subnet_ids else "route tables",
        "policy" if _is_document(known.policy_document) else "",
    )
    return joined(filter(None, parts))


def _as_it_was(repair: Repair[EndpointNotAvailable], known: VpcEndpoint) -> dict[str, Option]:
    """The options that make an endpoint like one that was read."""
    options: dict[str, Option] = {
        "vpc_endpoint_type": known.vpc_endpoint_type or "Interface", "vpc_id": repair.vpc_id,
        "service_name": known.service_name,
    }  # fmt: skip
    if known.route_table_ids:
        options["route_table_ids"] = known.route_table_ids
    if known.subnet_ids:
        options["subnet_ids"] = known.subnet_ids
    if known.groups:
        options["security_group_ids"] = tuple(item.group_id for item in known.groups)
    if known.ip_address_type:
        options["ip_address_type"] = known.ip_address_type
    if known.private_dns_enabled is not None:
        options["private_dns_enabled"] = known.private_dns_enabled
    if _is_document(known.policy_document):
        options["policy_document"] = known.policy_document or ""
    return options


def _is_document(text: str | None) -> bool:
    try:
        return isinstance(json.loads(text or ""), dict)
    except ValueError:
        return False


def _made_of(repair: Repair[EndpointNotAvailable], service: str, options: dict[str, Option]) -> Fix:
    coded: dict[str, object] = {key: value for key, value in options.items() if key != "policy_document"}
    policy = json.loads(str(options.get("policy_document", "null")))
    terraform, cloudformation = as_code(ENDPOINT, short_name(service), **coded)
    if policy is not None:
        # Terraform calls it otherwise than EC2 does.
        terraform = hcl(ENDPOINT[0], short_name(service), **coded, policy=policy)
        coded["policy_document"] = policy
        _, cloudformation = as_code(ENDPOINT, short_name(service), **coded)
    return Fix(
        text="",
        cli=chain(
            repair.ec2("create-vpc-endpoint", **options, **repair.tagged("vpc-endpoint")),
            wait_until_available(repair),
        ),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=shows_endpoints(repair),
        expect=f"{options['service_name']} available",
        undo=chain(*delete_endpoints(repair)),
    )


ROOMS = (
    NetworkFault(
        fault=PRIVATE_DNS,
        means=PrivateDnsOff,
        repair=_private_dns_on,
        unless="the pull goes through {way}, not through an interface endpoint",
        follows=(DnsOff,),
    ),
    NetworkFault(
        fault=AVAILABLE,
        means=EndpointNotAvailable,
        repair=_make_available,
        unless="the pull goes through {way}, not through an endpoint",
    ),
)
