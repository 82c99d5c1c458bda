"""Judges the new revision of a service before its tasks start, and tells the service's channel why a deployment was stopped.

AWS: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.aws_lambda.clients import QUICK, OwnClients
from bot.aws_lambda.hook import STAGE, HookJudgement
from bot.aws_lambda.settings import SIGNING_SECRET, TOKEN, read_routes, read_secrets
from bot.events.routes import Routes
from bot.logs import configure_logging
from bot.settings import Settings, SettingsError, read_settings
from bot.slack_clients import web_client
from bot.stores.dynamodb import Table, text
from diagnostics.collect import AwsClients, AwsUnreachableError, RegionNeededError
from diagnostics.diagnose import run
from diagnostics.finding import Report
from diagnostics.snapshot import PlannedTask
from diagnostics.target import REGION, Target
from handlers.text import code, fmt
from handlers.views.details import details
from handlers.views.message import MessageContent, context
from handlers.views.parent import verdict_blocks
from handlers.views.words import verdict_text

log = logging.getLogger(__name__)

DEADLINE = 15.0
"""Seconds for what is read of AWS; the hook's own deadline is longer."""

_NAME = r"[A-Za-z0-9_-]{1,255}"
_REVISION = re.compile(
    rf"arn:(?P<partition>aws[a-z-]{{0,30}}):ecs:(?P<region>{REGION}):(?P<account>[0-9]{{12}})"
    rf":service-revision/(?P<cluster>{_NAME})/(?P<service>{_NAME})/[0-9A-Za-z]{{1,64}}"
)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceRevision.html (serviceRevisionArn)"""


class HookSettings(BaseSettings):
    """The settings of this function alone.

    Attributes:
        pullcheck_slack_secrets: where Slack's token is kept.
        pullcheck_table: the table that remembers what was told.
        pullcheck_routes: which channel hears of which service.
        pullcheck_routes_parameter: the same in parameters of Systems Manager.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=False)

    pullcheck_slack_secrets: Annotated[str, Field(min_length=1)]
    pullcheck_table: Annotated[str, Field(min_length=1)]
    pullcheck_routes: str = ""
    pullcheck_routes_parameter: str = ""


class DeployedService(NamedTuple):
    """A service of which a deployment starts: what a route goes by."""

    account: str
    region: str
    cluster: str
    service: str


class NewRevision(NamedTuple):
    """The revision that a deployment deploys."""

    arn: str
    partition: str
    of: DeployedService

    @property
    def target(self) -> Target:
        """Its tasks, none of which has been started."""
        return Target(
            kind="preflight",
            partition=self.partition,
            region=self.of.region,
            account_id=self.of.account,
            cluster=self.of.cluster,
            service=self.of.service,
        )


def revision_of(event: Mapping[str, Any]) -> NewRevision | None:
    """The revision that an event of ECS names; `None` where it names none.

    Older copies of AWS's page show the members of `executionDetails` at the top of the event, so that both are read.
    """
    inner = event.get("executionDetails")
    details = inner if isinstance(inner, Mapping) else {}
    for named in (details.get("targetServiceRevisionArn"), event.get("targetServiceRevisionArn")):
        found = _REVISION.fullmatch(named) if isinstance(named, str) else None
        if found is not None:
            of = DeployedService(found["account"], found["region"], found["cluster"], found["service"])
            return NewRevision(found[0], found["partition"], of)
    return None


Post = Callable[[str, MessageContent, str | None], str]
"""Posts a message to a channel, or into the thread of another; its time stamp."""


