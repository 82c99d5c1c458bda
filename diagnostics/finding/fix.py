"""The change that repairs a fault: one way, whole, ready to paste."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from diagnostics.finding.value import Value
from diagnostics.write import bound
from diagnostics.write.paste import complaints

LEFT_OUT = "Its commands are left out, because they could not be pasted as they are"
"""What is said of a fix that breaks a rule. No test lets one through."""


class ThenText(str):
    """What happens after a repair, in words that end with the command that starts something at once, where there is one.

    Args:
        words: all of it.
        command: what it ends with.
    """

    command: str | None

    def __new__(cls, words: str, command: str | None = None) -> Self:
        """The words, which must end with the command."""
        text = super().__new__(cls, words)
        text.command = command if command and words.endswith(command) else None
        return text

    def after(self, words: str) -> ThenText:
        """The same after other words."""
        return ThenText(f"{words} {self}" if words else str(self), self.command)


class Fix(Value):
    """One way to repair a fault, whole, with the real ids filled in. Another way is another `Fix`.

    The commands are the AWS CLI's and are pasted at once into bash or zsh. What a fault's room answers keeps the rules
    of `rules_broken`.

    Attributes:
        title: the change in a few words, as it stands behind "Another way:".
        text: the same in a sentence or two: what changes, and why that is enough.
        warning: what to know before it is run: whose intention it touches, what else uses the same thing.
        cli: changes it, and stops at the first command that fails.
        verify: prints `expect` when it worked, and changes nothing.
        expect: all that `verify` then prints, spaces and line ends aside.
        undo: takes back exactly what `cli` did, in a shell that knows nothing of it.
        undo_note: why it cannot be taken back, or what stays.
        terraform: the same change as code.
        cloudformation: the same change as code, in YAML.
        then: what ECS does by itself afterwards, and what a person must start.
        then_cli: the command with which `then` ends, to be pasted; left out where it ends with none.
    """

    title: str | None = None
    text: str
    warning: str | None = None
    cli: str | None = None
    verify: str | None = None
    expect: str | None = None
    undo: str | None = None
    undo_note: str | None = None
    terraform: str | None = None
    cloudformation: str | None = None
    then: str | None = None
    then_cli: str | None = Field(None, exclude_if=lambda value: value is None)

    @model_validator(mode="before")
    @classmethod
    def _command_of_then(cls, values: Any) -> Any:
        """The command is a value beside the words, so that nobody has to find it in them."""
        then = values.get("then") if isinstance(values, Mapping) else None
        if isinstance(then, ThenText):
            command = then.command and bound(then.command)
            words = str(then).removesuffix(then.command or "")
            return {**values, "then": f"{words}{command or ''}", "then_cli": command}
        command = values.get("then_cli") if isinstance(values, Mapping) else None
        if command and not str(then).endswith(command):
            # Other words took the place of those that ended with it.
            return {**values, "then_cli": None}
        return values

    @property
    def then_words(self) -> str | None:
        """`then` without its command, which is shown beside it."""
        if self.then is None or self.then_cli is None:
            return self.then
        return self.then.removesuffix(self.then_cli).rstrip()

    @field_validator("cli", "verify", "undo")
    @classmethod
    def _no_value_is_an_option(cls, commands: str | None) -> str | None:
        return commands and bound(commands)

    def rules_broken(self) -> tuple[str, ...]:
        """What keeps the fix from being one way, whole: each rule that it breaks, in words."""
        found = [
            f"{name}: {complaint}"
            for name in ("cli", "verify", "undo", "then_cli")
            for complaint in complaints(getattr(self, name) or "")
        ]
        if self.cli and not self.title:
            found.append("a fix with commands has a title")
        if self.cli and not (self.undo or self.undo_note):
            found.append("neither undo, nor undo_note, which says why there is none")
        if (self.verify is None) != (self.expect is None):
            found.append("verify and expect stand together: expect is what verify prints")
        return tuple(found)

    def to_paste(self) -> Self:
        """The fix as it is shown: where it breaks a rule, without its commands. The cause must not be lost with them."""
        broken = self.rules_broken()
        if not broken:
            return self
        left_out = {
            "text": f"{self.text} {LEFT_OUT}: {'; '.join(broken)}.",
            "cli": None, "verify": None, "expect": None, "undo": None, "undo_note": None, "then_cli": None,
        }  # fmt: skip
        return self.model_copy(update=left_out)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with other members, which are held against the same rules: pydantic's own takes them as they are."""
        return type(self).model_validate({**dict(self), **(update or {})})


Ways = Fix | tuple[Fix, *tuple[Fix, ...]]
"""What repairs a fault: a fix, or several, the smallest safe one first."""


def first_and_others(ways: Ways) -> tuple[Fix, tuple[Fix, ...]]:
    """The smallest safe fix, and its alternatives."""
    return (ways, ()) if isinstance(ways, Fix) else (ways[0], ways[1:])
