"""Image references as ECS reads them: registry, repository, tag and digest.

The grammar is the one of the distribution project, as Docker and containerd apply it:
https://pkg.go.dev/github.com/distribution/reference. ECR's hosts are described at
https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from ipaddress import ip_address
from typing import Literal

from pydantic import BaseModel, ConfigDict

from diagnostics.arn import partition_of_region

RegistryKind = Literal["ecr", "ecr-public", "docker-hub", "other"]

_ECR = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr(?P<fips>-fips)?\.(?P<region>[a-z]{2,5}(?:-[a-z]+)+-[0-9]+)"
    r"\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
_ECR_DUAL = re.compile(
    r"(?P<account>[0-9]{12})\.dkr-ecr(?P<fips>-fips)?\.(?P<region>[a-z]{2,5}(?:-[a-z]+)+-[0-9]+)\.on\.(?:aws|amazonwebservices\.(?:com\.cn|eu))"
)
_HOST = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?::[0-9]+)?|\[[0-9a-fA-F:.]+\](?::[0-9]+)?"
)
_PORT = re.compile(r"(\[[^\]]*\]|[^:\[\]]+):([0-9]{1,9})")
_COMPONENT = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
# The grammar allows other algorithms, which the digest package then refuses.
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_IDENTIFIER = re.compile(r"[0-9a-f]{64}")
_LONGEST_REPOSITORY = 255
_TEMPLATE = re.compile(r"\$[{(]?[A-Za-z_]|#\{|\{\{|<[A-Za-z0-9_ .-]+>|%[A-Z_]+%")

HTTPS_PORT = 443
DOCKER_HUB_HOST = "registry-1.docker.io"
_HUB_NAMES = ("docker.io", "index.docker.io")
"""Names that Docker reads as Docker Hub's: under these alone, `nginx` means `library/nginx`."""
_HUB_HOSTS = (DOCKER_HUB_HOST, "registry.hub.docker.com")


_PUBLIC = (
    ".ghcr.io", ".quay.io", ".gcr.io", ".pkg.dev", ".registry.k8s.io", ".mcr.microsoft.com", ".azurecr.io",
    ".registry.gitlab.com", ".registry.redhat.io", ".registry.access.redhat.com", ".cgr.dev", ".nvcr.io",
    ".docker.elastic.co", ".container-registry.oracle.com", ".registry.digitalocean.com", ".docker.io",
)  # fmt: skip
"""Registries that anybody can reach under a name of the internet. A private zone could shadow even those; nobody does."""


class InvalidImageReference(ValueError):  # the name says what happened to whoever catches it
    """The reference cannot be parsed; the message says why in one sentence."""


class ImageReference(BaseModel):
    """An image reference, taken apart.

    `registry` is the host as written (`docker.io` where none is), `tag` and `digest` are what was written. Where both
    are, the digest wins. `account_id` and `region` are set for private ECR hosts only.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None
    kind: RegistryKind
    account_id: str | None = None
    region: str | None = None
    dual_stack: bool = False
    fips: bool = False

    @property
    def is_ecr(self) -> bool:
        """Whether the image is in a private ECR registry."""
        return self.kind == "ecr"

    @property
    def pull_host(self) -> str:
        """The host that answers for the manifest."""
        return DOCKER_HUB_HOST if self.kind == "docker-hub" else self.registry

    @property
    def is_public(self) -> bool:
        """True if everybody finds the registry's host on the internet. Of any other name nobody can tell from here."""
        name = host_and_port(self.registry)[0].lower()
        return self.kind != "other" or f".{name}".endswith(_PUBLIC)

    @property
    def port(self) -> int:
        """The TCP port that answers for the manifest: the one that is written behind the host, else HTTPS's."""
        return host_and_port(self.pull_host)[1] or HTTPS_PORT

    @property
    def on_the_machine(self) -> bool:
        """True if the registry is a program on the machine that pulls, so that nothing leaves it."""
        name = host_and_port(self.pull_host)[0]
        try:
            return ip_address(name).is_loopback
        except ValueError:
            return name == "localhost" or name.endswith(".localhost")

    @property
    def wanted_tag(self) -> str | None:
        """The tag that is pulled: `latest` where none is written, `None` where a digest decides."""
        return None if self.digest else (self.tag or "latest")

    @property
    def tag_or_digest(self) -> str:
        """What names the image inside its repository."""
        return self.digest or self.tag or "latest"

    @property
    def repository_arn(self) -> str | None:
        """The ARN of the repository in private ECR."""
        if self.region is None or self.account_id is None:
            return None
        partition = partition_of_region(self.region)
        return f"arn:{partition}:ecr:{self.region}:{self.account_id}:repository/{self.repository}"


