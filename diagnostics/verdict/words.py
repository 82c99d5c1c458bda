"""The words of a verdict: the sentence that comes first, and what nobody can read from a workload account."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostics.faults import ALL_FAULTS
from diagnostics.faults.base import World, clause_of
from diagnostics.faults.permissions.organization_denies import SCP_DENIES
from diagnostics.faults.texts import NOT_FOUND, REFUSED
from diagnostics.faults.told import is_about
from diagnostics.finding import Cause, Fault, Finding, Gone, Outcomes, Status, SymptomSummary, Unsettled
from diagnostics.pull import fitting_hosts
from diagnostics.snapshot import Absent, Unavailable, known_value
from diagnostics.stop_reason import Symptom, SymptomId, redact
from diagnostics.verdict.ends import end_in
from diagnostics.verdict.hosts import of_an_external_instance, of_kept_copies
from diagnostics.verdict.join import is_of_no_named_store, refuses_a_stranger
from diagnostics.verdict.neighbours import NEIGHBOURS, Neighbour
from diagnostics.verdict.planned import (
    gone_in_words,
    missing_of_plan,
    only_a_pull_shows,
    planned_name,
    where_placed,
)
from diagnostics.verdict.rests_on import TODAY, rests_on
from diagnostics.verdict.sidecars import of_a_sidecar
from diagnostics.verdict.situation import Situation
from diagnostics.verdict.standing import (
    does_not_start,
    failed_revision,
    other_end_of,
    rolled_back,
    rolled_back_since,
    unread_subnets,
    what_failed,
)
from diagnostics.verdict.table import TEXTS
from diagnostics.verdict.unused_registry import unused_registry

ORGANISATION = (
    "Service control policies and resource control policies of the organisation cannot be read from this account; "
    "one of them may refuse as well."
)
ORGANISATION_NOT_TOLD = (
    "IAM's policy simulator, which alone tells whether service control policies of the organisation refuse, could not be "
    "asked (iam:SimulatePrincipalPolicy: {why}), and resource control policies cannot be read from this account; one of "
    "them may refuse as well."
)
ORGANISATION_TOLD = (
    "By IAM's policy simulator no service control policy refuses; resource control policies of the organisation cannot be "
    "read from this account, and one of them may refuse as well."
)
DNS_FIREWALL = (
    "Rules of Route 53 Resolver DNS Firewall were not read; one of them may block or redirect the name."
)
LAYERS_REFUSED = (
    "What hands out the layers refused them (403), and it may be any of these: the address for the layer had expired, since the "
    "pull was slow or the clock of the host is wrong; a firewall or proxy on the way that answers 403 itself; a policy of the "
    "organisation about resources outside of it, which nobody can read from this account; an endpoint of S3 in another VPC on "
    "the way, or one whose policy was changed since. Start the task again: if it comes back, look at that way."
)
CHANGED_SINCE = (
    "The error text names a kind of policy that, as it reads now, allows the pull: it was changed since, or what AWS used "
    "cannot be read from this account."
)
NO_CLUSTER = (
    "A cluster that was deleted is answered for in the same way; its tasks ended with it. If it has another name, give "
    "the task's ARN."
)
_BY_SUBNET = ("network", "dns")
"""Kinds of faults that a pull meets in one subnet and not in another. A role is judged on the way of one subnet, for all."""
NO_SERVICE = (
    "A service that was deleted is answered for in the same way, and nothing is pulled for it. If it was created again under "
    "another name or in another cluster, ask about that."
)
FORGOTTEN = "ECS describes stopped tasks for about an hour: ask sooner where a pull fails again, or about the newest task."
REPAIRED = "what stopped it has been repaired since, or passed by itself"
READABLE = ("identity", "resource", "boundary", "endpoint")
"""Kinds of policies that can be read; a text that names one of them blames no other."""


def summaries_of(world: World) -> tuple[SymptomSummary, ...]:
    """What each error text shows."""
    return tuple(
        SymptomSummary(id=item.id, stage=item.stage, container=item.container, text=item.text)
        for item in world.symptoms
    )


def name_of(world: World) -> str:
    """What the person who asks calls it: the service, else the task definition's family, else the task."""
    snapshot = world.snapshot
    if snapshot.planned is not None:
        return planned_name(snapshot)
    definition = known_value(snapshot.task_definition)
    name = snapshot.service_name or snapshot.target.service or (definition.family if definition else None)
    return name or f"task {(snapshot.target.task_id or '')[:8]}".strip()


