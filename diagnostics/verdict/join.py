"""Joins a finding with what an error text shows: could this fault have produced that text?"""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.finding import Fault, Finding, Over
from diagnostics.network import whose
from diagnostics.pull import Leg, is_secrets_manager, is_session_of, named_secrets
from diagnostics.snapshot import Known, VpcFacts, known_value
from diagnostics.stop_reason import Stage, Symptom, SymptomId, s3_answer
from diagnostics.verdict.table import EARLIER_FIRST, TEXTS

LEVELS: dict[Stage, int] = {"role": 0, "secrets": 1, "login": 1, "manifest": 2, "layers": 3, "unpack": 4}
"""The order of the steps. Secrets and the log-in stand side by side: neither proves the other."""

PullPosition = tuple[int, int]
"""When something shows: the level of its step, and its kind within the step."""

LATEST = 9
"""After every step that has a name."""


def can_produce(world: World, symptom: Symptom, fault: Fault, finding: Finding) -> bool:
    """True if this fault, at the step and of the container that the finding is about, can have produced the text."""
    return (
        symptom.id in fault.explains.symptoms
        and _at_this_step(symptom, finding)
        and _on_this_leg(world, symptom, finding)
        and _of_this_container(world, symptom, finding)
        and _as_it_is_worded(symptom, fault, finding)
        and _as_s3_answered(symptom, fault, finding)
        and _to_this_address(world, symptom, fault)
        and not _answered_by_others(world, symptom, fault)
    )


_OF_A_SECRET = (SymptomId.SECRET_DENIED, SymptomId.SECRET_NOT_FOUND, SymptomId.SECRET_MALFORMED_REFERENCE)


def refuted_by_facts(world: World, symptom: Symptom) -> bool:
    """False where what is in order now says nothing of a text, because that is about what the task does not have, or no API shows.

    A task keeps its revision of the task definition, so that what that names cannot have been repaired since. A secret that
    exists may have no value, and a container instance may send no credentials for reasons of its own.
    """
    definition, task = known_value(world.snapshot.task_definition), known_value(world.snapshot.task)
    if symptom.id is SymptomId.SECRET_NOT_FOUND and "secret value" in symptom.text.lower():
        return False
    if symptom.id is SymptomId.NO_BASIC_AUTH:
        return False
    if symptom.address is not None and ":" in symptom.address and not _has_ipv6(world):
        # Nobody reaches such an address from there, and why the name led to it is not shown.
        return False
    if task is None:
        return True
    if symptom.id is SymptomId.INVALID_REFERENCE:
        return False
    if symptom.id in _OF_A_SECRET and definition is not None and not any(named_secrets(definition)):
        return False
    if refuses_a_stranger(world, symptom) or is_of_no_named_store(world, symptom):
        return False
    roles = known_value(world.pull.principals)
    task_role = known_value(world.snapshot.task_role)
    judged = {item.role_arn for item in roles or ()} | ({task_role.arn} if task_role is not None else set())
    return symptom.role_arn is None or roles is None or symptom.role_arn in judged


def refuses_a_stranger(world: World, symptom: Symptom) -> bool:
    """True where the text says who was refused, and none of the roles that pull here is that.

    What their policies say now proves nothing of it.
    """
    who = symptom.denial.principal if symptom.denial is not None else None
    roles = known_value(world.pull.principals)
    return (
        who is not None and bool(roles) and not any(is_session_of(who, item.role_arn) for item in roles or ())
    )


_REFUSED_LAYERS = (SymptomId.S3_403, SymptomId.LAYER_COPY_FAILED_UNSPECIFIED)


def is_of_no_named_store(world: World, symptom: Symptom) -> bool:
    """True where the layers were refused (403) and neither the text nor an endpoint of S3 on the way says by whom.

    What could refuse then is nothing that was looked at, or nothing that AWS shows.
    """
    if symptom.id not in _REFUSED_LAYERS or "403" not in symptom.text:
        return False
    return symptom.host is None or _without_s3_endpoint(world)


def _without_s3_endpoint(world: World) -> bool:
    """True where it is known that the VPC has no endpoint of S3, whose policy could have refused."""
    interface = world.pull.used_interface
    facts = world.snapshot.vpcs.get((known_value(interface.vpc_id) if interface else None) or "")
    endpoints = known_value(facts.vpc_endpoints) if facts is not None else None
    return endpoints is not None and not any((item.service_name or "").endswith(".s3") for item in endpoints)


def _has_ipv6(world: World) -> bool:
    """False where the interface that pulled is known to have no IPv6 address."""
    interface = world.pull.used_interface
    return interface is None or known_value(interface.ipv6) is not False


def stages_of(symptom: Symptom) -> tuple[Stage, ...]:
    """The steps that a text may speak of; empty where it may be any."""
    row = TEXTS.get(symptom.id)
    if row is not None and row.stages:
        return row.stages
    if symptom.stage is not None:
        return (symptom.stage,)
    return row.unless_told if row is not None else ()


def place_of_text(symptom: Symptom) -> PullPosition:
    """When the text shows: whatever comes before this place has worked."""
    row = TEXTS.get(symptom.id)
    stages = (symptom.stage,) if symptom.stage else stages_of(symptom)
    level = min((LEVELS[stage] for stage in stages), default=0)
    return level, EARLIER_FIRST.index(row.nature) if row else 0


def place_of(fault: Fault, finding: Finding) -> PullPosition:
    """When a fault shows. The log driver is checked when the image is there, whatever else needs that leg's step."""
    level = LEVELS[finding.stage] if finding.stage and finding.leg != "logs" else LATEST
    return level, EARLIER_FIRST.index(fault.kind)


