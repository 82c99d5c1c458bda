"""The sentence that comes first, and what is said once about what nobody can read."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.faults.base import clause_of
from diagnostics.finding import Finding, Status, Unsettled, together
from diagnostics.snapshot import Reason, Snapshot, Unavailable, Why
from diagnostics.stop_reason import Denial, Symptom
from diagnostics.verdict.words import (
    CHANGED_SINCE,
    DNS_FIREWALL,
    ORGANISATION,
    ORGANISATION_NOT_TOLD,
    ORGANISATION_TOLD,
)
from tests.build import (
    absent,
    changed,
    ec2,
    fargate,
    image_of,
    known,
    role_of,
    stopped,
    task_of,
    unavailable,
)
from tests.build.findings import (
    FORBIDDEN,
    NOT_FOUND,
    OTHER,
    STRANGE,
    TIMED_OUT,
    USED,
    found,
    judged,
    might,
    on_leg,
    symptom,
    unknown,
    world,
)

PASSING = found("tag-not-found", Status.PASS)
STOPPED = changed(fargate(), stopped("text"))


def without_service(world: dict[str, Any]) -> None:
    task_of(world)["group"] = "family:payments-api"
    world["service"] = unavailable()


def alone(world: dict[str, Any]) -> None:
    without_service(world)
    world["task_definition"] = unavailable("denied", "ecs:DescribeTaskDefinition")


def pushed_later(world: dict[str, Any]) -> None:
    image_of(world)["detail"]["value"]["imagePushedAt"] = "2026-11-24T10:00:00Z"


def pushed_while_it_stopped(world: dict[str, Any]) -> None:
    """After the pull began, and before the task had stopped."""
    image_of(world)["detail"]["value"]["imagePushedAt"] = "2026-11-24T09:14:00Z"
    world["task"]["value"].update(pullStartedAt="2026-11-24T09:13:30Z", stoppedAt="2026-11-24T09:15:02Z")


def gone(world: dict[str, Any]) -> None:
    world["task"] = absent("ecs:DescribeTasks")
    without_details = {
        "kind": "task",
        "region": "us-east-1",
        "cluster": "payments",
        "task_id": "0123456789abcdef" * 2,
    }
    world.update(target=without_details, service=unavailable(), task_definition=unavailable())


def no_such_service(world: dict[str, Any]) -> None:
    world["target"] = {"kind": "service", "region": "us-east-1", "cluster": "payments", "service": "refunds"}
    world["task"] = world["service"] = absent()
    world["task_definition"] = unavailable()


def unread(world: dict[str, Any]) -> None:
    world["task"] = unavailable("denied", "ecs:DescribeTasks")


def ended(world: dict[str, Any]) -> None:
    task_of(world).update(
        lastStatus="STOPPED",
        stopCode="EssentialContainerExited",
        stoppedReason="Essential container in task exited",
    )


@pytest.mark.parametrize(
    ("snapshot", "symptoms", "findings", "headline"),
    [
        (STOPPED, (TIMED_OUT,), [found("route-no-egress", summary="Subnet subnet-a has no route out. Nor has it endpoints.",
             clause="subnet subnet-a has no route out")],
         "payments-api cannot pull its image: subnet subnet-a has no route out."),
        (STOPPED, (NOT_FOUND,), [found("tag-not-found", summary="Repository payments-api has no tag 1.4.3. The nearest: 1.4.2.",
             clause="repository payments-api has no tag 1.4.3")],
         "payments-api cannot pull its image: repository payments-api has no tag 1.4.3."),
        (STOPPED, (NOT_FOUND,), [found("tag-not-found", summary="ECR has no such tag")],
         "payments-api cannot pull its image: ECR has no such tag."),
        (STOPPED, (TIMED_OUT,), [found("route-no-egress", summary="No route."), found("sg-egress-blocked")],
         "payments-api cannot pull its image: no route (and 1 more)."),
        (STOPPED, (STRANGE,), [found("route-no-egress", summary="No route.")],
         "payments-api cannot pull its image: most likely, no route."),
        (changed(STOPPED, without_service), (NOT_FOUND,), [found("tag-not-found", summary="No tag.")],
         "payments-api cannot pull its image: no tag."),
        (changed(STOPPED, alone), (NOT_FOUND,), [found("tag-not-found", summary="No tag.")],
         "Task 01234567 cannot pull its image: no tag."),
        (fargate(), (), [found("tag-not-found", summary="No tag.")],
         "A pull of payments-api that starts now would fail: no tag."),
        (fargate(), (), [PASSING], "Nothing would stop a pull of payments-api now."),
        (fargate(), (), [PASSING, unknown("role-missing")],
         "Nothing that could be read would stop a pull of payments-api now, but 1 check could not be decided."),
        (STOPPED, (TIMED_OUT,), [found("route-no-egress", Status.PASS)],
         "Nothing would stop a pull of payments-api now: what stopped it has been repaired since, or passed by itself."),
        (changed(STOPPED, pushed_later), (NOT_FOUND,), [PASSING],
         "Nothing would stop a pull of payments-api now: image payments-api:1.4.2 was not there when the task asked for it; it was "
         "pushed since (2026-11-24 10:00 UTC), so that a task that starts now finds it."),
        (changed(STOPPED, pushed_while_it_stopped), (NOT_FOUND,), [PASSING],
         "Nothing would stop a pull of payments-api now: image payments-api:1.4.2 was not there when the task asked for it; it was "
         "pushed since (2026-11-24 09:14 UTC), so that a task that starts now finds it."),
        (changed(STOPPED, pushed_later), (TIMED_OUT,), [found("route-no-egress", Status.PASS)],
         "Nothing would stop a pull of payments-api now: since the task stopped, image payments-api:1.4.2 was pushed "
         "(2026-11-24 10:00 UTC)."),
        (changed(STOPPED, pushed_while_it_stopped), (TIMED_OUT,), [found("route-no-egress", Status.PASS)],
         "Nothing would stop a pull of payments-api now: what stopped it has been repaired since, or passed by itself."),
        (STOPPED, (TIMED_OUT,), [unknown("sg-egress-blocked", unsettled=Unsettled.by(Unavailable(reason=Why.DENIED, call="ec2:DescribeSecurityGroups")))],
         "Why payments-api could not pull is not settled: the error text shows no answer from ECR's API, and "
         "ec2:DescribeSecurityGroups could not be read: denied."),
        (STOPPED, (TIMED_OUT,),
         [unknown("sg-egress-blocked", unsettled=Unsettled.by(
             Unavailable(reason=Reason.about(Why.ERROR, "X"), call="iam:GetRole"), "the policies, which decide, are not known"))],
         "Why payments-api could not pull is not settled: the error text shows no answer from ECR's API, and iam:GetRole could "
         "not be read: AWS answered with an error."),
        (STOPPED, (TIMED_OUT,), [unknown("route-no-egress", unsettled=together([
             Unsettled(words="what lies behind tgw-1: AWS does not show it", question=True), Unsettled(words="more")]))],
         "Why payments-api could not pull is not settled: the error text shows no answer from ECR's API, and it is not known "
         "what lies behind tgw-1: AWS does not show it."),
        (STOPPED, (TIMED_OUT,), [unknown("route-no-egress", unsettled=Unsettled(words="word " * 60))],
         "Why payments-api could not pull is not settled: the error text shows no answer from ECR's API, and what decides it is "
         "missing (" + "word " * 36 + "…)."),
        (STOPPED, (TIMED_OUT,), [unknown("role-missing"), unknown("role-trust-denies")],
         "Why payments-api could not pull is not settled: the error text shows no answer from ECR's API, and nothing that was "
         "found explains it; 2 checks could not be decided."),
        (STOPPED, (STRANGE,), [PASSING],
         "Why payments-api could not pull is not settled: the error text is not one that is known, which nothing that was found "
         "explains."),
        (STOPPED, (TIMED_OUT,), [found("role-missing")],
         "Why payments-api could not pull is not settled: the error text shows no answer from ECR's API, which nothing that "
         "was found explains."),
        (changed(fargate(), ended), (), [PASSING],
         "payments-api did not stop because of its image: Essential container in task exited (EssentialContainerExited)."),
        (changed(fargate(), gone), (), [],
         "Task 01234567 is gone from us-east-1 (account 111122223333) and nothing else tells why it stopped: ECS describes stopped tasks for about an hour."),
        (changed(fargate(), no_such_service), (), [],
         "There is no service refunds in cluster payments in us-east-1 (account 111122223333), and so nothing to look at."),
        (changed(fargate(), unread), (), [PASSING],
         "What stopped payments-api is not known: the task could not be read."),
    ],
)  # fmt: skip
def test_headline(
    snapshot: Snapshot, symptoms: tuple[Symptom, ...], findings: list[Finding], headline: str
) -> None:
    verdict, _ = judged(world(*symptoms, snapshot=snapshot), *findings)
    assert verdict.headline == headline


@pytest.mark.parametrize(
    ("sentence", "named", "clause"),
    [
        ("Container's image is gone.", False, "container's image is gone"),
        ("A NAT gateway is gone.", False, "a NAT gateway is gone"),
        ("NAT gateway nat-1 is gone.", False, "NAT gateway nat-1 is gone"),
        ("S3 endpoint vpce-1 is gone.", False, "S3 endpoint vpce-1 is gone"),
        ("nat-1 is gone.", False, "nat-1 is gone"),
        ("enableDnsSupport is off.", False, "enableDnsSupport is off"),
        ("Docker Hub refused.", True, "Docker Hub refused"),
        ("Deployer may not pull.", True, "Deployer may not pull"),
    ],
)
def test_only_names_keep_their_capitals_behind_a_colon(sentence: str, named: bool, clause: str) -> None:
    assert clause_of(sentence, named) == clause


def test_a_fault_of_one_subnet_of_a_running_task_names_it() -> None:
    verdict, _ = judged(world(), on_leg("route-no-egress", "login", OTHER, summary="No route."))
    assert (
        verdict.headline == "A pull of payments-api that starts now in subnet-private-b would fail: no route."
    )


def test_a_fault_that_each_subnet_has_by_itself_is_everywhere() -> None:
    each = [
        on_leg("route-no-egress", "login", subnet, summary="No route.", resources=(subnet,))
        for subnet in (USED, OTHER)
    ]
    verdict, _ = judged(world(), *each)
    assert verdict.headline == "A pull of payments-api that starts now would fail: no route (and 1 more)."


def test_a_role_is_refused_in_every_subnet() -> None:
    one = found(
        "role-explicit-deny", subnet=OTHER, summary="Statement 1 denies.", clause="statement 1 denies"
    )
    verdict, _ = judged(world(), one)
    assert verdict.headline == "A pull of payments-api that starts now would fail: statement 1 denies."


def test_what_is_partly_shut_may_stop_a_running_task() -> None:
    passing = found("tag-not-found", Status.PASS)
    verdict, causes = judged(world(), passing, might("sg-egress-blocked", summary="The group lets half out."))
    assert verdict.outcome == "undecided"
    assert verdict.headline == "A pull of payments-api that starts now may fail: the group lets half out."
    assert [item.role for item in causes] == ["also"]


def test_a_log_group_is_not_the_image() -> None:
    text = symptom("logs-endpoint-unreachable", None)
    gone = on_leg("endpoint-missing-logs", "logs", summary="No endpoint.", clause="no endpoint")
    verdict, _ = judged(world(text), gone)
    assert verdict.headline == "payments-api cannot open its log, before its containers start: no endpoint."


def test_a_secret_is_not_the_image() -> None:
    text = symptom("secret-not-found", "secrets")
    verdict, _ = judged(world(text), found("container-secret-missing", summary="The secret is gone."))
    assert verdict.headline == "payments-api cannot read its secrets, before the pull: the secret is gone."


DENIED = symptom("ecr-auth-token-denied", "login", denial=Denial(policy="identity"))
BY_SCP = symptom("org-or-boundary-denied", "login", denial=Denial(policy="scp", explicit=True))
LOOKUP = symptom("dns-failure", "login")


@pytest.mark.parametrize(
    ("text", "findings", "caveats"),
    [
        (DENIED, [found("role-permission-missing")], ()),
        (DENIED, [PASSING], (CHANGED_SINCE,)),
        (DENIED, [unknown("role-permission-missing")], ()),
        (DENIED, [might("role-permission-missing"), PASSING], ()),
        (FORBIDDEN, [found("repo-policy-denies"), unknown("role-explicit-deny", stage="manifest")], (ORGANISATION,)),
        (FORBIDDEN, [PASSING], (ORGANISATION,)),
        (BY_SCP, [PASSING], (ORGANISATION,)),
        (TIMED_OUT, [PASSING], ()),
        (LOOKUP, [PASSING], (DNS_FIREWALL,)),
        (LOOKUP, [found("vpc-dns-off")], ()),
    ],
    ids=[
        "found", "allowed as it reads now", "not read", "the simulator reads it otherwise", "only likely", "no reason given", "an organisation policy", "a time-out",
        "a name", "a name, found",
    ],
)  # fmt: skip
def test_caveats(text: Symptom, findings: list[Finding], caveats: tuple[str, ...]) -> None:
    verdict, _ = judged(world(text), *findings)
    assert verdict.caveats == caveats


def simulated(why: str | None) -> Any:
    """IAM's simulator was asked about the role, and answered or not."""

    def edit(world: dict[str, Any]) -> None:
        fact = known({"results": []}) if why is None else unavailable(why, "iam:SimulatePrincipalPolicy")
        role_of(world).update(simulated_login=fact, simulated_pull=fact)

    return edit


