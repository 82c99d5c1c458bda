"""What the handlers need from outside, as protocols: a queue, a store of runs, somebody who diagnoses."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from slack_sdk import WebClient

from diagnostics.target import Target
from handlers.pace import Pace
from handlers.ways import Asking, WaysIn

if TYPE_CHECKING:
    from diagnostics.audit import AuditProgress, AuditReport
    from diagnostics.finding import Fault, Report
    from diagnostics.snapshot import Fact, Snapshot, Task
    from handlers.jobs import Job
    from handlers.saved_run import SavedRun


class QueueFullError(Exception):
    """As many jobs wait as the queue holds."""


class QueueClosedError(Exception):
    """The queue takes no more work, because the app is stopping."""


class DiagnosisError(Exception):
    """A diagnosis could not be made; the message is one sentence for the person who asked."""


class JobQueue(Protocol):
    """Where acknowledged work waits."""

    def submit(self, job: Job, /) -> int:
        """Take a job. Returns its place in the line: 0 where it starts at once, or where nobody can tell.

        Raises:
            QueueFullError: too much is waiting already.
            QueueClosedError: the app is stopping.
        """


class Diagnosis(Protocol):
    """A diagnosis: the facts, and what they say."""

    @property
    def snapshot(self) -> Snapshot:
        """The facts."""

    @property
    def report(self) -> Report:
        """What they say."""


class Diagnoser(Protocol):
    """Diagnoses a target."""

    def __call__(
        self,
        target: Target,
        previous: Snapshot | None,
        alert_text: str | None = None,
        newest: bool = False,
        /,
    ) -> Diagnosis:
        """The diagnosis. `previous` is an earlier snapshot, for a task that is gone and for what has changed.

        `alert_text` is the error text of the alert that the target is from. With `newest` it is about the task of a service that
        was made last, whatever became of it, and not about the one that tells most of a failed pull.

        Raises:
            DiagnosisError: AWS could not be reached at all, or no Region is known.
        """


class Auditor(Protocol):
    """Audits clusters."""

    def __call__(self, target: Target, tell: Callable[[AuditProgress], None], /) -> AuditReport:
        """The audit of a cluster, or of every one of an account in a Region.

        Args:
            target: which.
            tell: is told how far it is, in the caller's thread.

        Raises:
            DiagnosisError: AWS could not be reached at all, or no Region is known.
        """


@dataclass(frozen=True)
class NoAuditor:
    """Audits nothing."""

    def __call__(self, target: Target, tell: Callable[[AuditProgress], None], /) -> AuditReport:
        """Says so."""
        raise DiagnosisError("this app makes no audits here.")


class Newest(Protocol):
    """Looks at the newest task of a service, and at no more."""

    def __call__(self, target: Target, /) -> Fact[Task | None]:
        """The task as it is now, `None` in a service without one; absent where there is no such service.

        Raises:
            DiagnosisError: AWS could not be reached at all, or no Region is known.
        """


@dataclass(frozen=True)
class NoNewest:
    """Looks at nothing."""

    def __call__(self, target: Target, /) -> Fact[Task | None]:
        """Says so."""
        raise DiagnosisError("this app watches nothing here.")


class Later(Protocol):
    """Keeps jobs that are to be done later, over the end of this process too."""

    def __call__(self, job: Job, seconds: int, /) -> None:
        """Do a job after so many seconds (900 at most). One with a key that is kept already is not taken twice.

        Raises:
            QueueFullError: too much is waiting already.
            QueueClosedError: the app is stopping.
        """


@dataclass(frozen=True)
class NoLater:
    """Keeps nothing."""

    def __call__(self, job: Job, seconds: int, /) -> None:
        """Says so."""
        raise QueueClosedError


class RunsStore(Protocol):
    """Keeps runs for a while, and remembers which jobs are done. Safe to share between threads."""

    def save(self, run: SavedRun) -> None:
        """Keep a run."""

    def load(self, run_id: str) -> SavedRun | None:
        """A run that was kept, `None` where it is not (any more)."""

    def claim(self, key: str, lease: float, holder: str | None = None) -> bool:
        """True when the caller may do the work that this key names.

        Nobody else may for `lease` seconds, so that work is taken up again whose worker died, and never again
        once it is `finished`. Whoever claims in the name of the same `holder` is not somebody else.
        """

    def settle(self, done: Sequence[str] = (), free: Sequence[str] = ()) -> None:
        """All in one step: the work of some keys is done, for good; that of others may be done again.

        What was noted on them stays.
        """

    def finished(self, key: str) -> bool:
        """True when the work of this key is done, for good."""

    def note(self, key: str, text: str) -> None:
        """Write a word on work that was claimed, for a worker that takes it up again."""

    def noted(self, key: str) -> str | None:
        """The word on this key."""

    def latest(self, task_id: str) -> SavedRun | None:
        """The newest run that has facts of this task, whoever asked for it and wherever."""


@dataclass(frozen=True)
class Accounts:
    """Which AWS accounts may be asked about.

    Attributes:
        allowed: wherever somebody asks; `None` for all of them.
        by_channel: in a channel, in place of these.
    """

    allowed: frozenset[str] | None = None
    by_channel: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def refusal(self, account_id: str | None, channel: str | None) -> str | None:
        """Why an account is not looked at, `None` where it may be. An account that nobody knows is not allowed.

        Args:
            channel: where the answer goes.
        """
        own = self.by_channel.get(channel or "")
        allowed = self.allowed if own is None else own
        if allowed is None or account_id in allowed:
            return None
        if account_id is None:
            return "The account of this task could not be established, and only listed accounts may be looked at."
        where, setting = (
            ("", "PULLCHECK_ALLOWED_ACCOUNTS")
            if own is None
            else (" for this channel", "PULLCHECK_CHANNEL_ACCOUNTS")
        )
        return f"Account {account_id} is not one that this app may look at{where}; its operator can add it to {setting}."

    def refusal_of(self, target: Target, channel: str | None) -> str | None:
        """The same of a target, before AWS is asked: where it names no account, AWS has to tell first."""
        return self.refusal(target.account_id, channel) if target.account_id else None

    def somewhere(self, account_id: str) -> bool:
        """True when an account may be looked at in some channel."""
        return self.refusal(account_id, None) is None or any(
            account_id in accounts for accounts in self.by_channel.values()
        )


class Incident(Protocol):
    """What other automatic diagnoses of the same channel found."""

    def join(self, run: SavedRun, /) -> bool:
        """True where a message of the channel names the cause of this run already, and now counts it too."""

    def failed(self, sentence: str, /) -> bool:
        """True where a message of the channel says already that a diagnosis failed of this, and now counts this one too."""


@dataclass(frozen=True)
class NoIncident:
    """Nothing else was found."""

    def join(self, run: SavedRun, /) -> bool:
        """False."""
        return False

    def failed(self, sentence: str, /) -> bool:
        """False."""
        return False


class OpenGroups(Protocol):
    """The failures that task events told of, and the messages that tell of them."""

    def told(self, target: Target, channel: str, /) -> SavedRun | None:
        """The newest run of the thread in this channel that tells of a target's failure, while it is an open incident."""

    def tells(self, run: SavedRun, /) -> None:
        """A message that a person asked for shows this run: what fails of the same cause belongs there."""


