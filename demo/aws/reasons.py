"""The texts with which ECS says why a task could not pull, written from the real names of a task.

AWS: CannotPullContainer task errors in Amazon ECS
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html and
ResourceInitializationError
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/resource-initialization-error.html
"""

from __future__ import annotations

from uuid import uuid4

from demo.aws.tasks import TaskHandle

# Addresses of ECR's API and registry and of S3 in us-east-1, as they stand in texts of tasks without a way to
# them.
ECR_API_ADDRESS = "44.213.79.50"
ECR_DKR_ADDRESS = "3.230.162.17"
S3_ADDRESS = "52.217.136.98"

NO_IDENTITY_POLICY = "because no identity-based policy allows the {action} action"
NO_BOUNDARY = "because no permissions boundary allows the {action} action"
NO_ENDPOINT_POLICY = "because no VPC endpoint policy allows the {action} action"
DENY_IN_IDENTITY_POLICY = "with an explicit deny in an identity-based policy"
DENY_IN_SERVICE_CONTROL_POLICY = "with an explicit deny in a service control policy"
DENY_IN_REPOSITORY_POLICY = "with an explicit deny in a resource-based policy"

_LOGIN = (
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry "
    "auth from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task "
    "network configuration. "
)
_ROLE_LOGIN = (
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval "
    "failed: unable to retrieve ecr registry auth: service call has been retried {times} time(s): "
)


def _host(image: str) -> str:
    return image.partition("/")[0]


def _region(image: str) -> str:
    return _host(image).split(".")[3]


def _path(image: str) -> tuple[str, str]:
    """The repository and the reference (a tag or a digest) of an image written as ECR writes it."""
    rest = image.partition("/")[2]
    if "@" in rest:
        repository, _, digest = rest.partition("@")
        return repository.partition(":")[0], digest
    repository, _, tag = rest.partition(":")
    return repository, tag or "latest"


def _manifest_url(image: str) -> str:
    repository, reference = _path(image)
    return f"https://{_host(image)}/v2/{repository}/manifests/{reference}"


def repository_arn(task: TaskHandle) -> str:
    """The ARN of the repository that the task's first image names."""
    account = _host(task.image).partition(".")[0]
    return f"arn:aws:ecr:{_region(task.image)}:{account}:repository/{_path(task.image)[0]}"


def layer_bucket(region: str) -> str:
    """The bucket of a Region from which ECR serves layers."""
    return f"prod-{region}-starport-layer-bucket"


def _layer_url(task: TaskHandle) -> str:
    region = _region(task.image)
    account = _host(task.image).partition(".")[0]
    return (
        f"https://{layer_bucket(region)}.s3.{region}.amazonaws.com/1f6a2d-{account}-a3c1b7f0-4d7b-41b2-9a4e-6d2f1c7e9b10/"
        "5a0e8c1b-7f5d-4c3e-8a57-2f4f6a0b9c11"
    )


def login_timeout(task: TaskHandle, address: str) -> str:
    """GetAuthorizationToken got no answer from the address."""
    return (
        f"{_LOGIN}operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, "
        "https response error "
        f'StatusCode: 0, RequestID: , request send failed, Post "https://api.ecr.{_region(task.image)}'
        '.amazonaws.com/": '
        f"dial tcp {address}:443: i/o timeout"
    )


def login_timeout_of_2023(task: TaskHandle, address: str) -> str:
    """The same, in the wording before June 2024, still seen."""
    return (
        f"{_ROLE_LOGIN.format(times=3)}RequestError: send request failed caused by: Post "
        f'"https://api.ecr.{_region(task.image)}.amazonaws.com/": dial tcp {address}:443: i/o timeout. '
        "Please check your task network configuration."
    )


def login_name_unresolved(task: TaskHandle, resolver: str) -> str:
    """The name of ECR's API could not be looked up."""
    host = f"api.ecr.{_region(task.image)}.amazonaws.com"
    return (
        f'{_ROLE_LOGIN.format(times=3)}RequestError: send request failed caused by: Post "https://{host}/": '
        f"dial tcp: lookup {host} on {resolver}:53: read udp {task.private_address}:51462->{resolver}:53: "
        "i/o timeout"
    )


def login_denied(task: TaskHandle, because: str = NO_IDENTITY_POLICY, principal: str | None = None) -> str:
    """GetAuthorizationToken was refused."""
    action = "ecr:GetAuthorizationToken"
    return (
        f"{_ROLE_LOGIN.format(times=1)}operation error ECR: GetAuthorizationToken, https response error "
        f"StatusCode: 400, RequestID: {uuid4()}, api error AccessDeniedException: User: "
        f"{principal or task.session_arn} is not authorized to perform: {action} on resource: * "
        f"{because.format(action=action)}"
    )


def manifest_timeout(task: TaskHandle, address: str) -> str:
    """The registry got no answer to the request for the manifest."""
    return (
        f"CannotPullContainerError: The task cannot pull '{_path(task.image)[0]}' from the Amazon ECR "
        f"repository '{task.image}'. There is a connection issue between the task and Amazon ECR. Check "
        "your task network configuration. pull image manifest has been retried 5 time(s): failed to "
        f"resolve ref {task.image}: failed to do "
        f'request: Head "{_manifest_url(task.image)}": dial tcp {address}:443: i/o timeout'
    )


def manifest_forbidden(task: TaskHandle) -> str:
    """ECR refused the manifest; containerd does not pass on why."""
    return (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
        f"{task.image}: unexpected status from HEAD request to {_manifest_url(task.image)}: 403 Forbidden"
    )


