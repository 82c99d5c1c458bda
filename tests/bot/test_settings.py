"""The environment: everything missing is named at once, and nothing dangerous passes by default."""

from __future__ import annotations

import os

import pytest
from pydantic import ValidationError

from bot.settings import SLACK_API_URL, Settings, SettingsError, external_ids, read_settings

GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "SLACK_SIGNING_SECRET": "s3cret"}


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
    "url", ["https://evil.example/api/", "http://127.0.0.1.evil.example/", "ftp://127.0.0.1/", "https://slack.com.evil.example/api/"]
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
