"""The one list of what is secret in a text, attacked: what must go, what must stay byte for byte. More in tests/stop_reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.logs import without_secrets
from diagnostics.redaction import redact
from tests.rows import every_row

SECRET = "hunter2X9"
TESTS = Path(__file__).parents[1]

GONE = [
    "https://user:hunter2X9/x@reg.example.com/v2/",
    "https://user:a@hunter2X9@reg.example.com/v2/",
    "https://user:p@ss/hunter2X9@reg.example.com/v2/",
    "https://user:hunter2X9:y@reg.example.com/v2/",
    "https://user:%2Fhunter2X9%40@reg.example.com/",
    "https://user:hunter2X9?x@reg.example.com/",
    "https://user:hunter2X9#x@reg.example.com/",
    "redis://:hunter2X9@cache:6379/0",
    '{"url":"https:\\/\\/user:hunter2X9@host\\/x"}',
    "https://hunter2X9@github.com/o/r",
    "postgres://u:hunter2X9@db:5432/x?sslmode=a",
    "amqp://u:hunter2X9@mq/vhost",
    "bearer: hunter2X9",
    "Bearer hunter2X9",
    "Authorization: Basic hunter2X9",
    "Authorization: Bearer hunter2X9",
    "authorization=hunter2X9",
    "token=hunter2X9",
    "api_key=hunter2X9",
    "apikey=hunter2X9",
    "apikey: hunter2X9",
    "API-KEY: hunter2X9",
    "x-api-key: hunter2X9",
    "X-Vault-Token: s.hunter2X9",
    "PRIVATE-TOKEN: hunter2X9",
    "secret=hunter2X9",
    "client_secret=hunter2X9",
    "clientSecret: hunter2X9",
    "client-secret: 'hunter2X9'",
    "PGPASSWORD=hunter2X9 psql",
    "Password: 'a hunter2X9'",
    'Password: "a hunter2X9"',
    "Password: hunter2X9",
    "password:hunter2X9",
    "--password hunter2X9",
    "--password=hunter2X9",
    "--password 'hunter2X9 b'",
    "--db-password hunter2X9",
    "--token hunter2X9",
    "docker login -u me -p hunter2X9 host",
    "docker login -phunter2X9 host",
    "curl -u me:hunter2X9 https://x",
    '{"password": "hunter2X9"}',
    '{"password":"a b hunter2X9"}',
    '{\\"password\\": \\"a hunter2X9\\"}',
    '{\\\\\\"password\\\\\\": \\\\\\"a hunter2X9\\\\\\"}',
    '{"password":"a\\"hunter2X9"}',
    "{'password': 'hunter2X9'}",
    '{"password": hunter2X9}',
    '"password": "hunter2X9',
    "password: hunter2X9\nuser: x",
    "user: x\npassword: hunter2X9",
    "  password: hunter2X9\n",
    'db:\n  password: "hunter2X9"',
    "https://h/x?X-Amz-Signature=hunter2X9&a=b",
    "https://h/x?a=1&X-Amz-Security-Token=hunter2X9",
    "https://h/x?sv=1&sig=hunter2X9",
    "https://h/x?access_token=hunter2X9&b=c",
    "xoxb-123456789012-hunter2X9",
    "xoxe.xoxp-1-hunter2X9hunter2X9",
    "ghp_hunter2X9hunter2X9hunter2X9hunter2X9",
    "glpat-hunter2X9hunter2X9hunter2X9",
    '"auth":"hunter2X9"',
    '"auth": "hunter2X9=="',
    "_authToken=hunter2X9",
    "//registry.npmjs.org/:_authToken=hunter2X9",
    "_auth=hunter2X9",
    '"identitytoken":"hunter2X9"',
    "secret_access_key: hunter2X9",
    "AWS_SECRET_ACCESS_KEY=hunter2X9",
    "SecretAccessKey: hunter2X9",
    '"SessionToken": "hunter2X9"',
    "export TOKEN=hunter2X9",
    "GITHUB_TOKEN=hunter2X9",
    "DB_PASS=hunter2X9",
    "pass: hunter2X9",
    "MYSQL_PWD=hunter2X9",
    "passphrase=hunter2X9",
    "password=ab,hunter2X9 host",
    "password=a;hunter2X9",
    "password=(a)hunter2X9",
    "password=a&hunter2X9",
    "password = hunter2X9",
    "password => hunter2X9",
    "Server=x;Password=hunter2X9;User=y",
    "https://h/?password=hunter2X9",
    "aws_session_token = hunter2X9",
    "-----BEGIN RSA PRIVATE KEY-----\nhunter2X9\n-----END RSA PRIVATE KEY-----",
    "https://hooks.slack.com/services/T/B/hunter2X9",
    "passwd=hunter2X9",
    "AccountKey=hunter2X9==",
    "AWS4-HMAC-SHA256 Credential=AKIAABCDEFGHIJKLMNOP/20260101/us-east-1/ecr/aws4_request, SignedHeaders=host, Signature=hunter2X9hunter2X9hunter2X9",
    "Proxy-Authorization: Basic hunter2X9",
    '{"Authorization":["Bearer hunter2X9"]}',
    "map[Authorization:[Bearer hunter2X9]]",
    "Cookie: session=hunter2X9",
    "https://user:pa%sshunter2X9@host/x",
    "http_proxy=user:hunter2X9@proxy:3128",
    'password="hunter2X9 b" c',
    "password='hunter2X9 b' c",
    'password=\\"hunter2X9 b\\" c',
    "username=x password=hunter2X9",
    "password:\n  hunter2X9",
    "Password : hunter2X9",
    "SECRET_KEY=hunter2X9",
    "secretKey: hunter2X9",
    "token: hunter2X9",
    "access_token: hunter2X9",
    'refresh_token":"hunter2X9',
    "db.password=hunter2X9",
    "spring.datasource.password=hunter2X9",
    "-e PASSWORD=hunter2X9",
    "PASSWORD=hunter2X9\\",
    "AKIAABCDEFGHIJKLMNOP wJalrXUtnFEMI/K7MDENG/hunter2X9/EXAMPLEK",
    "AKIAABCDEFGHIJKLMNOP\nwJalrXUtnFEMI/K7MDENG/hunter2X9/EXAMPLEK",
    "aws_access_key_id AKIAABCDEFGHIJKLMNOP aws secret wJalrXUtnFEMI/K7MDENG/hunter2X9/EXAMPLEK",
]

STAYS = [
    "docker-pullable://app:v1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/api:v1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "https://host:5000/app@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "https://registry.local:4873/@scope/pkg",
    "https://host/v2/a@b",
    "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf:password::",
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-token:api_key1::",
    "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-password:AWSCURRENT",
    "arn:aws:sts::111122223333:assumed-role/R/bob@corp.example",
    "KMS key 1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "request id: 8f3c1a2b-12ab-34cd-56ef-1234567890ab",
    "RequestID: 8f3c",
    "failed to fetch authorization token: 403 Forbidden",
    "failed to fetch anonymous token: unexpected status from GET request to https://auth.docker.io/token?scope=repository%3Aa&service=registry: 503",
    'failed to fetch oauth token: Post "https://auth.docker.io/token": dial tcp 1.2.3.4:443: i/o timeout',
    "unable to get authorization token: http2: server sent GOAWAY",
    "token: x509: certificate signed",
    "image repo/secret-token:v12 not found",
    "image api-token:v2 not found",
    "api-token:1.2.3@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "incorrect username or password: denied",
    "password: denied",
    "password: permission denied",
    "secret: prod/db1 not found",
    "Secret: prod/db-AbCd12",
    "unable to retrieve secret from asm: There was an error",
    "did not contain json key password",
    'secret "db" key "password" not found',
    "PWD=/app",
    "NextToken is null",
    "token: null",
    '"aws:ResourceTag/Secret":"x1"',
    '"aws:RequestTag/token": "v1"',
    '{"StringEquals": {"aws:ResourceTag/my token": "v1"}}',
    '"Sid":"AllowToken"',
    '{"name":"DB_PASSWORD","valueFrom":"arn:aws:secretsmanager:x:1:secret:y"}',
    '"password":"arn:aws:secretsmanager:x:1:secret:y"',
    "repositoryCredentials={credentialsParameter=arn:aws:secretsmanager:x:1:secret:y}",
    "docker run -p 8080:80 app",
    "Basic auth failed",
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
    "bearer token is missing",
    "keyboard: 1",
    "monkey=1",
    "public_key=abc",
    "?design=1",
    "tokens: 5",
    "max_tokens=5",
    "secrets: 2",
    "bypass=1 compass=2",
    "mail root@host",
    "unauthorized: authentication required",
    "kms:Decrypt on key: 1234",
    "ssm parameter /prod/token: ParameterNotFound",
    "InvalidParameter /app/db/password: not found",
    "secretsmanager:GetSecretValue",
    "ecr:GetAuthorizationToken",
    "is not authorized to perform: ecr:GetAuthorizationToken on resource: *",
    "author: bob1",
    "authority=x1",
    "basic block2",
    'credentials.json holds {"username":…,"password":…}',
    "secret=$(aws secretsmanager create-secret --name hub --query ARN --output text)",
    "AKIAIOSFODNN7EXAMPLE",
]


@every_row("text", GONE)
def test_what_is_secret_goes(text: str) -> None:
    for cut in (redact, without_secrets):
        cleaned = cut(text)
        assert SECRET not in cleaned
        assert cut(cleaned) == cleaned
        assert SECRET not in cut(f"CannotPullContainerError: before {text} after: 403 Forbidden")


@every_row("text", STAYS)
def test_what_a_diagnosis_needs_stays(text: str) -> None:
    assert redact(text) == text
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        # The host is evidence, however odd the password before it is.
        (
            "Get https://u:a/b@reg.example.com:5000/v2/: EOF",
            "Get https://[redacted]@reg.example.com:5000/v2/: EOF",
        ),
        ("https://u:p@ss/w@reg.example.com/v2/", "https://[redacted]@reg.example.com/v2/"),
        (
            "https://u:p@a@b@reg.example.com:5000/x@sha256:aa",
            "https://[redacted]@reg.example.com:5000/x@sha256:aa",
        ),
        ("https://u:p@h/x and https://host/y@z", "https://[redacted]@h/x and https://host/y@z"),
        ("https://u:p@reg.example.com/@scope/pkg", "https://[redacted]@reg.example.com/@scope/pkg"),
        ("http_proxy=u:p@proxy:3128", "http_proxy=[redacted]@proxy:3128"),
        # What stands beside a secret stays.
        ("Server=x;Password=a1;User=y", "Server=x;Password=[redacted];User=y"),
        ("/v2/?token=abc&service=s", "/v2/?token=[redacted]&service=s"),
        ("(password=a1)", "(password=[redacted])"),
        ("user: me\npassword: letmein\nhost: db", "user: me\npassword: [redacted]\nhost: db"),
        ('{"password": "a b", "host": "db"}', '{"password": "[redacted]", "host": "db"}'),
        (r"{\"password\":\"a\\\"b\",\"x\":1}", r"{\"password\":\"[redacted]\",\"x\":1}"),
        ('{"password": 12345, "x": 1}', '{"password": [redacted], "x": 1}'),
        ("AKIAABCDEFGHIJKLMNOP is denied", "AKIA[redacted] is denied"),
        ("docker login -u me -p 'a b' reg.example.com", "docker login -u me -p [redacted] reg.example.com"),
        ("Cookie: a=b; c=d\nHost: h", "Cookie: [redacted]\nHost: h"),
    ],
)
def test_no_more_goes_than_the_secret(text: str, cleaned: str) -> None:
    assert redact(text) == cleaned
    assert without_secrets(text) == cleaned.replace("[redacted]", "***")


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def test_nothing_of_a_saved_case_goes() -> None:
    """Each was redacted when it was collected, and so nothing in it is secret."""
    seen = 0
    for path in (TESTS / "cases").glob("*.json"):
        for text in texts(json.loads(path.read_text("utf-8"))):
            assert redact(text) == text, path
            seen += 1
    assert seen > 1000


def test_nothing_of_a_public_error_text_goes() -> None:
    messages = (TESTS / "stop_reason/messages.jsonl").read_text("utf-8").splitlines()
    for text in (text for line in messages for text in texts(json.loads(line))):
        assert redact(text) == text
