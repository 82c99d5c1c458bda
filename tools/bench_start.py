"""Measures what a start costs, as a ratio to what people know: processor time of processes that are started in turn.

The least of many: a machine that does other things as well makes each of them dearer, and never cheaper.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from diagnostics.target import EXAMPLE

ROOT = Path(__file__).parents[1]
STARTS = 12

UP_TO_THE_FIRST_CALL = """
import os, sys, threading
begin = threading.Thread.start
def start(thread):
    if thread.name == "pullcheck-aws":
        print(*sorted(sys.modules), flush=True)
        os._exit(0)
    begin(thread)
threading.Thread.start = start
from diagnostics.__main__ import main
sys.exit(f"no call of AWS was made: {main(sys.argv[1:])}")
"""
"""A program that is the command line, until its first call of AWS would go out; it prints the modules that it has loaded."""

PLAIN_BOLT = """
import boto3
from slack_bolt import App
app = App(token="xoxb-bench", signing_secret="bench", token_verification_enabled=False, process_before_response=True)
@app.command("/hello")
def hello(ack): ack()
boto3.client("sqs", region_name="eu-central-1")
"""
"""What a function for Slack on Lambda has at the least."""

INGRESS = """
from bot.aws_lambda.ingress import OwnClients, QUICK, Listening, SqsQueue, accounts_of, create_app
from bot.settings import Settings
settings = Settings()
queue = SqsQueue(OwnClients(QUICK)("sqs"), "https://sqs.eu-central-1.amazonaws.com/123456789012/bench")
create_app(settings, Listening(queue, accounts_of(settings), tells_at_once=True), process_before_response=True)
"""
"""The function's start without the reading of its secrets, which is AWS's time."""


def environment() -> dict[str, str]:
    """An environment in which nothing of this machine's AWS settings counts, and bytecode is kept."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    own.pop("PYTHONDONTWRITEBYTECODE", None)
    return own | {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PYTHONPATH": str(ROOT),
        "PULLCHECK_ALLOWED_TEAMS": "T0BENCH",
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
    }


def least(programs: Mapping[str, Sequence[str]], starts: int = STARTS) -> dict[str, float]:
    """The seconds of processor time that each program takes at the least, started in turn."""
    taken: dict[str, float] = {}
    for _ in range(starts):
        for name, words in programs.items():
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(
                [sys.executable, *words], env=environment(), cwd=ROOT, check=True, stdout=subprocess.DEVNULL
            )
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
            taken[name] = min(seconds, taken.get(name, seconds))
    return taken


def command_line() -> dict[str, float]:
    """The start of the command line against that of `aws --version`."""
    found = least(
        {
            "aws": [str(Path(sys.executable).with_name("aws")), "--version"],
            "until the first call of AWS": ["-c", UP_TO_THE_FIRST_CALL, EXAMPLE],
            "--version": ["-m", "diagnostics", "--version"],
        }
    )
    aws = found.pop("aws")
    return {name: seconds / aws for name, seconds in found.items()}


def ingress() -> float:
    """The start of the function that Slack calls against that of a plain Bolt app with boto3."""
    found = least({"plain": ["-c", PLAIN_BOLT], "ours": ["-c", INGRESS]})
    return found["ours"] / found["plain"]


if __name__ == "__main__":
    print(command_line(), ingress())
