"""Which channel hears of which task: rules from the settings, of which the first that fits decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

MUTE = "mute"


class Routed(Protocol):
    """What is told of to a channel: an event of a task, or a deployment of a service."""

    @property
    def account(self) -> str:
        """The account id."""
        ...

    @property
    def cluster(self) -> str:
        """The cluster's name."""
        ...

    @property
    def service(self) -> str:
        """The service's name, or for a task of none its group."""
        ...


R = TypeVar("R", bound=Routed)


class RoutingRule(BaseModel):
    """One rule; what is not given fits everything. `*`, `?` and `[abc]` are wildcards, and case counts.

    Attributes:
        account: the account id.
        cluster: the cluster's name.
        service: the service's name, or for a task of none its group, such as `family:report`.
        tag: `key=value`, of the task or its service.
        channel: a channel's id, or `mute`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: str = "*"
    cluster: str = "*"
    service: str = "*"
    tag: str | None = None
    channel: Annotated[str, Field(pattern=r"^(mute|[CG][A-Z0-9]{2,30})$")]

    @property
    def fits_all(self) -> bool:
        """True when it names nothing."""
        return (self.account, self.cluster, self.service, self.tag) == ("*", "*", "*", None)

    @property
    def tells(self) -> bool:
        """True when it names a channel."""
        return self.channel != MUTE

    def fits(self, event: Routed, tags: Callable[[], Mapping[str, str]]) -> bool:
        """True when the route is for this event; `tags` is asked only where the rest fits."""
        return (
            fnmatchcase(event.account, self.account)
            and fnmatchcase(event.cluster, self.cluster)
            and fnmatchcase(event.service, self.service)
            and (self.tag is None or any(fnmatchcase(f"{k}={v}", self.tag) for k, v in tags().items()))
        )


_RULES = TypeAdapter(tuple[RoutingRule, ...])


@dataclass(frozen=True)
class Routes:
    """All rules, in their order."""

    rules: tuple[RoutingRule, ...] = ()

    @classmethod
    def of(cls, text: str) -> Routes:
        """The rules of a JSON list; an empty text has none.

        Raises:
            ValueError: the text is no such list; the message names the rule and what is wrong with it.
        """
        if not text.strip():
            return cls()
        try:
            return cls(_RULES.validate_json(text))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part + 1) if isinstance(part, int) else part for part in first["loc"])
            raise ValueError(f"rule {where}: {first['msg']}" if where else first["msg"]) from None

    def channel(self, event: R, tags: Callable[[R], Mapping[str, str]]) -> str | None:
        """Where an event is told, `None` for nowhere: no rule fits, or the first that fits mutes it. `tags` reads its tags."""
        read: list[Mapping[str, str]] = []

        def once() -> Mapping[str, str]:
            if not read:
                read.append(tags(event))
            return read[0]

        found = next((rule for rule in self.rules if rule.fits(event, once)), None)
        return None if found is None or found.channel == MUTE else found.channel
