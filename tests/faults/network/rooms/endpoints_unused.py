"""Endpoints that are there and do not take the leg."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import EndpointNotAvailable, PrivateDnsOff
from tests.build import Edit, endpoint_of, endpoints
from tests.build.network import endpoint
from tests.faults.network.tables import SAYS, Broken, Case


def _endpoint(service: str, **values: Any) -> Edit:
    return lambda world: endpoint_of(world, service).update(values)


WORLDS = (
    Broken(
        "endpoint-private-dns-off",
        "manifest",
        ("vpce-ecr-dkr",),
        endpoints,
        endpoint("ecr.dkr", PrivateDnsEnabled=False),
    ),
    Broken(
        "endpoint-not-available", "login", ("vpce-ecr-api",), endpoints, endpoint("ecr.api", State="pending")
    ),
)
REPAIRS = (
    Case(
        "endpoint-private-dns-off",
        "both attributes are on",
        PrivateDnsOff(
            resources=("vpce-ecr-dkr",),
            says=SAYS,
            endpoint_id="vpce-ecr-dkr",
            endpoint_service="com.amazonaws.us-east-1.ecr.dkr",
            subnet_ids=("subnet-private-a", "subnet-private-b"),
            endpoint_group_ids=("sg-endpoints",),
        ),
        world=endpoints,
        edits=(_endpoint("ecr.dkr", PrivateDnsEnabled=False),),
        leg="manifest",
        wants=("modify-vpc-endpoint --vpc-endpoint-id vpce-ecr-dkr --private-dns-enabled",),
    ),
    Case(
        "endpoint-not-available",
        "pending",
        EndpointNotAvailable(
            resources=("vpce-ecr-api",),
            says=SAYS,
            endpoint_id="vpce-ecr-api",
            endpoint_service="com.amazonaws.us-east-1.ecr.api",
            state="pending",
        ),
        world=endpoints,
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=("describe-vpc-endpoints",),
    ),
    Case(
        "endpoint-not-available",
        "failed",
        EndpointNotAvailable(
            resources=("vpce-ecr-api",),
            says=SAYS,
            endpoint_id="vpce-ecr-api",
            endpoint_service="com.amazonaws.us-east-1.ecr.api",
            state="failed",
        ),
        world=endpoints,
        via="interface_endpoint",
        endpoint_id="vpce-ecr-api",
        wants=("delete-vpc-endpoints --vpc-endpoint-ids vpce-ecr-api", "create-vpc-endpoint"),
    ),
    Case(
        "endpoint-not-available",
        "going away",
        EndpointNotAvailable(
            resources=("vpce-s3",),
            says=SAYS,
            endpoint_id="vpce-s3",
            endpoint_service="com.amazonaws.us-east-1.s3",
            state="deleting",
        ),
        world=endpoints,
        leg="layers",
        via="gateway_endpoint",
        endpoint_id="vpce-s3",
        wants=("--vpc-endpoint-type Gateway",),
    ),
)
