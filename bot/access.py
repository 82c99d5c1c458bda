"""Who may ask: people by their workspace, by name or by user group, in certain channels.

Not configured means the people of the token's own workspace, and not everybody who shares a channel with them. What Slack
does not tell lets nobody in: an app that reads an AWS account errs towards silence, and says why.
Slack: https://docs.slack.dev/apis/slack-connect/, https://docs.slack.dev/enterprise/developing-for-enterprise-orgs/
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.kept import Kept, NoAnswerError, RefusedError
from bot.settings import Settings
from bot.shapes import kind_of

log = logging.getLogger(__name__)

ASK_SECONDS = 1
"""What a question to Slack may take on the way to an acknowledgement, which Slack awaits for three seconds."""
GROUP_SECONDS = 300.0
"""For how long the people of a user group are kept."""
GROUP_STALE_SECONDS = 3600.0
"""For how long they are where Slack does not answer. Who is on call changes by the shift, and Slack's outages are over within
hours: with less, a bad hour of Slack's would shut the on-call out; with more, whoever left a group would stay in for a day."""
_NO_MORE = frozenset({"no_such_subteam", "subteam_not_found"})
"""The group is gone, so nobody is in it."""

OPERATOR = "Its operator can change that."


@dataclass(frozen=True)
class Asker:
    """Who asks, where.

    Attributes:
        user: the person, `None` where nobody is named.
        home: the workspace that the person belongs to, or their Enterprise organization; `None` where Slack does not say.
        organization: the Enterprise organization of which the person certainly is.
        channel: where, `None` outside of a channel.
    """

    user: str | None
    home: str | None
    organization: str | None
    channel: str | None


def asker_of(body: Mapping[str, Any], channel: str | None) -> Asker:
    """Who sent a request.

    Bolt's own answers are not used: for a press or a shortcut it gives the workspace in which the app is installed.

    Args:
        body: a request that is not misshapen.
        channel: where, as Bolt finds it.
    """
    kind = kind_of(body)
    if kind == "command":
        home, user = body.get("team_id"), body.get("user_id")
        return Asker(user, home, body.get("enterprise_id"), channel)
    if kind == "event_callback":
        return _asker_of_event(body, channel)
    person = body.get("user")
    person = person if isinstance(person, Mapping) else {}
    home = person.get("team_id")
    return Asker(person.get("id"), home, _organization(body, home), channel)


def _asker_of_event(body: Mapping[str, Any], channel: str | None) -> Asker:
    """In a channel that is shared with others, the event itself names the person's workspace; elsewhere it need not."""
    event = body["event"]
    user = event.get("user") or event.get("user_id")
    named: Mapping[str, Any] = user if isinstance(user, Mapping) else {}
    user = named.get("id") if named else user
    team = event.get("team")
    said = (event.get("user_team"), named.get("team_id"), event.get("source_team"), team)
    home = next((name for name in said if isinstance(name, str) and name), None)
    organization = None
    if body.get("is_ext_shared_channel") is not True:
        home = home or body.get("team_id")
        # Whoever is of another workspace may be of another organization too, unless Slack says that nobody there is.
        if home == body.get("team_id") or body.get("is_ext_shared_channel") is False:
            organization = body.get("enterprise_id")
    return Asker(user if isinstance(user, str) else None, home, organization, channel)


def _organization(body: Mapping[str, Any], home: object) -> str | None:
    """The organization of a person who pressed something.

    `enterprise` is that of the app. The person is of it where they are of the workspace that the app is installed in. An
    app that is installed for a whole organization is told of no workspace, and of people of that organization.
    """
    enterprise, team = body.get("enterprise"), body.get("team")
    found = enterprise.get("id") if isinstance(enterprise, Mapping) else enterprise
    if isinstance(team, Mapping) and body.get("is_enterprise_install") is not True:
        if team.get("id") != home:
            return None
        found = found or team.get("enterprise_id")
    if isinstance(home, str) and home.startswith("E") and home != found:
        # Named by an organization of their own.
        return None
    return found if isinstance(found, str) else None