def _at_start(name: str) -> str:
    """The name at the beginning of a sentence: a task without a name of its own is no name."""
    return f"Task {name.removeprefix('task ')}" if name.startswith("task ") else name


def headline_of(
    world: World,
    situation: Situation,
    findings: tuple[Finding, ...],
    causes: tuple[Cause, ...],
    outcome: Outcomes,
    explaining: tuple[Finding, ...],
    unrefuted: tuple[Fault, ...] = (),
) -> str:
    """The answer in one sentence.

    `explaining` is what is not known and could have produced the text, `unrefuted` what AWS's API cannot show of it.
    """
    failed = what_failed(world)
    if failed is not None and outcome in ("cause_found", "nothing_wrong", "undecided"):
        said = _sentence("it", world, situation, findings, causes, outcome, explaining, unrefuted)
        return f"{failed}: {said[:1].lower()}{said[1:]}"
    return _sentence(name_of(world), world, situation, findings, causes, outcome, explaining, unrefuted)


def _sentence(
    name: str,
    world: World,
    situation: Situation,
    findings: tuple[Finding, ...],
    causes: tuple[Cause, ...],
    outcome: Outcomes,
    explaining: tuple[Finding, ...],
    unrefuted: tuple[Fault, ...],
) -> str:
    if outcome == "cause_found":
        return _cause_found(world, name, situation, [item for item in causes if item.role == "cause"])
    if outcome == "not_a_pull_failure":
        return f"{_at_start(name)} did not stop because of its image: {_how_it_ended(world)}."
    if outcome == "task_gone":
        return _gone(world)
    if outcome == "nothing_wrong":
        return _nothing_wrong(world, name, situation)
    return _undecided(world, name, situation, findings, causes, explaining, unrefuted)


def _cause_found(world: World, name: str, situation: Situation, causes: list[Cause]) -> str:
    first = causes[0]
    likely = "most likely, " if first.certainty == "likely" else ""
    more = f" (and {len(causes) - 1} more)" if len(causes) > 1 else ""
    who = _at_start(name)
    what = f"{who} cannot pull its image"
    if situation.mode == "now":
        where = _some_hosts(world, causes[0]) or _some_subnets(world, causes)
        what = f"A pull of {name} that starts now{where} would fail"
    elif any(item.id == SymptomId.ENV_FILE_DOWNLOAD_FAILED for item in situation.symptoms):
        what = f"{who} cannot read its environment files, before the pull"
    elif any(item.id == SymptomId.LOGS_ENDPOINT_UNREACHABLE for item in situation.symptoms):
        what = f"{who} cannot open its log, before its containers start"
    elif any(item.stage == "secrets" for item in situation.symptoms):
        what = f"{who} cannot read its secrets, before the pull"
    return f"{what}: {likely}{first.clause or first.summary}{more}."


def _some_subnets(world: World, causes: list[Cause]) -> str:
    """Where a pull would fail, if it would work elsewhere."""
    there = [item for item in causes if _is_by_subnet(item)]
    if not _is_by_subnet(causes[0]):
        return ""
    # One fault may be found in each subnet by itself.
    everywhere = {item.subnet_id for item in world.interfaces()}
    if {subnet for item in there for subnet in item.subnets} == everywhere:
        return ""
    return f" in {' or '.join(causes[0].subnets)}" if causes[0].subnets else ""


def _some_hosts(world: World, cause: Cause) -> str:
    """On which container instances a planned task would fail, if it would work on others."""
    judged = {item.name for item in fitting_hosts(world.snapshot)}
    if not cause.instances or set(cause.instances) == judged:
        return ""
    first = ", ".join(cause.instances[:3])
    more = f" and {len(cause.instances) - 3} more" if len(cause.instances) > 3 else ""
    return f" on {first}{more} ({len(cause.instances)} of {len(judged)} container instances)"


def _is_by_subnet(cause: Cause) -> bool:
    fault = ALL_FAULTS.get(cause.id)
    return fault is None or fault.kind in _BY_SUBNET


