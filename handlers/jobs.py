"""A job: work that was acknowledged, as it waits in a queue; and what there is to know of each kind of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import core_schema

from diagnostics.target import Target


@dataclass(frozen=True)
class Kind:
    """A kind of work. All of them stand in `handlers.kinds`; nothing else tells one from another. `handlers.doing` does them.

    Attributes:
        name: what waiting jobs call it. Jobs outlive an upgrade, so a name that was given is never given to another kind.
        waits: takes a place in the line of diagnoses, and says so where it has to wait. The others are quick: they ask
            AWS nothing, and never wait behind a diagnosis.
        needs_run: is about an earlier run that must still be kept; its button is stale without one.
        replaces: its answer takes the place of what the message of the button says.
        button: the id of the button of an answer that asks for it, `None` where no button does.
        option: what the choice is called in the menu of an answer that asks for it, `None` where none does.
        fresh: is about what changed, so that AWS is asked, whatever it answered a moment ago.
        long: takes minutes: has a line of its own, so that it never holds back a diagnosis.
        quiet: nobody sits and waits for it: nothing is said of its place in a line or of a restart, and it is never too late.
    """

    name: str
    waits: bool
    needs_run: bool
    replaces: bool
    button: str | None = None
    option: str | None = None
    fresh: bool = False
    long: bool = False
    quiet: bool = False

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> core_schema.CoreSchema:
        """In a job a kind is written as its name, and read back by whoever knows all kinds."""
        return core_schema.with_info_plain_validator_function(
            _kind,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda kind: kind.name, return_schema=core_schema.str_schema()
            ),
        )


def _kind(value: Any, info: ValidationInfo) -> Kind:
    if isinstance(value, Kind):
        return value
    known: Mapping[str, Kind] = info.context or {}
    if not isinstance(value, str) or value not in known:
        raise ValueError("not a kind of job")
    return known[value]


class Job(BaseModel):
    """Acknowledged work, as it waits in a queue: JSON, and safe to deliver twice.

    `handlers.kinds.read_job` reads it back.

    Attributes:
        key: names this very request (a trigger id, an event id); a job with a key that was finished is dropped.
        kind: what is to be done.
        of: the target, `None` where the work is about none; `target` in a queue, and for whoever knows that there is one.
        about: what else it is about: the fault to explain, or the run of a workflow's step that awaits the answer.
        user: who asked; empty where nobody did, as for a task event.
        user_name: the same as people know them; empty where Slack did not say.
        held: what a button said of who is on it, where that is what was pressed.
        thread_ts: the thread to answer in, `None` to begin one.
        message_ts: the message that shows the verdict, where there is one already.
        response_url: Slack's own address for answers to this request. It lets anybody post, so it is never shown.
        replaces: whether the response_url belongs to the message of a button.
        apart: whether that message is one that this person alone sees, and not the one that shows the verdict.
        run_id: the earlier run.
        alert_text: the error text of the alert that the target is from.
        run_as: the id that the new run gets, where whoever queued the job wants to find it again.
        tries: how often its answer reached nobody.
        looks: of a watch, how many jobs there were before this one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    key: str
    kind: Kind
    of: Target | None = Field(None, alias="target")
    channel: str
    user: str
    user_name: str = ""
    team: str | None = None
    held: str | None = None
    thread_ts: str | None = None
    message_ts: str | None = None
    response_url: str | None = Field(None, repr=False)
    replaces: bool = False
    apart: bool = False
    run_id: str | None = None
    run_as: str | None = None
    alert_text: str | None = None
    about: str | None = None
    tries: int = 0
    looks: int = 0

    @property
    def target(self) -> Target:
        """What to look at; for work on an earlier run only where that is no longer kept.

        Raises:
            LookupError: the work is about no target.
        """
        if self.of is None:
            raise LookupError(f"a {self.kind.name} job is about no target")
        return self.of

    def text(self) -> str:
        """The job as it waits in a queue. What is not said stays out, so that the version before can read it."""
        return self.model_dump_json(exclude_defaults=True)
