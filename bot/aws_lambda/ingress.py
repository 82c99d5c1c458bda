"""Takes Slack's requests: the signature is checked, the work put on the queue, the request acknowledged.

Nothing slow is loaded or done here. Bolt's own adapter is not used: it loads boto3, parses a request before it verifies it,
and runs whatever listener a request's header names.
"""

from __future__ import annotations

import base64
import binascii
import logging
import sys
from collections.abc import Mapping
from typing import Any

from slack_bolt import BoltResponse

from bot.app import accounts_of, create_app
from bot.aws_lambda import Handler, selfcheck
from bot.aws_lambda.clients import QUICK, OwnClients
from bot.aws_lambda.places import ASKING, WorkerPlaces
from bot.aws_lambda.requests import request_id
from bot.aws_lambda.settings import read_lambda_settings
from bot.logs import configure_logging
from bot.queues.sqs import SqsQueue
from bot.receiving import LONGEST, PullcheckApp, too_long, unsigned
from handlers.ports import Listening
from handlers.ways import Asking

log = logging.getLogger(__name__)

_LONGEST_ENCODED = (LONGEST + 2) // 3 * 4
"""Characters that so many bytes take in base64."""

_MOST_HEADERS = 200
"""AWS passes on about 10 KB of headers, Slack sends some fifteen."""


def make() -> Handler:
    """The function, with its settings and secrets read and its one client made."""
    always: dict[str, str] = {}
    configure_logging("INFO", "json", stream=sys.stdout, always=always)
    clients = OwnClients(QUICK)
    settings, own = read_lambda_settings(clients)
    configure_logging(settings.pullcheck_log_level, "json", stream=sys.stdout, always=always)
    queue = SqsQueue(clients("sqs"), own.pullcheck_queue_url)
    # A cold worker may take seconds until its first message shows.
    asking = Asking()
    if own.pullcheck_worker:
        asking = Asking(places=WorkerPlaces(OwnClients(ASKING), own.pullcheck_worker, settings))
    listening = Listening(queue, accounts_of(settings), tells_at_once=True, asking=asking)
    app = create_app(settings, listening, process_before_response=True)

    def slack(event: dict[str, Any], context: Any) -> dict[str, Any]:
        always["request_id"] = request_id(context)
        if selfcheck.asks(event):
            return selfcheck.answer(selfcheck.ingress(queue))
        return answer(app, event)

    return slack


def answer(app: PullcheckApp, event: object) -> dict[str, Any]:
    """The answer to a request of a Function URL or an HTTP API (payload format 2.0). Never raises.

    What a stranger sends decides nothing here but how soon they are refused: first its length, then whether its headers
    could hold a signature, and only then is it decoded, verified, and parsed.
    AWS: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
    """
    request = _mapping(event)
    if _mapping(_mapping(request.get("requestContext")).get("http")).get("method") != "POST":
        log.info("a request was refused: it is no POST")
        return _response(BoltResponse(status=404, body=""))
    body, encoded = request.get("body"), request.get("isBase64Encoded") in (True, "true")
    if isinstance(body, str) and len(body) > (_LONGEST_ENCODED if encoded else LONGEST):
        return _response(too_long())
    headers = _headers(request)
    # Cheap, and the first thing that a stranger's request fails at: nothing of it is decoded then.
    data = _bytes(body, encoded) if app.signatures.may_hold(headers) else None
    return _response(unsigned() if data is None else app.receive(data, headers))


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _headers(request: Mapping[Any, Any]) -> dict[str, list[str]]:
    """The headers by their names in small letters; each of several that differ in case only."""
    found: dict[str, list[str]] = {}
    given = _mapping(request.get("headers"))
    if len(given) > _MOST_HEADERS:
        return found
    for name, value in given.items():
        if isinstance(name, str) and isinstance(value, str):
            found.setdefault(name.lower(), []).append(value)
    return found


def _bytes(body: object, encoded: bool) -> bytes | None:
    """The body as it was sent, `None` where there is none that could have been signed."""
    if body is None:
        return b""
    if not isinstance(body, str):
        return None
    try:
        return base64.b64decode(body, validate=True) if encoded else body.encode()
    except (binascii.Error, ValueError):
        return None


def _response(response: BoltResponse) -> dict[str, Any]:
    return {
        "statusCode": response.status,
        "headers": {name: values[0] for name, values in response.headers.items() if values},
        "body": response.body or "",
        "isBase64Encoded": False,
    }
