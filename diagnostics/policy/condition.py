"""Evaluating one Condition key of a statement, three-valued.

AWS: IAM JSON policy elements: Condition operators
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
and Set operators for multivalued context keys
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from diagnostics.policy import comparison
from diagnostics.policy.comparison import Comparison, Wanted
from diagnostics.policy.context import Context, ContextValue, NotPresent, Unknown
from diagnostics.policy.document import Condition, Missing
from diagnostics.policy.truth import YES, Truth, all_of, any_of, maybe, negate, same, truth

_LIKE = comparison.string(wildcards=True)
_EQUALS = comparison.string(wildcards=False)
_EQUALS_ANY_CASE = comparison.string(wildcards=False, ignore_case=True)

# The name in lower case -> how to compare, and if the result is turned round.
_OPERATORS: Mapping[str, tuple[Comparison, bool]] = {
    "stringequals": (_EQUALS, False),
    "stringnotequals": (_EQUALS, True),
    "stringequalsignorecase": (_EQUALS_ANY_CASE, False),
    "stringnotequalsignorecase": (_EQUALS_ANY_CASE, True),
    "stringlike": (_LIKE, False),
    "stringnotlike": (_LIKE, True),
    "arnequals": (comparison.arn, False),
    "arnlike": (comparison.arn, False),
    "arnnotequals": (comparison.arn, True),
    "arnnotlike": (comparison.arn, True),
    "numericequals": (comparison.number(operator.eq), False),
    "numericnotequals": (comparison.number(operator.eq), True),
    "numericlessthan": (comparison.number(operator.lt), False),
    "numericlessthanequals": (comparison.number(operator.le), False),
    "numericgreaterthan": (comparison.number(operator.gt), False),
    "numericgreaterthanequals": (comparison.number(operator.ge), False),
    "dateequals": (comparison.date(operator.eq), False),
    "datenotequals": (comparison.date(operator.eq), True),
    "datelessthan": (comparison.date(operator.lt), False),
    "datelessthanequals": (comparison.date(operator.le), False),
    "dategreaterthan": (comparison.date(operator.gt), False),
    "dategreaterthanequals": (comparison.date(operator.ge), False),
    "bool": (comparison.boolean, False),
    "binaryequals": (_EQUALS, False),
    "ipaddress": (comparison.ip_address, False),
    "notipaddress": (comparison.ip_address, True),
}
_STRINGS = (_LIKE, _EQUALS, _EQUALS_ANY_CASE)
_STRINGS_AND_ARNS = (*_STRINGS, comparison.arn)

SetOperator = Literal["", "forallvalues", "foranyvalue"]


@dataclass(frozen=True, slots=True)
class _Test:
    """An operator applied to the values of a policy."""

    compare: Comparison
    negated: bool
    set_operator: SetOperator
    if_exists: bool
    key: str
    wanted: tuple[Wanted, ...]

    def when_absent(self) -> Truth:
        """The result where the key is not in the request's context."""
        if self.set_operator == "forallvalues":
            return YES
        if self.if_exists:
            # AWS's pages do not say which of the two counts where ForAnyValue meets IfExists.
            return maybe(self.key) if self.set_operator else YES
        return truth(self.negated and not self.set_operator)

    def when_present(self, value: tuple[str | Unknown, ...]) -> Truth:
        """The result for these values of the key."""
        if self.set_operator == "forallvalues":
            return all_of(self._one(item) for item in value)
        if self.set_operator == "foranyvalue":
            return any_of(self._one(item) for item in value)
        if len(value) > 1:
            # AWS says not to use a key of several values without a set operator, and not what happens then.
            return maybe(self.key)
        return self._one(value[0])

    def _one(self, actual: str | Unknown) -> Truth:
        found = any_of(self.compare(wanted, actual) for wanted in self.wanted)
        return negate(found) if self.negated else found


def evaluate_condition(condition: Condition, context: Context, *, variables: bool) -> Truth:
    """Decide if one key of a Condition element is met; maybe where the key's value decides and is not known.

    Args:
        condition: operator, key and values.
        context: the request's condition keys.
        variables: `${…}` is a variable in this policy.
    """
    met = _evaluated(condition, context, variables=variables)
    return met if met.value is not None else maybe(*(_with_fact(item, context) for item in met.missing))


def _with_fact(missing: str | Missing, context: Context) -> str | Missing:
    """What is missing, with the fact behind it where that could not be read."""
    value = context.lookup(missing) if isinstance(missing, str) else None
    if not isinstance(value, Unknown) or value.unread is None:
        return missing
    return Missing(what=f"{missing} ({value.unread.in_words()})", why=value.unread.why, unread=value.unread)


def _evaluated(condition: Condition, context: Context, *, variables: bool) -> Truth:
    value = context.lookup(condition.key)
    prefix, _, name = condition.operator.lower().rpartition(":")
    if name == "null":
        return _null(condition, value)
    if_exists = name.endswith("ifexists")
    found = _OPERATORS.get(name.removesuffix("ifexists"))
    if found is None or prefix not in ("", "forallvalues", "foranyvalue"):
        return maybe(f"{condition.key} (operator {condition.operator})")
    compare, negated = found
    wanted = tuple(Wanted(condition.key, text, context, variables) for text in condition.values)
    set_operator: SetOperator = (
        "forallvalues" if prefix == "forallvalues" else "foranyvalue" if prefix == "foranyvalue" else ""
    )
    if (
        variables
        and compare in _STRINGS
        and any(context.is_same_organization(condition.key, text) for text in condition.values)
    ):
        return truth(not negated)
    test = _Test(compare, negated, set_operator, if_exists, condition.key, wanted)
    met = _met(test, value)
    if compare in _STRINGS_AND_ARNS and any(map(comparison.may_lack_value, wanted)) and not met.is_no:
        # A variable without a value "might cause the entire statement to be invalid", AWS's page says: where
        # the condition is met without that value (a negated operator, or another value), it is open.
        return maybe(f"how {condition.key} is compared with a policy variable that has no value")
    return met


def _met(test: _Test, value: ContextValue) -> Truth:
    """The result for what is known of the key."""
    if isinstance(value, NotPresent):
        return test.when_absent()
    if not isinstance(value, Unknown):
        return test.when_present(value)
    present = test.when_present((value,))
    if value.present:
        return present
    result = same(present, test.when_absent())
    return result if result.value is not None else maybe(test.key, *result.missing)


def _null(condition: Condition, value: ContextValue) -> Truth:
    """Null: "true" asks that the key be absent, "false" that it be there."""
    if isinstance(value, Unknown):
        if value.present is None:
            return maybe(condition.key)
        absent = not value.present
    else:
        absent = isinstance(value, NotPresent)
    answers = {"true": absent, "false": not absent}
    if any(text.lower() not in answers for text in condition.values):
        return maybe(condition.key)
    return any_of(truth(answers[text.lower()]) for text in condition.values)
