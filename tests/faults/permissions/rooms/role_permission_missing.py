"""What no policy of the role that pulls allows."""

from __future__ import annotations

from tests.build import (
    INSTANCE_ROLE_ARN,
    PROFILE_ARN,
    REPOSITORY_ARN,
    ROLE_ARN,
    ec2,
    endpoints,
    role_of,
)
from tests.build.judging import HOST_SESSION, denied
from tests.build.permissions import (
    PULL,
    ROOT,
    TOKEN,
    foreign,
    in_organization,
    inline,
    managed,
    organization_unread,
    owner_in_organization,
    public_image,
    repository,
    repository_tags,
    repository_tags_unread,
    repository_unread,
    role_gone,
    sidecar,
    simulated,
    tagged,
    unread,
    with_execution_role,
)
from tests.build.policies import Json, allow, on_resource
from tests.faults.permissions.tables import CROSS, OWN_ONLY, Case, lost, no_endpoints_read

TAGGED = allow(PULL, Condition={"StringEquals": {"ecr:ResourceTag/team": "payments"}})


def of_organization(*keys: str) -> Json:
    """ECR for one organization only."""
    return allow("ecr:*", Condition={"StringEquals": dict.fromkeys(keys, "o-a1b2c3d4e5")})


def in_paths(path: str) -> Json:
    """ECR below one path of an organization."""
    return allow("ecr:*", Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": path}})


TABLE = (
    Case("nothing allowed", "role-permission-missing", "fail", (managed(allow("logs:*")),), resources=(ROLE_ARN,), stage="login"),
    Case("the token on a repository", "role-permission-missing", "fail", (managed(allow(["ecr:GetAuthorizationToken", *PULL], REPOSITORY_ARN)),), says="the only resource on which it works", stage="login"),
    Case("another repository", "role-permission-missing", "fail", (managed(TOKEN, allow(PULL, REPOSITORY_ARN + "-2")),), says="but only on", stage="manifest"),
    Case("no layers", "role-permission-missing", "fail", (managed(TOKEN, allow("ecr:BatchGetImage", REPOSITORY_ARN)),), stage="layers"),
    Case("no BatchCheckLayerAvailability", "role-permission-missing", "pass", (managed(TOKEN, allow(PULL, REPOSITORY_ARN)),)),
    Case("other letters", "role-permission-missing", "pass", (managed(allow(["ECR:getauthorizationtoken", "ecr:Batch*", "ecr:Get?ownload*"])),)),
    Case("NotAction", "role-permission-missing", "pass", (managed({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),)),
    Case("NotAction that leaves ECR out", "role-permission-missing", "fail", (managed({"Effect": "Allow", "NotAction": "ecr:*", "Resource": "*"}),)),
    Case("NotResource that leaves the repository out", "role-permission-missing", "fail", (managed(TOKEN, {"Effect": "Allow", "Action": "ecr:*", "NotResource": REPOSITORY_ARN}),)),
    Case("an ARN that ends early", "role-permission-missing", "pass", (managed(TOKEN, allow(PULL, REPOSITORY_ARN.rsplit(":", 2)[0])),)),
    Case("an ARN of another Region that ends early", "role-permission-missing", "fail", (managed(TOKEN, allow(PULL, "arn:aws:ecr:ap-south-2")),), says="but only on", stage="manifest"),
    Case("a condition that is not met", "role-permission-missing", "fail", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-ecr-api"}})),), says="aws:SourceVpce"),
    Case("the same, met at the login only", "role-permission-missing", "fail", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-ecr-api"}})),), endpoints, stage="manifest"),
    Case("the same for both endpoints", "role-permission-missing", "pass", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:SourceVpce": ["vpce-ecr-api", "vpce-ecr-dkr"]}})),), endpoints),
    Case("the same where the endpoints were not read", "role-permission-missing", "unknown", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:SourceVpce": ["vpce-ecr-api", "vpce-ecr-dkr"]}})), no_endpoints_read), endpoints),
    Case("only with MFA, which a session of ECS never has", "role-permission-missing", "fail", (managed(allow("ecr:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),), says="aws:MultiFactorAuthPresent"),
    Case("with MFA where there is some", "role-permission-missing", "pass", (managed(allow("ecr:*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}})),)),
    Case("without MFA", "role-permission-missing", "fail", (managed(allow("ecr:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})),)),
    Case("where MFA is no part of it", "role-permission-missing", "pass", (managed(allow("ecr:*", Condition={"Null": {"aws:MultiFactorAuthPresent": "true"}})),)),
    Case("a condition that cannot be known", "role-permission-missing", "unknown", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "x"}})),), says="aws:PrincipalTag/team"),
    Case("a tag that the repository lacks", "role-permission-missing", "fail", (managed(TOKEN, TAGGED), repository_tags(team="ledger")), says="a condition on ecr:ResourceTag/team that is not met", resources=(ROLE_ARN,), stage="manifest"),
    Case("the repository's tag that is asked for", "role-permission-missing", "pass", (managed(TOKEN, TAGGED), repository_tags(team="payments"))),
    Case("the repository's tag by its global key", "role-permission-missing", "pass", (managed(TOKEN, allow(PULL, Condition={"StringLike": {"aws:ResourceTag/team": "pay*"}})), repository_tags(team="payments"))),
    Case("the repository's tags were not read", "role-permission-missing", "unknown", (managed(TOKEN, TAGGED), repository_tags_unread), says="ecr:ResourceTag/team (ecr:ListTagsForResource could not be read"),
    Case("no login has a repository's tag", "role-permission-missing", "fail", (managed(allow("ecr:*", Condition={"StringEquals": {"ecr:ResourceTag/team": "payments"}})), repository_tags(team="payments")), stage="login"),
    Case("the account's organization", "role-permission-missing", "pass", (managed(of_organization("aws:PrincipalOrgID", "aws:ResourceOrgID")), in_organization("o-a1b2c3d4e5"))),
    Case("another organization", "role-permission-missing", "fail", (managed(of_organization("aws:PrincipalOrgID")), in_organization("o-zzzzzzzzzz")), says="a condition on aws:PrincipalOrgID that is not met", stage="login"),
    Case("an account without organization", "role-permission-missing", "fail", (managed(of_organization("aws:ResourceOrgID")), in_organization(None)), says="aws:ResourceOrgID"),
    Case("the organization was not read", "role-permission-missing", "unknown", (managed(of_organization("aws:PrincipalOrgID")), organization_unread), says="aws:PrincipalOrgID (organizations:DescribeOrganization could not be read"),
    Case("the organization's paths, all of them", "role-permission-missing", "pass", (managed(in_paths("o-a1b2c3d4e5/*")), in_organization("o-a1b2c3d4e5"))),
    Case("the paths of another organization", "role-permission-missing", "fail", (managed(in_paths("o-zzzzzzzzzz/*")), in_organization("o-a1b2c3d4e5")), says="aws:PrincipalOrgPaths"),
    Case("one path of the organization", "role-permission-missing", "unknown", (managed(in_paths("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*")), in_organization("o-a1b2c3d4e5")), says="aws:PrincipalOrgPaths"),
    Case("another account's repository of the organization", "role-permission-missing", "pass", (foreign(on_resource("Allow")), managed(of_organization("aws:ResourceOrgID")), in_organization("o-a1b2c3d4e5"), owner_in_organization("o-a1b2c3d4e5"))),
    Case("another account's repository of another organization", "role-permission-missing", "fail", (foreign(on_resource("Allow")), managed(of_organization("aws:ResourceOrgID")), in_organization("o-a1b2c3d4e5"), owner_in_organization("o-zzzzzzzzzz")), stage="manifest"),
    Case("another account's organization is not known", "role-permission-missing", "unknown", (foreign(on_resource("Allow")), managed(of_organization("aws:ResourceOrgID")), in_organization("o-a1b2c3d4e5")), says="aws:ResourceOrgID"),
    Case("an inline policy that was not read", "role-permission-missing", "unknown", (managed(allow("logs:*")), inline("pull", TOKEN), lost("roles", ROLE_ARN, "inline_policies", "pull", call="iam:GetRolePolicy")), says="iam:GetRolePolicy"),
    Case("a list that was not read", "role-permission-missing", "unknown", (managed(allow("logs:*")), unread("inline_policy_names", "iam:ListRolePolicies")), says="iam:ListRolePolicies", alone=False),
    Case("an unread policy beside one that allows", "role-permission-missing", "pass", (inline("x", TOKEN), lost("roles", ROLE_ARN, "inline_policies", "x", call="iam:GetRolePolicy")), alone=False),
    Case("a list that was not read, and the text says that none allows", "role-permission-missing", "warn", (managed(allow("logs:*")), unread("inline_policy_names", "iam:ListRolePolicies")), symptoms=(denied(),), says="By the error text no policy of payments-execution allows ecr:BatchGetImage", resources=(ROLE_ARN,), stage="manifest", alone=False),
    Case("a list that was not read, and the text names another action", "role-permission-missing", "unknown", (managed(allow("logs:*")), unread("inline_policy_names", "iam:ListRolePolicies")), symptoms=(denied(action="ecr:PutImage"),), says="iam:ListRolePolicies", alone=False),
    Case("a list that was not read, and the text names a Deny", "role-permission-missing", "unknown", (managed(allow("logs:*")), unread("inline_policy_names", "iam:ListRolePolicies")), symptoms=(denied(explicit=True),), says="iam:ListRolePolicies", alone=False),
    Case("a list that was not read beside one that allows, whatever the text", "role-permission-missing", "pass", (unread("inline_policy_names", "iam:ListRolePolicies"),), symptoms=(denied(),), alone=False),
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
    Case("the other side lacks it, and so does the own", "role-permission-missing", "fail", (managed(TOKEN), foreign()), symptoms=(CROSS,), alone=False),
    Case("a tag of the role opens the policy", "role-permission-missing", "pass", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "payments"}})), tagged(team="payments"))),
    Case("a tag of the role closes the policy", "role-permission-missing", "fail", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "payments"}})), tagged(team="search"))),
    Case("tags that were not read", "role-permission-missing", "unknown", (managed(allow("ecr:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "payments"}})),), says="aws:PrincipalTag/team", alone=False),
    Case("what the sidecar lacks is not the image's", "role-permission-missing", "pass", (sidecar, managed(TOKEN, OWN_ONLY)), alone=False),
    Case("IAM's simulator allows what is read as denied", "role-permission-missing", "warn", (managed(allow("logs:*")), simulated()), says="but IAM's simulator allows ecr:GetAuthorizationToken", resources=(ROLE_ARN,)),
    Case("IAM's simulator denies it too", "role-permission-missing", "fail", (managed(allow("logs:*")), simulated(decision="implicitDeny")), stage="login"),
    Case("IAM's simulator wanted a key", "role-permission-missing", "fail", (managed(allow("logs:*")), simulated(missing_context=["aws:PrincipalOrgID"])), stage="login"),
)  # fmt: skip
REPAIRS = (
    Case("a name that is taken", "role-permission-missing", "fail", (managed(TOKEN), inline("ecr-pull", allow("s3:*")))),
)  # fmt: skip
