"""Traces for an OpenTelemetry collector: a span for each request, and one for each statement below it.

Loaded only when an endpoint is set. A span holds the route's template, never a path, a query or a value: names and
addresses of people stay here. The caller's `traceparent` is honoured, so that a trace goes on through a proxy.
"""

import functools
import os
import re
import threading
import time
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Scope, Send
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from backend import VERSION

FLUSH_SECONDS = 3.0
STATEMENT_MOST = 2000
LITERAL = re.compile(r"'(?:[^']|'')*'")
CARRIED = (b"traceparent", b"tracestate")
SPAN = "autolytiq_span"


class Traces:
    """One per worker: makes spans and sends them in batches from a thread of its own."""

    def __init__(self) -> None:
        # Endpoint, headers, time-out, sampler and resource come from the SDK's own variables.
        about = {
            "service.name": os.environ.get("OTEL_SERVICE_NAME", "autolytiq"),
            "service.version": VERSION,
            "process.pid": os.getpid(),
        }
        self._provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("autolytiq", VERSION)
        self._propagator = TraceContextTextMapPropagator()

    def wrap(self, app: ASGIApp) -> ASGIApp:
        """The application with a span round each request."""

        async def traced(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            carrier = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in CARRIED}
            status = 0

            async def watch(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            method = scope["method"]
            span = self._tracer.start_span(method, self._propagator.extract(carrier), SpanKind.SERVER)
            try:
                with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                    await app(scope, receive, watch)
            finally:
                self._describe(span, cast("dict[str, Any]", scope), method, status)
                span.end()

        return traced

    def watch_engine(self, engine: AsyncEngine) -> None:
        """A span for each statement of this engine that is sent for a request."""

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def begin(_: Any, __: Any, statement: str, ___: Any, context: Any, ____: Any) -> None:  # pyright: ignore[reportUnusedFunction]
            span = self._statement(statement)
            if span is not None:
                setattr(context, SPAN, span)

        @event.listens_for(engine.sync_engine, "after_cursor_execute")
        def end(_: Any, __: Any, ___: Any, ____: Any, context: Any, _____: Any) -> None:  # pyright: ignore[reportUnusedFunction]
            _finish(context, None)

        @event.listens_for(engine.sync_engine, "handle_error")
        def fail(failed: Any) -> None:  # pyright: ignore[reportUnusedFunction]
            _finish(failed.execution_context, failed.original_exception)

    def log_query(self, record: Any) -> None:
        """A span for a statement of the direct road, which has been run already in the context of the request."""
        now = time.time_ns()
        span = self._statement(record.query, start=now - int(record.elapsed * 1e9))
        if span is not None:
            _fail(span, record.exception)
            span.end(now)

    def stop(self) -> None:
        """Send what waits; a collector that does not answer holds nobody up."""
        sender = threading.Thread(target=self._provider.shutdown, name="send-traces", daemon=True)
        sender.start()
        sender.join(FLUSH_SECONDS)

    def _statement(self, statement: str, start: int | None = None) -> Span | None:
        # What a worker does for itself belongs to no request.
        if not trace.get_current_span().get_span_context().is_valid:
            return None
        name, query = _shown(statement)
        attributes = {"db.system.name": "postgresql", "db.operation.name": name, "db.query.text": query}
        return self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes=attributes, start_time=start)

    def _describe(self, span: Span, scope: dict[str, Any], method: str, status: int) -> None:
        route = scope.get("path_template")
        if route:
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", str(route))
        span.set_attribute("http.request.method", method)
        span.set_attribute("autolytiq.request_id", str(scope.get("state", {}).get("request_id", "")))
        if status:
            span.set_attribute("http.response.status_code", status)
        if status == 0 or status >= 500:
            span.set_status(Status(StatusCode.ERROR))


def log_ids(_: object, __: str, line: dict[str, Any]) -> dict[str, Any]:
    """For the log: the trace and span that a line belongs to."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = trace.format_trace_id(context.trace_id)
        line["span_id"] = trace.format_span_id(context.span_id)
    return line


@functools.lru_cache(maxsize=512)
def _shown(statement: str) -> tuple[str, str]:
    """The statement's first word, and its text on one line without literals."""
    flat = " ".join(LITERAL.sub("?", statement).split())
    return flat.partition(" ")[0].rstrip(";").upper(), flat[:STATEMENT_MOST]


def _finish(context: Any, error: BaseException | None) -> None:
    span = getattr(context, SPAN, None)
    if span is not None:
        delattr(context, SPAN)
        _fail(span, error)
        span.end()


def _fail(span: Span, error: BaseException | None) -> None:
    if error is not None:
        # Its text may hold values.
        span.set_attribute("error.type", str(getattr(error, "sqlstate", None) or type(error).__name__))
        span.set_status(Status(StatusCode.ERROR))
