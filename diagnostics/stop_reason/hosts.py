"""Which service a host belongs to, seen from a pull.

Hosts: https://docs.aws.amazon.com/general/latest/gr/ecr.html (with FIPS and dual-stack names),
https://docs.docker.com/docker-hub/ for Docker Hub's.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, ip_address
from typing import Literal

HostKind = Literal[
    "ecr-api", "ecr", "ecr-public", "layers", "s3", "secretsmanager", "ssm", "kms", "logs", "sts", "docker-hub", "other"
]  # fmt: skip
"""`ecr` is a private registry, `layers` the S3 bucket that ECR hands layers out from, `s3` any other bucket."""

# The first that a host's name holds decides.
_PARTS: tuple[tuple[str, HostKind], ...] = (
    ("starport-layer-bucket", "layers"),
    ("public.ecr.", "ecr-public"),
    ("ecr-public", "ecr-public"),
    ("api.ecr", "ecr-api"),
    ("dkr.ecr", "ecr"),
    ("dkr-ecr", "ecr"),
    ("secretsmanager", "secretsmanager"),
    (".ecr.", "ecr"),
    ("docker-images-prod", "docker-hub"),
    ("docker.io", "docker-hub"),
    ("cloudflare.docker.com", "docker-hub"),
    ("cloudfront.docker.com", "docker-hub"),
    ("registry.hub.docker.com", "docker-hub"),
    ("cloudflarestorage.com", "docker-hub"),
)
_PREFIXES: tuple[tuple[str, HostKind], ...] = (
    ("ssm", "ssm"),
    ("kms", "kms"),
    ("logs", "logs"),
    ("sts", "sts"),
)

# Addresses that S3 has long had; its prefix list, where it is known, says more.
_S3 = (IPv4Network("52.216.0.0/14"), IPv4Network("3.5.0.0/16"))

_DOCUMENTATION = (
    "docs.aws.amazon.com", "aws.amazon.com", "repost.aws", "docs.docker.com", "www.docker.com", "docker.com",
    "docs.github.com", "console.aws.amazon.com", "github.com",
)  # fmt: skip


def place_of(host: str) -> HostKind:
    """The service that a host belongs to; `other` for a registry that is neither AWS's nor Docker Hub's."""
    name = host.lower()
    for part, place in _PARTS:
        if part in name:
            return place
    if name.startswith("ecr") and (name.endswith(".api.aws") or ".api.amazonwebservices." in name):
        return "ecr-api"
    # What the API was called before it had a host of its own; old agents still ask there.
    if name.startswith(("ecr.", "ecr-fips.")) and ".amazonaws." in name:
        return "ecr-api"
    if name.startswith("s3.") or ".s3." in name or ".s3-" in name:
        return "s3"
    for prefix, place in _PREFIXES:
        if name.startswith((f"{prefix}.", f"{prefix}-fips.")):
            return place
    return "other"


def is_documentation(host: str) -> bool:
    """True if a host only appears in advice ("see https://…"), never in a pull."""
    return host.lower() in _DOCUMENTATION


def is_s3_address(address: str) -> bool:
    """True if an address is one that S3 is known to answer on."""
    parsed = ip_address(address)
    return isinstance(parsed, IPv4Address) and any(parsed in network for network in _S3)
