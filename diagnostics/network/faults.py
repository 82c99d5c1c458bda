"""The ids of the causes that a trace may name, and which of them a leg can have at all."""

from __future__ import annotations

from diagnostics.pull import Leg

ROUTE_NO_EGRESS = "route-no-egress"
ROUTE_BLACKHOLE = "route-blackhole"
NAT_UNUSABLE = "nat-gateway-unusable"
NAT_NO_IGW = "nat-subnet-no-igw"
NAT_INSTANCE = "nat-instance-unusable"
NO_PUBLIC_IP = "public-subnet-no-public-ip"
SG_EGRESS = "sg-egress-blocked"
SG_EGRESS_S3 = "sg-egress-s3-blocked"
NACL_OUT = "nacl-egress-blocked"
NACL_BACK = "nacl-ephemeral-return-blocked"
BLOCK_PUBLIC_ACCESS = "vpc-block-public-access"
S3_NOT_ON_TABLE = "endpoint-s3-not-on-route-table"
ENDPOINT_SG = "endpoint-sg-ingress-blocked"
PRIVATE_DNS_OFF = "endpoint-private-dns-off"
ENDPOINT_NOT_AVAILABLE = "endpoint-not-available"
VPC_DNS_OFF = "vpc-dns-off"
DNS_SERVER = "dns-server-unusable"
IMAGE_REGION = "image-region-unreachable"
IPV6 = "ipv6-mismatch"
FIREWALL = "firewall-inspection"
MISSING_ECR_API = "endpoint-missing-ecr-api"
MISSING_ECR_DKR = "endpoint-missing-ecr-dkr"
MISSING_S3 = "endpoint-missing-s3"
MISSING_SECRETSMANAGER = "endpoint-missing-secretsmanager"
MISSING_SSM = "endpoint-missing-ssm"
MISSING_LOGS = "endpoint-missing-logs"

MISSING_ENDPOINT = {
    "ecr.api": MISSING_ECR_API,
    "ecr.dkr": MISSING_ECR_DKR,
    "s3": MISSING_S3,
    "secretsmanager": MISSING_SECRETSMANAGER,
    "ssm": MISSING_SSM,
    "logs": MISSING_LOGS,
}
"""The cause that names the lack of an endpoint, by the service it would serve."""

DNS = (VPC_DNS_OFF, DNS_SERVER)
NACL = (NACL_OUT, NACL_BACK)
NAT = (NAT_UNUSABLE, NAT_NO_IGW)
BEHIND_THE_ROUTE = (
    ROUTE_NO_EGRESS, ROUTE_BLACKHOLE, *NAT, NAT_INSTANCE, NO_PUBLIC_IP, BLOCK_PUBLIC_ACCESS, IPV6, FIREWALL,
)  # fmt: skip
"""All that may be wrong with the way that a route opens."""

NETWORK_FAULTS = (
    *BEHIND_THE_ROUTE, *DNS, SG_EGRESS, SG_EGRESS_S3, *NACL, *MISSING_ENDPOINT.values(), S3_NOT_ON_TABLE, ENDPOINT_SG,
    PRIVATE_DNS_OFF, ENDPOINT_NOT_AVAILABLE, IMAGE_REGION,
)  # fmt: skip
"""Every id that a trace may name."""

_ENDPOINT = (ENDPOINT_SG, PRIVATE_DNS_OFF, ENDPOINT_NOT_AVAILABLE)


def choice_faults(leg: Leg, task_region: str) -> tuple[str, ...]:
    """The causes that the choice between an endpoint and a public address decides about."""
    if leg.service is None:
        return ()
    if leg.region != task_region:
        return (IMAGE_REGION,) if leg.name in ("login", "manifest", "layers") else ()
    s3 = (S3_NOT_ON_TABLE,) if leg.service == "s3" else ()
    return (MISSING_ENDPOINT[leg.service], PRIVATE_DNS_OFF, ENDPOINT_NOT_AVAILABLE, *s3)


def group_faults(leg: Leg) -> tuple[str, ...]:
    """What the puller's security groups may be blamed for on this leg."""
    return (SG_EGRESS, SG_EGRESS_S3) if leg.service == "s3" else (SG_EGRESS,)


def applicable(leg: Leg, task_region: str) -> tuple[str, ...]:
    """Every cause that this leg can have."""
    endpoint = _ENDPOINT if leg.service is not None and leg.region == task_region else ()
    return tuple(
        dict.fromkeys(
            (*DNS, *choice_faults(leg, task_region), *endpoint, *BEHIND_THE_ROUTE, *group_faults(leg), *NACL)
        )
    )
