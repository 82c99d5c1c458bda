"""Policies of the VPC endpoints on the way."""

from __future__ import annotations

from diagnostics.stop_reason import Symptom
from tests.build import (
    ACCOUNT,
    REGION,
    REPOSITORY_ARN,
    ROLE_ARN,
    Edit,
    World,
    add_endpoints,
    endpoint_of,
    endpoints,
    task_of,
)
from tests.build.judging import symptom
from tests.build.permissions import OTHER, TOKEN, endpoint, public_image
from tests.build.policies import on_resource
from tests.build.tasks import image
from tests.faults.permissions.tables import OWN_ONLY, Case, no_endpoints_read

LAYERS = f"arn:aws:s3:::prod-{REGION}-starport-layer-bucket/*"
THROUGH_ALL = on_resource("Allow", "*", "*", Resource="*")


def without_policy(world: World) -> None:
    endpoint_of(world, "ecr.api")["PolicyDocument"] = None


def old_platform(world: World) -> None:
    task_of(world)["platformVersion"] = "1.3.0"


def names_dual(world: World) -> None:
    endpoint_of(world, "ecr.dkr")["DnsEntries"] = [{"DnsName": f"*.dkr-ecr.{REGION}.on.aws"}]


def with_endpoint(service: str) -> Edit:
    return lambda world: add_endpoints(world, service)


FIPS = image(f"{ACCOUNT}.dkr.ecr-fips.{REGION}.amazonaws.com/payments-api:1.4.2")
DUAL = image(f"{ACCOUNT}.dkr-ecr.{REGION}.on.aws/payments-api:1.4.2")

ECR_ONLY = endpoint("s3", on_resource("Allow", "*", "s3:GetObject", Resource=LAYERS))


def refused_by(bucket: str, image: str, region: str = REGION) -> tuple[Symptom, ...]:
    """A bucket of another registry refused a layer."""
    host = f"{bucket}.s3.dualstack.{region}.amazonaws.com"
    return (symptom("s3-403", "layers", host=host, http_status=403, image=image),)


