"""The judged answer for assistants, as tools of the Model Context Protocol.

The tools read and change nothing, and say so (https://modelcontextprotocol.io/specification, tool annotations). Each answers with
the report of `--format json` as structured content, and with what the terminal shows as text. AWS is read with the credentials of
the process. What the caller can mend is an error result of one sentence; anything else tells the caller nothing but that it failed,
and stands on standard error. Imported only where the extra `mcp` is installed.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from io import StringIO
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from diagnostics import __version__
from diagnostics import target as targets
from diagnostics.audit.text import lines
from diagnostics.collect import AwsClients, AwsUnreachableError, OnProgress, RegionNeededError
from diagnostics.commands import auditing, preflighting
from diagnostics.commands.answering import WIDTH_OF_FILES
from diagnostics.commands.asking import DEADLINE, ask
from diagnostics.commands.documents import DocumentError, definition_told
from diagnostics.commands.running import other_region
from diagnostics.diagnose import Run, run
from diagnostics.faults import ALL_FAULTS
from diagnostics.faults.image.tag_not_found import TAG_NOT_FOUND
from diagnostics.finding import Report
from diagnostics.image_reference import nearest
from diagnostics.render import HarmlessConsole, harmless, render_explanation, render_report, report_json
from diagnostics.render.harmless import escaped_json
from diagnostics.stop_reason import error_in

_EXPECTED = (
    targets.TargetError,
    DocumentError,
    preflighting.UsageError,
    auditing.InputError,
    RegionNeededError,
)
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


class AuditOutline(BaseModel):
    """What every audit has; docs/audit.schema.json describes the rest."""

    model_config = ConfigDict(extra="allow")
    findings: list[dict[str, Any]]


ToolAnswer = Annotated[CallToolResult, Outline]
AuditAnswer = Annotated[CallToolResult, AuditOutline]
TargetText = Annotated[
    str, Field(description="task ARN, ECS console link, cluster/task-id or cluster/service")
]
Region = Annotated[str | None, Field(description="where nothing else names it")]
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
    target: TargetText,
    region: Region = None,
    profile: Profile = None,
    alert_text: AlertText = None,
    deadline: Seconds = DEADLINE,
) -> ToolAnswer:
    """Read AWS and judge, as `pullcheck TARGET` does."""

    def read() -> CallToolResult:
        parsed = targets.parse(target)
        alert = error_in([target, alert_text or ""])
        return _told(_judged(parsed, _options(region, profile, deadline), alert_text=alert))

    return _answered(read)


@SERVER.tool(
    title="Would this task definition's images be pulled?",
    description=(
        "Before a deployment: judge the pull of a task that nobody has started, as a service would run it, or in given "
        "subnets on Fargate, or on a cluster's EC2 instances. Give service, or subnets and security_groups, or launch_type EC2."
    ),
    annotations=READS_AWS,
)
def preflight(
    task_definition: Annotated[
        str, Field(description="family[:revision], ARN, or the JSON of RegisterTaskDefinition")
    ],
    cluster: str,
    service: str | None = None,
    subnets: list[str] | None = None,
    security_groups: list[str] | None = None,
    assign_public_ip: bool = False,
    launch_type: Literal["FARGATE", "EC2"] | None = None,
    capacity_provider: str | None = None,
    region: Region = None,
    profile: Profile = None,
    deadline: Seconds = DEADLINE,
) -> ToolAnswer:
    """Read AWS and judge, as `pullcheck preflight` does."""

    def read() -> CallToolResult:
        options = _options(
            region,
            profile,
            deadline,
            cluster=cluster,
            service=service,
            subnets=subnets,
            security_groups=security_groups,
            public=assign_public_ip,
            launch_type=launch_type,
            capacity_provider=capacity_provider,
        )
        definition = definition_told(task_definition)
        target = preflighting.target_of(options, definition)
        return _told(_judged(target, options, planned=preflighting.plan_of(options, definition)))

    return _answered(read)


@SERVER.tool(
    title="Which services could not start a task, now or soon?",
    description=(
        "Audit clusters: which services, scheduled tasks and families could not pull their image now, and what will stop them "
        "soon (an image that a lifecycle rule will expire, a secret or key on its way out, …), with what cannot be told."
    ),
    annotations=READS_AWS,
)
def audit(
    clusters: Annotated[
        list[str], Field(description="names or ARNs; empty for all of the account in the Region")
    ],
    days: Annotated[int, Field(ge=1, le=3650, description="how far ahead")] = 30,
    region: Region = None,
    profile: Profile = None,
    deadline: Annotated[float, Field(gt=0, le=900)] = 300.0,
) -> AuditAnswer:
    """Read AWS and judge, as `pullcheck audit` does."""

    def read() -> CallToolResult:
        options = _options(region, profile, deadline, all=not clusters, cluster=clusters, days=days)
        report = auditing.audited(options)
        text = "\n".join(map(harmless, lines(report)))
        return CallToolResult(
            content=[TextContent(type="text", text=text)],
            structured_content=json.loads(escaped_json(report.to_json())),
        )

    return _answered(read)


@SERVER.tool(title="What is this cause?", annotations=READS_NOTHING, structured_output=False)
def explain(
    id: Annotated[str, Field(description=f"a cause's id in a report, such as {TAG_NOT_FOUND.id}")],
) -> str:
    """Explain one cause: why the pull fails, and how to fix it."""
    fault = ALL_FAULTS.get(id)
    if fault is None:
        close = nearest(id, ALL_FAULTS)
        hint = f"did you mean {' or '.join(close)}?" if close else "the ids stand in the causes of a report."
        raise ToolError(f"There is no cause {id!r}; {hint}")
    out = StringIO()
    render_explanation(fault, _plain(out))
    return out.getvalue()


def _options(region: str | None, profile: str | None, deadline: float, **others: Any) -> Namespace:
    """The words of the command line that mean the same."""
    return Namespace(region=region, profile=profile, deadline=deadline, debug=False, **others)


def _judged(target: targets.Target, options: Namespace, **how: Any) -> Report:
    """Nothing is kept from one question to the next: something may have been mended in between."""
    differs = other_region(target, options.region)
    if differs is not None:
        raise ToolError(differs)

    def read(clients: AwsClients, seconds: float, progress: OnProgress | None) -> Run:
        return run(target, aws=clients, deadline=seconds, region=options.region, progress=progress, **how)

    return ask(options, target, read).report


def _answered(read: Callable[[], CallToolResult]) -> CallToolResult:
    """What a tool gives, or the one sentence that says what the caller can mend."""
    try:
        return read()
    except _EXPECTED as error:
        raise ToolError(str(error)) from error
    except AwsUnreachableError as error:
        raise ToolError(error.message) from error


def _told(report: Report) -> CallToolResult:
    out = StringIO()
    render_report(report, _plain(out))
    return CallToolResult(
        content=[TextContent(type="text", text=out.getvalue())],
        structured_content=json.loads(report_json(report)),
    )


def _plain(out: StringIO) -> HarmlessConsole:
    return HarmlessConsole(file=out, width=WIDTH_OF_FILES, color_system=None)
