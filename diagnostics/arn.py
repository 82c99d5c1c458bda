"""Partitions and the host names that a pull talks to."""

from __future__ import annotations

from functools import lru_cache

DNS_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}
"""The DNS suffix of each partition. https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html"""

_REGION_PREFIXES = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-iso-", "aws-iso"),
)


@lru_cache(256)
def partition_of_region(region: str) -> str:
    """The partition that a Region belongs to, from its name."""
    return next((partition for prefix, partition in _REGION_PREFIXES if region.startswith(prefix)), "aws")


def dns_suffix(partition: str) -> str:
    """The DNS suffix of a partition's services; an unknown partition is taken for `aws`."""
    return DNS_SUFFIXES.get(partition, DNS_SUFFIXES["aws"])


def service_host(service: str, region: str) -> str:
    """The regional host of a service: `logs.us-east-1.amazonaws.com`."""
    return f"{service}.{region}.{dns_suffix(partition_of_region(region))}"


def ecr_api_host(region: str) -> str:
    """The host that answers `GetAuthorizationToken`: the login step."""
    return service_host("api.ecr", region)


def ecr_dkr_host(account_id: str, region: str) -> str:
    """The registry host that answers for manifests."""
    return service_host(f"{account_id}.dkr.ecr", region)


def layer_bucket(region: str) -> str:
    """The S3 bucket, owned by AWS, that ECR hands layers out from.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-setting-up-s3-gateway
    """
    return f"prod-{region}-starport-layer-bucket"


def layer_host(region: str) -> str:
    """The host of the layer bucket: the layers step."""
    return f"{layer_bucket(region)}.{service_host('s3', region)}"


def revision_named(task_definition: str | None) -> str:
    """Family and revision of a task definition, by its ARN, for a sentence."""
    return (task_definition or "an unknown task definition").rpartition("/")[2]
