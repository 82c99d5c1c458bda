"""Each policy is judged by itself; taken together that is what the whole evaluation says of the pull."""

from __future__ import annotations

from diagnostics.faults.permissions.pulling_role import puller_of
from diagnostics.policy import Policies, evaluate
from diagnostics.snapshot import known_value
from tests.build import changed
from tests.build.judging import world_of
from tests.faults.permissions.rooms import TABLE
from tests.faults.permissions.tables import Case
from tests.rows import every_row


@every_row("case", TABLE, ids=lambda item: f"{item.fault}-{item.name.replace(' ', '_')}")
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
            # That of another account can be read there alone: what it may allow is said beside the answer.
            registry=None if puller.foreign else puller.registry,
            registry_scope=puller.registry_scope,
        )
        for step, answer in puller.refusals:
            outcome = evaluate(step.request, whole).outcome
            assert outcome == ("denied" if answer.found else "cannot_tell" if answer.open else "allowed")
