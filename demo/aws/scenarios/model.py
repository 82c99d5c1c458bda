"""What a scenario is: one fault built into an account, what a diagnosis must say about it, and its repair."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from demo.aws.account import Account
from demo.aws.server import REGION, EmulatedAws
from demo.aws.tasks import TaskHandle

ExpectedOutcome = Literal["cause_found", "undecided", "nothing_wrong", "not_a_pull_failure", "task_gone"]
Base = Callable[[EmulatedAws, str], Account]

_EXPECTED: Mapping[str, Mapping[str, Any]] = json.loads(
    (Path(__file__).parent / "expected.json").read_text("utf-8")
)


@dataclass(frozen=True)
class Broken:
    """What a scenario left behind: the task to ask about, what must change, and the repair.

    `parts` are ids and ARNs of this very account by the names that `expected.json` uses for them; `fix` is what an
    engineer would do in AWS, ordinary calls only, and None where nothing needs repair; `target` is what a person asks
    about where it is not the task itself.
    """

    task: TaskHandle
    parts: Mapping[str, str] = field(default_factory=dict)
    fix: Callable[[], object] | None = None
    target: str = ""

    @property
    def resources(self) -> tuple[str, ...]:
        """The ids and ARNs of all parts."""
        return tuple(self.parts.values())


@dataclass(frozen=True)
class Expected:
    """What a diagnosis must say: one row of `expected.json`.

    `symptom` is the id of what the stop text shows, None where the task has none or nothing is said of it. `cause`, `next`
    and `also` are the causes of each role: the id of the fault, and the names of the parts that it must name. Causes that
    do not stand there must not be said.
    """

    outcome: ExpectedOutcome
    symptom: str | None = None
    cause: Mapping[str, Sequence[str]] = field(default_factory=dict)
    next: Mapping[str, Sequence[str]] = field(default_factory=dict)
    also: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """One small difference from a healthy account.

    `base` builds the account that it starts from. `truth_only` scenarios need the corrections of `demo.aws.truth`,
    because plain moto cannot be brought into their state; `plain_only` ones are about what plain moto answers; a
    `region_wide` one changes the whole Region of the account and wants an account of its own.
    """

    id: str
    title: str
    description: str
    build: Callable[[Account], Broken] = field(repr=False)
    base: Base = field(repr=False)
    region: str = REGION
    truth_only: bool = False
    plain_only: bool = False
    region_wide: bool = False

    @property
    def expected(self) -> Expected:
        """What a diagnosis must say of it."""
        return Expected(**_EXPECTED[self.id])

    @property
    def fault(self) -> str | None:
        """The id of the cause, None where there is none; the first where there are several."""
        return next(iter(self.expected.cause), None)

    @property
    def symptom(self) -> str | None:
        """The id of what the stop text shows, None where the task has none."""
        return self.expected.symptom

    @property
    def outcome(self) -> ExpectedOutcome:
        """The verdict."""
        return self.expected.outcome

    def stand(self, aws: EmulatedAws) -> Broken:
        """Build the scenario with an account of its own, in its Region."""
        return self.break_it(self.base(aws, self.region))

    def break_it(self, account: Account) -> Broken:
        """Build the fault into the account; the same account can hold many scenarios, each once."""
        broken = self.build(account)
        account.broken[self.id] = broken
        return broken

    def fix(self, account: Account) -> None:
        """Repair what `break_it` broke in this account. Raises KeyError if it was not broken here."""
        repair = account.broken[self.id].fix
        if repair is not None:
            repair()


class Catalogue:
    """Scenarios by id, in the order of their definition, that start from the same account."""

    def __init__(self, base: Base) -> None:
        self.base = base
        self.scenarios: dict[str, Scenario] = {}

    def add(
        self,
        identifier: str,
        title: str,
        *,
        region: str = REGION,
        truth_only: bool = False,
        plain_only: bool = False,
        region_wide: bool = False,
    ) -> Callable[[Callable[[Account], Broken]], Callable[[Account], Broken]]:
        """Register the decorated function as a scenario; its docstring is the description.

        Raises ValueError when the id is taken, or has no row in `expected.json`.
        """

        def register(build: Callable[[Account], Broken]) -> Callable[[Account], Broken]:
            if identifier in self.scenarios:
                raise ValueError(f"there are two scenarios with the id {identifier!r}")
            if identifier not in _EXPECTED:
                raise ValueError(
                    f"expected.json does not say what a diagnosis must say of the scenario {identifier!r}; "
                    f'add a row such as "{identifier}": {{"outcome": "nothing_wrong"}}'
                )
            self.scenarios[identifier] = Scenario(
                identifier,
                title,
                " ".join((build.__doc__ or "").split()),
                build,
                self.base,
                region,
                truth_only,
                plain_only,
                region_wide,
            )
            return build

        return register