TABLE = (
    Case("no login", "endpoint-policy-denies", "fail", (endpoint("ecr.api", {**OWN_ONLY, "Principal": "*"}),), endpoints, resources=("vpce-ecr-api",), stage="login"),
    Case("no pull", "endpoint-policy-denies", "fail", (endpoint("ecr.dkr", {**TOKEN, "Principal": "*"}),), endpoints, resources=("vpce-ecr-dkr",), stage="manifest"),
    Case("no layers", "endpoint-policy-denies", "fail", (endpoint("ecr.dkr", on_resource("Allow", "*", "ecr:BatchGetImage", Resource="*")),), endpoints, stage="layers"),
    Case("a Deny", "endpoint-policy-denies", "fail", (endpoint("ecr.dkr", THROUGH_ALL, on_resource("Deny", "*", "ecr:Batch*", Resource="*", Sid="NoBatch")),), endpoints, resources=("vpce-ecr-dkr", "statement 'NoBatch'")),
    Case("another role only", "endpoint-policy-denies", "fail", (endpoint("ecr.dkr", on_resource("Allow", {"AWS": ROLE_ARN + "-2"}, "*", Resource="*")),), endpoints),
    Case("this role", "endpoint-policy-denies", "pass", (endpoint("ecr.dkr", on_resource("Allow", {"AWS": ROLE_ARN}, "ecr:*", Resource=REPOSITORY_ARN)),), endpoints),
    Case("by account", "endpoint-policy-denies", "pass", (endpoint("ecr.dkr", on_resource("Allow", "*", "*", Resource="*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})),), endpoints),
    Case("by organization", "endpoint-policy-denies", "unknown", (endpoint("ecr.dkr", on_resource("Allow", "*", "*", Resource="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),), endpoints, says="aws:PrincipalOrgID"),
    Case("open", "endpoint-policy-denies", "pass", base=endpoints),
    Case("without a policy", "endpoint-policy-denies", "pass", (without_policy,), endpoints),
    Case("no endpoint", "endpoint-policy-denies", "pass"),
    Case("FIPS, no pull", "endpoint-policy-denies", "fail", (FIPS, with_endpoint("ecr-fips.dkr"), endpoint("ecr-fips.dkr", {**TOKEN, "Principal": "*"})), endpoints, resources=("vpce-ecr-fips-dkr",), stage="manifest", says="ecr-fips.dkr"),
    Case("FIPS by its other spelling, no pull", "endpoint-policy-denies", "fail", (FIPS, with_endpoint("ecr.dkr-fips"), endpoint("ecr.dkr-fips", {**TOKEN, "Principal": "*"})), endpoints, resources=("vpce-ecr-dkr-fips",), stage="manifest"),
    Case("FIPS, open", "endpoint-policy-denies", "pass", (FIPS, with_endpoint("ecr-fips.dkr")), endpoints),
    Case("FIPS, what the ordinary endpoint refuses is no matter", "endpoint-policy-denies", "pass", (FIPS, with_endpoint("ecr-fips.dkr"), endpoint("ecr.dkr", {**TOKEN, "Principal": "*"})), endpoints),
    Case("dual-stack, no pull", "endpoint-policy-denies", "fail", (DUAL, names_dual, endpoint("ecr.dkr", {**TOKEN, "Principal": "*"})), endpoints, resources=("vpce-ecr-dkr",), stage="manifest"),
    Case("dual-stack, open", "endpoint-policy-denies", "pass", (DUAL, names_dual), endpoints),
    Case("dual-stack that the endpoint does not name", "endpoint-policy-denies", "unknown", (DUAL, endpoint("ecr.dkr", {**TOKEN, "Principal": "*"})), endpoints, says="dkr-ecr.us-east-1.on.aws"),
    Case("not read", "endpoint-policy-denies", "unknown", (no_endpoints_read,), endpoints, says="ec2:DescribeVpcEndpoints"),
    Case("the login leaves elsewhere", "endpoint-policy-denies", "pass", (endpoint("ecr.api", {**OWN_ONLY, "Principal": "*"}), old_platform), endpoints),
    Case("own buckets", "s3-endpoint-policy-denies", "fail", (endpoint("s3", on_resource("Allow", "*", "s3:*", Resource="arn:aws:s3:::acme/*", Sid="Own")),), endpoints, resources=("vpce-s3",), stage="layers"),
    Case("own accounts", "s3-endpoint-policy-denies", "fail", (endpoint("s3", on_resource("Allow", "*", "s3:*", Resource="*", Condition={"StringEquals": {"s3:ResourceAccount": ACCOUNT}})),), endpoints, says="s3:ResourceAccount"),
    Case("own organization", "s3-endpoint-policy-denies", "fail", (endpoint("s3", on_resource("Allow", "*", "s3:*", Resource="*", Condition={"StringEquals": {"aws:ResourceOrgID": "o-1"}})),), endpoints),
    Case("a Deny outside of the organization", "s3-endpoint-policy-denies", "fail", (endpoint("s3", THROUGH_ALL, on_resource("Deny", "*", "s3:*", Resource="*", Condition={"StringNotEquals": {"aws:ResourceOrgID": "o-1"}})),), endpoints, resources=("vpce-s3", "statement 2")),
    Case("Docker Hub's bucket", "s3-endpoint-policy-denies", "fail", (public_image, ECR_ONLY), endpoints, refused_by("docker-images-prod", "nginx:1.27"), resources=("vpce-s3",), stage="layers", says="arn:aws:s3:::docker-images-prod/*"),
    Case("the bucket of registry.k8s.io", "s3-endpoint-policy-denies", "fail", (image("registry.k8s.io/pause:3.9"), ECR_ONLY), endpoints, refused_by(f"prod-registry-k8s-io-{REGION}", "registry.k8s.io/pause:3.9"), resources=("vpce-s3",), stage="layers"),
    Case("Docker Hub's bucket, and an open policy", "s3-endpoint-policy-denies", "skipped", (public_image,), endpoints, refused_by("docker-images-prod", "nginx:1.27"), says="another company's"),
    Case("Docker Hub's bucket, in another Region", "s3-endpoint-policy-denies", "skipped", (public_image, ECR_ONLY), endpoints, refused_by("docker-images-prod", "nginx:1.27", "eu-west-1")),
    Case("Docker Hub's image, and no text", "s3-endpoint-policy-denies", "skipped", (public_image, ECR_ONLY), endpoints),
    Case("ECR's bucket", "s3-endpoint-policy-denies", "pass", (endpoint("s3", on_resource("Allow", "*", "s3:GetObject", Resource=LAYERS)),), endpoints),
    Case("the bucket of another Region", "s3-endpoint-policy-denies", "fail", (endpoint("s3", on_resource("Allow", "*", "s3:GetObject", Resource=LAYERS.replace(REGION, "eu-west-1"))),), endpoints),
    Case("an account that may be AWS's", "s3-endpoint-policy-denies", "unknown", (endpoint("s3", on_resource("Allow", "*", "s3:*", Resource="*", Condition={"StringEquals": {"s3:ResourceAccount": [ACCOUNT, OTHER]}})),), endpoints),
    Case("not read", "s3-endpoint-policy-denies", "unknown", (no_endpoints_read,), endpoints),
    Case("no endpoint", "s3-endpoint-policy-denies", "pass"),
    Case("an image outside ECR", "s3-endpoint-policy-denies", "skipped", (public_image,), endpoints),
)  # fmt: skip
REPAIRS = (
    Case("a Deny and no Allow", "endpoint-policy-denies", "fail", (endpoint("ecr.dkr", on_resource("Deny", "*", "ecr:*", Resource="*")),), endpoints),
)  # fmt: skip
