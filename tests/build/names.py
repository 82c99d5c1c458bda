"""The names in the healthy worlds.

Other accounts, ids and texts are the test's own.
"""

from __future__ import annotations

ACCOUNT = "111122223333"
REGION = "us-east-1"
VPC = "vpc-main"
CLUSTER = "payments"
TASK_ID = "0123456789abcdef0123456789abcdef"
TASK_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{CLUSTER}/{TASK_ID}"
REPOSITORY_ARN = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/payments-api"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
IMAGE = f"{REGISTRY}/payments-api:1.4.2"
DIGEST = "sha256:" + "1a" * 32
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/payments-execution"
INSTANCE_ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/ecsInstanceRole"
PROFILE_ARN = f"arn:aws:iam::{ACCOUNT}:instance-profile/ecsInstanceRole"
EXECUTION_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
INSTANCE_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
S3_LIST = "pl-63a5400a"
S3_CIDRS = ["52.216.0.0/15", "3.5.0.0/19", "54.231.0.0/16"]
MOMENT = "2026-11-24T09:15:02Z"
