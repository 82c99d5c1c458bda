"""Policies of the organization, which no workload account can read: IAM's simulator tells of some, the error text of others.

The simulator's word settles what service control policies say, and nothing else: identity policies and boundary are
judged by their documents, which name the statement, so that an account that may not simulate loses no other answer.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from diagnostics.console import role as role_page
from diagnostics.faults.base import World, fails, passes, skipped, unknown
from diagnostics.faults.permissions import policy_proofs
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import PolicyRoom, Puller, RolePull
from diagnostics.faults.permissions.refusal_words import denial_sentence, denials_about
from diagnostics.faults.permissions.simulator import SIMULATE, fact_of, not_told_the_way
from diagnostics.faults.texts import REFUSED
from diagnostics.finding import ERROR_TEXT, Evidence, Explains, Fault, Fix, Outcome, Status
from diagnostics.policy import Refusals
from diagnostics.policy.document import PolicyKind
from diagnostics.snapshot import Fact, Known, Simulated, Simulation, Unavailable
from diagnostics.stop_reason import Denial, Stage, SymptomId
from diagnostics.write import quoted
from diagnostics.write.snippets import joined

SCP_DENIES = Fault(
    id="scp-denies",
    kind="permission",
    title="No service control policy denies the pull",
    short="the organization's policies (SCP) deny the pull",
    why="A service control policy of the organization limits every role of the account. It is kept in the management account, and no workload account can read it; whether it refuses, IAM's policy simulator tells (iam:SimulatePrincipalPolicy), or else the error text.",
    how="Ask whoever administers the organization to let the pull through.",
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
    explains=Explains(symptoms=(*REFUSED, SymptomId.SECRET_DENIED), refusals=("scp",)),
)
RCP_DENIES = Fault(
    id="rcp-denies",
    kind="permission",
    title="No resource control policy denies the pull",
    short="the organization's resource policies (RCP) deny the pull",
    why="A resource control policy of the organization that owns the repository limits who may use it. It is kept in the management account, and no workload account can read it; only the error text names it.",
    how="Ask whoever administers the repository's organization to let the pull through.",
    source="https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html",
    explains=Explains(symptoms=(*REFUSED, SymptomId.SECRET_DENIED), refusals=("rcp",)),
    text_only=True,
)
_STAGES: dict[str, Stage] = {
    "ecr:getauthorizationtoken": "login",
    "ecr:batchgetimage": "manifest",
    "ecr:getdownloadurlforlayer": "layers",
    "secretsmanager:getsecretvalue": "secrets",
    "ssm:getparameters": "secrets",
    "kms:decrypt": "secrets",
}


OWN_SIDE: tuple[PolicyKind, ...] = ("identity", "boundary")


def by_service_control(pull: RolePull) -> Iterator[Outcome]:
    """What is known of service control policies: from IAM's simulator, else from the error text."""
    yield _service_control(pull.world, pull.puller, _said(pull, "scp"))


def by_resource_control(pull: RolePull) -> Iterator[Outcome]:
    """What the error text says of resource control policies."""
    said = _said(pull, "rcp")
    if said is not None:
        yield _refused(pull.world, pull.puller, RCP_DENIES, said)
    else:
        yield skipped(
            RCP_DENIES,
            "no workload account can read resource control policies, and the error text names none",
        )


def _said(pull: RolePull, policy: str) -> Denial | None:
    """The refusal by such a policy that the error text words."""
    denials = denials_about(pull.world, pull.image)
    return next((item for item in denials if item.policy == policy), None)


def _service_control(world: World, puller: Puller, said: Denial | None) -> Outcome:
    word = _word_of(puller)
    if word.denied:
        return _refused(world, puller, SCP_DENIES, said, word)
    # A text may name an action that the simulator was not asked about: to read a secret, say.
    is_asked = said is None or (said.action or "").lower() in {step.action.lower() for step in puller.steps}
    if said is not None and (word.open or word.silent or not is_asked):
        return _refused(world, puller, SCP_DENIES, said)
    if word.open is not None:
        return unknown(SCP_DENIES, word.open)
    if word.silent is not None:
        return skipped(SCP_DENIES, f"{word.silent}, and the error text names no service control policy")
    if said is not None:
        # A text is what IAM did; the simulator only knows what it is told, and AWS says that it may differ from that.
        return _refused(world, puller, SCP_DENIES, said, allowed_now=_any_not_told(puller) or _CHANGED)
    return passes(SCP_DENIES, f"Service control policies let {puller.role_name} pull{_apart(puller)}")


