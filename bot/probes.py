"""Do the tokens, the scopes, what is kept, and each AWS read work? `bot.check` prints it, on Lambda the worker answers it.

Every IAM action is tried with a call that reads next to nothing: a dry run where EC2 offers one, else a question about
something that does not exist. What counts is only whether AWS refuses to answer.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.settings import Settings
from bot.slack_clients import web_client
from bot.stores.sqlite import SqliteRuns
from diagnostics.collect import AwsClients, AwsUnreachableError, RegionNeededError, permission_rows
from diagnostics.collect.calls import OPERATIONS
from diagnostics.collect.errors import read_error
from diagnostics.collect.operation import Call, Operation
from diagnostics.collect.reaching import region_of
from diagnostics.collect.troubles import AskedWith, trouble_of
from diagnostics.snapshot import Absent, Why
from diagnostics.target import Target
from handlers.slack_errors import CALL_ERRORS, code_of

MANIFEST = next(
    path
    for folder in Path(__file__).parents[:2]
    # Installed, it is in this folder: nothing but packages belongs beside them.
    if (path := folder / "manifest.json").exists()
)
NAME = "pullcheck-check"
"""A name that nothing has; if something has it after all, the answer only says that reading works."""

_NEVER = "ConditionalCheckFailedException"
_NO_TASK = "0" * 32
_NO_KEY = "00000000-0000-0000-0000-000000000000"
_ROLE = f"arn:{{partition}}:iam::{{account}}:role/{NAME}"
_NO_ACCOUNT = "0" * 12
_NO_BUCKET = "S3 answers; whether this action is allowed shows with a bucket of yours alone"
"""S3 says of a bucket that does not exist that it does not, to anybody."""
_REPOSITORY = f"arn:{{partition}}:ecr:{{region}}:{{account}}:repository/{NAME}"
_REVISION = f"arn:{{partition}}:ecs:{{region}}:{{account}}:service-revision/{NAME}/{NAME}/1"
_DEPLOYMENT = f"arn:{{partition}}:ecs:{{region}}:{{account}}:service-deployment/{NAME}/{NAME}/{_NO_TASK[:21]}"
_CLUSTER = f"arn:{{partition}}:ecs:{{region}}:{{account}}:cluster/{NAME}"
_POLICY = "arn:{partition}:iam::aws:policy/ReadOnlyAccess"


Probe = Callable[..., Mapping[str, Any]]
"""botocore's parameters, by the partition, the account of the credentials and the Region."""


def _dry_run(**more: Any) -> Probe:
    return lambda partition, account=_NO_ACCOUNT, region="us-east-1": {"DryRun": True, **more}


def _about(**parameters: Any) -> Probe:
    return lambda partition, account=_NO_ACCOUNT, region="us-east-1": {
        key: value.format(partition=partition, account=account, region=region)
        if isinstance(value, str)
        else value
        for key, value in parameters.items()
    }


def _about_one(member: str, arn: str) -> Probe:
    """A list of one ARN."""
    one = _about(arn=arn)
    return lambda partition, account=_NO_ACCOUNT, region="us-east-1": {
        member: [one(partition, account, region)["arn"]]
    }