NOT_TOLD = ORGANISATION_NOT_TOLD.format(why="denied")
TOLD = found("scp-denies", Status.PASS, stage="manifest")


@pytest.mark.parametrize(
    ("why", "text", "findings", "outcome", "caveats"),
    [
        ("denied", (FORBIDDEN,), [PASSING], "undecided", (NOT_TOLD,)),
        ("denied", (FORBIDDEN,), [found("role-permission-missing", Status.PASS, stage="manifest")], "nothing_wrong", (NOT_TOLD,)),
        ("denied", (), [PASSING], "nothing_wrong", (NOT_TOLD,)),
        ("denied", (TIMED_OUT,), [found("route-no-egress", Status.PASS)], "nothing_wrong", (NOT_TOLD,)),
        ("denied", (FORBIDDEN,), [found("repo-policy-denies")], "cause_found", ()),
        ("denied", (TIMED_OUT,), [found("route-no-egress")], "cause_found", ()),
        (None, (FORBIDDEN,), [PASSING, TOLD], "nothing_wrong", (ORGANISATION_TOLD,)),
        (None, (), [PASSING, TOLD], "nothing_wrong", ()),
        ("not asked", (), [PASSING], "nothing_wrong", ()),
    ],
)  # fmt: skip
def test_a_simulator_that_does_not_answer_costs_a_caveat_and_no_answer(
    why: str | None,
    text: tuple[Symptom, ...],
    findings: list[Finding],
    outcome: str,
    caveats: tuple[str, ...],
) -> None:
    verdict, _ = judged(
        world(*text, snapshot=changed(STOPPED if text else fargate(), simulated(why))), *findings
    )
    assert verdict.outcome == outcome
    assert verdict.caveats == caveats


def test_a_task_that_is_gone_gets_advice() -> None:
    verdict, _ = judged(world(snapshot=changed(fargate(), gone)))
    assert verdict.caveats == (
        "Start the task again, or ask about its service (payments/SERVICE): a service's events are kept longer.",
    )


def test_symptoms_are_shown() -> None:
    text = symptom("image-not-found", "manifest", container="app")
    verdict, _ = judged(world(text, STRANGE), PASSING)
    assert [(item.id, item.stage, item.container, item.text) for item in verdict.symptoms] == [
        ("image-not-found", "manifest", "app", "text of image-not-found"),
        ("unrecognised", None, None, "text of unrecognised"),
    ]


def test_the_host_of_a_task_on_ec2_is_no_matter_of_words() -> None:
    def edit(world: dict[str, Any]) -> None:
        world["service"] = known({**world["service"]["value"], "serviceName": "other"})

    verdict, _ = judged(world(snapshot=changed(ec2(), edit)), PASSING)
    assert verdict.headline == "Nothing would stop a pull of payments-api now."
