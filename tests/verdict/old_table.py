"""Which faults can produce which error text.

One row for each symptom that is about a pull or what comes right before it. A row is read like this: a text of this
kind comes from a fault of one of these kinds, or one of these ids, at the step that the text speaks of. Texts that do
not say why (a bare 403, `context canceled`) accept several kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from diagnostics.finding import FaultKind
from diagnostics.stop_reason import Denial, Stage


@dataclass(frozen=True)
class Row:
    """What one symptom can come from.

    `says` completes "the error text shows …". `nature` places the text among the kinds of faults at one step: names
    are looked up before packets flow, packets before permissions, permissions before images. `kinds` and `ids` are what
    can produce it. `stages` are the steps at which that shows, where they are others than the one the text speaks of;
    `unless_told` are those of a text that speaks of none.
    """

    says: str
    nature: FaultKind
    kinds: tuple[FaultKind, ...] = ()
    ids: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    unless_told: tuple[Stage, ...] = ()


NETWORK: tuple[FaultKind, ...] = ("network", "dns")
DENIED: tuple[FaultKind, ...] = ("permission",)
CACHE = (
    "pull-through-cache-permission-missing", "pull-through-cache-secret-unusable",
    "pull-through-cache-library-prefix", "pull-through-cache-rule-missing", "registry-policy-denies",
)  # fmt: skip
NO_REPOSITORY = (*CACHE, "wrong-region", "repo-not-found")
NOT_FOUND = (*NO_REPOSITORY, "image-archived", "image-digest-expired")
SECRETS = ("private-registry-secret-missing", "secret-access-denied", "kms-denied")
CREDENTIALS = ("registry-credentials-missing", "registry-credentials-invalid", *SECRETS)
SLOW = ("firewall-inspection", "registry-outage")

TABLE: Mapping[str, Row] = {
    # --- the network
    "ecr-api-unreachable": Row("no answer from ECR's API", "network", NETWORK, ("registry-outage",)),
    "ecr-dkr-unreachable": Row("no answer from the ECR registry", "network", NETWORK, ("registry-outage",)),
    "s3-layers-unreachable": Row(
        "no answer from the S3 bucket of the image layers", "network", NETWORK, ("registry-outage",)
    ),
    "registry-unreachable": Row(
        "no answer from the registry", "network", NETWORK, ("registry-outage", "pull-through-cache-needs-internet"),
        ("login", "manifest", "layers"),
    ),
    "secret-unreachable": Row("no answer from Secrets Manager or SSM", "network", NETWORK, (), ("secrets",)),
    "logs-endpoint-unreachable": Row(
        "no answer from CloudWatch Logs", "network", NETWORK, ("endpoint-missing-logs",), ("secrets",)
    ),
    "env-file-download-failed": Row(
        "no answer from S3 for an environment file", "network", NETWORK, (), ("layers", "secrets")
    ),
    "dns-failure": Row("a host name that could not be looked up", "dns", ("dns",), ("ipv6-mismatch",)),
    "tls-failure": Row(
        "a TLS handshake that failed", "network", (), (*SLOW, "nacl-ephemeral-return-blocked")
    ),
    "connection-refused-reset": Row(
        "a connection that was refused or cut", "network", (), (*SLOW, "ipv6-mismatch", "pull-timeout")
    ),
    "ipv6-mismatch": Row("no answer over IPv6", "network", NETWORK),
    "pull-context-canceled": Row(
        "a pull that was given up without saying why", "network", NETWORK,
        ("disk-full", "pull-timeout", "registry-outage"), unless_told=("login", "manifest", "layers", "unpack"),
    ),
    "fetch-killed": Row(
        "a start-up helper that was killed while it waited for the network", "network", NETWORK, (),
        unless_told=("secrets", "login", "manifest", "layers"),
    ),
    "layer-copy-failed-unspecified": Row(
        "a layer that could not be fetched, in a text that was cut", "network", NETWORK,
        ("docker-hub-rate-limit", "ecr-public-rate-limit", "ecr-throttled", "s3-endpoint-policy-denies",
         "endpoint-policy-denies", "registry-outage", "repository-key-unusable", "registry-credentials-missing"),
        unless_told=("manifest", "layers"),
    ),
    "proxy-misconfigured": Row("a proxy that does not work", "network"),
    # --- who may pull
    "ecr-auth-token-denied": Row("a refused log-in", "permission", DENIED),
    "ecr-pull-denied-identity": Row("a refused pull", "permission", DENIED),
    "ecr-cross-account-denied": Row("a refused pull from another account's repository", "permission", DENIED),
    "ecr-explicit-deny": Row("an explicit deny", "permission", DENIED),
    "vpce-policy-denied": Row("a refusal by a VPC endpoint policy", "permission", DENIED),
    "org-or-boundary-denied": Row(
        "a refusal by a permissions boundary or an organisation policy", "permission", DENIED
    ),
    "ecr-403-unspecified": Row(
        "a 403 from ECR that does not say why", "permission", DENIED,
        (*NO_REPOSITORY, "repository-key-unusable", "role-missing"),
    ),
    "ecr-pull-denied-unspecified": Row(
        "a refusal that may also mean a missing repository", "permission", DENIED,
        (*NO_REPOSITORY, "instance-profile-missing", "role-missing"),
    ),
    "no-basic-auth": Row(
        "a request that carried no credentials", "secret", DENIED,
        (*CREDENTIALS, "wrong-region", "instance-profile-missing", "role-missing"), ("login", "manifest"),
    ),
    "auth-token-expired": Row("credentials that have expired", "secret", (), ("registry-credentials-invalid",)),
    "role-not-assumable": Row(
        "a role that ECS could not assume", "role", (), ("role-missing", "role-trust-denies", "role-not-assumable"),
        ("role",),
    ),
    "execution-role-missing": Row("no execution role", "role", ("role",), ("role-missing",)),
    "instance-role-missing": Row(
        "a container instance without credentials", "role", (),
        ("instance-profile-missing", "instance-profile-permission-missing", "role-missing"), ("role", "login"),
    ),
    "guardduty-sidecar-denied": Row(
        "a refused pull of GuardDuty's sidecar", "permission", DENIED, ("guardduty-sidecar-denied",),
        ("login", "manifest", "layers"),
    ),
    "kms-key-unusable": Row("a key of the repository that does not work", "permission", (), ("repository-key-unusable",)),
    "s3-403": Row(
        "a refusal by S3 for the image layers", "permission", (), ("s3-endpoint-policy-denies", "repository-key-unusable"),
        ("manifest", "layers"),
    ),
    # --- credentials and secrets
    "registry-access-denied": Row(
        "a refusal that may also mean a missing image", "secret", ("image",),
        (*CREDENTIALS, "wrong-region", "docker-hub-rate-limit"), ("secrets", "login", "manifest"),
    ),
    "registry-creds-invalid": Row(
        "credentials that the registry refused", "secret", (), (*CREDENTIALS, "role-missing"),
        ("secrets", "login", "manifest"),
    ),
    "registry-secret-failed": Row(
        "registry credentials that could not be read", "secret", NETWORK, CREDENTIALS, ("secrets",)
    ),
    "secret-denied": Row(
        "a refused secret", "secret", (),
        ("container-secret-access-denied", "secret-access-denied", "kms-denied", "boundary-denies", "scp-denies", "rcp-denies",
         "role-explicit-deny", "endpoint-policy-denies"), ("secrets",),
    ),
    "secret-not-found": Row(
        "a secret that does not exist", "secret", (), ("container-secret-missing", "private-registry-secret-missing"),
        ("secrets",),
    ),
    "secret-malformed-reference": Row(
        "a reference to a secret that is not well-formed", "secret", (), ("container-secret-missing",), ("secrets",)
    ),
    # --- the image
    "image-not-found": Row("an image that was not found", "image", ("image",), NOT_FOUND),
    "image-digest-gone": Row("a digest that was not found", "image", ("image",), NOT_FOUND),
    "image-archived": Row("an image that was not found", "image", ("image",), NOT_FOUND),
    "repo-not-found": Row("a repository that was not found", "image", ("image",), NOT_FOUND),
    "invalid-reference": Row(
        "an image reference that cannot be parsed", "image", (), ("invalid-image-reference",), ("manifest", "role", "login")
    ),
    "platform-mismatch": Row(
        "an image without the task's platform", "platform", (), ("platform-mismatch", "unsupported-artifact"),
        ("manifest", "layers", "unpack"),
    ),
    "windows-os-mismatch": Row(
        "an image of another operating system", "platform", (), ("platform-mismatch",), ("manifest", "layers", "unpack")
    ),
    "unsupported-artifact": Row(
        "something that is no image", "platform", (), ("unsupported-artifact", "platform-mismatch"),
        ("manifest", "layers", "unpack"),
    ),
    "manifest-unsupported": Row(
        "a manifest that the runtime does not support", "platform", (), ("unsupported-artifact", "platform-mismatch"),
        ("manifest", "layers", "unpack"),
    ),
    "layer-verification-failed": Row(
        "a layer that arrived damaged", "host", (), ("disk-full", "registry-outage"), ("layers", "unpack")
    ),
    # --- limits
    "dockerhub-rate-limit": Row("Docker Hub's pull limit", "limit", (), ("docker-hub-rate-limit",)),
    "ecr-public-rate-limit": Row("the limit of public.ecr.aws", "limit", (), ("ecr-public-rate-limit",)),
    "ecr-throttled": Row("throttling by ECR", "limit", (), ("ecr-throttled",)),
    "registry-5xx": Row("an error of the registry itself", "limit", (), ("registry-outage", "repository-key-unusable")),
    # --- the pull-through cache
    "ptc-create-repo-denied": Row("a cached repository that is not there", "image", ("image",), NOT_FOUND),
    "ptc-import-failed": Row("a cached image that is not there", "image", ("image",), NOT_FOUND),
    "ptc-library-prefix": Row("a refusal by the pull-through cache", "image", (*DENIED, "image"), NOT_FOUND),
    "ptc-upstream-secret": Row("a refusal by the cache's upstream", "image", ("image",), NOT_FOUND),
    "ptc-template-failed": Row("a cached repository that is not there", "image", ("image",), NOT_FOUND),
    "ptc-no-internet-first-pull": Row(
        "no answer to a first pull through the cache", "network", NETWORK, ("pull-through-cache-needs-internet",)
    ),
    "ptc-cross-account": Row("a refused pull through the cache", "permission", (*DENIED, "image"), NOT_FOUND),
    "ptc-unsupported": Row("a refusal by the pull-through cache", "image", (*DENIED, "image"), NOT_FOUND),
    # --- the host
    "disk-full": Row("no space left on the disk", "host", (), ("disk-full",), ("layers", "unpack")),
    "fargate-ephemeral-full": Row(
        "no space left in the task's ephemeral storage", "host", (), ("disk-full",), ("layers", "unpack")
    ),
    "layer-register-failed": Row(
        "a layer that could not be unpacked", "host", (), ("disk-full",), ("layers", "unpack")
    ),
    "pull-timeout": Row(
        "a pull that took too long", "host", NETWORK, ("pull-timeout", "registry-outage", "disk-full"),
        unless_told=("login", "manifest", "layers", "unpack"),
    ),
    "agent-internal-image": Row("an image of the agent that is missing on the host", "host"),
    "daemon-unavailable": Row("a Docker daemon that does not answer", "host"),
    "static-auth-broken": Row(
        "registry credentials on the host that do not work", "secret", (), CREDENTIALS, ("login", "manifest")
    ),
}  # fmt: skip

EARLIER_FIRST: tuple[FaultKind, ...] = (
    "dns", "network", "role", "permission", "secret", "image", "platform", "limit", "host",
)  # fmt: skip
"""The order in which faults of these kinds show at one and the same step."""

IDENTITY_IMPLICIT = frozenset({
    "role-permission-missing", "instance-profile-permission-missing", "pull-through-cache-permission-missing",
    "guardduty-sidecar-denied", "secret-access-denied", "container-secret-access-denied", "kms-denied",
})  # fmt: skip
RESOURCE_IMPLICIT = frozenset({
    "repo-policy-cross-account-missing", "repo-policy-principal-orphaned", "registry-policy-denies",
    "pull-through-cache-permission-missing", "secret-access-denied", "container-secret-access-denied", "kms-denied",
})  # fmt: skip
RESOURCE_EXPLICIT = frozenset({
    "repo-policy-denies", "registry-policy-denies", "secret-access-denied", "container-secret-access-denied", "kms-denied",
})  # fmt: skip
ENDPOINT = frozenset({"endpoint-policy-denies", "s3-endpoint-policy-denies", "guardduty-sidecar-denied"})
ANY_EXPLICIT = (
    RESOURCE_EXPLICIT | ENDPOINT | {"role-explicit-deny", "boundary-denies", "scp-denies", "rcp-denies"}
)  # fmt: skip


def named_by(denial: Denial) -> frozenset[str] | None:
    """The permission faults that the wording of a refusal leaves possible, `None` where it rules none out.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    if denial.policy == "identity":
        return frozenset({"role-explicit-deny"}) if denial.explicit else IDENTITY_IMPLICIT
    if denial.policy == "resource":
        # In one account AWS words it like this also where the identity side alone could have allowed the request.
        return RESOURCE_EXPLICIT if denial.explicit else RESOURCE_IMPLICIT | IDENTITY_IMPLICIT
    if denial.policy == "boundary":
        return frozenset({"boundary-denies"})
    if denial.policy == "endpoint":
        return ENDPOINT
    if denial.policy == "scp":
        return frozenset({"scp-denies"})
    if denial.policy == "rcp":
        return frozenset({"rcp-denies"})
    if denial.policy == "session":
        return frozenset()
    return ANY_EXPLICIT if denial.explicit else None


THROUGH_ENDPOINT = frozenset({
    "sg-egress-blocked", "nacl-egress-blocked", "nacl-ephemeral-return-blocked", "endpoint-sg-ingress-blocked",
    "endpoint-not-available", "firewall-inspection", "registry-outage", "ipv6-mismatch",
})  # fmt: skip
"""What can stop packets to an interface endpoint of the VPC, whose address is private."""

NOT_TO_THE_INTERNET = frozenset({"endpoint-sg-ingress-blocked", "dns-server-unusable"})
"""What cannot be behind a time-out on a public address: the name was resolved, and not to an endpoint."""
