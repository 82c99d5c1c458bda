"""The ECS agent gave up waiting for the pull."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import STATUS, host_of, on_host, variable_set, variable_unset
from diagnostics.faults.service import update_service
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.stop_reason import Symptom, SymptomId

PULL_TIMEOUT = Fault(
    id="pull-timeout",
    kind="host",
    title="The pull ends before the ECS agent gives up",
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
    return on_host(
        world,
        name,
        f"Look at Docker and the load on {name}: Docker answered nothing at all, or too many pulls were waiting for it. Drain and replace the instance if it hangs, then start the task again.",
        ("systemctl status docker --no-pager", "uptime", "df -h /var/lib/docker"),
        ("Get-Service docker", "Get-Process | Sort-Object CPU | Select-Object -Last 5", "Get-PSDrive C"),
    )


def _wait_longer(world: World, name: str, variable: str, longer: str) -> Fix:
    linux, windows = variable_set(variable, longer)
    again = update_service(world, "--force-new-deployment")
    fix = on_host(
        world,
        name,
        f"If nothing on the network is wrong, let the agent on {name} wait longer ({variable}) and start the task again; set it in the launch template's user data as well.",
        linux,
        windows,
        shows=STATUS,
        undo=variable_unset(variable),
    )
    return fix.model_copy(update={"cli": f"{fix.cli}\n{again}"}) if again else fix


ROOM = text_room(PULL_TIMEOUT, (SymptomId.PULL_TIMEOUT,), _tell)
