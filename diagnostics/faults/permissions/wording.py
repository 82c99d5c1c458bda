"""Names as other families import them until they follow the rooms."""

from diagnostics.faults.permissions.refusal_words import (
    capital,
    denial_sentence,
    near_misses,
    statement_resource,
)

__all__ = ["capital", "denial_sentence", "near_misses", "statement_resource"]
