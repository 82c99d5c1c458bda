"""Whose an address in an error text is."""

from __future__ import annotations

import pytest

from diagnostics.network import Owner, whose
from diagnostics.snapshot import VpcFacts
from tests.build import VPC, changed, endpoints, vpc_of
from tests.build import network as e

DKR = "10.0.10.181"


def test_the_address_of_the_example_is_the_endpoint_s() -> None:
    interfaces = endpoints().vpcs[VPC].interfaces
    addresses = [fact.value.private_ip_address for fact in interfaces.values() if fact.kind == "known"]
    assert DKR in addresses


@pytest.mark.parametrize(
    ("address", "owner"),
    [
        (DKR, Owner(kind="endpoint", endpoint_id="vpce-ecr-dkr", service="ecr.dkr")),
        (f" {DKR} ", Owner(kind="endpoint", endpoint_id="vpce-ecr-dkr", service="ecr.dkr")),
        ("10.0.200.9", Owner(kind="vpc")),
        ("52.216.1.9", Owner(kind="s3")),
        ("54.231.255.255", Owner(kind="s3")),
        ("10.9.0.1", Owner(kind="private")),
        ("192.168.1.1", Owner(kind="private")),
        ("172.31.0.1", Owner(kind="private")),
        ("100.64.0.1", Owner(kind="private")),
        ("172.32.0.1", Owner(kind="public")),
        ("44.213.79.104", Owner(kind="public")),
        ("[2600:1f18::1]", Owner(kind="public")),
        ("fd00:ec2::253", Owner(kind="private")),
        ("2600:1f18:aaaa:bb00::5", Owner(kind="vpc")),
        ("registry", Owner(kind="unknown")),
        ("", Owner(kind="unknown")),
    ],
)
def test_whose(address: str, owner: Owner) -> None:
    facts = changed(endpoints(), e.ipv6()).vpcs[VPC]
    assert whose(address, facts) == owner


@pytest.mark.parametrize(
    ("address", "kind"), [(DKR, "private"), ("52.216.1.9", "public"), ("44.213.79.104", "public")]
)
def test_without_facts(address: str, kind: str) -> None:
    assert whose(address, VpcFacts(vpc_id=VPC)).kind == kind


def test_an_endpoint_interface_that_could_not_be_read_lies_in_the_vpc() -> None:
    facts = changed(endpoints(), lambda world: vpc_of(world)["interfaces"].clear()).vpcs[VPC]
    assert whose(DKR, facts) == Owner(kind="vpc")
