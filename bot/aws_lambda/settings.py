"""What the functions on AWS Lambda are told by their environment, and the secrets that they read once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Protocol

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot import names
from bot.settings import Settings, SettingsError, read_settings

TOKEN, SIGNING_SECRET = "SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"


class LambdaSettings(BaseSettings):
    """The settings that only the functions have.

    Attributes:
        pullcheck_queue_url: `PULLCHECK_QUEUE_URL`, the queue of people's jobs.
        pullcheck_events_queue_url: `PULLCHECK_EVENTS_QUEUE_URL`, the queue of task events and of what follows from them;
            the worker only.
        pullcheck_table: `PULLCHECK_TABLE`, the table of runs; the worker only.
        pullcheck_audits_queue_url: `PULLCHECK_AUDITS_QUEUE_URL`, the FIFO queue of audits, where the deployment has a function for
            them (`PULLCHECK_AUDITS=on`); the worker and that function.
        pullcheck_worker: `PULLCHECK_WORKER`, the name of the worker, which is asked for what the modal offers; the ingress only.
        pullcheck_slack_secrets: `PULLCHECK_SLACK_SECRETS`, the name (`/…`) of a SecureString parameter, or the name or
            ARN of a secret, that holds JSON with SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET.
        pullcheck_routes: `PULLCHECK_ROUTES`, which channel hears of which task (`bot.events.routes`).
        pullcheck_routes_parameter: `PULLCHECK_ROUTES_PARAMETER`, names of parameters that hold the routes, separated by
            commas, where they are too long for a variable.
        pullcheck_group_seconds: `PULLCHECK_GROUP_SECONDS`, within how many seconds events of one cause belong together.
        pullcheck_events_at_once: `PULLCHECK_EVENTS_AT_ONCE`, how many environments of the worker take task events at a time: they
            divide the budget of AWS's rates among them, since they know nothing of each other.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=False)

    pullcheck_queue_url: Annotated[str, Field(min_length=1)]
    pullcheck_events_queue_url: str | None = None
    pullcheck_table: str | None = None
    pullcheck_audits_queue_url: str | None = None
    pullcheck_worker: str | None = None
    pullcheck_slack_secrets: Annotated[str, Field(min_length=1)]
    pullcheck_routes: str = ""
    pullcheck_routes_parameter: str = ""
    pullcheck_group_seconds: Annotated[float, Field(ge=1, le=86_400)] = 1800.0
    pullcheck_events_at_once: Annotated[int, Field(ge=1, le=1000)] = 3

    @field_validator("*", mode="before")
    @classmethod
    def _as_meant(cls, value: Any) -> Any:
        return names.as_meant(value)


def read_lambda_settings(client: Any) -> tuple[Settings, LambdaSettings]:
    """The settings of a function, with the secrets that they name.

    Args:
        client: makes a botocore client of a service.

    Raises:
        SettingsError: something is missing or wrong; no message holds a secret.
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: the secrets could not be read.
    """
    try:
        own = LambdaSettings()
    except ValidationError as error:
        wrong = sorted({str(item["loc"][0]).upper() for item in error.errors(include_input=False)})
        raise SettingsError(f"missing or wrong: {', '.join(wrong)}") from None
    found = read_secrets(own.pullcheck_slack_secrets, client)
    shared = read_settings(
        socket_mode=False,
        slack_bot_token=SecretStr(found[TOKEN]),
        slack_signing_secret=SecretStr(found[SIGNING_SECRET]),
        slack_app_token=None,
    )
    return shared, own


def read_secrets(name: str, client: Any) -> Mapping[str, str]:
    """Slack's token and signing secret, from Systems Manager or Secrets Manager.

    Raises:
        SettingsError: they are not there in the form that is asked for.
    """
    if name.startswith("/") or ":ssm:" in name:
        answer = client("ssm").get_parameter(Name=name, WithDecryption=True)
        text = answer["Parameter"]["Value"]
    else:
        text = client("secretsmanager").get_secret_value(SecretId=name).get("SecretString", "")
    wanted = f"PULLCHECK_SLACK_SECRETS: {name} must hold a JSON object with {TOKEN} and {SIGNING_SECRET}"
    try:
        value = json.loads(text)
    except ValueError:
        # Without the cause: its message would quote the text.
        raise SettingsError(wanted) from None
    if not isinstance(value, dict) or not all(
        isinstance(value.get(key), str) and value[key].strip() for key in (TOKEN, SIGNING_SECRET)
    ):
        raise SettingsError(wanted)
    return {key: value[key].strip() for key in (TOKEN, SIGNING_SECRET)}


class TellsRoutes(Protocol):
    """Settings that say where the routes are."""

    @property
    def pullcheck_routes(self) -> str:
        """The routes themselves."""
        ...

    @property
    def pullcheck_routes_parameter(self) -> str:
        """Names of the parameters that hold them."""
        ...


def read_routes(own: TellsRoutes, client: Any) -> str:
    """The routes, from the environment or from Systems Manager, as JSON. Several parameters are one list, in their order.

    Raises:
        SettingsError: a parameter does not hold a JSON list; the message names it.
        botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError: one could not be read.
    """
    parameters = [name.strip() for name in own.pullcheck_routes_parameter.split(",") if name.strip()]
    if not parameters:
        return own.pullcheck_routes
    rules: list[Any] = []
    for name in parameters:
        text = client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
        try:
            found = json.loads(text)
        except ValueError as error:
            raise SettingsError(f"PULLCHECK_ROUTES_PARAMETER: {name} is not JSON: {error}") from None
        if not isinstance(found, list):
            raise SettingsError(
                f'PULLCHECK_ROUTES_PARAMETER: {name} must hold a JSON list, such as [{{"channel": "C0123456789"}}]'
            )
        rules += found
    return json.dumps(rules)
