"""What our buttons carry: the run that they belong to, and its target in case the run is no longer kept."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from diagnostics.target import Target


class ButtonValue(BaseModel):
    """The value of the buttons of an answer, and of those that choose between targets.

    Attributes:
        run_id: the run.
        target: its target.
        thread_ts: the thread to answer in, where that is not the one of the button's message.
        message_ts: the message that shows the verdict, where the button stands in one that only one person sees.
        more: further targets.
        held: on "I'm on it": who the message said is on it, empty for nobody. A press means what its reader saw.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str = ""
    target: Target
    thread_ts: str | None = None
    message_ts: str | None = None
    more: tuple[Target, ...] = ()
    held: str | None = None

    def text(self) -> str:
        """The value as it stands in the button."""
        return self.model_dump_json(exclude_none=True, exclude_defaults=True)


def read_value(text: str) -> ButtonValue | None:
    """A value that we once made, `None` for anything else."""
    try:
        return ButtonValue.model_validate_json(text)
    except ValidationError:
        return None
