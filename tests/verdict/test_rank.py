"""The rules by which causes are ranked, one table for each."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics.faults.base import World
from diagnostics.finding import Finding, Status
from diagnostics.stop_reason import Denial, Symptom
from tests.build import REPOSITORY_ARN, changed, fargate, stopped, task_of, unavailable
from tests.build.findings import (
    CANCELED,
    FORBIDDEN,
    LAYERS,
    NOT_FOUND,
    OTHER,
    STRANGE,
    TIMED_OUT,
    found,
    judged,
    might,
    on_leg,
    shown,
    symptom,
    unknown,
    world,
)


def check(where: World, findings: list[Finding], expected: list[str], outcome: str) -> None:
    verdict, causes = judged(where, *findings)
    assert shown(causes) == expected
    assert verdict.outcome == outcome
    assert all(item.why_ranked for item in causes)


PASSING = found("tag-not-found", Status.PASS)
REPAIRED = found("route-no-egress", Status.PASS)


@pytest.mark.parametrize(
    ("text", "findings", "expected", "outcome"),
    [
        (TIMED_OUT, [found("route-no-egress")], ["cause confirmed route-no-egress"], "cause_found"),
        (TIMED_OUT, [REPAIRED], [], "nothing_wrong"),
        (TIMED_OUT, [REPAIRED, unknown("role-missing")], [], "undecided"),
        (TIMED_OUT, [PASSING], [], "undecided"),
        (STRANGE, [REPAIRED, PASSING], [], "undecided"),
        (symptom("daemon-unavailable"), [REPAIRED, PASSING], [], "undecided"),
        (TIMED_OUT, [unknown("route-no-egress")], [], "undecided"),
        (TIMED_OUT, [], [], "undecided"),
        (TIMED_OUT, [might("sg-egress-blocked")], ["cause likely sg-egress-blocked"], "cause_found"),
        (symptom("dockerhub-rate-limit", "manifest"), [might("docker-hub-rate-limit")],
         ["cause likely docker-hub-rate-limit"], "cause_found"),
        (symptom("dockerhub-rate-limit", "manifest"), [found("docker-hub-rate-limit")],
         ["cause likely docker-hub-rate-limit"], "cause_found"),
        (TIMED_OUT, [REPAIRED, might("docker-hub-rate-limit")], ["also likely docker-hub-rate-limit"],
         "nothing_wrong"),
    ],
    ids=[
        "a failure", "all passes", "something is not known", "what the text shows was not looked into",
        "a text that is not known", "a text that no check looks into", "only unknown", "nothing was judged", "partly open, as the text shows", "a limit that the text shows",
        "a limit is never confirmed", "a limit that the text does not show",
    ],
)  # fmt: skip
def test_only_what_fails_is_a_cause(
    text: Symptom, findings: list[Finding], expected: list[str], outcome: str
) -> None:
    check(world(text), findings, expected, outcome)


CUT = symptom(
    "unrecognised",
    None,
    text="unable to pull secrets or registry auth: execution resource retrieval failed: unable to",
)


@pytest.mark.parametrize(
    ("text", "findings", "expected", "outcome"),
    [
        (STRANGE, [found("tag-not-found")], ["cause likely tag-not-found"], "cause_found"),
        (CUT, [found("tag-not-found")], ["next confirmed tag-not-found"], "undecided"),
        (CUT, [on_leg("route-no-egress", "login"), on_leg("route-no-egress", "manifest")], ["cause likely route-no-egress"], "cause_found"),
        (CUT, [found("container-secret-missing")], ["cause likely container-secret-missing"], "cause_found"),
    ],
)  # fmt: skip
def test_a_text_that_is_not_known_may_name_its_step(
    text: Symptom, findings: list[Finding], expected: list[str], outcome: str
) -> None:
    check(world(text), findings, expected, outcome)


@pytest.mark.parametrize(
    ("text", "findings", "expected"),
    [
        (TIMED_OUT, [found("route-no-egress"), found("sg-egress-blocked")],
         ["cause confirmed route-no-egress", "cause confirmed sg-egress-blocked"]),
        (TIMED_OUT, [found("role-permission-missing")], ["next confirmed role-permission-missing"]),
        (NOT_FOUND, [found("tag-not-found")], ["cause confirmed tag-not-found"]),
        (NOT_FOUND, [found("route-no-egress", stage="manifest")], ["also confirmed route-no-egress"]),
        (NOT_FOUND, [found("repo-policy-denies")], ["also confirmed repo-policy-denies"]),
        (FORBIDDEN, [found("repo-policy-denies")], ["cause confirmed repo-policy-denies"]),
        (FORBIDDEN, [found("repo-not-found")], ["cause confirmed repo-not-found"]),
        (FORBIDDEN, [found("tag-not-found")], ["next confirmed tag-not-found"]),
        (symptom("registry-secret-failed", "secrets"), [on_leg("route-no-egress", "secretsmanager")],
         ["cause confirmed route-no-egress"]),
        (symptom("registry-secret-failed", "secrets", denial=Denial(policy="identity")),
         [on_leg("route-no-egress", "secretsmanager")], ["also confirmed route-no-egress"]),
        (FORBIDDEN, [found("role-permission-missing")], ["also confirmed role-permission-missing"]),
        (FORBIDDEN, [found("role-permission-missing", also_at=("manifest", "layers"))],
         ["cause confirmed role-permission-missing"]),
        (symptom("role-not-assumable", "role"), [found("role-missing")], ["cause confirmed role-missing"]),
        (symptom("s3-403", "layers"), [found("s3-endpoint-policy-denies")], ["cause confirmed s3-endpoint-policy-denies"]),
        (symptom("dns-failure", "login"), [found("vpc-dns-off")], ["cause confirmed vpc-dns-off"]),
        (symptom("dns-failure", "login"), [found("route-no-egress")], ["next confirmed route-no-egress"]),
        (symptom("platform-mismatch", "manifest"), [found("platform-mismatch")], ["cause confirmed platform-mismatch"]),
        (symptom("secret-not-found", "secrets"), [found("container-secret-missing")],
         ["cause confirmed container-secret-missing"]),
        (symptom("disk-full", "unpack"), [might("disk-full")], ["cause likely disk-full"]),
    ],
)  # fmt: skip
def test_a_cause_can_produce_the_text_at_its_step(
    text: Symptom, findings: list[Finding], expected: list[str]
) -> None:
    _, causes = judged(world(text), *findings)
    assert shown(causes) == expected


@pytest.mark.parametrize(
    ("text", "findings", "expected"),
    [
        (TIMED_OUT, [found("route-no-egress"), found("endpoint-missing-s3")],
         ["cause confirmed route-no-egress", "next confirmed endpoint-missing-s3"]),
        (TIMED_OUT, [found("tag-not-found"), found("route-no-egress")],
         ["cause confirmed route-no-egress", "next confirmed tag-not-found"]),
        (LAYERS, [found("endpoint-missing-s3"), on_leg("sg-egress-blocked", "login")],
         ["cause confirmed endpoint-missing-s3", "also confirmed sg-egress-blocked"]),
        (LAYERS, [found("tag-not-found")], ["also confirmed tag-not-found"]),
        (TIMED_OUT, [found("role-missing")], ["also confirmed role-missing"]),
        (NOT_FOUND, [found("role-permission-missing", also_at=("layers",))], ["next confirmed role-permission-missing"]),
        (TIMED_OUT, [found("container-secret-missing")], ["next confirmed container-secret-missing"]),
        (NOT_FOUND, [found("tag-not-found"), on_leg("endpoint-missing-logs", "logs")],
         ["cause confirmed tag-not-found", "next confirmed endpoint-missing-logs"]),
    ],
    ids=["a later leg", "a later step", "an earlier leg", "an earlier step", "the role came before", "an earlier and a later step",
         "secrets beside the log-in", "logs"],
)  # fmt: skip
def test_later_is_next_and_earlier_is_also(
    text: Symptom, findings: list[Finding], expected: list[str]
) -> None:
    _, causes = judged(world(text), *findings)
    assert shown(causes) == expected


def test_a_fault_of_several_legs_is_one_cause() -> None:
    legs = [on_leg("route-no-egress", leg) for leg in ("login", "manifest", "layers")]
    _, causes = judged(world(TIMED_OUT), *legs)
    assert shown(causes) == ["cause confirmed route-no-egress"]
    assert causes[0].subnets == ("subnet-private-a",)


def test_a_fault_that_is_sure_elsewhere_only_might_be_here() -> None:
    here = on_leg("sg-egress-blocked", "login", status=Status.WARN)
    _, causes = judged(world(TIMED_OUT), here, on_leg("sg-egress-blocked", "login", OTHER))
    assert shown(causes) == ["cause likely sg-egress-blocked"]


def test_two_resources_are_two_causes() -> None:
    first, second = found("tag-not-found", resources=("r", "1")), found("tag-not-found", resources=("r", "2"))
    _, causes = judged(world(NOT_FOUND), first, second)
    assert [item.resources for item in causes] == [("r", "1"), ("r", "2")]


def test_containers_and_subnets_are_merged() -> None:
    _, (cause,) = judged(
        world(TIMED_OUT),
        on_leg("sg-egress-blocked", "login", containers=("app",)),
        on_leg("sg-egress-blocked", "login", OTHER, containers=("app", "sidecar")),
    )
    assert (cause.role, cause.containers, cause.subnets) == (
        "cause", ("app", "sidecar"), ("subnet-private-a", OTHER),
    )  # fmt: skip


def test_a_subnet_that_was_not_used_is_also() -> None:
    _, (cause,) = judged(world(TIMED_OUT), on_leg("route-no-egress", "login", OTHER))
    assert (cause.role, cause.subnets) == ("also", (OTHER,))
    assert cause.why_ranked == "only in subnet-private-b; this task pulled from subnet-private-a"


def test_where_the_subnet_is_not_known_a_fault_on_some_is_likely() -> None:
    def no_attachment(world: dict[str, Any]) -> None:
        task_of(world)["attachments"] = []

    snapshot = changed(fargate(), stopped("text"), no_attachment)
    one = on_leg("route-no-egress", "login", used_path=True)
    two = on_leg("route-no-egress", "login", OTHER, used_path=True)
    _, causes = judged(world(TIMED_OUT, snapshot=snapshot), one)
    assert shown(causes) == ["cause likely route-no-egress"]
    _, causes = judged(world(TIMED_OUT, snapshot=snapshot), one, two)
    assert shown(causes) == ["cause confirmed route-no-egress"]


@pytest.mark.parametrize(
    ("child", "parent", "expected"),
    [
        ("endpoint-missing-s3", Status.FAIL, ["cause confirmed route-no-egress"]),
        ("endpoint-missing-s3", Status.PASS, ["next confirmed endpoint-missing-s3"]),
    ],
)
def test_a_consequence_is_folded_under_what_explains_it(
    child: str, parent: Status, expected: list[str]
) -> None:
    findings = [found(child, follows_from="route-no-egress"), found("route-no-egress", parent)]
    _, causes = judged(world(TIMED_OUT), *findings)
    assert shown(causes) == expected


@pytest.mark.parametrize(
    ("text", "beside", "certainty"),
    [
        (TIMED_OUT, unknown("sg-egress-blocked"), "likely"),
        (TIMED_OUT, unknown("sg-egress-blocked", stage=None), "likely"),
        (TIMED_OUT, unknown("role-permission-missing"), "confirmed"),
        (TIMED_OUT, unknown("endpoint-missing-s3"), "confirmed"),
        (TIMED_OUT, unknown("sg-egress-blocked", used_path=False), "confirmed"),
    ],
    ids=["same kind and step", "no step", "another kind", "another step", "another subnet"],
)
def test_an_unknown_softens_only_what_it_could_have_produced(
    text: Symptom, beside: Finding, certainty: str
) -> None:
    _, causes = judged(world(text), found("route-no-egress"), beside)
    assert shown(causes) == [f"cause {certainty} route-no-egress"]


@pytest.mark.parametrize(
    ("beside", "role"),
    [
        ([], "cause"),
        ([found("route-no-egress", stage="manifest")], "also"),
        ([unknown("route-no-egress", stage="manifest")], "also"),
        ([unknown("role-permission-missing")], "cause"),
    ],
    ids=["alone", "something fails", "something is not known", "what is not known cannot explain it"],
)
def test_what_only_the_text_shows_comes_after_what_can_be_proven(beside: list[Finding], role: str) -> None:
    outage = symptom("ecr-dkr-unreachable", "manifest")
    _, causes = judged(world(outage), might("registry-outage"), *beside)
    assert {item.id: item.role for item in causes}["registry-outage"] == role


# --- what the words of the text rule out -------------------------------------------------------------


def refused(policy: str, explicit: bool = False, **fields: Any) -> Symptom:
    return symptom("ecr-explicit-deny", "login", denial=Denial(policy=policy, explicit=explicit, **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (refused("identity"), ["role-permission-missing"]),
        (refused("identity", True), ["role-explicit-deny"]),
        (refused("boundary"), ["boundary-denies"]),
        (refused("resource", True), ["repo-policy-denies"]),
        (refused("endpoint"), ["endpoint-policy-denies"]),
        (refused("unspecified", True), ["boundary-denies", "endpoint-policy-denies", "repo-policy-denies", "role-explicit-deny"]),
        (refused("scp", True), []),
        (refused("rcp", True), []),
    ],
)  # fmt: skip
def test_the_wording_of_a_refusal_narrows_the_policies(text: Symptom, cause: list[str]) -> None:
    every = ("role-permission-missing", "role-explicit-deny", "boundary-denies", "endpoint-policy-denies")
    findings = [*(found(fault) for fault in every), found("repo-policy-denies", stage="login")]
    _, causes = judged(world(text), *findings)
    assert sorted(item.id for item in causes if item.role == "cause") == cause


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("10.0.10.155", ["endpoint-sg-ingress-blocked", "sg-egress-blocked"]),
        ("44.213.79.50", ["route-no-egress", "sg-egress-blocked", "vpc-dns-off"]),
        ("198.51.100.7", ["route-no-egress", "sg-egress-blocked", "vpc-dns-off"]),
        (None, ["endpoint-sg-ingress-blocked", "route-no-egress", "sg-egress-blocked", "vpc-dns-off"]),
        (
            "172.20.0.5",
            ["endpoint-sg-ingress-blocked", "route-no-egress", "sg-egress-blocked", "vpc-dns-off"],
        ),
        (
            "no address",
            ["endpoint-sg-ingress-blocked", "route-no-egress", "sg-egress-blocked", "vpc-dns-off"],
        ),
    ],
    ids=[
        "an endpoint's",
        "public",
        "public in a document",
        "none",
        "private, of another network",
        "nonsense",
    ],
)
def test_the_address_tells_which_way_the_packets_went(address: str | None, cause: list[str]) -> None:
    text = symptom("ecr-api-unreachable", "login", address=address)
    faults = ("endpoint-sg-ingress-blocked", "route-no-egress", "sg-egress-blocked", "vpc-dns-off")
    _, causes = judged(world(text), *(found(fault) for fault in faults))
    assert sorted(item.id for item in causes if item.role == "cause") == cause


@pytest.mark.parametrize("image", ["example.com/sidecar:1", "example.com/sidecar:2", "example.com/sidecar"])
def test_the_image_in_the_text_tells_which_container_it_was(image: str) -> None:
    def second(world: dict[str, Any]) -> None:
        task_of(world)["containers"].append({"name": "sidecar", "image": "example.com/sidecar:1"})

    snapshot = changed(fargate(), stopped("text"), second)
    text = symptom("image-not-found", "manifest", image=image)
    ours = found("tag-not-found", containers=("sidecar",), resources=("sidecar",))
    other = found("tag-not-found", containers=("app",), resources=(REPOSITORY_ARN,))
    _, causes = judged(world(text, snapshot=snapshot), ours, other)
    assert [(item.role, item.resources) for item in causes] == [
        ("cause", ("sidecar",)),
        ("next", (REPOSITORY_ARN,)),
    ]


@pytest.mark.parametrize(
    ("stage", "role"), [("manifest", "next"), ("login", "cause")], ids=["of one image", "of the whole task"]
)
def test_the_container_that_carries_the_text_counts_from_the_manifest_on(stage: Any, role: str) -> None:
    text = symptom("ecr-dkr-unreachable", stage, container="app")
    _, causes = judged(world(text), found("sg-egress-blocked", stage=stage, containers=("sidecar",)))
    assert [item.role for item in causes] == [role]


def test_the_host_in_the_text_tells_which_leg_it_was() -> None:
    text = symptom(
        "secret-unreachable", "secrets", secret="arn:aws:secretsmanager:us-east-1:111122223333:secret:a"
    )
    ssm = on_leg("endpoint-missing-ssm", "ssm")
    _, causes = judged(world(text), ssm)
    assert [item.role for item in causes] == ["next"]
    _, causes = judged(world(symptom("secret-unreachable", "secrets", secret="/database/password")), ssm)
    assert [item.role for item in causes] == ["cause"]


def test_the_role_that_could_not_be_assumed_is_the_one_in_the_text() -> None:
    role = "arn:aws:iam::111122223333:role/payments-execution"
    here = found("role-trust-denies", resources=(role,))
    _, causes = judged(world(symptom("role-not-assumable", "role", role_arn=role)), here)
    assert [item.role for item in causes] == ["cause"]
    other = symptom("role-not-assumable", "role", role_arn=role.replace("execution", "task"))
    verdict, causes = judged(world(other), here)
    assert [item.role for item in causes] == ["next"]
    assert verdict.outcome == "undecided"


def test_the_role_that_was_refused_is_the_one_in_the_text() -> None:
    here = found(
        "role-permission-missing", resources=("arn:aws:iam::111122223333:role/path/payments-execution",)
    )
    for session, role in (("payments-execution/0", "cause"), ("old/0", "next")):
        who = f"arn:aws:sts::111122223333:assumed-role/{session}"
        text = symptom("ecr-auth-token-denied", "login", denial=Denial(policy="identity", principal=who))
        _, causes = judged(world(text), here)
        assert [item.role for item in causes] == [role]


# --- texts that do not tell the step -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("findings", "expected", "outcome"),
    [
        ([on_leg("route-no-egress", "login"), on_leg("route-no-egress", "layers")],
         ["cause confirmed route-no-egress"], "cause_found"),
        ([on_leg("sg-egress-blocked", "login"), on_leg("endpoint-missing-s3", "layers")],
         ["cause confirmed sg-egress-blocked", "next confirmed endpoint-missing-s3"], "cause_found"),
        ([on_leg("endpoint-missing-s3", "layers")], ["cause confirmed endpoint-missing-s3"], "cause_found"),
        ([unknown("sg-egress-blocked"), on_leg("endpoint-missing-s3", "layers")],
         ["next confirmed endpoint-missing-s3"], "undecided"),
        ([found("tag-not-found")], ["next confirmed tag-not-found"], "undecided"),
    ],
    ids=["one fault of every leg", "the first step first", "only a late step", "an earlier one is not known",
         "of another kind"],
)  # fmt: skip
def test_a_text_without_a_step(findings: list[Finding], expected: list[str], outcome: str) -> None:
    check(world(CANCELED), findings, expected, outcome)


def test_of_a_text_that_is_not_known_every_failure_is_likely_in_the_order_of_steps() -> None:
    findings = [
        found("endpoint-missing-s3"),
        found("tag-not-found"),
        found("role-missing"),
        might("disk-full"),
    ]
    check(
        world(STRANGE),
        findings,
        ["cause likely role-missing", "cause likely tag-not-found", "cause likely endpoint-missing-s3",
         "also likely disk-full"],
        "cause_found",
    )  # fmt: skip


# --- what the run is about ---------------------------------------------------------------------------


def ended(code: str, exit_code: int | None = None) -> Any:
    def edit(world: dict[str, Any]) -> None:
        task_of(world).update(lastStatus="STOPPED", stopCode=code, stoppedReason="text")
        task_of(world)["containers"][0]["exitCode"] = exit_code

    return edit


def absent_task(world: dict[str, Any]) -> None:
    world["task"] = {"kind": "absent", "call": "ecs:DescribeTasks"}


def unread_task(world: dict[str, Any]) -> None:
    world["task"] = unavailable("denied", "ecs:DescribeTasks")


def of_service(world: dict[str, Any]) -> None:
    world["target"] = {
        "kind": "service",
        "region": "us-east-1",
        "cluster": "payments",
        "service": "payments-api",
    }


def no_service(world: dict[str, Any]) -> None:
    world["service"] = {"kind": "absent", "call": "ecs:DescribeServices"}


SILENT = symptom("none", about_pull=False)
BEFORE = symptom("stopped-before-pull", about_pull=True)


@pytest.mark.parametrize(
    ("edits", "symptoms", "expected", "outcome"),
    [
        ([], (), ["cause confirmed tag-not-found"], "cause_found"),
        ([ended("EssentialContainerExited", 1)], (SILENT,), ["also confirmed tag-not-found"], "not_a_pull_failure"),
        ([ended("EssentialContainerExited", 1)], (STRANGE,), ["also confirmed tag-not-found"], "not_a_pull_failure"),
        ([ended("TaskFailedToStart")], (STRANGE,), ["cause likely tag-not-found"], "cause_found"),
        ([ended("UserInitiated")], (BEFORE,), ["also confirmed tag-not-found"], "not_a_pull_failure"),
        ([ended("UserInitiated")], (CANCELED,), ["also confirmed tag-not-found"], "not_a_pull_failure"),
        ([ended("TaskFailedToStart")], (CANCELED,), ["next confirmed tag-not-found"], "undecided"),
        ([ended("ServiceSchedulerInitiated", 0)], (), ["also confirmed tag-not-found"], "not_a_pull_failure"),
        ([absent_task], (), ["also confirmed tag-not-found"], "task_gone"),
        ([absent_task], (NOT_FOUND,), ["cause confirmed tag-not-found"], "cause_found"),
        ([absent_task, of_service], (), ["cause confirmed tag-not-found"], "cause_found"),
        ([absent_task, of_service, no_service], (), ["also confirmed tag-not-found"], "task_gone"),
        ([unread_task], (), ["also confirmed tag-not-found"], "undecided"),
        ([unread_task, of_service], (), ["also confirmed tag-not-found"], "undecided"),
    ],
    ids=[
        "running", "its program ended", "a text that nothing fits", "failed to start", "stopped before the pull",
        "stopped during the pull", "a pull that was given up",
        "scaled in", "gone", "gone, and the events tell", "a service without tasks", "no service", "not read",
        "not read, of a service",
    ],
)  # fmt: skip
def test_what_the_run_is_about(
    edits: list[Any], symptoms: tuple[Symptom, ...], expected: list[str], outcome: str
) -> None:
    snapshot = changed(fargate(), *edits)
    check(world(*symptoms, snapshot=snapshot), [found("tag-not-found")], expected, outcome)


def test_of_a_running_task_every_subnet_counts() -> None:
    findings = [on_leg("route-no-egress", "login", OTHER), might("disk-full")]
    check(world(), findings, ["cause confirmed route-no-egress", "also likely disk-full"], "cause_found")


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [
        ([found("tag-not-found", Status.PASS), found("role-missing", Status.SKIPPED)], "nothing_wrong"),
        ([found("tag-not-found", Status.PASS), unknown("role-missing")], "undecided"),
        ([found("tag-not-found", Status.PASS), might("disk-full")], "nothing_wrong"),
        ([found("tag-not-found", Status.PASS), might("sg-egress-blocked")], "undecided"),
        ([found("tag-not-found", Status.PASS), might("role-permission-missing")], "undecided"),
        ([], "undecided"),
    ],
    ids=[
        "all pass",
        "one unknown",
        "the host's disk might",
        "a way that is partly shut",
        "policies that the simulator reads otherwise",
        "nothing was judged",
    ],
)
def test_of_a_running_task_in_order(findings: list[Finding], outcome: str) -> None:
    verdict, _ = judged(world(), *findings)
    assert verdict.outcome == outcome
