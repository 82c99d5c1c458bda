"""OpenTelemetry: what is told, that it is told nobody by default, and that a collector that is away costs nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot import telemetry
from bot.metrics import MeasuredWebClient, Metrics
from bot.telemetry import Telemetry, is_wanted
from diagnostics import observing
from diagnostics.diagnose import run
from diagnostics.target import parse
from handlers.pace import Pace, posts
from handlers.slack_errors import CALL_ERRORS
from tests.build.large import LargeAccount
from tests.build.names import TASK_ARN
from tools.bench_start import ROOT, environment


class Told:
    """What an observer was told, in memory."""

    def __init__(self) -> None:
        self.exporter, self.reader = InMemorySpanExporter(), InMemoryMetricReader()
        observing.watch(Telemetry(SimpleSpanProcessor(self.exporter), self.reader, {}))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> ReadableSpan:
        return next(span for span in self.spans if span.name == name)

    @property
    def metrics(self) -> dict[str, Any]:
        data = self.reader.get_metrics_data()
        return {
            metric.name: [
                (dict(point.attributes), getattr(point, "value", getattr(point, "sum", None)))
                for point in metric.data.data_points
            ]
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


@pytest.fixture
def told() -> Iterator[Told]:
    yield Told()
    observing.watch(None)


def test_a_diagnosis_is_one_trace_with_every_call_of_aws(told: Told) -> None:
    """Calls are made in other threads, and stand within the collecting all the same."""
    report = run(parse(TASK_ARN), aws=LargeAccount().clients()).report
    whole, collecting = told.named("diagnosis"), told.named("collect")
    assert whole.parent is None
    assert dict(whole.attributes or {}) == {"target.kind": "task", "outcome": report.verdict.outcome}
    for name in ("collect", "judge"):
        parent = told.named(name).parent
        assert parent is not None
        assert parent.span_id == whole.context.span_id
    calls = [span for span in told.spans if (span.attributes or {}).get("rpc.system") == "aws-api"]
    assert sum(int((span.attributes or {})["attempts"]) for span in calls) == report.snapshot.api_calls
    assert {span.parent.span_id for span in calls if span.parent} == {collecting.context.span_id}
    assert dict(told.named("ecs.DescribeTasks").attributes or {}) == {
        "rpc.system": "aws-api",
        "rpc.service": "ecs",
        "rpc.method": "DescribeTasks",
        "cloud.region": parse(TASK_ARN).region,
        "outcome": "known",
        "questions": 1,
        "attempts": 1,
    }


def test_no_argument_and_no_text_is_told(told: Told) -> None:
    shown = run(parse(TASK_ARN), aws=LargeAccount().clients()).report.to_json()
    whole = json.dumps([json.loads(span.to_json()) for span in told.spans] + [str(told.metrics)])
    task = json.loads(shown)["task"]
    for secret in (
        TASK_ARN,
        task["cluster"],
        task["account_id"],
        task["stopped_reason"],
        "arn:aws",
        "subnet-",
    ):
        assert secret not in whole


def test_the_numbers_of_a_diagnosis(told: Told) -> None:
    shot = run(parse(TASK_ARN), aws=LargeAccount().clients()).report
    assert told.metrics == {
        "pullcheck.diagnoses": [({"outcome": shot.verdict.outcome}, 1)],
        "pullcheck.diagnosis.duration": [({}, shot.snapshot.seconds)],
        "pullcheck.aws.calls": [({}, shot.snapshot.api_calls)],
        "pullcheck.aws.answers_reused": [({}, 0)],
        "pullcheck.aws.held_back": [({}, 0.0)],
    }


def test_an_error_is_told_by_its_type_alone(told: Told) -> None:
    with pytest.raises(ValueError), observing.span("judge"):
        raise ValueError("the reason of arn:aws:ecs:…")
    span = told.named("judge")
    assert (span.attributes or {})["error.type"] == "ValueError"
    assert "arn:aws" not in span.to_json()


def test_waits_for_slack_do_not_name_the_channel(told: Told) -> None:
    now = [0.0]
    pace = Pace(clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
    assert pace.turn(posts("C0SECRET"), 10)
    assert pace.turn(posts("C0SECRET"), 10)
    assert told.metrics == {"pullcheck.slack.wait": [({"method": "chat.postMessage"}, 1.0)]}


def test_a_call_of_slack_is_told_by_its_method_and_how_it_ended(told: Told) -> None:
    client = MeasuredWebClient("xoxb-secret", base_url="http://127.0.0.1:9/", metrics=Metrics())
    with pytest.raises(CALL_ERRORS):
        client.chat_postMessage(channel="C0SECRET", text="what went wrong")
    (span,) = told.spans
    assert span.name == "slack chat.postMessage"
    attributes = dict(span.attributes or {})
    assert attributes["rpc.method"] == "chat.postMessage"
    assert attributes["outcome"] == attributes["error.type"] == "URLError"
    assert told.metrics == {"pullcheck.slack.errors": [({"error": "URLError"}, 1)]}
    assert "SECRET" not in span.to_json().upper().replace("XOXB", "")


ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}


@pytest.mark.parametrize(
    ("variables", "traces", "metrics"),
    [
        ({}, False, False),
        ({"OTEL_SERVICE_NAME": "pullcheck"}, False, False),
        (ENDPOINT, True, True),
        (ENDPOINT | {"OTEL_SDK_DISABLED": "true"}, False, False),
        (ENDPOINT | {"OTEL_SDK_DISABLED": "false"}, True, True),
        (ENDPOINT | {"OTEL_METRICS_EXPORTER": "none"}, True, False),
        (ENDPOINT | {"OTEL_TRACES_EXPORTER": "none"}, False, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True, False),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:4318/v1/metrics"}, False, True),
    ],
)
def test_the_standard_variables_decide(variables: dict[str, str], traces: bool, metrics: bool) -> None:
    assert (is_wanted("TRACES", variables), is_wanted("METRICS", variables)) == (traces, metrics)


@pytest.mark.parametrize(
    ("variables", "hidden", "warning"),
    [
        ({}, (), None),
        (ENDPOINT, ("opentelemetry.sdk.trace", "opentelemetry.exporter"), "with its extra `otel`"),
        (ENDPOINT | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, (), "http/protobuf"),
    ],
    ids=["not configured", "without the packages", "grpc"],
)
def test_what_is_in_the_way_is_one_sentence(
    variables: dict[str, str], hidden: tuple[str, ...], warning: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    for name in hidden:
        for loaded in [item for item in sys.modules if item.startswith(name)]:
            monkeypatch.setitem(sys.modules, loaded, None)
    telemetry.begin(variables, said.append)
    assert len(said) == (warning is not None)
    assert warning is None or warning in said[0]
    assert not telemetry._running


def test_every_variable_that_is_read_is_documented() -> None:
    read = set(re.findall(r"OTEL_[A-Z_]*[A-Z]", (ROOT / "bot/telemetry.py").read_text("utf-8")))
    told = (ROOT / "docs/settings.md").read_text("utf-8")
    assert len(read) >= 6
    assert [name for name in sorted(read) if name not in told] == []


RUN = """
import sys
from bot.command import main
status = main(["--replay", sys.argv[1]])
print([name for name in sys.modules if name.startswith("opentelemetry")], file=sys.stderr)
"""
DIAGNOSE = """
import sys
from bot import telemetry
telemetry.begin()
from diagnostics.diagnose import run
from diagnostics.target import parse
from tests.build.large import LargeAccount
from tests.build.names import TASK_ARN
print(run(parse(TASK_ARN), aws=LargeAccount().clients()).report.verdict.outcome)
"""


def python(program: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        env=environment() | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )


def test_nothing_is_imported_where_nothing_is_configured() -> None:
    done = python(RUN, "no-such-file.json", OTEL_SERVICE_NAME="pullcheck")
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.fixture
def collector() -> Iterator[tuple[str, dict[str, bytes]]]:
    """An OTLP receiver on the loopback: its address, and what came to each path."""
    came: dict[str, bytes] = {}

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            came[self.path] = came.get(self.path, b"") + body
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}", came
    server.shutdown()
    server.server_close()
    serving.join()


def test_a_process_sends_what_it_did_before_it_ends(collector: tuple[str, dict[str, bytes]]) -> None:
    address, came = collector
    done = python(DIAGNOSE, OTEL_EXPORTER_OTLP_ENDPOINT=address, OTEL_SERVICE_NAME="our-pullcheck")
    assert done.stdout.strip() == "nothing_wrong", done.stderr
    assert done.stderr == ""
    assert set(came) == {"/v1/traces", "/v1/metrics"}
    assert b"ecs.DescribeTasks" in came["/v1/traces"]
    assert b"pullcheck.diagnoses" in came["/v1/metrics"]
    assert all(b"our-pullcheck" in body for body in came.values())


def test_a_collector_that_is_away_costs_one_line() -> None:
    done = python(DIAGNOSE, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert (done.returncode, done.stdout.strip()) == (0, "nothing_wrong"), done.stderr
    assert done.stderr.count("\n") == 1
    assert "takes no traces or metrics" in done.stderr


def test_a_collector_that_never_answers_holds_nothing_up() -> None:
    """The end waits for a bounded time, in a thread that is left behind."""
    left = threading.Event()

    class Hangs:
        def force_flush(self, timeout_millis: int) -> None:
            left.wait(60)

    away: list[bool] = []
    watched = Telemetry(None, None, {}, lambda: away.append(True))
    watched._traces = Hangs()  # type: ignore[assignment]
    watched.flush(0.01)
    assert away == [True]
    left.set()


def test_the_end_begins_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Since Python 3.12 a process that ends can begin none: https://docs.python.org/3/library/atexit.html."""
    sent: list[int] = []

    class Sends:
        def force_flush(self, timeout_millis: int) -> None:
            sent.append(timeout_millis)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    away: list[bool] = []
    watched = Telemetry(None, None, {}, lambda: away.append(True))
    watched._traces = Sends()  # type: ignore[assignment]
    monkeypatch.setattr(threading.Thread, "start", refuse)
    watched.flush(10)
    assert (sent, away) == ([10_000], [])
