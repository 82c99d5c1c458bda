"""A pure, three-valued evaluator of AWS policies for the requests that an image pull makes."""

from diagnostics.policy.asked import keys_asked
from diagnostics.policy.context import (
    AwsOwnedPrincipal,
    Context,
    ContextValue,
    NotPresent,
    Principal,
    ServicePrincipal,
    Unknown,
)
from diagnostics.policy.document import Document, Malformed, Missing, orphaned_principals, parse_document
from diagnostics.policy.evaluate import evaluate, evaluate_endpoint, evaluate_trust
from diagnostics.policy.model import (
    Allowed,
    CannotTell,
    Decision,
    Denied,
    Grant,
    NearMiss,
    Policies,
    Request,
    StatementRef,
)
from diagnostics.policy.refusals import OpenQuestion, Refusals, refusals
from diagnostics.policy.requests import (
    PULL_ACTIONS,
    at_moment,
    layer_bucket_request,
    repository_requests,
    service_context,
    through_endpoint,
    through_internet,
    token_request,
)

__all__ = [
    "PULL_ACTIONS",
    "Allowed",
    "AwsOwnedPrincipal",
    "CannotTell",
    "Context",
    "ContextValue",
    "Decision",
    "Denied",
    "Document",
    "Grant",
    "Malformed",
    "Missing",
    "NearMiss",
    "NotPresent",
    "OpenQuestion",
    "Policies",
    "Principal",
    "Refusals",
    "Request",
    "ServicePrincipal",
    "StatementRef",
    "Unknown",
    "at_moment",
    "evaluate",
    "evaluate_endpoint",
    "evaluate_trust",
    "keys_asked",
    "layer_bucket_request",
    "orphaned_principals",
    "parse_document",
    "refusals",
    "repository_requests",
    "service_context",
    "through_endpoint",
    "through_internet",
    "token_request",
]
