"""Which condition keys the statements of a policy ask for, so that what they stand for is read only where one does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from diagnostics.policy.document import Document, PolicyKind, Statement, parse_document
from diagnostics.policy.statement import action_fits

_VARIABLE = re.compile(r"\$\{\s*([^,}\s]+)")


@lru_cache(maxsize=1024)
def keys_asked(kind: PolicyKind, text: str, actions: tuple[str, ...]) -> frozenset[str]:
    """The condition keys, in lower case, of the statements about any of these actions: those of policy variables too.

    None of a text that is no policy of this kind. Remembered, for the plan is built again after each answer.
    """
    document = parse_document(kind, "", text)
    if not isinstance(document, Document):
        return frozenset()
    about = (item for item in document.statements if any(action_fits(item.action, name) for name in actions))
    return frozenset(key.lower() for item in about for key in _keys(item))


def _keys(statement: Statement) -> Iterator[str]:
    for condition in statement.conditions:
        yield condition.key
        for value in condition.values:
            yield from _VARIABLE.findall(value)
    for value in statement.resource.values if statement.resource else ():
        yield from _VARIABLE.findall(value)
