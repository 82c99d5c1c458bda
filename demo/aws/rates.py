"""How fast AWS lets an account be asked: token buckets, to the letter of what AWS publishes.

A request that finds no token is answered with the error of its service, and takes none. Of what AWS publishes no rate for (IAM,
most of ECR, Systems Manager) every request is taken. These numbers are written down here and in the product by themselves: what
is measured with them must not follow a mistake of what is measured.

EC2 has a bucket for each API (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html), ECS one for each category
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html). ECR, Secrets Manager, KMS and STS publish
requests a second (https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html,
https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html,
https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from demo.aws.errors import AwsRefusal

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/")
_PLAIN = frozenset({"DescribeInstances", "DescribeNetworkInterfaces", "DescribeSecurityGroups"})
"""Of what is asked here: APIs of EC2 that have a smaller bucket for a request with neither filter nor paging."""


class BucketSize(NamedTuple):
    """What a bucket holds, and how many tokens a second flow into it."""

    holds: float
    refill: float


_CATEGORIES: Mapping[str, tuple[BucketSize, frozenset[str]]] = {
    "cluster-resource-read": (
        BucketSize(100, 20),
        frozenset({"DescribeTasks", "ListTasks", "DescribeContainerInstances", "ListContainerInstances", "ListAttributes"}),
    ),
    "service-read": (BucketSize(100, 20), frozenset({"DescribeServices", "ListServices"})),
    "cluster-read": (BucketSize(50, 20), frozenset({"ListClusters", "DescribeClusters"})),
    "task-definition-read": (
        BucketSize(50, 20),
        frozenset({"DescribeTaskDefinition", "ListTaskDefinitions", "ListTaskDefinitionFamilies"}),
    ),
    "service-deployments": (
        BucketSize(50, 20), frozenset({"DescribeServiceDeployments", "ListServiceDeployments"})
    ),
    "service-revisions": (BucketSize(50, 20), frozenset({"DescribeServiceRevisions"})),
}  # fmt: skip

_A_SECOND: Mapping[str, tuple[float, frozenset[str]]] = {
    "ecr:BatchGetImage": (2000, frozenset({"ecr:BatchGetImage"})),
    "ecr:GetAuthorizationToken": (500, frozenset({"ecr:GetAuthorizationToken"})),
    "secretsmanager:read": (10_000, frozenset({"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"})),
    "secretsmanager:policy": (50, frozenset({"secretsmanager:GetResourcePolicy"})),
    "kms:DescribeKey": (2000, frozenset({"kms:DescribeKey"})),
    "kms:GetKeyPolicy": (1000, frozenset({"kms:GetKeyPolicy"})),
    "kms:ListGrants": (100, frozenset({"kms:ListGrants"})),
    "kms:ListAliases": (500, frozenset({"kms:ListAliases"})),
    "sts": (600, frozenset({"sts:GetCallerIdentity", "sts:AssumeRole"})),
}  # fmt: skip

_CODES = {"ec2": ("RequestLimitExceeded", 503), "iam": ("Throttling", 400), "sts": ("Throttling", 400)}


def _code_of(service: str) -> tuple[str, int]:
    return _CODES.get(service, ("ThrottlingException", 400))


class AwsRequest(NamedTuple):
    """A request as AWS counts it; `plain` is one with neither filter nor paging."""

    account: str
    region: str
    service: str
    api: str
    plain: bool

    @property
    def bucket(self) -> tuple[str, BucketSize | None]:
        """The name of the bucket that it takes a token of, and its size; `None` where AWS publishes none."""
        action = f"{self.service}:{self.api}"
        if self.service == "ec2":
            if self.plain and self.api in _PLAIN:
                return f"{action}:plain", BucketSize(50, 10)
            return action, BucketSize(100, 20)
        if self.service == "ecs":
            for name, (size, apis) in _CATEGORIES.items():
                if self.api in apis:
                    return f"ecs:{name}", size
        for name, (rate, actions) in _A_SECOND.items():
            if action in actions:
                return name, BucketSize(rate, rate)
        return action, None


@dataclass
class _TokenBucket:
    size: BucketSize
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        self.tokens = min(self.size.holds, self.tokens + self.size.refill * max(0.0, now - self.at))
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Rates:
    """Counts what an emulated AWS is asked, and refuses what is too much.

    Args:
        clock: seconds.
        every: besides, so many requests are throttled: 10 for every tenth, 0 for none.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, every: int = 0) -> None:
        self.clock = clock
        self.every = every
        self.asked: list[tuple[float, AwsRequest]] = []
        """What was asked, and when: also what was refused."""
        self.refused: list[tuple[float, AwsRequest]] = []
        """What found no token."""
        self._buckets: dict[tuple[str, str, str], _TokenBucket] = {}

    def take(self, request: AwsRequest) -> None:
        """Count a request. Raises AwsRefusal where it finds no token, or where its turn to be throttled has come."""
        now = self.clock()
        self.asked.append((now, request))
        name, size = request.bucket
        if size is not None:
            key = (request.account, request.region, name)
            bucket = self._buckets.setdefault(key, _TokenBucket(size, size.holds, now))
            if not bucket.take(now):
                self.refused.append((now, request))
                raise _too_many(request)
        if self.every and len(self.asked) % self.every == 0:
            raise _too_many(request)

    def peaks(self, seconds: float = 1.0) -> dict[str, int]:
        """The most that was asked of each bucket of one account and Region in any span of so many seconds."""
        moments: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        for at, request in self.asked:
            moments[request.account, request.region, request.bucket[0]].append(at)
        found: dict[str, int] = {}
        for (_, _, name), times in moments.items():
            first = most = 0
            for last, at in enumerate(times):
                while times[first] <= at - seconds:
                    first += 1
                most = max(most, last - first + 1)
            found[name] = max(found.get(name, 0), most)
        return found

    def drawn(self) -> dict[str, float]:
        """How much of what AWS publishes was drawn of each bucket at most: the tokens that were gone, as a part of the bucket.

        What comes in meanwhile is counted at the same part of its rate, so that 0.5 is reached by whoever draws half of a
        bucket at once and half of what flows in for good.
        """
        moments: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        sizes: dict[tuple[str, str, str], BucketSize] = {}
        for at, request in self.asked:
            name, size = request.bucket
            if size is not None:
                key = (request.account, request.region, name)
                moments[key].append(at)
                sizes[key] = size
        found: dict[str, float] = {}
        for key, times in moments.items():
            found[key[2]] = max(found.get(key[2], 0.0), _drawn(times, sizes[key]))
        return found


