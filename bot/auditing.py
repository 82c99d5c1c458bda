"""Audits with real AWS clients, in the pace that the budget of the process leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.accounts import AssumedRoles
from bot.unreachable import unreachable
from diagnostics.audit import AuditProgress, AuditReport
from diagnostics.collect import AwsClients, AwsUnreachableError, FactStore, RegionNeededError, SharedBudget
from diagnostics.target import Target
from handlers.context import current
from handlers.ports import DiagnosisError

AUDIT_SECONDS = 600.0
"""After this an audit answers with what is known by then, and says what is missing."""


@dataclass(frozen=True)
class AwsAuditor:
    """Audits clusters; tells in a sentence for people in Slack why it could not.

    Nothing that it asks goes before what a person asked for a diagnosis: all of it waits for the budget.

    Attributes:
        aws: the app's own clients.
        roles: the roles that are assumed in other accounts, where they are.
        deadline: seconds of one audit.
        budget: what diagnoses take from too; `None` holds nothing back.
        days: how far ahead it looks.
    """

    aws: AwsClients
    roles: AssumedRoles | None = None
    deadline: float = AUDIT_SECONDS
    budget: SharedBudget | None = None
    days: int = 30

    def __call__(self, target: Target, tell: Callable[[AuditProgress], None], /) -> AuditReport:
        """The audit.

        Raises:
            DiagnosisError: no Region is known, or AWS could not be reached at all.
        """
        # Loads every check: only who audits needs them.
        from diagnostics.audit import run_audit

        now = current()
        try:
            return run_audit(
                aws=self.roles.clients(now.user if now else "") if self.roles else self.aws,
                clusters=None if target.cluster is None else [target.cluster],
                region=target.region,
                account=target.account_id,
                days=self.days,
                deadline=self.deadline,
                # What was read for one service serves the others of this audit, and no later one.
                store=FactStore(age=self.deadline, joins=True, budget=self.budget),
                progress=tell,
            )
        except RegionNeededError as error:
            raise DiagnosisError(
                "which Region? Give the cluster's ARN, which names it, such as arn:aws:ecs:eu-central-1:111122223333:cluster/prod."
            ) from error
        except AwsUnreachableError as error:
            raise unreachable(error, target, self.roles) from error
