"""Who pulls, and from where, is derived in `diagnostics.pull` alone: nobody else reads the members that tell it."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.rows import every_row

FOLDER = Path(__file__).parent.parent.parent / "diagnostics"
OTHERS = sorted(
    path for path in FOLDER.rglob("*.py") if path.relative_to(FOLDER).parts[0] not in ("pull", "snapshot")
)

TELLING = {
    "assign_public_ip",
    "awsvpc_configuration",
    "capacity_provider_name",
    "execution_role_arn",
    "interface_attachment",
    "platform_family",
    "repository_credentials",
    "requires_compatibilities",
    "secret_options",
    "value_from",
}
"""Members of ECS's answers from which the role, the interface, the launch type or the secrets of a pull follow."""
HOSTS = {"ecr_api_host", "layer_host", "service_host"}
"""What makes the name of a host that a pull asks. An error text may be matched against one, so `stop_reason` may."""


def read(source: str) -> set[str]:
    """The telling members that a module reads, and the makers of hosts that it calls."""
    tree = ast.walk(ast.parse(source))
    names = {node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "") for node in tree}
    return names & (TELLING | HOSTS)


@every_row("path", OTHERS, ids=lambda path: str(path.relative_to(FOLDER)))
def test_nobody_else_derives_the_puller(path: Path) -> None:
    allowed = HOSTS if path.relative_to(FOLDER).parts[0] in ("arn.py", "stop_reason") else set()
    if path == FOLDER / "commands" / "mcp_server.py":
        # The caller's own word for what it plans, and no answer of ECS.
        allowed = {"assign_public_ip"}
    assert read(path.read_text("utf-8")) <= allowed


def test_a_second_derivation_would_be_seen() -> None:
    assert read("role = definition.execution_role_arn\nhost = arn.layer_host(region)\n") == {
        "execution_role_arn",
        "layer_host",
    }
