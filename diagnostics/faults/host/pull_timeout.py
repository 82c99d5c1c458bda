"""The ECS agent gave up waiting for the pull."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import (
    drained,
    host_of,
    on_host,
    run_on,
    variable_set,
    variable_shown,
    variable_unset,
)
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.stop_reason import Symptom, SymptomId

PULL_TIMEOUT = Fault(
    id="pull-timeout",
    kind="host",
    title="The pull ends before the ECS agent gives up",
    short="the ECS agent gave up waiting for the pull",
    why="The ECS agent waits for a pull to begin, for its manifest, and for progress; a registry that does not answer, a slow disk or too many pulls at once make it give up.",
    how="Look at the network first; then raise the wait that ended (ECS_IMAGE_PULL_INACTIVITY_TIMEOUT, ECS_MANIFEST_PULL_TIMEOUT or ECS_IMAGE_PULL_TIMEOUT) on the container instances, or give them a faster volume.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html",
    explains=Explains(
        symptoms=(SymptomId.CONNECTION_REFUSED_RESET, SymptomId.PULL_CONTEXT_CANCELED, SymptomId.PULL_TIMEOUT)
    ),
    text_only=True,
)


@dataclass(frozen=True)
class _Wait:
    """One wait of the ECS agent: what shows it, its variable, and a longer value. `None`: no variable sets it."""

    shown_by: tuple[str, ...]
    says: str
    variable: str | None
    longer: str = ""


# https://github.com/aws/amazon-ecs-agent (README.md, Environment Variables)
_WAITS = (
    _Wait(
        ("inactivity",),
        "made no progress, for longer than ECS_IMAGE_PULL_INACTIVITY_TIMEOUT (1 minute, on Windows 3)",
        "ECS_IMAGE_PULL_INACTIVITY_TIMEOUT",
        "10m",
    ),
    _Wait(
        ("manifest_pulled", "manifestpulled"),
        "had not its manifest in time (ECS_MANIFEST_PULL_TIMEOUT, 1 minute)",
        "ECS_MANIFEST_PULL_TIMEOUT",
        "5m",
    ),
    _Wait(("pullbegin",), "had not begun after 5 minutes, a wait that no variable changes", None),
    _Wait(
        ("transition to pull",),
        "was not complete in time (ECS_IMAGE_PULL_TIMEOUT, 2 hours)",
        "ECS_IMAGE_PULL_TIMEOUT",
        "4h",
    ),
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    """How long the agent waits stands in its own configuration, which no API shows; which wait it was, in the text."""
    lowered = symptom.text.lower()
    wait = next((item for item in _WAITS if any(phrase in lowered for phrase in item.shown_by)), _WAITS[0])
    name, link = host_of(world)
    return shown(
        PULL_TIMEOUT,
        symptom,
        f"The ECS agent on {name} gave up waiting for the pull, which {wait.says}.",
        _look(world, name)
        if wait.variable is None
        else _wait_longer(world, name, wait.variable, wait.longer),
        stage=symptom.stage or "layers",
        resources=(name,),
        console_url=link,
    )


def _look(world: World, name: str) -> Fix:
    return drained(
        world,
        name,
        f"Docker on {name} answered nothing at all, or too many pulls were waiting for it: on the host, docker info, uptime and df show if it hangs, is overloaded or full. Drain it, and terminate it once it runs no task: its Auto Scaling group starts another.",
    )


def _wait_longer(world: World, name: str, variable: str, longer: str) -> Fix:
    return on_host(
        world,
        name,
        variable_set(variable, longer),
        title=f"Let the ECS agent on {name} wait {longer}",
        text=f"If nothing on the network is wrong, set {variable} to {longer} on {name} and restart the agent, which stops no container; set it in the launch template's user data as well.",
        seen=(run_on(world, name, variable_shown(variable)), longer),
        undo=variable_unset(variable),
    )


ROOM = text_room(PULL_TIMEOUT, (SymptomId.PULL_TIMEOUT,), _tell)
