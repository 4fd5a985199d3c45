"""Liveness, readiness, version and metrics."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from backend import VERSION
from backend.db.migrate import HEAD
from backend.http import metrics
from backend.http.problems import Problem, unavailable
from backend.tax import pack_id

READY_SECONDS = 3.0
PUBLIC: dict[str, Any] = {"public": True}


class Health(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str


class Version(msgspec.Struct, frozen=True):
    """What runs here: the application, the law it computes with, the page it serves."""

    version: str
    rule_pack: str
    page_set: str | None


@get("/health", operation_id="Health", tags=["operations"], opt=PUBLIC, sync_to_thread=False)
def health() -> Health:
    """Say that the process is alive; touches nothing else."""
    return Health("ok")


@get("/ready", operation_id="Ready", tags=["operations"], opt=PUBLIC)
async def ready(state: State) -> Health:
    """Say whether requests can be served: the database answers and has this version's schema."""
    try:
        async with asyncio.timeout(READY_SECONDS), state.database.transaction(None) as session:
            found = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError as error:
        raise unavailable("The database is not migrated: run python -m backend migrate.") from error
    except Exception as error:
        raise unavailable("The database is not available.") from error
    # Migrations only add: a newer schema serves an older process too, while a new version is rolled out.
    if found is None or found < HEAD:
        raise unavailable("The database has an older schema than this version: run python -m backend migrate.")
    return Health("ready")


@get("/api/v1/version", operation_id="Version", tags=["operations"], opt=PUBLIC, sync_to_thread=False)
def version(state: State) -> Version:
    """Name the versions of application, rule pack and page."""
    return Version(VERSION, pack_id(), page_set(state.settings.dist))


@get("/metrics", operation_id="Metrics", tags=["operations"], opt=PUBLIC, sync_to_thread=True, include_in_schema=False)
def metrics_text(request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    """Prometheus metrics, for the machine itself and for whoever holds the token."""
    token: str | None = state.settings.metrics_token
    client = request.client.host if request.client else ""
    local = client in ("127.0.0.1", "::1") and "x-forwarded-for" not in request.headers
    if token is None and not local:
        raise Problem(
            403, "not_allowed", "Metrics are for this machine only; set METRICS_TOKEN to read them from another."
        )
    if token is not None and request.headers.get("authorization") != f"Bearer {token}":
        raise Problem(
            401, "not_signed_in", "The metrics token is missing or wrong.", headers={"www-authenticate": "Bearer"}
        )
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)


def page_set(dist: Path) -> str | None:
    """The id of the set of page files that is served, from the list beside them."""
    try:
        found: object = msgspec.json.decode((dist / "set.json").read_bytes(), type=dict[str, Any]).get("id")
    except (OSError, msgspec.DecodeError):
        return None
    return found if isinstance(found, str) else None
