"""What each fault of who may pull looks like: worlds in which it is there, is not, and cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diagnostics.snapshot import Snapshot
from diagnostics.stop_reason import Symptom
from tests.build import (
    ACCOUNT,
    INSTANCE_ROLE_ARN,
    PROFILE_ARN,
    REGION,
    REPOSITORY_ARN,
    ROLE_ARN,
    Edit,
    World,
    ec2,
    endpoint_of,
    endpoints,
    fargate,
    image_of,
    known,
    public,
    role_of,
    task_of,
    unavailable,
    vpc_of,
)
from tests.build.judging import HOST_SESSION, denied, forbidden
from tests.build.permissions import (
    BOUNDARY_ARN,
    CUSTOMER_POLICY,
    FOREIGN_ARN,
    GUARDDUTY_ARN,
    OTHER,
    PULL,
    ROOT,
    TOKEN,
    TOLD_ENDPOINT,
    attached,
    bounded,
    endpoint,
    foreign,
    inline,
    managed,
    named_role,
    no_execution_role,
    no_profile,
    not_simulated,
    profile_empty,
    profile_gone,
    public_image,
    registry,
    repository,
    repository_gone,
    repository_unread,
    role_gone,
    sidecar,
    simulated,
    tagged,
    trusting,
    unread,
    with_execution_role,
)
from tests.build.policies import allow, deny, on_resource


@dataclass(frozen=True)
class Case:
    """One world, the fault that is asked about, and what its check has to say."""

    name: str
    fault: str
    status: str
    edits: tuple[Edit, ...] = ()
    base: Callable[[], Snapshot] = fargate
    symptoms: tuple[Symptom, ...] = ()
    resources: tuple[str, ...] = ()
    says: str = ""
    stage: str | None = None
    alone: bool = True


LAYERS = f"arn:aws:s3:::prod-{REGION}-starport-layer-bucket/*"
ORPHAN = "AROAEXAMPLEDELETED123"
ECS = {"Service": "ecs-tasks.amazonaws.com"}
ASSUME = {"Effect": "Allow", "Principal": ECS, "Action": "sts:AssumeRole"}
CROSS = denied("resource", symptom="ecr-cross-account-denied")
THROUGH = {"StringNotEquals": {"aws:SourceVpce": "vpce-gone"}}


def role_without_path(world: World) -> None:
    role_of(world)["role"]["value"]["Arn"] = f"arn:aws:iam::{ACCOUNT}:role/team/payments-execution"


def lost(*path: str, call: str) -> Edit:
    """A fact of the snapshot that could not be read."""

    def edit(world: World) -> None:
        for name in path[:-1]:
            world = world[name]
        world[path[-1]] = unavailable("AccessDenied", call)

    return edit


def no_endpoints_read(world: World) -> None:
    vpc_of(world)["vpc_endpoints"] = unavailable("AccessDenied", "ec2:DescribeVpcEndpoints")


def without_policy(world: World) -> None:
    endpoint_of(world, "ecr.api")["PolicyDocument"] = None


def overridden(world: World) -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/one-off"
    world["service"] = {"kind": "absent", "call": None}
    task_of(world).update(group="family:payments-api", overrides={"executionRoleArn": other})
    world["roles"][other] = {
        **role_of(world),
        "role_arn": other,
        "role": {"kind": "absent", "call": "iam:GetRole"},
    }


def old_platform(world: World) -> None:
    task_of(world)["platformVersion"] = "1.3.0"


ROLE = (
    Case("deleted", "role-missing", "fail", (role_gone,), resources=(ROLE_ARN,), stage="role"),
    Case("another path", "role-missing", "fail", (role_without_path,), resources=(ROLE_ARN,), says="role/team/payments-execution"),
    Case("the override is what counts", "role-missing", "fail", (overridden,), resources=(f"arn:aws:iam::{ACCOUNT}:role/one-off",)),
    Case("there", "role-missing", "pass"),
    Case("not readable", "role-missing", "unknown", (unread("role", "iam:GetRole"),), says="iam:GetRole"),
    Case("none on Fargate", "role-missing", "fail", (no_execution_role,), says="names no execution role", resources=(f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/payments-api:7",)),
    Case("none on Fargate, and none needed", "role-missing", "skipped", (no_execution_role, public_image)),
    Case("none on EC2", "role-missing", "skipped", base=ec2),
    Case("of another account", "role-missing", "skipped", (named_role(f"arn:aws:iam::{OTHER}:role/x"),), alone=False),
    Case("of another account", "role-not-assumable", "fail", (named_role(f"arn:aws:iam::{OTHER}:role/x"),), resources=(f"arn:aws:iam::{OTHER}:role/x",), stage="role"),
    Case("of the own account", "role-not-assumable", "pass", symptoms=(Symptom(id="role-not-assumable", stage="role", text="…"),)),
    Case("the definition was not read", "role-not-assumable", "unknown", (lost("task_definition", call="ecs:DescribeTaskDefinition"),)),
    Case("trusts EC2", "role-trust-denies", "fail", (trusting({**ASSUME, "Principal": {"Service": "ec2.amazonaws.com"}}),), resources=(ROLE_ARN,), says="ec2.amazonaws.com", stage="role"),
    Case("a Deny", "role-trust-denies", "fail", (trusting(ASSUME, {**ASSUME, "Effect": "Deny", "Sid": "Frozen"}),), resources=(ROLE_ARN, "statement 'Frozen'")),
    Case("another account's tasks only", "role-trust-denies", "fail", (trusting({**ASSUME, "Condition": {"StringEquals": {"aws:SourceAccount": OTHER}}}),), says="aws:SourceAccount"),
    Case("the own account's tasks only", "role-trust-denies", "pass", (trusting({**ASSUME, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}),)),
    Case("one cluster's tasks only", "role-trust-denies", "unknown", (trusting({**ASSUME, "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/x"}}}),)),
    Case("not readable", "role-trust-denies", "unknown", (unread("role", "iam:GetRole"),)),
    Case("a role that is gone", "role-trust-denies", "skipped", (role_gone,), says="role-missing", alone=False),
    Case("no profile", "instance-profile-missing", "fail", (no_profile,), ec2, resources=("i-0aaaabbbbccccdddd",), stage="login"),
    Case("a profile that is gone", "instance-profile-missing", "fail", (profile_gone,), ec2, resources=("i-0aaaabbbbccccdddd", PROFILE_ARN)),
    Case("a profile without a role", "instance-profile-missing", "fail", (profile_empty,), ec2, says="holds no role"),
    Case("a profile", "instance-profile-missing", "pass", base=ec2),
    Case("no profile, but an execution role", "instance-profile-missing", "unknown", (with_execution_role, no_profile), ec2),
    Case("no profile, an execution role, and the text", "instance-profile-missing", "fail", (with_execution_role, no_profile), ec2, (Symptom(id="instance-role-missing", stage="login", text="…"),)),
    Case("the instance was not read", "instance-profile-missing", "unknown", (lost("instance", call="ec2:DescribeInstances"),), ec2),
    Case("Fargate", "instance-profile-missing", "skipped"),
)  # fmt: skip

IDENTITY = (
    Case("nothing allowed", "role-permission-missing", "fail", (managed(allow("logs:*")),), resources=(ROLE_ARN,), stage="login"),
    Case("the token on a repository", "role-permission-missing", "fail", (managed(allow(["ecr:GetAuthorizationToken", *PULL], REPOSITORY_ARN)),), says="the only resource on which it works", stage="login"),
    Case("another repository", "role-permission-missing", "fail", (managed(TOKEN, allow(PULL, REPOSITORY_ARN + "-2")),), says="but only on", stage="manifest"),
    Case("no layers", "role-permission-missing", "fail", (managed(TOKEN, allow("ecr:BatchGetImage", REPOSITORY_ARN)),), stage="layers"),
    Case("no BatchCheckLayerAvailability", "role-permission-missing", "pass", (managed(TOKEN, allow(PULL, REPOSITORY_ARN)),)),
    Case("other letters", "role-permission-missing", "pass", (managed(allow(["ECR:getauthorizationtoken", "ecr:Batch*", "ecr:Get?ownload*"])),)),
    Case("NotAction", "role-permission-missing", "pass", (managed({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),)),
    Case("NotAction that leaves ECR out", "role-permission-missing", "fail", (managed({"Effect": "Allow", "NotAction": "ecr:*", "Resource": "*"}),)),
    Case("NotResource that leaves the repository out", "role-permission-missing", "fail", (managed(TOKEN, {"Effect": "Allow", "Action": "ecr:*", "NotResource": REPOSITORY_ARN}),)),
    Case("a condition that is not met", "role-permission-missing", "fail", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-ecr-api"}})),), says="aws:SourceVpce"),
    Case("the same, met at the login only", "role-permission-missing", "fail", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-ecr-api"}})),), endpoints, stage="manifest"),
    Case("the same for both endpoints", "role-permission-missing", "pass", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:SourceVpce": ["vpce-ecr-api", "vpce-ecr-dkr"]}})),), endpoints),
    Case("the same where the endpoints were not read", "role-permission-missing", "unknown", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:SourceVpce": ["vpce-ecr-api", "vpce-ecr-dkr"]}})), no_endpoints_read), endpoints),
    Case("a condition that cannot be known", "role-permission-missing", "unknown", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "x"}})),), says="aws:PrincipalTag/team"),
    Case("an inline policy that was not read", "role-permission-missing", "unknown", (managed(allow("logs:*")), inline("pull", TOKEN), lost("roles", ROLE_ARN, "inline_policies", "pull", call="iam:GetRolePolicy")), says="iam:GetRolePolicy"),
    Case("a list that was not read", "role-permission-missing", "unknown", (managed(allow("logs:*")), unread("inline_policy_names", "iam:ListRolePolicies")), says="iam:ListRolePolicies", alone=False),
    Case("an unread policy beside one that allows", "role-permission-missing", "pass", (inline("x", TOKEN), lost("roles", ROLE_ARN, "inline_policies", "x", call="iam:GetRolePolicy")), alone=False),
    Case("the own repository's policy allows the rest", "role-permission-missing", "pass", (managed(TOKEN), repository(on_resource("Allow", {"AWS": ROLE_ARN}, PULL)))),
    Case("the own repository's policy names the account", "role-permission-missing", "fail", (managed(TOKEN), repository(on_resource("Allow", {"AWS": ROOT}, PULL)))),
    Case("the own repository's policy was not read", "role-permission-missing", "unknown", (managed(TOKEN), repository_unread), says="ecr:GetRepositoryPolicy", alone=False),
    Case("no policy can grant the login", "role-permission-missing", "fail", (managed(allow(PULL)), repository(on_resource("Allow"))), stage="login"),
    Case("a role that is gone", "role-permission-missing", "skipped", (role_gone,), says="role-missing", alone=False),
    Case("an image outside ECR", "role-permission-missing", "skipped", (managed(allow("logs:*")), public_image)),
    Case("the instance role", "instance-profile-permission-missing", "fail", (managed(allow("cloudwatch:*"), role=INSTANCE_ROLE_ARN),), ec2, resources=(INSTANCE_ROLE_ARN, PROFILE_ARN), stage="login"),
    Case("the instance role", "instance-profile-permission-missing", "pass", base=ec2),
    Case("the instance role", "instance-profile-permission-missing", "unknown", (unread("attached_policy_arns", "iam:ListAttachedRolePolicies", INSTANCE_ROLE_ARN), lambda world: role_of(world, INSTANCE_ROLE_ARN).update(attached_policies={})), ec2, alone=False),
    Case("both roles may", "role-permission-missing", "pass", (with_execution_role,), ec2),
    Case("only the instance role lacks it", "instance-profile-permission-missing", "unknown", (with_execution_role, managed(allow("s3:*"), role=INSTANCE_ROLE_ARN)), ec2, says="not known which role pulls"),
    Case("only the execution role lacks it", "role-permission-missing", "unknown", (with_execution_role, managed(allow("s3:*"))), ec2),
    Case("both lack it", "role-permission-missing", "fail", (with_execution_role, managed(allow("s3:*")), managed(allow("s3:*"), role=INSTANCE_ROLE_ARN)), ec2, alone=False),
    Case("the text names the host", "instance-profile-permission-missing", "fail", (with_execution_role, managed(allow("s3:*"), role=INSTANCE_ROLE_ARN)), ec2, (denied(principal=HOST_SESSION, action="ecr:GetAuthorizationToken"),), says="the error says"),
    Case("the text names the other role", "instance-profile-permission-missing", "skipped", (with_execution_role, managed(allow("s3:*"), role=INSTANCE_ROLE_ARN)), ec2, (denied(),)),
    Case("an inline Deny", "role-explicit-deny", "fail", (inline("quarantine", deny(Sid="Quarantine")),), resources=(ROLE_ARN, "statement 'Quarantine'"), stage="login"),
    Case("a Deny in a managed policy", "role-explicit-deny", "fail", (attached(CUSTOMER_POLICY, deny("ecr:BatchGetImage")),), resources=(ROLE_ARN, CUSTOMER_POLICY, "statement 1"), stage="manifest"),
    Case("a Deny in a policy of AWS", "role-explicit-deny", "fail", (attached("arn:aws:iam::aws:policy/AWSDenyAll", deny("*")),)),
    Case("a Deny of something else", "role-explicit-deny", "pass", (inline("x", deny("ecr:PutImage"), deny("ecr:*", REPOSITORY_ARN + "-2")),)),
    Case("a Deny by NotAction", "role-explicit-deny", "fail", (inline("x", {"Effect": "Deny", "NotAction": "ecr:GetAuthorizationToken", "Resource": "*"}),), stage="manifest"),
    Case("a Deny by NotResource", "role-explicit-deny", "fail", (inline("x", {"Effect": "Deny", "Action": "ecr:Batch*", "NotResource": REPOSITORY_ARN + "-2"}),), stage="manifest"),
    Case("a Deny outside of a VPC endpoint", "role-explicit-deny", "fail", (inline("x", deny(Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-main"}})),)),
    Case("the same through the endpoint", "role-explicit-deny", "pass", (inline("x", deny(Condition={"StringNotEquals": {"aws:SourceVpc": "vpc-main"}})),), endpoints),
    Case("a Deny for older sessions", "role-explicit-deny", "pass", (inline("x", deny(Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-11-01T00:00:00Z"}})),)),
    Case("a Deny that cannot be told", "role-explicit-deny", "unknown", (inline("x", deny(Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})),), says="aws:PrincipalOrgID"),
    Case("a policy that was not read", "role-explicit-deny", "unknown", (lost("roles", ROLE_ARN, "attached_policies", "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy", call="iam:GetPolicyVersion"),), says="iam:GetPolicyVersion", alone=False),
    Case("a boundary without ECR", "boundary-denies", "fail", (bounded(allow("logs:*")),), resources=(ROLE_ARN, BOUNDARY_ARN), stage="login"),
    Case("a boundary that denies", "boundary-denies", "fail", (bounded(allow("*"), deny(PULL, Sid="NoPull")),), resources=(ROLE_ARN, BOUNDARY_ARN, "statement 'NoPull'"), stage="manifest"),
    Case("a boundary with the login only", "boundary-denies", "fail", (bounded(TOKEN),), stage="manifest"),
    Case("a boundary that allows", "boundary-denies", "pass", (bounded(allow("ecr:*")),)),
    Case("none", "boundary-denies", "pass"),
    Case("the repository allows everybody, whatever the boundary", "boundary-denies", "pass", (bounded(TOKEN), repository(on_resource("Allow")))),
    Case("the repository allows the role, within the boundary", "boundary-denies", "fail", (bounded(TOKEN), repository(on_resource("Allow", {"AWS": ROLE_ARN})))),
    Case("not readable", "boundary-denies", "unknown", (bounded(TOKEN), unread("boundary_policy", "iam:GetPolicyVersion")), says="iam:GetPolicyVersion"),
    Case("a boundary that is gone", "boundary-denies", "unknown", (bounded(TOKEN), lambda world: role_of(world).update(boundary_policy={"kind": "absent", "call": "iam:GetPolicy"}))),
)  # fmt: skip

REGISTRY = (
    Case("a Deny for the role", "repo-policy-denies", "fail", (repository(on_resource("Deny", {"AWS": ROLE_ARN}, PULL, Sid="LockedDuringIncident")),), symptoms=(forbidden(),), resources=(REPOSITORY_ARN, "statement 'LockedDuringIncident'"), stage="manifest"),
    Case("a Deny of the layers", "repo-policy-denies", "fail", (repository(on_resource("Deny", "*", "ecr:GetDownloadUrlForLayer")),), resources=(REPOSITORY_ARN, "statement 1"), stage="layers"),
    Case("a Deny for the account", "repo-policy-denies", "fail", (repository(on_resource("Deny", {"AWS": ROOT})),)),
    Case("a Deny outside of an endpoint that is gone", "repo-policy-denies", "fail", (repository(on_resource("Deny", "*", PULL, Condition=THROUGH)),), endpoints),
    Case("a Deny for all but the build role", "repo-policy-denies", "fail", (repository(on_resource("Deny", "*", PULL, Sid="BuildOnly", Condition={"ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/build"}})),)),
    Case("a Deny by NotPrincipal, with a boundary", "repo-policy-denies", "fail", (bounded(allow("*")), repository({"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE_ARN, ROOT]}, "Action": "ecr:*"}))),
    Case("no policy", "repo-policy-denies", "pass"),
    Case("a policy for another role", "repo-policy-denies", "pass", (repository(on_resource("Deny", {"AWS": ROLE_ARN + "-2"}), on_resource("Allow", {"AWS": f"arn:aws:iam::{OTHER}:root"})),)),
    Case("a Deny of pushes", "repo-policy-denies", "pass", (repository(on_resource("Deny", "*", ["ecr:PutImage", "ecr:InitiateLayerUpload"])),)),
    Case("a condition that holds", "repo-policy-denies", "pass", (repository(on_resource("Deny", "*", PULL, Condition={"Bool": {"aws:SecureTransport": "false"}})),)),
    Case("a condition that cannot be known", "repo-policy-denies", "unknown", (repository(on_resource("Deny", "*", PULL, Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})),), says="aws:PrincipalOrgID"),
    Case("an address that is not known", "repo-policy-denies", "unknown", (repository(on_resource("Deny", "*", PULL, Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),), public, says="aws:SourceIp"),
    Case("a Deny by NotPrincipal, the boundary not read", "repo-policy-denies", "unknown", (unread("role", "iam:GetRole"), unread("boundary_policy", "iam:GetRole"), repository({"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE_ARN, ROOT, f"arn:aws:sts::{ACCOUNT}:assumed-role/payments-execution/x"]}, "Action": "ecr:*"})), alone=False),
    Case("not readable", "repo-policy-denies", "unknown", (repository_unread,), says="ecr:GetRepositoryPolicy"),
    Case("not JSON", "repo-policy-denies", "unknown", (lambda world: image_of(world).update(repository_policy=known("{")),), says="not JSON"),
    Case("no repository", "repo-policy-denies", "skipped", (repository_gone,), says="repo-not-found"),
    Case("the other account has no policy", "repo-policy-cross-account-missing", "fail", (foreign(),), symptoms=(CROSS,), resources=(FOREIGN_ARN, ROLE_ARN), stage="manifest"),
    Case("the other account names other roles", "repo-policy-cross-account-missing", "fail", (foreign(on_resource("Allow", {"AWS": f"arn:aws:iam::{OTHER}:root"})),), symptoms=(forbidden(),)),
    Case("the other account's condition is not met", "repo-policy-cross-account-missing", "fail", (foreign(on_resource("Allow", "*", PULL, Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}})),), symptoms=(CROSS,), says="aws:PrincipalAccount"),
    Case("the other account allows the manifest only", "repo-policy-cross-account-missing", "fail", (foreign(on_resource("Allow", {"AWS": ROOT}, "ecr:BatchGetImage")),), symptoms=(CROSS,), stage="layers"),
    Case("the other account allows this account", "repo-policy-cross-account-missing", "pass", (foreign(on_resource("Allow", {"AWS": ROOT}, PULL)),), symptoms=(CROSS,)),
    Case("the other account allows the role", "repo-policy-cross-account-missing", "pass", (foreign(on_resource("Allow", {"AWS": ROLE_ARN}, PULL)),)),
    Case("an organization that is not known", "repo-policy-cross-account-missing", "unknown", (foreign(on_resource("Allow", "*", PULL, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})),), says="aws:PrincipalOrgID"),
    Case("no text shows that the registry refused", "repo-policy-cross-account-missing", "unknown", (foreign(),), says="ecr:GetRegistryPolicy"),
    Case("not readable there", "repo-policy-cross-account-missing", "unknown", (foreign(), repository_unread), symptoms=(CROSS,), says="ecr:GetRepositoryPolicy"),
    Case("the own account", "repo-policy-cross-account-missing", "skipped", says="own account"),
    Case("a deleted role", "repo-policy-principal-orphaned", "fail", (foreign(on_resource("Allow", {"AWS": [ORPHAN]}, PULL, Sid="Partner")),), symptoms=(CROSS,), resources=(FOREIGN_ARN, "statement 'Partner'", ORPHAN), stage="manifest"),
    Case("a deleted role", "repo-policy-cross-account-missing", "skipped", (foreign(on_resource("Allow", {"AWS": [ORPHAN]}, PULL)),), symptoms=(CROSS,), says="repo-policy-principal-orphaned", alone=False),
    Case("a deleted role that pushed", "repo-policy-principal-orphaned", "pass", (foreign(on_resource("Allow", {"AWS": [ORPHAN]}, "ecr:PutImage")),), symptoms=(CROSS,), alone=False),
    Case("a deleted role beside the present one", "repo-policy-principal-orphaned", "pass", (foreign(on_resource("Allow", {"AWS": [ORPHAN, ROLE_ARN]}, PULL)),), symptoms=(CROSS,)),
    Case("not readable there", "repo-policy-principal-orphaned", "unknown", (foreign(), repository_unread), symptoms=(CROSS,)),
    Case("the own account", "repo-policy-principal-orphaned", "skipped", (repository(on_resource("Allow", {"AWS": ORPHAN}, PULL)),)),
    Case("the other side lacks it, and so does the own", "role-permission-missing", "fail", (managed(TOKEN), foreign()), symptoms=(CROSS,), alone=False),
    Case("the other side lacks it, and so does the own", "repo-policy-cross-account-missing", "fail", (managed(TOKEN), foreign()), symptoms=(CROSS,), alone=False),
    Case("a boundary limits everybody's Allow elsewhere", "boundary-denies", "fail", (bounded(TOKEN), foreign(on_resource("Allow"))), symptoms=(CROSS,)),
    Case("a Deny of the registry", "registry-policy-denies", "fail", (registry("V2", on_resource("Deny", "*", PULL, Resource="*", Sid="Closed")),), resources=(f"arn:aws:ecr:{REGION}:{ACCOUNT}:registry", "statement 'Closed'"), stage="manifest"),
    Case("a Deny of the older scope", "registry-policy-denies", "pass", (registry("V1", on_resource("Deny", "*", PULL, Resource="*")),)),
    Case("a scope that was not read", "registry-policy-denies", "unknown", (registry(None, on_resource("Deny", "*", PULL, Resource="*")),), says="scope"),
    Case("a Deny of replication", "registry-policy-denies", "pass", (registry("V2", on_resource("Deny", "*", "ecr:ReplicateImage", Resource="*")),)),
    Case("not readable", "registry-policy-denies", "unknown", (lambda world: image_of(world).update(registry_policy=unavailable("AccessDenied", "ecr:GetRegistryPolicy")),), says="ecr:GetRegistryPolicy"),
    Case("another account's", "registry-policy-denies", "skipped", (foreign(on_resource("Allow")),)),
    Case("none", "registry-policy-denies", "pass"),
    Case("the text names one", "scp-denies", "warn", symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),), says="service control polic", stage="manifest"),
    Case("the text names one for a secret", "scp-denies", "warn", symptoms=(denied("scp", "secretsmanager:GetSecretValue", explicit=True, symptom="secret-denied"),), stage="secrets"),
    Case("the text names none", "scp-denies", "skipped", symptoms=(forbidden(),)),
    Case("IAM says so", "scp-denies", "fail", (simulated(False, False),), says="AllowedByOrganizations is false for ecr:GetAuthorizationToken", resources=(ROLE_ARN,), stage="login"),
    Case("IAM says so of the pull", "scp-denies", "fail", (simulated(True, False),), symptoms=(forbidden(),), says="deny ecr:BatchGetImage and ecr:GetDownloadUrlForLayer to payments-execution, and every policy that can be read here", resources=(ROLE_ARN,), stage="manifest"),
    Case("IAM and the text say so", "scp-denies", "fail", (simulated(True, False),), symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),), says="the error says", stage="manifest"),
    Case("IAM says so of the instance role", "scp-denies", "fail", (simulated(False, role=INSTANCE_ROLE_ARN),), ec2, resources=(INSTANCE_ROLE_ARN,), stage="login"),
    Case("IAM says so and was told the endpoint", "scp-denies", "fail", (simulated(False, context=TOLD_ENDPOINT),), endpoints, stage="login"),
    Case("IAM was not told the endpoint", "scp-denies", "unknown", (simulated(False),), endpoints, says="was not told aws:SourceVpce"),
    Case("IAM was told an endpoint that is not on the way", "scp-denies", "unknown", (simulated(False, context=TOLD_ENDPOINT),), says="was not told aws:SourceVpce"),
    Case("IAM was not told the public address", "scp-denies", "unknown", (simulated(False, context={"aws:RequestedRegion": "us-east-1"}),), says="was not told aws:SourceIp"),
    Case("the task's public address is not known", "scp-denies", "unknown", (simulated(False),), public, says="was not told aws:SourceIp"),
    Case("IAM wanted a key", "scp-denies", "unknown", (simulated(False, missing_context=["aws:PrincipalOrgID"]),), says="was not given aws:PrincipalOrgID"),
    Case("IAM allows but wanted a key", "scp-denies", "skipped", (simulated(missing_context=["aws:PrincipalOrgID"]),), says="was not given aws:PrincipalOrgID"),
    Case("IAM says that none does", "scp-denies", "pass", (simulated(),), says="let payments-execution pull"),
    Case("an account without an organization", "scp-denies", "pass", (simulated(None, None),)),
    Case("IAM refuses and says nothing of the organization", "scp-denies", "skipped", (simulated(None, None, decision="implicitDeny"),), says="says nothing of the organization"),
    Case("IAM was not allowed to say", "scp-denies", "skipped", (not_simulated,), says="iam:SimulatePrincipalPolicy could not be read: denied"),
    Case("IAM was not allowed to say and the text names one", "scp-denies", "warn", (not_simulated,), symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),)),
    Case("IAM says that it was changed since", "scp-denies", "pass", (simulated(),), symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),), says="has changed since"),
    Case("the text names one and IAM was not told the endpoint", "scp-denies", "unknown", (simulated(),), endpoints, symptoms=(denied("scp", explicit=True, symptom="org-or-boundary-denied"),), says="was not told"),
    Case("the text names one for a secret and IAM was asked of the pull", "scp-denies", "warn", (simulated(),), symptoms=(denied("scp", "secretsmanager:GetSecretValue", explicit=True, symptom="secret-denied"),), stage="secrets"),
    Case("IAM sees the role otherwise than it reads", "scp-denies", "pass", (simulated(decision="implicitDeny"),), says="answers implicitDeny to ecr:GetAuthorizationToken where the role's policies, as they were read, allow it"),
    Case("IAM allows what the role lacks as it reads", "scp-denies", "pass", (simulated(), managed(allow("logs:*"))), says="allows ecr:GetAuthorizationToken where the role's policies, as they were read, do not allow it", alone=False),
    Case("a tag of the role opens the policy", "role-permission-missing", "pass", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "payments"}})), tagged(team="payments"))),
    Case("a tag of the role closes the policy", "role-permission-missing", "fail", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "payments"}})), tagged(team="search"))),
    Case("tags that were not read", "role-permission-missing", "unknown", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "payments"}})),), says="aws:PrincipalTag/team", alone=False),
    Case("the text names one", "rcp-denies", "warn", symptoms=(denied("rcp", explicit=True, symptom="org-or-boundary-denied"),), says="resource control polic"),
    Case("no text", "rcp-denies", "skipped"),
)  # fmt: skip

OWN_ONLY = allow(PULL, f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/*")
THROUGH_ALL = on_resource("Allow", "*", "*", Resource="*")
GUARDDUTY = (
    Case("own repositories only", "guardduty-sidecar-denied", "fail", (sidecar, managed(TOKEN, OWN_ONLY)), resources=(ROLE_ARN, GUARDDUTY_ARN), stage="manifest"),
    Case("every repository", "guardduty-sidecar-denied", "pass", (sidecar,)),
    Case("an endpoint for own repositories only", "guardduty-sidecar-denied", "fail", (sidecar, endpoint("ecr.dkr", {**OWN_ONLY, "Principal": "*"})), endpoints, resources=("vpce-ecr-dkr",)),
    Case("a policy that was not read", "guardduty-sidecar-denied", "unknown", (sidecar, managed(TOKEN, OWN_ONLY), unread("inline_policy_names", "iam:ListRolePolicies")), alone=False),
    Case("no sidecar", "guardduty-sidecar-denied", "skipped", (managed(TOKEN, OWN_ONLY),)),
    Case("what the sidecar lacks is not the image's", "role-permission-missing", "pass", (sidecar, managed(TOKEN, OWN_ONLY)), alone=False),
    Case("only one of two roles", "guardduty-sidecar-denied", "unknown", (with_execution_role, sidecar, managed(TOKEN, OWN_ONLY)), ec2),
)  # fmt: skip

ENDPOINTS = (
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
    Case("not read", "endpoint-policy-denies", "unknown", (no_endpoints_read,), endpoints, says="ec2:DescribeVpcEndpoints"),
    Case("the login leaves elsewhere", "endpoint-policy-denies", "pass", (endpoint("ecr.api", {**OWN_ONLY, "Principal": "*"}), old_platform), endpoints),
    Case("own buckets", "s3-endpoint-policy-denies", "fail", (endpoint("s3", on_resource("Allow", "*", "s3:*", Resource="arn:aws:s3:::acme/*", Sid="Own")),), endpoints, resources=("vpce-s3",), stage="layers"),
    Case("own accounts", "s3-endpoint-policy-denies", "fail", (endpoint("s3", on_resource("Allow", "*", "s3:*", Resource="*", Condition={"StringEquals": {"s3:ResourceAccount": ACCOUNT}})),), endpoints, says="s3:ResourceAccount"),
    Case("own organization", "s3-endpoint-policy-denies", "fail", (endpoint("s3", on_resource("Allow", "*", "s3:*", Resource="*", Condition={"StringEquals": {"aws:ResourceOrgID": "o-1"}})),), endpoints),
    Case("a Deny outside of the organization", "s3-endpoint-policy-denies", "fail", (endpoint("s3", THROUGH_ALL, on_resource("Deny", "*", "s3:*", Resource="*", Condition={"StringNotEquals": {"aws:ResourceOrgID": "o-1"}})),), endpoints, resources=("vpce-s3", "statement 2")),
    Case("ECR's bucket", "s3-endpoint-policy-denies", "pass", (endpoint("s3", on_resource("Allow", "*", "s3:GetObject", Resource=LAYERS)),), endpoints),
    Case("the bucket of another Region", "s3-endpoint-policy-denies", "fail", (endpoint("s3", on_resource("Allow", "*", "s3:GetObject", Resource=LAYERS.replace(REGION, "eu-west-1"))),), endpoints),
    Case("an account that may be AWS's", "s3-endpoint-policy-denies", "unknown", (endpoint("s3", on_resource("Allow", "*", "s3:*", Resource="*", Condition={"StringEquals": {"s3:ResourceAccount": [ACCOUNT, OTHER]}})),), endpoints),
    Case("not read", "s3-endpoint-policy-denies", "unknown", (no_endpoints_read,), endpoints),
    Case("no endpoint", "s3-endpoint-policy-denies", "pass"),
    Case("an image outside ECR", "s3-endpoint-policy-denies", "skipped", (public_image,), endpoints),
)  # fmt: skip

TABLE: tuple[Case, ...] = (*ROLE, *IDENTITY, *REGISTRY, *GUARDDUTY, *ENDPOINTS)