def neighbour_of(world: World) -> Neighbour | None:
    """What the error text shows of a failure right before or after the pull."""
    shown = next((NEIGHBOURS[item.id] for item in world.symptoms if item.id in NEIGHBOURS), None)
    if shown is not None:
        return shown
    return other_end_of(world) or end_in(world)


def _how_it_ended(world: World) -> str:
    neighbour = neighbour_of(world)
    if neighbour is not None and neighbour.says:
        return neighbour.says
    task = known_value(world.snapshot.task)
    if task is None:
        told = next((item.text for item in world.symptoms if item.id == SymptomId.NONE), None)
        return told.rstrip(".") if told else "the task ended for another reason"
    # On EC2 the reason stands on the container, and the task's own is a bare "Task failed to start".
    of_container = next((item.text for item in world.symptoms if item.container), None)
    reason = redact(of_container or task.stopped_reason or "").strip().rstrip(".")
    code = task.stop_code
    if reason and code:
        return f"{reason} ({code})"
    return reason or code or "ECS gives no reason"


def missing_of(world: World) -> Gone:
    """What of the target AWS says there is none of."""
    of_plan = missing_of_plan(world.snapshot) if world.snapshot.planned is not None else None
    if of_plan is not None:
        return of_plan
    if world.snapshot.without_cluster:
        return "cluster"
    return "service" if world.snapshot.target.kind == "service" else "task"


def _gone(world: World) -> str:
    """Names the account and the Region that were asked: what is missing there may be elsewhere."""
    target, account = world.snapshot.target, world.snapshot.account_id
    where = f"{world.snapshot.region} (account {account})" if account else world.snapshot.region
    missing = missing_of(world)
    if missing == "cluster":
        return f"There is no cluster {target.cluster or 'default'} in {where}, and so nothing to look at."
    if missing == "service":
        return f"There is no service {target.service} in cluster {target.cluster or 'default'} in {where}, and so nothing to look at."
    if missing != "task":
        return gone_in_words(world, missing, where)
    begin = f"Task {(target.task_id or '')[:8]} is gone from {where} and nothing else tells why it stopped"
    if not world.snapshot.gone_of_service:
        return f"{begin}: ECS describes stopped tasks for about an hour."
    if isinstance(world.snapshot.service, Absent):
        return f"{begin}: there is no service {target.service} in cluster {target.cluster or 'default'} any more."
    return f"{begin}; nothing would stop a pull of its service {target.service} now."


def _nothing_wrong(world: World, name: str, situation: Situation) -> str:
    if situation.mode == "stopped":
        since = _changed_since(world)
        return f"Nothing would stop a pull of {name} now: {since or REPAIRED}."
    return f"Nothing would stop a pull of {name} now."


def _changed_since(world: World) -> str | None:
    """What can be seen to have changed after the task's pull failed, as what follows "of NAME now: "."""
    task = known_value(world.snapshot.task)
    if task is None:
        return None
    absent = any(item.id in NOT_FOUND for item in world.symptoms)
    tried = task.pull_stopped_at or task.stopped_at
    if absent and task.pull_stopped_at is None:
        # A pull that failed has no end of its own; what was pushed since it began was not there when it was asked for.
        tried = task.pull_started_at or task.stopping_at or task.stopped_at
    if tried is None:
        return None
    for image in world.pull.images:
        if absent and not any(is_about(item, image) for item in world.symptoms if item.id in NOT_FOUND):
            continue
        detail = known_value(world.image_facts(image).detail)
        if detail is not None and detail.image_pushed_at and detail.image_pushed_at > tried:
            name, pushed = image.image.rsplit("/", 1)[-1], f"{detail.image_pushed_at:%Y-%m-%d %H:%M} UTC"
            if absent:
                return f"image {name} was not there when the task asked for it; it was pushed since ({pushed}), so that a task that starts now finds it"
            return f"since the task stopped, image {name} was pushed ({pushed})"
    return None


