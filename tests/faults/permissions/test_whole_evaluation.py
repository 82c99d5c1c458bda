"""Each policy is judged by itself; taken together that is what the whole evaluation says of the pull."""

from __future__ import annotations

import pytest

from diagnostics.faults.permissions.asking import puller_of
from diagnostics.faults.permissions.questions import (
    Ruling,
    boundary_denies,
    registry_denies,
    repository_denies,
    repository_lacks,
    role_denies,
    role_lacks,
)
from diagnostics.policy import Policies, evaluate
from diagnostics.snapshot import known_value
from tests.build import changed
from tests.build.judging import world_of
from tests.faults.permissions.tables import IDENTITY, REGISTRY, Case


@pytest.mark.parametrize(
    "case", [*IDENTITY, *REGISTRY], ids=lambda item: f"{item.fault}-{item.name.replace(' ', '_')}"
)
def test_the_parts_make_the_whole(case: Case) -> None:
    found = world_of(changed(case.base(), *case.edits), *case.symptoms)
    image = found.pull.images[0]
    if image.reference is None or not image.reference.is_ecr:
        return
    for principal in known_value(found.pull.principals) or ():
        puller = puller_of(found, image, principal, found.pull.used_interface)
        whole = Policies(
            identity=puller.identity,
            boundary=puller.boundary,
            resource=puller.repository,
            registry=puller.registry,
            registry_scope=puller.registry_scope,
        )
        decisions = {evaluate(step.request, whole).outcome for step in puller.steps}
        parts: list[Ruling] = [
            role_denies(puller),
            role_lacks(puller),
            boundary_denies(puller),
            repository_denies(puller),
            registry_denies(puller),
        ]
        if puller.foreign:
            parts.append(repository_lacks(puller, puller.registry))
        if any(part.denied for part in parts):
            assert "denied" in decisions
        elif any(part.open for part in parts):
            assert "cannot_tell" in decisions
        else:
            assert decisions == {"allowed"}
