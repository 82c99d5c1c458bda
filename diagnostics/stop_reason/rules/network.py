"""No answer: names that do not resolve, packets that do not arrive, connections that break. Sections 0.5 and 1.1."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule

_SILENT = "failure:timeout|failure:deadline|failure:unsent|failure:unreachable"
_OUTSIDE = "place:docker-hub|place:other|place:ecr-public|place:s3"
_COPYING = ("failed to copy", "httpreaderseeker: failed open", "httpreadseeker: failed open")

NETWORK = (
    Rule("s3-layers-unreachable", says=("nil pointer dereference",), also=("pull command failed",), stage="layers"),
    Rule("dns-failure", where=("failure:dns", "pulling|subject:secret|subject:login|subject:registry-secret")),
    Rule("tls-failure", where=("failure:tls", "pulling|subject:secret|subject:login|subject:registry-secret")),
    Rule("proxy-misconfigured", where=("failure:proxy", "pulling|subject:login")),
    Rule("ipv6-mismatch", where=("ipv6", _SILENT, "pulling|subject:login")),
    Rule("connection-refused-reset", where=("failure:dropped|failure:unreachable", "pulling|subject:login")),
    # A step whose host nobody names, or one that was called off.
    Rule("pull-context-canceled", where=("failure:canceled", "pulling")),
    Rule(
        "pull-context-canceled",
        where=("failure:deadline", "place:None", "pulling"),
        unless=("subject:login", "subject:secret"),
    ),
    Rule(
        "ecr-api-unreachable",
        where=("subject:login|place:ecr-api", "place:None|place:ecr-api", _SILENT),
        stage="login",
    ),
    Rule("ecr-api-unreachable", says=("ecr registry auth",), where=("cut", "tried-again"), stage="login"),
    Rule("s3-layers-unreachable", where=("stage:layers", "place:layers|place:ecr", _SILENT), stage="layers"),
    Rule("s3-layers-unreachable", where=("stage:layers", "place:None", _SILENT), unless=("cut",), stage="layers"),
    Rule("ecr-dkr-unreachable", where=("place:ecr", _SILENT), stage="manifest"),
    Rule(
        "ecr-dkr-unreachable",
        says=("from the amazon ecr repository",),
        where=("failure:unsent",),
        stage="manifest",
    ),
    # Cut right after the URL: that layers were asked for is all it says.
    Rule("layer-copy-failed-unspecified", says=_COPYING, where=("cut", "failure:unsent", _OUTSIDE)),
    Rule("registry-unreachable", where=(_OUTSIDE, _SILENT, "pulling")),
    Rule("registry-unreachable", says=("could not reach any registry endpoint",), stage="manifest"),
    Rule(
        "ecr-api-unreachable",
        says=("requesterror: send request failed",),
        also=("can't pull the image",),
        where=("place:None",),
        stage="login",
    ),
    Rule(
        "registry-unreachable",
        says=("cannotpull", "error response from daemon", "can't pull", "cannot pull", "failed to pull", "failed to resolve"),
        where=("place:None", _SILENT),
        unless=("subject:login", "subject:secret", "cut"),
        usually="manifest",
    ),
    Rule(
        "fetch-killed",
        says=("pull secrets or registry auth",),
        where=("failure:unsent", "place:None"),
        unless=("subject:login", "subject:secret"),
    ),
    Rule("layer-copy-failed-unspecified", says=_COPYING),
)  # fmt: skip
