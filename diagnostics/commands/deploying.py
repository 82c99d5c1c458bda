"""`deployment CLUSTER/SERVICE`: waits for the newest deployment of a service, and says why it failed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from diagnostics import render
from diagnostics import target as targets
from diagnostics.collect import AwsClients, AwsUnreachableError, RegionNeededError
from diagnostics.collect.deployments import UNDER_WAY, WaitingClock, awaited, newest_deployment
from diagnostics.collect.reaching import region_of
from diagnostics.commands.answering import UNREACHABLE, WRONG_INPUT, console, failing, say, writing
from diagnostics.commands.options import Parser, add_reading_options, wide
from diagnostics.commands.program import PROGRAM
from diagnostics.commands.running import answer
from diagnostics.render.harmless import one_line
from diagnostics.snapshot import Known, ServiceDeployment
from diagnostics.target import Target

_PROG = f"{PROGRAM} deployment"
_EPILOG = f"""\
examples:
  {_PROG} payments/payments-api
  {_PROG} payments/payments-api --wait 900 --format github

It reads ecs:ListServiceDeployments until the newest deployment is done or the time is up. One that succeeded is exit status 0; of any other the
newest failed task is diagnosed, with the exit status of a diagnosis.
"""
CLOCK = WaitingClock()


def parser() -> Parser:
    """The words of the command."""
    made = Parser(
        prog=_PROG,
        description="Waits for the newest deployment of a service, and says why it failed. Reads only.",
        epilog=_EPILOG,
        formatter_class=wide,
    )
    made.add_argument(
        "target", metavar="SERVICE", help="cluster/service, or the service's ARN or console link"
    )
    made.add_argument(
        "--wait",
        type=_wait,
        default=600.0,
        metavar="SECONDS",
        help="wait no longer than this, and then diagnose what there is (default 600; 0 does not wait)",
    )
    add_reading_options(made)
    return made


def command(words: Sequence[str]) -> int:
    """Wait, and diagnose; the exit status."""
    options = parser().parse_args(words)
    fail = failing(options.format)
    try:
        target = targets.parse(options.target)
    except targets.TargetError as error:
        return fail("bad_input", str(error), WRONG_INPUT)
    if target.kind != "service":
        return fail(
            "bad_input",
            "That names a task; a deployment is a service's: give cluster/service, for example payments/payments-api.",
            WRONG_INPUT,
        )
    clients = AwsClients.of_profile(options.profile)
    try:
        region = region_of(target, clients, options.region)
    except RegionNeededError as error:
        return fail("region_needed", str(error), WRONG_INPUT)
    except AwsUnreachableError as error:
        return fail(error.kind, error.message, UNREACHABLE)
    found = awaited(
        lambda: newest_deployment(target, clients, region),
        options.wait,
        CLOCK,
        lambda item: say(_under_way(item)),
    )
    if isinstance(found, Known):
        if found.value.status == "SUCCESSFUL":
            _succeeded(found.value, target, options.format)
            return 0
        say(_how_it_stands(found.value, target))
    return answer(options, fail, target)


def _under_way(item: ServiceDeployment) -> str:
    return f"The deployment is {item.status}; waiting."


def _how_it_stands(item: ServiceDeployment, target: Target) -> str:
    why = f": {item.status_reason}" if item.status_reason else ""
    waited = " when the time was up" if item.status in UNDER_WAY else ""
    return one_line(f"The deployment of {target.service} is {item.status}{waited}{why}")


def _succeeded(item: ServiceDeployment, target: Target, form: str) -> None:
    at = f" at {item.finished_at:%Y-%m-%d %H:%M} UTC" if item.finished_at else ""
    said = f"The newest deployment of {target.service} succeeded{at}: there is nothing to explain."
    with writing():
        if form == "json":
            told = {"arn": item.service_deployment_arn, "status": item.status, "service": target.service}
            print(json.dumps({"deployment": told}))
        elif form == "github":
            print(render.note_annotation("The deployment succeeded", said))
        elif form in ("text", "markdown"):
            console().print(said)


def _wait(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 86_400:
        raise argparse.ArgumentTypeError(
            f"expected a number of seconds up to 86400, for example 600; got {text!r}"
        )
    return value
