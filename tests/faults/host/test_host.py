"""What the faults of the machine that pulls share."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from diagnostics import report
from tests.aws_cli import aws_commands
from tests.build import Edit, changed, definition_of, ec2, image_of, stopped, task_of, unavailable
from tests.build.images import detail
from tests.faults.carrying_out import option
from tests.faults.host.rooms.disk_full import GIB, NO_SPACE_HOST, TABLE
from tests.faults.host.rooms.pull_timeout import INACTIVE
from tests.faults.host.worlds import VOLUME, bottlerocket, managed, volume, windows
from tests.faults.judging import case, findings, judged


def test_the_images_of_a_task_share_its_storage() -> None:
    """Two images that fit alone do not fit together."""

    def two(world: dict[str, Any]) -> None:
        other = f"{task_of(world)['containers'][0]['image'].rpartition(':')[0]}:2"
        task_of(world)["containers"].append({"name": "other", "image": other})
        definition_of(world)["containerDefinitions"].append({"name": "other", "image": other})
        world["images"].append({**image_of(world), "image": other, "containers": ["other"]})

    size = detail(imageSizeInBytes=4 * GIB)
    assert [item.status for item in findings(case("one", "pass", size).snapshot, TABLE.check)] == ["pass"]
    assert [item.status for item in findings(case("two", "warn", size, two).snapshot, TABLE.check)] == [
        "warn"
    ]


@pytest.mark.parametrize(
    ("compressed", "given", "says"),
    [(8, 40, "Give the task 40 GiB"), (22, 76, "Give the task 76 GiB"), (80, 200, "Make the image smaller")],
)
def test_the_storage_that_is_given_is_enough(compressed: int, given: int, says: str) -> None:
    """It follows from the figure that the evidence shows, three times the compressed size."""
    finding = judged(case("large", "warn", detail(imageSizeInBytes=compressed * GIB)), TABLE)
    assert finding.fix is not None
    assert says in finding.fix.text
    assert f"sizeInGiB: `{given}`}}" in (finding.fix.cli or "")
    assert (finding.fix.expect, finding.fix.warning is not None) == (str(given), True)
    assert given >= compressed * 3 or given == 200
    assert f"about {compressed * 3}.0 GiB" in finding.evidence[0].what


@pytest.mark.parametrize(("compressed", "volume_size", "given"), [(12, 30, 60), (40, 30, 130), (9, 26, 52)])
def test_the_volume_that_is_given_is_enough(compressed: int, volume_size: int, given: int) -> None:
    """It follows from the figure that the evidence shows, and both sizes are said."""
    edits = (stopped(NO_SPACE_HOST), detail(imageSizeInBytes=compressed * GIB), volume(volume_size))
    finding = judged(case("large", "warn", *edits, start=ec2), TABLE)
    assert finding.fix is not None
    assert f"--size {given} " in (finding.fix.cli or "")
    assert given >= compressed * 3
    told = " ".join(item.what for item in finding.evidence)
    assert f"about {compressed * 3}.0 GiB" in told
    assert f"{VOLUME}, has {volume_size} GiB" in told
    assert f"{volume_size} GiB are too little" in finding.fix.text


HOST_FAULTS: Mapping[str, str] = {
    "docker-daemon-unavailable": "CannotPullContainerError: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "agent-image-missing": "CannotPullContainerError: No such image: amazon/amazon-ecs-pause:0.1.0",
    "proxy-unusable": "CannotPullContainerError: proxyconnect tcp: dial tcp 10.0.0.9:3128: i/o timeout",
    "pull-timeout": INACTIVE,
    "disk-full": NO_SPACE_HOST,
}


@pytest.mark.parametrize("fault", HOST_FAULTS)
@pytest.mark.parametrize(
    ("edit", "system"),
    [(None, "linux"), (windows, "windows"), (bottlerocket, "bottlerocket"), (managed, "managed")],
)
def test_the_commands_are_those_of_the_operating_system(fault: str, edit: Edit | None, system: str) -> None:
    """No systemctl on Windows, no shell on Bottlerocket, and no command at all in a Managed Instance."""
    world = changed(ec2(), stopped(HOST_FAULTS[fault]), *((edit,) if edit else ()))
    cause = next(item for item in report.build(world).causes if item.id == fault)
    fix, ways = cause.fix, (cause.fix, *cause.alternatives)
    cli = "\n".join(text for way in ways for text in (way.cli, way.verify, way.undo) if text)
    assert ("AWS-RunShellScript" in cli) is (system == "linux")
    assert ("AWS-RunPowerShellScript" in cli) is (system == "windows")
    if system in ("bottlerocket", "managed"):
        assert "--status DRAINING" in (fix.cli or "")
    assert ("Bottlerocket" in fix.text, "Managed Instance" in fix.text) == (
        system == "bottlerocket",
        system == "managed",
    )
    if system == "windows":
        assert not any(word in cli for word in ("systemctl", "/etc/ecs", "/var/l"))


def unnamed(world: dict[str, Any]) -> None:
    """Nothing tells which instance it was."""
    world["container_instance"] = world["instance"] = unavailable("denied", "ecs:DescribeContainerInstances")


@pytest.mark.parametrize("fault", ["docker-daemon-unavailable", "agent-image-missing", "pull-timeout"])
def test_an_instance_that_is_not_known_is_asked_for(fault: str) -> None:
    """Once, at the top, in each of the blocks that a person pastes by itself."""
    world = changed(ec2(), stopped(HOST_FAULTS[fault]), unnamed)
    cause = next(item for item in report.build(world).causes if item.id == fault)
    for way in (cause.fix, *cause.alternatives):
        assert way.rules_broken() == ()
        for text in filter(None, (way.cli, way.verify, way.undo)):
            name = "INSTANCE_ID" if "aws ssm" in text else "CONTAINER_INSTANCE_ARN"
            assert text.startswith(f'{name}=\n: "${{{name}:?fill in {name}=, ')
            assert text.count(f"{name}=\n") == 1


def test_a_variable_of_before_is_left_alone() -> None:
    """What a repair adds to the agent's configuration has a mark, by which alone it is taken away."""
    world = changed(ec2(), stopped(INACTIVE))
    fix = next(item.fix for item in report.build(world).causes if item.id == "pull-timeout")
    before = "ECS_CLUSTER=payments\nECS_IMAGE_PULL_INACTIVITY_TIMEOUT=2m"
    after = on_a_host(fix.cli, before)
    assert after.splitlines()[-1] == "ECS_IMAGE_PULL_INACTIVITY_TIMEOUT=10m"
    assert after.startswith(f"{before}\n")
    assert on_a_host(fix.undo, after) == f"{before}\n"


def on_a_host(commands: str | None, config: str) -> str:
    """The agent's configuration, once the script of these commands has run."""
    words = next(item for item in aws_commands(commands or "") if item[2] == "send-command")
    (script,) = json.loads(option(words, "parameters"))["commands"]
    with TemporaryDirectory() as folder:
        file = Path(folder, "ecs.config")
        file.write_text(config, "utf-8")
        script = script.replace("/etc/ecs/ecs.config", str(file)).replace("systemctl", "true")
        subprocess.run(["/bin/sh", "-c", script], check=True)
        return file.read_text("utf-8")
