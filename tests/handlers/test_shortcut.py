"""Targets in messages, wherever an alert puts them."""

from __future__ import annotations

from typing import Any

import pytest

from handlers import pullcheck, shortcut
from handlers.jobs import Job
from handlers.kinds import read_job
from handlers.ports import Listening
from handlers.shortcut import targets_in
from tests.build import ACCOUNT, CLUSTER, REGION, TASK_ARN, TASK_ID

SERVICE_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{CLUSTER}/payments-api"
OTHER_ARN = TASK_ARN.replace(TASK_ID, "f" * 32)
URL = f"https://{REGION}.console.aws.amazon.com/ecs/v2/clusters/{CLUSTER}/tasks/{TASK_ID}/configuration?region={REGION}"


REGIONAL = f"{CLUSTER}/payments-api"


def fields(**named: str) -> list[dict[str, Any]]:
    """An attachment with a field for each name, as AWS's app for Slack has them."""
    return [{"fields": [{"title": title, "value": value, "short": True} for title, value in named.items()]}]


def section(*texts: str) -> dict[str, Any]:
    return {"type": "section", "fields": [{"type": "mrkdwn", "text": text} for text in texts]}


def rich_text(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"text": "nothing here"}, []),
        ({"text": None, "blocks": None, "attachments": None}, []),
        ({}, []),
        ({"text": f"stopped {TASK_ARN}."}, [TASK_ARN]),
        ({"text": f"<{URL}|the task> stopped"}, ["payments/0123456789abcdef0123456789abcdef"]),
        ({"text": f"<{URL}|the task> {TASK_ARN}"}, [TASK_ARN]),
        ({"text": f"{TASK_ARN} of <{URL}|this>"}, [TASK_ARN]),
        ({"text": f"{TASK_ARN} {OTHER_ARN}"}, [TASK_ARN, OTHER_ARN]),
        ({"text": f"{TASK_ARN} of {SERVICE_ARN}"}, [TASK_ARN]),
        ({"text": SERVICE_ARN}, [SERVICE_ARN]),
        ({"text": SERVICE_ARN, "attachments": [{"text": TASK_ARN}]}, [TASK_ARN]),
        ({"blocks": rich_text({"type": "text", "text": f"a {TASK_ARN}"})}, [TASK_ARN]),
        ({"blocks": rich_text({"type": "link", "url": URL})}, ["payments/0123456789abcdef0123456789abcdef"]),
        ({"blocks": [{"type": "section", "fields": [{"type": "mrkdwn", "text": f"*Task*\n{TASK_ARN}"}]}]}, [TASK_ARN]),
        ({"attachments": [{"fallback": "x", "fields": [{"title": "Task", "value": TASK_ARN}]}]}, [TASK_ARN]),
        ({"attachments": [{"title_link": URL, "blocks": rich_text({"type": "text", "text": TASK_ARN})}]}, [TASK_ARN]),
        ({"text": f'{{"taskArn":"{TASK_ARN}","group":"service:x"}}'}, [TASK_ARN]),
        ({"user": TASK_ARN, "ts": TASK_ARN}, []),
        ({"text": "x" * 50_000 + TASK_ARN, "blocks": rich_text({"type": "text", "text": TASK_ARN})}, [TASK_ARN]),
        ({"blocks": [{"type": "section", "text": {"text": "noise"}}] * 5000}, []),
        ({"attachments": [{"text": "x" * 30_000}, {"text": "x" * 30_000}, {"text": TASK_ARN}]}, [TASK_ARN]),
        # However many long texts there are, the acknowledgement must not come too late.
        ({"attachments": [*[{"text": "x" * 20_000}] * 3, {"text": TASK_ARN}]}, []),
        # What has a percent sign is searched twice.
        ({"attachments": [{"text": "%" * 20_000}, {"text": "x" * 19_000}, {"text": TASK_ARN}]}, [TASK_ARN]),
        ({"attachments": [*[{"text": "%" * 20_000}, {"text": "x" * 20_000}], {"text": TASK_ARN}]}, []),
    ],
)  # fmt: skip
def test_targets_in_a_message(message: dict[str, Any], expected: list[str]) -> None:
    assert [str(target) for target in targets_in(message)] == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"attachments": fields(ClusterName=CLUSTER, ServiceName="payments-api")}, [REGIONAL]),
        (
            {"attachments": [{"title": f"CloudWatch Alarm | no tasks | {REGION} | Account: {ACCOUNT}", **fields(ClusterName=CLUSTER, ServiceName="payments-api")[0]}]},
            [SERVICE_ARN],
        ),
        ({"blocks": [section(f"*ClusterName*\n{CLUSTER}", "*ServiceName*\npayments-api")]}, [REGIONAL]),
        ({"blocks": [section(f"*Cluster Name:*\n`{CLUSTER}`", "*Service Name:*\n`payments-api`", "*Namespace:*\nAWS/ECS")]}, [REGIONAL]),
        # PagerDuty's own "Service" is none of ECS.
        ({"blocks": [section("*Service:*\nPayments", f"*ClusterName:*\n{CLUSTER}", "*ServiceName:*\npayments-api")]}, [REGIONAL]),
        ({"blocks": [section("*Service:*\nPayments", f"*Cluster:*\n{CLUSTER}")]}, []),
        (
            {"blocks": rich_text({"type": "text", "text": "ClusterName: ", "style": {"bold": True}}, {"type": "text", "text": f"{CLUSTER}\nServiceName: payments-api"})},
            [REGIONAL],
        ),
        (
            {"blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "ClusterName"}, {"type": "raw_text", "text": CLUSTER}], [{"type": "raw_text", "text": "ServiceName"}, {"type": "raw_text", "text": "payments-api"}]]}]},
            [REGIONAL],
        ),
        ({"attachments": fields(Task=TASK_ID, Cluster=CLUSTER)}, [f"{CLUSTER}/{TASK_ID}"]),
        ({"attachments": fields(Task=TASK_ID)}, []),
        # The old form of a service's ARN does not name the cluster, which another text of the message does.
        (
            {"text": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/payments-api", "attachments": fields(clusterArn=f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{CLUSTER}")},
            [SERVICE_ARN],
        ),
    ],
)  # fmt: skip
def test_what_stands_in_texts_of_its_own_goes_together(message: dict[str, Any], expected: list[str]) -> None:
    assert [str(target) for target in targets_in(message)] == expected


