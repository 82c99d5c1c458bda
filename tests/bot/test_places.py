"""What AWS lists for the modal's menus, in sentences where it does not; with real clients and answers that are given."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from bot.places import AwsPlaces
from bot.settings import Settings
from diagnostics.collect import AwsClients, FactStore
from handlers.ways import Listed

REGION = "eu-central-1"
ARN = f"arn:aws:ecs:{REGION}:111122223333"


class Given(AwsClients):
    """Clients whose one method is scripted."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer
        self.asked: list[tuple[str, str | None, dict[str, Any]]] = []

    @property
    def region(self) -> str | None:
        return REGION

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        assert service == "ecs"
        scripted = self

        class Client:
            def can_paginate(self, method: str) -> bool:
                return False

            def __getattr__(self, method: str) -> Any:
                def call(**parameters: Any) -> Any:
                    scripted.asked.append((method, account_id, parameters))
                    if isinstance(scripted.answer, Exception):
                        raise scripted.answer
                    return scripted.answer

                return call

        return Client()


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "ListClusters")


def places(answer: Any, **changes: Any) -> AwsPlaces:
    settings = Settings(slack_bot_token="xoxb-1", slack_app_token="xapp-1", **changes)  # type: ignore[arg-type]
    return AwsPlaces(Given(answer), None, settings, FactStore(age=60), wait=30)


@pytest.mark.parametrize(
    ("answer", "listed"),
    [
        ({"clusterArns": [f"{ARN}:cluster/payments"]}, Listed((f"{ARN}:cluster/payments",))),
        ({"clusterArns": []}, Listed()),
        (
            refused("AccessDeniedException"),
            Listed(problem="AWS denies the app ecs:ListClusters. Paste the task below instead."),
        ),
        (
            refused("ThrottlingException"),
            Listed(problem="AWS gave no list just now. Type a letter, or paste the task below."),
        ),
        (
            EndpointConnectionError(endpoint_url="https://ecs.xx-nowhere-1.amazonaws.com"),
            Listed(problem="AWS gave no list just now. Type a letter, or paste the task below."),
        ),
    ],
    ids=["some", "none", "denied", "throttled", "unreachable"],
)
def test_clusters(answer: Any, listed: Listed) -> None:
    assert places(answer).clusters(REGION, None, "U1") == listed


def test_a_thousand_are_listed_and_the_rest_is_said() -> None:
    arns = [f"{ARN}:service/payments/{number}" for number in range(1000)]
    found = places({"serviceArns": arns}).services(REGION, None, "payments", "U1")
    assert (len(found.arns), found.more) == (1000, True)


def test_regions_are_those_of_ecs_the_own_one_first() -> None:
    regions = places({}).regions()
    assert regions[0] == REGION
    assert {"us-east-1", "eu-west-1"} < set(regions)
    assert not [name for name in regions if name.startswith("cn-")]


def test_without_roles_there_is_no_account_to_choose() -> None:
    assert places({}, pullcheck_allowed_accounts="111122223333,222233334444").accounts == ()


def test_with_roles_the_listed_accounts_are_offered() -> None:
    from bot.accounts import AssumedRoles, TargetRole

    settings = Settings(
        slack_bot_token="xoxb-1",  # type: ignore[arg-type]
        pullcheck_allowed_accounts="111122223333",  # type: ignore[arg-type]
        pullcheck_channel_accounts="C1=222233334444",  # type: ignore[arg-type]
    )
    made = AwsPlaces(Given({}), AssumedRoles(TargetRole("pullcheck-read")), settings)
    assert made.accounts == ("111122223333", "222233334444")


def test_menus_ask_once_while_somebody_types() -> None:
    given = Given({"clusterArns": []})
    settings = Settings(slack_bot_token="xoxb-1", slack_app_token="xapp-1")  # type: ignore[arg-type]
    made = AwsPlaces(given, None, settings, FactStore(age=60), wait=30)
    made.prepare(REGION, None, "U1")
    for _ in range(3):
        made.clusters(REGION, None, "U1")
    assert len(given.asked) == 1