def last_place_of(fault: Fault, finding: Finding) -> PullPosition:
    """When the last step comes that a fault would stop."""
    levels = [LEVELS[stage] for stage in finding.also_at]
    level, kind = place_of(fault, finding)
    return max([level, *levels]), kind


# --- one side of the question each -------------------------------------------------------------------


def _at_this_step(symptom: Symptom, finding: Finding) -> bool:
    stages = stages_of(symptom)
    return finding.stage is None or not stages or not {finding.stage, *finding.also_at}.isdisjoint(stages)


def _on_this_leg(world: World, symptom: Symptom, finding: Finding) -> bool:
    """The host or the secret in the text tells which of several legs it was; logs are written after the pull."""
    if finding.leg is None:
        return True
    if finding.leg == "logs":
        return symptom.id in (SymptomId.LOGS_ENDPOINT_UNREACHABLE, SymptomId.FETCH_KILLED)
    if symptom.id == SymptomId.LOGS_ENDPOINT_UNREACHABLE:
        return False
    if symptom.id == SymptomId.SECRET_UNREACHABLE and symptom.secret and symptom.host is None:
        return finding.leg == ("secretsmanager" if is_secrets_manager(symptom.secret) else "ssm")
    asked = _legs_asked(world, symptom)
    return not asked or any(
        leg.name == finding.leg and set(leg.containers) == set(finding.containers) for leg in asked
    )


def _legs_asked(world: World, symptom: Symptom) -> tuple[Leg, ...]:
    """The legs that a text may be about, by its host and its port; none where neither tells.

    The port tells two registries of one host apart, and a registry from ECR where the text names no host.
    """
    legs = world.pull.legs
    by_host = tuple(leg for leg in legs if leg.is_at(symptom.host))
    if symptom.host is not None and not by_host:
        return ()
    by_port = tuple(leg for leg in by_host or legs if leg.port == symptom.port)
    return by_host if by_port == legs else by_port or by_host


def _of_this_container(world: World, symptom: Symptom, finding: Finding) -> bool:
    """From the manifest on a text is about one image; before that it is about the whole task."""
    if not finding.containers:
        return True
    named = _containers_of(world, symptom.image) if symptom.image else frozenset[str]()
    if not named and symptom.container and LEVELS.get(symptom.stage or "role", 0) >= LEVELS["manifest"]:
        named = frozenset({symptom.container})
    return not named or not named.isdisjoint(finding.containers)


def _containers_of(world: World, text: str) -> frozenset[str]:
    """The containers of an image as a text writes it: in full, or with a host or tag that the task leaves out."""
    images = world.pull.images
    found = [image for image in images if image.image == text]
    found = found or [image for image in images if image.is_in_repository_of(text)]
    return frozenset(name for image in found for name in image.containers)


def _as_it_is_worded(symptom: Symptom, fault: Fault, finding: Finding) -> bool:
    """AWS names the kind of policy that refused, and who was refused."""
    denial = symptom.denial
    if denial is not None and fault.kind in ("network", "dns"):
        # A refusal is an answer, so the network let it through.
        return False
    if denial is not None and fault.kind in ("permission", "secret") and not fault.explains.fits(denial):
        return False
    roles = [item for item in finding.resources if ":role/" in item]
    if symptom.role_arn and roles:
        return symptom.role_arn in roles
    who = denial.principal if denial is not None else None
    return who is None or not roles or any(is_session_of(who, role) for role in roles)


def _as_s3_answered(symptom: Symptom, fault: Fault, finding: Finding) -> bool:
    """An answer of S3 about an environment file is none of the network, and a policy is no reason for none.

    What nobody has looked into may all the same be behind either.
    """
    if finding.unseen:
        return True
    answer = s3_answer(symptom) if symptom.id is SymptomId.ENV_FILE_DOWNLOAD_FAILED else None
    return answer is None or (answer == "none") is (fault.kind in ("network", "dns"))


def _to_this_address(world: World, symptom: Symptom, fault: Fault) -> bool:
    """A private address is an endpoint's; a public one is reached by the routes."""
    way = way_of(world, symptom)
    return way is None or way in fault.explains.over


def _answered_by_others(world: World, symptom: Symptom, fault: Fault) -> bool:
    """True where the text is of a public registry that led to somebody's private address, and the fault is the registry's own.

    What refused there, or cut the connection, is a hub's endpoint or what stands before it.
    """
    if fault.kind != "limit" or symptom.address is None:
        return False
    interface = world.pull.used_interface
    facts = world.snapshot.vpcs.get((known_value(interface.vpc_id) if interface else None) or "")
    if facts is None or not isinstance(facts.vpc, Known) or whose(symptom.address, facts).kind != "private":
        return False
    return any(leg.public and leg.is_at(symptom.host) for leg in world.pull.legs)


def way_of(world: World, symptom: Symptom) -> Over | None:
    """Which way the packets went, by the address that was dialled; `None` where it does not tell."""
    if symptom.address is None:
        return None
    interface = world.pull.used_interface
    vpc_id = (known_value(interface.vpc_id) if interface else None) or ""
    facts = world.snapshot.vpcs.get(vpc_id, VpcFacts(vpc_id=vpc_id))
    owner = whose(symptom.address, facts)
    if owner.kind in ("endpoint", "vpc"):
        return "endpoint"
    if owner.kind in ("s3", "public"):
        return "internet"
    # A private address outside of the VPC is somebody else's: a shared endpoint behind a transit gateway, say.
    return "endpoint" if owner.kind == "private" and not isinstance(facts.vpc, Known) else None
