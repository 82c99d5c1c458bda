"""A secret or parameter that is there under the name of one that is not: made again, in another Region, or named by half its ARN.

AWS: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
"""

from __future__ import annotations

from dataclasses import dataclass

from diagnostics.faults.base import World
from diagnostics.faults.secrets.secret_items import Item
from diagnostics.pull import arn_suffix, region_named
from diagnostics.snapshot import Absent, Known, Parameter, Secret


@dataclass(frozen=True)
class Namesake:
    """What was probably meant: its ARN, what the task definition should call it, and a sentence without its full stop."""

    arn: str
    meant: str
    says: str


def namesake_of(world: World, item: Item) -> Namesake | None:
    """The one of the same name; `None` where there is none or it is not known, or where what is named is there."""
    if not isinstance(item.found, Absent):
        return None
    held = world.snapshot.secrets_by_name if item.kind == "secret" else world.snapshot.parameters_here
    fact = held.get(item.value)
    found = fact.value if isinstance(fact, Known) else None
    if found is None or not found.arn or (isinstance(found, Secret) and found.deleted_date is not None):
        return None
    rest = item.value[len(item.reference) :]
    return Namesake(found.arn, f"{found.arn}{rest}", _says(item, found, found.arn))


def _says(item: Item, found: Secret | Parameter, arn: str) -> str:
    word, name = item.kind.capitalize(), found.name or item.name
    region = region_named(arn)
    if region != item.region:
        return f"{word} {name} does not exist in {item.region}, the Region that its ARN names, and there is one in {region}"
    if arn.startswith(f"{item.reference}-"):
        return f"Secret {name} is named without the hyphen and six characters that its ARN ends in ({arn_suffix(arn)}), and Secrets Manager finds none by that"
    return f"There is no secret with an ARN that ends in {arn_suffix(item.reference)}: {name} was made again, and its ARN ends in {arn_suffix(arn)} now"
