"""The day's audits in Socket Mode, by the settings."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.daily.day import DailyAudits
from bot.daily.scopes import read_scopes
from bot.daily.state import KeptAudits
from bot.daily.tags import service_tags
from bot.daily.timer import DailyTimer
from bot.events.routes import Routes
from bot.settings import Settings
from bot.stores.chosen import Store
from diagnostics.collect import AwsClients
from handlers.jobs import Job
from handlers.ports import Services


def timer_of(
    settings: Settings,
    store: Store,
    services: Services,
    submit: Callable[[Job], object],
    aws: AwsClients,
    clock: Callable[[], float] = time.time,
) -> DailyTimer | None:
    """What audits every day; `None` where nothing is.

    Args:
        settings: the settings.
        store: keeps the last audits.
        services: who audits, and which accounts may be told of where.
        submit: takes messages for channels.
        aws: reads the tags of services.
        clock: seconds since 1970.
    """
    scopes = read_scopes(settings.pullcheck_daily_audit)
    if not scopes:
        return None
    hour, _, minute = settings.pullcheck_daily_audit_at.partition(":")
    daily = DailyAudits(
        kept=KeptAudits(store.items),
        routes=Routes.of(settings.pullcheck_routes),
        tags=lambda subject: service_tags(subject, aws),
        submit=submit,
        accounts=services.accounts,
        clock=clock,
    )
    return DailyTimer(daily, services.audit, scopes, int(hour) * 60 + int(minute), store.runs, clock)
