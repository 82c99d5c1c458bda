"""The environment: everything missing is named at once, and nothing dangerous passes by default."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.names import unknown_variables
from bot.settings import (
    SLACK_API_URL,
    Settings,
    SettingsError,
    external_ids,
    known_variables,
    read_settings,
)

SECRET = "0123456789abcdef0123456789abcdef"
GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_SIGNING_SECRET": SECRET}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in tuple(os.environ):
        if name.startswith(("SLACK_", "PULLCHECK_")):
            monkeypatch.delenv(name)
    return monkeypatch


def put(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in {**GOOD, **values}.items():
        monkeypatch.setenv(name, value)


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"missing: SLACK_BOT_TOKEN, SLACK_APP_TOKEN$"):
        read_settings()
    with pytest.raises(SettingsError, match=r"missing: SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET$"):
        read_settings(socket_mode=False)


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"])
@pytest.mark.parametrize("value", ["", "  "])
def test_what_is_empty_is_missing(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    put(environment, **{name: value})

    with pytest.raises(SettingsError, match=f"missing: {name}$"):
        read_settings()


def test_a_missing_and_a_wrong_variable_are_named_together(environment: pytest.MonkeyPatch) -> None:
    put(environment, SLACK_BOT_TOKEN="", PULLCHECK_PARALLEL="many", SLACK_API_URL="https://evil.example/")

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert "missing: SLACK_BOT_TOKEN" in str(caught.value)
    assert "PULLCHECK_PARALLEL: " in str(caught.value)


def test_each_transport_needs_only_its_own(environment: pytest.MonkeyPatch) -> None:
    put(environment)
    environment.delenv("SLACK_SIGNING_SECRET")
    assert read_settings().slack_signing_secret is None

    put(environment, SLACK_APP_TOKEN="")
    assert read_settings(socket_mode=False).slack_app_token is None


def test_the_defaults(environment: pytest.MonkeyPatch) -> None:
    put(environment)

    settings = read_settings()

    assert settings.slack_api_url == SLACK_API_URL
    assert settings.pullcheck_allowed_users is None
    assert settings.pullcheck_allowed_accounts is None
    assert (settings.pullcheck_retention_days, settings.pullcheck_parallel) == (30, 4)
    assert settings.pullcheck_deadline == 20.0


def test_settings_are_frozen_and_hide_what_is_secret(environment: pytest.MonkeyPatch) -> None:
    put(environment)
    settings = read_settings()

    with pytest.raises(ValidationError):
        settings.slack_api_url = "x"  # type: ignore[misc]
    for secret in GOOD.values():
        assert secret not in repr(settings)


@pytest.mark.parametrize(
    ("value", "names"),
    [("", set()), (" , ", set()), ("U1", {"U1"}), (" U1, U2 ,", {"U1", "U2"})],
)
def test_lists(environment: pytest.MonkeyPatch, value: str, names: set[str]) -> None:
    put(environment, PULLCHECK_ALLOWED_USERS=value)

    assert read_settings().pullcheck_allowed_users == names


@pytest.mark.parametrize(
    "url", ["https://evil.example/api/", "http://127.0.0.1.evil.example/", "ftp://127.0.0.1/", "https://slack.com.evil.example/api/",
            "http://evil.example\\@localhost/", "http://localhost#@evil.example/", "http://a@localhost/", "http://localhost\t/"]
)  # fmt: skip
def test_the_token_goes_to_slack_or_to_this_machine(environment: pytest.MonkeyPatch, url: str) -> None:
    put(environment, SLACK_API_URL=url)
    with pytest.raises(SettingsError, match="SLACK_API_URL is neither"):
        read_settings()

    put(environment, SLACK_API_URL=url, PULLCHECK_ALLOW_SLACK_API_URL="1")
    assert read_settings().slack_api_url == url


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:4000/api", "http://localhost:4000/api/", "http://[::1]:4000/api"]
)
def test_a_local_slack_is_fine(environment: pytest.MonkeyPatch, url: str) -> None:
    put(environment, SLACK_API_URL=url)

    assert read_settings().slack_api_url == url.rstrip("/") + "/"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PULLCHECK_PARALLEL", "0"),
        ("PULLCHECK_DEADLINE", "-1"),
        ("PULLCHECK_DEADLINE", "soon"),
        ("PULLCHECK_RETENTION_DAYS", "0"),
        ("PULLCHECK_LOG_LEVEL", "LOUD"),
    ],
)
def test_what_is_out_of_range_is_named(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    put(environment, **{name: value})

    with pytest.raises(SettingsError, match=f"^{name}: "):
        read_settings()


def test_values_go_before_the_environment(environment: pytest.MonkeyPatch) -> None:
    put(environment)

    assert read_settings(pullcheck_parallel=2).pullcheck_parallel == 2
    assert isinstance(read_settings(slack_app_token="xapp-2"), Settings)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", {}),
        ("111122223333=first-id", {"111122223333": "first-id"}),
        (" 111122223333=a=b , 222233334444=c:d ", {"111122223333": "a=b", "222233334444": "c:d"}),
    ],
)
def test_external_ids_by_account(text: str, wanted: dict[str, str]) -> None:
    assert external_ids(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["first-id", "1111=first-id", "111122223333=", "111122223333=a b", "111122223333=ab,111122223333=cd"],
)
def test_what_names_no_external_ids_is_refused_without_quoting_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be account=id|twice") as error:
        external_ids(text)
    assert "first-id" not in str(error.value)


def test_a_table_needs_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "PULLCHECK_STORE": "dynamodb",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PULLCHECK_TABLE", raising=False)
    with pytest.raises(SettingsError, match="PULLCHECK_STORE=dynamodb needs PULLCHECK_TABLE"):
        read_settings()


# --- each setting, odd -------------------------------------------------------------------------------

WHAT_IS_EXPECTED = {
    "PULLCHECK_ALLOW_SLACK_API_URL": "expected is 1 or 0",
    "PULLCHECK_DATABASE": "expected is a file, such as /var/lib/pullcheck/pullcheck.sqlite3",
    "PULLCHECK_RETENTION_DAYS": "expected is a number of days from 1 to 3650, such as 30",
    "PULLCHECK_DEADLINE": "expected is a number of seconds up to 300, such as 20",
    "PULLCHECK_PARALLEL": "expected is a number from 1 to 32, such as 4",
    "PULLCHECK_WAITING": "expected is a number from 0 to 10000, such as 100",
    "PULLCHECK_REUSE_SECONDS": "expected is a number of seconds from 0 to 300, such as 30",
    "PULLCHECK_API_SHARE": "expected is a number above 0 and up to 1, such as 0.5",
    "PULLCHECK_CAUSES_URL": "expected is an address of https, such as https://git.example.com/ops/pullcheck/blob/main/docs/causes.md",
    "PULLCHECK_LOG_LEVEL": "expected is DEBUG, INFO, WARNING or ERROR",
    "PULLCHECK_LOG_FORMAT": "expected is text or json",
    "PULLCHECK_TARGET_ROLE_NAME": "expected is the name of a role, with its path if it has one, such as security/pullcheck-read",
    "PULLCHECK_EXTERNAL_ID": "expected is 2 to 1224 of the characters A-Z a-z 0-9 _ + = , . @ : / -, such as 5f1c-nobody-guesses-this",
    "PULLCHECK_STORE": "expected is sqlite or dynamodb",
    "PULLCHECK_EVENTS_QUEUE_URL": "expected is the URL of a queue, such as https://sqs.us-east-1.amazonaws.com/111122223333/pullcheck-events",
    "PULLCHECK_ROUTES": 'expected is a JSON list of rules, such as [{"channel": "C0123456789"}]',
    "PULLCHECK_GROUP_SECONDS": "expected is a number of seconds from 1 to 86400, such as 300",
    "PULLCHECK_DAILY_AUDIT": "expected is all, or arn:aws:ecs:eu-central-1:111122223333:cluster/prod, or 222233334444/eu-west-1, separated by commas",
    "PULLCHECK_DAILY_AUDIT_AT": "expected is a time of the day in UTC, such as 06:00",
    "PULLCHECK_TABLE": "expected is 3 to 255 of the characters A-Z a-z 0-9 _ . -, such as pullcheck-prod, or the table's ARN",
}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *((name, value) for name in WHAT_IS_EXPECTED for value in ("'x'", '"1"', "“30”", "`text`", "x'")),
        *(
            (name, value)
            for name in (
                "PULLCHECK_RETENTION_DAYS", "PULLCHECK_DEADLINE", "PULLCHECK_PARALLEL", "PULLCHECK_WAITING",
                "PULLCHECK_REUSE_SECONDS", "PULLCHECK_API_SHARE", "PULLCHECK_GROUP_SECONDS",
            )
            for value in ("", " ", "soon", "-1", "+4", "1_0", "1e1", "0x4", "４", "٤", "4 4", "4,0", "nan", "inf", "9" * 5000, "99999")
        ),
        *(("PULLCHECK_PARALLEL", value) for value in ("0", "33", "1.5")),
        *(("PULLCHECK_DEADLINE", value) for value in ("0", "301")),
        *(
            ("PULLCHECK_CAUSES_URL", value)
            for value in ("http://git.example.com/x", "git.example.com/x", "https://a b/", "https://a/>x", "https://a/x|y", "https://", "javascript:x")
        ),
        *(("PULLCHECK_API_SHARE", value) for value in ("0", "1.1")),
        ("PULLCHECK_REUSE_SECONDS", "301"),
        ("PULLCHECK_GROUP_SECONDS", "0"),
        *(
            ("PULLCHECK_EVENTS_QUEUE_URL", value)
            for value in ("pullcheck-events", "arn:aws:sqs:us-east-1:111122223333:q", "https://sqs.us-east-1.amazonaws.com/q", "https://a/111122223333/a b", "ftp://a/111122223333/q")
        ),
        *(("PULLCHECK_LOG_LEVEL", value) for value in ("", "LOUD", "INF0", "10")),
        *(("PULLCHECK_LOG_FORMAT", value) for value in ("", "yaml", "json lines")),
        *(("PULLCHECK_STORE", value) for value in ("", "postgres", "sqlite3")),
        *(("PULLCHECK_ALLOW_SLACK_API_URL", value) for value in ("maybe", "２")),
        *(("PULLCHECK_DATABASE", value) for value in ("", "  ", "/tmp", ".", "a\nb", "a\x1b[0m")),
        *(("PULLCHECK_TABLE", value) for value in ("", " ", "ab", "a b c", "täble", "x" * 256, "#pullcheck", "arn:aws:s3:::pullcheck")),
        *(
            ("PULLCHECK_TARGET_ROLE_NAME", value)
            for value in ("arn:aws:iam::111122223333:role/x", "a b", "/x", "x/", "a//b", "x" * 600, "rôle")
        ),
        *(("PULLCHECK_EXTERNAL_ID", value) for value in ("x", "a b", "é" * 20, "x" * 1300)),
    ],
)  # fmt: skip
def test_a_setting_that_is_not_as_it_must_be_is_named_with_an_example(
    environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    put(environment, **{variable: value})

    with pytest.raises(SettingsError) as caught:
        read_settings()

    said = str(caught.value)
    assert said.startswith(f"{variable}: ")
    assert said.endswith(WHAT_IS_EXPECTED[variable])
    assert said.count(";") == 1 or "quotation marks" in said
    assert len(said) < 300
    assert said.isprintable()


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        ("SLACK_API_URL", "", SLACK_API_URL),
        ("SLACK_API_URL", "  ", SLACK_API_URL),
        ("SLACK_API_URL", "https://slack.com/api\n", SLACK_API_URL),
        ("PULLCHECK_ALLOW_SLACK_API_URL", "", False),
        ("PULLCHECK_ALLOW_SLACK_API_URL", " True ", True),
        ("PULLCHECK_LOG_LEVEL", "debug ", "DEBUG"),
        ("PULLCHECK_LOG_LEVEL", "Warning\r\n", "WARNING"),
        ("PULLCHECK_LOG_FORMAT", " JSON", "json"),
        ("PULLCHECK_STORE", "SQLite", "sqlite"),
        ("PULLCHECK_DATABASE", " x.db\n", Path("x.db")),
        ("PULLCHECK_TABLE", "pullcheck-prod ", "pullcheck-prod"),
        ("PULLCHECK_TABLE", "arn:aws:dynamodb:eu-west-1:111122223333:table/pullcheck", "arn:aws:dynamodb:eu-west-1:111122223333:table/pullcheck"),
        ("PULLCHECK_RETENTION_DAYS", " 7\n", 7),
        ("PULLCHECK_DEADLINE", "12.5", 12.5),
        ("PULLCHECK_WAITING", "0", 0),
        ("PULLCHECK_REUSE_SECONDS", "0", 0),
        ("PULLCHECK_CAUSES_URL", " ", None),
        ("PULLCHECK_CAUSES_URL", "https://git.example.com/docs/causes.md ", "https://git.example.com/docs/causes.md"),
        ("PULLCHECK_API_SHARE", "1", 1),
        ("PULLCHECK_TARGET_ROLE_NAME", "", None),
        ("PULLCHECK_TARGET_ROLE_NAME", " ", None),
        ("PULLCHECK_TARGET_ROLE_NAME", "security/pullcheck-read ", "security/pullcheck-read"),
        ("PULLCHECK_EXTERNAL_ID", " ", None),
        ("PULLCHECK_EXTERNAL_ID", "5f1c-id\n", "5f1c-id"),
        ("PULLCHECK_EXTERNAL_IDS", " ", {}),
        ("PULLCHECK_ALLOWED_USERS", "U1,U1", {"U1"}),
        ("PULLCHECK_ALLOWED_ACCOUNTS", " 111122223333\n", {"111122223333"}),
    ],
)  # fmt: skip
def test_what_can_only_be_meant_one_way_is_taken(
    environment: pytest.MonkeyPatch, variable: str, value: str, read: object
) -> None:
    put(environment, **{variable: value})

    assert getattr(read_settings(), variable.lower()) == read


QUEUE = "https://sqs.us-east-1.amazonaws.com/111122223333/pullcheck-events"


@pytest.mark.parametrize(
    ("routes", "says"),
    [
        (None, "PULLCHECK_EVENTS_QUEUE_URL needs PULLCHECK_ROUTES, a JSON list of rules"),
        (" ", "PULLCHECK_EVENTS_QUEUE_URL needs PULLCHECK_ROUTES, a JSON list of rules"),
        ("{}", "PULLCHECK_ROUTES: "),
        ('[{"channel": "C012"}, {"chanel": "C012"}]', r"PULLCHECK_ROUTES: rule 2\."),
        ('[{"channel": "#payments"}]', r"PULLCHECK_ROUTES: rule 1\.channel"),
    ],
)
def test_task_events_need_to_know_who_hears_of_them(
    environment: pytest.MonkeyPatch, routes: str | None, says: str
) -> None:
    put(
        environment,
        PULLCHECK_EVENTS_QUEUE_URL=QUEUE,
        **({} if routes is None else {"PULLCHECK_ROUTES": routes}),
    )

    with pytest.raises(SettingsError, match=says):
        read_settings()


def test_task_events_that_are_told_somewhere(environment: pytest.MonkeyPatch) -> None:
    routes = '[{"channel": "C0123456789"}]'
    put(environment, PULLCHECK_EVENTS_QUEUE_URL=QUEUE, PULLCHECK_ROUTES=routes)
    settings = read_settings()
    assert (settings.pullcheck_events_queue_url, settings.pullcheck_routes) == (QUEUE, routes)

    environment.setenv("PULLCHECK_EVENTS_QUEUE_URL", "")
    assert read_settings().pullcheck_events_queue_url is None


def test_every_setting_is_in_a_table() -> None:
    """So that a new one is tried with odd values too."""
    lists = {"PULLCHECK_EXTERNAL_IDS", "PULLCHECK_CHANNEL_ACCOUNTS", "PULLCHECK_ADMINS"}
    fields = {name.upper() for name in Settings.model_fields if name.startswith("pullcheck")}
    assert fields - {name for name in fields if "_ALLOWED_" in name} - lists == set(WHAT_IS_EXPECTED)


@pytest.mark.parametrize("text", ["'111122223333=first-id'", "111122223333=first-id'"])
def test_quotation_marks_around_external_ids_are_named_and_none_is_shown(
    environment: pytest.MonkeyPatch, text: str
) -> None:
    put(environment, PULLCHECK_EXTERNAL_IDS=text)

    with pytest.raises(SettingsError, match="PULLCHECK_EXTERNAL_IDS: is in quotation marks") as caught:
        read_settings()

    assert "first-id" not in str(caught.value)


# --- ids, not names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("PULLCHECK_ALLOWED_USERS", "@bob", "'@bob' is not the id of a person, which begins with U or W, such as U0123ABCD"),
        ("PULLCHECK_ALLOWED_USERS", "bob", "'bob' is not the id of a person"),
        ("PULLCHECK_ALLOWED_USERS", "U1,bob@corp.example", "'bob@corp.example' is not the id of a person"),
        ("PULLCHECK_ALLOWED_USERS", "u0123abcd", "'u0123abcd' is not"),
        ("PULLCHECK_ALLOWED_USERS", "U1 U2", "'U1 U2' is not the id of a person"),
        ("PULLCHECK_ALLOWED_USERS", "U1;U2", "several are separated by commas"),
        ("PULLCHECK_ALLOWED_USERS", "'U1'", "is not the id of a person"),
        ("PULLCHECK_ALLOWED_USERS", "*", "'*' is not the id of a person"),
        ("PULLCHECK_ALLOWED_USERS", "S0123ABCD", "'S0123ABCD' is not the id of a person"),
        ("PULLCHECK_ALLOWED_USERS", "<@U1>", "'<@U1>' is not"),
        ("PULLCHECK_ALLOWED_USERS", "U１", "is not the id of a person"),
        ("PULLCHECK_ALLOWED_USERS", "U1\x1b]0;x", r"'U1\x1b]0;x' is not"),
        ("PULLCHECK_ALLOWED_USERS", "x" * 5000, f"'{'x' * 40}…' is not"),
        ("PULLCHECK_ALLOWED_USERS", "xoxb-123-secret", "'***' is not the id of a person"),
        ("PULLCHECK_ALLOWED_USERGROUPS", "@oncall", "'@oncall' is not the id of a user group, which begins with S, such as S0123ABCD"),
        ("PULLCHECK_ALLOWED_USERGROUPS", "U0123ABCD", "'U0123ABCD' is not the id of a user group"),
        ("PULLCHECK_ALLOWED_TEAMS", "acme", "'acme' is not the id of a workspace, which begins with T"),
        ("PULLCHECK_ALLOWED_TEAMS", "acme.slack.com", "'acme.slack.com' is not the id of a workspace"),
        ("PULLCHECK_ALLOWED_CHANNELS", "#general", "'#general' is not the id of a channel, which begins with C, G or D"),
        ("PULLCHECK_ALLOWED_CHANNELS", "C1,general", "'general' is not the id of a channel"),
        ("PULLCHECK_ALLOWED_ACCOUNTS", "1111-2222-3333", "'1111-2222-3333' is not an AWS account id, which is twelve digits without dashes, such as 111122223333"),
        ("PULLCHECK_ALLOWED_ACCOUNTS", "11112222333", "'11112222333' is not an AWS account id"),
        ("PULLCHECK_ALLOWED_ACCOUNTS", "prod", "'prod' is not an AWS account id"),
        ("PULLCHECK_ALLOWED_ACCOUNTS", "１１１１２２２２３３３３", "is not an AWS account id"),
        ("PULLCHECK_ALLOWED_ACCOUNTS", "arn:aws:iam::111122223333:root", "is not an AWS account id"),
        ("PULLCHECK_CHANNEL_ACCOUNTS", "C0123", "'C0123' names no accounts; expected is such as C0123ABCD=111122223333+222233334444"),
        ("PULLCHECK_CHANNEL_ACCOUNTS", "#general=111122223333", "'#general' is not the id of a channel"),
        ("PULLCHECK_CHANNEL_ACCOUNTS", "C1=1111-2222-3333", "'1111-2222-3333' is not an AWS account id"),
        ("PULLCHECK_CHANNEL_ACCOUNTS", "C1=111122223333+", "'' is not an AWS account id"),
        ("PULLCHECK_CHANNEL_ACCOUNTS", "C1=111122223333,222233334444", "'222233334444' names no accounts"),
        ("PULLCHECK_CHANNEL_ACCOUNTS", "C1=111122223333,C1=222233334444", "C1 is named twice"),
    ],
)  # fmt: skip
def test_a_name_where_an_id_belongs_is_named(
    environment: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    put(environment, **{variable: value})

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert str(caught.value).startswith(f"{variable}: ")
    assert says in str(caught.value)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        ("PULLCHECK_ALLOWED_USERS", "U0123ABCD, W0123ABCD", {"U0123ABCD", "W0123ABCD"}),
        ("PULLCHECK_ALLOWED_USERGROUPS", "S0123ABCD", {"S0123ABCD"}),
        ("PULLCHECK_ALLOWED_TEAMS", "T0123ABCD,E0123ABCD", {"T0123ABCD", "E0123ABCD"}),
        ("PULLCHECK_ALLOWED_CHANNELS", "C0123,G0123,D0123", {"C0123", "G0123", "D0123"}),
        ("PULLCHECK_ALLOWED_ACCOUNTS", "000011112222", {"000011112222"}),
        ("PULLCHECK_CHANNEL_ACCOUNTS", "", None),
        ("PULLCHECK_CHANNEL_ACCOUNTS", "C1=", {"C1": set()}),
        (
            "PULLCHECK_CHANNEL_ACCOUNTS",
            " C1 = 111122223333 + 222233334444 ,D2=111122223333, ",
            {"C1": {"111122223333", "222233334444"}, "D2": {"111122223333"}},
        ),
    ],
)
def test_ids(environment: pytest.MonkeyPatch, variable: str, value: str, read: object) -> None:
    put(environment, **{variable: value})

    assert getattr(read_settings(), variable.lower()) == read


# --- variables that are none -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("PULLCHECK_ALOWED_USERS", "PULLCHECK_ALOWED_USERS is not a variable of this app; PULLCHECK_ALLOWED_USERS is"),
        ("PULLCHECK_ALLOWED_USER", "; PULLCHECK_ALLOWED_USERS is"),
        ("PULLCHECK_ALLOWED_GROUPS", "; PULLCHECK_ALLOWED_USERGROUPS is"),
        ("PULLCHECK_ALLOWED_WORKSPACES", "PULLCHECK_ALLOWED_WORKSPACES is not a variable of this app"),
        ("pullcheck_allowed_acounts", "pullcheck_allowed_acounts is not a variable of this app; PULLCHECK_ALLOWED_ACCOUNTS is"),
        ("PULLCHECK_QUEUE_ULR", "; PULLCHECK_QUEUE_URL is"),
        ("PULLCHECK_ROUTE", "; PULLCHECK_ROUTES is"),
        ("PULLCHECK_HEALTHFILE", "; PULLCHECK_HEALTH_FILE is"),
        ("PULLCHECK_", "PULLCHECK_ is not a variable of this app"),
        ("PULLCHECK_X\x1b", r"PULLCHECK_X\x1b is not a variable of this app"),
        ("PULLCHECK_" + "X" * 500, "… is not a variable of this app"),
        ("PULCHECK_ALLOWED_USERS", "PULCHECK_ALLOWED_USERS is not a variable of this app; PULLCHECK_ALLOWED_USERS is"),
        ("PULL_CHECK_TABLE", "PULL_CHECK_TABLE is not a variable of this app; PULLCHECK_TABLE is"),
        ("PULCHECK_X", "PULCHECK_X is not a variable of this app"),
        ("POLLCHECK_STORE", "; PULLCHECK_STORE is"),
        ("SLACK_TOKEN", "SLACK_TOKEN is not a variable of this app; SLACK_BOT_TOKEN is"),
        ("SLACK_BOT_USER_TOKEN", "; SLACK_BOT_TOKEN is"),
        ("SLACK_APP_LEVEL_TOKEN", "; SLACK_APP_TOKEN is"),
        ("SLACK_SIGNING_KEY", "SLACK_SIGNING_KEY is not a variable of this app; SLACK_SIGNING_SECRET is"),
        ("slack_api_base_url", "slack_api_base_url is not a variable of this app; SLACK_API_URL is"),
        ("PULLCHEK_ALLOWED_USERS", "PULLCHEK_ALLOWED_USERS is not a variable of this app; PULLCHECK_ALLOWED_USERS is"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("value", ["U1", ""])
def test_a_variable_that_is_none_is_named_with_the_nearest(
    environment: pytest.MonkeyPatch, name: str, says: str, value: str
) -> None:
    put(environment, **{name: value})
    if name.upper().startswith("SLACK_"):
        environment.delenv(says.removesuffix(" is").rpartition(" ")[2], raising=False)

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert says in str(caught.value)
    assert str(caught.value).isprintable()


def test_another_programs_variable_beside_the_right_one_is_left_alone(
    environment: pytest.MonkeyPatch,
) -> None:
    put(environment, SLACK_TOKEN="xoxb-another-programs", SLACK_SIGNING_KEY="x")

    assert read_settings().slack_bot_token.get_secret_value() == GOOD["SLACK_BOT_TOKEN"]


@pytest.mark.parametrize(
    "name",
    [
        *sorted(known_variables() - {"PULLCHECK_CHANNEL_ACCOUNTS"}),
        *(
            "PULLEY_ALLOWED_USERS",
            "PULL_REQUEST",
            "ALLOWED_USERS",
            "SLACK_CLIENT_ID",
            "SLACK_CLIENT_SECRET",
            "SLACK_WEBHOOK_URL",
            "SLACK_USER_TOKEN",
            "SLACK_CHANNEL",
        ),
        *("SLACK_VERIFICATION_TOKEN", "SLACK_BOT_TOKEN", "SLACK_API_URL", "PUSHCHECK_ID", "PULL_CHECKS"),
    ],
)
def test_a_variable_of_this_app_or_of_another_is_fine(environment: pytest.MonkeyPatch, name: str) -> None:
    put(environment)

    assert not unknown_variables({name: "x", name.lower(): "x"}, known_variables())


@pytest.mark.parametrize("name", ["PULLCHECK_ALLOWED_USERS", "SLACK_BOT_TOKEN"])
def test_a_variable_that_is_there_twice_is_named_and_no_value_shown(name: str) -> None:
    """Which of them counts nobody could tell."""
    (said,) = unknown_variables({name: "U1", name.lower(): "hunter2"}, known_variables())

    assert said == f"{name.lower()} and {name} are one variable and differ; set {name} alone"


def test_every_variable_that_is_written_about_is_known() -> None:
    root = Path(__file__).parents[2]
    pages = [root / "README.md", root / "Dockerfile", root / "serverless.yml"]
    pages += [
        path for folder in ("docs", "deploy") for path in (root / folder).iterdir() if path.suffix != ".png"
    ]
    pages = [path for path in pages if path.is_file()]

    written = {
        name
        for page in pages
        for name in re.findall(r"PULLCHECK_[A-Z][A-Z_]*[A-Z](?![A-Z_])", page.read_text("utf-8"))
    }

    assert written - known_variables() == set()


# --- tokens ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("SLACK_BOT_TOKEN", "xoxp-1-secret", "is a user token (xoxp-…), which acts as a person; expected is the bot token, xoxb-…"),
        ("SLACK_BOT_TOKEN", "xapp-1-secret", "is an app-level token (xapp-…), which belongs in SLACK_APP_TOKEN"),
        ("SLACK_BOT_TOKEN", "xoxe.xoxb-1-secret", "a token of an app with token rotation (xoxe), which this app does not support"),
        ("SLACK_BOT_TOKEN", "xoxe-1-secret", "token rotation"),
        ("SLACK_BOT_TOKEN", "xoxe.xoxp-1-secret", "token rotation"),
        ("SLACK_BOT_TOKEN", "xoxa-2-secret", "another kind of token (xoxa-…)"),
        ("SLACK_BOT_TOKEN", "xoxc-2-secret", "another kind of token (xoxc-…)"),
        ("SLACK_BOT_TOKEN", "'xoxb-1-secret'", "is in quotation marks"),
        ("SLACK_BOT_TOKEN", '"xoxb-1-secret"', "is in quotation marks"),
        ("SLACK_BOT_TOKEN", "“xoxb-1-secret”", "is in quotation marks"),
        ("SLACK_BOT_TOKEN", "xoxb-1-secret'", "is in quotation marks"),
        ("SLACK_BOT_TOKEN", "XOXB-1-secret", "does not begin as it must"),
        ("SLACK_BOT_TOKEN", "Bearer xoxb-1-secret", "does not begin as it must"),
        ("SLACK_BOT_TOKEN", "xoxb-", "does not begin as it must, or ends there"),
        ("SLACK_BOT_TOKEN", "xoxb-1 secret", "has a space, a line break, a comma or another character"),
        ("SLACK_BOT_TOKEN", "xoxb-1\nsecret", "has a space, a line break, a comma or another character"),
        ("SLACK_BOT_TOKEN", "xoxb-1é-secret", "has a space, a line break, a comma or another character"),
        ("SLACK_BOT_TOKEN", "secret", "does not begin as it must"),
        ("SLACK_BOT_TOKEN", "0123456789abcdef0123456789abcdef", "looks like a secret of the app and is no token"),
        ("SLACK_APP_TOKEN", "xoxb-1-secret", "is a bot token (xoxb-…), which belongs in SLACK_BOT_TOKEN"),
        ("SLACK_APP_TOKEN", "xoxp-1-secret", "is a user token"),
        ("SLACK_APP_TOKEN", "'xapp-1-secret'", "is in quotation marks"),
        ("SLACK_APP_TOKEN", "secret", "expected is the app-level token, xapp-…"),
        ("SLACK_SIGNING_SECRET", "xoxb-1-secret", "is a bot token (xoxb-…), which belongs in SLACK_BOT_TOKEN; expected is the signing secret"),
        ("SLACK_SIGNING_SECRET", "xapp-1-secret", "is an app-level token"),
        ("SLACK_SIGNING_SECRET", "'secret'", "is in quotation marks"),
        ("SLACK_BOT_TOKEN", "xoxb-1,", "has a space, a line break, a comma or another character that none has"),
        ("SLACK_BOT_TOKEN", "xoxb-1-secret;", "has a space, a line break, a comma or another character that none has"),
        ("SLACK_APP_TOKEN", "xapp-1-secret,", "has a space, a line break, a comma or another character that none has"),
        ("SLACK_SIGNING_SECRET", "se cret", "has a space"),
        ("SLACK_SIGNING_SECRET", "0123456789abcdef0123456789abcde１", "has a space"),
        ("SLACK_SIGNING_SECRET", "0123456789abcdef0123456789abcdef,", "has a space, a line break, a comma"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("given", ["environment", "values"])
def test_each_wrong_token_is_told_apart_and_none_is_shown(
    environment: pytest.MonkeyPatch, variable: str, value: str, says: str, given: str
) -> None:
    environment.setattr("socket.socket", lambda *_, **__: pytest.fail("somebody was called"))
    put(environment, **({variable: value} if given == "environment" else {}))
    values = {variable.lower(): SecretStr(value)} if given == "values" else {}

    with pytest.raises(SettingsError) as caught:
        read_settings(**values)

    assert str(caught.value).startswith(f"{variable}: ")
    assert says in str(caught.value)
    assert "secret" not in str(caught.value).replace("signing secret", "").replace("a secret of the app", "")
    with pytest.raises(ValidationError) as direct:
        Settings(**{"slack_bot_token": "xoxb-1", variable.lower(): value})  # type: ignore[arg-type]
    assert value == "xoxb-" or value not in str(direct.value)


def test_tokens_that_changed_places_are_both_named(environment: pytest.MonkeyPatch) -> None:
    put(environment, SLACK_BOT_TOKEN="xapp-1", SLACK_APP_TOKEN="xoxb-1")

    with pytest.raises(SettingsError) as caught:
        read_settings()

    assert "SLACK_BOT_TOKEN: is an app-level token" in str(caught.value)
    assert "SLACK_APP_TOKEN: is a bot token" in str(caught.value)


def test_space_around_a_token_is_no_matter(environment: pytest.MonkeyPatch) -> None:
    put(environment, SLACK_BOT_TOKEN=" xoxb-1\n", SLACK_SIGNING_SECRET=f"{SECRET}\r\n")

    settings = read_settings()

    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert settings.slack_signing_secret is not None
    assert settings.slack_signing_secret.get_secret_value() == SECRET
