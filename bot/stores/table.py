"""One Amazon DynamoDB table, whose key is `pk` and whose items end at `expires_at`: in DynamoDB's own terms, and as `Items`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from bot.stores.items import ALWAYS, NOT_THERE, Clause, ItemValue, KeptItem, Where

DAY = 86_400

TableItem = Mapping[str, Any]


class Table:
    """One table, in DynamoDB's own terms.

    Args:
        client: a botocore client of DynamoDB.
        name: the table.
        retention_days: after how many days an item ends.
        clock: seconds since 1970.
    """

    def __init__(
        self, client: Any, name: str, *, retention_days: float = 30, clock: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._name = name
        self._retention = int(retention_days * DAY)
        self.clock = clock

    def expiry(self) -> dict[str, str]:
        """When an item that is written now ends."""
        return number(int(self.clock()) + self._retention)

    def get(self, key: str) -> TableItem | None:
        """An item as it stands now; `None` where it is not there or has ended."""
        answer = self._client.get_item(TableName=self._name, Key={"pk": text(key)}, ConsistentRead=True)
        item: TableItem | None = answer.get("Item")
        if item is None or float(item.get("expires_at", number(0))["N"]) <= self.clock():
            return None
        return item

    def put(self, item: TableItem, condition: str | None = None, **values: Any) -> bool:
        """Write a whole item; whether the condition let it."""
        full = {**item, "expires_at": self.expiry()}
        more = _conditional(condition, {}, values)
        return self._let(lambda: self._client.put_item(TableName=self._name, Item=full, **more)) is not None

    def update(
        self,
        key: str,
        expression: str,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
        **values: Any,
    ) -> bool:
        """Change an item, or make it; whether the condition let it.

        `SET` must stand first in the expression: that the item's end moves is added to it.
        """
        return self._update("NONE", key, expression, condition, names or {}, values) is not None

    def updated(
        self, key: str, expression: str, condition: str | None = None, **values: Any
    ) -> TableItem | None:
        """The same; the item as it is then, `None` where the condition did not let it."""
        answer = self._update("ALL_NEW", key, expression, condition, {}, values)
        return None if answer is None else answer["Attributes"]

    def _update(
        self,
        returns: str,
        key: str,
        expression: str,
        condition: str | None,
        names: Mapping[str, str],
        values: Mapping[str, Any],
    ) -> Any:
        more = _conditional(condition, names, {**values, "expires_at_": self.expiry()})
        return self._let(
            lambda: self._client.update_item(
                TableName=self._name,
                Key={"pk": text(key)},
                UpdateExpression=_with_end(expression),
                ReturnValues=returns,
                **more,
            )
        )

    def update_all(self, changes: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
        """Change several items in one step: all of them, or none. Of each key the expression and its values."""
        if len(changes) == 1:
            ((key, (expression, values)),) = changes.items()
            self.update(key, expression, **values)
            return
        self._client.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": self._name,
                        "Key": {"pk": text(key)},
                        "UpdateExpression": _with_end(expression),
                        **_conditional(None, {}, {**values, "expires_at_": self.expiry()}),
                    }
                }
                for key, (expression, values) in changes.items()
            ]
        )

    def delete(self, key: str) -> None:
        """Take an item away, where it is there."""
        self._client.delete_item(TableName=self._name, Key={"pk": text(key)})

    # --- as any store of items -----------------------------------------------------------------------

    def read(self, key: str) -> KeptItem | None:
        """An item as it stands now; `None` where it is not there or has ended."""
        item = self.get(key)
        return None if item is None else _plain(item)

    def write(self, key: str, item: KeptItem, where: Where = ALWAYS) -> bool:
        """Write a whole item; whether the condition let it."""
        more = _Expression().arguments(where, self.clock())
        members = {name: _typed(value) for name, value in item.items()}
        full = {"pk": text(key), **members, "expires_at": self.expiry()}
        return self._let(lambda: self._client.put_item(TableName=self._name, Item=full, **more)) is not None

    def alter(
        self, key: str, item: KeptItem, where: Where = ALWAYS, more: KeptItem | None = None
    ) -> KeptItem | None:
        """Change members of an item; the item as it is then, `None` where the condition did not let it."""
        said = _Expression()
        members = {**{name: _typed(value) for name, value in item.items()}, "expires_at": self.expiry()}
        change = "SET " + ", ".join(
            f"{said.name(name)} = {said.value(value)}" for name, value in members.items()
        )
        if more:
            change += " ADD " + ", ".join(
                f"{said.name(name)} {said.value(_typed(value))}" for name, value in more.items()
            )
        answer = self._let(
            lambda: self._client.update_item(
                TableName=self._name,
                Key={"pk": text(key)},
                UpdateExpression=change,
                ReturnValues="ALL_NEW",
                **said.arguments(where, self.clock()),
            )
        )
        return None if answer is None else _plain(answer["Attributes"])

    def _let(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
                return None
            raise


def _with_end(expression: str) -> str:
    """An expression that moves the item's end too."""
    return expression.replace("SET ", "SET expires_at = :expires_at_, ", 1)


