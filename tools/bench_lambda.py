"""Measures a cold start of the function that Slack calls: from nothing to the acknowledgement of a signed command."""

from __future__ import annotations

import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from slack_sdk.signature import SignatureVerifier

from demo.aws import EmulatedAws
from diagnostics.target import EXAMPLE
from tools import build_lambda
from tools.lambda_local import REGION, Function, runtime_client, url_event

STARTS = 5
SECRETS = "/pullcheck/bench/slack"
SIGNING_SECRET = "0123456789abcdef0123456789abcdef"


def cold_starts() -> Iterator[float]:
    """Seconds of each of some cold starts, of the built tree under Lambda's own runtime client.

    Unpacking the zip and AWS's own latency are missing; so is a processor of Lambda's size.
    """
    with tempfile.TemporaryDirectory() as scratch, EmulatedAws(region=REGION) as aws:
        folder = Path(scratch)
        build_lambda.build_tree(build_lambda.local_platform(), folder / "task")
        client = runtime_client(folder / "client")
        aws.client("ssm").put_parameter(
            Name=SECRETS,
            Type="SecureString",
            Value=f'{{"SLACK_BOT_TOKEN": "xoxb-bench", "SLACK_SIGNING_SECRET": "{SIGNING_SECRET}"}}',
        )
        environment = {
            **aws.environment(),
            "PULLCHECK_QUEUE_URL": aws.client("sqs").create_queue(QueueName="bench")["QueueUrl"],
            "PULLCHECK_SLACK_SECRETS": SECRETS,
            # Where nothing names the workspaces Slack is asked, which is not there.
            "PULLCHECK_ALLOWED_TEAMS": "T0BENCH",
        }
        for number in range(STARTS):
            event = _command(number)
            start = time.perf_counter()
            with Function(
                "bot.aws_lambda.slack", folder / "task", client, environment, log=folder / "log", timeout=30
            ) as function:
                answer = function.invoke(event)
                yield time.perf_counter() - start
            assert answer["statusCode"] == 200, answer


def _command(number: int) -> dict[str, object]:
    body = urllib.parse.urlencode(
        {
            "command": "/pullcheck",
            "text": EXAMPLE,
            "trigger_id": f"bench.{number}",
            "channel_id": "C0BENCH",
            "user_id": "U0BENCH",
            "team_id": "T0BENCH",
            "response_url": "https://hooks.slack.com/commands/bench",
        }
    )
    stamp = str(int(time.time()))
    signature = SignatureVerifier(SIGNING_SECRET).generate_signature(timestamp=stamp, body=body)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": str(signature),
    }
    return url_event("/slack/events", headers, body.encode())
