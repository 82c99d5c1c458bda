"""Small differences from a healthy world, each about one role or policy."""

from __future__ import annotations

import json
from typing import Any

from tests.build import (
    ACCOUNT,
    ECR_ACTIONS,
    EXECUTION_POLICY,
    PROFILE_ARN,
    REGION,
    REPOSITORY_ARN,
    ROLE_ARN,
    Edit,
    World,
    absent,
    definition_of,
    endpoint_of,
    image_of,
    known,
    policy_text,
    role_of,
    task_of,
    unavailable,
)
from tests.build.policies import Json, allow

OTHER = "444455556666"
FOREIGN_ARN = f"arn:aws:ecr:{REGION}:{OTHER}:repository/payments-api"
FOREIGN_IMAGE = f"{OTHER}.dkr.ecr.{REGION}.amazonaws.com/payments-api:1.4.2"
GUARDDUTY = "593207742271"
GUARDDUTY_ARN = f"arn:aws:ecr:{REGION}:{GUARDDUTY}:repository/aws-guardduty-agent-fargate"
BOUNDARY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/workload-boundary"
CUSTOMER_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/guardrails"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
TOKEN = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}

# --- roles -------------------------------------------------------------------------------------------


def managed(*statements: Json, role: str = ROLE_ARN) -> Edit:
    """The attached policies allow this instead of the usual."""

    def edit(world: World) -> None:
        facts = role_of(world, role)
        for name in facts["attached_policies"]:
            facts["attached_policies"][name] = known(policy_text(*statements))

    return edit


def attached(arn: str, *statements: Json, role: str = ROLE_ARN) -> Edit:
    """A further managed policy."""

    def edit(world: World) -> None:
        facts = role_of(world, role)
        facts["attached_policy_arns"]["value"].append(arn)
        facts["attached_policies"][arn] = known(policy_text(*statements))

    return edit


def inline(name: str, *statements: Json, role: str = ROLE_ARN) -> Edit:
    """An inline policy."""

    def edit(world: World) -> None:
        facts = role_of(world, role)
        facts["inline_policy_names"]["value"].append(name)
        facts["inline_policies"][name] = known(policy_text(*statements))

    return edit


def bounded(*statements: Json, arn: str = BOUNDARY_ARN, role: str = ROLE_ARN) -> Edit:
    """A permissions boundary."""

    def edit(world: World) -> None:
        facts = role_of(world, role)
        facts["role"]["value"]["PermissionsBoundary"] = {"PermissionsBoundaryArn": arn}
        facts["boundary_policy"] = known(policy_text(*statements))

    return edit


def trusting(*statements: Json) -> Edit:
    """Another trust policy."""

    def edit(world: World) -> None:
        role_of(world)["role"]["value"]["AssumeRolePolicyDocument"] = policy_text(*statements)

    return edit


def role_gone(world: World) -> None:
    """The execution role was deleted."""
    facts = role_of(world)
    for name in ("role", "inline_policy_names", "attached_policy_arns"):
        facts[name] = absent("iam:GetRole")
    facts.update(inline_policies={}, attached_policies={}, boundary_policy=unavailable("the role is gone"))


def unread(name: str, call: str, role: str = ROLE_ARN) -> Edit:
    """A fact of the role that could not be read."""

    def edit(world: World) -> None:
        role_of(world, role)[name] = unavailable("AccessDenied", call)

    return edit