def parse(text: str) -> ImageReference:
    """Takes an image reference apart.

    Raises:
        InvalidImageReference: the container runtime would refuse it as an invalid reference format.
    """
    _refuse_obvious(text)
    rest, at, digest = text.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        raise InvalidImageReference(
            f"{_quoted(text)} has a malformed digest; one looks like @sha256: and 64 hexadecimal digits in lower case."
        )
    host, slash, path = rest.partition("/")
    if not slash or not (any(mark in host for mark in ".:") or host == "localhost" or host != host.lower()):
        host, path = "", rest
    name, colon, tag = path.partition(":")
    if colon and not _TAG.fullmatch(tag):
        raise InvalidImageReference(
            f"{_quoted(text)} has a malformed tag {_quoted(tag)}; a tag is 1 to 128 letters, digits, '.', '_' or '-'."
        )
    if host and not _HOST.fullmatch(host):
        raise InvalidImageReference(f"{_quoted(text)} has a malformed registry host {_quoted(host)}.")
    port = host_and_port(host)[1]
    if port is not None and not 0 < port < 65536:
        raise InvalidImageReference(f"{_quoted(text)} names port {port}; a port is a number from 1 to 65535.")
    if not name:
        raise InvalidImageReference(f"{_quoted(text)} names no repository; expected HOST/REPOSITORY:TAG.")
    if name != name.lower():
        raise InvalidImageReference(
            f"{_quoted(text)} has upper-case letters in the repository name {_quoted(name)}; it must be lower case."
        )
    if not all(_COMPONENT.fullmatch(part) for part in name.split("/")):
        raise InvalidImageReference(f"{_quoted(text)} has a malformed repository name {_quoted(name)}.")
    if len(name) > _LONGEST_REPOSITORY:
        raise InvalidImageReference(
            f"{_quoted(text)} has a repository name of {len(name)} characters; it may have {_LONGEST_REPOSITORY}."
        )
    if _IDENTIFIER.fullmatch(text):
        raise InvalidImageReference(f"{_quoted(text)} is an image's id; expected HOST/REPOSITORY:TAG.")
    return _located(text, host, name, tag or None, digest or None)


@lru_cache(4096)
def host_and_port(text: str) -> tuple[str, int | None]:
    """A host as it is looked up or dialled, without brackets, and the port that is written behind it, if one is."""
    match = _PORT.fullmatch(text)
    name, port = (match[1], int(match[2])) if match else (text, None)
    return name.removeprefix("[").removesuffix("]"), port


def _refuse_obvious(text: str) -> None:
    """Mistakes that deserve a sentence of their own."""
    if not text:
        raise InvalidImageReference("The image reference is empty; expected HOST/REPOSITORY:TAG.")
    if len(text) > 2048:
        raise InvalidImageReference("The image reference is longer than 2048 characters.")
    if re.match(r"[A-Za-z]+://", text):
        raise InvalidImageReference(f"{_quoted(text)} begins with a scheme; an image reference has none.")
    if _TEMPLATE.search(text):
        raise InvalidImageReference(f"{_quoted(text)} holds a placeholder that was never filled in.")
    if re.search(r"\s", text):
        raise InvalidImageReference(f"{_quoted(text)} holds white space.")


def _located(text: str, host: str, name: str, tag: str | None, digest: str | None) -> ImageReference:
    ecr = _ECR.fullmatch(host) or _ECR_DUAL.fullmatch(host)
    if ecr is not None:
        return ImageReference(
            text=text, registry=host, repository=name, tag=tag, digest=digest, kind="ecr", account_id=ecr["account"],
            region=ecr["region"], dual_stack=".dkr-ecr" in host, fips=ecr["fips"] is not None,
        )  # fmt: skip
    if host in ("public.ecr.aws", "ecr-public.aws.com"):
        return ImageReference(
            text=text, registry=host, repository=name, tag=tag, digest=digest, kind="ecr-public"
        )
    if not host or host in _HUB_NAMES or host in _HUB_HOSTS:
        official = name if "/" in name or host in _HUB_HOSTS else f"library/{name}"
        return ImageReference(
            text=text, registry="docker.io", repository=official, tag=tag, digest=digest, kind="docker-hub"
        )
    return ImageReference(text=text, registry=host, repository=name, tag=tag, digest=digest, kind="other")


def _quoted(text: str) -> str:
    shown = text if len(text) <= 120 else text[:117] + "..."
    return "'" + "".join(char if char.isprintable() else "\ufffd" for char in shown) + "'"


def nearest(name: str, candidates: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The existing names most like the one that does not exist, best first; those nothing like it are left out.

    Where several are equally like it, the order of `candidates` stands, such as newest first.

    A shared beginning counts, since tags and repository names grow to the right (`v1.4.2`, `team/api`).
    """
    wanted = name.lower()

    def likeness(candidate: str) -> float:
        other = candidate.lower()
        shared = 0
        for a, b in zip(wanted, other, strict=False):
            if a != b:
                break
            shared += 1
        ratio = SequenceMatcher(None, wanted, other, autojunk=False).ratio()
        return ratio + 0.3 * shared / max(len(wanted), 1)

    # A stable sort: of names that are equally like it, the one that comes first in `candidates` stays first.
    scored = sorted(((-likeness(item), item) for item in dict.fromkeys(candidates)), key=lambda pair: pair[0])
    return tuple(item for score, item in scored[:limit] if -score >= 0.5)


def nearly(number: str, others: Iterable[str]) -> str | None:
    """The account of which an id has one or two digits wrong, or two changed places; `None` where it is like none of them."""
    if number in (known := tuple(others)):
        return None
    for other in known:
        if len(number) == len(other) and sum(a != b for a, b in zip(number, other, strict=True)) <= 2:
            return other
    return None
