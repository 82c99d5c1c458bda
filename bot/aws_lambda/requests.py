"""What is used of the context that Lambda gives a function.

AWS: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
"""

from __future__ import annotations

from typing import Any


def request_id(context: Any) -> str:
    """The id by which Lambda knows an invocation; empty where there is none."""
    return str(getattr(context, "aws_request_id", ""))


def seconds_left(context: Any) -> float:
    """How long the invocation may still take; without end where nobody says."""
    tell = getattr(context, "get_remaining_time_in_millis", None)
    return tell() / 1000 if tell else float("inf")
