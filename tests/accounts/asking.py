"""Asks about an account, and compares what is said with what must be said."""

from __future__ import annotations

from demo.aws import Broken, EmulatedAws, Expected
from diagnostics import report
from diagnostics.finding import Report, Status
from tests.build import emulated


def ask(aws: EmulatedAws, region: str, target: str) -> Report:
    """The report about a target of the account."""
    return report.build(emulated.read(aws, target, region))


def differences(broken: Broken, expected: Expected, told: Report, open_end: str = "") -> list[str]:
    """What is said wrongly: too much, too little, or of the wrong thing.

    `open_end` is a fault that is not known here, because of which a healthy account may be undecided.
    """
    wrong = []
    unknown = {item.fault for item in told.findings if item.status is Status.UNKNOWN}
    undecided = expected.outcome == "nothing_wrong" and told.verdict.outcome == "undecided"
    excused = undecided and open_end in unknown
    if told.verdict.outcome != expected.outcome and not excused:
        wrong.append(f"outcome {told.verdict.outcome}, not {expected.outcome}: {told.verdict.headline}")
    shown = {item.id for item in told.verdict.symptoms}
    if expected.symptom is not None and expected.symptom not in shown:
        wrong.append(f"symptom {sorted(shown)}, not {expected.symptom}")
    for role, faults in (("cause", expected.cause), ("next", expected.next), ("also", expected.also)):
        said = [cause for cause in told.causes if cause.role == role]
        for cause in said:
            if cause.id not in faults:
                wrong.append(
                    f"says {role} {cause.id} of {cause.resources} ({cause.why_ranked}): {cause.summary}"
                )
        for name, parts in faults.items():
            resources = [broken.parts[part] for part in parts]
            named = [cause for cause in said if cause.id == name]
            if not named:
                wrong.append(f"does not say {role} {name}")
            elif not any(set(resources) <= set(cause.resources) for cause in named):
                wrong.append(f"{name} names {[cause.resources for cause in named]}, not all of {resources}")
    crashed = [item for item in told.findings if "crashed" in (item.reason or "")]
    wrong.extend(f"{item.check} of {item.fault}: {item.reason}" for item in crashed)
    return wrong
