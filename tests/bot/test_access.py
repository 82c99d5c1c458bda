"""Who may ask: by workspace, by name, by user group, by channel; and what holds where Slack does not tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import BoltRequest
from slack_sdk.errors import SlackApiError

from bot.access import GROUP_SECONDS, GROUP_STALE_SECONDS, Access, Asker, asker_of
from bot.app import create_app
from bot.kept import AGAIN_SECONDS
from bot.settings import Settings
from demo.slack import LocalSlack
from handlers.ports import Accounts, Listening
from tests.bot.test_app import Line, app_with
from tests.bot.test_strangers import event, message_shortcut, press
from tests.build import TASK_ARN

# --- whose workspace ---------------------------------------------------------------------------------

COMMAND = {
    "command": "/pullcheck",
    "text": TASK_ARN,
    "trigger_id": "1",
    "team_id": "T1",
    "channel_id": "C1",
    "user_id": "U1",
}
VIEW = {"type": "modal", "callback_id": "x"}
FOREIGN = {"id": "U9", "team_id": "T9"}
INNER: Mapping[str, Any] = {"type": "app_mention", "user": "U1", "channel": "C1"}


@pytest.mark.parametrize(
    ("body", "home", "organization"),
    [
        (COMMAND, "T1", None),
        ({**COMMAND, "enterprise_id": "E1"}, "T1", "E1"),
        (press(), "T1", None),
        (press(user=FOREIGN), "T9", None),
        (press(user={"id": "U1"}), None, None),
        (press(user={"id": "U1", "team_id": None}), None, None),
        (message_shortcut(user=FOREIGN), "T9", None),
        (press(type="view_submission", view=VIEW, user=FOREIGN), "T9", None),
        (press(type="view_submission", view={**VIEW, "app_installed_team_id": "T1"}, user=FOREIGN), "T9", None),
        # The organization is the app's. Who is of the workspace that the app is in is of it; who is of another may not be.
        (press(enterprise={"id": "E1"}), "T1", "E1"),
        (press(enterprise={"id": "E1"}, user=FOREIGN), "T9", None),
        (press(team={"id": "T1", "enterprise_id": "E1"}), "T1", "E1"),
        (press(team={"id": "T1", "enterprise_id": "E1"}, user=FOREIGN), "T9", None),
        # Installed for the whole organization: Slack names no workspace.
        (press(team=None, enterprise={"id": "E1"}, is_enterprise_install=True), "T1", "E1"),
        (press(team=None, enterprise={"id": "E1"}, is_enterprise_install=True, user={"id": "U1", "team_id": "E1"}), "E1", "E1"),
        (press(team=None, enterprise={"id": "E1"}, is_enterprise_install=True, user={"id": "U1", "team_id": "E9"}), "E9", None),
        (event(), "T1", None),
        (event(event={**INNER, "team": "T1"}), "T1", None),
        (event(event={**INNER, "team": "T1", "user_team": "T9"}), "T9", None),
        (event(event={**INNER, "team": "T9"}), "T9", None),
        (event(event={**INNER, "user": FOREIGN, "team": {"id": "T1"}}), "T9", None),
        (event(event={**INNER, "user": {"id": "U1", "team_id": ["T9"]}, "team": {"id": "T1"}}), "T1", None),
        (event(event={**INNER, "team": "T1", "source_team": "T9"}), "T9", None),
        (event(event={**INNER, "team": "T1", "source_team": "T9", "user_team": "T1"}), "T1", None),
        (event(is_ext_shared_channel=True), None, None),
        (event(is_ext_shared_channel=True, event={**INNER, "user_team": "T1"}), "T1", None),
        (event(is_ext_shared_channel=True, event={**INNER, "user_team": "E9"}, enterprise_id="E1"), "E9", None),
        (event(enterprise_id="E1"), "T1", "E1"),
        (event(event={**INNER, "user_team": "T9"}, enterprise_id="E1"), "T9", None),
        (event(event={**INNER, "user_team": "T2"}, enterprise_id="E1", is_ext_shared_channel=False), "T2", "E1"),
    ],
)  # fmt: skip
def test_whose_workspace_a_person_belongs_to(
    body: dict[str, Any], home: str | None, organization: str | None
) -> None:
    asker = asker_of(body, "C1")

    assert (asker.home, asker.organization, asker.channel) == (home, organization, "C1")
    if body.get("user") != FOREIGN and (body.get("event") or {}).get("user") != FOREIGN:
        assert asker.user == "U1"


@pytest.mark.parametrize(
    ("teams", "home", "organization", "may"),
    [
        ("T1", "T1", None, True),
        ("T1", "T9", None, False),
        ("T1", None, None, False),
        ("", "T1", None, False),
        ("T1,T2", "T2", None, True),
        ("E1", "T1", "E1", True),
        ("E1", "E1", None, True),
        ("E1", "T9", None, False),
        ("E1", None, "E1", False),
    ],
)
def test_listed_workspaces(teams: str, home: str | None, organization: str | None, may: bool) -> None:
    access = made(Slack(), pullcheck_allowed_teams=teams)

    assert (access.refusal(Asker("U1", home, organization, "C1")) is None) == may


# --- a Slack that answers as it is told ----------------------------------------------------------------


@dataclass
class Slack:
    """Answers the two questions of `Access`, or raises."""

    own: Any = field(default_factory=lambda: {"team_id": "T1"})
    groups: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def auth_test(self) -> Any:
        self.asked.append("auth.test")
        return given(self.own)

    def usergroups_users_list(self, *, usergroup: str) -> Any:
        self.asked.append(usergroup)
        return given(self.groups[usergroup])


def given(answer: Any) -> Any:
    if isinstance(answer, Exception):
        raise answer
    return answer


def error(code: object, status: int = 200) -> SlackApiError:
    body = {"ok": False, "error": code}
    return SlackApiError("failed", SimpleNamespace(get=body.get, status_code=status))


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def made(slack: Slack, clock: Callable[[], float] | None = None, **lists: str) -> Access:
    settings = Settings(slack_bot_token="xoxb-1", **lists)  # type: ignore[arg-type]
    # Nobody waits so long: the double answers at once.
    return Access(settings, slack, clock=clock or Clock(), wait=60.0)  # type: ignore[arg-type]


ME = Asker("U1", "T1", None, "C1")


def test_without_a_list_only_the_tokens_own_workspace_and_slack_is_asked_once() -> None:
    slack = Slack()
    access = made(slack)

    assert [access.refusal(ME) for _ in range(3)] == [None] * 3
    assert "Your workspace" in str(access.refusal(Asker("U9", "T9", "E1", "C1")))
    assert slack.asked == ["auth.test"]


@pytest.mark.parametrize(
    ("own", "home", "organization", "may"),
    [
        ({"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": False}, "T1", "E1", True),
        ({"team_id": "T1", "enterprise_id": "E1", "is_enterprise_install": False}, "T2", "E1", False),
        ({"team_id": "E1", "enterprise_id": "E1", "is_enterprise_install": True}, "T2", "E1", True),
        ({"team_id": "E1", "enterprise_id": "E1", "is_enterprise_install": True}, "T9", None, False),
    ],
)
def test_an_enterprise_organization(own: Any, home: str, organization: str | None, may: bool) -> None:
    refusal = made(Slack(own)).refusal(Asker("U1", home, organization, "C1"))

    assert (refusal is None) == may


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (error("invalid_auth"), "invalid_auth"),
        (error("internal_error"), "internal_error"),
        (error(None, 503), "status 503"),
        (error("<html>hunter2", 502), "status 502"),
        (SlackApiError("x", {"status": 504, "body": "<html>hunter2"}), "status 504"),
        (TimeoutError("http://hunter2"), "TimeoutError"),
        (ValueError("hunter2"), "ValueError"),
        ({}, "no team_id"),
        ({"team_id": None}, "no team_id"),
        ({"team_id": 5}, "no team_id"),
    ],
)
def test_where_slack_does_not_tell_nobody_is_let_in_and_told_why(
    answer: Any, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    slack, clock = Slack(answer), Clock()
    access = made(slack, clock)

    for _ in range(3):
        assert f"({why})" in str(access.refusal(ME))
    assert slack.asked == ["auth.test"], "a Slack that fails is not asked for each request"
    assert "hunter2" not in caplog.text

    slack.own = {"team_id": "T1"}
    clock.now += AGAIN_SECONDS
    assert access.refusal(ME) is None


# --- user groups -----------------------------------------------------------------------------------------


def grouped(slack: Slack, clock: Clock, **lists: str) -> Access:
    return made(
        slack, clock, **{"pullcheck_allowed_teams": "T1", "pullcheck_allowed_usergroups": "S1,S2", **lists}
    )


@pytest.mark.parametrize(
    ("lists", "groups", "may"),
    [
        ({}, {"S1": ["U1"], "S2": []}, True),
        ({}, {"S1": [], "S2": ["U1"]}, True),
        ({}, {"S1": ["U2"], "S2": ["U3"]}, False),
        ({"pullcheck_allowed_users": "U1"}, {"S1": [], "S2": []}, True),
        ({"pullcheck_allowed_users": "U2"}, {"S1": ["U1"], "S2": []}, True),
        ({"pullcheck_allowed_users": ""}, {"S1": ["U1"], "S2": []}, True),
        ({"pullcheck_allowed_users": ""}, {"S1": [], "S2": []}, False),
        ({"pullcheck_allowed_usergroups": ""}, {}, False),
        ({"pullcheck_allowed_usergroups": "", "pullcheck_allowed_users": "U1"}, {}, True),
    ],
)
def test_people_of_user_groups(lists: dict[str, str], groups: dict[str, list[str]], may: bool) -> None:
    slack = Slack(groups={name: {"users": users} for name, users in groups.items()})

    refusal = grouped(slack, Clock(), **lists).refusal(ME)

    assert (refusal is None) == may
    if not may:
        assert "not on the list of people" in str(refusal)


def test_who_is_in_a_group_is_asked_every_five_minutes() -> None:
    slack, clock = Slack(groups={"S1": {"users": ["U1"]}}), Clock()
    access = grouped(slack, clock, pullcheck_allowed_usergroups="S1")
    assert access.refusal(ME) is None
    slack.groups["S1"] = {"users": []}

    clock.now += GROUP_SECONDS - 1
    assert access.refusal(ME) is None
    assert slack.asked == ["S1"]

    clock.now += 1
    assert access.refusal(ME) is not None
    assert slack.asked == ["S1", "S1"]


@pytest.mark.parametrize(
    ("answer", "after", "may"),
    [
        (TimeoutError(), GROUP_STALE_SECONDS - 1, True),
        (TimeoutError(), GROUP_STALE_SECONDS, False),
        (error("ratelimited", 429), GROUP_STALE_SECONDS - 1, True),
        (error("internal_error"), GROUP_STALE_SECONDS - 1, True),
        (error(None, 503), GROUP_STALE_SECONDS - 1, True),
        ({"users": "U1"}, GROUP_STALE_SECONDS - 1, True),
        # Slack said no: what was true before does not hide that.
        (error("missing_scope"), GROUP_SECONDS, False),
        (error("invalid_auth"), GROUP_SECONDS, False),
        (error("no_such_subteam"), GROUP_SECONDS, False),
    ],
)
def test_an_old_list_stands_in_for_an_hour_where_slack_does_not_answer(
    answer: Any, after: float, may: bool
) -> None:
    slack, clock = Slack(groups={"S1": {"users": ["U1"]}}), Clock()
    access = grouped(slack, clock, pullcheck_allowed_usergroups="S1")
    assert access.refusal(ME) is None

    slack.groups["S1"] = answer
    clock.now += after

    assert (access.refusal(ME) is None) == may


def test_a_group_that_cannot_be_read_shuts_out_only_those_who_need_it() -> None:
    slack = Slack(groups={"S1": error("missing_scope"), "S2": {"users": ["U2"]}})
    access = grouped(slack, Clock(), pullcheck_allowed_users="U3")

    assert "(missing_scope)" in str(access.refusal(ME))
    assert access.refusal(Asker("U2", "T1", None, "C1")) is None
    assert access.refusal(Asker("U3", "T1", None, "C1")) is None


@pytest.mark.parametrize(("scopes", "may"), [(("usergroups:read",), True), ((), False)])
def test_user_groups_of_a_real_web_api(scopes: tuple[str, ...], may: bool) -> None:
    line = Line()
    with LocalSlack(scopes=scopes) as slack:
        slack.methods.usergroups["S1"] = (slack.user.id,)
        settings = Settings(
            slack_bot_token=slack.bot_token,  # type: ignore[arg-type]
            slack_api_url=slack.api_url,
            pullcheck_allowed_usergroups="S1",  # type: ignore[arg-type]
        )
        app = create_app(settings, Listening(line))
        app.access._wait = 60.0
        for _ in range(2):
            body = {**COMMAND, "user_id": slack.user.id, "team_id": slack.team_id, "trigger_id": str(_)}
            answer = app.dispatch(BoltRequest(body=body, mode="socket_mode"))

        assert len(line.jobs) == (2 if may else 0)
        assert ("missing_scope" in answer.body) != may
        assert len(slack.calls("auth.test")) == len(slack.calls("usergroups.users.list")) == 1


# --- at every door -----------------------------------------------------------------------------------------

DOORS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "command": lambda **who: {**COMMAND, **({"team_id": "T9"} if who else {})},
    "button": press,
    "shortcut": message_shortcut,
    "view": lambda **who: press(type="view_submission", view=VIEW, **who),
    "event": lambda **who: event(event={**INNER, **({"user_team": "T9"} if who else {})}),
    "link button": lambda **who: press(actions=[{"type": "button", "action_id": "console.cause"}], **who),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_stranger_of_a_shared_channel_gets_in_by_no_door(
    door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr("handlers.response_url.Responder.__call__", lambda _, **said: told.append(said))
    monkeypatch.setattr("bot.middleware.beside", lambda work, wait: True)
    line = Line()
    app = app_with(line)

    answer = app.dispatch(BoltRequest(body=DOORS[door](user=FOREIGN), mode="socket_mode"))

    assert answer.status == 200
    assert not line.jobs
    said = answer.body if door in ("command", "view") else str(told)
    if door != "event":
        assert "Your workspace is not on the list" in said
        assert "ephemeral" in said or door == "view"
    assert len(told) == (door not in ("command", "view", "event"))


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        ({"type": "app_mention"}, True),
        ({"type": "app_mention", "thread_ts": "1.2"}, True),
        ({"type": "message", "channel_type": "im"}, True),
        ({"type": "message", "channel_type": "im", "bot_id": "B1"}, False),
        ({"type": "message", "channel_type": "im", "subtype": "message_changed"}, False),
        ({"type": "message", "channel_type": "channel"}, False),
        ({"type": "reaction_added"}, False),
    ],
)
def test_a_stranger_who_speaks_to_the_app_is_told_alone(
    inner: dict[str, str], told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []
    monkeypatch.setattr("slack_sdk.WebClient.chat_postEphemeral", lambda _, **message: said.append(message))
    monkeypatch.setattr("bot.middleware.beside", lambda work, wait: work())
    body = event(event={"user": "U9", "channel": "C1", "user_team": "T9", **inner})

    assert app_with(Line()).dispatch(BoltRequest(body=body, mode="socket_mode")).status == 200

    assert [(one["channel"], one["user"], one["thread_ts"]) for one in said] == (
        [("C1", "U9", inner.get("thread_ts"))] if told else []
    )
    assert all("Your workspace is not on the list" in one["text"] for one in said)


def test_the_own_people_get_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.response_url.Responder.__call__", lambda *_, **__: None)
    for door, jobs in (("command", 1), ("button", 1), ("shortcut", 1), ("link button", 0)):
        line = Line()
        app = app_with(line)
        assert app.dispatch(BoltRequest(body=DOORS[door](), mode="socket_mode")).status == 200
        assert len(line.jobs) == jobs


# --- accounts of channels --------------------------------------------------------------------------------

HERE, THERE = "111122223333", "444455556666"


@pytest.mark.parametrize(
    ("allowed", "by_channel", "account", "channel", "says"),
    [
        (None, {}, HERE, "C1", None),
        (None, {"C1": {HERE}}, HERE, "C1", None),
        (None, {"C1": {HERE}}, THERE, "C1", "PULLCHECK_CHANNEL_ACCOUNTS"),
        (None, {"C1": {HERE}}, THERE, "C2", None),
        (None, {"C1": {HERE}}, None, "C1", "could not be established"),
        (None, {"C1": set()}, HERE, "C1", "PULLCHECK_CHANNEL_ACCOUNTS"),
        ({HERE}, {"C1": {THERE}}, THERE, "C1", None),
        ({HERE}, {"C1": {THERE}}, HERE, "C1", "PULLCHECK_CHANNEL_ACCOUNTS"),
        ({HERE}, {"C1": {THERE}}, HERE, "C2", None),
        ({HERE}, {"C1": {THERE}}, THERE, "C2", "PULLCHECK_ALLOWED_ACCOUNTS"),
        ({HERE}, {"C1": {THERE}}, THERE, None, "PULLCHECK_ALLOWED_ACCOUNTS"),
        (set(), {"C1": {HERE}}, HERE, "C1", None),
    ],
)
def test_accounts_of_a_channel(
    allowed: set[str] | None,
    by_channel: dict[str, set[str]],
    account: str | None,
    channel: str | None,
    says: str | None,
) -> None:
    accounts = Accounts(
        None if allowed is None else frozenset(allowed),
        {name: frozenset(ids) for name, ids in by_channel.items()},
    )

    refusal = accounts.refusal(account, channel)

    assert (refusal is None) if says is None else (says in str(refusal))
    if account == THERE:
        assert accounts.somewhere(THERE) == (allowed is None or THERE in str(by_channel))


@pytest.mark.parametrize("way", [lambda **_: COMMAND, press, message_shortcut])
@pytest.mark.parametrize(("account", "jobs"), [(HERE, 1), (THERE, 0)])
def test_an_account_that_is_not_the_channels_is_refused_where_it_is_asked_for(
    way: Callable[..., dict[str, Any]], account: str, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("handlers.response_url.Responder.__call__", lambda _, **said: told.append(str(said)))
    line = Line()
    settings: dict[str, Any] = {"slack_bot_token": "xoxb-1", "pullcheck_allowed_teams": "T1"}
    listening = Listening(line, Accounts(None, {"C1": frozenset({account})}))
    app = create_app(Settings(**settings), listening)

    answer = app.dispatch(BoltRequest(body=way(), mode="socket_mode"))
    app.listener_runner.listener_executor.shutdown(wait=True)

    assert answer.status == 200
    assert len(line.jobs) == jobs
    assert (HERE in answer.body + "".join(told)) != bool(jobs)


def test_a_form_of_a_stranger_is_no_way_around() -> None:
    """Members of an interaction in a command, or the reverse, change nothing of who asks."""
    line = Line()
    body = {**COMMAND, "team_id": "T9", "user": '{"id":"U1","team_id":"T1"}', "team": '{"id":"T1"}'}
    assert asker_of(body, "C1").home == "T9"
    from tests.bot.test_strangers import signed

    raw = urlencode(body).encode()
    app_with(line).receive(raw, signed(raw))
    assert not line.jobs


@pytest.mark.parametrize("way", [press, message_shortcut], ids=["button", "shortcut"])
def test_a_job_names_the_workspace_of_who_asked(way: Callable[..., dict[str, Any]]) -> None:
    """And not that in which the app is installed: the audit tells who had an account read."""
    line = Line()
    app = app_with(line, pullcheck_allowed_teams="T1,T9")

    app.dispatch(BoltRequest(body=way(user=FOREIGN), mode="socket_mode"))
    app.listener_runner.listener_executor.shutdown(wait=True)

    assert [(job.user, job.team) for job in line.jobs] == [("U9", "T9")]
