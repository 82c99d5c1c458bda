"""One repair carried out in an emulated account: pasted, judged again, verified, taken back, compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from moto.ecs.models import ecs_backends

from demo.aws import Account, Broken, EmulatedAws, Scenario, TaskHandle
from demo.aws.repairing import filled_in, next_task, open_answers
from demo.aws.whole_state import WholeState
from diagnostics.finding import Cause, Fix, Report
from tests.accounts.asking import ask
from tests.build.emulated import built
from tests.repairs.shell import Paste, Pasted
from tests.repairs.state import differences, state_of

STEPS = ("whole", "pasted", "cured", "verified", "undone", "restored")
Failures = dict[str, str]
"""What did not work, by the step, with what was seen."""


class Way(NamedTuple):
    """One way to repair one cause of a world: the smallest fix, or an alternative by its title."""

    world: str
    cause: str
    title: str = ""

    def __str__(self) -> str:
        return ": ".join(filter(None, self))


def ways_of(world: str, told: Report) -> Iterator[tuple[Way, Cause, Fix]]:
    """The ways to repair the causes of a report that have commands."""
    for cause in told.causes:
        yield from (
            (Way(world, cause.id, (other.title or "") if other is not cause.fix else ""), cause, other)
            for other in (cause.fix, *cause.alternatives)
            if other.cli
        )


def proved(aws: EmulatedAws, scenario: Scenario, paste: Paste) -> Iterator[tuple[Way, Failures]]:
    """Each way to repair the world, each in the account as it was broken."""
    account = built(aws, scenario.base, scenario.region)
    broken = scenario.break_it(account)
    told = ask(aws, scenario.region, broken.target or broken.task.arn)
    ways = list(ways_of(scenario.id, told))
    as_broken = WholeState.of(aws) if len(ways) > 1 else None
    for place, (way, cause, fix) in enumerate(ways):
        if place and as_broken is not None:
            as_broken.put_back(aws)
        yield way, Proof(aws, account, broken, paste, cause, fix).failures()


class Proof:
    """One way, carried out."""

    def __init__(
        self, aws: EmulatedAws, account: Account, broken: Broken, paste: Paste, cause: Cause, fix: Fix
    ) -> None:
        self.aws, self.account, self.broken, self.paste = aws, account, broken, paste
        self.cause, self.fix = cause, fix
        self.answers: dict[str, str] = {}

    def failures(self) -> Failures:
        """What did not work."""
        fix, found = self.fix, Failures()
        texts = (fix.cli or "", fix.verify or "", fix.undo or "")
        # Without an answer the commands stop, which the proof then tells.
        self.answers = open_answers(self.account, *texts)
        before = self._state()
        if broken_rules := fix.rules_broken():
            found["whole"] = "; ".join(broken_rules)
        if complaint := _failed(self._paste(fix.cli or "")):
            found["pasted"] = complaint
        else:
            by_facts = not self._accused(self.broken.target or self.broken.task.arn)
            if not by_facts and self._accused_of_the_next():
                found["cured"] = f"{self.cause.id} of {self.cause.resources} is said still"
            found |= self._verified()
            found |= self._taken_back(before, by_facts)
        return found

    def _verified(self) -> Failures:
        if self.fix.verify is None:
            return {"verified": "there is no way to see that it worked"}
        seen = self._paste(self.fix.verify)
        if complaint := _failed(seen):
            return {"verified": complaint}
        if self.fix.expect is not None and seen.out.split() != self.fix.expect.split():
            return {"verified": f"it prints {seen.out!r:.200}, not {self.fix.expect!r:.200}"}
        return {}

    def _taken_back(self, before: Mapping[str, object], by_facts: bool) -> Failures:
        if self.fix.undo is None:
            return {}
        if complaint := _failed(self._paste(self.fix.undo)):
            return {"undone": complaint}
        left = differences(before, self._state())
        if left:
            return {"restored": "\n".join(left)}
        if not by_facts and not self._accused_of_the_next():
            return {"cured": "the next task is not accused without the repair either: it proves nothing"}
        return {}

    def _accused(self, target: str) -> bool:
        told = ask(self.aws, self.account.region, target)
        return any((item.id, item.resources) == (self.cause.id, self.cause.resources) for item in told.causes)

    def _accused_of_the_next(self) -> bool:
        arn = next_task(self.account, self.broken.task)
        try:
            return self._accused(arn)
        finally:
            forget(self.account, arn, self.broken.task)

    def _state(self) -> dict[str, object]:
        return state_of(self.account.account_id, self.account.region)

    def _paste(self, commands: str) -> Pasted:
        commands = filled_in(commands, self.answers)
        return self.paste.into(commands, region=self.account.region, account=self.account.account_id)


def forget(account: Account, arn: str, task: TaskHandle) -> None:
    """Let the account be as if the task had never been."""
    account.ecs.stop_task(cluster=task.cluster, task=arn)
    del ecs_backends[account.account_id][account.region].tasks[task.cluster][arn]


def _failed(seen: Pasted) -> str:
    return "" if seen.status == 0 else f"status {seen.status}: {seen.err.strip()[-300:]}"
