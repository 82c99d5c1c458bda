"""What a scenario is: one fault built into an account, what a diagnosis must say about it, and its repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from demo.aws.account import Account
from demo.aws.tasks import TaskHandle

# The interface endpoints that a Fargate task needs besides S3's gateway endpoint, in a VPC without a way out.
# AWS: Amazon ECR interface VPC endpoints
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
PULL_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs")

Outcome = Literal["cause_found", "undecided", "nothing_wrong", "not_a_pull_failure", "task_gone"]


@dataclass(frozen=True)
class Broken:
    """What a scenario left behind: the task to ask about, what must change, and the repair.

    `resources` are ids and ARNs of this very account that a cause must name; `fix` is what an engineer would
    do in AWS, ordinary calls only, and None where nothing needs repair.
    """

    task: TaskHandle
    resources: tuple[str, ...] = ()
    fix: Callable[[], object] | None = None


@dataclass(frozen=True)
class Scenario:
    """One small difference from a healthy account.

    `fault` is the id of the cause, None for a healthy world; `symptom` the id of what the stop text shows,
    None where the task has none; `outcome` the verdict. `truth_only` scenarios need the corrections of
    `demo.aws.truth`, because plain moto cannot be brought into their state; a `region_wide` one changes
    the whole Region of the account and wants an account of its own.
    """

    id: str
    title: str
    description: str
    build: Callable[[Account], Broken] = field(repr=False)
    fault: str | None = None
    symptom: str | None = None
    outcome: Outcome = "cause_found"
    truth_only: bool = False
    region_wide: bool = False

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
    """Scenarios by id, in the order of their definition."""

    def __init__(self) -> None:
        self.scenarios: dict[str, Scenario] = {}

    def add(
        self,
        identifier: str,
        title: str,
        *,
        fault: str | None = None,
        symptom: str | None = None,
        outcome: Outcome = "cause_found",
        truth_only: bool = False,
        region_wide: bool = False,
    ) -> Callable[[Callable[[Account], Broken]], Callable[[Account], Broken]]:
        """Register the decorated function as a scenario; its docstring is the description."""

        def register(build: Callable[[Account], Broken]) -> Callable[[Account], Broken]:
            if identifier in self.scenarios:
                raise ValueError(f"there are two scenarios with the id {identifier!r}")
            description = " ".join((build.__doc__ or "").split())
            self.scenarios[identifier] = Scenario(
                identifier, title, description, build, fault, symptom, outcome, truth_only, region_wide
            )
            return build

        return register
