"""A rule: under which conditions a text shows a symptom."""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.stop_reason.features import Features
from diagnostics.stop_reason.model import Stage
from diagnostics.stop_reason.symptoms import SymptomId


@dataclass(frozen=True)
class Rule:
    """One line of the catalogue.

    Attributes:
        id: the symptom.
        says: phrases, in lower case, of which the text must hold one.
        also: further phrases, all of which it must hold.
        never: phrases that it must not hold.
        where: labels that it must have (see `Features`); `a|b` asks for either.
        unless: labels that it must not have.
        stage: the stage of this symptom; `None` leaves it to what the text speaks of.
        usually: the stage where the text speaks of none.
        about_pull: whether this is about a pull, or what comes right before it.
    """

    id: SymptomId
    says: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    stage: Stage | None = None
    usually: Stage | None = None
    about_pull: bool = True

    def fits(self, features: Features) -> bool:
        """True if every condition holds."""
        text, labels = features.lowered, features.labels
        return (
            (not self.says or any(phrase in text for phrase in self.says))
            and all(phrase in text for phrase in self.also)
            and not any(phrase in text for phrase in self.never)
            and all(any(label in labels for label in group.split("|")) for group in self.where)
            and not any(label in labels for label in self.unless)
        )
