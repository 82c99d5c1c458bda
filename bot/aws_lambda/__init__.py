"""The functions on AWS Lambda: `slack` takes Slack's requests, `worker` does the work, `hook` answers ECS before a deployment,
`audits` audits.

A function is made when its name is looked up, which Lambda's runtime does while it starts, so that neither function
loads what only the other one needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def __getattr__(name: str) -> Handler:
    """The function of this name, made once.

    Raises:
        AttributeError: there is none of this name.
        SettingsError: its settings are incomplete.
    """
    if name == "slack":
        from bot.aws_lambda.ingress import make

        globals()[name] = made = make()
        return made
    if name == "worker":
        from bot.aws_lambda.work import make

        globals()[name] = made = make()
        return made
    if name == "audits":
        from bot.aws_lambda.auditing import make

        globals()[name] = made = make()
        return made
    if name == "hook":
        from bot.aws_lambda.hook import DeploymentHook

        globals()[name] = hook = DeploymentHook()
        return hook
    raise AttributeError(f"module {__name__} has no attribute {name}")
