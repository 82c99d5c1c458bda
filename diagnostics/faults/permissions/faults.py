"""The faults of secrets, as data."""

from __future__ import annotations

from diagnostics.faults.permissions.organization_denies import SCP_DENIES as SCP_DENIES
from diagnostics.faults.permissions.role_missing import ROLE_MISSING as ROLE_MISSING
from diagnostics.faults.permissions.role_not_assumable import ROLE_NOT_ASSUMABLE as ROLE_NOT_ASSUMABLE
from diagnostics.faults.texts import NO_CREDENTIALS
from diagnostics.finding import Explains, Fault
from diagnostics.stop_reason import SymptomId

CONTAINER_SECRET_MISSING = Fault(
    id="container-secret-missing",
    kind="secret",
    title="The container's secrets and parameters exist",
    why="ECS reads the secrets and parameters that a container definition names before it pulls the image. One of them does not exist in its Region, or is scheduled for deletion, so the task stops before the pull.",
    how="Restore or create it, or correct its ARN or name in the task definition.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html",
    explains=Explains(symptoms=(SymptomId.SECRET_NOT_FOUND, SymptomId.SECRET_MALFORMED_REFERENCE)),
)
CONTAINER_SECRET_ACCESS_DENIED = Fault(
    id="container-secret-access-denied",
    kind="secret",
    title="The execution role may read the container's secrets and parameters",
    why="ECS reads the secrets and parameters of a container with the execution role, which needs secretsmanager:GetSecretValue or ssm:GetParameters on each of them, before it pulls the image.",
    how="Allow the action on this secret or parameter in a policy of the execution role.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html#task-execution-secrets",
    explains=Explains(
        symptoms=(SymptomId.SECRET_DENIED,), refusals=("identity", "resource", "resource explicit")
    ),
)
PRIVATE_REGISTRY_SECRET_MISSING = Fault(
    id="private-registry-secret-missing",
    kind="secret",
    title="The secret with the registry's credentials exists",
    why="The image comes from a private registry, whose user name and password ECS takes from the secret that repositoryCredentials names. There is no such secret, or it is scheduled for deletion.",
    how="Restore or create the secret, or correct its ARN in the task definition.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html",
    explains=Explains(symptoms=(*NO_CREDENTIALS, SymptomId.SECRET_NOT_FOUND)),
)
SECRET_ACCESS_DENIED = Fault(
    id="secret-access-denied",
    kind="secret",
    title="The execution role may read the registry's credentials",
    why="ECS reads the secret that repositoryCredentials names with the execution role, which needs secretsmanager:GetSecretValue on it.",
    how="Allow the action on this secret in a policy of the execution role.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html",
    explains=Explains(
        symptoms=(*NO_CREDENTIALS, SymptomId.SECRET_DENIED),
        refusals=("identity", "resource", "resource explicit"),
    ),
)
KMS_DENIED = Fault(
    id="kms-denied",
    kind="secret",
    title="The execution role may decrypt with the key of each secret",
    why="The secret or parameter is encrypted with a customer managed key. Whoever reads it must be allowed kms:Decrypt by that key's policy, or by an identity policy where the key policy leaves it to those; and the key has to be enabled.",
    how="Allow kms:Decrypt on the key, or enable the key.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html#task-execution-secrets",
    explains=Explains(
        symptoms=(*NO_CREDENTIALS, SymptomId.SECRET_DENIED),
        refusals=("identity", "resource", "resource explicit"),
    ),
)
