"""The machine that pulls goes through a proxy that does not work."""

from __future__ import annotations

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import (
    asked_of,
    drained,
    has_shell,
    host_of,
    registry_host,
    run_on,
)
from diagnostics.faults.text_only import shown, text_room
from diagnostics.finding import Explains, Fault, Fix, Outcome
from diagnostics.pull import host_os
from diagnostics.stop_reason import Symptom, SymptomId

PROXY_UNUSABLE = Fault(
    id="proxy-unusable",
    kind="host",
    title="The proxy of the machine that pulls works, where it has one",
    short="the proxy on its way does not work",
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
        _set_on_host(world, name, registry_host(world, symptom.host)),
        stage=symptom.stage or "manifest",
        resources=(name,),
        console_url=link,
        named=True,
    )


def _set_on_host(world: World, name: str, host: str) -> Fix:
    """Which proxy works is known to those alone who run the network, so that no command sets one."""
    if not has_shell(world):
        where = "Its proxy stands in the user data of its launch template (settings.network.https-proxy and no-proxy): correct it there first."
        return drained(world, name, where if host_os(world.snapshot) == "bottlerocket" else None)
    settings = (
        "The settings are the machine's variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY (Get-ChildItem Env: shows them); set them for the ECS agent and for Docker, and restart both."
        if host_os(world.snapshot) == "windows"
        else f"On {name}, systemctl show --property=Environment ecs docker shows what they use. {PROXY_UNUSABLE.how}"
    )
    return Fix(
        title=f"Correct the proxy of {name}",
        text=f"On the host, correct the proxy that the ECS agent and Docker each have, or let it answer. {settings}",
        warning=f"A restart of Docker, which a changed proxy takes, stops all containers on {name}, unless Docker keeps them alive (live-restore): drain it first.",
        verify=run_on(world, name, asked_of(host, proxied=True)),
        expect="answers",
        then=then_for(world),
    )


ROOM = text_room(PROXY_UNUSABLE, (SymptomId.PROXY_MISCONFIGURED,), _tell)
