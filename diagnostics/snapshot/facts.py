"""A fact and what may be known of it: `Known`, `Absent` or `Unavailable`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, computed_field, model_validator
from pydantic.alias_generators import to_camel, to_pascal
from typing_extensions import TypeAliasType

from diagnostics.snapshot import reasons
from diagnostics.snapshot.reasons import Reason, Why

T = TypeVar("T")


class Model(BaseModel):
    """A frozen value that ignores the keys it does not know.

    A model is built when it is first used, and most runs use few of them. pydantic does so under a lock.
    https://github.com/pydantic/pydantic/pull/13438
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        serialize_by_alias=True,
        allow_inf_nan=False,
        # An answer may hold what no log should: the input that a schedule gives its tasks.
        hide_input_in_errors=True,
        defer_build=True,
    )


class Known(Model, Generic[T]):
    """AWS answered, and this is the answer.

    `unread` are the ids of the records of a list that could not be read and are not in it, `""` where not even the id could.
    """

    kind: Literal["known"] = "known"
    value: T
    unread: tuple[str, ...] = Field((), exclude_if=lambda value: not value)

    def may_hold(self, identifier: str) -> bool:
        """True if a record that could not be read may be the one of this id."""
        return identifier in self.unread or "" in self.unread


class Absent(Model):
    """AWS answered that there is no such thing. `call` is the IAM action that was used to ask.

    `without`: what is not there that the thing would be in, where AWS said that.
    """

    kind: Literal["absent"] = "absent"
    call: str | None = None
    without: Literal["cluster"] | None = Field(None, exclude_if=lambda value: value is None)


class Unavailable(Model):
    """We could not ask. `reason` says why; `call` is the IAM action that was needed.

    `moot`: there was nothing to ask about, because what this hangs on does not exist (`call` told so).
    """

    kind: Literal["unavailable"] = "unavailable"
    reason: Reason = reasons.NOT_ASKED
    call: str | None = None
    resource: str | None = None
    moot: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read_reason(cls, values: Any) -> Any:
        """A bare kind of reason will do; what was saved before reasons were values has only words (`why`)."""
        if not isinstance(values, dict) and not isinstance(values, Mapping):  # The former is told faster.
            return values
        reason, why = values.get("reason"), values.get("why")
        if isinstance(reason, Why):
            return {**values, "reason": Reason(why=reason)}
        if reason is None and isinstance(why, str):
            return {**values, "reason": reasons.read(why)}
        return values

    @computed_field  # type: ignore[prop-decorator]
    @property
    def why(self) -> str:
        """The reason in words, for people."""
        return str(self.reason)

    @property
    def was_asked(self) -> bool:
        """True if somebody tried to read it."""
        return self.reason.why is not Why.NOT_ASKED

    def in_words(self) -> str:
        """Why it is not known, with the IAM action that would read it."""
        return f"{self.call} could not be read: {self.why}" if self.call else self.why

    def in_brief(self) -> str | None:
        """The same for a headline; `None` where no action would read it."""
        return f"{self.call} could not be read: {self.reason.brief}" if self.call else None


Fact = TypeAliasType(
    "Fact", Annotated[Known[T] | Absent | Unavailable, Field(discriminator="kind")], type_params=(T,)
)

NOT_ASKED = Unavailable()


class UnavailableError(Exception):
    """Raised by `need` where a deciding fact is unavailable; only the engine catches it."""

    def __init__(self, fact: Unavailable) -> None:
        super().__init__(f"{fact.call or 'a fact'}: {fact.why}")
        self.fact = fact


def need(fact: Known[T] | Absent | Unavailable) -> T | None:
    """The value of a fact, `None` where AWS said that there is no such thing.

    Raises:
        UnavailableError: the fact could not be read.
    """
    if fact.kind == "known":
        return fact.value
    if fact.kind == "absent":
        return None
    raise UnavailableError(fact)


def known_or(fact: Known[T] | Absent | Unavailable, default: T) -> T:
    """The value of a fact, or `default` where it is absent or unavailable.

    Only for wording and for choosing what to look at, never for a judgement.
    """
    return fact.value if fact.kind == "known" else default


def known_value(fact: Known[T] | Absent | Unavailable) -> T | None:
    """The value of a fact or `None`; like `known_or`, never for a judgement."""
    return fact.value if fact.kind == "known" else None


class CamelCaseKeys(Model):
    """A shape of the ECS and ECR APIs, whose members are written in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel)


class PascalCaseKeys(Model):
    """A shape of the EC2, IAM, STS and Secrets Manager APIs, whose members are written in PascalCase."""

    model_config = ConfigDict(alias_generator=to_pascal)
