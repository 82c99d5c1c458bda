"""The names by which Slack and this app know the same thing: commands, shortcuts, actions."""

from __future__ import annotations

import re

COMMAND = "/pullcheck"
SHORTCUT = "check_image_pull"
RERUN = "pullcheck.rerun"
EXPLAIN = "pullcheck.explain"
SHOW_DETAILS = "pullcheck.details"
POST = "pullcheck.post"
CHOOSE = "pullcheck.choose"
NEWEST = "pullcheck.newest"
ON_IT = "pullcheck.on_it"
MORE = "pullcheck.more"
"""The menu beside the buttons."""
AS_TERRAFORM = "fix.terraform"
AS_CLOUDFORMATION = "fix.cloudformation"
WATCH = "watch.start"
STOP_WATCHING = "watch.stop"
FULL_REPORT = "report.file"
WHY = "why"
"""The choices of that menu, as `Kind.option` names them: from `AS_TERRAFORM` to here."""
CONSOLE = "console"
HOME = "pullcheck.home"
ASK = "pullcheck.ask"
"""The modal, and the button of the App Home that opens it."""
ACCOUNT = "pullcheck.account"
REGION = "pullcheck.region"
CLUSTER = "pullcheck.cluster"
SERVICE = "pullcheck.service"
TASK = "pullcheck.task"
CHECK = "pullcheck.check"
STEP = "diagnose_image_pull"
"""The step of the Workflow Builder."""

CHOOSE_ACTIONS = re.compile(rf"^{re.escape(CHOOSE)}\.[0-9a-z]+$")
CONSOLE_ACTIONS = re.compile(rf"^{CONSOLE}\.[0-9a-z]+$")
"""Link buttons: Slack tells us about every click, and a click that nobody acknowledges shows a warning sign."""