def _drawn(times: list[float], size: BucketSize) -> float:
    """The smallest part of a bucket and of its refill that would have been enough for these requests."""
    low, high = 0.0, 1.0
    for _ in range(30):
        part = (low + high) / 2
        tokens, at, enough = size.holds * part, times[0], True
        for now in times:
            tokens = min(size.holds * part, tokens + size.refill * part * (now - at)) - 1
            at = now
            # What a share of a bucket holds need be no whole number.
            if tokens <= -1:
                enough = False
                break
        low, high = (low, part) if enough else (part, high)
    # The last digits say only how often it was halved.
    return round(high, 6)


def _too_many(request: AwsRequest) -> AwsRefusal:
    code, status = _code_of(request.service)
    what = "Request limit exceeded." if code == "RequestLimitExceeded" else "Rate exceeded"
    return AwsRefusal(code, what, status)


def request_of(environ: dict[str, Any], account: str) -> AwsRequest | None:
    """What a request in the form of WSGI asks for; `None` where it names no operation, as those to S3 do.

    Its body stays to be read.
    """
    scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    if scope is None:
        return None
    service, region = scope["service"], scope["region"]
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        return AwsRequest(account, region, service, target.rpartition(".")[2], plain=False)
    if not str(environ.get("CONTENT_TYPE", "")).startswith("application/x-www-form-urlencoded"):
        return None
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    form = parse_qs(body.decode())
    (api,) = form.get("Action", [""])
    return AwsRequest(account, region, service, api, _is_plain(form)) if api else None


def _is_plain(names: Iterable[str]) -> bool:
    return not any(name.startswith(("Filter.", "MaxResults", "NextToken")) for name in names)
