"""The catalogue of worlds as the page offers it: groups, sentences, and how each is built and repaired."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable, Iterator

from demo.aws import CATALOGUE, DEMO, Account, Broken, EmulatedAws, Scenario
from demo.aws.pushed import push_apart
from demo.aws.repairing import next_task
from demo.command_line import CommandLine
from demo.page import BrokenTask, OfferedWorld, Printed

NO_CLI = "(the AWS CLI is not installed here, so that the demo made the same repair with boto3 instead of this command)"

# By the module that a scenario stands in.
_GROUPS = {
    "article": "The usual five",
    "routes": "Routes and gateways",
    "ways_out": "Routes and gateways",
    "filters": "Security groups and network ACLs",
    "barriers": "Security groups and network ACLs",
    "endpoints": "VPC endpoints",
    "principals": "Roles and permissions",
    "own_side": "Roles and permissions",
    "other_side": "Repository and endpoint policies",
    "contents": "Images and secrets",
    "registries": "Images and registries",
    "secrets": "Secrets and space",
    "hosts": "Hosts on EC2",
    "doubles": "Two things at once",
    "healthy": "Nothing wrong with the pull",
}
# These let one account read another's registry, everywhere at once: beside the others they would change those.
_LEFT_OUT = frozenset(
    {"cross-account-plain", "cross-account-read", "cross-account-orphan", "cross-account-own-side"}
)
_FIRST_ACCOUNT = 200_000_000_001


class Worlds:
    """Builds worlds, each in an account of its own, and repairs them. Builds may be asked for by several threads."""

    def __init__(self, aws: EmulatedAws, shell: CommandLine | None) -> None:
        self._aws, self._shell = aws, shell
        self._accounts = itertools.count(_FIRST_ACCOUNT)
        # What a base builds goes into the account that the emulated AWS is told to be.
        self._turn = threading.Lock()

    def offered(self) -> Iterator[OfferedWorld]:
        """Those to choose from, by group."""
        scenarios = [
            scenario
            for scenario in CATALOGUE.values()
            if scenario.id not in _LEFT_OUT and scenario not in DEMO
        ]
        names = list(dict.fromkeys(_GROUPS.values()))
        for scenario in sorted(scenarios, key=lambda scenario: names.index(group_of(scenario))):
            yield OfferedWorld(
                scenario.id,
                group_of(scenario),
                sentence(scenario.title),
                scenario.description,
                self._builder(scenario),
            )

    def standing(self, scenario: Scenario, account: Account) -> BrokenTask:
        """A world that was built already."""
        return self._task(scenario, account, account.broken[scenario.id])

    def _builder(self, scenario: Scenario) -> Callable[[], BrokenTask]:
        return lambda: self.build(scenario)

    def build(self, scenario: Scenario) -> BrokenTask:
        """Build a world in a new account."""
        with self._turn:
            kept, self._aws.account_id = self._aws.account_id, str(next(self._accounts))
            try:
                account = scenario.base(self._aws, scenario.region)
                broken = scenario.break_it(account)
            finally:
                self._aws.account_id = kept
        push_apart(account)
        return self._task(scenario, account, broken)

    def _task(self, scenario: Scenario, account: Account, broken: Broken) -> BrokenTask:
        task = broken.task
        target = broken.target or task.arn
        signs = [[task.id]]
        if task.service is not None:
            signs.append([f'"{account.account_id}"', f'"{task.cluster}"', f'"service":"{task.service}"'])
        return BrokenTask(
            id=scenario.id,
            title=sentence(scenario.title),
            description=scenario.description,
            service=task.service or task.container,
            arn=target,
            apply=lambda command: self._apply(scenario, account, broken, command),
            signs=signs,
        )

    def _apply(self, scenario: Scenario, account: Account, broken: Broken, command: str) -> Printed:
        if self._shell is None:
            scenario.fix(account)
            printed = Printed(0, NO_CLI)
        else:
            printed = self._shell.run(account, command)
        if printed.status == 0 and broken.task.service is not None:
            # What ECS does by itself once a pull works.
            started = next_task(account, broken.task)
            account.count_as_running(broken.task.cluster, broken.task.service, started)
        return printed


def group_of(scenario: Scenario) -> str:
    """The group in which a world is offered."""
    return _GROUPS[scenario.build.__module__.rpartition(".")[2]]


def sentence(title: str) -> str:
    """A title as a sentence: it begins with a capital letter, and ends with a full stop."""
    return re.sub(r"^([a-z])", lambda found: found[0].upper(), title).rstrip(".") + "."
