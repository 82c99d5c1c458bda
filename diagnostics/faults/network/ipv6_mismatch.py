"""Name, route or endpoint do not speak the address family of the subnet."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.faults.network.route_changes import egress_only_gateway
from diagnostics.faults.network.way_out import way_out
from diagnostics.faults.task_definition import with_image
from diagnostics.finding import Fix, Ways
from diagnostics.network.blockers import WrongAddressFamily
from diagnostics.stop_reason import SymptomId
from diagnostics.write import chain, wait_for
from diagnostics.write.snippets import ENDPOINT, Option, changed_code

FAULT = network_fault(
    "ipv6-mismatch",
    "Registry name, route and endpoint speak the address family of the subnet",
    "The path only has IPv6, and something on it only has IPv4: the ordinary registry name "
    "(ACCOUNT.dkr.ecr.REGION.amazonaws.com) has no IPv6 address, the route table has no ::/0 route, or the "
    "endpoint is not dual-stack.",
    "Use ECR's dual-stack name (ACCOUNT.dkr-ecr.REGION.on.aws), give the subnet a ::/0 route, make the endpoint "
    "dual-stack, or run the task in a subnet that has IPv4.",
    "https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html",
    also=(SymptomId.DNS_FAILURE, SymptomId.CONNECTION_REFUSED_RESET),
    over=("endpoint", "internet"),
    of_puller=True,
    short="its subnet and the registry's name differ in IPv4 and IPv6",
)


BOTH = "dualstack"


def _fix(repair: Repair[WrongAddressFamily]) -> Ways:
    """What only speaks IPv4 on an IPv6 path made to speak IPv6: the endpoint, the route, or the registry's name."""
    blocker = repair.blocker
    if blocker.endpoint_id:
        return _dual_stack(repair, blocker.endpoint_id)
    if blocker.route_target and not (repair.subnet and repair.subnet.ipv6_native):
        # The interface has IPv4 too, and only the routes lack it.
        return way_out(repair)
    if not blocker.route_target and blocker.route_table_id:
        return egress_only_gateway(repair)
    return _other_name(repair)


def _other_name(repair: Repair[WrongAddressFamily]) -> Fix:
    """ECR's dual-stack name in the task definition."""
    for item in repair.world.pull.images:
        found = item.reference
        if found is not None and found.is_ecr and found.pull_host == repair.leg.host:
            host = f"{found.account_id}.dkr-ecr.{found.region}.on.aws"
            return with_image(
                repair.world, item, item.image.replace(found.registry, host, 1),
                title=f"Name {host} in the task definition",
                text=(
                    f"Name {host} instead of {found.pull_host} in the task definition and deploy the new revision, or run "
                    "the task in a subnet that has IPv4."
                ),
            )  # fmt: skip
    return Fix(
        text=(
            f"Name a registry name that has IPv6 for {repair.leg.host} in the task definition and deploy the new revision, "
            "or run the task in a subnet that has IPv4."
        )
    )


def _dual_stack(repair: Repair[WrongAddressFamily], endpoint: str) -> Fix:
    """The endpoint made dual-stack, with IPv6 addresses in its DNS answers."""
    known = repair.view.endpoint(endpoint)
    kind = (known.vpc_endpoint_type if known else None) or "Interface"
    before = (known.ip_address_type if known else None) or "ipv4"
    records = (known.dns_options.dns_record_ip_type if known and known.dns_options else None) or before
    is_interface = kind.lower() == "interface"

    def change(addresses: str, record: str) -> str:
        answers: dict[str, Option] = {"dns_options": {"DnsRecordIpType": record}} if is_interface else {}
        return repair.ec2(
            "modify-vpc-endpoint", vpc_endpoint_id=endpoint, ip_address_type=addresses, **answers
        )

    terraform, cloudformation = changed_code(ENDPOINT, endpoint, ip_address_type=BOTH)
    return Fix(
        title=f"Make endpoint {endpoint} dual-stack",
        text=f"Make endpoint {endpoint} dual-stack; each of its subnets needs an IPv6 range for that.",
        warning="Its names then lead to IPv6 addresses too, for everything in the VPC that looks them up.",
        cli=chain(
            change(BOTH, BOTH),
            wait_for(
                repair.ec2("describe-vpc-endpoints", vpc_endpoint_ids=endpoint), "VpcEndpoints[0].State", "available"
            ),
        ),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=repair.prints("describe-vpc-endpoints", "VpcEndpoints[].IpAddressType", vpc_endpoint_ids=endpoint),
        expect=BOTH,
        undo=chain(change(before, records)),
    )  # fmt: skip


ROOM = NetworkFault(
    fault=FAULT,
    means=WrongAddressFamily,
    repair=_fix,
    never=lambda _leg, _region: "the subnet is not IPv6-only",
)
