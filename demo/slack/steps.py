"""Steps of the Workflow Builder: a workflow runs the app's function, and the app says how it ended.

Slack: https://docs.slack.dev/workflows/workflow-steps, https://docs.slack.dev/reference/events/function_executed,
https://docs.slack.dev/reference/methods/functions.completeSuccess
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from demo.slack import payloads
from demo.slack.delivery import Delivery
from demo.slack.errors import SlackRefusal
from demo.slack.workspace import Workspace


@dataclass
class StepRun:
    """One run of a step: `outputs` where it succeeded, `error` where it failed."""

    execution_id: str
    token: str
    delivery: Delivery | None = None
    state: Literal["running", "completed", "failed"] = "running"
    outputs: Mapping[str, Any] | None = None
    error: str | None = None


class Steps:
    """Runs the app's function as a workflow would."""

    def __init__(self, workspace: Workspace, bot_id: str) -> None:
        self.workspace = workspace
        self.push: Callable[[dict[str, Any]], Delivery] | None = None
        self._bot_id = bot_id
        self._runs: dict[str, StepRun] = {}

    def run(self, callback_id: str, inputs: Mapping[str, Any]) -> StepRun:
        """Run a function with what the workflow's author put in."""
        assert self.push is not None
        number = self.workspace.serial()
        run = StepRun(f"Fx{number:08d}", f"xwfp-local-{number}")
        with self.workspace.changed:
            self._runs[run.execution_id] = run
        event = {
            "type": "function_executed",
            "function": {
                "id": f"Fn{number:08d}",
                "callback_id": callback_id,
                "type": "app",
                "app_id": payloads.APP_ID,
            },
            "inputs": dict(inputs),
            "function_execution_id": run.execution_id,
            "workflow_execution_id": f"Wx{number:08d}",
            "event_ts": self.workspace.next_ts(),
            "bot_access_token": run.token,
        }
        run.delivery = self.push(payloads.event_callback(self.workspace, self._bot_id, event))
        return run

    def gave(self, token: str) -> bool:
        """True for the token that came with a run that is still going; it ends with the run."""
        return any(run.token == token and run.state == "running" for run in self._runs.values())

    def succeed(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`functions.completeSuccess`."""
        run = self._running(arguments)
        outputs = arguments.get("outputs")
        if not isinstance(outputs, Mapping):
            raise SlackRefusal(
                "invalid_arguments", messages=["[ERROR] must be an object [json-pointer:/outputs]"]
            )
        run.outputs, run.state = dict(outputs), "completed"
        self.workspace.touch()
        return {}

    def fail(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`functions.completeError`."""
        run = self._running(arguments)
        run.error, run.state = str(arguments.get("error") or ""), "failed"
        self.workspace.touch()
        return {}

    def _running(self, arguments: Mapping[str, Any]) -> StepRun:
        run = self._runs.get(str(arguments.get("function_execution_id")))
        if run is None:
            raise SlackRefusal("function_execution_not_found")
        if run.state != "running":
            raise SlackRefusal("execution_not_in_running_state")
        return run
