"""May the queue of task events be used? Each action is tried with what changes nothing; what counts is whether AWS refuses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bot.events.polling import NEEDED
from bot.probes import NAME, Checked
from bot.settings import Settings
from bot.task_events import sqs_client

_OF_THE_RECEIPT = frozenset({"ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight"})
"""What SQS says of a receipt that is none, once the action is allowed."""


def check_events_queue(settings: Settings, client: Any = None) -> Iterable[Checked]:
    """The queue that task events are taken from, where they are. A message that is there stays there, and in sight.

    Args:
        settings: the settings.
        client: a client of SQS (in tests).
    """
    url = settings.pullcheck_events_queue_url
    if url is None:
        return
    try:
        client = client or sqs_client(url)
    except BotoCoreError as error:
        yield Checked("PULLCHECK_EVENTS_QUEUE_URL", False, str(error))
        return
    receive, delete, change = NEEDED
    calls: Mapping[str, Callable[[], Any]] = {
        receive: lambda: client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=1, WaitTimeSeconds=0, VisibilityTimeout=0
        ),
        delete: lambda: client.delete_message(QueueUrl=url, ReceiptHandle=NAME),
        change: lambda: client.change_message_visibility(
            QueueUrl=url, ReceiptHandle=NAME, VisibilityTimeout=0
        ),
    }
    for action, call in calls.items():
        yield _tried(action, call)


def _tried(action: str, call: Callable[[], Any]) -> Checked:
    try:
        call()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", "refused"))
        return Checked(action, code in _OF_THE_RECEIPT, "" if code in _OF_THE_RECEIPT else code)
    except BotoCoreError as error:
        return Checked(action, False, type(error).__name__)
    return Checked(action, True, "")