PROBES: Mapping[str, Probe] = {
    "sts:GetCallerIdentity": _about(),
    "ecs:DescribeTasks": _about(cluster=NAME, tasks=[_NO_TASK]),
    "ecs:ListTasks": _about(cluster=NAME, maxResults=1),
    "ecs:ListClusters": _about(maxResults=1),
    "ecs:DescribeServices": _about(cluster=NAME, services=[NAME]),
    "ecs:ListServiceDeployments": _about(cluster=NAME, service=NAME, maxResults=1),
    "ecs:ListServices": _about(cluster=NAME, maxResults=1),
    "ecs:DescribeServiceDeployments": _about_one("serviceDeploymentArns", _DEPLOYMENT),
    "ecs:DescribeServiceRevisions": _about_one("serviceRevisionArns", _REVISION),
    "ecs:DescribeTaskDefinition": _about(taskDefinition=NAME),
    "ecs:ListContainerInstances": _about(cluster=NAME, maxResults=1),
    "ecs:DescribeCapacityProviders": _about(capacityProviders=[NAME]),
    "ecs:DescribeContainerInstances": _about(cluster=NAME, containerInstances=[_NO_TASK]),
    "ecr:DescribeRepositories": _about(repositoryNames=[NAME]),
    "ecr:DescribeImages": _about(repositoryName=NAME, maxResults=1),
    "ecr:GetRepositoryPolicy": _about(repositoryName=NAME),
    "ecr:BatchGetImage": _about(repositoryName=NAME, imageIds=[{"imageTag": NAME}]),
    "ecr:GetLifecyclePolicy": _about(repositoryName=NAME),
    "ecr:GetRegistryPolicy": _about(),
    "ecr:GetAccountSetting": _about(name="REGISTRY_POLICY_SCOPE"),
    "ecr:ListTagsForResource": _about(resourceArn=_REPOSITORY),
    "ecr:DescribePullThroughCacheRules": _about(maxResults=1),
    "ecr:DescribeRepositoryCreationTemplates": _about(maxResults=1),
    "ec2:DescribeInstances": _dry_run(),
    "ec2:DescribeNetworkInterfaces": _dry_run(),
    "ec2:DescribeVolumes": _dry_run(),
    "ec2:DescribeSubnets": _dry_run(),
    "ec2:DescribeVpcs": _dry_run(),
    "ec2:DescribeVpcAttribute": _dry_run(VpcId="vpc-00000000000000000", Attribute="enableDnsSupport"),
    "ec2:DescribeDhcpOptions": _dry_run(),
    "ec2:DescribeRouteTables": _dry_run(),
    "ec2:DescribeNetworkAcls": _dry_run(),
    "ec2:DescribeNatGateways": _dry_run(),
    "ec2:DescribeInternetGateways": _dry_run(),
    "ec2:DescribeEgressOnlyInternetGateways": _dry_run(),
    "ec2:DescribeVpcEndpoints": _dry_run(),
    "ec2:DescribeSecurityGroups": _dry_run(),
    "ec2:DescribePrefixLists": _dry_run(),
    "ec2:GetManagedPrefixListEntries": _dry_run(PrefixListId="pl-00000000000000000"),
    "ec2:DescribeVpcBlockPublicAccessOptions": _dry_run(),
    "ec2:DescribeVpcBlockPublicAccessExclusions": _dry_run(),
    "iam:GetInstanceProfile": _about(InstanceProfileName=NAME),
    "iam:GetRole": _about(RoleName=NAME),
    "iam:ListRolePolicies": _about(RoleName=NAME),
    "iam:GetRolePolicy": _about(RoleName=NAME, PolicyName=NAME),
    "iam:ListAttachedRolePolicies": _about(RoleName=NAME),
    "iam:GetPolicy": _about(PolicyArn=_POLICY),
    "iam:GetPolicyVersion": _about(PolicyArn=_POLICY, VersionId="v1"),
    "iam:SimulatePrincipalPolicy": _about(PolicySourceArn=_ROLE, ActionNames=["ecr:GetAuthorizationToken"]),
    "secretsmanager:DescribeSecret": _about(SecretId=NAME),
    "secretsmanager:GetResourcePolicy": _about(SecretId=NAME),
    "ssm:DescribeParameters": _about(MaxResults=1),
    "ssm:ListTagsForResource": _about(ResourceType="Parameter", ResourceId=NAME),
    "kms:DescribeKey": _about(KeyId=_NO_KEY),
    "kms:GetKeyPolicy": _about(KeyId=_NO_KEY),
    "kms:ListResourceTags": _about(KeyId=_NO_KEY),
    "s3:GetBucketLocation": _about(Bucket=NAME),
    "s3:GetBucketPolicy": _about(Bucket=NAME),
    "events:ListRuleNamesByTarget": _about(TargetArn=_CLUSTER, Limit=1),
    "events:ListEventBuses": _about(NamePrefix=NAME, Limit=1),
    "events:ListRules": _about(NamePrefix=NAME, Limit=1),
    "events:ListTargetsByRule": _about(Rule=NAME, Limit=1),
    "scheduler:ListSchedules": _about(NamePrefix=NAME, MaxResults=1),
    "scheduler:GetSchedule": _about(Name=NAME),
    "organizations:DescribeOrganization": _about(),
}
"""botocore's parameters of a harmless call, for each IAM action of the table of calls."""


