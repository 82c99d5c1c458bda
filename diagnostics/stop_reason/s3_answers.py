"""What S3 answered for a file that ECS could not fetch, as the error text has it.

AWS: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

from typing import Literal

from diagnostics.stop_reason.model import Symptom

S3Answer = Literal["refused", "absent", "none"]
"""`none`: no answer came at all."""

_ANSWERS: tuple[tuple[S3Answer, tuple[str, ...]], ...] = (
    ("refused", ("accessdenied", "access denied", "403", "forbidden", "not authorized")),
    ("absent", ("nosuchkey", "nosuchbucket", "404", "not found", "does not exist")),
    (
        "none",
        (
            "requestcanceled", "request canceled", "context canceled", "deadline exceeded", "i/o timeout", "timed out",
            "no such host", "connection refused", "connection reset", "no route to host", "network is unreachable",
            "tls handshake", "send request failed",
        ),
    ),
)  # fmt: skip


def s3_answer(symptom: Symptom) -> S3Answer | None:
    """What S3 answered; `None` where the text does not say."""
    lowered = symptom.text.lower()
    return next(
        (answer for answer, words in _ANSWERS if any(word in lowered for word in words)),
        None,
    )
