"""`python -m bot` runs the Slack bot over Socket Mode; `python -m bot --check` says whether everything is set up,
with `--lambda NAME` whether the functions on AWS Lambda are.

Exit status: 0 stopped when told to, or everything works; 1 something does not work; 2 the settings are incomplete.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec

from diagnostics.commands.program import INSTALLED, PROGRAM, without_extra

NEEDS_THE_EXTRA = without_extra("bot", "the packages of Slack", "them")

_PROGRAM = f"{INSTALLED} bot" if PROGRAM == INSTALLED else "python -m bot"
"""As it was called, for what is there to be pasted."""

_SETTINGS = """\
settings (environment):
  SLACK_BOT_TOKEN                bot token, xoxb-…
  SLACK_APP_TOKEN                app-level token, xapp-…, with the scope connections:write
  SLACK_SIGNING_SECRET           only for HTTP
  SLACK_API_URL                  where Slack's Web API is, if not at slack.com; on this machine only
  PULLCHECK_ALLOWED_USERS        ids of people (U…), separated by commas; not set: everybody of the workspaces, empty: nobody
  PULLCHECK_ALLOWED_USERGROUPS   ids of user groups (S…) whose people may ask too; scope usergroups:read
  PULLCHECK_ALLOWED_TEAMS        ids of their workspaces (T…, E…); not set: the app's own, empty: nobody
  PULLCHECK_ALLOWED_CHANNELS     ids of channels (C…); not set: all, empty: none
  PULLCHECK_ALLOWED_ACCOUNTS     AWS account ids, twelve digits; not set: all, empty: none
  PULLCHECK_CHANNEL_ACCOUNTS     those of a channel, in their place: C0123ABCD=111122223333+222233334444,C0456EFGH=…
  PULLCHECK_ADMINS               ids of people (U…) who see in the App Home whether everything works; not set: Slack's own
  PULLCHECK_DATABASE             SQLite file that keeps runs (pullcheck.sqlite3)
  PULLCHECK_RETENTION_DAYS       for how many days (30)
  PULLCHECK_DEADLINE             seconds after which a report goes out with what is known (20)
  PULLCHECK_PARALLEL             diagnoses at a time (4)
  PULLCHECK_WAITING              how many more may wait (100)
  PULLCHECK_REUSE_SECONDS        how old an answer of AWS may be that one diagnosis takes over from another (30)
  PULLCHECK_API_SHARE            share of an account's API rates that automatic diagnoses take (0.5)
  PULLCHECK_CAUSES_URL           where people can read docs/causes.md, to which answers link (no links)
  PULLCHECK_LOG_LEVEL            DEBUG, INFO, WARNING or ERROR (INFO)
  PULLCHECK_LOG_FORMAT           text, or json: one object a line, with the run id, and metrics among them (text)
  PULLCHECK_TARGET_ROLE_NAME     role to assume in AWS accounts other than the app's own
  PULLCHECK_EXTERNAL_ID          the external id that these roles' trust policies ask for
  PULLCHECK_EXTERNAL_IDS         one for each account: account=id, separated by commas
  PULLCHECK_STORE                sqlite, or dynamodb: where runs and waiting jobs are kept (sqlite)
  PULLCHECK_TABLE                the DynamoDB table
  PULLCHECK_EVENTS_QUEUE_URL     SQS queue that an EventBridge rule writes task events to (none are taken)
  PULLCHECK_ROUTES               which channel hears of them: [{"channel": "C0123456789"}]
  PULLCHECK_GROUP_SECONDS        how long failures of one cause are counted in one message (1800)
  PULLCHECK_DAILY_AUDIT          clusters that are audited every day: all, names, ARNs, or account/region (nothing)
  PULLCHECK_DAILY_AUDIT_AT       when, in UTC (06:00)
  AWS_PROFILE, AWS_REGION, …     as for the AWS CLI
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bot or the check; the exit status."""
    if find_spec("slack_bolt") is None or find_spec("pydantic_settings") is None:
        print(NEEDS_THE_EXTRA, file=sys.stderr)
        return 2
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return 130


def _run(arguments: Sequence[str] | None) -> int:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM,
        description="Answers /pullcheck in Slack: why could an Amazon ECS task not pull its image?",
        epilog=_SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--check", action="store_true", help="say whether tokens, scopes and each AWS read work, and exit"
    )
    parser.add_argument(
        "--lambda",
        dest="stack",
        metavar="NAME",
        help="with --check: ask the functions of this stack on AWS Lambda (NAME-slack, NAME-worker) instead",
    )
    options = parser.parse_args(arguments)
    if options.stack:
        if not options.check:
            parser.error(f"--lambda belongs to --check, such as: {_PROGRAM} --check --lambda pullcheck-prod")
        from bot.check import check_lambda

        return check_lambda(options.stack)
    from bot.logs import configure_logging
    from bot.settings import SettingsError, read_settings

    try:
        settings = read_settings(socket_mode=True)
    except SettingsError as error:
        print(f"pullcheck: settings {error}. See {_PROGRAM} --help.", file=sys.stderr)
        return 2
    configure_logging(settings.pullcheck_log_level, settings.pullcheck_log_format)
    if options.check:
        from bot.check import check

        return check(settings)
    from bot.socket_mode import run_until_stopped
    from bot.telemetry import begin

    begin()
    return run_until_stopped(settings)


if __name__ == "__main__":
    sys.exit(main())
