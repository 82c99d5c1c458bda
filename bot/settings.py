"""The environment, read once into a frozen value. Everything that is missing or wrong is named in one message."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot import names, tokens
from bot.daily import scopes
from handlers.response_url import is_on_loopback

SLACK_API_URL = "https://slack.com/api/"
_TOKENS = ("slack_bot_token", "slack_app_token", "slack_signing_secret")
_IDS = {
    "pullcheck_allowed_users": names.USERS,
    "pullcheck_allowed_usergroups": names.GROUPS,
    "pullcheck_allowed_teams": names.TEAMS,
    "pullcheck_admins": names.USERS,
    "pullcheck_allowed_channels": names.CHANNELS,
    "pullcheck_allowed_accounts": names.ACCOUNTS,
}
_ELSEWHERE = frozenset({"PULLCHECK_HEALTH_FILE", "PULLCHECK_ROUTES_PARAMETER", "PULLCHECK_HOOK_UNDECIDED"})
"""Variables of this app that no settings model has."""
_DEPLOYMENTS = Path(__file__).parent.parent / "deploy" / "example.env"
"""Names what only a deployment reads. It is there where somebody deploys from, and not in what is deployed."""

_NUMBERS = (
    "pullcheck_retention_days", "pullcheck_deadline", "pullcheck_parallel", "pullcheck_waiting",
    "pullcheck_reuse_seconds", "pullcheck_api_share", "pullcheck_group_seconds",
)  # fmt: skip
_EXPECTED = {
    "slack_api_url": f"Slack's address, {SLACK_API_URL}, or one on this machine, such as http://127.0.0.1:4000/api/",
    "pullcheck_allow_slack_api_url": "1 or 0",
    "pullcheck_database": "a file, such as /var/lib/pullcheck/pullcheck.sqlite3",
    "pullcheck_retention_days": "a number of days from 1 to 3650, such as 30",
    "pullcheck_deadline": "a number of seconds up to 300, such as 20",
    "pullcheck_parallel": "a number from 1 to 32, such as 4",
    "pullcheck_waiting": "a number from 0 to 10000, such as 100",
    "pullcheck_reuse_seconds": "a number of seconds from 0 to 300, such as 30",
    "pullcheck_api_share": "a number above 0 and up to 1, such as 0.5",
    "pullcheck_causes_url": "an address of https, such as https://git.example.com/ops/pullcheck/blob/main/docs/causes.md",
    "pullcheck_log_level": "DEBUG, INFO, WARNING or ERROR",
    "pullcheck_log_format": "text or json",
    "pullcheck_target_role_name": "the name of a role, with its path if it has one, such as security/pullcheck-read",
    "pullcheck_external_id": "2 to 1224 of the characters A-Z a-z 0-9 _ + = , . @ : / -, such as 5f1c-nobody-guesses-this",
    "pullcheck_store": "sqlite or dynamodb",
    "pullcheck_events_queue_url": "the URL of a queue, such as https://sqs.us-east-1.amazonaws.com/111122223333/pullcheck-events",
    "pullcheck_routes": 'a JSON list of rules, such as [{"channel": "C0123456789"}]',
    "pullcheck_group_seconds": "a number of seconds from 1 to 86400, such as 300",
    "pullcheck_daily_audit": scopes.EXAMPLE,
    "pullcheck_daily_audit_at": "a time of the day in UTC, such as 06:00",
    "pullcheck_table": "3 to 255 of the characters A-Z a-z 0-9 _ . -, such as pullcheck-prod, or the table's ARN",
}
"""What is expected of each setting that is no list and no secret, with an example."""
_PLAIN = (*_EXPECTED, "pullcheck_external_ids")
# In ASCII: other digits would be read as well, and so would 1_0 and 1e1.
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", re.ASCII)
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_TABLE = re.compile(
    r"(?:arn:aws[a-z-]{0,20}:dynamodb:[a-z0-9-]{1,40}:[0-9]{12}:table/)?[A-Za-z0-9_.-]{3,255}", re.ASCII
)
_ACCOUNT = re.compile(r"[0-9]{12}")
_QUEUE = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[0-9]{12}/[A-Za-z0-9_-]{1,80}", re.ASCII)
_PAGE = re.compile(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[A-Za-z0-9._~/%+=@:,-]*", re.ASCII)
# Without the comma, which separates.
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=.@:/-]{2,1224}")

NameSet = Annotated[frozenset[str] | None, NoDecode]
"""A list separated by commas. `None` where the variable is not set; a variable that is set and empty allows nothing."""


class SettingsError(Exception):
    """The environment does not do; the message names everything that is missing or wrong."""


class Settings(BaseSettings):
    """What the bot is told by its environment. AWS's own variables are read by boto3.

    Attributes:
        slack_bot_token: the bot token, begins with `xoxb-`.
        slack_app_token: an app-level token, begins with `xapp-`, with the scope `connections:write`; Socket Mode only.
        slack_signing_secret: what Slack signs its requests with; HTTP only.
        slack_api_url: where Slack's Web API is.
        pullcheck_allow_slack_api_url: allow a `SLACK_API_URL` that is neither Slack's nor on this machine.
        pullcheck_allowed_users: ids of the people who may ask (`U…`, `W…`); not set, and no user groups either: everybody of those workspaces.
        pullcheck_allowed_usergroups: ids of user groups whose people may ask too (`S…`); needs the scope `usergroups:read`.
        pullcheck_allowed_teams: ids of the workspaces whose people may ask (`T…`, an Enterprise organization `E…`); not set: only the app's own, so nobody else in a shared channel.
        pullcheck_allowed_channels: ids of the channels in which they may ask (`C…`, `G…`, `D…`); not set: in every one.
        pullcheck_allowed_accounts: AWS accounts that may be asked about; not set: every one that the app's credentials and roles can read. On Lambda the deployment sets it.
        pullcheck_channel_accounts: AWS accounts that may be asked about in a channel, in place of that list: `C0123ABCD=111122223333+222233334444,C0456EFGH=111122223333`.
        pullcheck_admins: ids of the people who are shown in the App Home whether everything works (`U…`); not set: the workspace's own administrators, where the scope `users:read` is granted.
        pullcheck_database: the SQLite file that keeps runs.
        pullcheck_retention_days: for how many days runs are kept.
        pullcheck_deadline: seconds after which a report goes out with what is known.
        pullcheck_parallel: diagnoses at a time; the rest wait.
        pullcheck_waiting: how many may wait; the rest are told to come back.
        pullcheck_reuse_seconds: how old an answer of AWS may be that one diagnosis takes over from another; 0: none. A re-run takes none.
        pullcheck_api_share: the share of an account's API rates that automatic diagnoses take; what a person asks never waits for it.
        pullcheck_causes_url: where people can read `docs/causes.md`; answers link to each cause there. Not set: no links.
        pullcheck_log_level: how much is logged.
        pullcheck_log_format: lines for people, or JSON with the run id, and metrics among them.
        pullcheck_target_role_name: the role that is assumed in accounts other than the app's own.
        pullcheck_external_id: what these roles' trust policies ask for (`sts:ExternalId`).
        pullcheck_external_ids: the same for single accounts, as `account=id`, separated by commas.
        pullcheck_store: where runs, claims and waiting jobs are kept: `sqlite` (a file), or `dynamodb` (`PULLCHECK_TABLE`).
        pullcheck_events_queue_url: the SQS queue that an EventBridge rule writes task events to; they are answered before anybody asks. Not set: none are taken. On Lambda the deployment sets it.
        pullcheck_routes: which channel hears of which task, for task events and daily audits: JSON, such as `[{"channel": "C0123456789"}]`; see [Routes](deploy.md#routes).
        pullcheck_group_seconds: for how many seconds after the last one a failure with the same cause is counted in its message, and not told again.
        pullcheck_daily_audit: what is audited every day: cluster names or ARNs, `account/region` for every cluster there, or `all` for every one of the app's own account; see [Audit](audit.md). Not set: nothing is.
        pullcheck_daily_audit_at: when, in UTC. On Lambda the deployment's schedule says it.
        pullcheck_table: the DynamoDB table; with `PULLCHECK_STORE=dynamodb`, and on Lambda.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", case_sensitive=False, hide_input_in_errors=True
    )

    slack_bot_token: SecretStr
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = SLACK_API_URL
    pullcheck_allow_slack_api_url: bool = False
    pullcheck_allowed_users: NameSet = None
    pullcheck_allowed_usergroups: NameSet = None
    pullcheck_allowed_teams: NameSet = None
    pullcheck_allowed_channels: NameSet = None
    pullcheck_allowed_accounts: NameSet = None
    pullcheck_channel_accounts: Annotated[Mapping[str, frozenset[str]] | None, NoDecode] = None
    pullcheck_admins: NameSet = None
    pullcheck_database: Path = Path("pullcheck.sqlite3")
    pullcheck_retention_days: Annotated[int, Field(ge=1, le=3650)] = 30
    pullcheck_deadline: Annotated[float, Field(gt=0, le=300)] = 20.0
    pullcheck_parallel: Annotated[int, Field(ge=1, le=32)] = 4
    pullcheck_waiting: Annotated[int, Field(ge=0, le=10_000)] = 100
    pullcheck_reuse_seconds: Annotated[float, Field(ge=0, le=300)] = 30.0
    pullcheck_api_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    pullcheck_causes_url: str | None = None
    pullcheck_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    pullcheck_log_format: Literal["text", "json"] = "text"
    pullcheck_target_role_name: (
        Annotated[str, Field(pattern=r"^[A-Za-z0-9_+=,.@-]+(/[A-Za-z0-9_+=,.@-]+)*$", max_length=512)] | None
    ) = None
    pullcheck_external_id: (
        Annotated[str, Field(pattern=r"^[A-Za-z0-9_+=,.@:/-]+$", min_length=2, max_length=1224)] | None
    ) = None
    pullcheck_external_ids: Annotated[Mapping[str, str], NoDecode] = Field(default_factory=dict)
    pullcheck_store: Literal["sqlite", "dynamodb"] = "sqlite"
    pullcheck_events_queue_url: str | None = None
    pullcheck_routes: str = ""
    pullcheck_group_seconds: Annotated[float, Field(ge=1, le=86_400)] = 1800.0
    pullcheck_daily_audit: str = ""
    pullcheck_daily_audit_at: Annotated[str, Field(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")] = "06:00"
    pullcheck_table: str | None = None

    @field_validator(*_IDS, mode="before")
    @classmethod
    def _ids(cls, value: Any, info: ValidationInfo) -> Any:
        return names.read_ids(value, _IDS[str(info.field_name)]) if isinstance(value, str) else value

    @field_validator("pullcheck_channel_accounts", mode="before")
    @classmethod
    def _accounts_by_channel(cls, value: Any) -> Any:
        return names.read_channel_accounts(value) if isinstance(value, str) else value

    @field_validator("pullcheck_log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("pullcheck_log_format", "pullcheck_store", mode="before")
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("pullcheck_database", mode="before")
    @classmethod
    def _is_a_file(cls, value: Any) -> Any:
        # An empty path would be the working folder itself.
        if isinstance(value, str) and (not value or not value.isprintable() or Path(value).is_dir()):
            raise ValueError(
                f"{names.shown(value)} is no file; expected is {_EXPECTED['pullcheck_database']}"
            )
        return value

    @field_validator("pullcheck_table", mode="before")
    @classmethod
    def _is_a_table(cls, value: Any) -> Any:
        if isinstance(value, str) and not _TABLE.fullmatch(value):
            raise ValueError(
                f"{names.shown(value)} is not the name of a table; expected is {_EXPECTED['pullcheck_table']}"
            )
        return value

    @field_validator("pullcheck_daily_audit", mode="before")
    @classmethod
    def _names_clusters(cls, value: Any) -> Any:
        if isinstance(value, str):
            scopes.read_scopes(value)
        return value

    @field_validator("pullcheck_events_queue_url", mode="before")
    @classmethod
    def _is_a_queue(cls, value: Any) -> Any:
        if value == "":
            return None
        if isinstance(value, str) and not _QUEUE.fullmatch(value):
            raise ValueError(
                f"{names.shown(value)} is no URL of a queue; expected is {_EXPECTED['pullcheck_events_queue_url']}"
            )
        return value

    @field_validator("pullcheck_causes_url", mode="before")
    @classmethod
    def _is_a_page(cls, value: Any) -> Any:
        if value == "":
            return None
        if isinstance(value, str) and not _PAGE.fullmatch(value):
            raise ValueError(
                f"{names.shown(value)} is no address; expected is {_EXPECTED['pullcheck_causes_url']}"
            )
        return value

    @field_validator(*_NUMBERS, mode="before")
    @classmethod
    def _is_a_number(cls, value: Any) -> Any:
        if isinstance(value, str) and not _NUMBER.fullmatch(value):
            raise ValueError("is no number")
        return value

    @field_validator("pullcheck_target_role_name", "pullcheck_external_id", mode="before")
    @classmethod
    def _empty_is_not_set(cls, value: Any) -> Any:
        return None if value == "" else value

    @field_validator("slack_api_url", mode="before")
    @classmethod
    def _empty_is_slacks_own(cls, value: Any) -> Any:
        return SLACK_API_URL if value == "" else value

    @field_validator("pullcheck_allow_slack_api_url", mode="before")
    @classmethod
    def _empty_is_no(cls, value: Any) -> Any:
        return False if value == "" else value

    @field_validator("pullcheck_external_ids", mode="before")
    @classmethod
    def _by_account(cls, value: Any) -> Any:
        return external_ids(value) if isinstance(value, str) else value

    # The last of the kind runs first.
    @field_validator(*_PLAIN, mode="before")
    @classmethod
    def _as_meant(cls, value: Any) -> Any:
        return names.as_meant(value)

    @model_validator(mode="after")
    def _table_is_named(self) -> Settings:
        if self.pullcheck_store == "dynamodb" and not self.pullcheck_table:
            raise ValueError(
                "PULLCHECK_STORE=dynamodb needs PULLCHECK_TABLE, the name of the table, such as pullcheck-prod"
            )
        return self

    @field_validator(*_TOKENS, mode="before")
    @classmethod
    def _right_kind(cls, value: Any, info: ValidationInfo) -> Any:
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not isinstance(text, str):
            return value
        text = text.strip()
        if not text:
            if info.field_name == "slack_bot_token":
                raise PydanticCustomError("missing", "is empty")
            return None
        if problem := tokens.problem(str(info.field_name).upper(), text):
            raise ValueError(problem)
        return SecretStr(text)

    @field_validator("slack_api_url")
    @classmethod
    def _with_slash(cls, value: str) -> str:
        return value if value.endswith("/") else f"{value}/"

    @model_validator(mode="after")
    def _only_slack(self) -> Settings:
        """The token goes wherever this address says, so it is Slack's or this machine's unless somebody insists."""
        if self.slack_api_url == SLACK_API_URL or self.pullcheck_allow_slack_api_url:
            return self
        if not is_on_loopback(self.slack_api_url):
            raise ValueError(
                "SLACK_API_URL is neither Slack's address nor on this machine, and the bot's token would be sent there; "
                "set PULLCHECK_ALLOW_SLACK_API_URL=1 if that is meant"
            )
        return self


def external_ids(text: str) -> dict[str, str]:
    """The external id of each account that a list names: `111122223333=id,222233334444=id`.

    Raises:
        ValueError: it is no such list; the message does not quote an id.
    """
    found: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        account, _, external_id = item.partition("=")
        if not _ACCOUNT.fullmatch(account) or not _EXTERNAL_ID.fullmatch(external_id):
            raise ValueError(
                "must be account=id, separated by commas, such as 111122223333=5f1c-nobody-guesses-this"
            )
        if account in found:
            raise ValueError(f"names account {account} twice")
        found[account] = external_id
    return found


def read_settings(*, socket_mode: bool = True, **values: Any) -> Settings:
    """The settings of the environment; `values` go before it.

    Args:
        socket_mode: the app-level token is needed; else the signing secret is.

    Raises:
        SettingsError: names every variable that is missing or wrong.
    """
    problems = names.unknown_variables(os.environ, known_variables())
    missing: list[str] = []
    settings: Settings | None = None
    try:
        settings = Settings(**values)
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False):
            name = str(item["loc"][0]).upper() if item["loc"] else ""
            if item["type"] == "missing":
                missing.append(name)
            else:
                expected = _EXPECTED.get(name.lower())
                text = item["msg"].removeprefix("Value error, ")
                if expected and "expected is" not in text:
                    wrong = text if item["type"] == "value_error" else "is not as it must be"
                    text = f"{wrong}; expected is {expected}"
                problems.append(f"{name}: {text}" if name else text)
    if socket_mode and settings is not None:
        problems += _problems_of_events(settings)
    needed = "slack_app_token" if socket_mode else "slack_signing_secret"
    if not (values.get(needed) or _set_in_environment(needed)):
        missing.append(needed.upper())
    if missing:
        problems.insert(0, f"missing: {', '.join(dict.fromkeys(missing))}")
    if problems or settings is None:
        raise SettingsError("; ".join(problems))
    return settings


def _problems_of_events(settings: Settings) -> list[str]:
    """What is wrong with the routes of task events and audits in Socket Mode; on Lambda the functions look at their own."""
    daily = bool(settings.pullcheck_daily_audit.strip())
    if settings.pullcheck_events_queue_url is None and not daily:
        return []
    expected = _EXPECTED["pullcheck_routes"]
    if not settings.pullcheck_routes.strip():
        needing = (
            "PULLCHECK_DAILY_AUDIT"
            if settings.pullcheck_events_queue_url is None
            else "PULLCHECK_EVENTS_QUEUE_URL"
        )
        return [f"{needing} needs PULLCHECK_ROUTES, {expected}"]
    from bot.events.routes import Routes

    try:
        Routes.of(settings.pullcheck_routes)
    except ValueError as error:
        return [f"PULLCHECK_ROUTES: {error}; expected is {expected}"]
    return []


def known_variables() -> frozenset[str]:
    """Every variable that begins with `PULLCHECK_` and means something to the bot, the functions or a deployment."""
    from bot.aws_lambda.settings import LambdaSettings

    try:
        deployments = re.findall(r"^#? ?(PULLCHECK_[A-Z_]+)=", _DEPLOYMENTS.read_text("utf-8"), re.MULTILINE)
    except OSError:
        deployments = []
    fields = (name.upper() for name in (*Settings.model_fields, *LambdaSettings.model_fields))
    return _ELSEWHERE.union(deployments, (name for name in fields if name.startswith(names.PREFIX)))


def _set_in_environment(name: str) -> bool:
    return any(key.lower() == name and value.strip() for key, value in os.environ.items())
