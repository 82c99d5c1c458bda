"""What became of a fault since an earlier run."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from diagnostics.finding.outcome import Status
from diagnostics.finding.value import Value

Became = Literal["fixed", "still_failing", "new", "unseen"]
BECAME: dict[Became, str] = {
    "fixed": "Fixed",
    "still_failing": "Still failing",
    "new": "New",
    "unseen": "Can no longer be seen",
}
"""What became of a fault since an earlier run, in the order and the words in which people are told."""
NOTHING_CHANGED = "Nothing has changed since the last run."


class Change(Value):
    """One fault that failed in the previous run or fails now. `was` or `is` is null where it was not judged."""

    fault: str
    was: Status | None
    is_: Status | None = Field(alias="is")
    resources: tuple[str, ...] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @property
    def became(self) -> Became | None:
        """What became of the fault; `None` where it fails in neither run.

        It is fixed only where the same subject was judged again and passes; what was not judged or is not known can no
        longer be seen.
        """
        bad = (Status.FAIL, Status.WARN)
        if self.is_ in bad:
            return "still_failing" if self.was in bad else "new"
        if self.was not in bad:
            return None
        return "fixed" if self.is_ is Status.PASS else "unseen"
