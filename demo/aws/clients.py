"""One account in one Region of the emulated AWS, as boto3 reaches it."""

from __future__ import annotations

from typing import Any

from moto.utilities.utils import get_partition

from demo.aws.server import EmulatedAws


class Clients:
    """The clients of an account, and the names that its ARNs and hosts are made of."""

    def __init__(self, aws: EmulatedAws, account_id: str, region: str) -> None:
        self.aws = aws
        self.account_id = account_id
        self.region = region
        self.partition = str(get_partition(region))
        self.ec2 = self.client("ec2")
        self.ecs = self.client("ecs")
        self.ecr = self.client("ecr")
        self.iam = self.client("iam")

    def client(self, service: str, region: str | None = None, account: str | None = None) -> Any:
        """A boto3 client of this account and Region unless others are given."""
        return self.aws.client(service, region or self.region, account or self.account_id)
