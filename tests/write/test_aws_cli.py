"""The AWS CLI itself, where there is one: a value of AWS reaches AWS as it is and is no option, no file and no address."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from diagnostics.finding import Fix
from diagnostics.write import OwnFile, bound, quoted
from tests.write.attack import BASH, SHELL

AWS = shutil.which("aws")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("aws x --role-name '-x' --region r", "aws x --role-name='-x' --region r"),
        ("aws x --role-name $'-x\\'\\x0a' --y", "aws x --role-name=$'-x\\'\\x0a' --y"),
        ("aws x --ids a '-b' '-c'", "aws x --ids a ' -b' ' -c'"),
        ("docker push '-x'", "docker push ' -x'"),
        ("aws x --a ''\"'\"' --b '\"'\"'-' --c", "aws x --a ''\"'\"' --b '\"'\"'-' --c"),
        ("aws x --a ' --b -c' '-d'", "aws x --a ' --b -c' ' -d'"),
        ("aws x --query 'a' && aws y --name '-x'", "aws x --query 'a' && aws y --name='-x'"),
        ("aws x --query \"a '-b'\" --name '-x'", "aws x --query \"a '-b'\" --name='-x'"),
        ("aws x \\\n  --name '-x'", "aws x \\\n  --name='-x'"),
        ("n=$(aws x --name '-x')", "n=$(aws x --name='-x')"),
        ("aws x --name='-x'", "aws x --name='-x'"),
        ("aws x --no-egress", "aws x --no-egress"),
    ],
)
def test_a_value_is_no_option(command: str, expected: str) -> None:
    assert bound(command) == expected
    assert bound(expected) == expected
    fix = Fix(text="", cli=command, verify=command, undo=command)
    assert (fix.cli, fix.verify, fix.undo) == (expected,) * 3


@pytest.mark.parametrize("text", ["-x", "--endpoint-url=http://x", "-'", "-\n'", "- --x '-"])
def test_what_begins_with_a_dash_is_seen_to(text: str) -> None:
    assert bound(f"--name {quoted(text)} {quoted(text)}").startswith(("--name='-", "--name=$'-"))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("file:///etc/passwd", "' file:///etc/passwd'"),
        ("fileb://x", "' fileb://x'"),
        ("http://x", "' http://x'"),
        ("https://x", "' https://x'"),
        ("File://x", "File://x"),
        ("imageTag=a,imageDigest@=file:///etc/passwd", "imageTag=a,imageDigest%40=file:///etc/passwd"),
        ('{"a": "b@=file://c"}', '\'{"a": "b@=file://c"}\''),
        ("a@=b", "a@=b"),
    ],
)
def test_a_value_is_no_file(text: str, word: str) -> None:
    assert quoted(text) == word


def test_a_file_of_ours_is_one() -> None:
    assert quoted(OwnFile("taskdef.json")) == "file://taskdef.json"


@pytest.fixture(scope="module")
def aws() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """An address that answers everything with an error, and what came."""
    came: list[tuple[str, str]] = []

    class Answer(BaseHTTPRequestHandler):
        def answer(self) -> None:
            came.append((self.path, self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()))
            self.send_response(400)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.skipif(
    AWS is None, reason="NO aws COMMAND HERE: what the AWS CLI makes of a command was not tried"
)
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (
            "iam put-role-policy --role-name {0} --policy-name {1} --policy-document {2}",
            {"RoleName": "{0}", "PolicyName": " {1}", "PolicyDocument": "{2}"},
        ),
        ("ecs describe-services --cluster {3} --services a {3} {1}", {"cluster": "{3}", "services": ["a", " {3}", " {1}"]}),
        ("ecs describe-services --cluster {4} --services {5}", {"cluster": " {4}", "services": [" {5}"]}),
        ("ecs describe-services --cluster {8} --services {6}", {"cluster": "{8}", "services": [" {6}"]}),
        ("ecr describe-images --repository-name {5} --image-ids imageTag={7}", None),
    ],
    ids=["form", "list", "addresses", "everything", "structure"],
)  # fmt: skip
def test_the_cli_sends_what_was_named(
    command: str, expected: dict[str, Any] | None, aws: tuple[str, list[tuple[str, str]]], tmp_path: Path
) -> None:
    address, came = aws
    file = tmp_path / "secret"
    file.write_text("what only this machine knows", encoding="utf-8")
    values = (
        "-x", f"file://{file}", '{"a": "file://b", "c": "-d"}', "--endpoint-url=http://127.0.0.1:9/",
        f"{address}/taken", f"fileb://{file}", f"{address}/b".replace("http", "https"),
        f"1,imageDigest@=file://{file}", SHELL,
    )  # fmt: skip
    script = bound(f"aws {command}".format(*map(quoted, values)))
    came.clear()
    subprocess.run(
        [BASH, "-c", script],
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        | {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_CONFIG_FILE": str(tmp_path / "none"),
            "AWS_PAGER": "",
        },
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    assert not [place for place, body in came if place != "/" or "only this machine" in body], script
    if expected is None:
        return
    assert came, script
    body = came[0][1]
    sent = (
        json.loads(body) if body.startswith("{") else {key: item[0] for key, item in parse_qs(body).items()}
    )
    meant = {key: text_of(item, values) for key, item in expected.items()}
    assert {key: sent.get(key) for key in expected} == meant


def text_of(item: str | list[str], values: tuple[str, ...]) -> str | list[str]:
    """The texts that a place of the table stands for."""
    return item.format(*values) if isinstance(item, str) else [text.format(*values) for text in item]
