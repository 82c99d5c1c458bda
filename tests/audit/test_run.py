"""An audit that is refused something, runs out of time, is interrupted, or fails itself; and what it asks."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.audit import AuditFinding, AuditProgress, AuditReport, run_audit
from diagnostics.audit import run as running
from diagnostics.audit.text import headline, lines
from diagnostics.collect import AwsUnreachableError, SystemClock
from diagnostics.faults.permissions.organization_denies import SCP_DENIES
from diagnostics.snapshot import NOT_ASKED

from .asking import Asking
from .worlds import SMALL, AuditWorld


def audit(world: AuditWorld, *denied: str, **more: Any) -> AuditReport:
    return run_audit(aws=Asking(world, denied), clusters=[SMALL], region=world.region, **more)


def standings(report: AuditReport) -> dict[str, str]:
    return {item.name: item.standing for item in report.subjects}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (None, ["fails_now", "fails_soon", "works", "works"]),
        ("ecr:GetLifecyclePolicy", ["fails_now", "undecided", "undecided", "undecided"]),
        ("ecr:DescribeImages", ["undecided"] * 4),
        ("ecs:DescribeTaskDefinition", ["undecided"] * 4),
        ("ecs:DescribeServices", ["undecided"] * 4),
        # What the tag names is judged; the digest that the deployment fixed may be another one.
        ("ecs:DescribeServiceRevisions", ["fails_now", "fails_soon", "undecided", "undecided"]),
    ],
)
def test_a_denied_read_is_told_once_with_those_that_it_leaves_open(
    world: AuditWorld, report: AuditReport, action: str | None, expected: list[str]
) -> None:
    """Knowing less decides nothing more: what is found was found with the permission."""
    less = audit(world, *((action,) if action else ()))
    found = standings(less)
    assert [found[name] for name in ("now-small", "soon-small", "fine-small", "fine-other")] == expected
    assert {item.key for item in less.findings} <= {item.key for item in report.findings}
    told = [item for item in less.cannot_tell if item.action == action]
    open_ends = {item.key for item in less.standing("undecided")}
    if open_ends:
        (only,) = told
        assert only.denied
        assert open_ends <= set(only.subjects)
        assert f"  {action} is not allowed" in list(lines(less))


def test_what_could_not_be_listed_is_said(world: AuditWorld) -> None:
    unseen = {
        "ecs:ListTasks": "the tasks that run in small",
        "events:ListRuleNamesByTarget": "the EventBridge rules that run tasks in small",
        "events:ListEventBuses": "the event buses beside the default one, and their rules",
        "events:ListRules": "which EventBridge rules are disabled (all were taken for enabled)",
        "scheduler:ListSchedules": "the schedules that run tasks",
    }
    report = audit(world, *unseen)
    assert {item.action: item.what for item in report.cannot_tell} == {
        action: (what,) for action, what in unseen.items()
    }
    assert not report.is_whole
    blind = audit(world, "ecs:ListServices")
    assert [item.what for item in blind.cannot_tell] == [("the services of small",)]


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("sts:GetCallerIdentity", "which account this is, and so which rules and schedules run tasks here"),
        ("ecs:DescribeServiceDeployments", "what a roll-back of fine-other, fine-small, now-small, soon-small returns to"),
    ],
)  # fmt: skip
def test_what_nobody_could_have_missed_is_said_once(world: AuditWorld, action: str, what: str) -> None:
    (gap,) = audit(world, action).cannot_tell
    assert (gap.action, gap.denied, gap.what) == (action, True, (what,))


def test_that_the_simulator_may_not_be_asked_is_said_once(world: AuditWorld) -> None:
    report = audit(world, "iam:SimulatePrincipalPolicy")
    (caveat,) = report.caveats
    assert caveat.startswith("iam:SimulatePrincipalPolicy is not allowed")
    assert report.is_whole
    assert audit(world).caveats == ()


def test_a_cluster_that_is_not_there(world: AuditWorld) -> None:
    report = run_audit(aws=Asking(world), clusters=["nowhere"], region=world.region)
    assert report.subjects == ()
    assert [item.why for item in report.cannot_tell] == ["There is no cluster nowhere"]
    assert headline(report) == "Nothing could be judged."


def test_an_interruption_keeps_what_is_known_and_says_what_is_missing(world: AuditWorld) -> None:
    def tell(step: AuditProgress) -> None:
        if step.done == 2:
            raise KeyboardInterrupt

    report = audit(world, progress=tell)
    assert report.interrupted
    assert len(report.subjects) == 2
    assert len(report.subjects) + len(report.missing) == 4
    assert not {item.key for item in report.subjects} & set(report.missing)
    assert "Not looked at before it was interrupted (2)" in list(lines(report))


def test_an_interruption_before_anything_was_looked_at(world: AuditWorld) -> None:
    def tell(step: AuditProgress) -> None:
        raise KeyboardInterrupt

    report = audit(world, progress=tell)
    assert (report.interrupted, report.subjects, report.missing) == (True, (), ("everything in small",))
    told = [*lines(report)]
    assert told[0] == "Nothing could be judged."
    assert told[1].startswith("  nothing yet in small, us-east-1")
    assert told[-2:] == ["Not looked at before it was interrupted (1)", "  everything in small"]


class Jumping(SystemClock):
    """A clock that can be moved on."""

    def __init__(self) -> None:
        self.jumped = 0.0

    def elapsed(self) -> float:
        return super().elapsed() + self.jumped


def test_when_the_time_is_up_the_report_goes_out(world: AuditWorld) -> None:
    clock = Jumping()

    def tell(step: AuditProgress) -> None:
        if step.done == 2:
            clock.jumped = 10_000.0

    report = audit(world, progress=tell, clock=clock, deadline=900.0)
    assert not report.interrupted
    assert 2 <= len(report.subjects) <= 4
    assert len(report.subjects) + len(report.missing) == 4
    assert bool(report.missing) == any(
        line.startswith("Not looked at before the time") for line in lines(report)
    )


def test_one_subject_that_cannot_be_judged_costs_no_other(
    world: AuditWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = running.judge

    def breaks(subject: Any, *facts: Any) -> Any:
        if subject.name == "fine-other":
            raise ZeroDivisionError
        return judge(subject, *facts)

    monkeypatch.setattr(running, "judge", breaks)
    report = audit(world)
    (told,) = [item for item in report.subjects if item.name == "fine-other"]
    assert (told.standing, told.headline) == (
        "undecided",
        "pullcheck itself failed on it (ZeroDivisionError).",
    )
    assert len(report.subjects) == 4


def test_what_it_asks(world: AuditWorld) -> None:
    """What can be asked together is; what serves all is asked once."""
    aws = Asking(world)
    report = run_audit(aws=aws, clusters=None, region=world.region)
    assert report.requests == sum(aws.asked.values())
    assert aws.asked["ecs:DescribeServices"] == 3
    assert aws.asked["ecs:DescribeServiceRevisions"] == 1
    assert aws.asked["ec2:DescribeRouteTables"] == 1
    assert aws.asked["ecs:ListServices"] == 3
    assert aws.asked["sts:GetCallerIdentity"] == 2
    # One page for each repository of a Region, whoever needs how many of its images.
    assert aws.asked["ecr:DescribeImages"] == 12
    assert aws.asked["ecr:GetLifecyclePolicy"] <= 12
    for never in ("ecr:BatchGetImage", "secretsmanager:GetSecretValue", "ecr:StartLifecyclePolicyPreview"):
        assert never not in aws.asked


def test_the_progress_has_an_estimate(world: AuditWorld) -> None:
    steps: list[AuditProgress] = []
    audit(world, progress=steps.append)
    assert steps[0].total is None
    assert [step.done for step in steps if step.total] == list(range(1, 5))
    assert steps[-1].seconds_left == 0.0
    assert all(step.seconds_left is not None for step in steps if step.done)


def test_without_credentials_it_is_said(world: AuditWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    aws = Asking(world)

    def refuse(action: str) -> None:
        from botocore.exceptions import NoCredentialsError

        raise NoCredentialsError

    monkeypatch.setattr(aws, "_note", refuse)
    with pytest.raises(AwsUnreachableError):
        run_audit(aws=aws, clusters=[SMALL], region=world.region)


def test_the_simulator_is_asked_once_for_a_role_unless_the_organization_refuses_it(
    world: AuditWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where service control policies refuse one subject of a role, the others of the role are looked at again with the simulator."""
    judge = running.judge
    refuses = False
    simulated: set[str] = set()

    def watched(subject: Any, facts: Any, *rest: Any) -> Any:
        told = judge(subject, facts, *rest)
        if any(role.simulated_login != NOT_ASKED for role in facts.snapshot.roles.values()):
            simulated.add(subject.name)
            if refuses:
                denied = AuditFinding(
                    level="now", id=SCP_DENIES.id, resources=(subject.key,), summary=".", clause=".", subjects=(subject.key,)
                )  # fmt: skip
                return told.model_copy(update={"findings": (*told.findings, denied)})
        return told

    monkeypatch.setattr(running, "judge", watched)
    audit(world)
    assert len(simulated) == 1
    refuses = True
    report = audit(world)
    assert len(simulated) == 4
    assert len(report.subjects) == 4
    assert {item.subjects for item in report.findings if item.id == SCP_DENIES.id} == {
        (item.key,) for item in report.subjects
    }
