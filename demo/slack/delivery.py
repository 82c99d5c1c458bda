"""What Slack sends to an app: one payload, its acknowledgements, and its form over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from slack_sdk.signature import Clock, SignatureVerifier

DeliveryKind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True)
class Ack:
    """An app's acknowledgement: its payload (None when empty) and how long it took, in seconds."""

    payload: dict[str, Any] | None
    seconds: float


@dataclass
class Delivery:
    """One payload on its way to the app.

    `acks` grows as the app answers; `status` is the HTTP status where it went over signed HTTP. A redelivery
    is a delivery of its own with the same payload, `retry_attempt` and `retry_reason`.
    """

    envelope_id: str
    kind: DeliveryKind
    payload: dict[str, Any]
    sent_at: float
    channel: str | None = None
    user: str | None = None
    retry_attempt: int | None = None
    retry_reason: str | None = None
    acks: list[Ack] = field(default_factory=list)
    status: int | None = None

    @property
    def response_url(self) -> str:
        """Where the app may answer later. Raises KeyError for an event, which has none."""
        return str(self.payload["response_url"])

    @property
    def trigger_id(self) -> str:
        return str(self.payload["trigger_id"])

    def envelope(self) -> dict[str, Any]:
        """The Socket Mode frame."""
        frame: dict[str, Any] = {
            "envelope_id": self.envelope_id,
            "type": self.kind,
            "payload": self.payload,
            "accepts_response_payload": self.kind != "events_api",
        }
        if self.retry_attempt is not None:
            frame |= {"retry_attempt": self.retry_attempt, "retry_reason": self.retry_reason}
        return frame


@dataclass(frozen=True)
class SignedRequest:
    """A delivery as Slack would send it over HTTP: the raw body and the headers, signed."""

    body: str
    headers: dict[str, str]


@dataclass(frozen=True)
class HttpAnswer:
    """What the app answered to a `SignedRequest`."""

    status: int
    body: str = ""


def sign(delivery: Delivery, signing_secret: str, *, timestamp: int | None = None) -> SignedRequest:
    """Write a delivery as a signed HTTP request; `timestamp` (seconds, default now) lets a test age it."""
    if delivery.kind == "slash_commands":
        body, content_type = urlencode(delivery.payload), "application/x-www-form-urlencoded"
    elif delivery.kind == "interactive":
        body = urlencode({"payload": json.dumps(delivery.payload)})
        content_type = "application/x-www-form-urlencoded"
    else:
        body, content_type = json.dumps(delivery.payload), "application/json"
    moment = str(int(Clock().now()) if timestamp is None else timestamp)
    signature = SignatureVerifier(signing_secret).generate_signature(timestamp=moment, body=body)
    assert signature is not None
    headers = {
        "content-type": content_type,
        "x-slack-request-timestamp": moment,
        "x-slack-signature": signature,
    }
    if delivery.retry_attempt is not None:
        headers["x-slack-retry-num"] = str(delivery.retry_attempt)
        headers["x-slack-retry-reason"] = delivery.retry_reason or ""
    return SignedRequest(body, headers)
