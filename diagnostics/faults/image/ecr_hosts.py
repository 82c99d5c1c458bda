"""Hosts that were meant to be those of a private ECR registry, and what was probably meant.

AWS: https://docs.aws.amazon.com/general/latest/gr/ecr.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from diagnostics.arn import DNS_SUFFIXES, partition_of_region
from diagnostics.image_reference import nearest

# The labels of an ECR host are there, and the account's digits, the Region or what follows is not right.
_LIKE_ECR = re.compile(
    r"(?P<account>[0-9]{6,16})\.dkr(?P<mark>[.-])ecr(?P<fips>-fips)?\.(?P<region>[a-z0-9-]+)\.(?P<suffix>[a-z0-9.-]+)"
)
_AWS = re.compile(r"(?:^|\.)(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.aws)$")
_ECR_LABEL = re.compile(r"dkr|ecr|dkr-ecr(?:-fips)?|ecr-fips")
_REGION = re.compile(r"[a-z]{2,5}(?:-[a-z]+)+-[0-9]+")
_ZONE = re.compile(r"([a-z]{2,5}(?:-[a-z]+)+-[0-9]+)[a-z]")
_WITHOUT_HYPHEN = re.compile(r"([a-z]{2,5}(?:-[a-z]+)+)([0-9]+)")
_DIRECTIONS = frozenset(
    {"north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest", "gov"}
    | {"iso", "isob", "isoe", "isof"}
)
_REGIONS = (
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1",
    "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-south-1", "ap-south-2", "ap-east-1",
    "ca-central-1", "ca-west-1", "sa-east-1", "me-south-1", "me-central-1", "af-south-1", "il-central-1", "mx-central-1",
    "us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1",
)  # fmt: skip
"""Regions that may have been meant. One that is not among them may be new, so that this decides nothing."""


@dataclass(frozen=True)
class Misspelt:
    """A host that is nearly one of ECR's: what is wrong with it, and the host that was probably meant, if that is told."""

    says: str
    meant: str | None = None


def misspelt_ecr_host(host: str, accounts: Iterable[str] = (), region: str | None = None) -> Misspelt | None:
    """What is wrong with a host that was meant to be a private ECR registry's; `None` where it is one, or another's.

    A Region that does not exist but is named like one is not told: new ones are added.

    Args:
        host: the registry's host, as the image reference has it.
        accounts: accounts that may have been meant, the task's own first.
        region: the task's Region, the first that may have been meant.
    """
    plain, known = host.lower().rstrip("."), tuple(accounts)
    match = _LIKE_ECR.fullmatch(plain)
    if match is None:
        return _without_labels(plain, known, region)
    account, where, suffix = match["account"], match["region"], match["suffix"]
    if _AWS.search(f"{where}.{suffix}") and not _AWS.search(suffix):
        meant = _host(_near(account, known), region, match["mark"], match["fips"]) if region else None
        return Misspelt(says="it names no Region", meant=meant)
    meant_region = _region_meant(where, region)
    if len(account) != 12:
        meant = _host(_near(account, known), meant_region, match["mark"], match["fips"])
        return Misspelt(says=f"{account} has {len(account)} digits, and an account's id has 12", meant=meant)
    meant = _host(account, meant_region, match["mark"], match["fips"])
    if meant_region != where:
        return Misspelt(says=f"{where} is no Region", meant=meant)
    right = _suffix(where, dual=match["mark"] == "-")
    if suffix != right:
        return Misspelt(says=f"ECR's hosts in {where} end in {right}, not {suffix}", meant=meant)
    return None


def _without_labels(plain: str, accounts: tuple[str, ...], region: str | None) -> Misspelt | None:
    """A host of AWS whose labels are not those of an ECR registry."""
    labels = plain.split(".")
    first, rest = labels[0], labels[1:]
    digits = first.replace("-", "")
    numbered = digits.isdigit() and len(digits) >= 6
    if (
        ".vpce." in plain
        or not _AWS.search(plain)
        or not (numbered or any(_ECR_LABEL.fullmatch(label) for label in labels))
    ):
        return None
    if first == "api" or plain.startswith("ecr."):
        says = f"{plain} is the host of ECR's API, and that of a registry begins with the account's id"
    elif digits != first and len(digits) == 12 and digits.isdigit():
        says = "an account's id is written without hyphens"
    elif not numbered:
        said = "nothing" if not first or _ECR_LABEL.fullmatch(first) else first
        says = f"it begins with the account's id, and here with {said}"
    elif rest[:2] != ["dkr", "ecr"] and not rest[0].startswith("dkr-ecr"):
        says = "behind the account's id stands .dkr.ecr."
    else:
        return None
    account = digits if numbered and len(digits) == 12 else _near(digits, accounts)
    where = next((label for label in labels if _REGION.fullmatch(label)), region)
    return Misspelt(
        says=says, meant=_host(account, _region_meant(where, region) if where else None, ".", None)
    )


def _near(digits: str, accounts: tuple[str, ...]) -> str | None:
    """The account that was probably meant: the one like the digits, the task's own where there are none."""
    if not digits.isdigit():
        return accounts[0] if accounts else None
    return next(
        (item for item in accounts if SequenceMatcher(None, digits, item, autojunk=False).ratio() > 0.8), None
    )


def _region_meant(where: str, region: str | None) -> str | None:
    """The Region itself where it is named like one, else the one that was probably meant."""
    joined, zone = _WITHOUT_HYPHEN.fullmatch(where), _ZONE.fullmatch(where)
    plain = f"{joined[1]}-{joined[2]}" if joined else zone[1] if zone else where
    words = plain.split("-")[1:-1]
    if _REGION.fullmatch(plain) and all(word in _DIRECTIONS or len(word) == 2 for word in words):
        return plain
    if region is not None and plain in ("undefined", "null", "none", "region"):
        return region
    candidates = (*((region,) if region else ()), *_REGIONS)
    plain = plain.removesuffix("-amazonaws")
    ratios = {
        item: SequenceMatcher(None, plain, item, autojunk=False).ratio()
        for item in nearest(plain, candidates)
    }
    best = max(ratios, key=lambda item: ratios[item], default=None)
    return best if best is not None and ratios[best] > 0.75 else None


def _host(account: str | None, region: str | None, mark: str, fips: str | None) -> str | None:
    if account is None or region is None:
        return None
    return f"{account}.dkr{mark}ecr{fips or ''}.{region}.{_suffix(region, dual=mark == '-')}"


def _suffix(region: str, *, dual: bool) -> str:
    """What ECR's hosts of a Region end in; the dual-stack ones have a suffix of their own."""
    partition = partition_of_region(region)
    if not dual:
        return DNS_SUFFIXES[partition]
    other = {"aws-cn": "on.amazonwebservices.com.cn", "aws-eusc": "on.amazonwebservices.eu"}
    return other.get(partition, "on.aws")
