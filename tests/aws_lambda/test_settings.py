"""Routes that are too long for a variable."""

from __future__ import annotations

import json

import pytest

from bot.aws_lambda import work
from bot.aws_lambda.settings import LambdaSettings, read_routes
from bot.settings import SettingsError
from tests.aws_lambda.cloud import Cloud

ONE, TWO = "/pullcheck/test/routes-1", "/pullcheck/test/routes-2"


def put(cloud: Cloud, name: str, value: str) -> None:
    cloud.aws.client("ssm").put_parameter(Name=name, Type="String", Value=value, Overwrite=True)


def own(**values: str) -> LambdaSettings:
    return LambdaSettings(pullcheck_queue_url="x", pullcheck_slack_secrets="/x", **values)


def test_several_parameters_are_one_list_in_their_order(cloud: Cloud) -> None:
    put(cloud, ONE, '[{"service": "a*", "channel": "mute"}]')
    put(cloud, TWO, '[{"channel": "C0123456789"}]')
    text = read_routes(own(pullcheck_routes_parameter=f"{ONE}, {TWO}"), cloud.aws.client)
    assert json.loads(text) == [{"service": "a*", "channel": "mute"}, {"channel": "C0123456789"}]


def test_without_a_parameter_nothing_is_asked(cloud: Cloud) -> None:
    def nobody(service: str) -> None:
        raise AssertionError(service)

    assert read_routes(own(pullcheck_routes="[]"), nobody) == "[]"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("not json", f"PULLCHECK_ROUTES_PARAMETER: {ONE} is not JSON"),
        ('{"channel": "C1"}', f"PULLCHECK_ROUTES_PARAMETER: {ONE} must hold a JSON list"),
        ('[{"chanel": "C1"}]', "PULLCHECK_ROUTES_PARAMETER: "),
    ],
)
def test_what_is_no_list_of_routes_is_refused(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, value: str, says: str
) -> None:
    put(cloud, ONE, value)
    monkeypatch.setenv("PULLCHECK_ROUTES_PARAMETER", ONE)
    with pytest.raises(SettingsError) as error:
        work.make()
    assert says in str(error.value)
