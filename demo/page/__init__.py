"""The demo's page: a Slack-like view of the local Slack, and the list of tasks that are broken on purpose."""

from __future__ import annotations

from demo.page.page import Menu, Page
from demo.page.tasks import BrokenTask, OfferedWorld, Printed, Tasks

__all__ = ["BrokenTask", "Menu", "OfferedWorld", "Page", "Printed", "Tasks"]
