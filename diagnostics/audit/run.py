"""Runs an audit: lists what is in the clusters, and looks at many subjects at a time.

The calls of all of them go through one store: equal questions are asked once, and its budget keeps to half of AWS's rates.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from queue import Empty, SimpleQueue

from diagnostics.arn import partition_of_region
from diagnostics.audit.assembly import Course, assemble
from diagnostics.audit.judge import crashed, judge, not_judged
from diagnostics.audit.model import AuditProgress, AuditReport, JudgedSubject
from diagnostics.audit.simulating import MOST_SIMULATED_ROLES, FirstRoles
from diagnostics.audit.subjects import AuditSubject, subjects_of
from diagnostics.collect import AwsClients, Budget, Clock, FactStore, SystemClock, calls
from diagnostics.collect.collector import gather
from diagnostics.collect.inventory import Inventory, build_inventory
from diagnostics.collect.needed import build_needed, read_definition
from diagnostics.collect.operation import Ask
from diagnostics.collect.reaching import check_reached, region_of
from diagnostics.collect.reading import Reader
from diagnostics.faults.permissions.organization_denies import SCP_DENIES
from diagnostics.network import KeptTraces
from diagnostics.snapshot import CallerIdentity, Fact, known_value
from diagnostics.target import Target

WORKERS = 32
"""How many subjects are looked at at a time. Most of them wait for the budget."""
DEADLINE = 600.0
OnAuditProgress = Callable[[AuditProgress], None]


def store_for(deadline: float = DEADLINE) -> FactStore:
    """A store for one audit: what was read for one subject serves all the others."""
    return FactStore(age=deadline, joins=True, budget=Budget())


def run_audit(
    *,
    aws: AwsClients,
    clusters: Sequence[str] | None,
    region: str | None = None,
    account: str | None = None,
    days: int = 30,
    deadline: float = DEADLINE,
    store: FactStore | None = None,
    progress: OnAuditProgress | None = None,
    clock: Clock | None = None,
    urgent: bool = False,
) -> AuditReport:
    """Audits clusters of one account and Region.

    Ended by KeyboardInterrupt, or when the time is up, it says what is missing and keeps what is known.

    Args:
        aws: warm clients by account and Region.
        clusters: names or ARNs; `None` means all that there are.
        region: their Region, where the session's is not meant.
        account: their account, where it is not that of the credentials.
        days: how far ahead to look.
        deadline: seconds after which the report is made from what is known.
        store: what other runs of the process ask and asked; its answers should live as long as the audit takes (`store_for`).
        progress: told after the inventory and after each subject, in the caller's thread.
        clock: the time.
        urgent: the store's budget holds nothing back. An audit asks much: leave it be.

    Raises:
        RegionNeededError: nothing names a Region.
        AwsUnreachableError: nothing at all could be read.
    """
    audit = _Audit(
        aws, region_of(Target(kind="service", region=region), aws, region), days, deadline,
        store or store_for(deadline), progress, clock or SystemClock(), urgent,
    )  # fmt: skip
    return audit.run(tuple(clusters) if clusters is not None else None, account)


class _Audit:
    """One audit under way."""

    def __init__(
        self,
        clients: AwsClients,
        region: str,
        days: int,
        deadline: float,
        store: FactStore,
        progress: OnAuditProgress | None,
        clock: Clock,
        urgent: bool,
    ) -> None:
        self._clients = clients
        self._region = region
        self._days = days
        self._store = store
        self._progress = progress
        self._clock = clock
        self._urgent = urgent
        self._started: datetime = clock.now()
        self._began = clock.elapsed()
        self._until = self._began + deadline
        self._requests = 0
        self._traces = KeptTraces()
        self._roles = FirstRoles(MOST_SIMULATED_ROLES)
        self._ahead: SimpleQueue[int] = SimpleQueue()

    def run(self, clusters: tuple[str, ...] | None, account: str | None) -> AuditReport:
        try:
            inventory = self._inventory(clusters, account)
        except KeyboardInterrupt:
            return self._cut_short(clusters, account)
        subjects = subjects_of(inventory, self._started)
        self._read_definitions(subjects)
        judged, interrupted = self._look_at(subjects)
        if not interrupted:
            judged, interrupted = self._look_again(subjects, judged)
        reached = {item.subject.key for item in judged}
        course = Course(
            started=self._started,
            seconds=self._clock.elapsed() - self._began,
            requests=self._requests + (0 if self._ahead.empty() else self._ahead.get()),
            days=self._days,
            missing=tuple(item.key for item in subjects if item.key not in reached),
            interrupted=interrupted,
            simulator_left_out=self._roles.left_out,
            simulator_denied=self._roles.denied,
        )
        return assemble(inventory, judged, course)

    def _remaining(self) -> float:
        return max(0.0, self._until - self._clock.elapsed())

    # --- the inventory -------------------------------------------------------------------------------

    def _inventory(self, clusters: tuple[str, ...] | None, account: str | None) -> Inventory:
        if account is None:
            account = self._own_account()
        gathered = gather(
            lambda ask: build_inventory(ask, region=self._region, account=account, clusters=clusters),
            self._clients,
            store=self._store,
            deadline=self._remaining(),
            clock=self._clock,
            urgent=self._urgent,
            progress=lambda answered, asked, action: self._tell(0, None, None, answered),
        )
        self._requests += gathered.requests
        check_reached(gathered.facts, self._region, self._clients, account)
        return gathered.value

    def _own_account(self) -> str | None:
        def build(ask: Ask) -> Fact[CallerIdentity]:
            reader = Reader(ask, self._region, None, partition_of_region(self._region))
            return reader.read(calls.GET_CALLER_IDENTITY)

        gathered = gather(
            build, self._clients, store=self._store, deadline=self._remaining(), clock=self._clock
        )
        self._requests += gathered.requests
        caller = known_value(gathered.value)
        return caller.account if caller else None

    def _cut_short(self, clusters: tuple[str, ...] | None, account: str | None) -> AuditReport:
        """Nothing was looked at yet."""
        return AuditReport(
            taken_at=self._started,
            seconds=round(self._clock.elapsed() - self._began, 1),
            requests=self._requests,
            days=self._days,
            region=self._region,
            account_id=account,
            clusters=tuple(item.rpartition("/")[2] for item in clusters or ()),
            findings=(),
            subjects=(),
            cannot_tell=(),
            missing=tuple(f"everything in {item}" for item in clusters or ("all clusters",)),
            interrupted=True,
        )

    # --- the subjects --------------------------------------------------------------------------------

    def _read_definitions(self, subjects: tuple[AuditSubject, ...]) -> None:
        """Begin to read the task definitions, one request for each: they set the pace, and nobody waits for another's images."""
        names = [item.needs.definition for item in subjects if item.needs and item.needs.definition]

        def build(ask: Ask) -> None:
            for subject in subjects:
                if subject.needs is not None and subject.needs.definition is not None:
                    read_definition(ask, subject.needs, self._region)

        def read() -> None:
            gathered = gather(
                build, self._clients, store=self._store, deadline=self._remaining(), clock=self._clock,
                urgent=self._urgent,
            )  # fmt: skip
            self._ahead.put(gathered.requests)

        if len(names) > WORKERS:
            threading.Thread(target=read, name="pullcheck-audit", daemon=True).start()

    def _look_again(
        self, subjects: tuple[AuditSubject, ...], judged: list[JudgedSubject]
    ) -> tuple[list[JudgedSubject], bool]:
        """Ask IAM's simulator about every subject of the roles that the organization's policies were found to refuse."""
        refused = {
            role
            for item in judged
            if any(finding.id == SCP_DENIES.id for finding in item.findings)
            for role in item.roles
        }
        if not refused:
            return judged, False
        self._roles.ask_about_all()
        blind = {item.subject.key for item in judged if refused.intersection(item.roles)}
        blind -= self._roles.told_for
        again, interrupted = self._look_at(tuple(item for item in subjects if item.key in blind))
        renewed = {item.subject.key for item in again}
        return [*(item for item in judged if item.subject.key not in renewed), *again], interrupted

    def _look_at(self, subjects: tuple[AuditSubject, ...]) -> tuple[list[JudgedSubject], bool]:
        """Each subject as far as the time goes, and if that was cut short by whoever waits."""
        left = deque(subjects)
        results: SimpleQueue[tuple[JudgedSubject | None, int]] = SimpleQueue()
        stopped = threading.Event()
        judged: list[JudgedSubject] = []
        ended, began = 0, self._clock.elapsed()
        interrupted = False
        try:
            for _ in range(min(WORKERS, len(subjects))):
                # Daemons: one that waits for AWS does not hold back a finished report.
                threading.Thread(
                    target=self._work, args=(left, results, stopped), name="pullcheck-audit", daemon=True
                ).start()
            while ended < len(subjects):
                try:
                    one, requests = results.get(timeout=max(0.01, self._remaining() + 1.0))
                except Empty:
                    break
                ended += 1
                self._requests += requests
                if one is not None:
                    judged.append(one)
                self._tell(ended, len(subjects), began)
        except KeyboardInterrupt:
            interrupted = True
        stopped.set()
        return judged, interrupted

    def _work(
        self,
        left: deque[AuditSubject],
        results: SimpleQueue[tuple[JudgedSubject | None, int]],
        stopped: threading.Event,
    ) -> None:
        while not stopped.is_set():
            try:
                subject = left.popleft()
            except IndexError:
                return
            results.put(self._judged(subject))

    def _judged(self, subject: AuditSubject) -> tuple[JudgedSubject | None, int]:
        """How it stands; `None` where the time was up before anything was asked."""
        if subject.needs is None:
            return (not_judged(subject, subject.unread) if subject.unread is not None else None), 0
        needs, remaining = subject.needs, self._remaining()
        if remaining <= 0:
            return None, 0
        others = getattr(self._clients, "other_accounts", False)
        try:
            gathered = gather(
                lambda ask: build_needed(
                    ask,
                    needs,
                    region=self._region,
                    simulates=partial(self._roles, subject.key),
                    other_accounts=others,
                ),
                self._clients,
                store=self._store,
                deadline=remaining,
                clock=self._clock,
                urgent=self._urgent,
            )
            if self._remaining() <= 0:
                # Half of its facts would make it undecided; that it was not reached says more.
                return None, gathered.requests
            self._roles.heard(gathered.value.snapshot)
            now = self._clock.now()
            return judge(subject, gathered.value, now, self._days, self._traces), gathered.requests
        except Exception as error:
            # One subject costs no other.
            return crashed(subject, error), 0

    def _tell(self, done: int, total: int | None, began: float | None, more: int = 0) -> None:
        if self._progress is None:
            return
        left = None
        if total and began is not None and done:
            left = (self._clock.elapsed() - began) / done * (total - done)
        self._progress(
            AuditProgress(done=done, total=total, requests=self._requests + more, seconds_left=left)
        )
