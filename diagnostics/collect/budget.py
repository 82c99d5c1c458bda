"""How fast an account may be asked: token buckets for each account, Region and API, smaller than AWS's own.

Whoever looks after an incident needs the account's rates himself, so automatic work takes a share of them and waits for the
rest. What a person asked for never waits; it takes its tokens all the same, so that automatic work waits the longer.

Rates: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html,
https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html,
https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html,
https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import NamedTuple

SHARE = 0.5
"""The share of an account's rates that automatic work takes."""
SLOW_SECONDS = 60.0
"""For how long after a throttling error a bucket fills half as fast."""


_NEARLY = 1e-6
"""Of a token: who waited for one by the clock has waited long enough, whatever the last digit says."""


class Rate(NamedTuple):
    """How many requests AWS takes: `burst` at once, and `rate` a second for good."""

    rate: float
    burst: float


_EC2 = Rate(20, 100)
_ECS = {
    "cluster-resource-read": Rate(20, 100),
    "service-read": Rate(20, 100),
    "cluster-read": Rate(20, 50),
    "task-definition-read": Rate(20, 50),
    "capacity-provider-read": Rate(20, 50),
    "service-deployments": Rate(20, 50),
    "service-revisions": Rate(20, 50),
}
_ECS_CATEGORIES = {
    "DescribeTasks": "cluster-resource-read",
    "ListTasks": "cluster-resource-read",
    "DescribeContainerInstances": "cluster-resource-read",
    "ListContainerInstances": "cluster-resource-read",
    "DescribeServices": "service-read",
    "ListServices": "service-read",
    "ListClusters": "cluster-read",
    "DescribeClusters": "cluster-read",
    "DescribeTaskDefinition": "task-definition-read",
    "DescribeCapacityProviders": "capacity-provider-read",
    "ListServiceDeployments": "service-deployments",
    "DescribeServiceDeployments": "service-deployments",
    "DescribeServiceRevisions": "service-revisions",
}
_PUBLISHED = {
    "ecr:BatchGetImage": Rate(2000, 2000),
    "secretsmanager:DescribeSecret": Rate(10_000, 10_000),
    "secretsmanager:GetResourcePolicy": Rate(50, 50),
    "kms:DescribeKey": Rate(2000, 2000),
    "kms:GetKeyPolicy": Rate(1000, 1000),
}
_OWN = {
    "iam:SimulatePrincipalPolicy": Rate(2, 10),
    "iam": Rate(10, 30),
    "sts": Rate(600, 600),
    "ssm:DescribeParameters": Rate(4, 10),
}
"""Of the whole of IAM and STS at once. But for STS nothing is published, so these numbers are our own guess."""
_OTHER = Rate(10, 20)
"""Of an API whose rate AWS does not publish, such as those of ECR that read repositories; our own guess too."""

_CALLERS = ("sts", "secretsmanager", "kms")
"""Services that charge a cross-account call to the caller's account."""
_GLOBAL = ("iam", "organizations", "sts")
"""Services that are asked in no Region, or whose Regions share their rate."""


class BucketKey(NamedTuple):
    """Whose rate a request takes: an account (`None` is the caller's own), a Region, and a bucket of AWS's."""

    account: str | None
    region: str
    name: str


def bucket_key(action: str, region: str, account: str | None) -> BucketKey:
    """The bucket that a request by an IAM action takes its token from."""
    service, _, api = action.partition(":")
    if service == "ecs":
        name = f"ecs:{_ECS_CATEGORIES.get(api, api)}"
    elif service == "sts" or (service == "iam" and action not in _OWN):
        name = service
    else:
        name = action
    return BucketKey(None if service in _CALLERS else account, "" if service in _GLOBAL else region, name)


def published(name: str) -> Rate:
    """What AWS takes of a bucket, or our guess where AWS does not say."""
    service, _, rest = name.partition(":")
    if service == "ec2":
        return _EC2
    if service == "ecs":
        return _ECS.get(rest, Rate(20, 50))
    return _PUBLISHED.get(name) or _OWN.get(name) or _OTHER


def _is_published(name: str) -> bool:
    return name.startswith(("ec2:", "ecs:")) or name in _PUBLISHED or name == "sts"


@dataclass
class _Bucket:
    rate: float
    burst: float
    tokens: float
    at: float
    slow_until: float = float("-inf")

    def fill(self, now: float) -> None:
        """Add what came in since the last look; half as much while the bucket is slow."""
        if now <= self.at:
            return
        slow = max(0.0, min(now, self.slow_until) - self.at)
        self.tokens = min(self.burst, self.tokens + self.rate * (now - self.at - slow / 2))
        self.at = now

    def wait(self, now: float) -> float:
        self.fill(now)
        lacking = 1 - self.tokens
        if lacking <= _NEARLY:
            return 0.0
        slow = max(0.0, self.slow_until - now)
        in_slow = slow * self.rate / 2
        return lacking * 2 / self.rate if lacking <= in_slow else slow + (lacking - in_slow) / self.rate


class Budget:
    """The tokens of every bucket that was used. Not safe to share between threads; `FactStore` guards it."""

    def __init__(self, share: float = SHARE, among: int = 1) -> None:
        """A budget.

        Args:
            share: the part of what AWS takes that is ours, above 0 and at most 1.
            among: how many processes divide what AWS publishes among them. Where it publishes nothing our own numbers are small
                enough for each of them.
        """
        if not 0 < share <= 1:
            raise ValueError(
                f"the share of AWS's rates is above 0 and at most 1, such as {SHARE}: not {share}"
            )
        self._share = share
        self._among = among
        self._buckets: dict[BucketKey, _Bucket] = {}

    def wait(self, key: BucketKey, now: float) -> float:
        """Seconds until there is a token; 0 where there is one."""
        return self._bucket(key, now).wait(now)

    def take(self, key: BucketKey, now: float, count: int = 1) -> None:
        """Take tokens, be they there or not: what a person asked for, and further pages, are owed."""
        bucket = self._bucket(key, now)
        bucket.fill(now)
        bucket.tokens = max(bucket.tokens - count, -bucket.burst)

    def throttled(self, key: BucketKey, now: float) -> None:
        """AWS refused a request as one too many, or botocore had to send it again: fill half as fast for a while, and from
        nothing."""
        bucket = self._bucket(key, now)
        bucket.fill(now)
        bucket.tokens = min(bucket.tokens, 0.0)
        bucket.slow_until = now + SLOW_SECONDS

    def _bucket(self, key: BucketKey, now: float) -> _Bucket:
        found = self._buckets.get(key)
        if found is None:
            rate = published(key.name)
            share = self._share / self._among if _is_published(key.name) else self._share
            burst = max(1.0, rate.burst * share)
            found = self._buckets[key] = _Bucket(rate.rate * share, burst, burst, now)
        return found


class SharedBudget(Budget):
    """A budget that several stores of a process share, each from its own threads."""

    def __init__(self, share: float = SHARE, among: int = 1) -> None:
        super().__init__(share, among)
        self._lock = threading.Lock()

    def wait(self, key: BucketKey, now: float) -> float:
        """Seconds until there is a token; 0 where there is one."""
        with self._lock:
            return super().wait(key, now)

    def take(self, key: BucketKey, now: float, count: int = 1) -> None:
        """Take tokens, be they there or not. Between a look and a taking another store may have taken: that is owed."""
        with self._lock:
            super().take(key, now, count)

    def throttled(self, key: BucketKey, now: float) -> None:
        """AWS refused a request as one too many."""
        with self._lock:
            super().throttled(key, now)
