"""What every repair of who may pull ends in: when it holds, and who starts the next task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from diagnostics.faults.afterwards import then_for
from diagnostics.faults.base import Check, Subject, World
from diagnostics.finding import Fix, Outcome

SOON = "IAM needs seconds, at most about a minute, until a change holds everywhere."
"""AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency"""


def with_then(check: Check) -> Check:
    """The check, whose repairs say what happens afterwards where they do not themselves."""

    def judge(world: World, subject: Subject) -> Iterator[Outcome]:
        for outcome in check.judge(world, subject):
            if outcome.fix is None:
                yield outcome
                continue
            others = tuple(_ended(world, fix) for fix in outcome.alternatives)
            yield outcome.model_copy(update={"fix": _ended(world, outcome.fix), "alternatives": others})

    return replace(check, judge=judge)


def _ended(world: World, fix: Fix) -> Fix:
    if fix.then is not None or fix.cli is None:
        return fix
    soon = SOON if "aws iam " in fix.cli else ""
    return fix.model_copy(update={"then": then_for(world).after(soon)})
