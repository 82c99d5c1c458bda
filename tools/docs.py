"""Writes what exists twice from where it exists once: `python -m tools.docs`, or `--check` to compare.

The permission table and policy come from the table of AWS calls, the list of causes from the checks, the settings from
the settings model, the command line's help from its parser, and the JSON Schema from the report's model.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import inspect
import io
import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.settings import Settings
from diagnostics.__main__ import main as command_line
from diagnostics.audit import AuditReport
from diagnostics.collect import permission_rows, policy_document
from diagnostics.faults import ALL_CHECKS
from diagnostics.finding import Report
from tools.deploy_policy import container, read_policy, target_account

ROOT = Path(__file__).parent.parent


def permission_table() -> str:
    """Every IAM action that pullcheck uses, as a Markdown table."""
    rows = [f"| `{row.action}` | `{row.resource}` | {row.purpose} |" for row in permission_rows()]
    return "\n".join(["| action | resource | what for |", "| --- | --- | --- |", *rows])


def settings_table() -> str:
    """Every setting of the bot, as a Markdown table; the words come from the model's docstring."""
    words = dict(re.findall(r"^    (\w+): (.+)$", inspect.cleandoc(Settings.__doc__ or ""), re.MULTILINE))
    rows = []
    for name, field in Settings.model_fields.items():
        plain = None if field.default_factory else field.default
        default = "needed" if field.is_required() else _shown(plain)
        rows.append(f"| `{name.upper()}` | {words[name]} | {default} |")
    return "\n".join(["| variable | meaning | default |", "| --- | --- | --- |", *rows])


def _shown(default: object) -> str:
    return "" if default is None else f"`{int(default) if isinstance(default, bool) else default}`"


def command_line_help() -> str:
    """What `python -m diagnostics --help` prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        command_line(["--help"])
    return f"```text\n{out.getvalue().rstrip()}\n```"


def causes_page() -> str:
    """The page that explains every cause."""
    lines = [
        "# What pullcheck looks for",
        "",
        "Made by `make docs` from the checks. `python -m diagnostics explain ID` prints one of these.",
    ]
    for check in ALL_CHECKS:
        lines += ["", f"## Check `{check.name}`"]
        for fault in check.faults:
            lines += ["", f"### `{fault.id}`", "", f"Healthy: {fault.title}."]
            if fault.text_only:
                lines += ["", "AWS's API cannot prove this one: with the error text it is at most *likely*."]
            lines += ["", f"**Why the pull fails.** {fault.why}", "", f"**How to fix it.** {fault.how}"]
            lines += ["", f"<{fault.source}>"]
    return "\n".join(lines) + "\n"


def report_schema() -> str:
    """The JSON Schema of the report."""
    schema = Report.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def audit_schema() -> str:
    """The JSON Schema of an audit."""
    schema = AuditReport.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def reading_policy() -> str:
    """The IAM policy to give to the bot's role."""
    return json.dumps(policy_document(), indent=2) + "\n"


PAGES: Mapping[str, Callable[[], str]] = {
    "docs/causes.md": causes_page,
    "docs/report.schema.json": report_schema,
    "docs/audit.schema.json": audit_schema,
    "docs/iam-policy.json": reading_policy,
    "deploy/read-policy.json": read_policy,
    "deploy/target-account.yml": target_account,
    "deploy/container.yml": container,
}
"""Files that are made whole."""

PARTS: Mapping[str, Callable[[], str]] = {
    "permissions": permission_table,
    "settings": settings_table,
    "command line": command_line_help,
}
"""Parts of README.md, each between `<!-- NAME -->` and `<!-- end of NAME -->`."""


def readme(text: str) -> str:
    """README.md with its made parts as they are now.

    Raises:
        ValueError: a part has no place in it.
    """
    for name, make in PARTS.items():
        before, start, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->\n")
        if not start or not end:
            raise ValueError(f"README.md has no place for {name!r}: <!-- {name} --> … <!-- end of {name} -->")
        text = f"{before}{start}{make()}\n{end}{after}"
    return text


def wanted() -> dict[Path, str]:
    """Every made file and what it must hold."""
    page = ROOT / "README.md"
    files = {ROOT / name: make() for name, make in PAGES.items()}
    files[page] = readme(page.read_text(encoding="utf-8"))
    return files


def main() -> int:
    """Write, or with `--check` compare; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.docs", description="Writes what is generated.")
    parser.add_argument("--check", action="store_true", help="only compare")
    check = parser.parse_args().check
    stale = 0
    for path, text in wanted().items():
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old == text:
            continue
        stale += 1
        if check:
            name = str(path.relative_to(ROOT))
            diff = difflib.unified_diff(old.splitlines(), text.splitlines(), name, f"{name} (made)", lineterm="", n=1)  # fmt: skip
            print("\n".join(list(diff)[:40]))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"{stale} files are out of date; run `make docs`.", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