@dataclass(frozen=True)
class NoGroups:
    """No task events are taken."""

    def told(self, target: Target, channel: str, /) -> SavedRun | None:
        """None."""
        return None

    def tells(self, run: SavedRun, /) -> None:
        """Nobody is there to know it."""


@dataclass(frozen=True)
class Services:
    """All that doing a job needs.

    Attributes:
        slack: the Web API with the bot's token.
        diagnose: makes a diagnosis.
        runs: keeps runs.
        fault: a fault by its id, for explanations.
        accounts: which accounts may be asked about.
        lease: seconds after which unfinished work may be taken up again.
        pace: Slack's pace, one for the process.
        strict: raise on a message that breaks Slack's limits (in tests) instead of sending plain text.
        incident: what a run that nobody asked for may belong to.
        groups: what task events told of already.
        clock: seconds since 1970.
        causes_page: the address of `docs/causes.md` where people can read it, for links.
        ways: what is told beside diagnoses.
        audit: makes an audit.
        long_lease: the lease of work that takes minutes.
        newest: looks at the newest task of a service.
        later: has a job done later.
        lasting: what is done later is done though this process ends before.
    """

    slack: WebClient
    diagnose: Diagnoser
    runs: RunsStore
    fault: Callable[[str], Fault | None]
    accounts: Accounts = field(default_factory=Accounts)
    lease: float = 120.0
    pace: Pace = field(default_factory=Pace)
    strict: bool = False
    incident: Incident = NoIncident()
    groups: OpenGroups = NoGroups()
    clock: Callable[[], float] = time.time
    causes_page: str | None = None
    ways: WaysIn = field(default_factory=WaysIn)
    audit: Auditor = NoAuditor()
    long_lease: float = 900.0
    newest: Newest = NoNewest()
    later: Later = NoLater()
    lasting: bool = True


@dataclass(frozen=True)
class Listening:
    """All that the listeners need: where work goes, and which accounts it may be about.

    Attributes:
        tells_at_once: a command's acknowledgement says that work was taken, because its first message may take seconds.
        asking: what the modal and the private answers need.
    """

    queue: JobQueue
    accounts: Accounts = field(default_factory=Accounts)
    tells_at_once: bool = False
    asking: Asking = field(default_factory=Asking)