# --- IAM's own word ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Word:
    """What IAM's simulator says of the organization's policies: they refuse, may refuse, or it says nothing.

    Where it neither denies, nor leaves it open, nor is silent, they allow every request of the pull.
    """

    denied: tuple[Step, ...] = ()
    open: str | None = None
    silent: str | None = None


def _word_of(puller: Puller) -> _Word:
    denied: list[Step] = []
    unsettled: list[str] = []
    silent: list[str] = []
    for step in puller.steps:
        fact = fact_of(puller, step)
        if not isinstance(fact, Known):
            silent.append(_why_silent(fact))
            continue
        result = fact.value.of(step.action, step.request.resource)
        allowed = _by_organizations(result)
        if result is None or allowed is None:
            silent.append(f"IAM's simulator ({SIMULATE}) says nothing of the organization for {step.action}")
        elif result.missing_context:
            keys = joined(result.missing_context)
            why = f"IAM's simulator was not given {keys}, which its answer about {step.action} depends on"
            if allowed:
                silent.append(why)
            else:
                unsettled.append(f"service control policies may deny {step.action}: {why}")
        elif not allowed and (gap := not_told_the_way(step, fact.value)) is not None:
            unsettled.append(f"service control policies may deny {step.action}: {gap}")
        elif not allowed:
            denied.append(step)
    if denied:
        return _Word(denied=tuple(denied))
    return _Word(open=unsettled[0] if unsettled else None, silent=silent[0] if silent else None)


def _why_silent(fact: Fact[Simulation]) -> str:
    if isinstance(fact, Unavailable) and fact.call is not None:
        return f"no workload account can read service control policies, and {fact.in_words()}"
    return f"no workload account can read service control policies, and {SIMULATE} was not asked"


def _by_organizations(result: Simulated | None) -> bool | None:
    """What the organization says; what is allowed altogether is allowed by the organization, if there is one."""
    if result is None:
        return None
    return True if result.is_allowed else result.allowed_by_organizations


def _any_not_told(puller: Puller) -> str | None:
    facts = ((step, fact_of(puller, step)) for step in puller.steps)
    gaps = (not_told_the_way(step, fact.value) for step, fact in facts if isinstance(fact, Known))
    return next((gap for gap in gaps if gap is not None), None)


def _apart(puller: Puller) -> str:
    """What to add where IAM's simulator sees the role's own policies otherwise than they read."""
    for step, answer in _own_side(puller).refusals:
        fact = fact_of(puller, step)
        result = fact.value.of(step.action, step.request.resource) if isinstance(fact, Known) else None
        # In another account the simulator wants the repository's policy, which it was not given.
        if result is None or result.missing_context or (puller.foreign and not step.is_login):
            continue
        ours = _allows(answer)
        if ours is not None and ours != result.is_allowed:
            says = "allows" if result.is_allowed else f"answers {result.decision} to"
            read = "allow" if ours else "do not allow"
            return (
                f"; but IAM's simulator {says} {step.action} where the role's policies, as they were read, {read} it: they "
                "have changed meanwhile, or depend on what it was not told"
            )
    return ""


def _own_side(puller: Puller) -> Puller:
    """The role with its own policies and boundary, without those of the repository's side."""
    if puller.repository is None and puller.registry is None:
        return puller
    return replace(puller, repository=None, registry=None)


def _allows(answer: Refusals) -> bool | None:
    """What the role's own policies and boundary say to one request."""
    if any(answer.first(kind) for kind in OWN_SIDE):
        return False
    return None if any(answer.not_known(kind) for kind in OWN_SIDE) else True


