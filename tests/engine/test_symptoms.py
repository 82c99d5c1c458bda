"""Which texts of a task count, and what each is about."""

from __future__ import annotations

from typing import Any

import pytest

from diagnostics import engine
from diagnostics.engine.symptoms import refined
from diagnostics.snapshot import known_value
from diagnostics.stop_reason import Symptom
from tests.build import IMAGE, VPC, absent, changed, definition_of, endpoints, fargate, task_of

NOT_FOUND = f"CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {IMAGE}: {IMAGE}: not found"
TIMED_OUT = (
    "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from "
    "Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration. "
    "operation error ECR: GetAuthorizationToken, exceeded maximum number of attempts, 3, https response error "
    'StatusCode: 0, RequestID: , request send failed, Post "https://api.ecr.us-east-1.amazonaws.com/": dial tcp '
    "44.213.79.50:443: i/o timeout"
)
SIDECAR = f"{IMAGE.rpartition('/')[0]}/sidecar:2"
SIDECAR_NOT_FOUND = NOT_FOUND.replace(IMAGE, SIDECAR)
NO_PROGRAM = "CannotStartContainerError: Error response from daemon: failed to create shim task: OCI runtime create failed: no such file"
ENDED = "Essential container in task exited"


@pytest.mark.parametrize(
    ("reason", "containers", "symptoms"),
    [
        (NOT_FOUND, {"app": NOT_FOUND}, [("image-not-found", "app")]),
        (NOT_FOUND, {}, [("image-not-found", None)]),
        (NOT_FOUND, {"app": NOT_FOUND[:90] + "..."}, [("image-not-found", "app")]),
        (NOT_FOUND[:90] + "...", {"app": NOT_FOUND}, [("image-not-found", "app")]),
        ("Task failed to start", {"app": NOT_FOUND}, [("image-not-found", "app")]),
        (ENDED, {"app": NOT_FOUND}, [("image-not-found", "app")]),
        ("Task failed to start", {"app": NO_PROGRAM}, [("none", "app")]),
        ("Task failed to start", {"app": "Nobody knows this"}, [("unrecognised", "app")]),
        ("Task failed to start", {}, [("unrecognised", None)]),
        (ENDED, {}, [("none", None)]),
        (TIMED_OUT, {"app": TIMED_OUT, "sidecar": TIMED_OUT}, [("ecr-api-unreachable", None)]),
        (NOT_FOUND, {"app": NOT_FOUND, "sidecar": SIDECAR_NOT_FOUND}, [("image-not-found", "app"), ("image-not-found", "sidecar")]),
        (TIMED_OUT, {"app": NOT_FOUND}, [("image-not-found", "app"), ("ecr-api-unreachable", None)]),
        (None, {}, []),
    ],
    ids=[
        "the same twice", "only the task's", "the container's is cut", "the task's is cut", "EC2", "EC2, older",
        "EC2, not the pull", "EC2, a strange reason", "EC2, no reason", "no error",
        "every container's", "two containers", "two things", "nothing",
    ],
)  # fmt: skip
def test_symptoms(
    reason: str | None, containers: dict[str, str], symptoms: list[tuple[str, str | None]]
) -> None:
    def edit(world: dict[str, Any]) -> None:
        task = task_of(world)
        definition_of(world)["containerDefinitions"].append({"name": "sidecar", "image": SIDECAR})
        task["containers"].append({"name": "sidecar", "image": SIDECAR})
        task.update(lastStatus="STOPPED", stopCode="TaskFailedToStart", stoppedReason=reason)
        for item in task["containers"]:
            item["reason"] = containers.get(item["name"])

    world = engine.world_of(changed(fargate(), edit))
    assert [(item.id, item.container) for item in world.symptoms] == symptoms


def test_the_longer_text_is_kept() -> None:
    def edit(world: dict[str, Any]) -> None:
        task_of(world).update(stoppedReason=TIMED_OUT)
        task_of(world)["containers"][0]["reason"] = TIMED_OUT[:200]

    (symptom,) = engine.world_of(changed(fargate(), edit)).symptoms
    assert (symptom.text, symptom.container) == (TIMED_OUT, "app")


def event(text: str) -> dict[str, Any]:
    return {"message": text, "createdAt": "2026-11-24T09:15:02Z"}


@pytest.mark.parametrize(
    ("events", "symptoms"),
    [
        (["(service payments-api) has reached a steady state."], []),
        (
            [
                "(service payments-api) has begun draining connections on 1 tasks.",
                f"(service payments-api) was unable to place a task. Reason: {NOT_FOUND}.",
                f"(service payments-api) was unable to place a task. Reason: {TIMED_OUT}.",
            ],
            ["image-not-found"],
        ),
    ],
    ids=["none about a pull", "the newest about a pull"],
)
def test_service_events_tell_where_the_task_is_gone(events: list[str], symptoms: list[str]) -> None:
    def edit(world: dict[str, Any]) -> None:
        world["task"] = absent("ecs:DescribeTasks")
        world["source"] = "service_events"
        world["service"]["value"]["events"] = [event(text) for text in events]

    world = engine.world_of(changed(fargate(), edit))
    assert [item.id for item in world.symptoms] == symptoms


def test_events_are_not_asked_while_the_task_is_there() -> None:
    def edit(world: dict[str, Any]) -> None:
        text = f"(service payments-api) was unable to place a task. Reason: {NOT_FOUND}."
        world["service"]["value"]["events"] = [event(text)]

    assert engine.world_of(changed(fargate(), edit)).symptoms == ()


@pytest.mark.parametrize(
    ("symptom", "stage", "address", "host", "expected"),
    [
        ("ecr-dkr-unreachable", "manifest", "52.217.136.98", None, ("s3-layers-unreachable", "layers")),
        ("pull-context-canceled", None, "52.217.136.98", None, ("pull-context-canceled", "layers")),
        ("ecr-dkr-unreachable", "manifest", "44.213.79.50", None, ("ecr-dkr-unreachable", "manifest")),
        ("ecr-dkr-unreachable", "manifest", "10.0.10.150", None, ("ecr-api-unreachable", "login")),
        ("ecr-dkr-unreachable", "manifest", "10.0.10.99", None, ("ecr-dkr-unreachable", "manifest")),
        ("ecr-dkr-unreachable", "manifest", "52.217.136.98", "registry.example.com", ("ecr-dkr-unreachable", "manifest")),
        ("fetch-killed", None, None, None, ("fetch-killed", None)),
    ],
    ids=["S3", "S3, where the text names no step", "public", "an endpoint's", "of the VPC", "the host decides", "none"],
)  # fmt: skip
def test_an_address_tells_the_step_where_no_host_does(
    symptom: str, stage: Any, address: str | None, host: str | None, expected: tuple[str, str | None]
) -> None:
    snapshot = endpoints()
    facts = snapshot.vpcs[VPC]
    interfaces = [known_value(fact) for fact in facts.interfaces.values()]
    api = next(item for item in interfaces if item and "ecr-api-a" in item.network_interface_id)
    dialled = api.private_ip_address if address == "10.0.10.150" else address
    found = refined(Symptom(id=symptom, stage=stage, text="", address=dialled, host=host), facts)
    assert (found.id, found.stage) == expected
