"""What the tables of the rooms hold: a world, the fault that is asked about, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from diagnostics.snapshot import Snapshot
from diagnostics.stop_reason import Symptom
from tests.build import ACCOUNT, REGION, Edit, World, fargate, unavailable, vpc_of
from tests.build.judging import denied
from tests.build.permissions import PULL
from tests.build.policies import allow


@dataclass(frozen=True)
class Case:
    """One world, the fault that is asked about, and what its check has to say."""

    name: str
    fault: str
    status: str
    edits: tuple[Edit, ...] = ()
    base: Callable[[], Snapshot] = fargate
    symptoms: tuple[Symptom, ...] = ()
    resources: tuple[str, ...] = ()
    says: str = ""
    stage: str | None = None
    alone: bool = True


CROSS = denied("resource", symptom="ecr-cross-account-denied")
"""The registry of the other account says no."""
OWN_ONLY = allow(PULL, f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/*")


def lost(*path: str, call: str) -> Edit:
    """A fact of the snapshot that could not be read."""

    def edit(world: World) -> None:
        for name in path[:-1]:
            world = world[name]
        world[path[-1]] = unavailable("AccessDenied", call)

    return edit


def no_endpoints_read(world: World) -> None:
    vpc_of(world)["vpc_endpoints"] = unavailable("AccessDenied", "ec2:DescribeVpcEndpoints")
