"""`python -m tools.compare` asks pullcheck and AWS's own ECS MCP server the same, and writes the table of docs/compare.md again.

Both are asked over MCP by the SDK's client, in one emulated account with five broken tasks. The peer is not a requirement of anything
here: install it first (`uv tool install awslabs.ecs-mcp-server==0.1.37`), or name another program with `--peer`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from mcp_types import TextContent

from demo.aws import Account, Broken, EmulatedAws, Rates, build_demo

PAGE = Path(__file__).parents[1] / "docs" / "compare.md"
BEGIN, END = "<!-- compared -->\n", "<!-- end of compared -->"
WORLDS = ("demo-route-no-egress", "demo-tag-not-found", "demo-s3-endpoint-policy-denies")
PEER_TOOL = "ecs_troubleshooting_tool"
PEER_ACTIONS = ("detect_image_pull_failures", "fetch_task_failures", "fetch_network_configuration")
"""What its own description offers for such a failure. It is allowed to read network facts (ALLOW_SENSITIVE_DATA)."""


@dataclass(frozen=True)
class Compared:
    """What one server said of one broken task.

    Attributes:
        said: its own conclusion, in its words.
        names: the ids of what must change that stand anywhere in the answer, of all of them.
        of: how many there are.
        characters: the length of all that an assistant is given to read.
        requests: to AWS.
        seconds: until all of it was there.
    """

    said: str
    names: int
    of: int
    characters: int
    requests: int
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, and write the table; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.compare", description=__doc__)
    parser.add_argument("--peer", default="ecs-mcp-server", help="the program that is AWS's ECS MCP server")
    peer = parser.parse_args(arguments).peer
    with EmulatedAws() as aws:
        account = build_demo(aws)
        rows = anyio.run(_compare, account, peer)
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(before + BEGIN + "\n" + _table(rows) + "\n" + END + after, encoding="utf-8")
    return 0


async def _compare(account: Account, peer: str) -> dict[str, tuple[Compared, Compared]]:
    environment = {**os.environ, **account.aws.environment()}
    ours = StdioServerParameters(command=sys.executable, args=["-m", "diagnostics", "mcp"], env=environment)
    theirs = StdioServerParameters(
        command=peer,
        args=[],
        env={**environment, "ALLOW_SENSITIVE_DATA": "true", "FASTMCP_SHOW_SERVER_BANNER": "false"},
    )
    rows = {}
    async with Client(ours) as pullcheck, Client(theirs) as other:
        for name in WORLDS:
            broken = account.broken[name]
            rows[name] = (
                await _ask(account, broken, pullcheck, [("diagnose", {"target": broken.task.arn})]),
                await _ask(account, broken, other, _questions(broken)),
            )
    return rows


def _questions(broken: Broken) -> list[tuple[str, dict[str, Any]]]:
    cluster, task = broken.task.arn.split("/")[1:]
    parameters = {"detect_image_pull_failures": {"ecs_cluster_name": cluster, "ecs_task_id": task}}
    return [
        (PEER_TOOL, {"action": action, "parameters": parameters.get(action, {"ecs_cluster_name": cluster})})
        for action in PEER_ACTIONS
    ]


async def _ask(
    account: Account, broken: Broken, client: Client, questions: Sequence[tuple[str, Mapping[str, Any]]]
) -> Compared:
    account.aws.rates = counted = Rates()
    began = time.monotonic()
    answers = [await client.call_tool(tool, dict(arguments)) for tool, arguments in questions]
    seconds = time.monotonic() - began
    text = "\n".join(
        part.text for answer in answers for part in answer.content if isinstance(part, TextContent)
    )
    parts = [part.rsplit("/", 1)[-1] for part in broken.parts.values()]
    return Compared(
        said=_conclusion(answers[0].structured_content, text),
        names=sum(part in text for part in parts),
        of=len(parts),
        characters=len(text),
        requests=len(counted.asked),
        seconds=seconds,
    )


def _conclusion(structured: Mapping[str, Any] | None, text: str) -> str:
    """Our headline, or the peer's assessment and what it recommends."""
    if structured is not None and "verdict" in structured:
        return str(structured["verdict"]["headline"])
    told = json.loads(text.splitlines()[0])
    return " ".join([told["assessment"], *told["recommendations"]])


def _table(rows: Mapping[str, tuple[Compared, Compared]]) -> str:
    lines = [
        "| broken | asked | what it concludes | names what must change | characters | requests | seconds |",
        "| --- | --- | --- | --- | ---: | ---: | ---: |",
    ]
    for name, compared in rows.items():
        for who, row in zip(("pullcheck", "ECS MCP server"), compared, strict=True):
            said = re.sub(r"([|*_<>`])", r"\\\1", row.said)
            lines.append(
                f"| {name.removeprefix('demo-')} | {who} | {said} | {row.names} of {row.of} | {row.characters:,} | "
                f"{row.requests} | {row.seconds:.1f} |"
            )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
