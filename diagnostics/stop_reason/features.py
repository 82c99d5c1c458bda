"""What the rules ask of a text: its phrases, and labels for everything that takes more than a phrase to see."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

from diagnostics.stop_reason.hosts import is_s3_address
from diagnostics.stop_reason.mentions import Mentions, read_mentions
from diagnostics.stop_reason.model import Stage

_Phrases = tuple[str, ...]

# What was being done, the first that fits. Section 0.5 of the reference, with the neighbours in front.
_SUBJECTS: tuple[tuple[str, _Phrases], ...] = (
    ("firelens", ("firelens",)),
    ("env-file", ("download env file", "env files: file download", "environment file", "env files: failed")),
    ("logs", ("validate logger args", "amazon cloudwatch log group", "create cloudwatch log")),
    (
        "registry-secret",
        ("registry auth from asm", "asm fetching", "private registry credentials", "cannotpullcontainerautherror"),
    ),
    (
        "secret",
        (
            "secret from asm", "secrets from asm", "from ssm", "fetch secret", "fetching secret data",
            "secrets manager", "secretsmanager", "parameter store", "aws systems manager", "operation error ssm",
            "ssm:getparameter", "did not contain json key", "getsecretvalue", "asm secret",
        ),
    ),
    (
        "login",
        (
            "registry auth from amazon ecr", "ecr registry auth", "getauthorizationtoken", "api.ecr",
            "operation error ecr", "cannotpullecrcontainererror", "ecr credentials",
        ),
    ),
)  # fmt: skip

_UNPACK: _Phrases = (
    "failed to register layer", "extract layer", "failed to unpack", "applylayer", "no space left",
    "layer verification failed", "filesystem verification failed",
)  # fmt: skip
_RESOLVING: _Phrases = (
    "failed to resolve",
    "resolve source metadata",
    "pull image manifest",
    "manifest pull",
)
_MANIFEST: _Phrases = (
    *_RESOLVING, "inspect image", "manifest unknown", "manifest for", "/v2/", "image manifest", "manifests ",
    "manifest_pulled", "pull access denied", "no basic auth", "pulling from host",
)  # fmt: skip
_LAYERS: _Phrases = (
    "starport-layer-bucket", "redacted ecr url", "failed to copy", "ref pull has been",
    "error pulling image configuration", "httpreaderseeker: failed open", "httpreadseeker: failed open",
)  # fmt: skip

# Why nothing came back, the first that fits.
_FAILURES: tuple[tuple[str, _Phrases], ...] = (
    (
        "dns",
        (
            "no such host", "server misbehaving", "name resolution", "name or service not known", "dial tcp: lookup",
            "could not resolve host", ":53: i/o timeout", "dial tcp6: lookup", "dial tcp4: lookup", "dial udp",
            "getaddrinfo", ":53: read udp", "read udp",
        ),
    ),
    ("proxy", ("proxyconnect tcp", "has no https proxy")),
    (
        "tls",
        (
            "tls handshake", "x509:", "certificate signed by unknown", "failed to verify certificate",
            "remote error: tls", "certificate verify failed", "certificate_verify_failed", "tls: ",
            "http response to https client",
        ),
    ),
    ("unreachable", ("network is unreachable", "no route to host", "cannot assign requested address")),
    (
        "dropped",
        (
            "connection refused", "connection reset", "unexpected eof", ": eof", "broken pipe",
            "client connection lost", "closed network connection", "server closed idle connection",
            "stream error: stream id", "transport connection broken",
        ),
    ),
    (
        "timeout",
        (
            "i/o timeout", "client.timeout", "request canceled while waiting", "timeout awaiting",
            "connection timed out", "operation timed out", "connect timeout", "timeout exceeded",
            "could not connect to the endpoint url", "could not reach any registry endpoint",
            "unable to connect to the remote server",
        ),
    ),
    ("deadline", ("context deadl", "deadline exceeded")),
    ("canceled", ("context canceled", "context cancelled")),
    (
        "unsent",
        (
            "requesterror", "send request failed", "request send failed", "failed to do request", "requestcanceled",
            "request canceled", "connection issue between", "check your network configuration", "statuscode: 0",
            "check your task network configuration",
        ),
    ),
)  # fmt: skip

# A text without any of these speaks of no pull, whatever else failed in it.
_PULLING: _Phrases = (
    "pull", "registry", "image", "manifest", "layer", "docker.io", ".ecr.", "api.ecr", "failed to do request", "/v2/",
    "error response from daemon", "download failed", "failed to resolve", "failed to copy",
)  # fmt: skip

# The prefixes that the console and the guide of pull-through cache rules propose.
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-rule.html
_CACHE_PREFIXES = (
    "ecr-public/", "docker-hub/", "dockerhub/", "quay/", "kubernetes/", "k8s/", "registry-k8s-io/", "github/",
    "ghcr/", "gitlab/", "azure/", "mcr/", "chainguard/",
)  # fmt: skip
_HUB_PREFIXES = ("docker-hub/", "dockerhub/")
_WINDOWS: _Phrases = (
    "windows/amd64",
    "windows/servercore",
    "windows/nanoserver",
    "nanoserver",
    "servercore",
    "ltsc20",
    "windows(",
)

_ABSENT_REPOSITORY = re.compile(r"""\brepository ["']?[^\s"',()]+["']? not found""")
_ACTIONS: dict[str, Stage] = {
    "ecr:batchgetimage": "manifest",
    "ecr:batchchecklayeravailability": "layers",
    "ecr:getdownloadurlforlayer": "layers",
}


@dataclass(frozen=True)
class Features:
    """A plain text in lower case, what it names, and its labels.

    Labels are `subject:…`, `stage:…`, `place:…`, `failure:…`, `status:…`, `action:…`, `policy:…` and single words.
    `stage` is the step that the text speaks of by section 0.5, before any rule.
    """

    lowered: str
    mentions: Mentions
    stage: Stage | None
    labels: frozenset[str] = field(default_factory=frozenset)


def read_features(text: str) -> Features:
    """The features of a plain text."""
    lowered = text.lower()
    subject = _first(_SUBJECTS, lowered)
    layers_asked = any(phrase in lowered for phrase in _LAYERS)
    mentions = read_mentions(text, subject in ("secret", "registry-secret"), layers_asked)
    failure = _first(_FAILURES, lowered) or ("dropped" if lowered.endswith(" eof") else None)
    stage = _stage(lowered, subject, mentions)
    labels = {f"subject:{subject}", f"failure:{failure}", f"stage:{stage}", f"place:{mentions.place}"}
    labels |= _status_labels(mentions) | _denial_labels(mentions) | _image_labels(lowered, mentions)
    if mentions.truncated:
        labels.add("cut")
    if mentions.retries is not None and mentions.retries > 1:
        labels.add("tried-again")
    if mentions.address and isinstance(ip_address(mentions.address), IPv6Address):
        labels.add("ipv6")
    if any(phrase in lowered for phrase in _PULLING):
        labels.add("pulling")
    return Features(lowered=lowered, mentions=mentions, stage=stage, labels=frozenset(labels))


def _first(table: tuple[tuple[str, _Phrases], ...], lowered: str) -> str | None:
    return next((name for name, phrases in table if any(phrase in lowered for phrase in phrases)), None)


def _stage(lowered: str, subject: str | None, mentions: Mentions) -> Stage | None:
    """The step that failed. Where there is a URL its host and path decide."""

    def says(phrases: _Phrases) -> bool:
        return any(phrase in lowered for phrase in phrases)

    if subject in ("env-file", "firelens", "logs"):
        return None
    if subject in ("secret", "registry-secret"):
        return "secrets"
    if says(_UNPACK):
        return "unpack"
    if mentions.place == "ecr-api":
        return "login"
    if mentions.place in ("layers", "s3"):
        return "layers"
    # containerd asks the blobs path too while it resolves a digest: nothing has been copied by then.
    if "/manifests/" in mentions.path or says(_RESOLVING):
        return "manifest"
    if "/blobs/" in mentions.path or says(_LAYERS) or (mentions.address and is_s3_address(mentions.address)):
        return "layers"
    if says(_MANIFEST):
        return "manifest"
    if subject == "login":
        return "login"
    action = (mentions.denial.action or "").lower() if mentions.denial else ""
    if action in _ACTIONS:
        return _ACTIONS[action]
    # A registry that is only named was asked for a manifest first, or for a token to get one.
    asked_a_registry = mentions.place in ("ecr", "ecr-public", "docker-hub", "other") and says(_PULLING)
    return "manifest" if asked_a_registry else None


def _status_labels(mentions: Mentions) -> set[str]:
    status = mentions.http_status
    if status is None:
        return set()
    return {f"status:{status}", "status:5xx"} if status >= 500 else {f"status:{status}"}


def _denial_labels(mentions: Mentions) -> set[str]:
    denial = mentions.denial
    if denial is None:
        return set()
    labels = {"denied", f"policy:{denial.policy}", f"action:{(denial.action or '').lower()}"}
    return labels | {"explicit"} if denial.explicit else labels


def _image_labels(lowered: str, mentions: Mentions) -> set[str]:
    labels = {"windows"} if any(phrase in lowered for phrase in _WINDOWS) else set()
    image = (mentions.image or "").lower()
    if _ABSENT_REPOSITORY.search(lowered):
        labels.add("absent-repository")
    if "@sha256" in image:
        labels.add("digest")
    name = _repository(lowered, mentions)
    if name.startswith(_CACHE_PREFIXES):
        labels.add("cache")
        if name.startswith(_HUB_PREFIXES) and name.count("/") == 1:
            labels.add("official")
    return labels


def _repository(lowered: str, mentions: Mentions) -> str:
    """The name of the private ECR repository that a text is about, in lower case; empty where it names none."""
    image = (mentions.image or "").lower()
    if ".dkr.ecr" in image or ".dkr-ecr" in image:
        return image.partition("/")[2].partition("@")[0].partition(":")[0]
    if mentions.denial is not None and mentions.denial.resource:
        return mentions.denial.resource.lower().partition(":repository/")[2]
    return lowered.partition("the repository with name '")[2].partition("'")[0]