class Access:
    """Decides who may ask.

    Args:
        settings: the lists.
        slack: the Web API, with a short time limit and no second try.
        clock: seconds since 1970. A frozen function's other clocks may stand still, and so would a list of people.
        wait: for how many seconds one answer of Slack's is waited for.
    """

    def __init__(
        self,
        settings: Settings,
        slack: WebClient,
        *,
        clock: Callable[[], float] = time.time,
        wait: float = ASK_SECONDS,
    ) -> None:
        self._teams = settings.pullcheck_allowed_teams
        self._channels = settings.pullcheck_allowed_channels
        self._users = settings.pullcheck_allowed_users
        self._slack = slack
        self._wait = wait
        self._bot_user: str | None = None
        forever = float("inf")
        self._own = Kept(self._read_own, fresh=forever, usable=forever, clock=clock)
        self._groups = {
            group: Kept(self._reader(group), fresh=GROUP_SECONDS, usable=GROUP_STALE_SECONDS, clock=clock)
            for group in sorted(settings.pullcheck_allowed_usergroups or ())
        }
        self._by_person = settings.pullcheck_allowed_users is not None or (
            settings.pullcheck_allowed_usergroups is not None
        )

    def prepare(self) -> None:
        """Begin to ask Slack what will be needed, without waiting for it."""
        if self._teams is None:
            self._own.refresh()

    def refusal(self, asker: Asker, *, anywhere: bool = False) -> str | None:
        """Why somebody may not ask, in a sentence for them; `None` where they may.

        Args:
            asker: who asks, where.
            anywhere: it does not matter where.
        """
        refusal = self._of_workspace(asker) or self._of_person(asker)
        return refusal if refusal or anywhere else self._of_channel(asker)

    def bot_user(self) -> str | None:
        """The app's own user, as far as Slack has said: nobody waits for it here."""
        self._own.refresh()
        return self._bot_user

    def _of_workspace(self, asker: Asker) -> str | None:
        teams = self._teams
        if teams is None:
            try:
                teams = self._own.get(self._wait)
            except NoAnswerError as error:
                log.warning("nobody can be let in: auth.test did not tell the app's own workspace: %s", error)
                return (
                    "This app answers the people of its own workspace only, and Slack did not tell it which that is "
                    f"({error}). Try again in a minute."
                )
        if asker.home is None:
            return "Slack did not say which workspace you belong to, and this app answers certain ones only."
        if asker.home in teams or asker.organization in teams:
            return None
        return f"Your workspace is not on the list of those whose people may ask this app. {OPERATOR}"

    def _of_person(self, asker: Asker) -> str | None:
        if not self._by_person or (asker.user is not None and asker.user in (self._users or ())):
            return None
        unread: NoAnswerError | None = None
        for kept in self._groups.values():
            # All at once: the waits that follow are for the slowest, and not for one after the other.
            kept.refresh()
        until = time.monotonic() + self._wait
        for group, kept in self._groups.items():
            try:
                if asker.user in kept.get(max(0.0, until - time.monotonic())):
                    return None
            except NoAnswerError as error:
                log.warning("the user group %s could not be read: %s", group, error)
                unread = error
        if unread is not None:
            return (
                "Only listed people and user groups may ask this app, and Slack did not tell it who is in one of the groups "
                f"({unread}). Try again in a minute; if it stays, tell its operator."
            )
        return f"You are not on the list of people who may ask this app. {OPERATOR}"

    def _of_channel(self, asker: Asker) -> str | None:
        if self._channels is None or asker.channel in self._channels:
            return None
        return f"This app does not answer in this channel. {OPERATOR}"

    # --- Slack ---------------------------------------------------------------------------------------

    def _read_own(self) -> frozenset[str]:
        """The workspace of the token; of one for a whole Enterprise organization, that organization.

        Slack: https://docs.slack.dev/reference/methods/auth.test
        """
        answer = _asked(self._slack.auth_test)
        names = [answer.get("team_id")]
        if answer.get("is_enterprise_install") is True:
            names.append(answer.get("enterprise_id"))
        own = frozenset(name for name in names if isinstance(name, str) and name)
        user = answer.get("user_id")
        self._bot_user = user if isinstance(user, str) else None
        if not own:
            raise NoAnswerError("no team_id")
        log.info("the app's own workspace is %s", ", ".join(sorted(own)))
        return own

    def _reader(self, group: str) -> Callable[[], frozenset[str]]:
        """Reads who is in a user group.

        Slack: https://docs.slack.dev/reference/methods/usergroups.users.list
        """

        def read() -> frozenset[str]:
            try:
                answer = _asked(lambda: self._slack.usergroups_users_list(usergroup=group))
            except RefusedError as error:
                if str(error) in _NO_MORE:
                    return frozenset()
                raise
            users = answer.get("users")
            if not isinstance(users, list):
                raise NoAnswerError("no users")
            return frozenset(user for user in users if isinstance(user, str))

        return read


_PASSING = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "ratelimited",
        "team_added_to_org",
    }
)
"""Errors that say nothing about what was asked."""


def _asked(ask: Callable[[], Any]) -> Any:
    """Slack's answer.

    Raises:
        RefusedError: Slack said no.
        NoAnswerError: Slack could not be asked.
    """
    try:
        return ask()
    except SlackApiError as error:
        code = error.response.get("error")
        # Of a page that is no JSON slack_sdk makes a mapping.
        status = getattr(error.response, "status_code", None) or error.response.get("status")
        if not isinstance(code, str) or not code.isascii() or not code.replace("_", "").isalnum():
            raise NoAnswerError(f"status {status}") from None
        refused = status == 200 and code not in _PASSING
        raise (RefusedError if refused else NoAnswerError)(code) from None
    except Exception as error:
        # The text of a failed connection may hold an address, and slack_sdk raises what a page that is no JSON makes of it.
        raise NoAnswerError(type(error).__name__) from None