def image_not_found(task: TaskHandle, image: str | None = None) -> str:
    """The repository has no such tag or digest; of the first container's image unless another is named."""
    missing = image or task.image
    return (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
        f"failed to resolve ref {missing}: {missing}: not found"
    )


def repository_not_found(task: TaskHandle) -> str:
    """The registry has no such repository."""
    role = (task.execution_role_arn or "").rpartition("/")[2]
    return (
        f"CannotPullContainerError: The task can’t pull the image '{task.image}' from Amazon Elastic "
        f"Container Registry using the task execution role '{role}'. To fix this, verify that the image "
        "URI is correct. Also check that the task execution role has the additional permissions to pull "
        "Amazon ECR images. Status Code: 404. Response: 'not found'"
    )


def platform_mismatch(task: TaskHandle, platform: str) -> str:
    """The image has no variant for the platform, for example `linux/arm64`."""
    return (
        "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not "
        f"contain descriptor matching platform '{platform}'"
    )


def layers_timeout(task: TaskHandle, address: str) -> str:
    """S3 did not answer the request for a layer; the URL is pre-signed, as in a real text."""
    return (
        "CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: "
        "failed open: failed "
        f'to do request: Get "{_layer_url(task)}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261124T091502Z'
        f'&X-Amz-SignedHeaders=host&X-Amz-Expires=3600&X-Amz-Signature={"5e" * 32}": '
        f"dial tcp {address}:443: i/o timeout"
    )


def layers_timeout_redacted(task: TaskHandle, address: str) -> str:
    """The same, as newer agents write it, without the URL."""
    return (
        "CannotPullContainerError: ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: "
        f"failed open: failed to do request: Get REDACTED ECR URL related to {task.image} dial tcp "
        f"{address}:443: i/o timeout"
    )


def layers_forbidden(task: TaskHandle) -> str:
    """S3, or the gateway endpoint's policy in front of it, refused a layer."""
    return (
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: "
        f"failed open: unexpected status code {_layer_url(task)}: 403 Forbidden"
    )


def role_not_assumable(role_arn: str) -> str:
    """ECS could not become the execution role."""
    return (
        f"ECS was unable to assume the role '{role_arn}' that was provided for this task. Please verify "
        "that the role being passed has the proper trust relationship and permissions and that your IAM "
        "user has permissions to pass this role."
    )


def agent_login_denied(task: TaskHandle, because: str = NO_IDENTITY_POLICY) -> str:
    """The ECS agent on a container instance was refused the token."""
    action = "ecr:GetAuthorizationToken"
    return (
        f"CannotPullECRContainerError: AccessDeniedException: User: {task.host_session_arn} is not "
        f"authorized to perform: {action} on resource: * {because.format(action=action)}\n\tstatus code: "
        f"400, request id: {uuid4()}"
    )


def agent_without_credentials() -> str:
    """The ECS agent found no credentials on its instance."""
    return (
        "CannotPullECRContainerError: NoCredentialProviders: no valid providers in chain. "
        "Deprecated.\n\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors"
    )


def docker_denied(task: TaskHandle, because: str, action: str = "ecr:BatchGetImage") -> str:
    """Docker on a container instance passes on ECR's refusal whole."""
    repository = task.image.rpartition(":")[0]
    return (
        f"CannotPullContainerError: Error response from daemon: pull access denied for {repository}, "
        f"repository does not exist or may require 'docker login': denied: User: {task.host_session_arn} "
        f"is not authorized to perform: {action} on resource: {repository_arn(task)} "
        f"{because.format(action=action)}"
    )


def docker_timeout(task: TaskHandle) -> str:
    """Docker on a container instance waited for the registry in vain."""
    return (
        f'CannotPullContainerError: Error response from daemon: Get "https://{_host(task.image)}/v2/": '
        "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting "
        "headers)"
    )


def essential_container_exited() -> str:
    """The program ended by itself: nothing to do with the image."""
    return "Essential container in task exited"


def secret_unreachable(task: TaskHandle, secret_arn: str, address: str) -> str:
    """Secrets Manager did not answer."""
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
        "retrieval failed: unable to retrieve secret from asm: service call has been retried 5 time(s): "
        f"failed to fetch secret {secret_arn} from secrets manager: RequestCanceled: request context "
        f"canceled caused by: context deadline exceeded: dial tcp {address}:443: i/o timeout. Please check "
        "your task network configuration."
    )


def secret_not_found(secret_arn: str) -> str:
    """Secrets Manager has no such secret."""
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
        "retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): "
        f"failed to fetch secret {secret_arn} from secrets manager: ResourceNotFoundException: Secrets "
        "Manager can't find the specified secret."
    )


def secret_denied(task: TaskHandle, secret_arn: str) -> str:
    """Secrets Manager refused the secret."""
    action = "secretsmanager:GetSecretValue"
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: execution resource "
        "retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): "
        f"failed to fetch secret {secret_arn} from secrets manager: AccessDeniedException: User: "
        f"{task.session_arn} is not authorized to perform: {action} on resource: {secret_arn} "
        f"{NO_IDENTITY_POLICY.format(action=action)}"
    )


def repository_unknown(task: TaskHandle) -> str:
    """The registry says by its own name for the error that it has no such repository."""
    account = _host(task.image).partition(".")[0]
    return (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
        f"{task.image}: name unknown: The repository with name '{_path(task.image)[0]}' does not exist in "
        f"the registry with id '{account}'"
    )
