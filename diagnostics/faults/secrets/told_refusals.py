"""A refused secret, parameter or key of which only the error text tells: what decides about it could not be read.

AWS: Troubleshoot access denied error messages: they name the kind of policy that refused
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

import re

from diagnostics import console
from diagnostics.faults.base import World, fails
from diagnostics.faults.permissions.policy_proofs import simulated
from diagnostics.faults.permissions.refusal_words import denial_sentence
from diagnostics.faults.permissions.role_permission_missing import grant, not_allowed
from diagnostics.faults.permissions.told_refusals import policies_shown
from diagnostics.faults.secrets.reading import Reading
from diagnostics.finding import ERROR_TEXT, Evidence, Fault, Fix, Outcome, Status
from diagnostics.policy import CannotTell
from diagnostics.stop_reason import Denial
from diagnostics.write import quoted

_KINDS = ("identity", "boundary", "resource", "unspecified")
"""The policies that such a text may name; an organization's and an endpoint's have faults of their own."""


def refusal_told(world: World, reading: Reading) -> Denial | None:
    """The refusal of this very request, as an error text words it."""
    action = reading.request.action.lower()
    for symptom in world.symptoms:
        said = symptom.denial
        if said is None or said.policy not in _KINDS or (said.action or "").lower() != action:
            continue
        if said.resource is not None and _is_of(said.resource, reading):
            return said
    return None


def _is_of(resource: str, reading: Reading) -> bool:
    """A secret's ARN ends in six characters that a task definition may leave out."""
    names = (reading.request.resource, *reading.concerns)
    return resource in names or re.sub(r"-[A-Za-z0-9]{6}$", "", resource) in names


def by_text(world: World, fault: Fault, reading: Reading, said: Denial, why: CannotTell | None) -> Outcome:
    """What the text says, which is never more than likely: the policies may be others by now."""
    reader, of_resource = reading.reader, said.policy == "resource"
    unread = next((item.unread.in_brief() for item in (why.unread if why else ()) if item.unread), None)
    beside = f" ({unread})" if unread else ""
    concerns = (*reading.concerns, reader.role_arn) if of_resource else (reader.role_arn, *reading.concerns)
    return fails(
        fault,
        f"By the error text {_clause(reading, said)}{beside}, which ECS needs for {reading.item.name} before the pull.",
        status=Status.WARN,
        stage="secrets",
        resources=concerns,
        evidence=(Evidence(what=denial_sentence(said), source=ERROR_TEXT),),
        fix=_fix(reading, said),
        console_url=console.role(world.region, reader.role_name),
    )


def _clause(reading: Reading, said: Denial) -> str:
    action, role, about = reading.request.action, reading.reader.role_name, reading.about
    holder = {
        "identity": f"a policy of {role}",
        "boundary": f"the permissions boundary of {role}",
        "resource": f"the policy of {about}",
    }.get(said.policy)
    if holder is None:
        return f"{role} was denied {action} on {about}"
    if said.explicit:
        return f"a Deny in {holder} applies to {action} on {about}"
    if said.policy == "identity":
        return f"no policy of {role} allows {action} on {about}"
    whom = "" if said.policy == "boundary" else f"{role} "
    return f"{holder} does not allow {whom}{action}"


def _fix(reading: Reading, said: Denial) -> Fix:
    """The Allow that is missing, where one of the role is; else where to look, for what stands there was not read."""
    reader, step = reading.reader, reading.step
    if said.policy in ("identity", "unspecified") and not said.explicit:
        return grant(reader.about(step), [(step, not_allowed(step))], new_policy_name(reading))
    of_role = said.policy != "resource"
    verify, expect = simulated(reader.role_arn, [step.asks]) if of_role else (None, None)
    if said.explicit:
        ask = "A Deny is somebody's intention: ask its owner to spare this request"
        text = f"{ask} ({step.action} by {reader.role_name}), if that is wanted. This shows the policy: {_shown(reading, said)}"
    else:
        text = f"Let the policy that the text names allow {step.action} to {reader.role_name}, if that is wanted. This shows it: {_shown(reading, said)}"
    return Fix(text=text, verify=verify, expect=expect)


def _shown(reading: Reading, said: Denial) -> str:
    if said.policy != "resource":
        return policies_shown(reading.reader.role_arn)
    which, region = quoted(reading.request.resource), reading.bearer.region
    if reading.bearer.kind == "key":
        return f"aws kms get-key-policy --key-id {which} --policy-name default --region {region}"
    return f"aws secretsmanager get-resource-policy --secret-id {which} --region {region}"


def new_policy_name(reading: Reading) -> str:
    """A policy of its own for each, so that the repair of one never replaces that of another."""
    return f"{reading.verb}-{policy_name(reading.item.name)}"[:128]


def policy_name(name: str) -> str:
    """What of a name may stand in that of a policy."""
    return re.sub("[^A-Za-z0-9]+", "-", name).strip("-")
