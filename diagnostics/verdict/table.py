"""What each kind of error text means, one row for each symptom that is about a pull or what comes right before it.

Which faults can produce it is said by each fault itself (`Fault.explains`). Both together, to be looked at as a whole,
are in `tests/golden/verdict/explains.txt`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnostics.finding import FaultKind
from diagnostics.stop_reason import Stage, SymptomId


@dataclass(frozen=True)
class Text:
    """What one symptom means, whatever it comes from.

    `says` completes "the error text shows …". `nature` places the text among the kinds of faults at one step: names
    are looked up before packets flow, packets before permissions, permissions before images. `stages` are the steps at
    which it shows, where they are others than the one the text speaks of; `unless_told` are those of a text that speaks
    of none.
    """

    says: str
    nature: FaultKind
    stages: tuple[Stage, ...] = ()
    unless_told: tuple[Stage, ...] = ()


TEXTS: Mapping[SymptomId, Text] = {
    # --- the network
    SymptomId.ECR_API_UNREACHABLE: Text("no answer from ECR's API", "network"),
    SymptomId.ECR_DKR_UNREACHABLE: Text("no answer from the ECR registry", "network"),
    SymptomId.S3_LAYERS_UNREACHABLE: Text("no answer from the S3 bucket of the image layers", "network"),
    SymptomId.REGISTRY_UNREACHABLE: Text(
        "no answer from the registry", "network", stages=("login", "manifest", "layers")
    ),
    SymptomId.SECRET_UNREACHABLE: Text(
        "no answer from Secrets Manager or SSM", "network", stages=("secrets",)
    ),
    SymptomId.LOGS_ENDPOINT_UNREACHABLE: Text(
        "no answer from CloudWatch Logs", "network", stages=("secrets",)
    ),
    SymptomId.ENV_FILE_DOWNLOAD_FAILED: Text(
        "no answer from S3 for an environment file", "network", stages=("layers", "secrets")
    ),
    SymptomId.DNS_FAILURE: Text("a host name that could not be looked up", "dns"),
    SymptomId.TLS_FAILURE: Text("a TLS handshake that failed", "network"),
    SymptomId.CONNECTION_REFUSED_RESET: Text("a connection that was refused or cut", "network"),
    SymptomId.IPV6_MISMATCH: Text("no answer over IPv6", "network"),
    SymptomId.PULL_CONTEXT_CANCELED: Text(
        "a pull that was given up without saying why",
        "network",
        unless_told=("login", "manifest", "layers", "unpack"),
    ),
    SymptomId.FETCH_KILLED: Text(
        "a start-up helper that was killed while it waited for the network",
        "network",
        unless_told=("secrets", "login", "manifest", "layers"),
    ),
    SymptomId.LAYER_COPY_FAILED_UNSPECIFIED: Text(
        "a layer that could not be fetched, in a text that was cut",
        "network",
        unless_told=("manifest", "layers"),
    ),
    SymptomId.PROXY_MISCONFIGURED: Text("a proxy that does not work", "network"),
    # --- who may pull
    SymptomId.ECR_AUTH_TOKEN_DENIED: Text("a refused log-in", "permission"),
    SymptomId.ECR_PULL_DENIED_IDENTITY: Text("a refused pull", "permission"),
    SymptomId.ECR_CROSS_ACCOUNT_DENIED: Text(
        "a refused pull from another account's repository", "permission"
    ),
    SymptomId.ECR_EXPLICIT_DENY: Text("an explicit deny", "permission"),
    SymptomId.VPCE_POLICY_DENIED: Text("a refusal by a VPC endpoint policy", "permission"),
    SymptomId.ORG_OR_BOUNDARY_DENIED: Text(
        "a refusal by a permissions boundary or an organisation policy", "permission"
    ),
    SymptomId.ECR_403_UNSPECIFIED: Text("a 403 from ECR that does not say why", "permission"),
    SymptomId.ECR_PULL_DENIED_UNSPECIFIED: Text(
        "a refusal that may also mean a missing repository", "permission"
    ),
    SymptomId.NO_BASIC_AUTH: Text(
        "a request that carried no credentials", "secret", stages=("login", "manifest")
    ),
    SymptomId.AUTH_TOKEN_EXPIRED: Text("credentials that have expired", "secret"),
    SymptomId.ROLE_NOT_ASSUMABLE: Text("a role that ECS could not assume", "role", stages=("role",)),
    SymptomId.EXECUTION_ROLE_MISSING: Text("no execution role", "role"),
    SymptomId.INSTANCE_ROLE_MISSING: Text(
        "a container instance without credentials", "role", stages=("role", "login")
    ),
    SymptomId.GUARDDUTY_SIDECAR_DENIED: Text(
        "a refused pull of GuardDuty's sidecar", "permission", stages=("login", "manifest", "layers")
    ),
    SymptomId.KMS_KEY_UNUSABLE: Text("a key of the repository that does not work", "permission"),
    SymptomId.S3_403: Text(
        "a refusal by S3 for the image layers", "permission", stages=("manifest", "layers")
    ),
    # --- credentials and secrets
    SymptomId.REGISTRY_ACCESS_DENIED: Text(
        "a refusal that may also mean a missing image", "secret", stages=("secrets", "login", "manifest")
    ),
    SymptomId.REGISTRY_CREDS_INVALID: Text(
        "credentials that the registry refused", "secret", stages=("secrets", "login", "manifest")
    ),
    SymptomId.REGISTRY_SECRET_FAILED: Text(
        "registry credentials that could not be read", "secret", stages=("secrets",)
    ),
    SymptomId.SECRET_DENIED: Text("a refused secret", "secret", stages=("secrets",)),
    SymptomId.SECRET_NOT_FOUND: Text("a secret that does not exist", "secret", stages=("secrets",)),
    SymptomId.SECRET_MALFORMED_REFERENCE: Text(
        "a reference to a secret that is not well-formed", "secret", stages=("secrets",)
    ),
    # --- the image
    SymptomId.IMAGE_NOT_FOUND: Text("an image that was not found", "image"),
    SymptomId.IMAGE_DIGEST_GONE: Text("a digest that was not found", "image"),
    SymptomId.REPO_NOT_FOUND: Text("a repository that was not found", "image"),
    SymptomId.INVALID_REFERENCE: Text(
        "an image reference that cannot be parsed", "image", stages=("manifest", "role", "login")
    ),
    SymptomId.PLATFORM_MISMATCH: Text(
        "an image without the task's platform", "platform", stages=("manifest", "layers", "unpack")
    ),
    SymptomId.WINDOWS_OS_MISMATCH: Text(
        "an image of another operating system", "platform", stages=("manifest", "layers", "unpack")
    ),
    SymptomId.UNSUPPORTED_ARTIFACT: Text(
        "something that is no image", "platform", stages=("manifest", "layers", "unpack")
    ),
    SymptomId.MANIFEST_UNSUPPORTED: Text(
        "a manifest that the runtime does not support", "platform", stages=("manifest", "layers", "unpack")
    ),
    SymptomId.LAYER_VERIFICATION_FAILED: Text(
        "a layer that arrived damaged", "host", stages=("layers", "unpack")
    ),
    # --- limits
    SymptomId.DOCKERHUB_RATE_LIMIT: Text("Docker Hub's pull limit", "limit"),
    SymptomId.ECR_PUBLIC_RATE_LIMIT: Text("the limit of public.ecr.aws", "limit"),
    SymptomId.ECR_THROTTLED: Text("throttling by ECR", "limit"),
    SymptomId.REGISTRY_5XX: Text("an error of the registry itself", "limit"),
    # --- the pull-through cache
    SymptomId.PTC_CREATE_REPO_DENIED: Text("a cached repository that is not there", "image"),
    SymptomId.PTC_IMPORT_FAILED: Text("a cached image that is not there", "image"),
    SymptomId.PTC_LIBRARY_PREFIX: Text("a refusal by the pull-through cache", "image"),
    SymptomId.PTC_UPSTREAM_SECRET: Text("a refusal by the cache's upstream", "image"),
    SymptomId.PTC_CROSS_ACCOUNT: Text("a refused pull through the cache", "permission"),
    # --- the host
    SymptomId.DISK_FULL: Text("no space left on the disk", "host", stages=("layers", "unpack")),
    SymptomId.FARGATE_EPHEMERAL_FULL: Text(
        "no space left in the task's ephemeral storage", "host", stages=("layers", "unpack")
    ),
    SymptomId.LAYER_REGISTER_FAILED: Text(
        "a layer that could not be unpacked", "host", stages=("layers", "unpack")
    ),
    SymptomId.PULL_TIMEOUT: Text(
        "a pull that took too long", "host", unless_told=("login", "manifest", "layers", "unpack")
    ),
    SymptomId.AGENT_INTERNAL_IMAGE: Text("an image of the agent that is missing on the host", "host"),
    SymptomId.DAEMON_UNAVAILABLE: Text("a Docker daemon that does not answer", "host"),
    SymptomId.AGENT_TOO_OLD: Text(
        "an ECS agent that does not know the registry's dual-stack host", "host", stages=("login", "manifest")
    ),
}

EARLIER_FIRST: tuple[FaultKind, ...] = (
    "dns", "network", "role", "permission", "secret", "image", "platform", "limit", "host",
)  # fmt: skip
"""The order in which faults of these kinds show at one and the same step."""
