"""What the worker answers to whoever may invoke it: lists for the modal's menus, and diagnoses that another app of AWS asks for.

Such an event cannot come from Slack or from a stranger: it needs `lambda:InvokeFunction` on the worker. It is read as strictly
as if it could: docs/amazon-q.md shows who writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.places import AwsPlaces
from bot.queues.sqs import SqsQueue
from bot.settings import Settings
from diagnostics.stop_reason import error_in
from diagnostics.target import REGION, TargetError, parse
from handlers import audit
from handlers.jobs import Job
from handlers.kinds import EVENT
from handlers.ports import Accounts
from handlers.views.notices import short_name

LONGEST = 10_000
EXAMPLE = '{"pullcheck": "ask", "channel": "C0123ABCD", "text": "payments/checkout-api"}'
BUTTON = "a button on a notification"
"""Who asked, where an answer says for whom it is."""
NO_PERSON = "Only listed people may ask this app, and an invocation does not say who asks. Give the task to /pullcheck instead."

_AccountId = Annotated[str, Field(pattern=r"^[0-9]{12}$")]
_ChannelId = Annotated[str, Field(pattern=r"^[CGD][A-Z0-9]{1,30}$")]
_EcsName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,255}$")]


class _Invocation(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class ListAsked(_Invocation):
    """The ingress asks for what a menu offers; `by` is the person who types into it."""

    pullcheck: Literal["names"]
    what: Literal["clusters", "services"]
    region: Annotated[str, Field(pattern=rf"^{REGION}$")]
    account: _AccountId | None = None
    cluster: _EcsName | None = None
    by: Annotated[str, Field(max_length=40)] = ""


class DiagnosisAsked(_Invocation):
    """Another app asks for a diagnosis, whose answer comes to a channel. `text` names the task; it may be a whole alert."""

    pullcheck: Literal["ask"]
    channel: _ChannelId
    text: Annotated[str, Field(min_length=1, max_length=LONGEST)]


@dataclass(frozen=True)
class Invocations:
    """Answers invocations.

    Args:
        settings: who may ask, and where.
        accounts: which accounts may be asked about.
        places: what AWS lists.
        queue: where diagnoses wait.
    """

    settings: Settings
    accounts: Accounts
    places: AwsPlaces
    queue: SqsQueue

    def answer(self, event: object, request: str) -> dict[str, Any] | None:
        """The answer to an invocation, `None` where it is none of these.

        Args:
            event: what the function was invoked with.
            request: the id of the invocation; one that is repeated has the same.
        """
        if not isinstance(event, Mapping) or "pullcheck" not in event:
            return None
        try:
            if event["pullcheck"] == "names":
                return self._list(ListAsked.model_validate(dict(event)))
            asked = DiagnosisAsked.model_validate(dict(event))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return {"error": f"{where}: {first['msg']}. Expected is such as {EXAMPLE}."}
        return self._diagnose(asked, request)

    def _list(self, asked: ListAsked) -> dict[str, Any]:
        if asked.what == "clusters":
            return asdict(self.places.clusters(asked.region, asked.account, asked.by))
        return asdict(self.places.services(asked.region, asked.account, asked.cluster or "", asked.by))

    def _diagnose(self, asked: DiagnosisAsked, request: str) -> dict[str, Any]:
        """Queue a diagnosis, where that channel may have it."""
        if refusal := self._refusal(asked.channel):
            audit.refused_request("invocation", user=None, team=None, channel=asked.channel, why=refusal)
            return {"error": refusal}
        try:
            target = parse(asked.text)
        except TargetError as error:
            return {"error": str(error)}
        job = Job(
            key=f"invocation {request}",
            kind=EVENT,
            target=target,
            channel=asked.channel,
            user="",
            user_name=BUTTON,
            alert_text=error_in([asked.text]),
        )
        if refusal := self.accounts.refusal_of(target, asked.channel):
            audit.refused_job(job, refusal)
            return {"error": refusal}
        try:
            self.queue.submit(job)
        except (BotoCoreError, ClientError):
            return {"error": "The app's queue took nothing just now. Try again in a minute."}
        return {
            "answer": f"{short_name(target)} is being checked. The answer comes to channel {asked.channel}."
        }

    def _refusal(self, channel: str) -> str | None:
        """The gate that everybody passes, as far as an invocation tells: where, and nobody by name."""
        settings = self.settings
        if settings.pullcheck_allowed_users is not None or settings.pullcheck_allowed_usergroups is not None:
            return NO_PERSON
        channels = settings.pullcheck_allowed_channels
        if channels is not None and channel not in channels:
            return "This app does not answer in this channel. Its operator can change that."
        return None
