"""The AWS managed policies that roles of an ECS account carry, without moto's slow load of all of them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from unittest import mock

from moto.iam.models import AWSManagedPolicy, IAMBackend

TASK_EXECUTION = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
CONTAINER_INSTANCE = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
ECR_PULL_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"
ECR_READ_ONLY = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
CLOUDWATCH_AGENT = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"

_PULL = [
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
]
_LOGS = ["logs:CreateLogStream", "logs:PutLogEvents"]


def _allow(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": "*"}


# AWS: AWS Managed Policy Reference Guide
# https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
# path, name -> version, date, statements
_POLICIES: dict[tuple[str, str], tuple[str, str, list[dict[str, Any]]]] = {
    ("/service-role/", "AmazonECSTaskExecutionRolePolicy"): (
        "v1",
        "2017-11-16T18:48:22+00:00",
        [_allow(*_PULL, *_LOGS)],
    ),
    ("/service-role/", "AmazonEC2ContainerServiceforEC2Role"): (
        "v10",
        "2026-02-12T17:59:52+00:00",
        [
            _allow(
                "ec2:DescribeTags",
                "ecs:CreateCluster",
                "ecs:DeregisterContainerInstance",
                "ecs:DiscoverPollEndpoint",
                "ecs:Poll",
                "ecs:RegisterContainerInstance",
                "ecs:StartTelemetrySession",
                "ecs:UpdateContainerInstancesState",
                "ecs:Submit*",
                *_PULL,
                *_LOGS,
            ),
            {
                **_allow("ecs:TagResource"),
                "Condition": {
                    "StringEquals": {"ecs:CreateAction": ["CreateCluster", "RegisterContainerInstance"]}
                },
            },
            {
                "Effect": "Allow",
                "Action": ["ecs:ListTagsForResource"],
                "Resource": ["arn:aws:ecs:*:*:task/*/*", "arn:aws:ecs:*:*:container-instance/*/*"],
            },
        ],
    ),
    ("/", "AmazonEC2ContainerRegistryPullOnly"): (
        "v1",
        "2024-10-04T16:58:49+00:00",
        [
            _allow(
                "ecr:GetAuthorizationToken",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
                "ecr:BatchImportUpstreamImage",
            )
        ],
    ),
    ("/", "AmazonEC2ContainerRegistryReadOnly"): (
        "v3",
        "2019-12-10T20:56:32+00:00",
        [
            _allow(
                *_PULL,
                "ecr:GetRepositoryPolicy",
                "ecr:DescribeRepositories",
                "ecr:ListImages",
                "ecr:DescribeImages",
                "ecr:GetLifecyclePolicy",
                "ecr:GetLifecyclePolicyPreview",
                "ecr:ListTagsForResource",
                "ecr:DescribeImageScanFindings",
            )
        ],
    ),
    # A policy without any ECR action, for roles that look equipped and are not.
    ("/", "CloudWatchAgentServerPolicy"): (
        "v3",
        "2024-02-07T15:29:22+00:00",
        [
            _allow(
                "cloudwatch:PutMetricData",
                "ec2:DescribeVolumes",
                "ec2:DescribeTags",
                "logs:PutLogEvents",
                "logs:PutRetentionPolicy",
                "logs:DescribeLogStreams",
                "logs:DescribeLogGroups",
                "logs:CreateLogStream",
                "logs:CreateLogGroup",
            )
        ],
    ),
}


def apply(patches: ExitStack) -> None:
    """Give every account these policies.

    moto has none of AWS's unless it loads all of them, which costs seconds in each account.
    """

    def load(backend: IAMBackend) -> list[AWSManagedPolicy]:
        return [
            AWSManagedPolicy.from_data(
                name,
                backend.account_id,
                backend.region_name,
                {
                    "Path": path,
                    "DefaultVersionId": version,
                    "CreateDate": date,
                    "UpdateDate": date,
                    "Document": {"Version": "2012-10-17", "Statement": statements},
                },
            )
            for (path, name), (version, date, statements) in _POLICIES.items()
        ]

    patches.enter_context(mock.patch.object(IAMBackend, "_init_aws_policies", load))
