"""What the deployment hook answers ECS whatever happens: in time, and in the form that ECS reads."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from bot.aws_lambda.hook import DeploymentHook, HookJudgement
from bot.aws_lambda.judging import RevisionJudge, revision_of
from bot.events.routes import Routes
from diagnostics.collect import AwsUnreachableError
from diagnostics.diagnose import Run
from diagnostics.report import build
from diagnostics.snapshot import Snapshot
from handlers.views.message import MessageContent
from tests.build import changed, fargate
from tests.build.asked import Asking
from tests.build.planned import planned
from tests.verdict.test_worlds import closed_group, no_tag

ARN = "arn:aws:ecs:us-east-1:111122223333:service-revision/payments/payments-api/7000000000000000001"
EVENT: dict[str, Any] = {
    "lifecycleStage": "PRE_SCALE_UP",
    "resourceArn": ARN.replace("service-revision", "service-deployment"),
    "executionDetails": {"targetServiceRevisionArn": ARN},
}
FAILED, SUCCEEDED = {"hookStatus": "FAILED"}, {"hookStatus": "SUCCEEDED"}


class Context:
    """Lambda's context, with so many seconds left."""

    def __init__(self, seconds: float = 60) -> None:
        self.seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.seconds * 1000)


def answering(judged: HookJudgement) -> DeploymentHook:
    return DeploymentHook(load=lambda: lambda event: judged)


