"""The judged answer for assistants, as tools of the Model Context Protocol.

The tools read and change nothing, and say so (https://modelcontextprotocol.io/specification, tool annotations). Each answers with
the report of `--format json` as structured content, and with what the terminal shows as text. AWS is read with the credentials of
the process. What the caller can mend is an error result of one sentence; anything else tells the caller nothing but that it failed,
and stands on standard error. Imported only where the extra `mcp` is installed.
"""

from __future__ import annotations

import json
from functools import cache
from io import StringIO
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from diagnostics import __version__
from diagnostics import target as targets
from diagnostics.collect import AwsClients, AwsUnreachableError, RegionNeededError
from diagnostics.commands.answering import WIDTH_OF_FILES
from diagnostics.diagnose import run
from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Report
from diagnostics.image_reference import nearest
from diagnostics.render import HarmlessConsole, render_explanation, render_report, report_json
from diagnostics.stop_reason import error_in

SERVER: MCPServer[Any] = MCPServer(
    "pullcheck",
    version=__version__,
    instructions=(
        "Says why an Amazon ECS task could not pull its image: the cause with its evidence, and the smallest fix. It reads AWS "
        "with the credentials it was started with and changes nothing. Run a fix only when a person said so."
    ),
    log_level="WARNING",
)
READS_AWS = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True
)
READS_NOTHING = READS_AWS.model_copy(update={"open_world_hint": False})


class Outline(BaseModel):
    """What every report has; docs/report.schema.json describes the rest."""

    model_config = ConfigDict(extra="allow")
    verdict: dict[str, Any] = Field(description="outcome, headline, symptoms, caveats")
    causes: list[dict[str, Any]] = Field(description="id, role, certainty, resources, evidence, fix, …")


Answer = Annotated[CallToolResult, Outline]
Target = Annotated[str, Field(description="task ARN, ECS console link, cluster/task-id or cluster/service")]
Region = Annotated[str | None, Field(description="where the target does not name it")]
Profile = Annotated[str | None, Field(description="AWS profile to read with")]
AlertText = Annotated[
    str | None, Field(description="the alert's error text, for a task that ECS has forgotten")
]
Seconds = Annotated[float, Field(gt=0, le=300, description="after these the answer says what was not read")]


@SERVER.tool(
    title="Why could an ECS task not pull its image?",
    description=(
        "Find why an Amazon ECS task or service fails with CannotPullContainerError or ResourceInitializationError. "
        "Judges network, repository, IAM, image, secrets and host; a denied read is named, never guessed."
    ),
    annotations=READS_AWS,
)
def diagnose(
    target: Target,
    region: Region = None,
    profile: Profile = None,
    alert_text: AlertText = None,
    deadline: Seconds = 20.0,
) -> Answer:
    """Read AWS and judge, as `pullcheck TARGET` does."""
    try:
        parsed = targets.parse(target)
        report = run(
            parsed,
            aws=_clients(profile),
            region=region,
            deadline=deadline,
            alert_text=error_in([target, alert_text or ""]),
        ).report
    except (targets.TargetError, RegionNeededError) as error:
        raise ToolError(str(error)) from error
    except AwsUnreachableError as error:
        raise ToolError(error.message) from error
    return _told(report)


@SERVER.tool(title="What is this cause?", annotations=READS_NOTHING, structured_output=False)
def explain(id: Annotated[str, Field(description="a cause's id in a report, such as tag-not-found")]) -> str:
    """Explain one cause: why the pull fails, and how to fix it."""
    fault = ALL_FAULTS.get(id)
    if fault is None:
        close = nearest(id, ALL_FAULTS)
        hint = f"did you mean {' or '.join(close)}?" if close else "the ids stand in the causes of a report."
        raise ToolError(f"There is no cause {id!r}; {hint}")
    out = StringIO()
    render_explanation(fault, _plain(out))
    return out.getvalue()


@cache
def _clients(profile: str | None) -> AwsClients:
    """Warm from one question to the next. Answers are not kept: something may have been mended in between."""
    return AwsClients.of_profile(profile)


def _told(report: Report) -> CallToolResult:
    out = StringIO()
    render_report(report, _plain(out))
    return CallToolResult(
        content=[TextContent(type="text", text=out.getvalue())],
        structured_content=json.loads(report_json(report)),
    )


def _plain(out: StringIO) -> HarmlessConsole:
    return HarmlessConsole(file=out, width=WIDTH_OF_FILES, color_system=None)
