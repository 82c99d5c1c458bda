"""Where to ask, and what to say where AWS could not be reached at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError

from diagnostics.collect import calls
from diagnostics.collect.clients import AwsClients
from diagnostics.collect.errors import UNREACHABLE_KINDS, UnreachableKind
from diagnostics.collect.operation import Call
from diagnostics.snapshot import Absent, Fact, Known, Unavailable, Why
from diagnostics.target import REGION, Target


class RegionNeededError(Exception):
    """The target does not name a Region, and nothing else does."""


class AwsUnreachableError(Exception):
    """Nothing at all could be read, because of the credentials, the Region or the way to AWS."""

    def __init__(self, kind: UnreachableKind, message: str) -> None:
        super().__init__(message)
        self.kind: UnreachableKind = kind
        self.message = message


def region_of(target: Target, clients: AwsClients, region: str | None) -> str:
    """The Region to ask in: the target's, else the one that was given, else the session's.

    Raises:
        RegionNeededError: there is none.
        AwsUnreachableError: the session's settings cannot be read, such as those of a profile that does not
            exist.
    """
    found = target.region or region
    if found is None:
        try:
            found = clients.region
        except (BotoCoreError, OSError) as error:
            why = clients.problem() or f"The AWS settings cannot be used: {str(error).rstrip('.')}."
            raise AwsUnreachableError("no_credentials", why) from error
    if found and not re.fullmatch(REGION, found):
        raise RegionNeededError(
            f"{found[:60]!r} is no Region; name the task's own, for example eu-central-1."
        )
    if not found:
        raise RegionNeededError(
            "Which Region? Give the task's ARN, or name the Region with --region or AWS_REGION, "
            "for example eu-central-1."
        )
    return found


def check_reached(
    facts: Mapping[Call[Any], Fact[Any]], region: str, clients: AwsClients, account: str | None
) -> None:
    """Raise where no answer came at all and the reasons are about the way to AWS, not one permission."""
    identity = calls.GET_CALLER_IDENTITY
    caller = next(
        (fact for call, fact in facts.items() if call.operation is identity and call.account == account), None
    )
    others = [fact for call, fact in facts.items() if call.operation is not calls.GET_CALLER_IDENTITY]
    failed = [fact for fact in others if isinstance(fact, Unavailable)]
    reasons = {fact.reason.why for fact in failed}
    if not failed or len(failed) != len(others) or not reasons <= UNREACHABLE_KINDS.keys():
        return
    if isinstance(caller, Known | Absent):
        # The credentials work and AWS answers, so only the Region can be at fault.
        if reasons <= {Why.WRONG_REGION, Why.NO_CREDENTIALS} or (
            reasons == {Why.UNREACHABLE} and not clients.knows_region(region)
        ):
            raise _unreachable("wrong_region", region)
        return
    if isinstance(caller, Unavailable):
        reasons = reasons | {caller.reason.why}
        if not reasons <= UNREACHABLE_KINDS.keys():
            return
    for why in (
        Why.EXPIRED_CREDENTIALS,
        Why.NO_CREDENTIALS,
        Why.WRONG_REGION,
        Why.UNREACHABLE,
        Why.TIMED_OUT,
    ):
        if why in reasons:
            kind = UNREACHABLE_KINDS[why]
            if kind == "unreachable" and not clients.knows_region(region):
                kind = "wrong_region"
            problem = clients.problem() if kind == "no_credentials" and hasattr(clients, "problem") else None
            raise AwsUnreachableError(kind, problem) if problem else _unreachable(kind, region)


def _unreachable(kind: UnreachableKind, region: str) -> AwsUnreachableError:
    messages: dict[UnreachableKind, str] = {
        "no_credentials": "AWS accepted no credentials: set AWS_PROFILE or the other AWS_* variables, "
        "or run `aws configure`.",
        "expired_credentials": "The AWS credentials have expired: renew them, "
        "for example with `aws sso login`.",
        "wrong_region": f"Region {region} does not exist or is not enabled for this account: "
        "name the task's own Region, for example --region eu-central-1.",
        "unreachable": f"AWS could not be reached in Region {region}: "
        "check the network, the proxy and AWS_ENDPOINT_URL.",
    }
    return AwsUnreachableError(kind, messages[kind])
