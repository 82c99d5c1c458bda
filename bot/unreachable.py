"""Why AWS could not be asked at all, in a sentence for people in Slack."""

from __future__ import annotations

import logging

from botocore.exceptions import BotoCoreError, ClientError

from bot.accounts import AssumedRoles
from diagnostics.collect import AwsUnreachableError
from diagnostics.target import Target
from handlers.ports import DiagnosisError

log = logging.getLogger(__name__)

_UNREACHABLE = {
    "no_credentials": "the app has no valid AWS credentials. Its operator has to set them",
    "expired_credentials": "the app's AWS credentials have expired. Its operator has to renew them",
    "wrong_region": "Region {region} does not exist or is not enabled for this account. Check the Region of the task",
    "unreachable": "the app could not reach AWS in {region}. Try again; if it stays, its operator has to look at the network",
}
_NO_ROLE = (
    "the app could not assume the role {role} in account {account}. Its operator has to make it there (the template "
    "deploy/target-account.yml does), with the external id that the app was given"
)


def unreachable(error: AwsUnreachableError, target: Target, roles: AssumedRoles | None) -> DiagnosisError:
    """The error for whoever asked.

    Args:
        error: what the collector met.
        target: what was asked about.
        roles: those that are assumed in other accounts, where they are.
    """
    log.warning("AWS could not be read: %s", error.message)
    if roles is not None and error.kind == "no_credentials" and _is_foreign(target, roles):
        return DiagnosisError(f"{_NO_ROLE.format(role=roles.role.name, account=target.account_id)}.")
    where = target.region or "its Region"
    return DiagnosisError(f"{_UNREACHABLE[error.kind].format(region=where)}.")


def _is_foreign(target: Target, roles: AssumedRoles) -> bool:
    """True when a target is known to be in another account than the app."""
    if target.account_id is None:
        return False
    try:
        return roles.identity()[0] != target.account_id
    except (BotoCoreError, ClientError):
        return False
