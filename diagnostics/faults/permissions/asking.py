"""Names as other families import them until they follow the rooms."""

from diagnostics.faults.permissions.pull_requests import moment_keys as moment_keys
from diagnostics.faults.permissions.pull_requests import session_of as asker_of
from diagnostics.faults.permissions.pulling_role import puller_of as puller_of
from diagnostics.faults.permissions.roles import full_role_arn as full_role_arn
from diagnostics.faults.permissions.roles import is_foreign_role as is_foreign_role
from diagnostics.faults.permissions.roles import role_facts as role_facts

__all__ = ["asker_of", "full_role_arn", "is_foreign_role", "moment_keys", "puller_of", "role_facts"]
