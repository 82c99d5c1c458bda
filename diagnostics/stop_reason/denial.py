"""A refusal as AWS words it: who, what, on which resource, and which kind of policy said so.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re

from diagnostics.stop_reason.model import Denial, DenialPolicyKind

_PRINCIPAL = re.compile(r"""\bUser: ([^\s"',]+)""", re.IGNORECASE)
_ACTION = re.compile(r"""\bnot authorized to perform:? ([a-z0-9-]+:[a-z0-9*]+)""", re.IGNORECASE)
_ALLOWED = re.compile(r"""\bpolicy allows the ([a-z0-9-]+:[a-z0-9*]+) action""", re.IGNORECASE)
_OPERATION = re.compile(r"\b(?:when calling the |operation error ECR: )([a-z]+)", re.IGNORECASE)
_RESOURCE = re.compile(r"""\bon resource: ([^\s"']+)""", re.IGNORECASE)
_POLICY_ARN = re.compile(
    r"""\barn:aws[a-z-]*:(?:iam|organizations)::[^\s"',:]*:policy/[^\s"',)]+""", re.IGNORECASE
)
_SESSION = re.compile(r"(?:[0-9a-f]{32}|i-[0-9a-f]{8}|i-[0-9a-f]{17})", re.IGNORECASE)

_KINDS: tuple[tuple[str, DenialPolicyKind], ...] = (
    ("vpc endpoint policy", "endpoint"),
    ("service control policy", "scp"),
    ("resource control policy", "rcp"),
    ("permissions boundary", "boundary"),
    ("session policy", "session"),
    ("resource-based policy", "resource"),
    ("identity-based policy", "identity"),
)
_DENIED = (
    "accessdenied", "access denied exception", "is not authorized to perform", "not authorized to perform:",
    "explicit deny", "policy allows the ", "denied: user: arn:", "unauthorizedoperation", "access to kms is not allowed",
)  # fmt: skip
_OPERATIONS = {
    "getauthorizationtoken": "ecr:GetAuthorizationToken",
    "batchgetimage": "ecr:BatchGetImage",
    "getdownloadurlforlayer": "ecr:GetDownloadUrlForLayer",
    "batchchecklayeravailability": "ecr:BatchCheckLayerAvailability",
}


def is_denied(lowered: str) -> bool:
    """True if AWS refused a call (a registry's or S3's bare 403 is something else)."""
    return any(phrase in lowered for phrase in _DENIED) and "<code>accessdenied" not in lowered


def read_denial(text: str) -> Denial | None:
    """The refusal in a text, `None` where there is none. What the text was cut in is left out."""
    lowered = text.lower()
    if not is_denied(lowered):
        return None
    resource = _RESOURCE.search(text)
    kind: DenialPolicyKind = "unspecified"
    for phrase, named in _KINDS:
        if (
            f"no {phrase} allows" in lowered
            or f"explicit deny in a {phrase}" in lowered
            or f"explicit deny in an {phrase}" in lowered
        ):
            kind = named
            break
    explicit = "explicit deny" in lowered
    policy = _POLICY_ARN.search(text) if explicit else None
    return Denial(
        principal=_principal(text),
        action=_action(text),
        resource=_whole(resource, text),
        policy=kind,
        explicit=explicit,
        policy_arn=policy[0].rstrip(".:;") if policy and not policy[0].endswith("...") else None,
    )


def _principal(text: str) -> str | None:
    match = _PRINCIPAL.search(text)
    if match is None:
        return None
    arn = match[1].rstrip(".,;")
    if text[match.end() :].lower().startswith(" is not authorized"):
        return arn
    role, _, session = arn.rpartition("/")
    if match.end() == len(text) and _SESSION.fullmatch(session):
        return arn
    # Cut inside the session: the role is still whole. Cut inside the role: nothing is.
    return role if role.count("/") >= 1 and ":assumed-role/" in role.lower() else None


def _action(text: str) -> str | None:
    match = _ACTION.search(text)
    if match is not None and match.end() < len(text) and not text.startswith("...", match.end()):
        return match[1]
    allowed = _ALLOWED.search(text)
    if allowed is not None and match is None:
        return allowed[1]
    operation = _OPERATION.search(text) if match is None else None
    name = (match[1].partition(":")[2] if match else operation[1] if operation else "").lower()
    return _OPERATIONS.get(name)


def _whole(match: re.Match[str] | None, text: str) -> str | None:
    """What was matched, unless the text was cut in it."""
    if match is None or match[1].endswith("..."):
        return None
    value = match[1].rstrip(".,;)")
    return value if value == "*" or match.end() < len(text) or ":" in value else None
