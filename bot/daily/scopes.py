"""What is audited every day, as a setting says it: clusters, or every cluster of an account in a Region."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from diagnostics.arn import partition_of_region
from diagnostics.target import REGION, Target

EXAMPLE = "all, or arn:aws:ecs:eu-central-1:111122223333:cluster/prod, or 222233334444/eu-west-1, separated by commas"

_ARN = re.compile(
    rf"arn:aws[a-z-]{{0,20}}:ecs:(?P<region>{REGION}):(?P<account>[0-9]{{12}}):cluster/(?P<cluster>[A-Za-z0-9_-]{{1,255}})"
)
_PLACE = re.compile(rf"(?P<account>[0-9]{{12}})/(?P<region>{REGION})")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
EVERY = "all"


@dataclass(frozen=True)
class AuditScope:
    """What one audit a day is about.

    Attributes:
        account: `None` for that of the app's credentials.
        region: `None` for the app's own.
        clusters: by name; none named means every one.
    """

    account: str | None = None
    region: str | None = None
    clusters: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Names it in the store: the account and the Region, and which clusters where not all of them are meant."""
        some = hashlib.sha256(",".join(self.clusters).encode()).hexdigest()[:12] if self.clusters else EVERY
        return f"{self.account or 'own'}/{self.region or 'own'}/{some}"

    @property
    def targets(self) -> tuple[Target, ...]:
        """What an auditor is asked about: each cluster, or all of them at once."""
        return tuple(self.target(name) for name in self.clusters) or (self.target(None),)

    def target(self, cluster: str | None) -> Target:
        """One cluster of it, or all at once."""
        partition = partition_of_region(self.region) if self.region else None
        return Target(
            kind="cluster", partition=partition, region=self.region, account_id=self.account, cluster=cluster
        )

    def __str__(self) -> str:
        """As people call it."""
        which = (
            f"cluster{'s' if len(self.clusters) > 1 else ''} {', '.join(self.clusters[:5])} of "
            if self.clusters
            else ""
        )
        where = ", ".join(
            item for item in (f"account {self.account}" if self.account else "", self.region or "") if item
        )
        return f"{which}{where or 'the account of this app'}"


def read_scopes(text: str) -> tuple[AuditScope, ...]:
    """The scopes of a setting, one for each account and Region; an empty text has none.

    Raises:
        ValueError: something in it is no cluster and no account; the message shows which, with an example.
    """
    places: dict[tuple[str | None, str | None], list[str]] = {}
    for part in (item.strip() for item in text.split(",")):
        if not part:
            continue
        account: str | None = None
        region: str | None = None
        cluster: str | None = None
        if found := _ARN.fullmatch(part):
            account, region, cluster = found["account"], found["region"], found["cluster"]
        elif found := _PLACE.fullmatch(part):
            account, region = found["account"], found["region"]
        elif part.lower() != EVERY:
            if not _NAME.fullmatch(part):
                raise ValueError(
                    f"{part[:60]!r} is no cluster and no account with its Region; expected is {EXAMPLE}"
                )
            cluster = part
        named = places.setdefault((account, region), [])
        named.append(EVERY if cluster is None else f"={cluster}")
    return tuple(
        AuditScope(account, region, () if EVERY in named else tuple(sorted({name[1:] for name in named})))
        for (account, region), named in places.items()
    )
