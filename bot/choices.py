"""Which accounts and Regions a menu offers before anything is asked. Light: the function that Slack calls imports it."""

from __future__ import annotations

import botocore.session

from bot.settings import Settings
from diagnostics.arn import partition_of_region


def listed_accounts(settings: Settings) -> tuple[str, ...]:
    """The accounts that the settings list, for all channels or for one."""
    listed = set(settings.pullcheck_allowed_accounts or ())
    for accounts in (settings.pullcheck_channel_accounts or {}).values():
        listed |= accounts
    return tuple(sorted(listed))


def regions_beside(own: str | None) -> tuple[str, ...]:
    """The Regions in which botocore knows ECS, those of the partition of the app's own, which comes first."""
    found = botocore.session.get_session().get_available_regions("ecs", partition_of_region(own or ""))
    return tuple(sorted({*found, *((own,) if own else ())}, key=lambda name: (name != own, name)))
