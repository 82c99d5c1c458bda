"""Limits of registries, and their outages."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule

_TOO_MANY = (
    "toomanyrequests", "too many requests", "rate exceeded", "throttling", "pull rate limit",
    "request limit exceeded",
)  # fmt: skip
_HUB = ("reached your pull rate limit", "increase-rate-limit", "unauthenticated pull rate limit")

# Registries count manifests, so that is where a limit usually strikes.
LIMITS = (
    Rule("ecr-public-rate-limit", says=("data limit exceeded",), usually="manifest"),
    Rule("dockerhub-rate-limit", says=_HUB, unless=("place:ecr-public",), usually="manifest"),
    Rule("ecr-public-rate-limit", says=_TOO_MANY, where=("place:ecr-public",), usually="manifest"),
    Rule("ecr-throttled", says=_TOO_MANY, where=("place:ecr|place:ecr-api|place:layers|subject:login",)),
    Rule("dockerhub-rate-limit", says=_TOO_MANY, where=("place:docker-hub",), usually="manifest"),
    Rule("dockerhub-rate-limit", where=("status:429", "place:docker-hub"), usually="manifest"),
    # Without a host: each registry has words of its own.
    Rule(
        "ecr-throttled",
        says=("unknown: rate exceeded", "throttlingexception"),
        where=("place:None", "pulling"),
        unless=("subject:secret",),
        usually="manifest",
    ),
    Rule(
        "ecr-public-rate-limit",
        says=("toomanyrequests: rate exceeded",),
        where=("place:None",),
        usually="manifest",
    ),
    Rule(
        "dockerhub-rate-limit",
        says=("toomanyrequests", "too many requests"),
        where=("place:None",),
        unless=("subject:secret",),
        usually="manifest",
    ),
)

OUTAGES = (
    Rule("registry-5xx", where=("status:5xx", "pulling"), unless=("subject:secret",), usually="manifest"),
    # Some runtimes leave the number out.
    Rule(
        "registry-5xx",
        says=(": service unavailable", ": bad gateway", ": gateway time", ": internal server error"),
        where=("pulling",),
        unless=("subject:secret",),
        usually="manifest",
    ),
)
