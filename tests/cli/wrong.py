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


ROWS: tuple[Wrong, ...] = (
    # the words
    Wrong(
        "no-words",
        (),
        2,
        "Give a task ARN, an ECS console link, cluster/task-id or cluster/service; for example arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "nonsense",
        ("nonsense",),
        2,
        "'nonsense' alone could be a cluster or a service; give cluster/service or a task ARN, such as arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "empty",
        ("",),
        2,
        "Give a task ARN, an ECS console link, cluster/task-id or cluster/service; for example arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "blank",
        ("   ",),
        2,
        "Give a task ARN, an ECS console link, cluster/task-id or cluster/service; for example arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "not-ecs",
        ("arn:aws:s3:::bucket/key",),
        2,
        "That is an ARN of s3, not of ECS; give a task's, such as arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "role-arn",
        ("arn:aws:iam::111122223333:role/x",),
        2,
        "That is an ARN of iam, not of ECS; give a task's, such as arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "dashed-account",
        ("arn:aws:ecs:us-east-1:1111-2222-3333:task/prod/0123456789abcdef0123456789abcdef",),
        2,
        "'1111-2222-3333' in that ARN is not an account id of 12 digits; a task's ARN looks like arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "short-account",
        ("arn:aws:ecs:us-east-1:11112222333:task/prod/0123456789abcdef0123456789abcdef",),
        2,
        "The account id in that ARN has 11 digits instead of 12; a task's ARN looks like arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "name-for-region",
        ("arn:aws:ecs:Frankfurt:111122223333:task/prod/0123456789abcdef0123456789abcdef",),
        2,
        "'Frankfurt' in that ARN is not the name of a Region; a task's ARN looks like arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "zone-for-region",
        ("a/b", "--region", "eu-west-1a"),
        2,
        "--region: expected a Region, for example eu-central-1; got 'eu-west-1a'.",
    ),
    Wrong(
        "region-name",
        ("a/b", "--region", "Ireland"),
        2,
        "--region: expected a Region, for example eu-central-1; got 'Ireland'.",
    ),
    Wrong(
        "no-region",
        ("payments/refunds",),
        2,
        "Which Region? Give the task's ARN, or name the Region with --region or AWS_REGION, for example eu-central-1.",
    ),
    Wrong(
        "region-of-settings",
        ("payments/refunds",),
        2,
        "'Frankfurt' is no Region; name the task's own, for example eu-central-1.",
        env={"AWS_REGION": "Frankfurt", "AWS_DEFAULT_REGION": "Frankfurt"},
    ),
    Wrong(
        "two-regions",
        (ARN, "--region", "ap-south-1"),
        2,
        "The target is in us-east-1, and --region says ap-south-1; leave --region out, or give the target that you mean.",
    ),
    Wrong(
        "cluster-arn",
        ("arn:aws:ecs:us-east-1:111122223333:cluster/prod",),
        2,
        "That is the ARN of a cluster, not of a task or service; a task's looks like arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "definition-arn",
        ("arn:aws:ecs:us-east-1:111122223333:task-definition/api:7",),
        2,
        "That is the ARN of a task definition, not of a task or service; a task's looks like arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "half-an-arn",
        ("arn:aws:ecs:us-east-1",),
        2,
        "'arn:aws:ecs:us-east-1' is not a complete ARN; a task's looks like arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "misspelt-option",
        (ARN, "--regoin", "eu-west-1"),
        2,
        "There is no option '--regoin'; did you mean --region?",
    ),
    Wrong(
        "unknown-option",
        (ARN, "--password=SECRET9"),
        2,
        "There is no option '--password'; `python -m diagnostics --help` shows those there are.",
    ),
    Wrong("abbreviated-option", (ARN, "--verb"), 2, "There is no option '--verb'; did you mean --verbose?"),
    Wrong(
        "no-value",
        (ARN, "--profile"),
        2,
        "--profile: expected one argument; `python -m diagnostics --help` shows how it is used.",
    ),
    Wrong(
        "unknown-format",
        (ARN, "--format", "xml"),
        2,
        "--format: invalid choice: 'xml' (choose from 'text', 'json', 'github', 'junit', 'markdown'); `python -m diagnostics --help` shows how it is used.",
    ),
    Wrong(
        "deadline-word",
        (ARN, "--deadline", "soon"),
        2,
        "--deadline: expected a number of seconds up to 900, for example 20; got 'soon'.",
    ),
    Wrong(
        "deadline-zero",
        (ARN, "--deadline", "0"),
        2,
        "--deadline: expected a number of seconds up to 900, for example 20; got '0'.",
    ),
    Wrong(
        "deadline-nan",
        (ARN, "--deadline", "nan"),
        2,
        "--deadline: expected a number of seconds up to 900, for example 20; got 'nan'.",
    ),
    Wrong(
        "deadline-hours",
        (ARN, "--deadline", "3600"),
        2,
        "--deadline: expected a number of seconds up to 900, for example 20; got '3600'.",
    ),
    Wrong(
        "no-previous",
        (ARN, "--previous"),
        2,
        "--previous: expected one argument; `python -m diagnostics --help` shows how it is used.",
    ),
    Wrong(
        "explain-option",
        ("explain", "tag-not-found", "--verbose"),
        2,
        "There is no option '--verbose'; `python -m diagnostics explain --help` shows those there are.",
    ),
    Wrong(
        "usage-json",
        (ARN, "--format", "json", "--deadline", "soon"),
        2,
        "--deadline: expected a number of seconds up to 900, for example 20; got 'soon'.",
        stdout="?",
    ),
    Wrong(
        "usage-json-equals",
        (ARN, "--format=json", "--regoin=x"),
        2,
        "There is no option '--regoin'; did you mean --region?",
        stdout="?",
    ),
    Wrong(
        "explain-nothing",
        ("explain",),
        2,
        "The following arguments are required: ID; `python -m diagnostics explain --help` shows how it is used.",
    ),
    Wrong(
        "explain-misspelt",
        ("explain", "tag-not-fund"),
        2,
        "There is no cause 'tag-not-fund'; did you mean tag-not-found or digest-not-found or repo-not-found?",
    ),
    Wrong(
        "explain-unknown",
        ("explain", "zzzzzz"),
        2,
        "There is no cause 'zzzzzz'; `python -m diagnostics list` shows them all.",
    ),
    Wrong(
        "explain-two",
        ("explain", "tag-not-found", "repo-not-found"),
        2,
        "'repo-not-found' is one word too many; `python -m diagnostics explain --help` shows how it is used.",
    ),
    Wrong(
        "list-word",
        ("list", "all"),
        2,
        "'all' is one word too many; `python -m diagnostics list --help` shows how it is used.",
    ),
    Wrong(
        "lookalike-dash",
        (ARN, "—region", "eu-west-1"),
        2,
        "'—region' begins with another dash than an option does: write --region; `python -m diagnostics --help` shows how it is used.",
    ),
    Wrong(
        "lookalike-dashes",
        (ARN, "––format=json"),
        2,
        "'––format=json' begins with another dash than an option does: write --format; `python -m diagnostics --help` shows how it is used.",
    ),
    Wrong(
        "help-without-dashes",
        ("help",),
        2,
        "'help' alone could be a cluster or a service; give cluster/service or a task ARN, such as arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef. Or did you mean `python -m diagnostics --help`?",
    ),
    Wrong(
        "misspelt-command",
        ("lst",),
        2,
        "'lst' alone could be a cluster or a service; give cluster/service or a task ARN, such as arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef. Or did you mean `python -m diagnostics list`?",
    ),
    Wrong(
        "command-in-capitals",
        ("Explain", "tag-not-found"),
        2,
        "No task or service was recognised in 'Explain tag-not-found'; give a task ARN such as arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef. Or did you mean `python -m diagnostics explain`?",
    ),
    Wrong(
        "two-targets",
        (ARN, ARN.replace("payments", "orders")),
        2,
        "That names 2 different targets (arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef and arn:aws:ecs:us-east-1:111122223333:task/orders/0123456789abcdef0123456789abcdef); give one at a time, such as arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "lookalike-slash",
        ("payments∕api",),
        2,
        "No task or service was recognised in 'payments∕api'; give a task ARN such as arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef.",
    ),
    Wrong(
        "explain-without-end",
        ("explain", "a" * 5000),
        2,
        "There is no cause 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…'; `python -m diagnostics list` shows them all.",
    ),
    # other commands
    Wrong(
        "preflight-nothing",
        ("preflight",),
        2,
        "The following arguments are required: TASK_DEFINITION; `python -m diagnostics preflight --help` shows how it is used.",
    ),
    Wrong(
        "preflight-previous",
        ("preflight", "api:7", "--previous", "x"),
        2,
        "There is no option '--previous'; did you mean --region?",
    ),
    Wrong(
        "preflight-lookalike",
        ("preflight", "api:7", "—service", "api"),
        2,
        "'—service' begins with another dash than an option does: write --service; `python -m diagnostics preflight --help` shows how it is used.",
    ),
    Wrong(
        "audit-nothing",
        ("audit",),
        2,
        "One of the arguments --cluster --all is required; `python -m diagnostics audit --help` shows how it is used.",
    ),
    Wrong(
        "audit-days",
        ("audit", "--all", "--days", "-1"),
        2,
        "--days: expected a number of days from 1 to 3650, for example 30; got '-1'.",
    ),
    Wrong(
        "audit-junit",
        ("audit", "--all", "--format", "junit"),
        2,
        "--format: invalid choice: 'junit' (choose from 'text', 'json'); `python -m diagnostics audit --help` shows how it is used.",
    ),
    Wrong(
        "audit-previous-case",
        ("audit", "--all", "--previous", "{tmp}/case.json"),
        2,
        "{tmp}/case.json is no audit that was kept with --format json.",
    ),
    Wrong(
        "deployment-task",
        ("deployment", ARN),
        2,
        "That names a task; a deployment is a service's: give cluster/service, for example payments/payments-api.",
    ),
    Wrong(
        "deployment-wait",
        ("deployment", "payments/api", "--wait", "nan"),
        2,
        "--wait: expected a number of seconds up to 86400, for example 600; got 'nan'.",
    ),
    Wrong(
        "mcp-word",
        ("mcp", "start"),
        2,
        "'start' is one word too many; `python -m diagnostics mcp --help` shows how it is used.",
    ),
    Wrong(
        "completion-shell",
        ("completion", "powershell"),
        2,
        "SHELL: invalid choice: 'powershell' (choose from 'bash', 'zsh', 'fish'); `python -m diagnostics completion --help` shows how it is used.",
    ),
    # files
    Wrong(
        "save-empty",
        (ARN, "--save", ""),
        2,
        "--save: expected the name of a file, for example case.json; got ''.",
    ),
    Wrong(
        "save-folder", (ARN, "--save", "{tmp}"), 2, "{tmp} is a folder; name a file, such as {tmp}/case.json."
    ),
    Wrong(
        "previous-empty",
        (ARN, "--previous", ""),
        2,
        "--previous: expected the name of a file, for example case.json; got ''.",
    ),
    Wrong(
        "previous-text",
        (ARN, "--previous", "{tmp}/text"),
        2,
        "{tmp}/text is not a case saved with --save: it is no JSON (Expecting value in line 1).",
    ),
    Wrong("both", (ARN, "--replay", "{tmp}/case.json"), 2, "Give a target or --replay FILE, not both."),
    Wrong(
        "no-file",
        ("--replay", "{tmp}/none.json"),
        2,
        "{tmp}/none.json could not be read: No such file or directory.",
    ),
    Wrong("folder", ("--replay", "{tmp}"), 2, "{tmp} could not be read: Is a directory."),
    Wrong(
        "no-json",
        ("--replay", "{tmp}/text"),
        2,
        "{tmp}/text is not a case saved with --save: it is no JSON (Expecting value in line 1).",
    ),
    Wrong(
        "no-case",
        ("--replay", "{tmp}/list"),
        2,
        "{tmp}/list is not a case saved with --save: it is no object with a target.",
    ),
    Wrong(
        "replay-region",
        ("--replay", "{tmp}/case.json", "--region", "eu-west-1"),
        2,
        "--replay asks AWS nothing, so --region would do nothing; leave it out.",
    ),
    Wrong(
        "replay-profile",
        ("--replay", "{tmp}/case.json", "--profile", "prod"),
        2,
        "--replay asks AWS nothing, so --profile would do nothing; leave it out.",
    ),
    Wrong(
        "replay-save",
        ("--replay", "{tmp}/case.json", "--save", "{tmp}/other.json"),
        2,
        "--replay asks AWS nothing, so --save would do nothing; leave it out.",
    ),
    Wrong(
        "replay-deadline",
        ("--replay", "{tmp}/case.json", "--deadline", "5"),
        2,
        "--replay asks AWS nothing, so --deadline would do nothing; leave it out.",
    ),
    Wrong(
        "save-nowhere",
        (ARN, "--save", "{tmp}/no/such/case.json"),
        2,
        "There is no folder {tmp}/no/such to save into.",
    ),
    Wrong(
        "previous-missing",
        (ARN, "--previous", "{tmp}/none.json"),
        2,
        "{tmp}/none.json could not be read: No such file or directory.",
    ),
    Wrong(
        "previous-other",
        (ARN, "--previous", "{tmp}/case.json"),
        2,
        "{tmp}/case.json is about arn:aws:ecs:us-east-1:111122223333:task/payments/f1260ebc7d564b56b714dc919b27dbdf, not about arn:aws:ecs:us-east-1:111122223333:task/payments/0123456789abcdef0123456789abcdef; give a case of the same target to compare with.",
    ),
    # credentials
    Wrong(
        "none",
        (ARN,),
        4,
        "No AWS credentials were found: set AWS_PROFILE or the other AWS_* variables, or run `aws configure`.",
    ),
    Wrong(
        "none-json",
        (ARN, "--format", "json"),
        4,
        "No AWS credentials were found: set AWS_PROFILE or the other AWS_* variables, or run `aws configure`.",
        stdout="?",
    ),
    Wrong(
        "no-profile",
        (ARN, "--profile", "nope"),
        4,
        "There is no profile 'nope' in the AWS configuration; `aws configure list-profiles` shows those there are.",
    ),
    Wrong(
        "misspelt-profile",
        (ARN, "--profile", "prodd"),
        4,
        "There is no profile 'prodd' in the AWS configuration; did you mean 'prod'?",
        config="[profile prod]\nregion=eu-west-1\n",
    ),
    Wrong(
        "env-profile",
        (ARN,),
        4,
        "There is no profile 'nope' in the AWS configuration; `aws configure list-profiles` shows those there are.",
        env={"AWS_PROFILE": "nope"},
    ),
    Wrong(
        "env-profile-no-region",
        ("payments/refunds",),
        4,
        "There is no profile 'nope' in the AWS configuration; `aws configure list-profiles` shows those there are.",
        env={"AWS_PROFILE": "nope"},
    ),
    Wrong(
        "empty-profile",
        (ARN, "--profile", "prod"),
        4,
        "Profile 'prod' names no credentials; add keys, an SSO session or a role to it (`aws configure --profile prod`), or set AWS_PROFILE to another.",
        config="[profile prod]\nregion=eu-west-1\n",
    ),
    Wrong(
        "half-env",
        (ARN,),
        4,
        "The AWS credentials are incomplete: AWS_SECRET_ACCESS_KEY is missing; set both halves, or neither and AWS_PROFILE.",
        env={"AWS_ACCESS_KEY_ID": "AKIA"},
    ),
    Wrong(
        "half-file",
        (ARN,),
        4,
        "The AWS credentials are incomplete: aws_secret_access_key is missing; set both halves, or neither and AWS_PROFILE.",
        credentials="[default]\naws_access_key_id=AKIA\n",
    ),
    Wrong(
        "half-profile",
        (ARN, "--profile", "prod"),
        4,
        "The AWS credentials of profile 'prod' are incomplete: aws_secret_access_key is missing; set both halves, or neither and AWS_PROFILE.",
        credentials="[prod]\naws_access_key_id=AKIA\n",
    ),
    Wrong(
        "process-fails",
        (ARN,),
        4,
        "The AWS credentials could not be got from custom-process; run its credential_process by hand.",
        config=process("/bin/false"),
    ),
    Wrong(
        "process-says-why",
        (ARN,),
        4,
        "The AWS credentials could not be got from custom-process (vault is sealed, password=[redacted]); run its credential_process by hand.",
        config=process("/bin/sh -c 'echo vault is sealed, password=hunter2 >&2; exit 3'"),
    ),
    Wrong(
        "process-is-missing",
        (ARN,),
        4,
        "The AWS settings name /nope/vault, which can be neither read nor run: No such file or directory; correct them.",
        config=process("/nope/vault"),
    ),
    Wrong(
        "process-no-json",
        (ARN,),
        4,
        "The credential_process prints no JSON of AWS's form (Version, AccessKeyId, SecretAccessKey); run it by hand.",
        config=process("/bin/echo hello"),
    ),
    Wrong(
        "process-stale",
        (ARN,),
        4,
        "The AWS credentials had expired already when they were got: renew them, for example with `aws sso login`.",
        config=process(
            """/bin/echo '{"Version":1,"AccessKeyId":"A","SecretAccessKey":"s","SessionToken":"t","Expiration":"2020-01-01T00:00:00Z"}'"""
        ),
    ),
    Wrong(
        "sso-never-opened",
        (ARN, "--profile", "corp"),
        4,
        "The SSO session of profile 'corp' has expired or was never opened: run `aws sso login --profile corp`, and ask again.",
        config=sso("corp"),
    ),
    Wrong(
        "sso-of-environment",
        (ARN,),
        4,
        "The SSO session of profile 'corp' has expired or was never opened: run `aws sso login --profile corp`, and ask again.",
        config=sso("corp"),
        env={"AWS_PROFILE": "corp"},
    ),
    Wrong(
        "sso-session-missing",
        (ARN, "--profile", "corp"),
        4,
        "The AWS settings of profile 'corp' cannot be used (The specified sso-session does not exist: \"x\"); correct the AWS_* variables or the profile.",
        config="[profile corp]\nsso_session=x\nsso_account_id=1\nsso_role_name=R\n",
    ),
    Wrong(
        "source-missing",
        (ARN, "--profile", "prod"),
        4,
        'The AWS settings of profile \'prod\' cannot be used (The source_profile "base" referenced in the profile "prod" does not exist); correct the AWS_* variables or the profile.',
        config=f"[profile prod]\n{ROLE}source_profile=base\n",
    ),
    Wrong(
        "source-loop",
        (ARN, "--profile", "a"),
        4,
        "The AWS settings of profile 'a' cannot be used (Infinite loop in credential configuration detected. Attempting to load from profile a which has already been visited. Visited profiles: ['a', 'b']); correct the AWS_* variables or the profile.",
        config=f"[profile a]\n{ROLE}source_profile=b\n[profile b]\n{ROLE}source_profile=a\n",
    ),
    Wrong(
        "role-alone",
        (ARN, "--profile", "prod"),
        4,
        "The role of profile 'prod' names nobody to assume it: source_profile or credential_source is missing; add one to the profile.",
        config=f"[profile prod]\n{ROLE}",
    ),
    Wrong(
        "mfa-without-terminal",
        (ARN, "--profile", "prod"),
        4,
        "The role of profile 'prod' asks for an MFA code, and there is no terminal to ask on; run pullcheck in one, or set the credentials of a session that has it (`aws sts get-session-token`).",
        config=f"[profile prod]\n{ROLE}source_profile=base\nmfa_serial=arn:aws:iam::111122223333:mfa/ana\n",
        credentials="[base]\naws_access_key_id=AKIA\naws_secret_access_key=s\n",
    ),
    Wrong(
        "role-refused",
        (ARN, "--profile", "prod"),
        4,
        "The role of profile 'prod' could not be assumed (User: arn:aws:iam::111122223333:user/ana is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/reader); its trust policy and the caller's own policies must allow sts:AssumeRole.",
        config=f"[profile prod]\n{ROLE}source_profile=base\n",
        credentials="[base]\naws_access_key_id=AKIA\naws_secret_access_key=s\n",
        answer=(
            403,
            "AccessDenied",
            "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/reader",
        ),
    ),
    Wrong(
        "web-identity-token",
        (ARN,),
        4,
        "The AWS settings name {tmp}/none, which can be neither read nor run: No such file or directory; correct them.",
        env={"AWS_WEB_IDENTITY_TOKEN_FILE": "{tmp}/none", "AWS_ROLE_ARN": "arn:aws:iam::111122223333:role/x"},
    ),
    Wrong(
        "container-of-a-stranger",
        (ARN,),
        4,
        "The AWS settings cannot be used (Unsupported host 'example.com'. Can only retrieve metadata from a loopback address or one of these hosts: 169.254.170.2, 169.254.170.23, fd00:ec2::23, localhost); correct the AWS_* variables or the profile.",
        env={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/x"},
    ),
    Wrong(
        "garbage-config",
        (ARN,),
        4,
        "The AWS configuration file {tmp}/config cannot be read; correct it, or name another with AWS_CONFIG_FILE.",
        config="garbage[",
    ),
    Wrong(
        "garbage-config-no-region",
        ("payments/refunds",),
        4,
        "The AWS configuration file {tmp}/config cannot be read; correct it, or name another with AWS_CONFIG_FILE.",
        config="garbage[",
    ),
    Wrong(
        "defaults-mode",
        (ARN,),
        4,
        "The AWS settings cannot be used (Client configured with invalid defaults mode: fast. Valid defaults modes include: legacy, auto, standard, in-region, cross-region, mobile); correct the AWS_* variables or the profile.",
        env={**KEYS, "AWS_DEFAULTS_MODE": "fast"},
    ),
    # what AWS says of them
    Wrong(
        "expired-env",
        (ARN,),
        4,
        "The AWS credentials of the environment variables have expired: get new ones and set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN again, or unset them and name a profile.",
        env=SESSION,
        answer=(403, "ExpiredToken", EXPIRED),
    ),
    Wrong(
        "expired-profile",
        (ARN, "--profile", "prod"),
        4,
        "The AWS credentials of profile 'prod' have expired: renew them, for example with `aws sso login --profile prod`.",
        answer=(403, "ExpiredTokenException", EXPIRED),
        credentials="[prod]\naws_access_key_id=AKIA\naws_secret_access_key=s\naws_session_token=t\n",
    ),
    Wrong(
        "unknown-key",
        (ARN,),
        4,
        "AWS does not know the access key: the AWS credentials of the environment variables were deleted, made inactive, or belong to another partition; set AWS_PROFILE to others, or make a new key.",
        env=KEYS,
        answer=(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    ),
    Wrong(
        "wrong-secret",
        (ARN,),
        4,
        "The AWS credentials of the environment variables do not fit together: the secret access key is not that of the access key; correct it.",
        env=KEYS,
        answer=(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        ),
    ),
    Wrong(
        "clock-behind",
        (ARN,),
        4,
        "This machine's clock is 74 minutes behind AWS's, so that AWS accepts no signature of it; set it right (NTP), and ask again.",
        env=KEYS,
        answer=(403, "SignatureDoesNotMatch", LATE),
    ),
    Wrong(
        "clock-ahead",
        (ARN,),
        4,
        "This machine's clock is 60 minutes ahead of AWS's, so that AWS accepts no signature of it; set it right (NTP), and ask again.",
        env=KEYS,
        answer=(403, "InvalidSignatureException", EARLY),
    ),
    Wrong(
        "clock-ec2-form",
        (ARN,),
        4,
        "This machine's clock is wrong, so that AWS accepts no signature of it; set it right (NTP), and ask again.",
        env=KEYS,
        answer=(
            400,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
    ),
    Wrong(
        "region-not-enabled",
        (ARN,),
        4,
        "Region us-east-1 does not exist or is not enabled for this account: name the task's own Region, for example --region eu-central-1.",
        env=KEYS,
        answer=(403, "OptInRequired", "You are not subscribed to this service"),
        me=ME,
    ),
    # the way
    Wrong(
        "endpoint-is-none",
        (ARN,),
        4,
        "AWS_ENDPOINT_URL is no address (Invalid endpoint: localhost); leave it out, or give one such as http://127.0.0.1:4566.",
        env={**KEYS, "AWS_ENDPOINT_URL": "localhost"},
    ),
    Wrong(
        "endpoint-is-dead",
        (ARN,),
        4,
        "AWS could not be reached in Region us-east-1 at http://127.0.0.1:1: check the network, the VPN, the proxy and AWS_ENDPOINT_URL.",
        env={**KEYS, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
    ),
    Wrong(
        "proxy-is-dead",
        (ARN,),
        4,
        "The proxy http://127.0.0.1:1 could not be reached: check HTTPS_PROXY, or name AWS's hosts in NO_PROXY.",
        env={**KEYS, "HTTPS_PROXY": "http://ana:hunter2@127.0.0.1:1"},
    ),
    Wrong(
        "proxy-is-none",
        (ARN,),
        4,
        "The proxy that is set is no address (Failed to parse: '::::' is not a valid host or port); correct HTTPS_PROXY, such as http://proxy.example.com:3128.",
        env={**KEYS, "HTTPS_PROXY": "::::"},
    ),
    Wrong(
        "bundle-is-missing",
        (ARN,),
        4,
        "The certificate bundle {tmp}/none.pem does not exist; correct AWS_CA_BUNDLE, or ca_bundle of the profile.",
        env={**KEYS, "AWS_CA_BUNDLE": "{tmp}/none.pem"},
    ),
    Wrong(
        "no-tls-there",
        (ARN,),
        4,
        "No TLS connection could be made to 127.0.0.1:{port} (WRONG_VERSION_NUMBER): check the proxy and AWS_ENDPOINT_URL.",
        env={**KEYS, "AWS_ENDPOINT_URL": "https://127.0.0.1:{port}"},
        answer=(200, "x", "x"),
    ),
)
