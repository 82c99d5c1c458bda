"""A queue in Amazon SQS: acknowledged work waits there for the worker function."""

from __future__ import annotations

from typing import Any

from bot.queues.again import seconds_until
from handlers.jobs import Job


class SqsQueue:
    """Sends jobs to one queue.

    Args:
        client: a botocore client of SQS.
        url: the queue's URL.
    """

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    @property
    def name(self) -> str:
        """The queue's name, which ends its ARN too."""
        return self._url.rpartition("/")[2]

    def submit(self, job: Job, /) -> int:
        """Take a job. How many others wait nobody can tell, so its place is always 0.

        Raises:
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: the queue did not take it.
        """
        self.send(job.text())
        return 0

    def again(self, job: Job) -> bool:
        """Take a job once more whose answer reached nobody; whether it was taken.

        As a message of its own, so that waiting for Slack uses up none of the deliveries after which the queue gives a
        message up. After an hour it is not taken: then the one that is there is.

        Raises:
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: the queue did not take it.
        """
        seconds = seconds_until(job.tries)
        if seconds is None:
            return False
        self.send(job.model_copy(update={"tries": job.tries + 1}).text(), delay=seconds)
        return True

    def send(self, body: str, *, delay: int = 0) -> None:
        """Put any message there, to be seen after `delay` seconds (900 at most)."""
        self._client.send_message(QueueUrl=self._url, MessageBody=body, DelaySeconds=delay)

    def hide(self, receipt_handle: str, seconds: int) -> None:
        """Show a message that was received again after so many seconds (at most 12 hours) instead of the queue's own."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )
