"""A DynamoDB that is no more than a dictionary and the few expressions that the stores use, for storms of thousands of calls.

What the expressions mean is DynamoDB's; `test_storms` compares it with moto, call for call.
AWS: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from botocore.exceptions import ClientError

Item = dict[str, Any]
Values = Mapping[str, Any]
Names = Mapping[str, str]
Holds = Callable[[Item, Names, Values], bool]

_TOKEN = re.compile(r"\s*(attribute_not_exists|attribute_exists|AND|OR|[()]|<>|<=|>=|[=<>]|[#:]?\w+)")
_COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CLAUSE = re.compile(r"\b(SET|REMOVE|ADD)\b")


class MemoryDynamoDb:
    """One table, as far as `bot.stores.dynamodb.Table` calls a client."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool) -> dict[str, Any]:
        """An item, where it is there."""
        assert ConsistentRead
        found = self.items.get(Key["pk"]["S"])
        return {} if found is None else {"Item": dict(found)}

    def put_item(self, *, TableName: str, Item: Item, **more: Any) -> dict[str, Any]:
        """Write a whole item. Raises ClientError where the condition does not let it."""
        self._allow(Item["pk"]["S"], more)
        self.items[Item["pk"]["S"]] = dict(Item)
        return {}

    def update_item(
        self, *, TableName: str, Key: Item, UpdateExpression: str, ReturnValues: str = "NONE", **more: Any
    ) -> dict[str, Any]:
        """Change an item, or make it. Raises ClientError where the condition does not let it."""
        before = self._allow(Key["pk"]["S"], more)
        names, values = more.get("ExpressionAttributeNames", {}), more["ExpressionAttributeValues"]
        after = {**before, "pk": Key["pk"]}
        for clause, parts in _clauses(UpdateExpression):
            for part in parts:
                _change(after, clause, part, names, values)
        self.items[Key["pk"]["S"]] = after
        return {"Attributes": dict(after)} if ReturnValues == "ALL_NEW" else {}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:
        """Change several items; none of them has a condition."""
        for item in TransactItems:
            self.update_item(**item["Update"])

    def delete_item(self, *, TableName: str, Key: Item) -> None:
        """Take an item away."""
        self.items.pop(Key["pk"]["S"], None)

    def _allow(self, key: str, more: Mapping[str, Any]) -> Item:
        item = self.items.get(key, {})
        condition = more.get("ConditionExpression")
        names, values = more.get("ExpressionAttributeNames", {}), more.get("ExpressionAttributeValues", {})
        if condition is not None and not _condition(condition)(item, names, values):
            error = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "no"}}
            raise ClientError(error, "UpdateItem")
        return item


@lru_cache
def _clauses(expression: str) -> list[tuple[str, list[str]]]:
    found = _CLAUSE.split(expression)
    assert not found[0].strip(), expression
    return [
        (name, [part.strip() for part in body.split(",")])
        for name, body in zip(found[1::2], found[2::2], strict=True)
    ]


def _change(item: Item, clause: str, part: str, names: Names, values: Values) -> None:
    if clause == "REMOVE":
        item.pop(_name(part, names), None)
        return
    target, value = part.split(" = ") if clause == "SET" else part.split()
    name = _name(target, names)
    if clause == "SET" and " + " in value:
        counted, more = value.split(" + ")
        item[name] = {"N": str(int(item[_name(counted, names)]["N"]) + int(values[more]["N"]))}
    elif clause == "SET":
        item[name] = values[value]
    elif "SS" in values[value]:
        item[name] = {"SS": sorted({*item.get(name, {"SS": []})["SS"], *values[value]["SS"]})}
    else:
        total = float(item.get(name, {"N": "0"})["N"]) + float(values[value]["N"])
        item[name] = {"N": repr(int(total) if total.is_integer() else total)}


def _name(word: str, names: Names) -> str:
    assert not word.startswith(":")
    return names[word] if word.startswith("#") else word


@lru_cache
def _condition(expression: str) -> Holds:
    tokens = _TOKEN.findall(expression)
    assert "".join(tokens) == expression.replace(" ", ""), expression
    left = list(reversed(tokens))

    def fail() -> NoReturn:
        raise AssertionError(f"not an expression that is known here: {expression}")

    def either() -> Holds:
        parts = [both()]
        while left and left[-1] == "OR":
            left.pop()
            parts.append(both())
        return lambda *given: any(part(*given) for part in parts)

    def both() -> Holds:
        parts = [one()]
        while left and left[-1] == "AND":
            left.pop()
            parts.append(one())
        return lambda *given: all(part(*given) for part in parts)

    def one() -> Holds:
        word = left.pop()
        if word == "(":
            inner = either()
            assert left.pop() == ")"
            return inner
        if word in ("attribute_exists", "attribute_not_exists"):
            assert left.pop() == "("
            name, wanted = left.pop(), word == "attribute_exists"
            assert left.pop() == ")"
            return lambda item, names, values: (_name(name, names) in item) == wanted
        compare, other = left.pop(), left.pop()
        if compare not in _COMPARE or not other.startswith(":"):
            fail()
        return lambda item, names, values: _holds(item.get(_name(word, names)), compare, values[other])

    whole = either()
    if left:
        fail()
    return whole


def _holds(value: Item | None, compare: str, other: Item) -> bool:
    """A comparison; what is not there, or is of another type, is neither more nor less."""
    if value is None or value.keys() != other.keys():
        return False
    ((kind, one),), (another,) = value.items(), other.values()
    return bool(
        _COMPARE[compare](float(one), float(another)) if kind == "N" else _COMPARE[compare](one, another)
    )
