"""The application: routes, what stands before them, and what lives as long as a worker."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp

from backend import VERSION, logs
from backend.db.engine import Database
from backend.http.edge import Edge
from backend.http.errors import HANDLERS
from backend.http.page import PageFiles
from backend.ops.routes import health, metrics_text, ready, version
from backend.serve import announce, follow_parent
from backend.settings import Settings, read_settings

ROUTES = [health, ready, version, metrics_text]


def create_litestar(settings: Settings, database_url: str) -> Litestar:
    """The API alone, without the page and the outermost layer; tests walk its routes."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        database = Database(database_url, pool=settings.database_pool)
        app.state.database = database
        try:
            yield
        finally:
            await database.close()

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
    return Litestar(
        route_handlers=ROUTES,
        lifespan=[lifespan],
        state=State({"settings": settings}),
        exception_handlers=HANDLERS,
        cors_config=cors,
        openapi_config=OpenAPIConfig(title="Autolytiq", version=VERSION, render_plugins=[]),
        logging_config=None,
        request_max_body_size=None,
    )


def create_app(settings: Settings, database_url: str) -> ASGIApp:
    """Everything, as the server runs it."""
    api = create_litestar(settings, database_url)
    page = PageFiles(api, settings.dist)
    return Edge(page, body_limit=settings.body_limit, trusted_proxies=settings.trusted_proxies)


def worker() -> ASGIApp:
    """What granian calls in each worker; `serve` has put the checked settings into the environment."""
    settings = read_settings()
    logs.configure(settings.log_level)
    follow_parent(int(os.environ["AUTOLYTIQ_PARENT"]))
    announce(settings)
    if settings.database_url is None:
        raise RuntimeError("serve sets DATABASE_URL for its workers")
    return create_app(settings, settings.database_url)
