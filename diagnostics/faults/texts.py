"""Groups of error texts that many faults explain alike (`Fault.explains`)."""

from __future__ import annotations

from diagnostics.stop_reason import SymptomId

NO_ANSWER = (
    SymptomId.ECR_API_UNREACHABLE,
    SymptomId.ECR_DKR_UNREACHABLE,
    SymptomId.S3_LAYERS_UNREACHABLE,
    SymptomId.REGISTRY_UNREACHABLE,
    SymptomId.SECRET_UNREACHABLE,
    SymptomId.LOGS_ENDPOINT_UNREACHABLE,
    SymptomId.ENV_FILE_DOWNLOAD_FAILED,
    SymptomId.IPV6_MISMATCH,
    SymptomId.PULL_CONTEXT_CANCELED,
    SymptomId.FETCH_KILLED,
    SymptomId.LAYER_COPY_FAILED_UNSPECIFIED,
    SymptomId.REGISTRY_SECRET_FAILED,
    SymptomId.PULL_TIMEOUT,
)
"""Packets that were lost on the way, wherever that was."""

REFUSED = (
    SymptomId.ECR_AUTH_TOKEN_DENIED,
    SymptomId.ECR_PULL_DENIED_IDENTITY,
    SymptomId.ECR_CROSS_ACCOUNT_DENIED,
    SymptomId.ECR_EXPLICIT_DENY,
    SymptomId.VPCE_POLICY_DENIED,
    SymptomId.ORG_OR_BOUNDARY_DENIED,
    SymptomId.ECR_403_UNSPECIFIED,
    SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
    SymptomId.NO_BASIC_AUTH,
    SymptomId.GUARDDUTY_SIDECAR_DENIED,
    SymptomId.PTC_LIBRARY_PREFIX,
    SymptomId.PTC_CROSS_ACCOUNT,
)
"""Requests that a policy refused, or that may have been."""

NOT_FOUND = (
    SymptomId.IMAGE_NOT_FOUND,
    SymptomId.IMAGE_DIGEST_GONE,
    SymptomId.REPO_NOT_FOUND,
    SymptomId.PTC_CREATE_REPO_DENIED,
    SymptomId.PTC_IMPORT_FAILED,
    SymptomId.PTC_LIBRARY_PREFIX,
    SymptomId.PTC_UPSTREAM_SECRET,
    SymptomId.PTC_CROSS_ACCOUNT,
)
"""Images, tags and repositories that are not there, as the registry or the pull-through cache says it."""

MISSING_OR_REFUSED = (
    *NOT_FOUND,
    SymptomId.ECR_403_UNSPECIFIED,
    SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
    SymptomId.REGISTRY_ACCESS_DENIED,
)
"""The same, and refusals that may mean it."""

NO_CREDENTIALS = (
    SymptomId.NO_BASIC_AUTH,
    SymptomId.REGISTRY_ACCESS_DENIED,
    SymptomId.REGISTRY_CREDS_INVALID,
    SymptomId.REGISTRY_SECRET_FAILED,
)
"""Registries that were asked with no credentials, or with such as they do not take."""
