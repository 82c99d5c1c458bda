"""An account's registry: repositories, their images and policies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from unittest import mock

from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from demo.aws import images
from demo.aws.clients import Clients
from demo.aws.policies import PolicyStatement, policy

REPOSITORY = "payments-api"
TAG = "1.4.2"


class Registry(Clients):
    """Builds repositories in the account, in another one of its Regions, or in another account."""

    def add_repository(
        self, name: str, tags: Sequence[str], region: str | None = None, account: str | None = None
    ) -> str:
        """Create a repository with one image for each tag and one untagged image; returns its ARN."""
        ecr = self.client("ecr", region, account)
        arn = str(ecr.create_repository(repositoryName=name)["repository"]["repositoryArn"])
        for number, tag in enumerate(tags):
            images.put(ecr, name, images.image(f"{name}:{tag}", megabytes=40 + number), tag)
        images.put(ecr, name, images.image(f"{name} untagged"))
        return arn

    def image(
        self,
        repository: str = REPOSITORY,
        reference: str = TAG,
        region: str | None = None,
        account: str | None = None,
    ) -> str:
        """The URI of an image; the reference is a tag, a digest or empty."""
        separator = "@" if reference.startswith("sha256:") else ":" if reference else ""
        suffix = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        host = f"{account or self.account_id}.dkr.ecr.{region or self.region}.{suffix}"
        return f"{host}/{repository}{separator}{reference}"

    def repository_arn(self, repository: str = REPOSITORY, account: str | None = None) -> str:
        """The ARN of a repository of this Region, and of this account unless another is given."""
        owner = account or self.account_id
        return f"arn:{self.partition}:ecr:{self.region}:{owner}:repository/{repository}"

    def set_repository_policy(
        self, repository: str, *statements: PolicyStatement, account: str | None = None
    ) -> None:
        """Attach a policy with these statements to a repository."""
        self.client("ecr", account=account).set_repository_policy(
            repositoryName=repository, policyText=json.dumps(policy(*statements))
        )

    def let_other_registries_be_read(self) -> None:
        """Answer what is asked of other accounts' registries as if they had granted it, until the next reset.

        Corrected moto refuses it and plain moto looks into the caller's own registry, whatever the other account says.
        """
        registry = property(
            lambda response: ecr_backends[response._get_param("registryId") or response.current_account][
                response.region
            ]
        )
        self.aws.until_reset(mock.patch.object(ECRResponse, "ecr_backend", registry))
