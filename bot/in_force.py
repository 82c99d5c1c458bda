"""The settings as they are in force, for whoever asks in Slack. Tokens, external ids and addresses are none of them."""

from __future__ import annotations

from collections.abc import Iterable

from bot.settings import Settings
from handlers.ways import SettingInForce

_EVERYBODY = "everybody of those workspaces"


def in_force(settings: Settings) -> tuple[SettingInForce, ...]:
    """What is set, in words: who may ask, where, about what, and how it is looked at."""
    users, groups = settings.pullcheck_allowed_users, settings.pullcheck_allowed_usergroups
    people = [*sorted(users or ()), *(f"user group {name}" for name in sorted(groups or ()))]
    limited = users is not None or groups is not None
    by_channel = settings.pullcheck_channel_accounts or {}
    rows = [
        ("Workspaces whose people may ask", _listed(settings.pullcheck_allowed_teams, "the app's own")),
        ("People who may ask", (_joined(people) or "nobody") if limited else _EVERYBODY),
        ("Channels", _listed(settings.pullcheck_allowed_channels, "every one")),
        (
            "AWS accounts",
            _listed(settings.pullcheck_allowed_accounts, "every one that the app's credentials can read"),
        ),
        *(
            (f"AWS accounts in channel {channel}", _joined(sorted(accounts)) or "none")
            for channel, accounts in sorted(by_channel.items())
        ),
        ("Role in other accounts", settings.pullcheck_target_role_name or "none: the app's own credentials"),
        ("Seconds for a diagnosis", f"{settings.pullcheck_deadline:g}"),
        ("Diagnoses at a time", str(settings.pullcheck_parallel)),
        ("Age of an answer of AWS that is taken over", f"{settings.pullcheck_reuse_seconds:g} seconds"),
        ("Runs are kept", f"{settings.pullcheck_retention_days} days, in {settings.pullcheck_store}"),
        *(
            [
                (
                    "Audited every day",
                    f"{settings.pullcheck_daily_audit}, at {settings.pullcheck_daily_audit_at} UTC",
                )
            ]
            if settings.pullcheck_daily_audit.strip()
            else []
        ),
        (
            "Administrators of this app",
            _listed(settings.pullcheck_admins, "Slack's own, where Slack says who"),
        ),
    ]
    return tuple(SettingInForce(name, value) for name, value in rows)


def _listed(values: frozenset[str] | None, otherwise: str) -> str:
    """A list: what is not set holds for all, and what is empty for none."""
    return otherwise if values is None else _joined(sorted(values)) or "none"


def _joined(values: Iterable[str]) -> str:
    return ", ".join(values)
