"""An execution role of another account."""

from __future__ import annotations

from diagnostics.stop_reason import Symptom
from tests.build.permissions import OTHER, named_role
from tests.faults.permissions.tables import Case, lost

TABLE = (
    Case("of another account", "role-not-assumable", "fail", (named_role(f"arn:aws:iam::{OTHER}:role/x"),), resources=(f"arn:aws:iam::{OTHER}:role/x",), stage="role"),
    Case("of the own account", "role-not-assumable", "pass", symptoms=(Symptom(id="role-not-assumable", stage="role", text="…"),)),
    Case("the definition was not read", "role-not-assumable", "unknown", (lost("task_definition", call="ecs:DescribeTaskDefinition"),)),
)  # fmt: skip
