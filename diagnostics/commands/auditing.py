"""`audit`: which services could not start a task now, and which will not be able to soon."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from diagnostics.audit import AuditProgress, AuditReport, compare, run_audit
from diagnostics.audit.model import AuditLevel
from diagnostics.audit.run import OnAuditProgress
from diagnostics.audit.text import change_lines, lines
from diagnostics.collect import AwsClients, AwsUnreachableError, RegionNeededError
from diagnostics.commands.answering import UNREACHABLE, WRONG_INPUT, failing, say, writing
from diagnostics.commands.asking import ask_showing
from diagnostics.commands.options import Parser, a_file, add_debug, region, seconds, wide
from diagnostics.commands.program import PROGRAM
from diagnostics.render import harmless, shows_ascii_only
from diagnostics.render.harmless import escaped_json
from diagnostics.target import CLUSTER, Target

_PROG = f"{PROGRAM} audit"
FAILS, CANNOT_TELL = 1, 3
FAILING: tuple[AuditLevel, ...] = ("now", "soon", "when_started")
LARGEST = 50_000_000
"""Bytes of an earlier audit."""
_EPILOG = f"""\
examples:
  {_PROG} --cluster prod --cluster batch
  {_PROG} --all --region eu-central-1 --days 14
  {_PROG} --all --format json > today.json
  {_PROG} --all --previous yesterday.json      say what changed since

exit status: 0 every next pull would work, now and in the days ahead; 1 something would fail now, soon or when it is started; 2 wrong input;
3 nothing is known to fail, but for some it cannot be told (a read was denied, the time was up, it was interrupted);
4 AWS could not be reached; 70 pullcheck itself failed; 74 the answer could not be written

