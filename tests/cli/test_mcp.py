"""`pullcheck mcp`, asked by the SDK's own client."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import jsonschema
import pytest

from demo.aws import Account
from diagnostics import __version__
from diagnostics.__main__ import main
from diagnostics.commands import serving

if TYPE_CHECKING:
    from mcp_types import CallToolResult

ROOT = Path(__file__).parents[2]
AUDIT_SCHEMA = json.loads((ROOT / "docs" / "audit.schema.json").read_text("utf-8"))
SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text("utf-8"))


TASK = "arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef"


def client_of_the_server() -> Any:
    """The SDK's client, connected to ours. Loaded here: the SDK takes a second, in each process that only collects the tests."""
    from mcp import Client

    from diagnostics.commands.mcp_server import SERVER

    return Client(SERVER)


def call(tool: str, **arguments: Any) -> CallToolResult:
    async def ask() -> Any:
        async with client_of_the_server() as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(ask)


def text_of(result: CallToolResult) -> str:
    from mcp_types import TextContent

    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_the_tools_say_that_they_only_read_and_cost_an_assistant_little() -> None:
    async def ask() -> Any:
        async with client_of_the_server() as client:
            return await client.list_tools()

    tools = {tool.name: tool for tool in anyio.run(ask).tools}
    assert {name: tool.annotations.read_only_hint for name, tool in tools.items()} == dict.fromkeys(
        tools, True
    )
    assert {name: tool.annotations.destructive_hint for name, tool in tools.items()} == dict.fromkeys(
        tools, False
    )
    assert {name: tool.annotations.open_world_hint for name, tool in tools.items()} == {
        "audit": True,
        "diagnose": True,
        "explain": False,
        "preflight": True,
    }
    for tool in tools.values():
        assert len(tool.model_dump_json(exclude_none=True)) < 2_600


def test_a_diagnosis_is_the_json_report_and_a_short_text(aws_settings: Account) -> None:
    broken = aws_settings.broken["demo-tag-not-found"]
    result = call("diagnose", target=broken.task.arn)
    assert not result.is_error
    report = result.structured_content
    assert report is not None
    jsonschema.validate(report, SCHEMA)
    assert [cause["id"] for cause in report["causes"]] == ["tag-not-found"]
    text = text_of(result)
    assert report["verdict"]["headline"] in " ".join(text.split())
    assert "\x1b" not in text


def test_the_region_can_be_given_apart(aws_settings: Account) -> None:
    broken = aws_settings.broken["demo-tag-not-found"]
    cluster, task = broken.task.arn.split("/")[1:]
    result = call("diagnose", target=f"{cluster}/{task}", region=aws_settings.region)
    assert result.structured_content is not None
    assert result.structured_content["task"]["arn"] == broken.task.arn


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("diagnose", {"target": "what?"}, "give cluster/service or a task ARN"),
        ("diagnose", {"target": "payments/api", "deadline": 0}, "greater than 0"),
        ("diagnose", {}, "target"),
        ("diagnose", {"target": TASK, "region": "eu-west-1"}, "leave --region out"),
        (
            "preflight",
            {"task_definition": "../etc/passwd", "cluster": "payments"},
            "names no task definition",
        ),
        ("preflight", {"task_definition": "{", "cluster": "payments", "service": "api"}, "JSON"),
        ("preflight", {"task_definition": "api:7", "cluster": "payments"}, "Say where it would run"),
        ("audit", {"clusters": ["a b"]}, "expected the name or the ARN of a cluster"),
        ("explain", {"id": "tag-not-fond"}, "There is no cause 'tag-not-fond'; did you mean tag-not-found"),
        ("explain", {"id": "xyz" * 9}, "the ids stand in the causes of a report"),
    ],
    ids=str,
)
def test_what_the_caller_can_mend_is_one_error(
    no_aws: None, tool: str, arguments: dict[str, Any], says: str
) -> None:
    result = call(tool, **arguments)
    assert result.is_error
    assert says in text_of(result)


def test_a_task_definition_is_judged_before_anything_starts(aws_settings: Account) -> None:
    broken = aws_settings.broken["demo-tag-not-found"].task
    result = call(
        "preflight",
        task_definition=broken.task_definition_arn.rpartition("/")[2],
        cluster=broken.cluster,
        service=broken.service,
    )
    report = result.structured_content
    assert report is not None, text_of(result)
    jsonschema.validate(report, SCHEMA)
    assert report["target_kind"] == "preflight"
    assert [cause["id"] for cause in report["causes"]] == ["tag-not-found"]


def test_clusters_are_audited(aws_settings: Account) -> None:
    result = call("audit", clusters=["payments"])
    report = result.structured_content
    assert report is not None, text_of(result)
    jsonschema.validate(report, AUDIT_SCHEMA)
    now = {finding["id"] for finding in report["findings"] if finding["level"] == "now"}
    assert {"tag-not-found", "route-no-egress"} <= now
    assert "payments-api" in text_of(result)


def test_without_a_region_it_says_what_is_missing(no_aws: None) -> None:
    result = call("diagnose", target="payments/api")
    assert result.is_error
    assert "Region" in text_of(result)


def test_a_cause_is_explained() -> None:
    text = text_of(call("explain", id="tag-not-found"))
    assert text.startswith("tag-not-found\n")
    assert "How to fix it" in text


def test_it_is_served_on_standard_input_and_output() -> None:
    from mcp import Client, StdioServerParameters

    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "diagnostics", "mcp"], cwd=str(ROOT), env=dict(os.environ)
    )

    async def ask() -> tuple[Any, CallToolResult]:
        async with Client(parameters) as client:
            return client.server_info, await client.call_tool("explain", {"id": "tag-not-found"})

    info, result = anyio.run(ask)
    assert (info.name, info.version) == ("pullcheck", __version__)
    assert text_of(result).startswith("tag-not-found\n")


def test_without_the_sdk_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    assert main(["mcp"]) == 2
    assert capsys.readouterr() == ("", serving.NEEDS_THE_EXTRA + "\n")