def text(value: str) -> dict[str, str]:
    """A text as DynamoDB writes it."""
    return {"S": value}


def number(value: float) -> dict[str, str]:
    """A number as DynamoDB writes it."""
    return {"N": repr(value)}


def _conditional(
    condition: str | None, names: Mapping[str, str], values: Mapping[str, Any]
) -> dict[str, Any]:
    more: dict[str, Any] = {}
    if condition is not None:
        more["ConditionExpression"] = condition
    if names:
        more["ExpressionAttributeNames"] = dict(names)
    if values:
        more["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    return more


# --- items -------------------------------------------------------------------------------------------


class _Expression:
    """The names and values of one expression. Every name is a stand-in: many are words of DynamoDB's own."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, name: str) -> str:
        """How a member is called in the expression."""
        return self._names.setdefault(name, f"#n{len(self._names)}")

    def value(self, value: Mapping[str, Any]) -> str:
        """How a value is called in it."""
        called = f":v{len(self._values)}"
        self._values[called] = value
        return called

    def arguments(self, where: Where, now: float) -> dict[str, Any]:
        """The condition, and all names and values of both expressions, as arguments of a call."""
        more: dict[str, Any] = {}
        if where:
            ways = [self._all(clauses, now) for clauses in where]
            # DynamoDB refuses parentheses that change nothing.
            more["ConditionExpression"] = " OR ".join(
                f"({way})" if " AND " in way and len(ways) > 1 else way for way in ways
            )
        if self._names:
            more["ExpressionAttributeNames"] = {called: name for name, called in self._names.items()}
        if self._values:
            more["ExpressionAttributeValues"] = self._values
        return more

    def _all(self, clauses: tuple[Clause, ...], now: float) -> str:
        if clauses == NOT_THERE:
            ended = f"{self.name('expires_at')} <= {self.value(number(now))}"
            return f"attribute_not_exists({self.name('pk')}) OR {ended}"
        return " AND ".join(map(self._clause, clauses))

    def _clause(self, clause: Clause) -> str:
        assert clause.test != "not_there", "it stands by itself"
        name = self.name(clause.name)
        if clause.test == "absent":
            return f"attribute_not_exists({name})"
        if clause.test == "present":
            return f"attribute_exists({name})"
        return f"{name} {'=' if clause.test == 'equal' else '<='} {self.value(_typed(clause.value))}"


def _typed(value: ItemValue) -> dict[str, Any]:
    """A value as DynamoDB writes it."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return text(value)
    return {"SS": sorted(value)} if isinstance(value, frozenset) else number(value)


def _plain(item: TableItem) -> KeptItem:
    """An item without DynamoDB's types, and without its key and its end."""
    found: dict[str, ItemValue] = {}
    for name, typed in item.items():
        ((kind, value),) = typed.items()
        if name not in ("pk", "expires_at"):
            found[name] = float(value) if kind == "N" else frozenset(value) if kind == "SS" else value
    return found
