"""What IAM's policy simulator said of a request, and where it stands against the policies as they were read.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from __future__ import annotations

from diagnostics.faults.base import clause_of
from diagnostics.faults.permissions.pull_requests import Step
from diagnostics.faults.permissions.pulling_role import Puller, Ruling
from diagnostics.finding import Evidence, Outcome, Status
from diagnostics.policy import Denied, NotPresent, Unknown
from diagnostics.snapshot import Fact, Known, Simulation
from diagnostics.write.snippets import joined

SIMULATE = "iam:SimulatePrincipalPolicy"

_WAY = ("aws:SourceVpce", "aws:SourceVpc", "aws:SourceIp")
"""The keys that say where a request comes from; organizations close their network perimeter with them.

The simulator takes a key that it is not given for absent, and a negated condition on an absent key holds.
"""


def fact_of(puller: Puller, step: Step) -> Fact[Simulation]:
    """The question to the simulator that one request was part of."""
    return puller.facts.simulated_login if step.is_login else puller.facts.simulated_pull


def not_told_the_way(step: Step, simulation: Simulation) -> str | None:
    """Why the answer may hang on the way of the request, which the simulator was told wrongly or not at all."""
    given = {key.lower(): value for key, value in simulation.context.items()}
    for key in _WAY:
        true = step.request.context.get(key, Unknown())
        told = given.get(key.lower())
        if isinstance(true, Unknown) or true != (NotPresent() if told is None else (told,)):
            return f"IAM's simulator ({SIMULATE}) was not told {key} as the pull has it, on which its answer may depend"
    return None


def contradicted(puller: Puller, ruling: Ruling, outcome: Outcome) -> Outcome:
    """The outcome of a denial, no more than likely where IAM itself answers *allowed* to every request that is denied.

    The two cannot both be right: the policies have changed between the two readings, or turn on what only IAM knows.
    """
    if not all(_allows(puller, step, denied) for step, denied in ruling.denied):
        return outcome
    actions = joined(dict.fromkeys(ruling.actions))
    says = f"IAM's simulator allows {actions}"
    evidence = Evidence(what=f"the answer for {actions} is allowed", source=SIMULATE)
    summary = f"{outcome.summary[:-1]}; but {says}, so that one of the two is out of date."
    return outcome.model_copy(
        update={
            "status": Status.WARN,
            "summary": summary,
            "clause": clause_of(summary),
            "evidence": (*outcome.evidence, evidence),
        }
    )


def _allows(puller: Puller, step: Step, denied: Denied) -> bool:
    """IAM's simulator allows a request, and was told all that this denial of it turned on."""
    fact = fact_of(puller, step)
    result = fact.value.of(step.action, step.request.resource) if isinstance(fact, Known) else None
    if not isinstance(fact, Known) or result is None or not result.is_allowed or result.missing_context:
        return False
    turns_on_the_way = {key.lower() for key in denied.turns_on} & {key.lower() for key in _WAY}
    return not turns_on_the_way or not_told_the_way(step, fact.value) is None
