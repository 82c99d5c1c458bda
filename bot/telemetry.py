"""OpenTelemetry: traces and metrics, sent by OTLP over HTTP where the standard variables name a collector.

Without `OTEL_EXPORTER_OTLP_ENDPOINT` (or that of one signal), or with `OTEL_SDK_DISABLED=true`, nothing of it is imported.
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/

A collector that is away costs no diagnosis: exporting is done in threads of its own, ending waits for them a bounded time, and
the log has one line about it.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from diagnostics import __version__, observing
from diagnostics.observing import Attribute, OpenSpan

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricReader
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Span

log = logging.getLogger(__name__)

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
FLUSH_SECONDS = 2.0
"""How long the end of an invocation or of the process waits for what is not sent yet."""
EXPORT_SECONDS = 5.0
"""How long one export may try, where `OTEL_EXPORTER_OTLP_TIMEOUT` says nothing."""

_running: list[Telemetry] = []


def is_wanted(signal: str, environment: Mapping[str, str]) -> bool:
    """True if the environment says where a signal (`TRACES`, `METRICS`) goes, and not that it goes nowhere."""
    if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    chosen = environment.get(f"OTEL_{signal}_EXPORTER", "otlp").strip().lower() or "otlp"
    named = environment.get(ENDPOINT) or environment.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    return bool(named) and "otlp" in chosen.split(",")


def begin(environment: Mapping[str, str] = os.environ, warn: Callable[[str], None] = log.warning) -> None:
    """Begin to tell, where that is configured; once a process. What is in the way is one warning, and nothing is told."""
    traces, metrics = is_wanted("TRACES", environment), is_wanted("METRICS", environment)
    if _running or not (traces or metrics):
        return
    if "grpc" in environment.get("OTEL_EXPORTER_OTLP_PROTOCOL", ""):
        warn("OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf; no traces and metrics are sent.")
        return
    away = _Once(warn)
    try:
        processor = _span_processor(environment, away) if traces else None
        reader = _metric_reader(environment, away) if metrics else None
        telemetry = Telemetry(processor, reader, environment, away)
    except ImportError:
        warn(
            f"{ENDPOINT} is set, but the packages are missing: install pullcheck with its extra `otel` (docs/install.md)."
        )
        return
    except Exception as error:
        # A variable that the SDK cannot read.
        warn(f"No traces and metrics are sent: the OTEL_ variables cannot be used ({type(error).__name__}).")
        return
    _running.append(telemetry)
    observing.watch(telemetry)
    atexit.register(flush)


def flush(seconds: float = FLUSH_SECONDS) -> None:
    """Send what is not sent yet, for so long at the most; nothing where nothing is told."""
    for telemetry in _running:
        telemetry.flush(seconds)


class Telemetry:
    """Tells OpenTelemetry what `diagnostics.observing` is told."""

    def __init__(
        self,
        processor: SpanProcessor | None,
        reader: MetricReader | None,
        environment: Mapping[str, str] = os.environ,
        away: Callable[[], None] = lambda: None,
    ) -> None:
        from opentelemetry import context
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        named = "OTEL_SERVICE_NAME" in environment or "service.name" in environment.get(
            "OTEL_RESOURCE_ATTRIBUTES", ""
        )
        resource = Resource.create(
            {"service.version": __version__, **({} if named else {"service.name": "pullcheck"})}
        )
        self._away = away
        self._context = context
        self._traces = TracerProvider(resource=resource, shutdown_on_exit=False)
        if processor is not None:
            self._traces.add_span_processor(processor)
        self._metrics = MeterProvider([reader] if reader else [], resource=resource, shutdown_on_exit=False)
        self._tracer = self._traces.get_tracer("pullcheck", __version__)
        self._meter = self._metrics.get_meter("pullcheck", __version__)
        self._lock = threading.Lock()
        self._instruments: dict[str, Any] = {}
        self._asked: SimpleQueue[tuple[float, threading.Event]] = SimpleQueue()
        # There from the beginning: since Python 3.12 a process that ends can begin no thread.
        threading.Thread(target=self._send, name="pullcheck-telemetry", daemon=True).start()

    def span(
        self, name: str, parent: Any, outgoing: bool, attributes: dict[str, Attribute]
    ) -> AbstractContextManager[OpenSpan]:
        """A span; what ends it by an exception is told by its type alone."""
        return self._span(name, parent, outgoing, attributes)

    @contextmanager
    def _span(
        self, name: str, parent: Any, outgoing: bool, attributes: dict[str, Attribute]
    ) -> Iterator[OpenSpan]:
        from opentelemetry.trace import SpanKind, Status, StatusCode

        kind = SpanKind.CLIENT if outgoing else SpanKind.INTERNAL
        with self._tracer.start_as_current_span(
            name,
            context=parent,
            kind=kind,
            attributes=_dotted(attributes),
            # Their messages may hold what AWS, Slack or a person said.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield _Opened(span)
            except BaseException as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def here(self) -> Any:
        """The context of this thread."""
        return self._context.get_current()

    def count(self, name: str, value: float, attributes: dict[str, Attribute]) -> None:
        """Add to a counter."""
        self._instrument(name, lambda: self._meter.create_counter(name)).add(value, _dotted(attributes))

    def measure(self, name: str, value: float, unit: str, attributes: dict[str, Attribute]) -> None:
        """Add to a histogram."""
        made = self._instrument(name, lambda: self._meter.create_histogram(name, unit))
        made.record(value, _dotted(attributes))

    def _instrument(self, name: str, make: Callable[[], Any]) -> Any:
        with self._lock:
            if name not in self._instruments:
                self._instruments[name] = make()
            return self._instruments[name]

    def flush(self, seconds: float) -> None:
        """Send what is not sent yet. The SDK does not keep to its own limits everywhere, so it is left behind after them."""
        sent = threading.Event()
        self._asked.put((seconds, sent))
        if not sent.wait(seconds):
            self._away()

    def _send(self) -> None:
        while True:
            seconds, sent = self._asked.get()
            try:
                self._traces.force_flush(int(seconds * 1000))
                self._metrics.force_flush(int(seconds * 1000))
            except Exception:
                self._away()
            sent.set()


class _Opened:
    def __init__(self, span: Span) -> None:
        self._span = span

    def tell(self, **attributes: Attribute) -> None:
        self._span.set_attributes(_dotted(attributes))


def _dotted(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    return {name.replace("_", "."): value for name, value in attributes.items()}


def _seconds(environment: Mapping[str, str]) -> float | None:
    """`None` where the exporter reads it itself."""
    names = (f"OTEL_EXPORTER_OTLP{of}_TIMEOUT" for of in ("", "_TRACES", "_METRICS"))
    return None if any(environment.get(name) for name in names) else EXPORT_SECONDS


def _span_processor(environment: Mapping[str, str], away: _Once) -> SpanProcessor:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(timeout=_seconds(environment))
    _watched(exporter, away)
    return BatchSpanProcessor(exporter)


def _metric_reader(environment: Mapping[str, str], away: _Once) -> MetricReader:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    exporter = OTLPMetricExporter(timeout=_seconds(environment))
    _watched(exporter, away)
    return PeriodicExportingMetricReader(exporter)


class _Once:
    """Says that the collector takes nothing once a process, however often it is tried."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn
        self._lock = threading.Lock()
        self._said = False

    def __call__(self) -> None:
        with self._lock:
            said, self._said = self._said, True
        if not said:
            self._warn("The OpenTelemetry collector takes no traces or metrics; this is said once.")


def _watched(exporter: Any, away: _Once) -> None:
    """One line for a collector that takes nothing, in place of the SDK's own, of which each export writes several."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    inner = exporter.export

    def export(*args: Any, **options: Any) -> Any:
        result: Any = None
        try:
            result = inner(*args, **options)
            return result
        finally:
            if getattr(result, "name", "") != "SUCCESS":
                away()

    exporter.export = export
