"""Limits of registries, and their outages."""

from __future__ import annotations

from diagnostics.stop_reason.rules.base import Rule
from diagnostics.stop_reason.symptoms import SymptomId

_TOO_MANY = (
    "toomanyrequests", "too many requests", "rate exceeded", "throttling", "pull rate limit",
    "request limit exceeded",
)  # fmt: skip
_HUB = ("reached your pull rate limit", "increase-rate-limit", "unauthenticated pull rate limit")

# Registries count manifests, so that is where a limit usually strikes.
LIMITS = (
    Rule(SymptomId.ECR_PUBLIC_RATE_LIMIT, says=("data limit exceeded",), usually="manifest"),
    Rule(SymptomId.DOCKERHUB_RATE_LIMIT, says=_HUB, unless=("place:ecr-public",), usually="manifest"),
    Rule(SymptomId.ECR_PUBLIC_RATE_LIMIT, says=_TOO_MANY, where=("place:ecr-public",), usually="manifest"),
    Rule(
        SymptomId.ECR_THROTTLED, says=_TOO_MANY, where=("place:ecr|place:ecr-api|place:layers|subject:login",)
    ),
    Rule(SymptomId.DOCKERHUB_RATE_LIMIT, says=_TOO_MANY, where=("place:docker-hub",), usually="manifest"),
    Rule(SymptomId.DOCKERHUB_RATE_LIMIT, where=("status:429", "place:docker-hub"), usually="manifest"),
    # Without a host: each registry has words of its own.
    Rule(
        SymptomId.ECR_THROTTLED,
        says=("unknown: rate exceeded", "throttlingexception"),
        where=("place:None", "pulling"),
        unless=("subject:secret",),
        usually="manifest",
    ),
    Rule(
        SymptomId.ECR_PUBLIC_RATE_LIMIT,
        says=("toomanyrequests: rate exceeded",),
        where=("place:None",),
        usually="manifest",
    ),
    Rule(
        SymptomId.DOCKERHUB_RATE_LIMIT,
        says=("toomanyrequests", "too many requests"),
        where=("place:None",),
        unless=("subject:secret",),
        usually="manifest",
    ),
)

OUTAGES = (
    Rule(
        SymptomId.REGISTRY_5XX,
        where=("status:5xx", "pulling"),
        unless=("subject:secret",),
        usually="manifest",
    ),
    # Some runtimes leave the number out.
    Rule(
        SymptomId.REGISTRY_5XX,
        says=(": service unavailable", ": bad gateway", ": gateway time", ": internal server error"),
        where=("pulling",),
        unless=("subject:secret",),
        usually="manifest",
    ),
)
