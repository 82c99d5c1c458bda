"""Policy variables: `${aws:PrincipalTag/team}`, defaults, and the escapes `${*}`, `${?}` and `${$}`.

AWS: IAM policy elements: Variables and tags
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagnostics.policy.context import Context, NotPresent, Unknown
from diagnostics.policy.truth import NO, Truth, maybe
from diagnostics.policy.wildcard import (
    Pattern,
    Wild,
    fold_case,
    literal,
    match_text,
    matches_beginning,
    parse_pattern,
)

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_WITH_DEFAULT = re.compile(r"([^,\s]+)\s*,\s*'([^']*)'\s*")


@dataclass(frozen=True, slots=True)
class Expanded:
    """A policy text with its variables filled in.

    Attributes:
        pattern: `None` where a variable has no value in this request: such a text matches nothing. Where a
            value is not known, `*` stands in its place: what does not even match that does not match.
        missing: the keys whose value is not known.
        may_lack_value: a variable has no value, or may turn out to have none.
    """

    pattern: Pattern | None
    missing: tuple[str, ...] = ()
    may_lack_value: bool = False

    def match(self, text: str | Unknown, label: str = "") -> Truth:
        """Match a text; for one of which only the beginning is known, `label` names it."""
        if self.pattern is None:
            return NO
        if isinstance(text, Unknown):
            found = matches_beginning(self.pattern, text.prefix, label)
        else:
            found = match_text(self.pattern, text)
        return self.soften(found)

    def soften(self, found: Truth) -> Truth:
        """A match of the pattern as a match of the text: not sure where a variable's value is not known."""
        return maybe(*found.missing, *self.missing) if self.missing and not found.is_no else found

    def lower(self) -> Expanded:
        """The same for texts in lower case."""
        return (
            self
            if self.pattern is None
            else Expanded(fold_case(self.pattern), self.missing, self.may_lack_value)
        )


def expand(text: str, context: Context, *, wildcards: bool, variables: bool) -> Expanded:
    """Fill in a policy text.

    Args:
        text: the text of a Resource element or of a condition.
        context: the request's condition keys.
        wildcards: `*` and `?` in the text are wildcards (those in a filled-in value never are).
        variables: `${…}` is a variable at all: only in policies of version 2012-10-17.
    """
    plain = parse_pattern if wildcards else literal
    if not variables or "${" not in text:
        return Expanded(plain(text))
    pattern: list[str | Wild] = []
    missing: list[str] = []
    may_lack_value = False
    position = 0
    for found in _VARIABLE.finditer(text):
        pattern += plain(text[position : found.start()])
        position = found.end()
        name = found.group(1).strip()
        if name in ("*", "?", "$"):
            pattern.append(name)
            continue
        default = None
        if with_default := _WITH_DEFAULT.fullmatch(name):
            name, default = with_default.groups()
        value = context.lookup(name)
        if isinstance(value, Unknown):
            pattern.append(Wild.MANY)
            missing.append(name)
            may_lack_value |= default is None and not value.present
        elif not isinstance(value, NotPresent) and len(value) == 1:
            pattern += literal(value[0])
        elif default is not None and isinstance(value, NotPresent):
            pattern += literal(default)
        else:
            return Expanded(None, may_lack_value=True)
    pattern += plain(text[position:])
    return Expanded(tuple(pattern), tuple(missing), may_lack_value)
