"""Refusals: AWS's, which name the action and the kind of policy, and those of registries, which name less."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule
from diagnostics.stop_reason.symptoms import SymptomId

_PULL = "action:ecr:batchgetimage|action:ecr:getdownloadurlforlayer|action:ecr:batchchecklayeravailability"
_LOGIN = "action:ecr:getauthorizationtoken|action:ecr-public:getauthorizationtoken"
_ECR = f"{_PULL}|{_LOGIN}|action:ecr:createrepository|action:ecr:batchimportupstreamimage|subject:login|place:ecr|place:ecr-api"
_REFUSED = ("403", "denied", "not authorized", "unauthorized")

DENIALS = (
    Rule(SymptomId.GUARDDUTY_SIDECAR_DENIED, says=_REFUSED, also=("aws-guardduty-agent",), stage="manifest"),
    Rule(
        SymptomId.AUTH_TOKEN_EXPIRED,
        says=("authorization token has expired", "security token included in the request is"),
        unless=("subject:secret",),
        usually="manifest",
    ),
    Rule(SymptomId.AGENT_TOO_OLD, says=("authorizationdata is malformed",), stage="login"),
    Rule(SymptomId.VPCE_POLICY_DENIED, where=("denied", "policy:endpoint", _ECR)),
    Rule(SymptomId.ORG_OR_BOUNDARY_DENIED, where=("denied", "policy:scp|policy:rcp|policy:boundary|policy:session", _ECR)),
    Rule(SymptomId.ECR_EXPLICIT_DENY, where=("denied", "explicit", _ECR)),
    Rule(SymptomId.PTC_CROSS_ACCOUNT, where=("denied", "policy:resource", "cache", _PULL)),
    Rule(SymptomId.ECR_CROSS_ACCOUNT_DENIED, where=("denied", "policy:resource", _PULL)),
    Rule(SymptomId.PTC_CREATE_REPO_DENIED, where=("denied", "action:ecr:createrepository"), stage="manifest"),
    Rule(SymptomId.PTC_IMPORT_FAILED, where=("denied", "action:ecr:batchimportupstreamimage"), stage="manifest"),
    Rule(SymptomId.ECR_PULL_DENIED_IDENTITY, where=("denied", _PULL)),
    Rule(SymptomId.ECR_AUTH_TOKEN_DENIED, where=("denied", "subject:login"), stage="login"),
    Rule(
        SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
        where=("denied", "action:", "pulling"),
        unless=("subject:secret",),
        stage="manifest",
    ),
    Rule(SymptomId.S3_403, where=("denied", "action:s3:getobject", "pulling"), stage="layers"),
    Rule(
        SymptomId.INSTANCE_ROLE_MISSING,
        says=("nocredentialproviders", "no valid providers in chain", "no ec2 imds role found", "no ec2 instance role found"),
        stage="login",
    ),
    Rule(
        SymptomId.KMS_KEY_UNUSABLE,
        says=("kmskeydisabled", "kmsexception", "kmsinvalidstate", "kmsnotfound", "kms.disabledexception", "kms.kmsinvalidstate"),
        unless=("subject:secret",),
    ),
)  # fmt: skip

REFUSALS = (
    Rule(SymptomId.NO_BASIC_AUTH, says=("no basic auth credentials",), stage="manifest"),
    Rule(
        SymptomId.PTC_UPSTREAM_SECRET,
        says=("unabletogetupstreamimage", "unabletoaccesssecret", "unabletodecryptsecret", "upstream registry"),
        stage="manifest",
    ),
    Rule(SymptomId.S3_403, says=("<code>accessdenied",), stage="layers"),
    Rule(
        SymptomId.S3_403,
        says=("http 403", "403 forbidden"),
        also=("error pulling image configuration",),
        unless=("place:ecr",),
        stage="layers",
    ),
    Rule(SymptomId.S3_403, where=("status:403", "place:layers|place:s3"), stage="layers"),
    # Docker Hub hands layers out from a bucket as well: what refuses there is no matter of its log-in.
    Rule(SymptomId.S3_403, says=("docker-images-prod.s3",), where=("status:403",), stage="layers"),
    Rule(
        SymptomId.REGISTRY_CREDS_INVALID,
        says=(
            "incorrect username or password", "invalid username or password", "bad credentials",
            "invalid username/password", "malformed http authorization header", "personal access token is expired",
            "wrong username or password",
        ),
        stage="manifest",
    ),
    Rule(
        SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
        says=("pull access denied", "does not exist or no pull access"),
        # That is Docker Hub's sentence: the reference was no ECR host and path.
        never=("requested access to the resource is denied",),
        where=("place:ecr",),
        stage="manifest",
    ),
    Rule(
        SymptomId.ECR_PULL_DENIED_UNSPECIFIED,
        says=("does not exist or no pull access",),
        where=("place:None",),
        stage="manifest",
    ),
    Rule(SymptomId.PTC_LIBRARY_PREFIX, where=("status:403", "official", "place:ecr"), stage="manifest"),
    Rule(SymptomId.ECR_403_UNSPECIFIED, where=("status:403", "place:ecr")),
    # containerd's wording for a registry that it does not name.
    Rule(
        SymptomId.ECR_403_UNSPECIFIED,
        says=("status code [manifests",),
        where=("status:403", "place:None"),
        stage="manifest",
    ),
    Rule(
        SymptomId.REGISTRY_ACCESS_DENIED,
        says=(
            "pull access denied", "does not exist or no pull access", "requested access to the resource is denied",
            "insufficient_scope", "authentication required", "fetch anonymous token",
            "check whether the image exists", "access forbidden", "denied: denied",
            "access to the resource is denied",
        ),
        stage="manifest",
    ),
    Rule(SymptomId.REGISTRY_CREDS_INVALID, where=("status:401", "pulling"), stage="manifest"),
    Rule(SymptomId.REGISTRY_ACCESS_DENIED, where=("status:403", "place:other|place:docker-hub|place:ecr-public")),
    Rule(
        SymptomId.REGISTRY_ACCESS_DENIED,
        says=(": unauthorized", "unauthorized:", "permission_denied", ": denied"),
        where=("pulling",),
        stage="manifest",
    ),
    Rule(
        SymptomId.ECR_PULL_DENIED_IDENTITY,
        says=("check that the role has the permissions to pull images", "additional permissions to pull amazon ecr images"),
        unless=("status:404",),
        stage="manifest",
    ),
)  # fmt: skip
