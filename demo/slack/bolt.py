"""Hands signed requests to a Bolt app, as an HTTP server in front of it would."""

from __future__ import annotations

from collections.abc import Callable

from slack_bolt import App, BoltRequest

from demo.slack.delivery import HttpAnswer, SignedRequest


def dispatch_to(app: App) -> Callable[[SignedRequest], HttpAnswer]:
    """A receiver for `LocalSlack.over_http` that calls `app.dispatch` in the caller's thread."""

    def receive(request: SignedRequest) -> HttpAnswer:
        answer = app.dispatch(BoltRequest(body=request.body, headers=dict(request.headers)))
        return HttpAnswer(answer.status, answer.body or "")

    return receive