def with_execution_role(world: World) -> None:
    """A task on EC2 that has an execution role too, which may pull."""
    definition_of(world)["executionRoleArn"] = ROLE_ARN
    facts = {**role_of(world, f"arn:aws:iam::{ACCOUNT}:role/ecsInstanceRole")}
    world["roles"][ROLE_ARN] = json.loads(json.dumps(facts))
    mine = world["roles"][ROLE_ARN]
    mine["role_arn"] = ROLE_ARN
    mine["role"]["value"].update(Arn=ROLE_ARN, RoleName="payments-execution")
    mine["attached_policy_arns"] = known([EXECUTION_POLICY])
    mine["attached_policies"] = {EXECUTION_POLICY: known(policy_text(allow(ECR_ACTIONS)))}
    service = {"Service": "ecs-tasks.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    mine["role"]["value"]["AssumeRolePolicyDocument"] = policy_text(trust)


def no_execution_role(world: World) -> None:
    """The task definition names no execution role."""
    definition_of(world)["executionRoleArn"] = None
    world["roles"] = {}


def named_role(arn: str) -> Edit:
    """The task definition names another role, of which nothing was read."""

    def edit(world: World) -> None:
        definition_of(world)["executionRoleArn"] = arn
        world["roles"] = {arn: {**role_of(world), "role_arn": arn}}

    return edit


# --- container instances -----------------------------------------------------------------------------


def no_profile(world: World) -> None:
    """The instance has no instance profile."""
    world["instance"]["value"]["IamInstanceProfile"] = None
    world["instance_profile"] = absent("ec2:DescribeInstances")
    world["roles"] = {name: item for name, item in world["roles"].items() if name == ROLE_ARN}


def profile_gone(world: World) -> None:
    """The instance profile that the instance names was deleted."""
    world["instance_profile"] = absent("iam:GetInstanceProfile")
    world["roles"] = {}


def profile_empty(world: World) -> None:
    """The instance profile holds no role."""
    world["instance_profile"]["value"]["Roles"] = []
    assert world["instance_profile"]["value"]["Arn"] == PROFILE_ARN
    world["roles"] = {}


# --- registries --------------------------------------------------------------------------------------


def repository(*statements: Json) -> Edit:
    """A repository policy."""

    def edit(world: World) -> None:
        image_of(world)["repository_policy"] = known(policy_text(*statements))

    return edit


def repository_unread(world: World) -> None:
    """The repository policy could not be read."""
    image_of(world)["repository_policy"] = unavailable("AccessDenied", "ecr:GetRepositoryPolicy")


def repository_tags(**tags: str) -> Edit:
    """The repository's tags were read, and these are they."""

    def edit(world: World) -> None:
        image_of(world)["tags"] = known([{"Key": key, "Value": value} for key, value in tags.items()])

    return edit


def repository_tags_unread(world: World) -> None:
    """The repository's tags could not be read."""
    image_of(world)["tags"] = unavailable("AccessDenied", "ecr:ListTagsForResource")


def in_organization(name: str | None) -> Edit:
    """The account is in this organization; `None`: in none."""

    def edit(world: World) -> None:
        call = "organizations:DescribeOrganization"
        world["organization"] = known(name) if name else absent(call)

    return edit


def owner_in_organization(name: str) -> Edit:
    """The account that owns the image is in this organization."""

    def edit(world: World) -> None:
        image_of(world)["organization"] = known(name)

    return edit


def organization_unread(world: World) -> None:
    """The organization could not be read."""
    world["organization"] = unavailable("AccessDenied", "organizations:DescribeOrganization")


def registry(scope: str | None, *statements: Json) -> Edit:
    """A registry policy with its scope; `None`: the scope could not be read."""

    def edit(world: World) -> None:
        facts = image_of(world)
        facts["registry_policy"] = known(policy_text(*statements))
        unknown = unavailable("AccessDenied", "ecr:GetAccountSetting")
        facts["registry_policy_scope"] = known(scope) if scope else unknown

    return edit


def foreign(*statements: Json) -> Edit:
    """The image is in another account, whose repository policy can be read."""

    def edit(world: World) -> None:
        task_of(world)["containers"][0]["image"] = FOREIGN_IMAGE
        definition_of(world)["containerDefinitions"][0]["image"] = FOREIGN_IMAGE
        facts = image_of(world)
        facts["image"] = FOREIGN_IMAGE
        facts["repository"]["value"].update(repositoryArn=FOREIGN_ARN, registryId=OTHER)
        own = known(policy_text(*statements)) if statements else absent("ecr:GetRepositoryPolicy")
        facts["repository_policy"] = own
        facts["registry_policy"] = unavailable(
            f"only account {OTHER} can read its registry's policy", "ecr:GetRegistryPolicy"
        )

    return edit


def repository_gone(world: World) -> None:
    """There is no such repository."""
    image_of(world)["repository"] = absent("ecr:DescribeRepositories")


def sidecar(world: World) -> None:
    """GuardDuty added its sidecar to the task."""
    image = f"{GUARDDUTY}.dkr.ecr.{REGION}.amazonaws.com/aws-guardduty-agent-fargate:v1.7.0"
    task_of(world)["containers"].append({"name": "aws-guardduty-agent-Ab1Cd2", "image": image})
    unreadable = unavailable("AccessDenied", "ecr:GetRepositoryPolicy")
    world["images"].append(
        {
            "image": image, "containers": ["aws-guardduty-agent-Ab1Cd2"], "repository_policy": unreadable,
            "registry_policy": unavailable("only account 593207742271 can read it", "ecr:GetRegistryPolicy"),
        }
    )  # fmt: skip


def public_image(world: World) -> None:
    """The image comes from Docker Hub."""
    task_of(world)["containers"][0]["image"] = "nginx:1.27"
    definition_of(world)["containerDefinitions"][0]["image"] = "nginx:1.27"


# --- endpoints ---------------------------------------------------------------------------------------


def endpoint(service: str, *statements: Json) -> Edit:
    """The policy of a VPC endpoint."""

    def edit(world: World) -> None:
        endpoint_of(world, service)["PolicyDocument"] = policy_text(*statements)

    return edit


USUAL = allow([*ECR_ACTIONS, "logs:CreateLogStream", "logs:PutLogEvents"])


def second_image(world: World) -> None:
    """A second container with an image of another repository."""
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/ledger:2.1.0"
    task_of(world)["containers"].append({"name": "ledger", "image": image})
    definition_of(world)["containerDefinitions"].append({"name": "ledger", "image": image})
    facts = json.loads(json.dumps(image_of(world)))
    facts.update(image=image, containers=["ledger"])
    world["images"].append(facts)


WAY = {"aws:RequestedRegion": REGION, "aws:SourceIp": "198.51.100.7"}
TOLD_ENDPOINT = {"aws:SourceVpc": "vpc-main", "aws:SourceVpce": "vpce-ecr-api"}


def result(action: str, resource: str, organization: bool | None, **more: Any) -> dict[str, Any]:
    """What IAM's simulator says of one action."""
    decision = "explicitDeny" if organization is False else "allowed"
    return {
        "action": action,
        "resource": resource,
        "decision": decision,
        "allowed_by_organizations": organization,
        **more,
    }


def simulated(
    login: bool | None = True,
    pull: bool | None = True,
    *,
    context: dict[str, str] = WAY,
    role: str = ROLE_ARN,
    **more: Any,
) -> Edit:
    """IAM's simulator was asked: whether the organization allows the login, and the pull; `more` is about the login."""

    def edit(world: World) -> None:
        facts = role_of(world, role)
        facts["simulated_login"] = known(
            {"context": context, "results": [result("ecr:GetAuthorizationToken", "*", login, **more)]}
        )
        answers = [result(action, REPOSITORY_ARN, pull) for action in PULL]
        facts["simulated_pull"] = known({"context": context, "results": answers})

    return edit


def not_simulated(world: World) -> None:
    """IAM's simulator was asked, and refused."""
    for name in ("simulated_login", "simulated_pull"):
        role_of(world)[name] = unavailable("denied", "iam:SimulatePrincipalPolicy", ROLE_ARN)


def tagged(**tags: str) -> Edit:
    """Tags of the role."""

    def edit(world: World) -> None:
        every = [{"Key": key, "Value": value} for key, value in tags.items()]
        role_of(world)["role"]["value"]["Tags"] = every

    return edit
