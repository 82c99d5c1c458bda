"""The requests that an image pull makes, with what is known of their condition keys.

AWS: Private registry authentication, and Private repository policies in Amazon ECR
https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from diagnostics.policy.context import (
    NOT_PRESENT,
    AwsOwnedPrincipal,
    ContextMap,
    ContextValue,
    Principal,
    Unknown,
)
from diagnostics.policy.model import Request

PULL_ACTIONS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
"""What a pull needs on the repository, besides `ecr:GetAuthorizationToken` on `*`."""


def through_endpoint(
    endpoint_id: str | None = None, vpc_id: str | None = None, private_ip: str | None = None
) -> dict[str, ContextValue]:
    """The network keys of a request through a VPC endpoint; what is not given is there but not known."""
    return {
        "aws:SourceVpce": _or_unknown(endpoint_id, "the VPC endpoint's id is not known"),
        "aws:SourceVpc": _or_unknown(vpc_id, "the VPC's id is not known"),
        "aws:VpcSourceIp": _or_unknown(private_ip, "the private address is not known"),
        "aws:SourceIp": NOT_PRESENT,
    }


def through_internet(public_ip: str | None = None) -> dict[str, ContextValue]:
    """The network keys of a request over public addresses."""
    return {
        "aws:SourceVpce": NOT_PRESENT,
        "aws:SourceVpc": NOT_PRESENT,
        "aws:SourceVpcArn": NOT_PRESENT,
        "aws:VpcSourceIp": NOT_PRESENT,
        "aws:VpceAccount": NOT_PRESENT,
        "aws:VpceOrgID": NOT_PRESENT,
        "aws:VpceOrgPaths": NOT_PRESENT,
        "aws:SourceIp": _or_unknown(public_ip, "the public address is not known"),
    }


@lru_cache(64)
def at_moment(moment: datetime, *, new_session: bool = False) -> Mapping[str, ContextValue]:
    """The time keys of a request.

    Args:
        moment: when it is made, with its time zone.
        new_session: the role is assumed for this very pull, as the execution role is for a task that
            starts; then its token was issued at that moment too, which a policy that
            revokes older sessions asks for.

    AWS: Revoke IAM role temporary security credentials
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
    """
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    issued = (
        (text,) if new_session else Unknown(why="when the role's session began is not known", present=True)
    )
    return {
        "aws:CurrentTime": (text,),
        "aws:EpochTime": (str(int(moment.timestamp())),),
        "aws:TokenIssueTime": issued,
    }


def token_request(principal: Principal, region: str, context: ContextMap | None = None) -> Request:
    """The login: `ecr:GetAuthorizationToken`, without a resource, asked of the caller's own account."""
    return Request(
        action="ecr:GetAuthorizationToken",
        resource="*",
        principal=principal,
        context={
            "aws:RequestedRegion": (region,),
            # Without a resource there are no tags of one.
            "aws:ResourceTag/*": NOT_PRESENT,
            "ecr:ResourceTag/*": NOT_PRESENT,
            **(context or {}),
        },
    )


def repository_requests(
    principal: Principal,
    repository_arn: str,
    context: ContextMap | None = None,
    actions: tuple[str, ...] = PULL_ACTIONS,
) -> tuple[Request, ...]:
    """The calls on `arn:PARTITION:ecr:REGION:ACCOUNT:repository/NAME`, one request for each action."""
    _, _, _, region, account, _ = repository_arn.split(":", 5)
    return tuple(
        Request(
            action=action,
            resource=repository_arn,
            principal=principal,
            resource_account=account,
            context={"aws:RequestedRegion": (region,), **(context or {})},
        )
        for action in actions
    )


def layer_bucket_request(
    region: str,
    partition: str = "aws",
    *,
    own_accounts: tuple[str, ...] = (),
    bucket: str | None = None,
    context: ContextMap | None = None,
) -> Request:
    """The pre-signed `s3:GetObject` of a layer: only an S3 endpoint's policy is asked about it.

    The bucket belongs to AWS, and so does the principal whose signature the URL carries. AWS does not
    publish which account that is, so the account keys are unknown but certainly none of `own_accounts`; a
    list that names another account may have found AWS's, and gives `CannotTell`. An organization id that a
    policy spells out is the user's own or a partner's, never AWS's, so it is not met.

    Args:
        region: the image's Region.
        partition: the partition of the bucket's ARN.
        own_accounts: accounts of the user: the task's, the endpoint's.
        bucket: another bucket than ECR's, for other registries (`docker-images-prod`).
        context: network keys, as `through_endpoint` gives them.

    AWS: Amazon ECR interface VPC endpoints
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    account = Unknown(why="the bucket's account belongs to AWS", excluding=own_accounts, present=True)
    organization = Unknown(why="the organization is AWS's own, if it has one", unlisted=True)
    signer = Unknown(why="the layer URL is signed by a principal of AWS", excluding=own_accounts)
    return Request(
        action="s3:GetObject",
        resource=f"arn:{partition}:s3:::{bucket or f'prod-{region}-starport-layer-bucket'}/",
        resource_continues=True,
        principal=AwsOwnedPrincipal(not_accounts=own_accounts),
        context={
            "s3:ResourceAccount": account,
            "aws:ResourceAccount": account,
            "aws:ResourceOrgID": organization,
            "aws:ResourceOrgPaths": organization,
            "aws:PrincipalOrgID": organization,
            "aws:PrincipalOrgPaths": organization,
            "aws:PrincipalAccount": signer,
            "aws:PrincipalArn": signer,
            "aws:RequestedRegion": (region,),
            "s3:authType": ("REST-QUERY-STRING",),
            **(context or {}),
        },
    )


def service_context(partition: str, region: str, account: str) -> dict[str, ContextValue]:
    """The keys that ECS sends when it assumes a role for a task of this account.

    AWS: Cross-service confused deputy prevention: the ARN is that of an ECS resource of the account and
        Region
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cross-service-confused-deputy-prevention.html
    """
    return {
        "aws:SourceAccount": (account,),
        "aws:SourceArn": Unknown(
            why="which ECS resource it is for",
            prefix=f"arn:{partition}:ecs:{region}:{account}:",
            present=True,
        ),
    }


def _or_unknown(value: str | None, why: str) -> ContextValue:
    return Unknown(why=why, present=True) if value is None else (value,)
