"""The faults of who may pull, as data."""

from __future__ import annotations

from diagnostics.faults.texts import NOT_FOUND, REFUSED
from diagnostics.finding import Explains, Fault
from diagnostics.stop_reason import SymptomId

EXECUTION_ROLE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"
INSTANCE_ROLE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html"
CANNOT_PULL = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html"
EVALUATION = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html"
REPOSITORY_POLICY = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html"
ENDPOINTS = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"

ROLE_MISSING = Fault(
    id="role-missing",
    kind="role",
    title="The execution role exists",
    why="ECS assumes the execution role before it does anything else for the task. The ARN that the task definition names leads to no role: it was deleted, never created, or is misspelt (a path counts); or no role is named at all, without which Fargate can pull nothing from a private ECR registry.",
    how="Create the role with the permissions that the pull needs, or name one that exists in the task definition.",
    source=EXECUTION_ROLE,
    explains=Explains(
        symptoms=(
            SymptomId.ECR_403_UNSPECIFIED,
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.NO_BASIC_AUTH,
            SymptomId.ROLE_NOT_ASSUMABLE,
            SymptomId.EXECUTION_ROLE_MISSING,
            SymptomId.INSTANCE_ROLE_MISSING,
            SymptomId.REGISTRY_CREDS_INVALID,
        )
    ),
)
ROLE_TRUST_DENIES = Fault(
    id="role-trust-denies",
    kind="role",
    title="The execution role trusts ecs-tasks.amazonaws.com",
    why="A role can only be assumed by whom its trust policy names. ECS assumes the execution role as the service ecs-tasks.amazonaws.com; a policy that names another service, or whose conditions ECS does not meet, refuses it.",
    how="Let ecs-tasks.amazonaws.com assume the role in its trust policy.",
    source=EXECUTION_ROLE,
    explains=Explains(symptoms=(SymptomId.ROLE_NOT_ASSUMABLE, SymptomId.EXECUTION_ROLE_MISSING)),
)
ROLE_NOT_ASSUMABLE = Fault(
    id="role-not-assumable",
    kind="role",
    title="Nothing besides its trust policy keeps ECS from assuming the execution role",
    why="ECS can only be given a role of the task's own account: iam:PassRole does not reach into another one, whatever the trust policy there says.",
    how="Name an execution role of the task's own account in the task definition.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    explains=Explains(symptoms=(SymptomId.ROLE_NOT_ASSUMABLE, SymptomId.EXECUTION_ROLE_MISSING)),
)
INSTANCE_PROFILE_MISSING = Fault(
    id="instance-profile-missing",
    kind="role",
    title="The container instance has an instance profile with a role",
    why="Without an instance profile the ECS agent on the host finds no credentials, so it cannot ask ECR for a login token.",
    how="Associate an instance profile whose role may pull; the agent picks it up without a restart of the instance.",
    source=INSTANCE_ROLE,
    explains=Explains(
        symptoms=(
            SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
            SymptomId.NO_BASIC_AUTH,
            SymptomId.EXECUTION_ROLE_MISSING,
            SymptomId.INSTANCE_ROLE_MISSING,
        )
    ),
)
ROLE_PERMISSION_MISSING = Fault(
    id="role-permission-missing",
    kind="permission",
    title="The execution role may do what the pull needs",
    why="A pull asks ECR for a login token (ecr:GetAuthorizationToken, which only works on the resource *), for the manifest (ecr:BatchGetImage) and for each layer's address (ecr:GetDownloadUrlForLayer). What no policy allows is denied.",
    how="Add the missing actions to a policy of the execution role.",
    source=EXECUTION_ROLE,
    explains=Explains(symptoms=REFUSED, refusals=("identity",)),
)
INSTANCE_PROFILE_PERMISSION_MISSING = Fault(
    id="instance-profile-permission-missing",
    kind="permission",
    title="The instance role may do what the pull needs",
    why="On EC2 the ECS agent and the Docker daemon pull with the role of the container instance. It needs ecr:GetAuthorizationToken on *, and ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on the repository. What no policy allows is denied.",
    how="Add the missing actions to a policy of the instance role.",
    source=INSTANCE_ROLE,
    explains=Explains(symptoms=(*REFUSED, SymptomId.INSTANCE_ROLE_MISSING), refusals=("identity",)),
)
ROLE_EXPLICIT_DENY = Fault(
    id="role-explicit-deny",
    kind="permission",
    title="No policy of the pulling role denies the pull",
    why="A Deny statement in any policy of the role wins over every Allow, wherever that is.",
    how="Remove the statement, or narrow it so that it spares the pull.",
    source=EVALUATION,
    explains=Explains(symptoms=(*REFUSED, SymptomId.SECRET_DENIED), refusals=("identity explicit",)),
)
BOUNDARY_DENIES = Fault(
    id="boundary-denies",
    kind="permission",
    title="The pulling role's permissions boundary allows the pull",
    why="A permissions boundary is the most that a role's policies can give: what the boundary does not allow is denied, even if the role's own policies allow it.",
    how="Allow the pull in the boundary too.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
    explains=Explains(symptoms=(*REFUSED, SymptomId.SECRET_DENIED), refusals=("boundary",)),
)
SCP_DENIES = Fault(
    id="scp-denies",
    kind="permission",
    title="No service control policy denies the pull",
    why="A service control policy of the organization limits every role of the account. It is kept in the management account, and no workload account can read it; whether it refuses, IAM's policy simulator tells (iam:SimulatePrincipalPolicy), or else the error text.",
    how="Ask whoever administers the organization to let the pull through.",
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
    explains=Explains(symptoms=(*REFUSED, SymptomId.SECRET_DENIED), refusals=("scp",)),
)
RCP_DENIES = Fault(
    id="rcp-denies",
    kind="permission",
    title="No resource control policy denies the pull",
    why="A resource control policy of the organization that owns the repository limits who may use it. It is kept in the management account, and no workload account can read it; only the error text names it.",
    how="Ask whoever administers the repository's organization to let the pull through.",
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html",
    explains=Explains(symptoms=(*REFUSED, SymptomId.SECRET_DENIED), refusals=("rcp",)),
    text_only=True,
)
REPO_POLICY_DENIES = Fault(
    id="repo-policy-denies",
    kind="permission",
    title="The repository policy does not deny the pull",
    why="A Deny statement of the repository policy applies to this pull and wins over every Allow, also over those of the role.",
    how="Remove the statement from the repository policy, or let it spare the role that pulls.",
    source=REPOSITORY_POLICY,
    explains=Explains(symptoms=REFUSED, refusals=("resource explicit",)),
)
REPO_POLICY_CROSS_ACCOUNT_MISSING = Fault(
    id="repo-policy-cross-account-missing",
    kind="permission",
    title="The other account's repository policy allows the pull",
    why="The image belongs to another account. There the role's own policies are not enough: the repository policy has to allow the role or its account as well.",
    how="Allow the role in the repository policy, with credentials of the account that owns the repository.",
    source=REPOSITORY_POLICY,
    explains=Explains(symptoms=REFUSED, refusals=("resource",)),
)
REPO_POLICY_PRINCIPAL_ORPHANED = Fault(
    id="repo-policy-principal-orphaned",
    kind="permission",
    title="The other account's repository policy names no deleted role",
    why="IAM keeps the unique id of a role in a policy, not its name. When the role was deleted and created anew under the same name, the policy went on naming the old one, which now shows as an id that begins with AROA.",
    how="Put the ARN of the present role in place of the id.",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html",
    explains=Explains(symptoms=REFUSED, refusals=("resource",)),
)
REGISTRY_POLICY_DENIES = Fault(
    id="registry-policy-denies",
    kind="permission",
    title="The registry policy does not deny the pull",
    why="The policy of the private registry holds for all of its repositories; with the policy scope V2 it decides about every ECR action, and a Deny in it wins over every Allow.",
    how="Remove the statement from the registry policy, or let it spare the role that pulls.",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html",
    explains=Explains(symptoms=(*REFUSED, *NOT_FOUND), refusals=("resource", "resource explicit")),
)
GUARDDUTY_SIDECAR_DENIED = Fault(
    id="guardduty-sidecar-denied",
    kind="permission",
    title="The GuardDuty sidecar's image may be pulled",
    why="Runtime Monitoring adds a sidecar to the task, whose image lies in a registry that AWS owns and is pulled with the same role and through the same endpoints. Where those name only your own repositories, the sidecar is refused.",
    how="Allow the pull of GuardDuty's repository as well.",
    source="https://docs.aws.amazon.com/guardduty/latest/ug/prereq-runtime-monitoring-ecs-support.html",
    explains=Explains(symptoms=REFUSED, refusals=("endpoint", "identity")),
)
ENDPOINT_POLICY_DENIES = Fault(
    id="endpoint-policy-denies",
    kind="permission",
    title="The policies of ECR's VPC endpoints let the pull through",
    why="All requests to ECR from this subnet go through the VPC endpoint, and its policy has to allow each of them: the login at ecr.api, the manifest and the layer addresses at ecr.dkr.",
    how="Allow the request in the endpoint's policy.",
    source=ENDPOINTS,
    explains=Explains(
        symptoms=(*REFUSED, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.SECRET_DENIED),
        refusals=("endpoint",),
    ),
)
S3_ENDPOINT_POLICY_DENIES = Fault(
    id="s3-endpoint-policy-denies",
    kind="permission",
    title="The policy of the S3 endpoint lets ECR's layers through",
    why="ECR keeps the layers in an S3 bucket that AWS owns, and they come through the S3 endpoint. A policy that allows only your own buckets, accounts or organization refuses them.",
    how="Allow s3:GetObject on ECR's layer bucket in the endpoint's policy.",
    source=ENDPOINTS,
    explains=Explains(
        symptoms=(*REFUSED, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, SymptomId.S3_403), refusals=("endpoint",)
    ),
)
