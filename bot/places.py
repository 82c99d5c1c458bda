"""Where there is something to check, as AWS lists it: what the modal's menus offer. Read-only, and within two seconds."""

from __future__ import annotations

import logging

from botocore.exceptions import BotoCoreError

from bot.accounts import AssumedRoles
from bot.choices import listed_accounts, regions_beside
from bot.settings import Settings
from diagnostics.collect import AwsClients, FactStore, listing
from diagnostics.snapshot import Fact, Known, Unavailable, Why
from handlers.ways import Listed

log = logging.getLogger(__name__)

WAIT = 2.0
"""Seconds: Slack takes the options of a menu within three."""
LARGEST = 1000
"""Names that are listed: ten pages of a hundred."""
_PROBLEMS = {
    Why.DENIED: "AWS denies the app {call}. Paste the task below instead.",
    Why.TIMED_OUT: "AWS has not answered yet. Type a letter, or paste the task below.",
    Why.WRONG_REGION: "{region} is not enabled in this account. Choose another Region.",
}
_OTHER = "AWS gave no list just now. Type a letter, or paste the task below."


class AwsPlaces:
    """What AWS lists, kept for a minute.

    Args:
        aws: who asks AWS.
        roles: those that are assumed in other accounts, where they are.
        settings: the accounts that may be asked about.
        store: keeps the lists.
        wait: for how many seconds AWS is waited for.
    """

    def __init__(
        self,
        aws: AwsClients,
        roles: AssumedRoles | None,
        settings: Settings,
        store: FactStore | None = None,
        wait: float = WAIT,
    ) -> None:
        self._aws = aws
        self._roles = roles
        self._settings = settings
        self._store = store or FactStore(age=listing.LISTED_SECONDS)
        self._wait = wait

    @property
    def region(self) -> str | None:
        """The Region of the app's own session."""
        try:
            return self._aws.region
        except (BotoCoreError, OSError) as error:
            log.warning("the app's own Region is not known: %s", type(error).__name__)
            return None

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that are listed, where a role is assumed in each."""
        if self._roles is None:
            return ()
        return listed_accounts(self._settings)

    def regions(self) -> tuple[str, ...]:
        """The Regions in which botocore knows ECS, those of the app's own partition."""
        return regions_beside(self.region)

    def prepare(self, region: str, account: str | None, by: str, /) -> None:
        """Begin to list the clusters of a Region."""
        listing.clusters(region, account, clients=self._clients(by), store=self._store, wait=0)

    def clusters(self, region: str, account: str | None, by: str, /) -> Listed:
        """The clusters of a Region."""
        return _read(
            listing.clusters(region, account, clients=self._clients(by), store=self._store, wait=self._wait),
            region,
        )

    def services(self, region: str, account: str | None, cluster: str, by: str, /) -> Listed:
        """The services of a cluster."""
        return _read(
            listing.services(
                region, account, cluster, clients=self._clients(by), store=self._store, wait=self._wait
            ),
            region,
        )

    def _clients(self, by: str) -> AwsClients:
        return self._roles.clients(by) if self._roles else self._aws


def _read(fact: Fact[tuple[str, ...]], region: str) -> Listed:
    if isinstance(fact, Known):
        return Listed(fact.value, more=len(fact.value) >= LARGEST)
    if isinstance(fact, Unavailable):
        return Listed(problem=_PROBLEMS.get(fact.reason.why, _OTHER).format(call=fact.call, region=region))
    return Listed()
