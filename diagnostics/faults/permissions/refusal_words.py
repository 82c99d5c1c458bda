"""How a refusal is told: the nearest statements, what is not known, and what the error text says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from diagnostics.faults.base import World, passes, unknown
from diagnostics.faults.told import is_about
from diagnostics.finding import ERROR_TEXT, Evidence, Fault, Outcome, Unsettled, together
from diagnostics.policy import CannotTell, Denied, NearMiss, StatementRef
from diagnostics.pull import ContainerImage
from diagnostics.stop_reason import Denial, DenialPolicyKind, Stage, Symptom
from diagnostics.write.snippets import joined


def statement_resource(statement: StatementRef | None) -> tuple[str, ...]:
    """The statement among the resources of a cause: `statement 'LockedDuringIncident'`."""
    return (statement.label,) if statement is not None else ()


def capital(text: str) -> str:
    """A sentence begins with a capital."""
    return text[:1].upper() + text[1:]


def not_told(action: str, decision: CannotTell) -> Unsettled:
    """Why a request is neither certainly allowed nor certainly denied."""
    behind = [(item.unread, item.named) for item in decision.unread if item.unread is not None]
    return Unsettled(
        words=f"{action}: {decision.reason}",
        unread=tuple(fact for fact, _ in behind),
        failed=next((clause for fact, _ in behind if (clause := fact.in_brief())), None),
        names=tuple(fact.resource for fact, named in behind if named and fact.resource),
    )


def not_refused(
    fault: Fault, open_ends: tuple[Unsettled, ...], summary: str, stage: Stage | None = None
) -> Outcome:
    """The outcome where no request certainly fails: unknown because of what is open, else it passes."""
    if open_ends:
        return unknown(fault, together(open_ends, " ", lead_is_all=True), stage)
    return passes(fault, summary)


def near_misses(denied: Denied, action: str, source: str) -> tuple[Evidence, ...]:
    """The statements that would have allowed the action but for one thing, as evidence."""
    return tuple(
        Evidence(what=_near_miss(miss, action), source=_read_by(miss, source)) for miss in denied.near[:3]
    )


_READ_BY = {
    "boundary": "iam:GetPolicyVersion",
    "resource": "ecr:GetRepositoryPolicy",
    "registry": "ecr:GetRegistryPolicy",
    "endpoint": "ec2:DescribeVpcEndpoints",
}


def _read_by(miss: NearMiss, source: str) -> str:
    """The call that read the policy of a statement, which may stand in another policy than the one that refused."""
    if miss.policy_kind == "identity":
        return "iam:GetPolicyVersion" if miss.policy_name.startswith("arn:") else "iam:GetRolePolicy"
    return _READ_BY.get(miss.policy_kind, source)


def _near_miss(miss: NearMiss, action: str) -> str:
    text = miss.statement.text
    where = f"{miss.statement.label} of {miss.policy_name}"
    if miss.unmet == ("resource",):
        if action == "ecr:GetAuthorizationToken":
            return f"{where} allows {action}, but not on *, the only resource on which it works"
        return _but(where, action, text, "Resource", ("only on", "only outside of"))
    if miss.unmet == ("principal",):
        return _but(where, action, text, "Principal", ("only to", "to all but"))
    return f"{where} allows {action}, but only under a condition on {joined(miss.unmet)} that is not met"


def _but(where: str, action: str, text: Mapping[str, Any], element: str, words: tuple[str, str]) -> str:
    kind = words[0] if element in text else words[1]
    return f"{where} allows {action}, but {kind} {_short(text.get(element, text.get(f'Not{element}')))}"


def _short(value: object) -> str:
    if isinstance(value, dict):
        value = [item for names in value.values() for item in (names if isinstance(names, list) else [names])]
    items = value if isinstance(value, list) else [value]
    shown = [str(item) for item in items[:3]]
    return ", ".join(shown) + (f" and {len(items) - 3} more" if len(items) > 3 else "")


def symptoms_about(world: World, image: ContainerImage) -> tuple[Symptom, ...]:
    """What the error texts say about one image (or about no container in particular)."""
    return tuple(item for item in world.symptoms if is_about(item, image))


def denials_about(world: World, image: ContainerImage) -> tuple[Denial, ...]:
    """The refusals that the error texts word, as far as they are about this image."""
    return tuple(item.denial for item in symptoms_about(world, image) if item.denial is not None)


def refused_by(
    world: World,
    image: ContainerImage,
    kind: DenialPolicyKind,
    *,
    explicit: bool,
    asked: Iterable[tuple[str, str]],
) -> Denial | None:
    """The refusal of one of these requests (action and resource) that an error text words as one by this kind of policy."""
    wanted = {(action.lower(), resource) for action, resource in asked}
    actions = {action for action, _ in wanted}
    for denial in denials_about(world, image):
        action, where = (denial.action or "").lower(), denial.resource
        if denial.policy != kind or denial.explicit is not explicit or (action and action not in actions):
            continue
        if where is None or any(where == resource for _, resource in wanted):
            return denial
    return None


_PHRASES = {
    "identity": "an identity-based policy",
    "resource": "a resource-based policy",
    "boundary": "a permissions boundary",
    "endpoint": "a VPC endpoint policy",
    "scp": "a service control policy",
    "rcp": "a resource control policy",
}


def text_evidence(
    world: World, image: ContainerImage, kind: str, actions: Iterable[str]
) -> tuple[Evidence, ...]:
    """The error text as evidence, where it names this kind of policy for one of these actions."""
    wanted = {action.lower() for action in actions}
    return tuple(
        Evidence(what=denial_sentence(denial), source=ERROR_TEXT)
        for denial in denials_about(world, image)
        if denial.policy == kind and (denial.action is None or denial.action.lower() in wanted)
    )[:1]


def changed_since(denials: Iterable[Denial], kind: str, *, explicit: bool = False) -> str:
    """What to add where a policy allows though the error text says that one of its kind did not; else nothing."""
    for denial in denials:
        if denial.policy == kind and (denial.explicit or not explicit):
            return f" now, though {denial_sentence(denial)}: what it was then has changed since"
    return ""


def denial_sentence(denial: Denial) -> str:
    """What the error text says, in short."""
    what = denial.action or "the request"
    if denial.policy == "unspecified":
        return f"the error says that {what} was denied" + (" explicitly" if denial.explicit else "")
    named = _PHRASES.get(denial.policy, f"a {denial.policy} policy")
    policy = f" ({denial.policy_arn})" if denial.policy_arn else ""
    if denial.explicit:
        return f"the error says that {what} was denied explicitly by {named}{policy}"
    return f"the error says that no {named.split(' ', 1)[1]} allows {what}{policy}"
