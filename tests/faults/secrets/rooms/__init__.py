"""One table for each room of the faults of secrets: worlds in which each fault is there, is not, and cannot be told."""

from __future__ import annotations

from tests.faults.permissions.tables import Case
from tests.faults.secrets.rooms import access_denied, kms_denied, secret_missing

TABLE: tuple[Case, ...] = (*secret_missing.TABLE, *access_denied.TABLE, *kms_denied.TABLE)
