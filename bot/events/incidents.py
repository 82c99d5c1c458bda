"""One incident of many services: failures that one cause explains are told in one message.

Two things are remembered for as long as failures follow each other. A *look*: failures of a certain kind (what the event alone
says: the error text, the subnet or host) and who diagnoses the first of them; what the others have in common with it is enough
to join it, or they are diagnosed each by itself. And a *cause*: a fault and a resource that it was found at, and the group that
tells of it in a channel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from bot.events.event import TaskEvent
from bot.events.groups import EventGroup, key_of
from bot.stores.items import NOT_THERE, Items, KeptItem, Where, at_most, equal, present
from diagnostics.faults import ALL_FAULTS
from diagnostics.finding import Cause, Report
from diagnostics.network.addresses import is_public
from diagnostics.pull import task_attachment
from diagnostics.stop_reason import Symptom, SymptomId, classify
from handlers.saved_run import SavedRun

LookState = Literal["looking", "shared", "alone", "failed"]
"""`looking`: the first one is being diagnosed. `shared`: what explains it explains the others. `alone`: that cannot be told from
their events. `failed`: it could not be diagnosed, and for a while the others are not tried."""

TRY_AGAIN_SECONDS = 300.0
"""How long after a diagnosis that could not be made the next failure of its kind is diagnosed."""


def kind_of(event: TaskEvent, channel: str) -> str | None:
    """What the event alone says of a failure: those of one kind most likely have one cause. `None` where it says too little.

    The image is part of it only where the text is about that image, and the session of a role, which is the task's own, is not.
    """
    task = event.detail
    reasons = [*(item.reason for item in task.containers), task.stopped_reason]
    found = next((item for item in map(classify, filter(None, reasons)) if item.about_pull), None)
    place = task_attachment(task).subnet_id or task.container_instance_arn
    if found is None or found.id is SymptomId.UNRECOGNISED or place is None:
        return None
    return key_of(event.account, event.region, channel, place, *_shape(found))


_NO_ANSWER = (
    SymptomId.ECR_API_UNREACHABLE, SymptomId.ECR_DKR_UNREACHABLE, SymptomId.S3_LAYERS_UNREACHABLE,
    SymptomId.REGISTRY_UNREACHABLE, SymptomId.SECRET_UNREACHABLE, SymptomId.LOGS_ENDPOINT_UNREACHABLE,
    SymptomId.DNS_FAILURE, SymptomId.TLS_FAILURE, SymptomId.CONNECTION_REFUSED_RESET,
)  # fmt: skip
"""What hangs on the way to a host, and not on the image or the secret that the text may name."""


def _shape(found: Symptom) -> tuple[str, ...]:
    if found.id in _NO_ANSWER:
        found = found.model_copy(update={"image": None, "secret": None, "denial": None, "role_arn": None})
    denial = found.denial
    who = (denial.principal or "").rpartition("/")[0] if denial else ""
    parts = (
        found.id, found.stage, found.host, found.http_status, found.resolver, found.role_arn, found.secret, found.image,
        who, denial and denial.action, denial and denial.resource, denial and denial.policy_arn,
        "" if found.address is None else "public" if is_public(found.address) else found.address,
    )  # fmt: skip
    return tuple("" if part is None else str(part) for part in parts)


def single_cause(report: Report) -> Cause | None:
    """The cause of a report that names one."""
    causes = report.causes_of("cause")
    return causes[0] if report.verdict.outcome == "cause_found" and len(causes) == 1 else None


def is_shared(cause: Cause | None) -> bool:
    """True where a cause explains every failure of the same kind, whoever's task it is."""
    fault = ALL_FAULTS.get(cause.id) if cause else None
    return fault is not None and not fault.of_puller


@dataclass(frozen=True)
class Look:
    """A look as it stands.

    Attributes:
        state: what became of the first one's diagnosis.
        group: the group that tells of it.
        leader: the task that it was diagnosed for.
    """

    state: LookState
    group: str
    leader: str


