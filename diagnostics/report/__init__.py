"""The report of a snapshot: what is answered, put together for everybody who shows it.

Its models are `diagnostics.finding`'s, which whoever shows a report imports without the checks.
"""

from diagnostics.report.assembly import build
from diagnostics.report.changes import changes_since
from diagnostics.report.leg_summaries import network_summary
from diagnostics.report.not_read import unread

__all__ = ["build", "changes_since", "network_summary", "unread"]
