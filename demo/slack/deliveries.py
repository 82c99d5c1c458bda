"""Brings payloads to the app, over Socket Mode or signed HTTP, and takes its acknowledgements."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from demo.slack.delivery import Ack, Delivery, DeliveryKind, HttpAnswer, SignedRequest, sign
from demo.slack.errors import SlackRefusal
from demo.slack.model import Channel, User
from demo.slack.response_urls import ResponseUrls
from demo.slack.script import AppCall
from demo.slack.socket_mode import SocketMode
from demo.slack.workspace import Workspace

Receiver = Callable[[SignedRequest], HttpAnswer]


class Deliveries:
    """Everything that was sent to the app, in order, in `sent`."""

    def __init__(
        self,
        workspace: Workspace,
        response_urls: ResponseUrls,
        signing_secret: str,
        record: Callable[[AppCall], None],
    ) -> None:
        self.sent: list[Delivery] = []
        self.socket_mode = SocketMode(workspace, self._acknowledged)
        self._workspace = workspace
        self._response_urls = response_urls
        self._signing_secret = signing_secret
        self._record = record
        self._by_envelope: dict[str, Delivery] = {}
        self._receiver: Receiver | None = None

    def push(
        self, kind: DeliveryKind, payload: dict[str, Any], user: User | None, channel: Channel | None
    ) -> Delivery:
        """Send a payload. Raises NotConnectedError when it goes over Socket Mode and no app is there."""
        return self._send(
            Delivery(
                envelope_id=f"envelope-{self._workspace.serial()}",
                kind=kind,
                payload=payload,
                sent_at=time.monotonic(),
                channel=channel.id if channel else None,
                user=user.id if user else None,
            )
        )

    def again(self, delivery: Delivery, reason: str) -> Delivery:
        """Send a payload once more, with the marks of a redelivery."""
        return self._send(
            Delivery(
                envelope_id=f"{delivery.envelope_id}-retry",
                kind=delivery.kind,
                payload=delivery.payload,
                sent_at=time.monotonic(),
                channel=delivery.channel,
                user=delivery.user,
                retry_attempt=(delivery.retry_attempt or 0) + 1,
                retry_reason=reason,
            )
        )

    @contextmanager
    def over_http(self, receiver: Receiver) -> Iterator[None]:
        """Inside, signed requests go to `receiver` and nothing goes over Socket Mode."""
        before, self._receiver = self._receiver, receiver
        try:
            yield
        finally:
            self._receiver = before

    def signed(self, delivery: Delivery, timestamp: int | None = None) -> SignedRequest:
        """The delivery as an HTTP request with this app's signature."""
        return sign(delivery, self._signing_secret, timestamp=timestamp)

    def _send(self, delivery: Delivery) -> Delivery:
        with self._workspace.changed:
            self.sent.append(delivery)
            self._by_envelope[delivery.envelope_id] = delivery
            receiver = self._receiver
        if receiver is None:
            self.socket_mode.send(delivery)
            return delivery
        answer = receiver(self.signed(delivery))
        delivery.status = answer.status
        if answer.status == 200:
            self._acknowledged(delivery.envelope_id, _payload(answer.body))
        return delivery

    def _acknowledged(self, envelope_id: str, payload: dict[str, Any] | None) -> None:
        with self._workspace.changed:
            delivery = self._by_envelope.get(envelope_id)
            if delivery is None:
                return
            delivery.acks.append(Ack(payload, time.monotonic() - delivery.sent_at))
            if payload and delivery.kind == "slash_commands" and ("text" in payload or "blocks" in payload):
                self._answer_in_ack(delivery, payload)
            self._workspace.touch()

    def _answer_in_ack(self, delivery: Delivery, payload: dict[str, Any]) -> None:
        assert delivery.channel is not None
        assert delivery.user is not None
        answer: dict[str, Any] = {"ok": True}
        try:
            self._response_urls.respond(delivery.channel, delivery.user, payload)
        except SlackRefusal as refusal:
            answer = refusal.body()
        self._record(AppCall("ack", payload, answer, 200, delivery.channel))


def _payload(body: str) -> dict[str, Any] | None:
    """An HTTP answer's body as an acknowledgement: JSON, plain text as `text`, or nothing."""
    if not body:
        return None
    if body.startswith("{"):
        return dict(json.loads(body))
    return {"text": body}