class Incidents:
    """The looks and causes.

    Args:
        items: where they are kept.
        window: seconds after which a failure no longer belongs to the one before.
        lease: seconds after which a diagnosis that has not ended is given up.
    """

    def __init__(self, items: Items, window: float, lease: float) -> None:
        self._items = items
        self._window = window
        self._lease = lease

    def look(self, kind: str, group: EventGroup) -> Look | None:
        """Take the look of a kind of failure; `None` where it is the caller's, else as somebody else has it."""
        now = self._items.clock()
        item: KeptItem = {"look": "looking", "group_key": group.key, "leader": group.leader, "last_at": now}
        looking = equal("look", "looking")
        free = (
            NOT_THERE,
            (at_most("last_at", now - self._window),),
            (equal("leader", group.leader), looking),
            (looking, at_most("last_at", now - self._lease)),
            (equal("look", "failed"), at_most("last_at", now - TRY_AGAIN_SECONDS)),
        )
        taken = self._items.write(f"look#{kind}", item, free)
        found = None if taken else self._items.read(f"look#{kind}")
        return None if found is None else _look(found)

    def settle(self, kind: str, group: EventGroup, state: LookState) -> None:
        """Say what became of the first one's diagnosis, and who tells of it."""
        self._items.alter(
            f"look#{kind}",
            {"look": state, "group_key": group.key, "leader": group.leader, "last_at": self._items.clock()},
        )

    def joined(self, kind: str) -> None:
        """One more of that kind was seen."""
        self._items.alter(f"look#{kind}", {"last_at": self._items.clock()}, ((present("look"),),))

    def forget(self, kind: str) -> None:
        """Its cause is gone: the next one is diagnosed."""
        self._items.delete(f"look#{kind}")

    # --- causes ----------------------------------------------------------------------------------------

    def claim(
        self,
        cause: Cause,
        account: str,
        region: str,
        channel: str,
        group: EventGroup,
        instead: str | None = None,
    ) -> str | None:
        """Say that a group tells of a cause; where another one does already, its key.

        Causes are the same where the fault is, and one of the resources.

        Args:
            cause: the cause.
            account: where it was found.
            region: the same.
            channel: where the group tells of it.
            group: the group.
            instead: the key of a group that tells of it no more.
        """
        for resource in sorted(cause.resources):
            key = _of_cause(account, region, channel, cause.id, resource)
            if (other := self._claim(key, group, instead)) is not None:
                return other
        return None

    def claim_failure(
        self,
        sentence: str,
        account: str,
        region: str,
        channel: str,
        group: EventGroup,
        instead: str | None = None,
    ) -> str | None:
        """The same of the sentence that says why nothing could be diagnosed."""
        return self._claim(_of_cause(account, region, channel, _NOT_DIAGNOSED, sentence), group, instead)

    def _claim(self, key: str, group: EventGroup, instead: str | None) -> str | None:
        now = self._items.clock()
        item: KeptItem = {"group_key": group.key, "leader": group.leader, "last_at": now}
        free: Where = (NOT_THERE, (at_most("last_at", now - self._window),), (equal("group_key", group.key),))
        if instead is not None:
            free = (*free, (equal("group_key", instead),))
        if self._items.write(key, item, free):
            return None
        found = self._items.alter(key, {"last_at": now}, ((present("group_key"),),))
        return None if found is None else str(found["group_key"])

    # --- messages --------------------------------------------------------------------------------------

    def own(self, run: SavedRun, group: EventGroup) -> None:
        """Say that the message that a run is told in is a group's."""
        if run.thread_ts is not None:
            self._items.write(_of_message(run), {"group_key": group.key, "leader": group.leader})

    def owner(self, run: SavedRun) -> tuple[str, str] | None:
        """The key and the leader of the group whose message a run is told in; `None` where it is no group's."""
        item = self._items.read(_of_message(run))
        return (str(item["group_key"]), str(item["leader"])) if item is not None else None

    # --- what people asked for -------------------------------------------------------------------------

    def was_asked(self, cause: Cause, account: str, region: str, channel: str, run_id: str) -> None:
        """A person was told of a cause, in a message of a channel that shows this run."""
        for resource in cause.resources:
            self._items.write(
                f"asked#{key_of(account, region, channel, cause.id, resource)}", {"run": run_id}
            )

    def asked(self, cause: Cause, account: str, region: str, channel: str) -> Iterator[str]:
        """The runs by which people were told of a cause."""
        for resource in sorted(cause.resources):
            item = self._items.read(f"asked#{key_of(account, region, channel, cause.id, resource)}")
            if item is not None:
                yield str(item["run"])


_NOT_DIAGNOSED = "not diagnosed"
"""In the place of a fault's id; no id has a space."""


def _of_message(run: SavedRun) -> str:
    return f"message#{run.channel} {run.thread_ts}"


def _of_cause(*parts: str) -> str:
    return f"cause#{key_of(*parts)}"


def _look(item: KeptItem) -> Look:
    return Look(cast(LookState, item["look"]), str(item["group_key"]), str(item["leader"]))