def _undecided(
    world: World,
    name: str,
    situation: Situation,
    findings: tuple[Finding, ...],
    causes: tuple[Cause, ...],
    explaining: tuple[Finding, ...],
    unrefuted: tuple[Fault, ...],
) -> str:
    unknown = len({item.fault for item in findings if item.status is Status.UNKNOWN})
    unread = f"{unknown} check{'s' if unknown != 1 else ''} could not be decided"
    if situation.mode == "unread":
        accounts = world.snapshot.other_account
        if accounts is not None:
            asking, asked = accounts
            return (
                f"{_at_start(name)} is of account {asked} and the AWS credentials in use are of account {asking}, "
                f"so that nothing of it was read in {world.snapshot.region}: ask with credentials of account {asked}."
            )
        return f"What stopped {name} is not known: the task could not be read."
    stopped = does_not_start(world) if situation.mode == "now" and not causes and not unknown else None
    if stopped is not None:
        return f"{stopped}, and nothing that could be read would stop a pull: ask about one of its tasks that stopped."
    if situation.mode == "now" and causes:
        what = (causes[0].clause or causes[0].summary).rstrip(".")
        return f"A pull of {name} that starts now may fail: {what}{f'; {unread}' if unknown else ''}."
    missing = unread_subnets(world)
    if situation.mode == "now" and not unknown and missing is not None:
        return f"Nothing that could be read would stop a pull of {name} now, but {missing}."
    if situation.mode == "now":
        return f"Nothing that could be read would stop a pull of {name} now, but {unread}."
    says = next((TEXTS[item.id].says for item in situation.told), None)
    text = "the alert's text" if world.snapshot.source == "alert" else "the error text"
    shown = f"{text} shows {says}" if says else f"{text} is not one that is known"
    begin = f"Why {name} could not pull is not settled: {shown}"
    if world.snapshot.source == "alert" and not causes and not world.snapshot.gone_of_service:
        gone = "the task is gone" if isinstance(world.snapshot.task, Absent) else "the task could not be read"
        return f"{begin}; {gone}, and nothing that can still be read explains it."
    registry = next(filter(None, (unused_registry(world, item) for item in situation.symptoms)), None)
    if registry is not None and not any(item.role == "cause" for item in causes):
        return f"{begin}, and names {registry}, from which no image of this task is pulled."
    why = explaining[0].unsettled if explaining else None
    if why is not None:
        return f"{begin}, and {_clause(why)}."
    if unrefuted and not unknown and not causes:
        return f"{begin}; what AWS's API shows is in order, and it does not show everything that leads to such a text."
    if missing is not None and not unknown and not causes:
        return f"{begin}; what could be read is in order, but {missing}."
    if any(item.role != "also" for item in causes) or not unknown:
        return f"{begin}, which nothing that was found explains."
    return f"{begin}, and nothing that was found explains it; {unread}."


def to_look_at(unrefuted: tuple[Fault, ...]) -> tuple[str, ...]:
    """What to look at next, of what AWS's API cannot show."""
    return tuple(
        f"AWS's API does not show whether this is so: {clause_of(item.title)}. {item.how}"
        for item in unrefuted
    )


def _clause(why: Unsettled) -> str:
    """What is missing, as a clause that can be read at a glance: the call that failed, if it was one."""
    if why.failed is not None:
        return why.failed
    first = why.short.rstrip(".")
    words = first if len(first) <= LONGEST_REASON else f"{first[:LONGEST_REASON].rsplit(' ', 1)[0]} …"
    return f"it is not known {words}" if why.question else f"what decides it is missing ({words})"


LONGEST_REASON = 180
"""Characters of a reason in a headline."""


# --- caveats -----------------------------------------------------------------------------------------


