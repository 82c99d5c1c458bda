"""Writes what exists twice from where it exists once: `python -m tools.docs`, or `--check` to compare.

The permission table and policy come from the table of AWS calls, the list of causes from the checks, the settings from
the settings model, the command line's help from its parsers, and the JSON Schemas from the models of the report and the audit.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import inspect
import io
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
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
    """What `--help` prints of the command `pullcheck` and of each of its commands, as sections.

    Raises:
        RuntimeError: the command line was imported under another name before.
    """
    # Read once, when the command line is imported: its examples are called as it was.
    sys.argv[0] = "pullcheck"
    # argparse leaves two columns free. Not the width of the terminal in which this runs.
    os.environ["COLUMNS"] = "102"
    if not _printed(["--help"]).startswith("usage: pullcheck "):
        raise RuntimeError("The command line was imported before it could be called pullcheck.")
    from diagnostics.commands.program import COMMANDS

    sections = [("pullcheck TARGET", ["--help"])]
    sections += [(f"pullcheck {name}", [name, "--help"]) for name in sorted(COMMANDS)]
    return "\n\n".join(f"## {title}\n\n```text\n{_printed(words)}\n```" for title, words in sections)


def _printed(words: Sequence[str]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        command_line(words)
    return out.getvalue().rstrip()


def causes_page() -> str:
    """The page that explains every cause."""
    lines = [
        "# Causes",
        "",
        "Every cause that pullcheck looks for: why the pull fails, and how to fix it. `pullcheck explain ID` prints one of these,",
        "`pullcheck list` their names. Made by `make docs` from the checks, which stand here in the order of a pull.",
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

PARTS: Mapping[tuple[str, str], Callable[[], str]] = {
    ("docs/permissions.md", "permissions"): permission_table,
    ("docs/settings.md", "settings"): settings_table,
    ("docs/command-line.md", "commands"): command_line_help,
}
"""Parts of pages, by page and name, each between `<!-- NAME -->` and `<!-- end of NAME -->`."""


def with_part(page: str, text: str, name: str, made: str) -> str:
    """The text of a page with one made part in its place.

    Raises:
        ValueError: the part has no place in it.
    """
    before, start, rest = text.partition(f"<!-- {name} -->\n")
    _, end, after = rest.partition(f"<!-- end of {name} -->\n")
    if not start or not end:
        raise ValueError(f"{page} has no place for {name!r}: <!-- {name} --> … <!-- end of {name} -->")
    # An empty line after the first comment: a table or a heading there is one for every reader of Markdown.
    return f"{before}{start}\n{made}\n\n{end}{after}"


def wanted() -> dict[Path, str]:
    """Every made file and what it must hold."""
    files = {ROOT / name: make() for name, make in PAGES.items()}
    for (page, name), make in PARTS.items():
        path = ROOT / page
        text = files[path] if path in files else path.read_text(encoding="utf-8")
        files[path] = with_part(page, text, name, make())
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