@dataclass(frozen=True)
class Checked:
    """One line of the answer. `says` is the reason where it does not work."""

    what: str
    works: bool
    says: str


# --- Slack -------------------------------------------------------------------------------------------


def check_slack(settings: Settings) -> Iterable[Checked]:
    """The bot token with its scopes, and the app-level token."""
    yield from check_bot_token(web_client(settings))
    if settings.slack_app_token is None:
        yield Checked("SLACK_APP_TOKEN", False, "is not set")
        return
    token = settings.slack_app_token.get_secret_value()
    try:
        web_client(settings, token="").apps_connections_open(app_token=token)
    except SlackApiError as error:
        why = code_of(error)
        yield Checked(
            "SLACK_APP_TOKEN", False, f"apps.connections.open: {why} (needs xapp-… with connections:write)"
        )
    except CALL_ERRORS as error:
        yield Checked("SLACK_APP_TOKEN", False, f"Slack could not be reached ({code_of(error)})")
    else:
        yield Checked("SLACK_APP_TOKEN", True, "may open a Socket Mode connection")


def check_bot_token(slack: WebClient) -> Iterable[Checked]:
    """The bot token, and its scopes."""
    try:
        answer = slack.auth_test()
    except SlackApiError as error:
        yield Checked("SLACK_BOT_TOKEN", False, f"auth.test: {code_of(error)} (needs the bot token xoxb-…)")
        return
    except CALL_ERRORS as error:
        yield Checked("SLACK_BOT_TOKEN", False, f"Slack could not be reached ({code_of(error)})")
        return
    yield Checked("SLACK_BOT_TOKEN", True, f"is {answer.get('user')} in {answer.get('team')}")
    headers = {key.lower(): value for key, value in answer.headers.items()}
    given = headers.get("x-oauth-scopes")
    if given is None:
        yield Checked("scopes", False, "Slack did not name the token's scopes")
        return
    granted = {scope.strip() for scope in str(given).split(",")}
    for scope in needed_scopes():
        yield Checked(
            f"scope {scope}",
            scope in granted,
            "" if scope in granted else "reinstall the app from manifest.json",
        )


def needed_scopes() -> tuple[str, ...]:
    """The scopes that the manifest asks for and that are not optional."""
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return tuple(manifest["oauth_config"]["scopes"]["bot"])


def check_database(settings: Settings) -> Checked:
    """The file that keeps runs."""
    path = settings.pullcheck_database
    try:
        SqliteRuns(path, retention_days=settings.pullcheck_retention_days).close()
    except (OSError, sqlite3.Error) as error:
        return Checked("PULLCHECK_DATABASE", False, f"{path} cannot be used: {error}")
    return Checked(
        "PULLCHECK_DATABASE", True, f"{path} keeps runs for {settings.pullcheck_retention_days} days"
    )


def check_store(settings: Settings) -> Checked:
    """The file, or the table, that keeps runs."""
    if settings.pullcheck_store == "sqlite":
        return check_database(settings)
    name = settings.pullcheck_table or ""
    try:
        results = list(check_table(botocore.session.Session().create_client("dynamodb"), name))
    except BotoCoreError as error:
        return Checked("PULLCHECK_TABLE", False, f"{name} cannot be used: {error}")
    failing = [item for item in results if not item.works]
    if failing:
        return Checked("PULLCHECK_TABLE", False, f"{name}: {failing[0].what} {failing[0].says}")
    return Checked("PULLCHECK_TABLE", True, f"{name} keeps runs for {settings.pullcheck_retention_days} days")


