"""`python -m bot --check`: prints whether the tokens, the scopes, what is kept, and each AWS read work.

With `--lambda NAME` the functions of a stack are asked instead, each by an invocation with `bot.aws_lambda.selfcheck.EVENT`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.aws_lambda.selfcheck import AUDITS_QUEUE, EVENT, RESULTS
from bot.probes import Checked, check_aws, check_slack, check_store
from bot.queue_probes import check_events_queue
from bot.settings import Settings
from diagnostics.collect import AwsClients
from diagnostics.render.harmless import one_line

FUNCTIONS = ("slack", "worker")
# As long as the longest function may take; an invocation is not made twice.
_INVOKING = Config(connect_timeout=5, read_timeout=70, retries={"mode": "standard", "total_max_attempts": 1})


def check(settings: Settings, aws: AwsClients | None = None, console: Console | None = None) -> int:
    """Print what works and what does not; 0 if everything does, else 1."""
    kept = [check_store(settings), *check_events_queue(settings)]
    return show([*check_slack(settings), *kept, *check_aws(aws or AwsClients())], console)


def check_lambda(name: str, client: Any = None, console: Console | None = None) -> int:
    """The same of the functions of a stack.

    Args:
        name: the stack, such as pullcheck-prod; its functions are NAME-slack and NAME-worker, and NAME-audits where the worker says that
            there is one.
        client: a client of Lambda; by default boto3 with its own settings.
        console: where to print.
    """
    try:
        client = client or boto3.client("lambda", config=_INVOKING)
    except BotoCoreError as error:
        return show([Checked("AWS settings", False, str(error))], console)
    results = [item for function in FUNCTIONS for item in _ask(client, f"{name}-{function}")]
    if any(item.what.endswith(f": {AUDITS_QUEUE}") for item in results):
        results += _ask(client, f"{name}-audits")
    return show(results, console)


def _ask(client: Any, function: str) -> Iterable[Checked]:
    try:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(EVENT).encode())
        told = json.loads(answer["Payload"].read())
    except (ClientError, BotoCoreError) as error:
        yield Checked(function, False, f"could not be invoked: {error}")
        return
    except ValueError:
        told = None
    if "FunctionError" in answer:
        kind = told.get("errorType") if isinstance(told, dict) else None
        yield Checked(function, False, f"failed ({kind or 'no reason given'}): its log says why")
        return
    results = told.get(RESULTS) if isinstance(told, dict) else None
    if not isinstance(results, list) or not results or not all(map(_is_result, results)):
        yield Checked(function, False, "gave no results: it is of a version without this check, deploy again")
        return
    for item in results:
        yield Checked(f"{function}: {item['what']}", item["works"] is True, str(item["says"]))


def _is_result(item: object) -> bool:
    return isinstance(item, dict) and {"what", "works", "says"} <= item.keys()


def show(results: list[Checked], console: Console | None = None) -> int:
    """Print results as a table; 0 if everything works, else 1."""
    console = console or Console(highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for item in results:
        mark = Text("ok", style="green") if item.works else Text("FAILS", style="bold red")
        table.add_row(mark, Text(one_line(item.what)), Text(one_line(item.says)))
    console.print(table, soft_wrap=True)
    failing = sum(not item.works for item in results)
    console.print(f"\n{failing} of {len(results)} fail." if failing else f"\nAll {len(results)} work.")
    return 1 if failing else 0
