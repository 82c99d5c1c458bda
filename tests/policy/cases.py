"""All hand-written questions.

The answer to each is `allowed`, `implicit` or `explicit` (denied without an Allow, or by a Deny), or
`cannot_tell`.
"""

from __future__ import annotations

from .grant_cases import (
    BOUNDARY,
    CROSS_ACCOUNT,
    NOT_PRINCIPAL,
    NOT_PRINCIPAL_IN_PART,
    PERIMETER,
    SAME_ACCOUNT,
    TOKEN,
)
from .questions import Case
from .statement_cases import CONDITIONS, ELEMENTS, SETS, UNSETTLED, VARIABLES

COMPLETE: tuple[Case, ...] = (
    *SAME_ACCOUNT,
    *TOKEN,
    *CROSS_ACCOUNT,
    *BOUNDARY,
    *NOT_PRINCIPAL,
    *ELEMENTS,
    *VARIABLES,
    *CONDITIONS,
    *SETS,
    *PERIMETER,
)
"""Cases in which everything is known and AWS's pages settle the answer."""

OPEN: tuple[Case, ...] = (*NOT_PRINCIPAL_IN_PART, *UNSETTLED)
"""Cases that AWS's pages leave open: an answer would be a guess."""
