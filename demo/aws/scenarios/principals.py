"""Faults of who may pull: roles, trust, boundaries, instance profiles, repository policies."""

from __future__ import annotations

import json

from demo.aws import managed_policies, reasons
from demo.aws.account import Account
from demo.aws.payments import build_account
from demo.aws.policies import INSTANCES, TASKS, policy, trust
from demo.aws.scenarios.model import Broken, Catalogue
from demo.aws.tasks import TaskHandle

catalogue = Catalogue(build_account)

_LOGIN = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
_PULL_ACTIONS = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def _task_with_role(account: Account, name: str) -> tuple[TaskHandle, str, str]:
    """A task with an execution role of its own that may pull; the role's name and ARN."""
    role_name = f"{name}-execution"
    role = account.add_role(role_name, managed=[managed_policies.TASK_EXECUTION])
    return account.fargate_task(name, execution_role=role), role_name, role


@catalogue.add("role-missing", "An execution role that was deleted")
def role_missing(account: Account) -> Broken:
    """The task definition names an execution role that no longer exists."""
    task, name, role = _task_with_role(account, "orphaned")
    account.iam.detach_role_policy(RoleName=name, PolicyArn=managed_policies.TASK_EXECUTION)
    account.iam.delete_role(RoleName=name)
    task.stop(reasons.role_not_assumable(role))
    return Broken(
        task, {"role": role}, lambda: account.add_role(name, managed=[managed_policies.TASK_EXECUTION])
    )


@catalogue.add("role-trust-denies", "An execution role that does not trust ECS")
def role_trust_denies(account: Account) -> Broken:
    """The execution role's trust policy names EC2 instead of ecs-tasks.amazonaws.com."""
    task, name, role = _task_with_role(account, "distrusted")
    account.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust(INSTANCES)))
    task.stop(reasons.role_not_assumable(role))
    return Broken(
        task,
        {"role": role},
        lambda: account.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust(TASKS))),
    )


@catalogue.add(
    "role-permission-missing-other-repository", "An execution role that may pull from another repository only"
)
def role_permission_missing_other_repository(account: Account) -> Broken:
    """The execution role's inline policy allows the login, and the pull from the repository ledger only."""
    name = "ledger-only-execution"
    ledger = {"Effect": "Allow", "Action": _PULL_ACTIONS, "Resource": account.repository_arn("ledger")}
    both = {**ledger, "Resource": [account.repository_arn("ledger"), account.repository_arn()]}
    role = account.add_role(name, inline={"pull": policy(_LOGIN, ledger)})
    task = account.fargate_task("ledger-only", execution_role=role)
    task.stop(reasons.manifest_forbidden(task))
    return Broken(
        task,
        {"role": role},
        lambda: account.iam.put_role_policy(
            RoleName=name, PolicyName="pull", PolicyDocument=json.dumps(policy(_LOGIN, both))
        ),
    )


@catalogue.add("role-token-on-repository", "An execution role whose login permission names a repository")
def role_token_on_repository(account: Account) -> Broken:
    """The execution role allows all pull actions on the repository; GetAuthorizationToken works on `*`
    only.
    """
    name = "too-narrow-execution"
    narrow = {
        "Effect": "Allow",
        "Action": ["ecr:GetAuthorizationToken", *_PULL_ACTIONS],
        "Resource": account.repository_arn(),
    }
    role = account.add_role(name, inline={"pull": policy(narrow)})
    task = account.fargate_task("too-narrow", execution_role=role)
    task.stop(reasons.login_denied(task))
    return Broken(
        task,
        {"role": role},
        lambda: account.iam.put_role_policy(
            RoleName=name, PolicyName="pull", PolicyDocument=json.dumps(policy(narrow, _LOGIN))
        ),
    )


@catalogue.add("role-explicit-deny", "A Deny in a policy of the execution role")
def role_explicit_deny(account: Account) -> Broken:
    """The execution role may pull by its managed policy, and an inline policy denies all of ECR."""
    task, name, role = _task_with_role(account, "quarantined")
    deny = policy({"Sid": "Quarantine", "Effect": "Deny", "Action": "ecr:*", "Resource": "*"})
    account.iam.put_role_policy(RoleName=name, PolicyName="quarantine", PolicyDocument=json.dumps(deny))
    task.stop(reasons.login_denied(task, reasons.DENY_IN_IDENTITY_POLICY))
    return Broken(
        task,
        {"role": role},
        lambda: account.iam.delete_role_policy(RoleName=name, PolicyName="quarantine"),
    )


