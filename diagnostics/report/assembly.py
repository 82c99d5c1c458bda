"""Assembles the report: the verdict, what it rests on, and what changed since an earlier run."""

from __future__ import annotations

from diagnostics import engine, verdict
from diagnostics.finding import Report, SnapshotSummary
from diagnostics.network import KeptTraces
from diagnostics.report.changes import changes_since, has_recovered
from diagnostics.report.denied import denied_reads
from diagnostics.report.impact import impact
from diagnostics.report.leg_summaries import network_summary
from diagnostics.report.not_read import unread
from diagnostics.report.second_opinion import second_opinion
from diagnostics.report.subject import pulled_by, task_summary
from diagnostics.snapshot import Snapshot


def build(snapshot: Snapshot, previous: Snapshot | None = None, *, kept: KeptTraces | None = None) -> Report:
    """The report of a snapshot.

    Args:
        snapshot: the facts.
        previous: the facts of an earlier run on the same target; it is judged by the same checks, so that only the
            facts make the difference.
        kept: traces that the reports of several snapshots share.
    """
    world = engine.world_of(snapshot, kept)
    findings = engine.run(world)
    answer, causes = verdict.rank(world, findings)
    # Where nothing was asked for one and the same reason, a list of all that was not judged would bury it.
    nothing_there = snapshot.planned is not None and answer.outcome == "task_gone"
    told = () if snapshot.other_account or snapshot.without_cluster or nothing_there else findings
    unavailable = unread(snapshot, told)
    changes = None if previous is None else changes_since(previous, findings)
    return Report(
        target_kind="preflight" if snapshot.planned is not None else None,
        task=task_summary(snapshot),
        pulled_by=pulled_by(world.pull),
        verdict=answer,
        causes=causes,
        findings=told,
        network=network_summary(world),
        unavailable=unavailable,
        denied=denied_reads(snapshot, unavailable),
        impact=None if snapshot.planned is not None else impact(snapshot),
        changes=changes,
        recovered=previous is not None and has_recovered(snapshot, previous, changes or ()),
        second_opinion=second_opinion(snapshot),
        snapshot=SnapshotSummary(
            taken_at=snapshot.taken_at,
            seconds=snapshot.seconds,
            api_calls=snapshot.api_calls,
            depth=snapshot.depth,
            reused=snapshot.reused,
            reused_age=snapshot.reused_age,
            waited=snapshot.waited,
        ),
    )