@pytest.mark.parametrize("depth", [1, 50, 50_000])
def test_a_deep_message_is_answered(depth: int) -> None:
    value: Any = "ClusterName: a"
    for _ in range(depth):
        value = [value]
    assert targets_in({"blocks": value, "text": "ServiceName: b"}) == (
        () if depth > 5 else targets_in({"text": "ClusterName: a, ServiceName: b"})
    )


# --- the alert's own text ----------------------------------------------------------------------------

REASON = (
    "CannotPullContainerError: failed to resolve ref docker.io/acme/api:1: docker.io/acme/api:1: not found"
)


class Line:
    """A queue that keeps what it takes."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def submit(self, job: Job, /) -> int:
        self.jobs.append(job)
        return 0


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"text": f"{TASK_ARN} stopped: {REASON}"}, REASON),
        ({"text": TASK_ARN, "attachments": fields(Reason=REASON)}, REASON),
        ({"text": f"{TASK_ARN} stopped"}, None),
    ],
)
def test_the_shortcut_takes_the_error_text_along(message: dict[str, Any], expected: str | None) -> None:
    line = Line()
    body = {
        "message": {"ts": "1.0", **message},
        "trigger_id": "t",
        "channel": {"id": "C1"},
        "user": {"id": "U1", "team_id": "T1"},
    }
    assert shortcut.handle(body, Listening(line)) is None
    assert [job.alert_text for job in line.jobs] == [expected]
    assert read_job(line.jobs[0].text()) == line.jobs[0]


@pytest.mark.parametrize(("text", "expected"), [(f"{TASK_ARN} {REASON}", REASON), (TASK_ARN, None)])
def test_so_does_the_command(text: str, expected: str | None) -> None:
    line = Line()
    command = {"text": text, "trigger_id": "t", "channel_id": "C1", "user_id": "U1", "team_id": "T1"}
    assert pullcheck.handle(command, Listening(line)) is None
    assert [job.alert_text for job in line.jobs] == [expected]