# --- a refusal ---------------------------------------------------------------------------------------


_CHANGED = "the policies have changed since, or turn on what the simulator was not told"


def _refused(
    world: World,
    puller: Puller,
    fault: Fault,
    said: Denial | None,
    word: _Word | None = None,
    allowed_now: str | None = None,
) -> Outcome:
    """A refusal that IAM's simulator tells of, which is certain, or only the error text, which may be out of date.

    `allowed_now`: the simulator allows what the text says was denied; this is how that can be.
    """
    steps = word.denied if word is not None else ()
    action = steps[0].action if steps else (said.action if said else None) or "ecr:GetAuthorizationToken"
    resource = steps[0].request.resource if steps else (said.resource if said else None) or "*"
    policy = said.policy_arn if said else None
    name = "service control policies" if fault is SCP_DENIES else "resource control policies"
    owner = puller.role_arn if fault is SCP_DENIES or resource == "*" else resource
    account = owner.split(":")[4] if owner.count(":") >= 5 else puller.role_arn.split(":")[4]
    which = f"{name[:-3]}y {policy}" if policy else f"the {name} of the organization"
    actions = joined(item.action for item in steps) if steps else action
    by = f"By IAM's policy simulator {which} deny" if steps else f"By the error text {which} denied"
    if steps and policy:
        by = f"By IAM's policy simulator {which} denies"
    beside, first = _beside(puller), ""
    if allowed_now is not None:
        beside = f"; but IAM's simulator ({SIMULATE}) allows it now: {allowed_now}"
        first = "Start the task again first: if it pulls, the policy was changed. If it is refused again, ask"
    return fails(
        fault,
        f"{by} {actions} to {puller.role_name}{beside}.",
        status=Status.FAIL if steps else Status.WARN,
        stage=steps[0].stage if steps else _STAGES.get(action.lower(), "login"),
        also_at=tuple(item.stage for item in steps),
        resources=(owner, *((policy,) if policy else ())),
        evidence=(
            *(
                Evidence(
                    what=f"AllowedByOrganizations is false for {item.action} on {item.request.resource}",
                    source=SIMULATE,
                )
                for item in steps
            ),
            *((Evidence(what=denial_sentence(said), source=ERROR_TEXT),) if said else ()),
        ),
        fix=_ask(fault, puller, account, policy, actions, first, steps, (action, resource)),
        console_url=role_page(world.region, puller.role_name),
    )


def _ask(
    fault: Fault,
    puller: Puller,
    account: str,
    policy: str | None,
    actions: str,
    first: str,
    steps: tuple[Step, ...],
    told: tuple[str, str],
) -> Fix:
    """What to ask of whom: the policy lies in the management account, so that there is nothing to run here."""
    kind = "SERVICE_CONTROL_POLICY" if fault is SCP_DENIES else "RESOURCE_CONTROL_POLICY"
    show = (
        f"aws organizations describe-policy --policy-id {quoted(policy.rsplit('/', 1)[-1])}"
        if policy
        else f"aws organizations list-policies-for-target --target-id {quoted(account)} --filter {kind}"
    )
    proof = policy_proofs.simulated(puller.role_arn, [step.asks for step in steps] or [told])
    # The simulator knows no resource control policies.
    verify, expect = proof if fault is SCP_DENIES else (None, None)
    return Fix(
        text=f"{first or 'Ask'} whoever administers the organization of account {account} to let {puller.role_name} do {actions}: an exception for this role, where the policy has exceptions. In the management account, {show} shows what there is.",
        verify=verify,
        expect=expect,
    )


def _beside(puller: Puller) -> str:
    """What to add where everything that can be read allows the pull."""
    for _, answer in puller.refusals:
        if any(answer.speak_of(kind) for kind in OWN_SIDE) or answer.speak_of("resource", explicit=True):
            return ""
    return ", and every policy that can be read here allows it"


SERVICE_CONTROL_ROOM = PolicyRoom((SCP_DENIES,), by_service_control)
RESOURCE_CONTROL_ROOM = PolicyRoom((RCP_DENIES,), by_resource_control)
