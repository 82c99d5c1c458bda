"""Refusals: AWS's, which name the action and the kind of policy, and those of registries, which name less."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule

_PULL = "action:ecr:batchgetimage|action:ecr:getdownloadurlforlayer|action:ecr:batchchecklayeravailability"
_LOGIN = "action:ecr:getauthorizationtoken|action:ecr-public:getauthorizationtoken"
_ECR = f"{_PULL}|{_LOGIN}|action:ecr:createrepository|action:ecr:batchimportupstreamimage|subject:login|place:ecr|place:ecr-api"
_REFUSED = ("403", "denied", "not authorized", "unauthorized")

DENIALS = (
    Rule("guardduty-sidecar-denied", says=_REFUSED, also=("aws-guardduty-agent",), stage="manifest"),
    Rule(
        "auth-token-expired",
        says=("authorization token has expired", "security token included in the request is"),
        unless=("subject:secret",),
        usually="manifest",
    ),
    Rule("vpce-policy-denied", where=("denied", "policy:endpoint", _ECR)),
    Rule("org-or-boundary-denied", where=("denied", "policy:scp|policy:rcp|policy:boundary|policy:session", _ECR)),
    Rule("ecr-explicit-deny", where=("denied", "explicit", _ECR)),
    Rule("ptc-cross-account", where=("denied", "policy:resource", "cache", _PULL)),
    Rule("ecr-cross-account-denied", where=("denied", "policy:resource", _PULL)),
    Rule("ptc-create-repo-denied", where=("denied", "action:ecr:createrepository"), stage="manifest"),
    Rule("ptc-import-failed", where=("denied", "action:ecr:batchimportupstreamimage"), stage="manifest"),
    Rule("ecr-pull-denied-identity", where=("denied", _PULL)),
    Rule("ecr-auth-token-denied", where=("denied", "subject:login"), stage="login"),
    Rule(
        "ecr-pull-denied-unspecified",
        where=("denied", "action:", "pulling"),
        unless=("subject:secret",),
        stage="manifest",
    ),
    Rule("s3-403", where=("denied", "action:s3:getobject", "pulling"), stage="layers"),
    Rule(
        "instance-role-missing",
        says=("nocredentialproviders", "no valid providers in chain", "no ec2 imds role found", "no ec2 instance role found"),
        stage="login",
    ),
    Rule(
        "kms-key-unusable",
        says=("kmskeydisabled", "kmsexception", "kmsinvalidstate", "kmsnotfound", "kms.disabledexception", "kms.kmsinvalidstate"),
        unless=("subject:secret",),
    ),
)  # fmt: skip

REFUSALS = (
    Rule("no-basic-auth", says=("no basic auth credentials",), stage="manifest"),
    Rule(
        "ptc-upstream-secret",
        says=("unabletogetupstreamimage", "unabletoaccesssecret", "unabletodecryptsecret", "upstream registry"),
        stage="manifest",
    ),
    Rule("s3-403", says=("<code>accessdenied",), stage="layers"),
    Rule(
        "s3-403",
        says=("http 403", "403 forbidden"),
        also=("error pulling image configuration",),
        unless=("place:ecr",),
        stage="layers",
    ),
    Rule("s3-403", where=("status:403", "place:layers|place:s3"), stage="layers"),
    Rule(
        "registry-creds-invalid",
        says=(
            "incorrect username or password", "invalid username or password", "bad credentials",
            "invalid username/password", "malformed http authorization header", "personal access token is expired",
            "wrong username or password",
        ),
        stage="manifest",
    ),
    Rule(
        "ecr-pull-denied-unspecified",
        says=("pull access denied", "does not exist or no pull access"),
        # That is Docker Hub's sentence: the reference was no ECR host and path.
        never=("requested access to the resource is denied",),
        where=("place:ecr",),
        stage="manifest",
    ),
    Rule(
        "ecr-pull-denied-unspecified",
        says=("does not exist or no pull access",),
        where=("place:None",),
        stage="manifest",
    ),
    Rule("ptc-library-prefix", where=("status:403", "official", "place:ecr"), stage="manifest"),
    Rule("ecr-403-unspecified", where=("status:403", "place:ecr")),
    # containerd's wording for a registry that it does not name.
    Rule(
        "ecr-403-unspecified",
        says=("status code [manifests",),
        where=("status:403", "place:None"),
        stage="manifest",
    ),
    Rule(
        "registry-access-denied",
        says=(
            "pull access denied", "does not exist or no pull access", "requested access to the resource is denied",
            "insufficient_scope", "authentication required", "fetch anonymous token",
            "check whether the image exists", "access forbidden", "denied: denied",
            "access to the resource is denied",
        ),
        stage="manifest",
    ),
    Rule("registry-creds-invalid", where=("status:401", "pulling"), stage="manifest"),
    Rule("registry-access-denied", where=("status:403", "place:other|place:docker-hub|place:ecr-public")),
    Rule(
        "registry-access-denied",
        says=(": unauthorized", "unauthorized:", "permission_denied", ": denied"),
        where=("pulling",),
        stage="manifest",
    ),
    Rule(
        "ecr-pull-denied-identity",
        says=("check that the role has the permissions to pull images", "additional permissions to pull amazon ecr images"),
        unless=("status:404",),
        stage="manifest",
    ),
)  # fmt: skip
