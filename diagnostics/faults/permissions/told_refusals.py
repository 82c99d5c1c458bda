"""A refusal by a policy of the role itself of which only the error text tells: the policy could not be read.

AWS: Troubleshoot access denied error messages: they name the kind of policy that refused
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from typing import Literal

from diagnostics import console
from diagnostics.faults.base import fails
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import RolePull, Ruling
from diagnostics.faults.permissions.refusal_words import denial_sentence, refused_by
from diagnostics.finding import ERROR_TEXT, Evidence, Fault, Outcome, Status, Ways
from diagnostics.stop_reason import Denial
from diagnostics.write import quoted
from diagnostics.write.snippets import joined


def refusal_told(
    pull: RolePull, kind: Literal["identity", "boundary"], ruling: Ruling, *, explicit: bool
) -> tuple[Step, Denial] | None:
    """The request that the text says such a policy refused, where what was read of the policies leaves that open."""
    if ruling.denied or not ruling.open:
        return None
    steps = pull.puller.open_to(kind, explicit=explicit)
    said = refused_by(pull.world, pull.image, kind, explicit=explicit, asked=[step.asks for step in steps])
    if said is None or said.action is None:
        return None
    return next((step, said) for step in steps if step.action.lower() == said.action.lower())


def by_text(
    pull: RolePull, fault: Fault, told: tuple[Step, Denial], ruling: Ruling, summary: str, fix: Ways
) -> Outcome:
    """The refusal as the text tells it, which is never more than likely: the policies may be others by now."""
    step, said = told
    unread = next((item.failed for item in ruling.open if item.failed), None)
    return fails(
        fault,
        f"By the error text {summary}{f' ({unread})' if unread else ''}.",
        status=Status.WARN,
        stage=step.stage,
        resources=(pull.puller.role_arn,),
        evidence=(Evidence(what=denial_sentence(said), source=ERROR_TEXT),),
        fix=fix,
        console_url=console.role(pull.world.region, pull.puller.role_name),
    )


def policies_shown(role_arn: str) -> str:
    """The commands that show the policies of a role, for somebody who may read them, in a sentence."""
    name = quoted(role_arn.rsplit("/", 1)[-1])
    return joined(
        f"aws iam {command} --role-name {name}"
        for command in ("list-role-policies", "list-attached-role-policies", "get-role")
    )
