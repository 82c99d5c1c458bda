"""Targets in messages, wherever an alert puts them."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.shortcut import targets_in
from tests.build import ACCOUNT, CLUSTER, REGION, TASK_ARN, TASK_ID

SERVICE_ARN = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{CLUSTER}/payments-api"
OTHER_ARN = TASK_ARN.replace(TASK_ID, "f" * 32)
URL = f"https://{REGION}.console.aws.amazon.com/ecs/v2/clusters/{CLUSTER}/tasks/{TASK_ID}/configuration?region={REGION}"


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
