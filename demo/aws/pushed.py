"""Lets images have been pushed at different times, as in a registry that is in use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from moto.ecr.models import ecr_backends

from demo.aws.account import Account

APART = timedelta(days=3, hours=5)


def push_apart(account: Account) -> None:
    """Move what was pushed to each repository into the past: the newest some hours, each before it some days more.

    The order is that in which they were pushed.
    """
    now = datetime.now(UTC) - timedelta(hours=2)
    for repository in ecr_backends[account.account_id][account.region].repositories.values():
        for age, image in enumerate(reversed(repository.images)):
            image.image_pushed_at = int((now - age * APART).timestamp())