def caveats_of(
    world: World,
    situation: Situation,
    findings: tuple[Finding, ...],
    causes: tuple[Cause, ...],
    outcome: Outcomes,
    faults: Mapping[str, Fault],
) -> tuple[str, ...]:
    """What no workload account can read, where it matters, and what to try."""
    target = world.snapshot.target
    if outcome == "task_gone":
        missing = missing_of(world)
        if missing != "task":
            return (NO_CLUSTER,) if missing == "cluster" else ()
        if world.snapshot.gone_of_service:
            return (NO_SERVICE,) if isinstance(world.snapshot.service, Absent) else (FORGOTTEN,)
        where = f"{target.cluster or 'CLUSTER'}/SERVICE"
        return (
            f"Start the task again, or ask about its service ({where}): a service's events are kept longer.",
        )
    neighbour = neighbour_of(world)
    if outcome == "not_a_pull_failure" and neighbour is not None:
        told = rests_on(world)
        return (neighbour.step,) if told is None else (told, neighbour.step)
    confirmed = any(item.role == "cause" and item.certainty == "confirmed" for item in causes)
    now = situation.mode == "now" or failed_revision(world.snapshot) is not None
    back = rolled_back(world) if now else rolled_back_since(world)
    hosts = (of_an_external_instance(world), of_kept_copies(world, situation, causes))
    of_plan = (where_placed(world), only_a_pull_shows(world))
    candidates = (rests_on(world), back, of_a_sidecar(world, situation), *hosts, *of_plan)
    said = [item for item in candidates if item is not None]
    if world.snapshot.source == "alert":
        said.append(_of_the_alert(world))
    if outcome == "undecided" and unread_containers(world):
        said.append(UNREAD_CONTAINER)
    denials = [item.denial for item in situation.symptoms if item.denial is not None]
    refused = [item for item in situation.told if item.id in REFUSED]
    if refused and not confirmed:
        open_ = any(
            item.status is Status.UNKNOWN and faults[item.fault].kind == "permission"
            for item in findings
            if item.fault in faults
        )
        explained = any(item.role == "cause" for item in causes)
        strangers = [item for item in refused if refuses_a_stranger(world, item)]
        if strangers:
            said.append(_of_a_stranger(world, strangers[0]))
        elif any(denial.policy in READABLE for denial in denials) and not open_ and not explained:
            said.append(CHANGED_SINCE)
        if not denials or any(denial.policy not in READABLE for denial in denials):
            said.append(_of_the_organisation(world, findings))
    elif outcome == "nothing_wrong" and _simulator_failed(world) is not None:
        said.append(_of_the_organisation(world, findings))
    if not confirmed and any(is_of_no_named_store(world, item) for item in situation.told):
        said.append(LAYERS_REFUSED)
    if any(item.id == SymptomId.DNS_FAILURE for item in situation.told) and not confirmed:
        said.append(DNS_FIREWALL)
    return tuple(said)


UNREAD_CONTAINER = (
    "What ecs:DescribeTasks answered of one of the task's containers could not be read, and its reason may be the one that counts: "
    "aws ecs describe-tasks shows it."
)


def unread_containers(world: World) -> bool:
    """True if a container of the task could not be read, so that nothing follows from what it does not say."""
    task = known_value(world.snapshot.task)
    return task is not None and task.unread_containers > 0


def _of_a_stranger(world: World, symptom: Symptom) -> str:
    """That the role which was refused is none that pulls here."""
    who = symptom.denial.principal if symptom.denial is not None else None
    pulls = ", ".join(item.role_arn.rpartition("/")[2] for item in known_value(world.pull.principals) or ())
    return (
        f"The error text refuses {redact(who or '')[:200]}, and {pulls} pulls here: the task that failed may have run another "
        "revision of the task definition, or had its role overridden. What the policies say now proves nothing of that role."
    )


def _of_the_alert(world: World) -> str:
    """That nothing but the alert tells of the task, and what to ask for more."""
    target = world.snapshot.target
    if target.kind == "service":
        return (
            f"The error text is from the alert: neither a task nor an event of {target.service} tells of it."
        )
    why = "is gone" if isinstance(world.snapshot.task, Absent) else "could not be read"
    if known_value(world.snapshot.service) is not None:
        return (
            f"The error text is from the alert, since the task itself {why}: everything else is {TODAY} of its service "
            f"{world.snapshot.service_name}."
        )
    return (
        f"The error text is from the alert, since the task itself {why}: its network and its role are known only of a newer "
        f"task. Ask about its service ({target.cluster or 'CLUSTER'}/SERVICE), which has them."
    )


def _of_the_organisation(world: World, findings: tuple[Finding, ...]) -> str:
    """What is not known of the organisation's policies."""
    failed = _simulator_failed(world)
    if failed is not None:
        return ORGANISATION_NOT_TOLD.format(why=failed.why)
    asked = {item.status for item in findings if item.fault == SCP_DENIES.id}
    return ORGANISATION_TOLD if asked == {Status.PASS} else ORGANISATION


def _simulator_failed(world: World) -> Unavailable | None:
    """Why IAM's policy simulator did not answer, where it was asked."""
    for role in world.snapshot.roles.values():
        for fact in (role.simulated_login, role.simulated_pull):
            if isinstance(fact, Unavailable) and fact.was_asked:
                return fact
    return None