@dataclass(frozen=True)
class RevisionJudge:
    """Judges revisions.

    Attributes:
        aws: who reads, in the own account.
        routes: which channel hears of which service.
        first: true for who is the first to tell of a revision.
        post: posts to Slack.
        deadline: seconds for what is read.
    """

    aws: AwsClients
    routes: Routes
    first: Callable[[str], bool]
    post: Post
    causes_page: str | None = None
    deadline: float = DEADLINE

    def __call__(self, event: Mapping[str, Any], /) -> HookJudgement:
        """Only a confirmed cause breaks a deployment."""
        revision = revision_of(event)
        if revision is None:
            return HookJudgement("undecided", "the event names no service revision")
        planned = PlannedTask(service_revision=revision.arn, reads_manifests=True)
        try:
            report = run(revision.target, aws=self.aws, deadline=self.deadline, planned=planned).report
        except (AwsUnreachableError, RegionNeededError) as error:
            return HookJudgement("undecided", f"AWS could not be read: {error}")
        said = f"{revision.arn}: {report.verdict.headline}"
        if report.verdict.outcome == "nothing_wrong":
            return HookJudgement("fine", said)
        confirmed = any(item.certainty == "confirmed" for item in report.causes_of("cause"))
        if report.verdict.outcome != "cause_found" or not confirmed:
            return HookJudgement("undecided", said)
        return HookJudgement("broken", said, lambda: self._tell(revision, report))

    def _tell(self, revision: NewRevision, report: Report) -> None:
        channel = self.routes.channel(revision.of, self._tags)
        if channel is None:
            log.info("no route leads from %s to a channel", revision.arn)
            return
        if not self.first(revision.arn):
            log.info("%s was told of before", revision.arn)
            return
        thread = self.post(channel, _parent(report), None)
        self.post(channel, details(report, causes_page=self.causes_page), thread)

    def _tags(self, of: DeployedService) -> Mapping[str, str]:
        """The service's tags, for rules that name one; what cannot be read has none."""
        try:
            client = self.aws.get("ecs", of.region, of.account)
            answer = client.describe_services(cluster=of.cluster, services=[of.service], include=["TAGS"])
            return {
                tag["key"]: tag.get("value", "")
                for item in answer["services"][:1]
                for tag in item.get("tags", ())
            }
        except (BotoCoreError, ClientError, KeyError) as error:
            log.warning("the tags of %s could not be read: %s", of.service, type(error).__name__)
            return {}


STOPPED = fmt(
    "The deployment was stopped before it started a task (hook at {}), and ECS rolls it back: the tasks that run now go on. "
    "Deploy again after the repair.",
    code(STAGE),
)


def _parent(report: Report) -> MessageContent:
    """The verdict, and what became of the deployment. Nothing is offered to run again: a new deployment asks again."""
    return MessageContent(verdict_text(report), (*verdict_blocks(report), context(STOPPED)))


# --- made of the settings ----------------------------------------------------------------------------


def make() -> RevisionJudge:
    """The judge, with its settings and secrets read.

    Raises:
        SettingsError: the settings are incomplete.
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: the secrets could not be read.
    """
    configure_logging("INFO", "json", stream=sys.stdout)
    try:
        own = HookSettings()
    except ValidationError as error:
        wrong = sorted({str(item["loc"][0]).upper() for item in error.errors(include_input=False)})
        raise SettingsError(f"missing or wrong: {', '.join(wrong)}") from None
    clients = OwnClients(QUICK)
    secrets = read_secrets(own.pullcheck_slack_secrets, clients)
    settings = read_settings(
        socket_mode=False,
        slack_bot_token=SecretStr(secrets[TOKEN]),
        slack_signing_secret=SecretStr(secrets[SIGNING_SECRET]),
        slack_app_token=None,
    )
    configure_logging(settings.pullcheck_log_level, "json", stream=sys.stdout)
    table = Table(clients("dynamodb"), own.pullcheck_table, retention_days=settings.pullcheck_retention_days)
    return RevisionJudge(
        aws=AwsClients(),
        routes=Routes.of(read_routes(own, clients)),
        first=lambda arn: table.put({"pk": text(f"hook#{arn}")}, "attribute_not_exists(pk)"),
        post=_posting(settings),
        causes_page=settings.pullcheck_causes_url,
        deadline=min(DEADLINE, settings.pullcheck_deadline),
    )


def _posting(settings: Settings) -> Post:
    slack = web_client(settings)

    def post(channel: str, message: MessageContent, thread: str | None) -> str:
        answer = slack.chat_postMessage(
            channel=channel, thread_ts=thread, unfurl_links=False, unfurl_media=False, **message.payload()
        )
        return str(answer["ts"])

    return post
