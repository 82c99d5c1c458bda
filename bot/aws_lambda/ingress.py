"""Takes Slack's requests: the signature is checked, the work put on the queue, the request acknowledged.

Nothing slow is loaded or done here. Bolt's own adapter is not used: it loads boto3, and runs whatever listener a request's
header names.
"""

from __future__ import annotations

import base64
import binascii
import logging
import sys
from typing import Any

from slack_bolt import App, BoltRequest, BoltResponse

from bot.app import accounts_of, create_app
from bot.aws_lambda import Handler, selfcheck
from bot.aws_lambda.clients import QUICK, OwnClients
from bot.aws_lambda.requests import request_id
from bot.aws_lambda.settings import read_lambda_settings
from bot.logs import configure_logging
from bot.queues.sqs import SqsQueue
from handlers.ports import Listening

log = logging.getLogger(__name__)

_BOLTS_OWN = "x-slack-bolt-"
"""Headers by which Bolt tells itself to run a lazy listener; nobody else may."""


def make() -> Handler:
    """The function, with its settings and secrets read and its one client made."""
    always: dict[str, str] = {}
    configure_logging("INFO", "json", stream=sys.stdout, always=always)
    clients = OwnClients(QUICK)
    settings, own = read_lambda_settings(clients)
    configure_logging(settings.pullcheck_log_level, "json", stream=sys.stdout, always=always)
    queue = SqsQueue(clients("sqs"), own.pullcheck_queue_url)
    app = create_app(settings, Listening(queue, accounts_of(settings)), process_before_response=True)

    def slack(event: dict[str, Any], context: Any) -> dict[str, Any]:
        always["request_id"] = request_id(context)
        if selfcheck.asks(event):
            return selfcheck.answer(selfcheck.ingress(queue))
        return answer(app, event)

    return slack


def answer(app: App, event: dict[str, Any]) -> dict[str, Any]:
    """The answer to a request of a Function URL or an HTTP API (payload format 2.0).

    AWS: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
    """
    method = event.get("requestContext", {}).get("http", {}).get("method")
    if method != "POST":
        return _response(BoltResponse(status=404, body=""))
    try:
        body = event.get("body") or ""
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return _response(BoltResponse(status=400, body=""))
    headers = {
        name.lower(): value
        for name, value in (event.get("headers") or {}).items()
        if not name.lower().startswith(_BOLTS_OWN)
    }
    return _response(app.dispatch(BoltRequest(body=body, headers=headers)))


def _response(response: BoltResponse) -> dict[str, Any]:
    return {
        "statusCode": response.status,
        "headers": {name: values[0] for name, values in response.headers.items() if values},
        "body": response.body or "",
        "isBase64Encoded": False,
    }
