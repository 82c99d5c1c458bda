"""Partitions and the hosts of a pull."""

from __future__ import annotations

import pytest

from diagnostics import arn

PARTITIONS = [
    ("us-east-1", "aws", "amazonaws.com"),
    ("ap-southeast-7", "aws", "amazonaws.com"),
    ("us-west-2", "aws", "amazonaws.com"),
    ("eu-south-2", "aws", "amazonaws.com"),
    ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
    ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-east-1", "aws-us-gov", "amazonaws.com"),
    ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
    ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
    ("us-iso-west-1", "aws-iso", "c2s.ic.gov"),
    ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
    ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
]


@pytest.mark.parametrize(("region", "partition", "suffix"), PARTITIONS)
def test_hosts_of_every_partition(region: str, partition: str, suffix: str) -> None:
    assert arn.partition_of_region(region) == partition
    assert arn.dns_suffix(partition) == suffix
    assert arn.service_host("logs", region) == f"logs.{region}.{suffix}"
    assert arn.ecr_api_host(region) == f"api.ecr.{region}.{suffix}"
    assert arn.ecr_dkr_host("111122223333", region) == f"111122223333.dkr.ecr.{region}.{suffix}"
    assert arn.layer_bucket(region) == f"prod-{region}-starport-layer-bucket"
    assert arn.layer_host(region) == f"prod-{region}-starport-layer-bucket.s3.{region}.{suffix}"


def test_an_unknown_partition_is_taken_for_the_first() -> None:
    assert arn.partition_of_region("xx-north-1") == "aws"
    assert arn.dns_suffix("aws-new") == "amazonaws.com"
