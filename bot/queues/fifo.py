"""A FIFO queue in Amazon SQS: messages of one group are worked on one after the other, those of different groups beside each other.

AWS: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagegroupid-property.html
"""

from __future__ import annotations

import hashlib
from typing import Any

from handlers.jobs import Job

ASKED = "asked"
"""The group of what people ask: it does not wait behind a day's audits of the same account."""


class FifoQueue:
    """Sends messages to one queue.

    Args:
        client: a botocore client of SQS.
        url: the queue's URL.
    """

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def submit(self, job: Job, /) -> int:
        """Take a job of a person. How many others wait nobody can tell, so its place is always 0.

        Raises:
            botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: the queue did not take it.
        """
        self.send(job.text(), group=ASKED, once=job.key)
        return 0

    def send(self, body: str, *, group: str, once: str) -> None:
        """Put a message there.

        Args:
            body: what it says.
            group: whose turn it waits for.
            once: names it: sent again within five minutes it is not taken a second time.
        """
        digest = hashlib.sha256(once.encode()).hexdigest()
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=body,
            MessageGroupId=hashlib.sha256(group.encode()).hexdigest()[:32],
            MessageDeduplicationId=digest,
        )

    def hide(self, receipt_handle: str, seconds: int) -> None:
        """Show a message that was received again after so many seconds instead of the queue's own."""
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=seconds
        )
