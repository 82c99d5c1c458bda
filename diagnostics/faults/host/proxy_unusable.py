"""The machine that pulls goes through a proxy that does not work."""

from __future__ import annotations

from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import host_of, on_host
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Outcome
from diagnostics.stop_reason import Symptom, SymptomId

PROXY_UNUSABLE = Fault(
    id="proxy-unusable",
    kind="host",
    title="The proxy of the machine that pulls works, where it has one",
    why="The ECS agent and the Docker daemon each have a proxy setting of their own, in separate files. The proxy that one of them names does not answer, refuses the registry's host, or is set for one of the two only.",
    how="Set the same proxy in /etc/ecs/ecs.config, the ecs unit and the docker unit of the container instance; let NO_PROXY name 169.254.169.254, 169.254.170.2, /var/run/docker.sock and the hosts of VPC endpoints; and open the proxy's port to the instance.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/http_proxy_config.html",
    explains=Explains(symptoms=(SymptomId.PROXY_MISCONFIGURED,)),
    text_only=True,
    refutable=False,
)


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    """What the proxy is stands on the machine, which no API shows."""
    name, link = host_of(world)
    return shown(
        PROXY_UNUSABLE,
        symptom,
        f"{name} pulls through a proxy that did not let it reach {symptom.host or 'the registry'}.",
        on_host(
            world,
            name,
            f"Look at the proxy settings of the ECS agent and of Docker on {name}, and whether the proxy answers. {PROXY_UNUSABLE.how}",
            ("grep -i proxy /etc/ecs/ecs.config", "systemctl show --property=Environment ecs docker"),
            ("Get-ChildItem Env: | Where-Object Name -like *PROXY*", "netsh winhttp show proxy"),
        ),
        stage=symptom.stage or "manifest",
        resources=(name,),
        console_url=link,
        named=True,
    )


ROOM = text_room(PROXY_UNUSABLE, (SymptomId.PROXY_MISCONFIGURED,), _tell)
