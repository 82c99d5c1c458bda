"""Why something is not known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diagnostics.finding.value import Value
from diagnostics.snapshot import Unavailable


class Unsettled(Value):
    """Why something is not known: the facts that could not be read, and the words for a person.

    `lead` is the part of the words that a headline has room for, where that is not all of them. `question`: they begin
    with what is not known ("whether it answers"). `failed` is the call that failed, as a clause for a headline. `names` are
    the resources that the words name. `stopped`: the check could not go on without the fact, so that there are no others.
    """

    words: str
    unread: tuple[Unavailable, ...] = ()
    lead: str | None = None
    question: bool = False
    failed: str | None = None
    names: tuple[str, ...] = ()
    stopped: bool = False

    @classmethod
    def by(cls, fact: Unavailable, words: str | None = None) -> Unsettled:
        """Because of one fact; `words` where they say more than why it could not be read."""
        return cls(words=words or fact.in_words(), unread=(fact,), failed=fact.in_brief())

    @property
    def short(self) -> str:
        """As much of the words as a headline has room for."""
        return self.words if self.lead is None else self.lead

    def within(self, words: str) -> Unsettled:
        """The same in other words around it: `words` has a gap, `{}`, for these."""
        lead = None if self.lead is None else words.format(self.lead)
        return self.model_copy(update={"words": words.format(self.words), "lead": lead, "question": False})


def together(items: Sequence[Unsettled], between: str = "; ", lead_is_all: bool = False) -> Unsettled:
    """Several things that are not known, as one; a headline quotes the first unless `lead_is_all`."""
    words = between.join(item.words for item in items)
    return Unsettled(
        words=words,
        unread=tuple(dict.fromkeys(fact for item in items for fact in item.unread)),
        lead=None if lead_is_all else items[0].short,
        question=items[0].question,
        failed=next((item.failed for item in items if item.failed), None),
        names=tuple(dict.fromkeys(name for item in items for name in item.names)),
    )


def distinct(items: Iterable[Unsettled]) -> tuple[Unsettled, ...]:
    """One of those that say the same."""
    by_words: dict[str, Unsettled] = {}
    for item in items:
        by_words.setdefault(item.words, item)
    return tuple(by_words.values())


class UndecidedError(Exception):
    """Raised by a check whose facts are all there but do not settle the question; says why in one sentence."""

    def __init__(self, why: Unsettled | str) -> None:
        self.why = why if isinstance(why, Unsettled) else Unsettled(words=why)
        super().__init__(self.why.words)
