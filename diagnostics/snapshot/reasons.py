"""Why something is not known, as a value: a closed list of reasons, each worded here and nowhere else.

Code compares and carries the values; the words are for people. They are read back in one place only: `read`, for saved
snapshots that were written before the values were.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import NamedTuple, Self

from pydantic import BaseModel, ConfigDict


class Why(StrEnum):
    """The kinds of reasons. Those that are about something hold it in `Reason.of`."""

    NOT_ASKED = "not_asked"
    DENIED = "denied"
    THROTTLED = "throttled"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    NO_CREDENTIALS = "no_credentials"
    EXPIRED_CREDENTIALS = "expired_credentials"
    WRONG_REGION = "wrong_region"
    # AWS answered, but not with what was asked for.
    ERROR = "error"
    """`of`: the error code."""
    UNREADABLE_ERROR = "unreadable_error"
    UNREADABLE = "unreadable"
    UNREADABLE_RECORD = "unreadable_record"
    CALL_FAILED = "call_failed"
    """`of`: the name of the exception."""
    ECS_FAILURE = "ecs_failure"
    """`of`: the reason of an entry of `failures[]`."""
    ECS_FAILURE_WITHOUT_REASON = "ecs_failure_without_reason"
    TOO_LONG = "too_long"
    TOO_MANY_PREFIX_LISTS = "too_many_prefix_lists"
    TOO_MANY_IDS = "too_many_ids"
    DROPPED = "dropped"
    # It belongs to somebody else.
    OTHER_ACCOUNT = "other_account"
    """`of`: the account of the credentials, and that of the target."""
    REGISTRY_OF_ANOTHER = "registry_of_another"
    """`of`: the account of the registry."""
    TEMPLATES_OF_ANOTHER = "templates_of_another"
    """`of`: the account of the registry."""
    PARAMETER_OF_ANOTHER = "parameter_of_another"
    """`of`: the account of the parameter."""
    BUCKET_OF_ANOTHER = "bucket_of_another"
    SHARED_VPC = "shared_vpc"
    """`of`: the account that owns the VPC."""
    SERVED_BY_CACHE = "served_by_cache"
    """`of`: the prefix of the pull-through cache rule."""
    # What would tell does not exist (any more).
    VPC_ABSENT = "vpc_absent"
    HOST_GONE = "host_gone"
    INSTANCE_GONE = "instance_gone"
    ROLE_ABSENT = "role_absent"
    GROUP_GONE = "group_gone"
    TASK_GONE = "task_gone"
    SERVICE_NAME_GONE = "service_name_gone"
    DEFINITION_NAME_GONE = "definition_name_gone"
    HOST_NAME_GONE = "host_name_gone"
    # What was read does not say it.
    CLUSTER_NOT_NAMED = "cluster_not_named"
    TOO_MANY_CLUSTERS = "too_many_clusters"
    DEFINITION_NOT_NAMED = "definition_not_named"
    LAUNCH_NOT_TOLD = "launch_not_told"
    SUBNETS_NOT_TOLD = "subnets_not_told"
    GROUPS_NOT_TOLD = "groups_not_told"
    DEFAULT_GROUP = "default_group"
    HOST_WITHOUT_INTERFACE = "host_without_interface"
    NO_HOST_FITS = "no_host_fits"
    """`of`: what is there, and why the task is not placed on it."""
    PROVIDER_ABSENT = "provider_absent"
    """`of`: the name of the capacity provider."""
    SUBNET_NOT_LISTED = "subnet_not_listed"
    NO_MAIN_ROUTE_TABLE = "no_main_route_table"
    ROUTE_TABLE_NOT_LISTED = "route_table_not_listed"
    NO_ACL_OF_SUBNET = "no_acl_of_subnet"
    ROUTE_TABLE_NOT_NAMED = "route_table_not_named"
    SUBNET_NOT_NAMED = "subnet_not_named"
    NONE_NAMED = "none_named"
    ADDRESSES_NOT_KNOWN = "addresses_not_known"
    OTHER = "other"
    """`of`: the words of a saved snapshot for which there is no value."""


class _Words(NamedTuple):
    """The words of a reason: as much as fits into a headline, and what follows it elsewhere."""

    brief: str
    rest: str = ""


_WORDS: Mapping[Why, _Words] = {
    Why.NOT_ASKED: _Words("not asked"),
    Why.DENIED: _Words("denied"),
    Why.THROTTLED: _Words("throttled"),
    Why.TIMED_OUT: _Words("timed out"),
    Why.UNREACHABLE: _Words("AWS could not be reached"),
    Why.NO_CREDENTIALS: _Words("no valid credentials"),
    Why.EXPIRED_CREDENTIALS: _Words("the credentials have expired"),
    Why.WRONG_REGION: _Words("the Region does not exist or is not enabled for this account"),
    Why.UNREADABLE_ERROR: _Words("AWS answered with an error", " (the answer could not be read)"),
    Why.ERROR: _Words("AWS answered with an error", " ({})"),
    Why.UNREADABLE: _Words("the answer could not be read"),
    Why.UNREADABLE_RECORD: _Words("one of its records could not be read"),
    Why.CALL_FAILED: _Words("the call failed", " ({})"),
    Why.ECS_FAILURE_WITHOUT_REASON: _Words("ECS answered a failure without a reason"),
    Why.ECS_FAILURE: _Words("ECS answered {}"),
    Why.TOO_LONG: _Words("the list is too long to read all of it"),
    Why.TOO_MANY_PREFIX_LISTS: _Words("too many prefix lists are named to read them all"),
    Why.DROPPED: _Words("left out of the kept facts, which were too large"),
    Why.TOO_MANY_IDS: _Words("the VPC has too many of its kind to read them all"),
    Why.OTHER_ACCOUNT: _Words("the credentials belong to account {} and the target to account {}"),
    Why.REGISTRY_OF_ANOTHER: _Words("only account {} can read its registry's policy"),
    Why.TEMPLATES_OF_ANOTHER: _Words("only account {} can read its repository creation templates"),
    Why.PARAMETER_OF_ANOTHER: _Words("the parameter belongs to account {}"),
    Why.BUCKET_OF_ANOTHER: _Words(
        "the bucket belongs to another account", ", and only that one can read its policy"
    ),
    Why.SHARED_VPC: _Words("the VPC is shared by account {}", ", and only that account sees all of it"),
    Why.SERVED_BY_CACHE: _Words(
        "pull-through cache rule {} serves the image", ", and asking would import it"
    ),
    Why.VPC_ABSENT: _Words("the VPC does not exist"),
    Why.HOST_GONE: _Words("the container instance is gone"),
    Why.INSTANCE_GONE: _Words("the instance is gone"),
    Why.ROLE_ABSENT: _Words("the role does not exist"),
    Why.GROUP_GONE: _Words("it was deleted since", ", so the rules of that time are not known"),
    Why.TASK_GONE: _Words("the task is gone"),
    Why.SERVICE_NAME_GONE: _Words("the task is gone", ", and with it the name of its service"),
    Why.DEFINITION_NAME_GONE: _Words("the task is gone", ", and with it the name of its task definition"),
    Why.HOST_NAME_GONE: _Words("the task is gone", ", and with it the name of its host"),
    Why.CLUSTER_NOT_NAMED: _Words("the task's ARN does not name its cluster"),
    Why.TOO_MANY_CLUSTERS: _Words(
        "the task's ARN does not name its cluster", ", and there are too many to look into"
    ),
    Why.DEFINITION_NOT_NAMED: _Words("the answer does not name the task definition"),
    Why.LAUNCH_NOT_TOLD: _Words("neither the task nor its service says how it was launched"),
    Why.SUBNETS_NOT_TOLD: _Words("the task has no network interface and no service tells its subnets"),
    Why.GROUPS_NOT_TOLD: _Words(
        "the task's network interface is gone and no service tells its security groups"
    ),
    Why.DEFAULT_GROUP: _Words("the service names no security group", ", so the VPC's default group applies"),
    Why.HOST_WITHOUT_INTERFACE: _Words("the container instance has no network interface"),
    Why.NO_HOST_FITS: _Words("no container instance is there now that takes the task", " ({})"),
    Why.PROVIDER_ABSENT: _Words("there is no capacity provider {}"),
    Why.SUBNET_NOT_LISTED: _Words("the VPC does not list this subnet"),
    Why.NO_MAIN_ROUTE_TABLE: _Words("the VPC lists no main route table"),
    Why.ROUTE_TABLE_NOT_LISTED: _Words("the VPC does not list this route table"),
    Why.NO_ACL_OF_SUBNET: _Words("no network ACL of the VPC names this subnet"),
    Why.ROUTE_TABLE_NOT_NAMED: _Words("it does not name its route table"),
    Why.SUBNET_NOT_NAMED: _Words("it does not name its subnet"),
    Why.NONE_NAMED: _Words("none is named"),
    Why.ADDRESSES_NOT_KNOWN: _Words("they are not known"),
    Why.OTHER: _Words("{}"),
}
"""Where one pattern would fit another's words as well, the narrower comes first."""


class Reason(BaseModel):
    """Why a fact is not known: the kind of reason, and what it is about."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    why: Why
    of: tuple[str, ...] = ()

    @classmethod
    def about(cls, why: Why, *of: str) -> Self:
        """A reason that is about something: `Reason.about(Why.SHARED_VPC, "111122223333")`."""
        return cls(why=why, of=of)

    @property
    def brief(self) -> str:
        """The words for a headline."""
        return _WORDS[self.why].brief.format(*self.of)

    def __str__(self) -> str:
        words = _WORDS[self.why]
        return f"{words.brief}{words.rest}".format(*self.of)


NOT_ASKED = Reason(why=Why.NOT_ASKED)


def read(text: str) -> Reason:
    """The reason that a saved snapshot gives in words; only for what was saved before reasons were values."""
    for why, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found is not None:
            return Reason(why=why, of=found.groups())
    return Reason(why=Why.OTHER, of=(text,))


@cache
def _patterns() -> tuple[tuple[Why, re.Pattern[str]], ...]:
    """Each reason's words with a gap where they name something."""
    return tuple(
        (why, re.compile(re.escape(f"{words.brief}{words.rest}").replace(r"\{\}", "(.+?)"), re.DOTALL))
        for why, words in _WORDS.items()
    )
