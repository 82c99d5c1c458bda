"""Endpoints that the VPC lacks."""

from __future__ import annotations

from typing import Any

from diagnostics.network.blockers import EndpointMissing
from tests.build import VPC, Edit, definition_of, endpoints, items_of
from tests.build.network import attribute, drop_s3_route
from tests.build.tasks import secret, unread_image
from tests.faults.network.tables import SAYS, SECRET, TABLE, A, Broken, Case


def without(service: str) -> Edit:
    """No endpoint of a service, nor the route that comes with S3's."""

    def edit(world: dict[str, Any]) -> None:
        every = items_of(world, "vpc_endpoints")
        every[:] = [item for item in every if not item["ServiceName"].endswith(f".{service}")]
        if service == "s3":
            drop_s3_route(world)

    return edit


def _secret(name: str) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        definition_of(world)["containerDefinitions"][0]["secrets"] = [{"name": "TOKEN", "valueFrom": name}]

    return edit


def _without(service: str) -> Edit:
    def edit(world: dict[str, Any]) -> None:
        every = items_of(world, "vpc_endpoints")
        every[:] = [item for item in every if not item["ServiceName"].endswith(f".{service}")]

    return edit


WORLDS = (
    Broken("endpoint-missing-ecr-api", "login", (VPC, A), endpoints, without("ecr.api")),
    Broken("endpoint-missing-ecr-dkr", "manifest", (VPC, A), endpoints, without("ecr.dkr")),
    Broken(
        "endpoint-missing-ecr-dkr",
        "manifest",
        (VPC, A),
        endpoints,
        unread_image("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/payments-api:1.4.2"),
        name="for the FIPS host",
    ),
    Broken("endpoint-missing-s3", "layers", (VPC, A), endpoints, without("s3")),
    Broken("endpoint-missing-secretsmanager", "secretsmanager", (VPC, A), endpoints, secret(SECRET)),
    Broken("endpoint-missing-ssm", "ssm", (VPC, A), endpoints, secret("/payments/token")),
    Broken("endpoint-missing-logs", "logs", (VPC, A), endpoints, without("logs")),
)
REPAIRS = (
    Case(
        "endpoint-missing-ecr-api",
        "beside an ecr.dkr endpoint",
        EndpointMissing(
            resources=(
                VPC,
                A,
            ),
            says=SAYS,
            endpoint_service="com.amazonaws.us-east-1.ecr.api",
        ),
        world=endpoints,
        edits=(_without("ecr.api"),),
        wants=(
            "com.amazonaws.us-east-1.ecr.api",
            "--security-group-ids sg-endpoints",
            "--private-dns-enabled",
        ),
    ),
    Case(
        "endpoint-missing-ecr-dkr",
        "beside an ecr.api endpoint, in a VPC without DNS host names",
        EndpointMissing(
            resources=(
                VPC,
                A,
            ),
            says=SAYS,
            endpoint_service="com.amazonaws.us-east-1.ecr.dkr",
        ),
        world=endpoints,
        edits=(_without("ecr.dkr"), attribute("enable_dns_hostnames", False)),
        leg="manifest",
        wants=("--enable-dns-hostnames", "com.amazonaws.us-east-1.ecr.dkr"),
    ),
    Case(
        "endpoint-missing-s3",
        "a gateway endpoint",
        EndpointMissing(
            resources=(
                VPC,
                A,
            ),
            says=SAYS,
            route_table_id=TABLE,
            endpoint_service="com.amazonaws.us-east-1.s3",
        ),
        world=endpoints,
        edits=(_without("s3"),),
        leg="layers",
        wants=("--vpc-endpoint-type Gateway", f"--route-table-ids {TABLE}"),
    ),
    Case(
        "endpoint-missing-secretsmanager",
        "for a secret",
        EndpointMissing(
            resources=(
                VPC,
                A,
            ),
            says=SAYS,
            endpoint_service="com.amazonaws.us-east-1.secretsmanager",
        ),
        world=endpoints,
        edits=(_secret(SECRET),),
        leg="secretsmanager",
        wants=("com.amazonaws.us-east-1.secretsmanager",),
    ),
    Case(
        "endpoint-missing-ssm",
        "for a parameter",
        EndpointMissing(
            resources=(
                VPC,
                A,
            ),
            says=SAYS,
            endpoint_service="com.amazonaws.us-east-1.ssm",
        ),
        world=endpoints,
        edits=(_secret("/payments/token"),),
        leg="ssm",
        wants=("com.amazonaws.us-east-1.ssm",),
    ),
    Case(
        "endpoint-missing-logs",
        "for the log driver",
        EndpointMissing(
            resources=(
                VPC,
                A,
            ),
            says=SAYS,
            endpoint_service="com.amazonaws.us-east-1.logs",
        ),
        world=endpoints,
        edits=(_without("logs"),),
        leg="logs",
        wants=("com.amazonaws.us-east-1.logs",),
    ),
)
