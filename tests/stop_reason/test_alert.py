"""The error text inside an alert: which words of it are ECS's."""

from __future__ import annotations

import json

import pytest

from diagnostics.stop_reason import classify, error_in
from diagnostics.stop_reason.alert import LONGEST
from tests.build import TASK_ARN

ABSENT = (
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
    "111122223333.dkr.ecr.us-east-1.amazonaws.com/api:v9: 111122223333.dkr.ecr.us-east-1.amazonaws.com/api:v9: not found"
)
REFUSED = (
    "User: arn:aws:sts::111122223333:assumed-role/app/0123456789abcdef0123456789abcdef is not authorized to perform: "
    "ecr:GetAuthorizationToken on resource: * because no identity-based policy allows the ecr:GetAuthorizationToken action"
)
QUOTED = (
    'CannotPullContainerError: Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp 3.94.224.37:443: '
    "i/o timeout"
)
EVENT = {
    "detail-type": "ECS Task State Change",
    "detail": {
        "containers": [{"name": "app", "reason": ABSENT}],
        "stoppedReason": "Task failed to start",
        "stopCode": "TaskFailedToStart",
        "taskArn": TASK_ARN,
    },
}
LINK = "https://us-east-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([f"{TASK_ARN} {ABSENT}"], ABSENT),
        ([f"{ABSENT} {TASK_ARN}"], ABSENT),
        ([f"{TASK_ARN} {REFUSED}"], REFUSED),
        ([f"{TASK_ARN} no basic auth credentials"], "no basic auth credentials"),
        ([f"{LINK}\n\n{ABSENT}\n\nSee the runbook: cannot pull? ask #platform"], ABSENT),
        ([f"*Task:* {TASK_ARN}\n*Reason:* {ABSENT}\n*Cluster:* payments\n*Owner:* shop"], ABSENT),
        ([f"Reason: {ABSENT}\nStop code: TaskFailedToStart\nCluster: payments"], ABSENT),
        (["Task failed\n\n> " + ABSENT.replace("failed to", "failed\n>   to")], ABSENT),
        ([json.dumps(EVENT)], ABSENT),
        ([json.dumps(EVENT, indent=2)], ABSENT),
        ([f"[FIRING] {json.dumps(EVENT)} (see the runbook)"], ABSENT),
        ([json.dumps({"Type": "Notification", "Message": json.dumps(EVENT)})], ABSENT),
        ([json.dumps(EVENT)[:-30]], ABSENT),
        ([json.dumps({"detail": {"containers": [{"reason": QUOTED}]}})[:-3]], QUOTED),
        (["Task stopped", f"Task {TASK_ARN}", ABSENT], ABSENT),
        (["Task failed to start", ABSENT], ABSENT),
        # Something new is a text about a pull all the same; what is known goes before it.
        ([f"{TASK_ARN} CannotPullContainerError: the moon is full"], "CannotPullContainerError: the moon is full"),
        (["CannotPullContainerError: the moon is full", ABSENT], ABSENT),
        ([f"look at {TASK_ARN} please"], None),
        ([f"{TASK_ARN} Essential container in task exited"], None),
        ([f"{TASK_ARN} Task failed to start"], None),
        ([], None),
        ([""], None),
        (["{" * 20_000], None),
        (["[" * 2_000 + "cannotpull" + "]" * 2_000], "cannotpull" + "]" * (LONGEST - 10)),
    ],
)  # fmt: skip
def test_the_error_text_of_an_alert(texts: list[str], expected: str | None) -> None:
    assert error_in(texts) == expected


def test_secrets_do_not_come_along() -> None:
    url = "https://prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com/a?X-Amz-Signature=0123abcd&X-Amz-Credential=AKIA"
    found = error_in([f"{TASK_ARN} CannotPullContainerError: failed to copy: Get {url}: i/o timeout"])
    assert found is not None
    assert "0123abcd" not in found
    assert classify(found).id == "s3-layers-unreachable"


def test_a_message_of_many_texts_is_read_in_part() -> None:
    assert error_in(["cannotpull"] * 50 + [ABSENT]) == "cannotpull"
