"""Endpoints that the VPC lacks, one fault for each service that a pull may need."""

from __future__ import annotations

from diagnostics.faults.network.endpoint_changes import create_endpoints
from diagnostics.faults.network.repair import Repair
from diagnostics.faults.network.room import NetworkFault, endpoints_page, network_fault
from diagnostics.finding import Fix
from diagnostics.network.blockers import BlockerKind, EndpointMissing, GatewayOffTable, NoWayOut

OF_ECR = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"
OF_ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/vpc-endpoints.html"


def _fix(repair: Repair[EndpointMissing]) -> Fix:
    """The one endpoint that is missing."""
    return create_endpoints(repair, (repair.blocker.endpoint_service,))


def _room(
    service: str, called: str, needs: str, source: str, *first: BlockerKind
) -> NetworkFault[EndpointMissing]:
    """The room of one service. `first` are kinds of blocking that explain its lack before the lack of a route does."""
    suffix, name = service.replace(".", "-"), "S3" if service == "s3" else service
    how = "interface endpoint with private DNS, in the subnets of the tasks, with a security group that admits them on 443."
    if service == "s3":
        how = "gateway endpoint on the route table of the pulling subnet (gateway endpoints cost nothing)."
    return NetworkFault(
        fault=network_fault(
            f"endpoint-missing-{suffix}",
            f"The VPC has the {name} endpoint, or another way to that service",
            f"{needs} The VPC reaches other services through endpoints, has none for {name}, and the subnet has no "
            "other way out, so the connection times out.",
            f"Create the {name} {how}",
            source,
            short=f"its VPC has no way to {called}",
        ),
        means=EndpointMissing,
        repair=_fix,
        service=service,
        unless="the pull has another way: it goes through {way}",
        read_by="ec2:DescribeVpcEndpoints",
        follows=(*first, NoWayOut),
        page=endpoints_page,
    )


ROOMS = (
    _room("ecr.api", "ECR's API (ecr.api)", "The log-in (GetAuthorizationToken) goes to ecr.api.", OF_ECR),
    _room("ecr.dkr", "ECR's registry (ecr.dkr)", "The image manifest comes from ecr.dkr.", OF_ECR),
    _room(
        "s3",
        "S3, where the layers are",
        "The image layers come from S3, not from ECR's own endpoints.",
        OF_ECR,
        GatewayOffTable,
    ),
    _room(
        "secretsmanager",
        "Secrets Manager",
        "The task reads a secret from Secrets Manager before its image is pulled.",
        OF_ECS,
    ),
    _room(
        "ssm",
        "Systems Manager (ssm)",
        "The task reads a parameter from Systems Manager before its image is pulled.",
        OF_ECS,
    ),
    _room(
        "logs",
        "CloudWatch Logs",
        "The awslogs driver opens a CloudWatch Logs stream when the container starts, right after the pull.",
        OF_ECS,
    ),
)
