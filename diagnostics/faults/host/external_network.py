"""An external instance (ECS Anywhere), whose own network decides whether the registry answers."""

from __future__ import annotations

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Subject, World
from diagnostics.faults.host.container_host import asked_of, host_of, registry_host, run_on
from diagnostics.faults.text_only import shown, text_room
from diagnostics.faults.texts import NO_ANSWER
from diagnostics.finding import Evidence, Explains, Fault, Fix, Outcome
from diagnostics.snapshot import known_value, need
from diagnostics.stop_reason import Symptom, SymptomId

_NOTHING_CAME = (*NO_ANSWER, SymptomId.DNS_FAILURE, SymptomId.TLS_FAILURE, SymptomId.CONNECTION_REFUSED_RESET)

EXTERNAL_NETWORK = Fault(
    id="external-network-blocked",
    kind="network",
    title="The network of the external instance lets it reach the registry",
    short="its host's network does not reach the registry",
    why="An external instance (ECS Anywhere) stands in a network of your own: its name server, firewall and proxy decide whether it reaches ECR, S3, Secrets Manager and ECS, and AWS's API shows nothing of them.",
    how="Let the instance out to TCP 443 of api.ecr.REGION.amazonaws.com, ACCOUNT.dkr.ecr.REGION.amazonaws.com, prod-REGION-starport-layer-bucket.s3.REGION.amazonaws.com, ecs-a-*, ecs-t-*, ecs, ssm, ec2messages and ssmmessages of the Region; through a proxy where that is the only way.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-anywhere.html",
    explains=Explains(symptoms=_NOTHING_CAME),
    text_only=True,
)


def _unless(world: World, _subject: Subject) -> str | None:
    if world.snapshot.source != "alert":
        need(world.snapshot.task)
    if known_value(world.pull.launch) == "external":
        return None
    return "the task does not run on an external instance"


def _tell(world: World, subject: Subject, symptom: Symptom) -> Outcome:
    """No host of the pull can be looked at from AWS, so that the instance itself is asked."""
    name, link = host_of(world)
    host = registry_host(world, symptom.host)
    at = f"{host} at {symptom.address}" if symptom.address else host
    return shown(
        EXTERNAL_NETWORK,
        symptom,
        f"{name} is an external instance (ECS Anywhere), and {at} did not answer it.",
        Fix(
            title=f"Let {name} out to {host}",
            text=f"The network that {name} stands in decides, with its name server, firewall and proxy, and no VPC of yours: let the instance out to TCP 443 of {host}, and to ECR, S3, ECS and Systems Manager of {world.region}. On the instance, getent hosts {host} shows if the name is found (on Windows Resolve-DnsName).",
            verify=run_on(world, name, asked_of(host)),
            expect="answers",
            then=then_for(world),
        ),
        Evidence(what="launchType is EXTERNAL", source="ecs:DescribeTasks"),
        stage=symptom.stage or "login",
        resources=(name, host),
        console_url=link,
        named=True,
    )


ROOM = text_room(EXTERNAL_NETWORK, _NOTHING_CAME, _tell, _unless)
