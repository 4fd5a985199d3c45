"""The application: routes, what stands before them, and what lives as long as a worker."""

import asyncio
import importlib
import os
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import structlog
from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.types import ASGIApp

from backend import logs
from backend.audit.record import ReadLog
from backend.audit.routes import audit_router
from backend.auth.keys import KeyRing
from backend.auth.middleware import Authenticator, AuthMiddleware
from backend.auth.routes import auth_router
from backend.auth.sealing import Sealer
from backend.auth.service import AuthService
from backend.customers.routes import customers_router
from backend.db.direct import Direct
from backend.db.engine import Database
from backend.deals.routes import deals_router
from backend.deps import provide_place, provide_principal, provide_session
from backend.http.edge import Edge
from backend.http.errors import HANDLERS
from backend.http.limits import Limits
from backend.http.page import PageFiles
from backend.http.queries import check
from backend.http.short import ShortRoad
from backend.lifetime import announce, follow_parent, hold_signals, take_signals
from backend.ops.docs import describe, docs_page, docs_style, openapi_json
from backend.ops.routes import health, metrics_text, ready, version
from backend.rooftops.routes import rooftops_router
from backend.settings import Settings, read_settings
from backend.tenant_settings.routes import settings_router
from backend.tenants.routes import tenants_router
from backend.users.routes import users_router

if TYPE_CHECKING:
    from backend.ops.traces import Traces

log = structlog.get_logger("app")
# Nothing of this takes long unless the database answers no more, which must not keep the process.
WRITE_SECONDS = 4.0
CLOSE_SECONDS = 2.0
SIGNALS_AFTER_SECONDS = 0.1
ROUTES = [
    health,
    ready,
    version,
    metrics_text,
    openapi_json,
    docs_page,
    docs_style,
    auth_router,
    tenants_router,
    rooftops_router,
    users_router,
    settings_router,
    customers_router,
    deals_router,
    audit_router,
]


def create_litestar(settings: Settings, database_url: str, traces: "Traces | None" = None) -> Litestar:
    """The API alone, without the page and the outermost layer; tests walk its routes."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None]:
        database = Database(database_url, pool=settings.database_pool)
        sealer = Sealer(secret)
        keys = KeyRing(database, sealer)
        app.state.database = database
        log_query = traces.log_query if traces else None
        app.state.direct = Direct(database_url, pool=max(1, settings.database_pool // 2), log_query=log_query)
        if traces:
            traces.watch_engine(database.engine)
        app.state.auth = AuthService(database, keys, sealer)
        app.state.authenticator = Authenticator(database, keys)
        app.state.reads = ReadLog(app.state.direct)
        app.state.authenticator.start()
        app.state.reads.start()
        # The loop rests between the end of the start and the first request, and runs on when the worker serves.
        asyncio.get_running_loop().call_later(SIGNALS_AFTER_SECONDS, take_signals)
        try:
            yield
        finally:
            # What was read is written first, for it needs the rest.
            await within(WRITE_SECONDS, app.state.reads.stop())
            await within(
                CLOSE_SECONDS,
                *(app.state.authenticator.stop(), app.state.limits.close(), app.state.direct.close()),
                database.close(),
            )
            if traces:
                await asyncio.to_thread(traces.stop)

    secret = settings.secret_key or ""
    if not secret:
        raise RuntimeError("serve gives its workers a secret key")
    cors = None
    if settings.allowed_origins:
        cors = CORSConfig(
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "authorization",
                "content-type",
                "if-match",
                "if-none-match",
                "idempotency-key",
                "x-request-id",
            ],
            expose_headers=[
                "etag",
                "location",
                "ratelimit-limit",
                "ratelimit-remaining",
                "ratelimit-reset",
                "x-request-id",
            ],
            allow_credentials=True,
            max_age=600,
        )
    app = Litestar(
        route_handlers=ROUTES,
        lifespan=[lifespan],
        state=State(
            {
                "settings": settings,
                "limits": make_limits(settings),
            }
        ),
        middleware=[DefineMiddleware(AuthMiddleware, exclude_from_auth_key="public")],
        dependencies={
            "session": Provide(provide_session),
            "principal": Provide(provide_principal, sync_to_thread=False),
            "place": Provide(provide_place, sync_to_thread=False),
        },
        before_request=check,
        exception_handlers=HANDLERS,
        cors_config=cors,
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
    describe(app)
    return app


async def within(seconds: float, *steps: Coroutine[Any, Any, None]) -> None:
    """Do these side by side, each to its end, but wait no longer than this; what fails holds up nothing else."""
    tasks = [asyncio.ensure_future(step) for step in steps]
    done, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    failed = [type(task.exception()).__name__ for task in done if task.exception() is not None]
    if failed or late:
        log.warning("close", failed=failed, given_up=len(late))


def make_limits(settings: Settings) -> Limits:
    """Buckets of this process, or counters that all servers share."""
    numbers = {"user": settings.rate_user, "tenant": settings.rate_tenant, "address": settings.rate_address}
    if settings.redis_url is None:
        return Limits(**numbers, workers=settings.workers)
    # Loaded only then: the client brings much along.
    module = importlib.import_module("backend.http.shared_limits")
    shared: Limits = module.SharedLimits(settings.redis_url, **numbers, workers=settings.workers)
    return shared


def create_app(settings: Settings, database_url: str) -> ASGIApp:
    """Everything, as the server runs it."""
    traces = make_traces(settings)
    api = create_litestar(settings, database_url, traces)
    page = PageFiles(ShortRoad(api), settings.dist)
    edge = Edge(
        page,
        body_limit=settings.body_limit,
        trusted_proxies=settings.trusted_proxies,
        allowed_origins=settings.allowed_origins,
    )
    return traces.wrap(edge) if traces else edge


def make_traces(settings: Settings) -> "Traces | None":
    """What sends traces, when somebody takes them; loaded only then, for it is large."""
    if settings.otlp_endpoint is None:
        return None
    module = importlib.import_module("backend.ops.traces")
    logs.configure(settings.log_level, module.log_ids)
    traces: Traces = module.Traces()
    return traces


def worker() -> ASGIApp:
    """What granian calls in each worker; `serve` has put the checked settings into the environment."""
    settings = read_settings()
    logs.configure(settings.log_level)
    hold_signals()
    follow_parent(int(os.environ["AUTOLYTIQ_PARENT"]))
    announce(settings)
    if settings.database_url is None:
        raise RuntimeError("serve sets DATABASE_URL for its workers")
    return create_app(settings, settings.database_url)