@catalogue.add("boundary-denies", "A permissions boundary without ECR")
def boundary_denies(account: Account) -> Broken:
    """The execution role's permissions boundary allows logs and Secrets Manager only."""
    task, name, role = _task_with_role(account, "bounded")
    allowed = {"Effect": "Allow", "Action": ["logs:*", "secretsmanager:GetSecretValue"], "Resource": "*"}
    boundary = account.iam.create_policy(
        PolicyName="workload-boundary", PolicyDocument=json.dumps(policy(allowed))
    )["Policy"]["Arn"]
    account.iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    task.stop(reasons.login_denied(task, reasons.NO_BOUNDARY))
    return Broken(
        task,
        {"role": role},
        lambda: account.iam.delete_role_permissions_boundary(RoleName=name),
    )


def _organization_denies(account: Account, *actions: str) -> None:
    """The organization keeps all roles but those of its own build from ECR."""
    statement = {
        "Sid": "BuildOnly",
        "Effect": "Deny",
        "Action": list(actions),
        "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/build-*"}},
    }
    account.set_service_control_policies(policy(statement))


@catalogue.add("scp-denies", "A service control policy that denies ECR", truth_only=True, region_wide=True)
def scp_denies(account: Account) -> Broken:
    """A service control policy of the organization denies all of ECR to the account's roles; the error text says so."""
    task, _, role = _task_with_role(account, "fenced")
    _organization_denies(account, "ecr:*")
    task.stop(reasons.login_denied(task, reasons.DENY_IN_SERVICE_CONTROL_POLICY))
    return Broken(task, {"role": role}, account.set_service_control_policies)


@catalogue.add(
    "scp-denies-unnamed",
    "A service control policy that denies the pull, behind a bare 403",
    truth_only=True,
    region_wide=True,
)
def scp_denies_unnamed(account: Account) -> Broken:
    """A service control policy denies the pull and not the login, and containerd does not pass on why ECR refused."""
    task, _, role = _task_with_role(account, "fenced-quietly")
    _organization_denies(account, *_PULL_ACTIONS)
    task.stop(reasons.manifest_forbidden(task))
    return Broken(task, {"role": role}, account.set_service_control_policies)


@catalogue.add("instance-profile-permission-missing", "A container instance whose role may not pull")
def instance_profile_permission_missing(account: Account) -> Broken:
    """The container instance's role may send metrics and nothing else; the task has no execution role."""
    name = "metrics-only-instance"
    account.add_instance_profile(name, managed=[managed_policies.CLOUDWATCH_AGENT])
    account.ecs.create_cluster(clusterName="metrics-only")
    account.add_host("metrics-only", account.network, profile=name)
    task = account.ec2_task("metrics-only", cluster="metrics-only")
    task.stop(reasons.agent_login_denied(task))
    return Broken(
        task,
        {"role": f"arn:aws:iam::{account.account_id}:role/{name}"},
        lambda: account.iam.attach_role_policy(RoleName=name, PolicyArn=managed_policies.CONTAINER_INSTANCE),
    )


@catalogue.add("instance-profile-missing", "A container instance without an instance profile")
def instance_profile_missing(account: Account) -> Broken:
    """The EC2 instance has no instance profile, so the ECS agent has no credentials; the task has no
    execution role.
    """
    account.ecs.create_cluster(clusterName="nameless")
    host = account.add_host("nameless", account.network)
    task = account.ec2_task("nameless", cluster="nameless")
    task.stop(reasons.agent_without_credentials())
    return Broken(
        task,
        {"instance": host.instance_id},
        lambda: account.ec2.associate_iam_instance_profile(
            InstanceId=host.instance_id, IamInstanceProfile={"Name": "ecsInstanceRole"}
        ),
    )


@catalogue.add("repo-policy-denies-instance", "A repository policy that denies a container instance's role")
def repo_policy_denies_instance(account: Account) -> Broken:
    """The repository denies everyone but the build role, and Docker on the container instance passes the
    refusal on.
    """
    repository = account.add_repository("batch", ("9.1",))
    account.add_role("build")
    task = account.ec2_task("batch", image=account.image("batch", "9.1"))
    statement = {
        "Sid": "BuildOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": _PULL_ACTIONS,
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{account.account_id}:role/build"}},
    }
    account.ecr.set_repository_policy(repositoryName="batch", policyText=json.dumps(policy(statement)))
    task.stop(reasons.docker_denied(task, reasons.DENY_IN_REPOSITORY_POLICY))
    return Broken(
        task, {"repository": repository}, lambda: account.ecr.delete_repository_policy(repositoryName="batch")
    )
