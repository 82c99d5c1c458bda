"""Wrong invocations: words, environment, files and what AWS answers, and the one sentence that each gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests import build
from tests.cli.broken_aws import Answer

ARN = build.TASK_ARN
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLEEXAMPLE12", "AWS_SECRET_ACCESS_KEY": "x" * 40}
SESSION = {**KEYS, "AWS_SESSION_TOKEN": "t" * 40}
ME = "arn:aws:sts::111122223333:assumed-role/on-call/ana"
EXPIRED = "The security token included in the request is expired"
LATE = "Signature expired: 20261130T180000Z is now earlier than 20261130T185900Z (20261130T191400Z - 15 min.)"
EARLY = "Signature not yet current: 20261130T201400Z is still later than 20261130T192900Z (20261130T191400Z + 15 min.)"
ROLE = "role_arn=arn:aws:iam::111122223333:role/reader\n"


@dataclass(frozen=True)
class Wrong:
    """One of them. `{tmp}` and `{url}` stand for the folder and the address of the emulated AWS, everywhere."""

    name: str
    words: tuple[str, ...]
    status: int
    says: str
    env: Mapping[str, str] = field(default_factory=dict)
    config: str = ""
    credentials: str = ""
    answer: Answer | None = None
    me: str | None = None
    stdout: str = ""


def process(script: str) -> str:
    return f"[default]\ncredential_process={script}\n"


def sso(name: str) -> str:
    return (
        f"[profile {name}]\nsso_session=corp\nsso_account_id=111122223333\nsso_role_name=Reader\n"
        "[sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://corp.awsapps.com/start\n"
    )


ROWS = (
    # the words
    Wrong("no-words", (), 2, ""),
    Wrong("nonsense", ("nonsense",), 2, ""),
    Wrong("empty", ("",), 2, ""),
    Wrong("blank", ("   ",), 2, ""),
    Wrong("not-ecs", ("arn:aws:s3:::bucket/key",), 2, ""),
    Wrong("role-arn", ("arn:aws:iam::111122223333:role/x",), 2, ""),
    Wrong("dashed-account", ("arn:aws:ecs:us-east-1:1111-2222-3333:task/prod/0123456789abcdef0123456789abcdef",), 2, ""),
    Wrong("short-account", ("arn:aws:ecs:us-east-1:11112222333:task/prod/0123456789abcdef0123456789abcdef",), 2, ""),
    Wrong("name-for-region", ("arn:aws:ecs:Frankfurt:111122223333:task/prod/0123456789abcdef0123456789abcdef",), 2, ""),
    Wrong("zone-for-region", ("a/b", "--region", "eu-west-1a"), 2, ""),
    Wrong("region-name", ("a/b", "--region", "Ireland"), 2, ""),
    Wrong("no-region", ("payments/refunds",), 2, ""),
    Wrong("region-of-settings", ("payments/refunds",), 2, "", env={"AWS_REGION": "Frankfurt", "AWS_DEFAULT_REGION": "Frankfurt"}),
    Wrong("two-regions", (ARN, "--region", "ap-south-1"), 2, ""),
    Wrong("cluster-arn", ("arn:aws:ecs:us-east-1:111122223333:cluster/prod",), 2, ""),
    Wrong("definition-arn", ("arn:aws:ecs:us-east-1:111122223333:task-definition/api:7",), 2, ""),
    Wrong("half-an-arn", ("arn:aws:ecs:us-east-1",), 2, ""),
    Wrong("misspelt-option", (ARN, "--regoin", "eu-west-1"), 2, ""),
    Wrong("unknown-option", (ARN, "--password=SECRET9"), 2, ""),
    Wrong("abbreviated-option", (ARN, "--verb"), 2, ""),
    Wrong("no-value", (ARN, "--profile"), 2, ""),
    Wrong("unknown-format", (ARN, "--format", "xml"), 2, ""),
    Wrong("deadline-word", (ARN, "--deadline", "soon"), 2, ""),
    Wrong("deadline-zero", (ARN, "--deadline", "0"), 2, ""),
    Wrong("deadline-nan", (ARN, "--deadline", "nan"), 2, ""),
    Wrong("deadline-hours", (ARN, "--deadline", "3600"), 2, ""),
    Wrong("no-previous", (ARN, "--previous"), 2, ""),
    Wrong("explain-option", ("explain", "tag-not-found", "--verbose"), 2, ""),
    Wrong("usage-json", (ARN, "--format", "json", "--deadline", "soon"), 2, "", stdout="?"),
    Wrong("usage-json-equals", (ARN, "--format=json", "--regoin=x"), 2, "", stdout="?"),
    Wrong("explain-nothing", ("explain",), 2, ""),
    Wrong("explain-misspelt", ("explain", "tag-not-fund"), 2, ""),
    Wrong("explain-unknown", ("explain", "zzzzzz"), 2, ""),
    Wrong("explain-two", ("explain", "tag-not-found", "repo-not-found"), 2, ""),
    Wrong("list-word", ("list", "all"), 2, ""),
    # files
    Wrong("both", (ARN, "--replay", "{tmp}/case.json"), 2, ""),
    Wrong("no-file", ("--replay", "{tmp}/none.json"), 2, ""),
    Wrong("folder", ("--replay", "{tmp}"), 2, ""),
    Wrong("no-json", ("--replay", "{tmp}/text"), 2, ""),
    Wrong("no-case", ("--replay", "{tmp}/list"), 2, ""),
    Wrong("replay-region", ("--replay", "{tmp}/case.json", "--region", "eu-west-1"), 2, ""),
    Wrong("replay-profile", ("--replay", "{tmp}/case.json", "--profile", "prod"), 2, ""),
    Wrong("replay-save", ("--replay", "{tmp}/case.json", "--save", "{tmp}/other.json"), 2, ""),
    Wrong("replay-deadline", ("--replay", "{tmp}/case.json", "--deadline", "5"), 2, ""),
    Wrong("save-nowhere", (ARN, "--save", "{tmp}/no/such/case.json"), 2, ""),
    Wrong("previous-missing", (ARN, "--previous", "{tmp}/none.json"), 2, ""),
    Wrong("previous-other", (ARN, "--previous", "{tmp}/case.json"), 2, ""),
    # credentials
    Wrong("none", (ARN,), 4, ""),
    Wrong("none-json", (ARN, "--format", "json"), 4, "", stdout="?"),
    Wrong("no-profile", (ARN, "--profile", "nope"), 4, ""),
    Wrong("misspelt-profile", (ARN, "--profile", "prodd"), 4, "", config="[profile prod]\nregion=eu-west-1\n"),
    Wrong("env-profile", (ARN,), 4, "", env={"AWS_PROFILE": "nope"}),
    Wrong("env-profile-no-region", ("payments/refunds",), 4, "", env={"AWS_PROFILE": "nope"}),
    Wrong("empty-profile", (ARN, "--profile", "prod"), 4, "", config="[profile prod]\nregion=eu-west-1\n"),
    Wrong("half-env", (ARN,), 4, "", env={"AWS_ACCESS_KEY_ID": "AKIA"}),
    Wrong("half-file", (ARN,), 4, "", credentials="[default]\naws_access_key_id=AKIA\n"),
    Wrong("half-profile", (ARN, "--profile", "prod"), 4, "", credentials="[prod]\naws_access_key_id=AKIA\n"),
    Wrong("process-fails", (ARN,), 4, "", config=process("/bin/false")),
    Wrong("process-says-why", (ARN,), 4, "", config=process("/bin/sh -c 'echo vault is sealed, password=hunter2 >&2; exit 3'")),
    Wrong("process-is-missing", (ARN,), 4, "", config=process("/nope/vault")),
    Wrong("process-no-json", (ARN,), 4, "", config=process("/bin/echo hello")),
    Wrong("process-stale", (ARN,), 4, "", config=process(
        """/bin/echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t","Expiration":"2020-01-01T00:00:00Z"}'"""
    )),
    Wrong("sso-never-opened", (ARN, "--profile", "corp"), 4, "", config=sso("corp")),
    Wrong("sso-of-environment", (ARN,), 4, "", config=sso("corp"), env={"AWS_PROFILE": "corp"}),
    Wrong("sso-session-missing", (ARN, "--profile", "corp"), 4, "", config="[profile corp]\nsso_session=x\nsso_account_id=1\nsso_role_name=R\n"),
    Wrong("source-missing", (ARN, "--profile", "prod"), 4, "", config=f"[profile prod]\n{ROLE}source_profile=base\n"),
    Wrong("source-loop", (ARN, "--profile", "a"), 4, "", config=f"[profile a]\n{ROLE}source_profile=b\n[profile b]\n{ROLE}source_profile=a\n"),
    Wrong("role-alone", (ARN, "--profile", "prod"), 4, "", config=f"[profile prod]\n{ROLE}"),
    Wrong("mfa-without-terminal", (ARN, "--profile", "prod"), 4, "",
          config=f"[profile prod]\n{ROLE}source_profile=base\nmfa_serial=arn:aws:iam::111122223333:mfa/ana\n",
          credentials="[base]\naws_access_key_id=AKIA\naws_secret_access_key=s\n"),
    Wrong("role-refused", (ARN, "--profile", "prod"), 4, "", config=f"[profile prod]\n{ROLE}source_profile=base\n",
          credentials="[base]\naws_access_key_id=AKIA\naws_secret_access_key=s\n",
          answer=(403, "AccessDenied", "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/reader")),
    Wrong("web-identity-token", (ARN,), 4, "", env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{tmp}/none", "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/x"}),
    Wrong("container-of-a-stranger", (ARN,), 4, "", env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/x"}),
    Wrong("garbage-config", (ARN,), 4, "", config="garbage["),
    Wrong("garbage-config-no-region", ("payments/refunds",), 4, "", config="garbage["),
    Wrong("defaults-mode", (ARN,), 4, "", env={**KEYS, "AWS_DEFAULTS_MODE": "fast"}),
    # what AWS says of them
    Wrong("expired-env", (ARN,), 4, "", env=SESSION, answer=(403, "ExpiredToken", EXPIRED)),
    Wrong("expired-profile", (ARN, "--profile", "prod"), 4, "", answer=(403, "ExpiredTokenException", EXPIRED),
          credentials="[prod]\naws_access_key_id=AKIA\naws_secret_access_key=s\naws_session_token=t\n"),
    Wrong("unknown-key", (ARN,), 4, "", env=KEYS, answer=(403, "InvalidClientTokenId", "The security token included in the request is invalid.")),
    Wrong("wrong-secret", (ARN,), 4, "", env=KEYS, answer=(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")),
    Wrong("clock-behind", (ARN,), 4, "", env=KEYS, answer=(403, "SignatureDoesNotMatch", LATE)),
    Wrong("clock-ahead", (ARN,), 4, "", env=KEYS, answer=(403, "InvalidSignatureException", EARLY)),
    Wrong("clock-ec2-form", (ARN,), 4, "", env=KEYS, answer=(400, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")),
    Wrong("region-not-enabled", (ARN,), 4, "", env=KEYS, answer=(403, "OptInRequired", "You are not subscribed to this service"), me=ME),
    # the way
    Wrong("endpoint-is-none", (ARN,), 4, "", env={**KEYS, "AWS_ENDPOINT_URL": "localhost"}),
    Wrong("endpoint-is-dead", (ARN,), 4, "", env={**KEYS, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}),
    Wrong("proxy-is-dead", (ARN,), 4, "", env={**KEYS, "HTTPS_PROXY": "http://ana:hunter2@127.0.0.1:1"}),
    Wrong("proxy-is-none", (ARN,), 4, "", env={**KEYS, "HTTPS_PROXY": "::::"}),
    Wrong("bundle-is-missing", (ARN,), 4, "", env={**KEYS, "AWS_CA_BUNDLE": "{tmp}/none.pem"}),
    Wrong("no-tls-there", (ARN,), 4, "", env={**KEYS, "AWS_ENDPOINT_URL": "https://127.0.0.1:{port}"}, answer=(200, "x", "x")),
)  # fmt: skip
