"""VPC Block Public Access, which moto does not have: the options of a Region and the exclusions from them."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from uuid import uuid4

from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response

from demo.aws.errors import AwsRefusal

# AWS: Block public access to VPCs and subnets
# https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html


def apply(patches: ExitStack) -> None:
    """Add the five calls: describe and modify the options; describe, create and delete exclusions."""
    for call in (
        describe_vpc_block_public_access_options,
        modify_vpc_block_public_access_options,
        describe_vpc_block_public_access_exclusions,
        create_vpc_block_public_access_exclusion,
        delete_vpc_block_public_access_exclusion,
    ):
        patches.enter_context(mock.patch.object(EC2Response, call.__name__, call, create=True))


def _options(response: EC2Response) -> dict[str, Any]:
    """The Region's options, kept on moto's backend so that a reset forgets them; off until set."""
    backend = response.ec2_backend
    if not hasattr(backend, "block_public_access"):
        backend.block_public_access = {
            "AwsAccountId": response.current_account,
            "AwsRegion": response.region,
            "State": "default-state",
            "InternetGatewayBlockMode": "off",
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
        }
        backend.block_public_access_exclusions = {}
    options: dict[str, Any] = backend.block_public_access
    return options


def _exclusions(response: EC2Response) -> dict[str, dict[str, Any]]:
    _options(response)
    exclusions: dict[str, dict[str, Any]] = response.ec2_backend.block_public_access_exclusions
    return exclusions


def describe_vpc_block_public_access_options(self: EC2Response) -> ActionResult:
    """DescribeVpcBlockPublicAccessOptions."""
    return ActionResult({"VpcBlockPublicAccessOptions": _options(self)})


def modify_vpc_block_public_access_options(self: EC2Response) -> ActionResult:
    """ModifyVpcBlockPublicAccessOptions."""
    options = _options(self)
    options["InternetGatewayBlockMode"] = self._get_param("InternetGatewayBlockMode")
    options["State"] = "update-complete"
    options["LastUpdateTimestamp"] = datetime.now(UTC)
    return ActionResult({"VpcBlockPublicAccessOptions": options})


def describe_vpc_block_public_access_exclusions(self: EC2Response) -> ActionResult:
    """DescribeVpcBlockPublicAccessExclusions, by id or all."""
    wanted = self._get_param("ExclusionIds", [])
    found = [item for key, item in _exclusions(self).items() if not wanted or key in wanted]
    return ActionResult({"VpcBlockPublicAccessExclusions": found})


def create_vpc_block_public_access_exclusion(self: EC2Response) -> ActionResult:
    """CreateVpcBlockPublicAccessExclusion, for one VPC or one subnet."""
    vpc, subnet = self._get_param("VpcId"), self._get_param("SubnetId")
    resource = f"subnet/{subnet}" if subnet else f"vpc/{vpc}"
    exclusion = {
        "ExclusionId": f"vpcbpa-exclude-{uuid4().hex[:17]}",
        "InternetGatewayExclusionMode": self._get_param("InternetGatewayExclusionMode"),
        "ResourceArn": f"arn:{self.partition}:ec2:{self.region}:{self.current_account}:{resource}",
        "State": "create-complete",
        "CreationTimestamp": datetime.now(UTC),
    }
    _exclusions(self)[str(exclusion["ExclusionId"])] = exclusion
    return ActionResult({"VpcBlockPublicAccessExclusion": exclusion})


def delete_vpc_block_public_access_exclusion(self: EC2Response) -> ActionResult:
    """DeleteVpcBlockPublicAccessExclusion."""
    wanted = self._get_param("ExclusionId")
    exclusion = _exclusions(self).pop(wanted, None)
    if exclusion is None:
        raise AwsRefusal(
            "InvalidVpcBlockPublicAccessExclusionId.NotFound", f"The exclusion '{wanted}' does not exist"
        )
    return ActionResult({"VpcBlockPublicAccessExclusion": {**exclusion, "State": "delete-complete"}})
