"""Routes of a dealer group's settings."""

from typing import Any

import msgspec
from litestar import Response, Router, get, put
from litestar.datastructures import State
from sqlalchemy import text

from backend.audit.record import Who, event
from backend.auth.principal import TENANT_ROLES, allow
from backend.db.clock import finish
from backend.db.direct import Direct
from backend.db.rows import Work, sql
from backend.deps import AnyRequest, By, Session
from backend.http.etag import expected_rev, stale, tagged
from backend.http.faults import look
from backend.http.problems import FieldError, Problem
from backend.tenant_settings.schemas import Settings


async def read(work: Work, tenant: Any) -> tuple[Settings, int]:
    """The settings and their revision."""
    row = (
        await work.execute(
            sql("SELECT CAST(body AS text) AS body, rev FROM tenant_settings WHERE tenant_id = :tenant"),
            {"tenant": tenant},
        )
    ).one()
    return msgspec.json.decode(row.body, type=Settings), row.rev


@get("/settings", operation_id="GetSettings", guards=[allow(*TENANT_ROLES)])
async def get_settings(state: State, principal: By) -> Response[Settings]:
    """Get the settings of one's dealer group."""
    direct: Direct = state.direct
    settings, rev = await read(direct.reader(principal.tenant_id), principal.tenant_id)
    return tagged(settings, rev)


@put("/settings", operation_id="PutSettings", guards=[allow("tenant_admin")])
async def put_settings(request: AnyRequest, session: Session, principal: By, data: Settings) -> Response[Settings]:
    """Replace the settings of one's dealer group."""
    wrong: list[FieldError] = []
    look(data, "", wrong)
    if wrong:
        raise Problem(422, "invalid_input", "Some of the input is not accepted.", wrong)
    row = (
        await session.execute(
            text(
                "UPDATE tenant_settings SET body = CAST(:body AS jsonb), rev = rev + 1, changed_at = now()"
                " WHERE tenant_id = :tenant AND rev = :rev RETURNING rev"
            ),
            {
                "tenant": principal.tenant_id,
                "rev": expected_rev(request),
                "body": msgspec.json.encode(data).decode(),
            },
        )
    ).one_or_none()
    if row is None:
        raise stale()
    await finish(
        session, principal.tenant_id, event(Who.of(principal), "settings.change", "settings", None, {"rev": row.rev})
    )
    return tagged(data, row.rev)


settings_router = Router(path="/api/v1", tags=["settings"], route_handlers=[get_settings, put_settings])