def check_table(client: Any, name: str) -> Iterable[Checked]:
    """Reading and changing the table. Nothing is changed: the condition of the change never holds."""
    key = {"pk": {"S": NAME}}
    calls: Mapping[str, Callable[[], Any]] = {
        "dynamodb:GetItem": lambda: client.get_item(TableName=name, Key=key),
        "dynamodb:UpdateItem": lambda: client.update_item(
            TableName=name,
            Key=key,
            UpdateExpression="REMOVE note",
            ConditionExpression="attribute_exists(pk)",
        ),
        "dynamodb:PutItem": lambda: client.put_item(
            TableName=name, Item=key, ConditionExpression="attribute_exists(pk)"
        ),
    }
    for action, call in calls.items():
        yield _kept(action, call)


def _kept(action: str, call: Callable[[], Any]) -> Checked:
    try:
        call()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        return Checked(action, code == _NEVER, "" if code == _NEVER else f"is refused: {code}")
    except BotoCoreError as error:
        return Checked(action, False, type(error).__name__)
    return Checked(action, True, "")


# --- AWS ---------------------------------------------------------------------------------------------


def check_aws(aws: AwsClients) -> Iterable[Checked]:
    """Each IAM action of the table of calls."""
    try:
        region = region_of(Target(kind="task"), aws, None)
    except RegionNeededError:
        region = "us-east-1"
        yield Checked(
            "AWS_REGION", False, "is not set, so targets without a Region cannot be found; us-east-1 is tried"
        )
    except AwsUnreachableError as error:
        yield Checked("AWS settings", False, error.message)
        return
    operations = {item.action: item for item in reversed(OPERATIONS)}
    rows = permission_rows()
    account = _account(region, aws)
    if isinstance(account, Checked):
        yield account
        return
    with ThreadPoolExecutor(8) as pool:
        yield from _once(list(pool.map(lambda row: _try(operations[row.action], region, aws, account), rows)))


def _account(region: str, aws: AwsClients) -> str | Checked:
    """The account of the credentials, in which a role that does not exist is asked about; AWS refuses any other.

    Without credentials that AWS accepts nothing else can be tried: that is said once, with what to do.
    """
    try:
        return str(aws.get("sts", region).get_caller_identity()["Account"])
    except (ClientError, BotoCoreError) as error:
        told = trouble_of([error], AskedWith(profile=os.environ.get("AWS_PROFILE") or None, region=region))
        if told is None or told[0] not in ("no_credentials", "expired_credentials"):
            return _NO_ACCOUNT
        return Checked("AWS credentials", False, told[1])


def _once(results: list[Checked]) -> list[Checked]:
    """What is the same of every read, such as that AWS cannot be reached, in one line."""
    if len(results) > 1 and not results[0].works and len({(item.works, item.says) for item in results}) == 1:
        return [Checked(f"all {len(results)} reads of AWS", False, results[0].says)]
    return results


def _try(operation: Operation[Any], region: str, aws: AwsClients, account: str) -> Checked:
    action = operation.action
    probe = PROBES.get(action)
    if probe is None:
        return Checked(action, False, "is not known to this check")
    call = Call.to(operation, {}, region=region)
    try:
        client = aws.get(operation.service, region)
        getattr(client, operation.method)(**probe(client.meta.partition, account, region))
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "DryRunOperation":
            return Checked(action, True, "")
        return _read(action, read_error(error, call), error)
    except BotoCoreError as error:
        fact = read_error(error, call)
        return Checked(action, False, fact.why if not isinstance(fact, Absent) else str(error))
    return Checked(action, True, "")


def _read(action: str, fact: Any, error: ClientError) -> Checked:
    """AWS's answer that there is no such thing is an answer; so is one about the made-up id."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    if isinstance(fact, Absent) or code.endswith(
        (".NotFound", "NotFoundException", ".Malformed", "InvalidResourceId")
    ):
        return Checked(action, True, _NO_BUCKET if code == "NoSuchBucket" else "")
    if fact.reason.why is Why.DENIED:
        return Checked(action, False, "denied: allow this action to the app's role")
    return Checked(action, False, fact.why)
