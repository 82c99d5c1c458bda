"""What a text names: hosts, addresses, the resolver, statuses, the image, the role and the secret.

Every pattern is one pass over the text: no quantifier inside another, and what may repeat ends at a character that
it cannot hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

from diagnostics import arn
from diagnostics.image_reference import InvalidImageReference, parse
from diagnostics.stop_reason.denial import read_denial
from diagnostics.stop_reason.hosts import HostKind, is_documentation, place_of
from diagnostics.stop_reason.model import Denial

_URL = re.compile(r"""\bhttps?:/{1,2}([^\s"'<>/?:)\]]{1,255})(?::\d{1,5})?([^\s"'<>]*)""", re.IGNORECASE)
_LOOKUP = re.compile(r"""\blookup ([^\s"':,]{1,255})(?: on \[?([0-9a-f:.]{2,45}?)\]?:53\b)?""", re.IGNORECASE)
_ASKED = re.compile(r"\b(?:read|dial) udp [^\s]{1,60}?->\[?([0-9a-f:.]{2,45}?)\]?:53\b|\bdial udp \[?([0-9a-f:.]{2,45}?)\]?:53\b", re.IGNORECASE)  # fmt: skip
_DIALLED = re.compile(r"\bdial tcp[46]? (?:\[([0-9a-f:.%]{2,60})\]|(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})):(\d{1,5})", re.IGNORECASE)  # fmt: skip
_PEER = re.compile(r"\b(?:read|write) tcp[46]? [^\s>]{1,60}->(?:\[([0-9a-f:.%]{2,60})\]|(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})):(\d{1,5})", re.IGNORECASE)  # fmt: skip
_PULLED_FROM = re.compile(r"\bpulling from host ([^\s\"',]+)", re.IGNORECASE)

_STATUS = (
    re.compile(r"\b([1-5]\d\d) (?:forbidden|unauthorized|not authorized|not found|too many requests|bad gateway|bad request|service unavailable|service temporarily unavailable|gateway time|internal server error|toomanyrequests)", re.IGNORECASE),
    re.compile(r"\bstatus ?code:? ([1-5]\d\d)\b", re.IGNORECASE),
    re.compile(r"\bunexpected (?:http )?status(?: code)?:? ([1-5]\d\d)\b", re.IGNORECASE),
    re.compile(r"\bhttp (?:status )?(?:code )?([1-5]\d\d)\b", re.IGNORECASE),
    re.compile(r"\bapi error \((4\d\d)\)", re.IGNORECASE),
)  # fmt: skip

_NAME = r"""["']?([^\s"',()]+)"""
_IMAGE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bfrom the Amazon ECR repository {_NAME}",
        rf"\bresolve ref(?:erence)? {_NAME}",
        rf"\bpull access denied for {_NAME}",
        rf"\bmanifest for {_NAME} not found",
        rf"\bECR URL related to {_NAME}",
        rf"\brepository {_NAME} not found",
        rf"\bthe image {_NAME} from ",
        rf"\b(?:cannot|can't) pull (?:image )?{_NAME} from ",
        r"""\bpull(?:ing)?(?: and unpack)? image ["'<]([^\s"',()]+)["'>]""",
        rf"\bpulling image {_NAME} for container",
        rf"\bunable to pull {_NAME} from registry",
        rf"\bError: image {_NAME} not found",
        r"""(?<![/\w.*<>-])([\w*<>-]{1,64}\.dkr[.-]ecr[^\s"',()]{1,255}/[^\s"',()]{1,400})""",
        r"""(?<![/\w.-])((?:public\.ecr\.aws|ghcr\.io|quay\.io|docker\.io|mcr\.microsoft\.com|registry\.k8s\.io)/[^\s"',()]+)""",
    )
)  # fmt: skip
_ROLE = re.compile(r"""\bassume the role ["'<]?([^\s"'()]+)""", re.IGNORECASE)
_ROLE_ARN = re.compile(r"""\barn:aws[a-z-]*:iam::[^\s"',:]*:role/[^\s"',)]+""", re.IGNORECASE)
_SECRET = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"""\b(?:secret with ARN|fetch secret|from the service for|secret) ["']?(arn:[^\s"',]+)""",
        r"""\bon resource: (arn:aws[a-z-]*:(?:secretsmanager|ssm):[^\s"',]+)""",
        r"""\b(arn:aws[a-z-]*:(?:secretsmanager|ssm):[^\s"',]+)""",
        r"""\binvalid (?:ssm )?parameters: ([^\s"',]+)""",
        r"""\b(?:fetch secret|from the service for) ["']?([^\s"',:]+)""",
    )
)
_RETRIED = re.compile(r"\bhas been retried (\d{1,3}) time", re.IGNORECASE)
_CUT_TAIL = (
    "failed to fetch", "time(s", "failed open", "unexpected status code", "failed to do request", "on resource",
    "on r", "because", "is not authorized", "failed to resolve ref", "caused by", "dial tcp", "api error",
    "assumed-role",
)  # fmt: skip

# What is left of a host's name where the host itself was cut, and the part of an ARN that names ECR.
_NAMED: tuple[tuple[str, HostKind], ...] = (
    ("starport-layer-bucket", "layers"),
    ("api.ecr.", "ecr-api"),
    (".dkr.ecr", "ecr"),
    (".dkr-ecr", "ecr"),
    (":ecr:", "ecr"),
    ("public.ecr.aws", "ecr-public"),
    ("registry-1.docker.io", "docker-hub"),
)
_CLOSING = " )]}'\"`*|"


