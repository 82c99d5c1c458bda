"""S3's gateway endpoint does not serve the pulling subnet's route table."""

from __future__ import annotations

from diagnostics.faults.network.endpoint_changes import resets_s3
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import GatewayOffTable
from diagnostics.write import chain
from diagnostics.write.snippets import ENDPOINT, changed_code, hcl

FAULT = network_fault(
    "endpoint-s3-not-on-route-table",
    "The S3 gateway endpoint is on the pulling subnet's route table",
    "The VPC has an S3 gateway endpoint, but a gateway endpoint serves only the route tables that it is associated "
    "with. The pulling subnet uses another table, so the layers have no way out.",
    "Associate the endpoint with the subnet's route table; AWS then adds the route to the S3 prefix list itself.",
    "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html",
    short="the S3 endpoint is not on its route table",
)


def _fix(repair: Repair[GatewayOffTable]) -> Fix:
    """The S3 gateway endpoint put on the pulling subnet's route table."""
    endpoint, table = repair.blocker.endpoint_id, repair.blocker.route_table_id
    tables = tuple(dict.fromkeys((*repair.blocker.gateway_table_ids, table)))
    terraform = hcl(
        "aws_vpc_endpoint_route_table_association", "s3", vpc_endpoint_id=endpoint, route_table_id=table
    )
    _, cloudformation = changed_code(ENDPOINT, endpoint, route_table_ids=tables)
    return Fix(
        title=f"Put S3 endpoint {endpoint} on route table {table}",
        text=f"Associate S3 gateway endpoint {endpoint} with route table {table}. AWS adds the route to S3.",
        warning=resets_s3(repair, (table,)),
        cli=chain(repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, add_route_table_ids=table)),
        terraform=terraform,
        cloudformation=cloudformation,
        verify=chain(
            repair.prints(
                "describe-vpc-endpoints",
                f"VpcEndpoints[].contains(RouteTableIds,'{table}')",
                vpc_endpoint_ids=endpoint,
            )
        ),
        expect="True",
        undo=chain(repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, remove_route_table_ids=table)),
    )


ROOM = NetworkFault(
    fault=FAULT,
    means=GatewayOffTable,
    repair=_fix,
    service="s3",
    unless="the pull has another way: it goes through {way}",
)
