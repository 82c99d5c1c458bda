"""No answer: names that do not resolve, packets that do not arrive, connections that break. Sections 0.5 and 1.1."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule
from diagnostics.stop_reason.symptoms import SymptomId

_SILENT = "failure:timeout|failure:deadline|failure:unsent|failure:unreachable"
_OUTSIDE = "place:docker-hub|place:other|place:ecr-public|place:s3"
_COPYING = ("failed to copy", "httpreaderseeker: failed open", "httpreadseeker: failed open")

NETWORK = (
    Rule(SymptomId.S3_LAYERS_UNREACHABLE, says=("nil pointer dereference",), also=("pull command failed",), stage="layers"),
    Rule(SymptomId.DNS_FAILURE, where=("failure:dns", "pulling|place:ecr-api|subject:secret|subject:login|subject:registry-secret")),
    Rule(SymptomId.TLS_FAILURE, where=("failure:tls", "pulling|subject:secret|subject:login|subject:registry-secret")),
    Rule(SymptomId.PROXY_MISCONFIGURED, where=("failure:proxy", "pulling|subject:login")),
    Rule(SymptomId.IPV6_MISMATCH, where=("ipv6", _SILENT, "pulling|subject:login")),
    Rule(SymptomId.CONNECTION_REFUSED_RESET, where=("failure:dropped|failure:unreachable", "pulling|subject:login")),
    # A step whose host nobody names, or one that was called off.
    Rule(SymptomId.PULL_CONTEXT_CANCELED, where=("failure:canceled", "pulling")),
    Rule(
        SymptomId.PULL_CONTEXT_CANCELED,
        where=("failure:deadline", "place:None", "pulling"),
        unless=("subject:login", "subject:secret"),
    ),
    Rule(
        SymptomId.ECR_API_UNREACHABLE,
        where=("subject:login|place:ecr-api", "place:None|place:ecr-api", _SILENT),
        stage="login",
    ),
    Rule(SymptomId.ECR_API_UNREACHABLE, says=("ecr registry auth",), where=("cut", "tried-again"), stage="login"),
    Rule(SymptomId.S3_LAYERS_UNREACHABLE, where=("stage:layers", "place:layers|place:ecr", _SILENT), stage="layers"),
    Rule(SymptomId.S3_LAYERS_UNREACHABLE, where=("stage:layers", "place:None", _SILENT), unless=("cut",), stage="layers"),
    Rule(SymptomId.ECR_DKR_UNREACHABLE, where=("place:ecr", _SILENT), stage="manifest"),
    Rule(
        SymptomId.ECR_DKR_UNREACHABLE,
        says=("from the amazon ecr repository",),
        where=("failure:unsent",),
        stage="manifest",
    ),
    # Cut right after the URL: that layers were asked for is all it says.
    Rule(SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, says=_COPYING, where=("cut", "failure:unsent", _OUTSIDE)),
    Rule(SymptomId.REGISTRY_UNREACHABLE, where=(_OUTSIDE, _SILENT, "pulling")),
    Rule(SymptomId.REGISTRY_UNREACHABLE, says=("could not reach any registry endpoint",), stage="manifest"),
    Rule(
        SymptomId.ECR_API_UNREACHABLE,
        says=("requesterror: send request failed",),
        also=("can't pull the image",),
        where=("place:None",),
        stage="login",
    ),
    Rule(
        SymptomId.REGISTRY_UNREACHABLE,
        says=("cannotpull", "error response from daemon", "can't pull", "cannot pull", "failed to pull", "failed to resolve"),
        where=("place:None", _SILENT),
        unless=("subject:login", "subject:secret", "cut"),
        usually="manifest",
    ),
    Rule(
        SymptomId.FETCH_KILLED,
        says=("pull secrets or registry auth",),
        where=("failure:unsent", "place:None"),
        unless=("subject:login", "subject:secret"),
    ),
    Rule(SymptomId.LAYER_COPY_FAILED_UNSPECIFIED, says=_COPYING),
)  # fmt: skip
