"""The condition keys that follow from facts which are read only where a policy asks for them: tags, and the organization.

AWS: AWS global condition context keys
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from diagnostics.faults.base import World
from diagnostics.policy import ContextValue, NotPresent, Unknown
from diagnostics.snapshot import NOT_ASKED, Absent, Fact, Known, Tag, Unavailable


def tag_keys(tags: Fact[tuple[Tag, ...]], families: tuple[str, ...]) -> dict[str, ContextValue]:
    """The keys of a resource's tags, in each family of keys; what was not read leaves all of them unknown."""
    if not isinstance(tags, Known):
        return {f"{family}/*": _unread(tags) for family in families}
    keys: dict[str, ContextValue] = {f"{family}/*": NotPresent() for family in families}
    return keys | {f"{family}/{tag.key}": (tag.value,) for family in families for tag in tags.value}


def organization_keys(
    world: World, owner: str | None, owners: Fact[str] = NOT_ASKED
) -> dict[str, ContextValue]:
    """The keys of the caller's organization, and of that of the account which owns what is asked for.

    Args:
        owner: the account that owns it; `None` if that is not known.
        owners: the id of that account's organization, where it is another account.
    """
    snapshot = world.snapshot
    theirs = snapshot.organization if owner is not None and owner == snapshot.account_id else owners
    return {
        **_keys_of(snapshot.organization, "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
        **_keys_of(theirs, "aws:ResourceOrgID", "aws:ResourceOrgPaths"),
    }


def _keys_of(organization: Fact[str], id_key: str, paths_key: str) -> dict[str, ContextValue]:
    """An account outside of any organization has none of the keys.

    A path begins with the organization's id; the rest of it only the management account can read.
    """
    if isinstance(organization, Known):
        name = organization.value
        rest = Unknown(
            why="only the management account knows where in the organization an account is",
            prefix=f"{name}/",
            present=True,
        )
        return {id_key: (name,), paths_key: rest}
    if isinstance(organization, Absent):
        return {id_key: NotPresent(), paths_key: NotPresent()}
    return {id_key: _unread(organization), paths_key: _unread(organization)}


def _unread(fact: Fact[tuple[Tag, ...]] | Fact[str]) -> Unknown:
    """A value of which nothing is known, with the fact that would have told where that was asked for in vain."""
    unread = fact if isinstance(fact, Unavailable) and fact.was_asked else None
    return Unknown(why=unread.why if unread else "", unread=unread)
