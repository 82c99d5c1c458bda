"""What people in Slack are told where AWS cannot be read at all, and a report that went through the store."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from botocore.exceptions import (
    EndpointConnectionError,
    NoCredentialsError,
    ProfileNotFound,
)

from bot import services
from bot.services import AwsDiagnoser
from diagnostics.collect import AwsClients
from diagnostics.target import parse
from handlers.context import doing
from handlers.ports import DiagnosisError
from tests.build import TASK_ARN


class Aws:
    """AWS clients that cannot be made."""

    def __init__(self, error: Exception, region: str | None = "us-east-1") -> None:
        self.error = error
        self.default = region

    @property
    def region(self) -> str | None:
        if isinstance(self.error, ProfileNotFound):
            raise self.error
        return self.default

    def knows_region(self, region: str) -> bool:
        return region == "us-east-1"

    def problem(self) -> str | None:
        return None

    def get(self, service: str, region: str, account_id: str | None = None) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("error", "region", "text", "says"),
    [
        (NoCredentialsError(), "us-east-1", TASK_ARN, "no valid AWS credentials"),
        (ProfileNotFound(profile="x"), None, "payments/payments-api", "no valid AWS credentials"),
        (EndpointConnectionError(endpoint_url="https://x"), "us-east-1", TASK_ARN, "could not reach AWS in us-east-1"),
        (
            EndpointConnectionError(endpoint_url="https://x"),
            None,
            TASK_ARN.replace("us-east-1", "us-moon-1"),
            "Region us-moon-1 does not exist",
        ),
        (NoCredentialsError(), None, "payments/payments-api", "which Region?"),
    ],
)  # fmt: skip
def test_where_aws_cannot_be_read_at_all(error: Exception, region: str | None, text: str, says: str) -> None:
    diagnose = AwsDiagnoser(Aws(error, region), deadline=5)  # type: ignore[arg-type]

    with pytest.raises(DiagnosisError, match=says.replace("?", r"\?")) as caught:
        diagnose(parse(text), None)

    assert "--region" not in str(caught.value)
    assert "aws sso" not in str(caught.value)


@pytest.mark.parametrize(
    ("user", "asks_again", "fresh", "urgent"),
    [
        ("U1", False, False, True),
        ("U1", True, True, True),
        ("", False, False, False),
        (None, False, False, True),
    ],
    ids=["a person", "a person again", "an event", "no job"],
)
def test_only_what_nobody_asked_for_waits_and_only_a_rerun_takes_nothing_kept(
    monkeypatch: pytest.MonkeyPatch, user: str | None, asks_again: bool, fresh: bool, urgent: bool
) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(services, "run", lambda target, **how: asked.update(how))
    diagnose = AwsDiagnoser(AwsClients(), deadline=5, patience=7)
    with doing("r1", user, asks_again) if user is not None else nullcontext():
        diagnose(parse(TASK_ARN), None)

    assert (asked["fresh"], asked["urgent"], asked["newest"]) == (fresh, urgent, False)
    diagnose(parse(TASK_ARN), None, None, True)
    assert asked["newest"] is True
    assert (asked["store"], asked["patience"]) == (diagnose.store, 7)