# --- the answer --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "setting", "answer"),
    [
        ("broken", "", FAILED),
        ("broken", "SUCCEEDED", FAILED),
        ("fine", "FAILED", SUCCEEDED),
        ("undecided", "", SUCCEEDED),
        ("undecided", "anything", SUCCEEDED),
        ("undecided", "FAILED", FAILED),
        ("undecided", " failed ", FAILED),
    ],
)
def test_only_what_is_confirmed_fails(
    kind: Any, setting: str, answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLCHECK_HOOK_UNDECIDED", setting)
    assert answering(HookJudgement(kind, "why"))(EVENT, Context()) == answer


@pytest.mark.parametrize("setting", ["SUCCEEDED", "FAILED"])
@pytest.mark.parametrize("error", [RuntimeError("ours"), SystemExit(1), MemoryError()])
@pytest.mark.parametrize("where", ["load", "judge"])
def test_a_mistake_of_ours_lets_the_deployment_go_on(
    where: str, error: BaseException, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLCHECK_HOOK_UNDECIDED", setting)

    def fail(*_: Any) -> Any:
        raise error

    hook = DeploymentHook(load=fail if where == "load" else lambda: fail)
    assert hook(EVENT, Context()) == SUCCEEDED


def test_a_start_that_failed_is_tried_again() -> None:
    tries: list[int] = []

    def load() -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("the secrets could not be read")
        return lambda event: HookJudgement("broken", "why")

    hook = DeploymentHook(load=load)
    assert [hook(EVENT, Context()), hook(EVENT, Context()), hook(EVENT, Context())] == [
        SUCCEEDED,
        FAILED,
        FAILED,
    ]
    assert len(tries) == 2


@pytest.mark.parametrize("setting", ["SUCCEEDED", "FAILED"])
def test_a_judgement_that_takes_too_long_is_not_waited_for(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULLCHECK_HOOK_UNDECIDED", setting)
    release, posted = threading.Event(), threading.Event()

    def judge(event: Mapping[str, Any]) -> HookJudgement:
        release.wait()
        return HookJudgement("broken", "too late", posted.set)

    hook = DeploymentHook(load=lambda: judge, deadline=0.0)
    assert hook(EVENT, Context()) == {"hookStatus": setting}
    release.set()
    assert not posted.is_set(), "what was not answered is not told either"


def test_little_time_that_is_left_is_respected() -> None:
    release = threading.Event()

    def judge(event: Mapping[str, Any]) -> HookJudgement:
        release.wait()
        return HookJudgement("broken", "too late")

    assert DeploymentHook(load=lambda: judge)(EVENT, Context(seconds=1)) == SUCCEEDED
    release.set()


@pytest.mark.parametrize("trouble", ["raises", "hangs"])
def test_a_slack_that_does_not_take_the_reason_changes_no_answer(trouble: str) -> None:
    release = threading.Event()

    def post() -> None:
        if trouble == "raises":
            raise RuntimeError("Slack")
        release.wait()

    hook = DeploymentHook(
        load=lambda: lambda event: HookJudgement("broken", "why", post),
        posting=0.0 if trouble == "hangs" else 5,
    )
    assert hook(EVENT, Context()) == FAILED
    release.set()


@pytest.mark.parametrize(
    "event", [None, [], {}, {"lifecycleStage": "POST_SCALE_UP"}, {"lifecycleStage": 7}, "PRE_SCALE_UP"]
)
def test_nothing_is_judged_at_any_other_stage(event: Any) -> None:
    assert answering(HookJudgement("broken", "why"))(event, Context()) == SUCCEEDED
    assert answering(HookJudgement("broken", "why"))(event, None) == SUCCEEDED


# --- the judgement -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "found"),
    [
        (EVENT, True),
        ({"targetServiceRevisionArn": ARN}, True),
        ({"executionDetails": {"targetServiceRevisionArn": None}, "targetServiceRevisionArn": ARN}, True),
        ({"executionDetails": "text"}, False),
        ({"executionDetails": {"targetServiceRevisionArn": ARN.replace(":ecs:", ":s3:")}}, False),
        ({"executionDetails": {"targetServiceRevisionArn": f"{ARN}\n"}}, False),
        ({}, False),
    ],
)
def test_both_forms_of_the_event_are_read(event: dict[str, Any], found: bool) -> None:
    revision = revision_of(event)
    assert (revision is not None) is found
    if revision is not None:
        target = revision.target
        assert (target.kind, target.cluster, target.service) == ("preflight", "payments", "payments-api")


class Told:
    """What was posted, and who was the first."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, str | None]] = []
        self.seen: set[str] = set()

    def first(self, arn: str) -> bool:
        new = arn not in self.seen
        self.seen.add(arn)
        return new

    def post(self, channel: str, message: MessageContent, thread: str | None) -> str:
        message.payload()
        self.posts.append((channel, thread))
        return "1.0"


def judging(
    snapshot: Snapshot | Exception,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
    rules: str = '[{"channel": "C123"}]',
) -> RevisionJudge:
    def run(target: Any, **_: Any) -> Run:
        if isinstance(snapshot, Exception):
            raise snapshot
        return Run(snapshot, build(snapshot))

    monkeypatch.setattr("bot.aws_lambda.judging.run", run)
    return RevisionJudge(Asking(fargate()), Routes.of(rules), told.first, told.post)


BROKEN = planned(changed(fargate(), no_tag))


@pytest.mark.parametrize(
    ("snapshot", "kind"),
    [
        (planned(fargate()), "fine"),
        (BROKEN, "broken"),
        (planned(changed(fargate(), closed_group)), "broken"),
        (planned(fargate()).model_copy(update={"images": ()}), "undecided"),
        (AwsUnreachableError("no_credentials", "none"), "undecided"),
    ],
    ids=["fine", "tag", "group", "unread", "AWS"],
)
def test_what_is_judged(snapshot: Snapshot | Exception, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judging(snapshot, Told(), monkeypatch)(EVENT).kind == kind


def test_the_reason_is_told_once_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    judge = judging(BROKEN, told, monkeypatch)
    for _ in range(2):
        post = judge(EVENT).post
        assert post is not None
        post()
    assert told.posts == [("C123", None), ("C123", "1.0")]


@pytest.mark.parametrize(
    "rules", ["", '[{"service": "payments-*", "channel": "mute"}]', '[{"cluster": "x", "channel": "C123"}]']
)
def test_without_a_route_nobody_is_told(rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    judged = judging(BROKEN, told, monkeypatch, rules)(EVENT)
    assert judged.kind == "broken"
    assert judged.post is not None
    judged.post()
    assert told.posts == []