@dataclass(frozen=True)
class Mentions:
    """What a text names. `path` is that of the last URL, `retries` how often the step was tried."""

    host: str | None = None
    place: HostKind | None = None
    path: str = ""
    address: str | None = None
    port: int | None = None
    resolver: str | None = None
    http_status: int | None = None
    image: str | None = None
    role_arn: str | None = None
    secret: str | None = None
    denial: Denial | None = None
    retries: int | None = None
    truncated: bool = False


def read_mentions(text: str, secret_asked: bool, layers_asked: bool) -> Mentions:
    """The evidence in a plain text.

    `secret_asked` and `layers_asked` say that the text speaks of reading a secret, or of fetching layers: a secret is
    named only then, and layers of an ECR image come from ECR's bucket even where the text shows no URL.
    """
    image = _image(text)
    # What a proxy's name led to says nothing of the host that was to be reached through it.
    lookup = None if "proxyconnect" in text.lower() else _last(_LOOKUP, text)
    url = _url(text)
    host = _host(text, lookup, url, image, layers_asked)
    asked = _ASKED.search(text)
    dialled = _end(_DIALLED.search(text)) or _end(_PEER.search(text))
    retried = _RETRIED.search(text)
    denial = read_denial(text)
    return Mentions(
        host=host,
        place=place_of(host) if host else _place(text),
        path=url[2].lower() if url else "",
        address=dialled[0] if dialled else None,
        port=dialled[1] if dialled else None,
        resolver=_ip((lookup[2] if lookup else None) or (asked and (asked[1] or asked[2]))),
        http_status=_status(text),
        image=image,
        role_arn=_role(text),
        secret=_secret(text) if secret_asked else None,
        denial=denial,
        retries=int(retried[1]) if retried else None,
        truncated=_is_cut(text, denial),
    )


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The last match: errors wrap from the outside in, so the last is the one that failed."""
    found = None
    for match in pattern.finditer(text):
        found = match
    return found


def _url(text: str) -> re.Match[str] | None:
    """The last URL that is not one of advice."""
    found = None
    for match in _URL.finditer(text):
        if not is_documentation(match[1]):
            found = match
    return found


def _host(
    text: str, lookup: re.Match[str] | None, url: re.Match[str] | None, image: str | None, layers_asked: bool
) -> str | None:
    """The host that was asked: the one looked up, else the URL's, else the one that the image is pulled from."""
    for match in (lookup, url, _PULLED_FROM.search(text)):
        # Where the text ends in a host, the host may be cut.
        if match is None or match[1].startswith(".") or match[1].endswith("..."):
            continue
        if text[match.end(1) :].strip("."):
            return match[1].lower().rstrip(".,;:*") or None
    # containerd writes references out in full, so what it resolves without a path is no image of Docker Hub.
    if image is None or ("/" not in image and "resolve ref" in text.lower()):
        return None
    host = _image_host(image, layers_asked)
    # In the documentation's own sentences the image is a placeholder.
    if host is not None and "amazon ecr" in text.lower() and place_of(host) == "docker-hub":
        return None
    return host.lower() if host else None


def _place(text: str) -> HostKind | None:
    """The service that a text without a whole host is about, by what is left of a name, or of an ARN."""
    lowered = text.lower()
    return next((place for part, place in _NAMED if part in lowered), None)


def _image(text: str) -> str | None:
    for pattern in _IMAGE:
        match = pattern.search(text)
        if match is None:
            continue
        name = match[1].rstrip(":.,;>")
        if (
            name
            and "..." not in match[1]
            and not name.lower().startswith(("http", "redacted"))
            and any(map(str.isalnum, name))
        ):
            return name
    return None


def _image_host(image: str, layers: bool) -> str | None:
    """The host that an image's pull asks: for ECR's layers the bucket of the image's Region."""
    try:
        reference = parse(image.lower())
    except InvalidImageReference:
        head = image.partition("/")[0]
        return head if "." in head and "/" in image else None
    if layers and reference.is_ecr and reference.region:
        return arn.layer_host(reference.region)
    return reference.pull_host


def _end(match: re.Match[str] | None) -> tuple[str, int] | None:
    """The address and the port at the other end of a connection."""
    address = _ip(match[1] or match[2]) if match else None
    return (address, int(match[3])) if match and address else None


def _ip(text: str | None) -> str | None:
    if not text:
        return None
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return None


def _status(text: str) -> int | None:
    """The status that came back. Docker's own `API error (500)` and an SDK's `StatusCode: 0` are none."""
    for pattern in _STATUS:
        match = pattern.search(text)
        if match is not None:
            return int(match[1])
    return None


def _role(text: str) -> str | None:
    match = _ROLE.search(text)
    if match is None:
        return None
    named = match[1].rstrip(".,;>")
    if named.lower().startswith("arn:") and not match[1].endswith("..."):
        return named
    other = _ROLE_ARN.search(text)
    return other[0].rstrip(".,;") if other and not other[0].endswith("...") else None


def _secret(text: str) -> str | None:
    for pattern in _SECRET:
        match = pattern.search(text)
        if match is not None and not match[1].endswith("..."):
            return match[1].rstrip(".,;:") or None
    return None


def _is_cut(text: str, denial: Denial | None) -> bool:
    """True if the end is missing: an ellipsis, an open quotation, or a sentence that stops before it says anything."""
    end = text.lower().rstrip(_CLOSING)
    if end.endswith(".") and not end.endswith("..."):
        end = end[:-1].rstrip(_CLOSING)
    if end.endswith(("...", ":", *_CUT_TAIL)):
        return True
    if text.count('"') % 2 == 1:
        return True
    # A refusal ends with the resource, or with the reason where the action has no resource.
    whole = denial is None or denial.resource or denial.explicit or denial.policy != "unspecified"
    return not whole and "user:" in text.lower()
