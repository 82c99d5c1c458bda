"""S3's gateway endpoint does not serve the pulling subnet's route table."""

from __future__ import annotations

from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import GatewayOffTable
from diagnostics.write.snippets import existing, hcl, template

FAULT = network_fault(
    "endpoint-s3-not-on-route-table",
    "The S3 gateway endpoint is on the pulling subnet's route table",
    "The VPC has an S3 gateway endpoint, but a gateway endpoint serves only the route tables that it is associated "
    "with. The pulling subnet uses another table, so the layers have no way out.",
    "Associate the endpoint with the subnet's route table; AWS then adds the route to the S3 prefix list itself.",
    "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html",
)


def _fix(repair: Repair[GatewayOffTable]) -> Fix:
    """The S3 gateway endpoint put on the pulling subnet's route table."""
    endpoint, table = repair.blocker.endpoint_id, repair.blocker.route_table_id
    return Fix(
        text=(
            f"Associate S3 gateway endpoint {endpoint} with route table {table}. AWS adds the route to S3; open "
            "connections to S3 from the table's subnets are reset once."
        ),
        cli=repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, add_route_table_ids=table),
        terraform=hcl(
            "aws_vpc_endpoint_route_table_association", "s3", vpc_endpoint_id=endpoint, route_table_id=table
        ),
        cloudformation=existing(
            template(
                "s3", "AWS::EC2::VPCEndpoint", VpcEndpointType="Gateway", VpcId=repair.vpc_id,
                ServiceName=repair.blocker.endpoint_service, RouteTableIds=tuple(dict.fromkeys((*repair.blocker.gateway_table_ids, table))),
            )
        ),
        verify=repair.ec2(
            "describe-vpc-endpoints", vpc_endpoint_ids=endpoint, query="VpcEndpoints[].RouteTableIds"
        ),
        undo=repair.ec2("modify-vpc-endpoint", vpc_endpoint_id=endpoint, remove_route_table_ids=table),
    )  # fmt: skip


ROOM = NetworkFault(
    fault=FAULT,
    means=GatewayOffTable,
    repair=_fix,
    service="s3",
    unless="the leg has another way: it goes through {way}",
)
