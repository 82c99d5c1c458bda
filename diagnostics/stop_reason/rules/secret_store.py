"""What ECS reads before the pull: the credentials of a private registry, and the secrets of the container."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule
from diagnostics.stop_reason.symptoms import SymptomId

_NO_ANSWER = "failure:timeout|failure:deadline|failure:unsent|failure:canceled|failure:dropped|failure:unreachable|failure:proxy"

SECRET_STORE = (
    Rule(
        SymptomId.REGISTRY_SECRET_FAILED,
        where=("subject:registry-secret",),
        unless=("failure:dns", "failure:tls"),
        stage="secrets",
    ),
    Rule(
        SymptomId.FETCH_KILLED,
        says=("signal: killed",),
        also=("pull",),
        unless=("subject:logs",),
    ),
    Rule(
        SymptomId.SECRET_MALFORMED_REFERENCE,
        says=(
            "getsecretvalueinput", "did not contain json key", "unexpected arn format", "validationexception",
            "invalidparameterexception", "invalid arn", "invalid character", "malformed arn",
            "invalidparameter: 1 validation", "invalidparameter: 2 validation",
        ),
        where=("subject:secret",),
        stage="secrets",
    ),
    Rule(
        SymptomId.SECRET_NOT_FOUND,
        says=(
            "resourcenotfoundexception", "can't find the specified secret", "check whether the secret exists",
            "parameternotfound", "invalid parameters:", "invalid ssm parameters", "can't retrieve the secret",
            "can't find the resource", "marked for deletion", "marked deleted",
        ),
        where=("subject:secret",),
        stage="secrets",
    ),
    Rule(SymptomId.SECRET_DENIED, where=("subject:secret", "denied"), stage="secrets"),
    # KMS refused to decrypt: the key is another Region's or account's, disabled, or pending deletion.
    Rule(
        SymptomId.SECRET_DENIED,
        says=("invalidkeyid", "access to kms is not allowed", "kmsaccessdenied", "is pending deletion", "kms key is disabled",
              "is disabled", "kmsinvalidstate", "kms.disabledexception", "decryptionfailure"),
        where=("subject:secret",),
        stage="secrets",
    ),
    Rule(SymptomId.SECRET_UNREACHABLE, where=("subject:secret", _NO_ANSWER), stage="secrets"),
    # Cut before it says why. A definite answer is not asked for again; a network error is.
    Rule(
        SymptomId.SECRET_UNREACHABLE,
        where=("subject:secret", "cut", "tried-again"),
        unless=("failure:dns", "failure:tls"),
        stage="secrets",
    ),
)  # fmt: skip
