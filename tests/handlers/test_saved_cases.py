"""Real reports in Slack: what every saved case says fits Slack's limits, speaks to nobody, and shows its fix whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnostics.faults import ALL_FAULTS
from diagnostics.report import build
from diagnostics.snapshot import Snapshot
from handlers.text import fmt
from handlers.views.details import alone, details
from handlers.views.explain import explanation
from handlers.views.parent import parent
from tests.handlers.test_views import parsed, sent

CASES = sorted(
    path for path in (Path(__file__).parents[1] / "cases").glob("*.json") if path.stem != "expected"
)


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_saved_case_in_slack(path: Path) -> None:
    snapshot = Snapshot.model_validate_json(path.read_text(encoding="utf-8"))
    report = build(snapshot)

    verdict = parsed(sent(parent(report, run_id="0a1b2c3d", target=snapshot.target)))
    thread = parsed(sent(details(report)))
    one = parsed(
        sent(alone(report, run_id="0a1b2c3d", target=snapshot.target)(fmt("Invite the app."), False))
    )

    for text in (verdict, thread, one):
        assert "<" not in text
    assert thread.count("too long for a Slack message") == 0
    for cause in report.causes:
        if cause.role == "cause":
            assert f"`{cause.id}`" in thread
        assert cause.id in ALL_FAULTS
    if report.causes:
        explained = parsed(sent(explanation(report, ALL_FAULTS.get)))
        assert "*How to fix it*" in explained
    if report.cause is not None and report.cause.fix.cli:
        command = report.cause.fix.cli.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        assert all(line in thread for line in command.strip().splitlines())
