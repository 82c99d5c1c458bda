"""What the functions answer to whoever may invoke them and asks how they are: `python -m bot --check --lambda NAME`.

The event cannot come from Slack or from a stranger: what the function URL, the HTTP API and SQS hand on has other members. No
answer holds a secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from bot.queues.sqs import SqsQueue

if TYPE_CHECKING:
    from bot.aws_lambda.settings import LambdaSettings
    from bot.probes import Checked
    from bot.services import AwsDiagnoser
    from bot.settings import Settings

EVENT = {"pullcheck": "check"}
MESSAGE = json.dumps(EVENT)
"""What the ingress puts on the queue to see that it may; the worker takes it away."""
RESULTS = "results"
AUDITS_QUEUE = "PULLCHECK_AUDITS_QUEUE_URL"
"""The check of the queue of audits: whoever answers it says that the deployment has a function for them."""

_ASKER = "check"
"""Stands in the names of the sessions in other accounts."""


def asks(event: object) -> bool:
    """True when an invocation is a self-check: it asks how the function is."""
    return event == EVENT


def without_messages(records: Sequence[Any]) -> list[Any]:
    """The records of a batch that say something."""
    return [item for item in records if not (isinstance(item, Mapping) and item.get("body") == MESSAGE)]


def answer(results: Iterable[Checked]) -> dict[str, Any]:
    """The answer of a function."""
    return {RESULTS: [asdict(item) for item in results]}


def ingress(queue: SqsQueue) -> Iterable[Checked]:
    """What the ingress needs. That it answers at all says that its settings and secrets were read."""
    from bot.probes import Checked

    yield Checked("PULLCHECK_SLACK_SECRETS", True, "was read")
    yield _try("sqs:SendMessage", lambda: queue.send(MESSAGE))


def worker(
    settings: Settings, own: LambdaSettings, aws: AwsDiagnoser, client: Callable[[str], Any]
) -> Iterable[Checked]:
    """What the worker needs: Slack, its table and queues, the reads, and the roles of other accounts."""
    from bot.probes import check_aws, check_bot_token, check_table
    from bot.slack_clients import web_client

    yield from check_bot_token(web_client(settings))
    yield from check_table(client("dynamodb"), own.pullcheck_table or "")
    urls = {
        "PULLCHECK_QUEUE_URL": own.pullcheck_queue_url,
        "PULLCHECK_EVENTS_QUEUE_URL": own.pullcheck_events_queue_url or "",
        # Only a deployment with a function for audits has one.
        **({AUDITS_QUEUE: own.pullcheck_audits_queue_url} if own.pullcheck_audits_queue_url else {}),
    }
    yield from _queues(client, urls)
    yield from check_aws(aws.aws)
    yield from _roles(settings, aws)


def audits(settings: Settings, own: LambdaSettings, client: Callable[[str], Any]) -> Iterable[Checked]:
    """What the function that audits needs beside the worker's reads, whose role it has: Slack, the table, its queue and the worker's."""
    from bot.probes import check_bot_token, check_table
    from bot.slack_clients import web_client

    yield from check_bot_token(web_client(settings))
    yield from check_table(client("dynamodb"), own.pullcheck_table or "")
    yield from _queues(
        client,
        {AUDITS_QUEUE: own.pullcheck_audits_queue_url or "", "PULLCHECK_QUEUE_URL": own.pullcheck_queue_url},
    )


def _queues(client: Callable[[str], Any], urls: Mapping[str, str]) -> Iterable[Checked]:
    for name, url in urls.items():
        yield _try(name, lambda url=url: _look(client("sqs"), url))  # type: ignore[misc]


def _look(sqs: Any, url: str) -> None:
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])


def _roles(settings: Settings, aws: AwsDiagnoser) -> Iterable[Checked]:
    """The role of each other account that may be asked about."""
    roles = aws.roles
    if roles is None:
        return
    try:
        own, _ = roles.identity()
    except (BotoCoreError, ClientError) as error:
        from bot.probes import Checked

        yield Checked("sts:GetCallerIdentity", False, type(error).__name__)
        return
    asker = roles.clients(_ASKER)
    for account in sorted((settings.pullcheck_allowed_accounts or frozenset()) - {own}):
        yield _try(
            f"{roles.role.name} in {account}",
            lambda account=account: asker.get("sts", roles.region, account).get_caller_identity(),  # type: ignore[misc]
        )


def _try(what: str, call: Callable[[], Any]) -> Checked:
    from bot.probes import Checked

    try:
        call()
    except ClientError as error:
        return Checked(what, False, str(error.response.get("Error", {}).get("Code", "refused")))
    except BotoCoreError as error:
        return Checked(what, False, type(error).__name__)
    return Checked(what, True, "")