An interruption (Ctrl-C) ends it early: what is known by then is printed, with what is missing. It keeps to half of the
request rates that AWS publishes, so that a large account takes minutes.
"""


def parser() -> Parser:
    """The words of the command."""
    made = Parser(
        prog=_PROG,
        description="Says which services, scheduled tasks and standalone families could not start a task now, and what will stop them soon. Reads only.",
        epilog=_EPILOG,
        formatter_class=wide,
    )
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--cluster",
        action="append",
        type=_cluster,
        metavar="CLUSTER",
        help="a cluster by its name or ARN; may be given more than once",
    )
    which.add_argument("--all", action="store_true", help="every cluster of the account in the Region")
    made.add_argument("--days", type=_days, default=30, help="how far ahead to look (default 30)")
    made.add_argument("--region", type=region, help="the Region, where no ARN names it")
    made.add_argument("--profile", help="the AWS profile to read with")
    made.add_argument("--format", choices=("text", "json"), default="text", help="text (default) or json")
    made.add_argument(
        "--previous",
        type=a_file,
        metavar="FILE",
        help="say what changed since this audit, kept with --format json",
    )
    made.add_argument(
        "--deadline",
        type=seconds,
        default=600.0,
        metavar="SECONDS",
        help="answer after this long with what is known by then (default 600)",
    )
    add_debug(made)
    return made


def command(words: Sequence[str]) -> int:
    """Audit clusters; the exit status."""
    options = parser().parse_args(words)
    fail = failing(options.format)
    try:
        previous = _previous(options.previous)
        report = audited(options)
    except InputError as error:
        return fail("bad_input", str(error), WRONG_INPUT)
    except RegionNeededError as error:
        return fail("region_needed", str(error), WRONG_INPUT)
    except AwsUnreachableError as error:
        return fail(error.kind, error.message, UNREACHABLE)
    with writing():
        if options.format == "json":
            print(escaped_json(report.to_json(indent=2), ascii_only=shows_ascii_only()))
        else:
            told = [*lines(report)]
            if previous is not None:
                told += ["", "Since the audit before:", *change_lines(report, compare(previous, report))]
            for line in told:
                print(harmless(line))
    return status_of(report)


def status_of(report: AuditReport) -> int:
    """The exit status that a report asks for."""
    if any(report.at(level) for level in FAILING):
        return FAILS
    return 0 if report.is_whole else CANNOT_TELL


class InputError(ValueError):
    """Input that cannot be used; the message is one sentence with an example."""


def _where(options: argparse.Namespace) -> tuple[str | None, str | None]:
    """The Region and the account that ARNs name, which must agree with each other and with --region."""
    wrong = next((item for item in options.cluster or () if not CLUSTER.fullmatch(item)), None)
    if wrong is not None:
        raise InputError(f"expected the name or the ARN of a cluster, for example prod; got {wrong[:80]!r}.")
    found = [
        match for item in options.cluster or () if (match := CLUSTER.fullmatch(item)) and match["region"]
    ]
    regions = {match["region"] for match in found} | ({options.region} if options.region else set())
    accounts = {match["account"] for match in found}
    if len(regions) > 1 or len(accounts) > 1:
        what = " and ".join(sorted(regions if len(regions) > 1 else accounts))
        raise InputError(
            f"One audit is of one account and Region, and these are {what}; run it once for each, such as --cluster prod --region eu-central-1."
        )
    return next(iter(regions), None), next(iter(accounts), None)


def _previous(path: Path | None) -> AuditReport | None:
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise InputError(f"{path} is too large for an audit; give one that was kept with --format json.")
        return AuditReport.model_validate_json(data)
    except OSError as error:
        raise InputError(f"{path} could not be read: {error.strerror}.") from error
    except ValidationError as error:
        raise InputError(f"{path} is no audit that was kept with --format json.") from error


def _only_missing_clusters(report: AuditReport) -> bool:
    gone = {what for item in report.cannot_tell if item.action is None for what in item.what}
    return bool(report.clusters) and all(f"cluster {name}" in gone for name in report.clusters)


def audited(options: argparse.Namespace) -> AuditReport:
    """Audit; on a terminal a line on stderr tells how far it is.

    Raises:
        InputError: the clusters do not go together, or there are none of them.
        RegionNeededError: nothing names a Region.
        AwsUnreachableError: nothing at all could be read.
    """
    where, account = _where(options)

    def read(clients: AwsClients, seconds: float, progress: OnAuditProgress | None) -> AuditReport:
        return run_audit(
            aws=clients,
            clusters=None if options.all else options.cluster,
            region=where,
            account=account,
            days=options.days,
            deadline=seconds,
            progress=progress,
        )

    report = ask_showing(options, Target(kind="service", region=where), read, _listing)
    if report.interrupted:
        say("Interrupted: what follows is what was known by then.")
    if not report.subjects and _only_missing_clusters(report):
        named = ", ".join(report.clusters)
        raise InputError(
            f"There is no cluster {named} in {report.region}; `aws ecs list-clusters` shows those there are."
        )
    return report


def _listing(stderr: Console, read: Callable[[OnAuditProgress], AuditReport]) -> AuditReport:
    with stderr.status("Listing what runs …") as status:
        return read(lambda step: status.update(Text(in_words(step))))


def in_words(step: AuditProgress) -> str:
    """How far it is, with the time that is left as far as that can be told."""
    if step.total is None:
        return f"Listing what runs: {step.requests} answers"
    left = ""
    if step.seconds_left is not None and step.done < step.total:
        minutes, rest = divmod(round(step.seconds_left), 60)
        left = f", about {f'{minutes} min ' if minutes else ''}{rest} s left"
    return f"Looked at {step.done} of {step.total}, {step.requests} requests{left}"


def _cluster(text: str) -> str:
    if not CLUSTER.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"expected the name or the ARN of a cluster, for example prod; got {text!r}"
        )
    return text


def _days(text: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(
            f"expected a number of days from 1 to 3650, for example 30; got {text!r}"
        )
    return int(text)
