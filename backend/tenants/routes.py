"""Routes of dealer groups: for the platform's admins, and the export for a group's own."""

import uuid
from typing import Any

from litestar import Response, Router, delete, get, patch, post
from litestar.datastructures import State
from litestar.response import Stream

from backend.audit.record import Who, event
from backend.auth.principal import allow
from backend.db.clock import finish
from backend.deps import AnyRequest, By, Session
from backend.http.etag import expected_rev, tagged
from backend.http.paging import DEFAULT, CursorText, Limit, Page, page, unpack
from backend.tenants import service
from backend.tenants.schemas import AdminOfTenant, Tenant, TenantChange, TenantCreate, TenantCreated

PLATFORM_ONLY = [allow("platform_admin")]


@post("/tenants", operation_id="CreateTenant", guards=PLATFORM_ONLY)
async def create_tenant(state: State, session: Session, principal: By, data: TenantCreate) -> Response[TenantCreated]:
    """Make a dealer group and invite its first admin."""
    tenant, token = await service.create(state.database, principal, data)
    await finish(session, principal.tenant_id, event(Who.of(principal), "tenant.create", "tenant", tenant.id))
    body = TenantCreated(tenant=tenant, invitation_token=token)
    return tagged(body, tenant.rev, 201, {"location": f"/api/v1/tenants/{tenant.id}", "cache-control": "no-store"})


@get("/tenants", operation_id="ListTenants", guards=PLATFORM_ONLY)
async def list_tenants(session: Session, cursor: CursorText = None, limit: Limit = DEFAULT) -> Page[Tenant]:
    """List dealer groups."""
    after = unpack(cursor, tuple[str])
    found = await service.listed(session, after[0] if after else None, limit + 1)
    return page(found, limit, lambda tenant: [tenant.slug])


@get("/tenants/{tenant_id:uuid}", operation_id="GetTenant", guards=PLATFORM_ONLY)
async def get_tenant(session: Session, tenant_id: uuid.UUID) -> Response[Tenant]:
    """Get a dealer group."""
    tenant = await service.find(session, tenant_id)
    return tagged(tenant, tenant.rev)


@patch("/tenants/{tenant_id:uuid}", operation_id="ChangeTenant", guards=PLATFORM_ONLY)
async def change_tenant(
    request: AnyRequest, session: Session, principal: By, tenant_id: uuid.UUID, data: TenantChange
) -> Response[Tenant]:
    """Rename a dealer group."""
    tenant = await service.rename(session, principal, tenant_id, expected_rev(request), data.name)
    return tagged(tenant, tenant.rev)


@post("/tenants/{tenant_id:uuid}/suspend", operation_id="SuspendTenant", status_code=200, guards=PLATFORM_ONLY)
async def suspend_tenant(session: Session, principal: By, tenant_id: uuid.UUID) -> Tenant:
    """Keep all people of a dealer group out, and its data as they are."""
    return await service.set_status(session, principal, tenant_id, "suspended", ("active",))


@post("/tenants/{tenant_id:uuid}/resume", operation_id="ResumeTenant", status_code=200, guards=PLATFORM_ONLY)
async def resume_tenant(session: Session, principal: By, tenant_id: uuid.UUID) -> Tenant:
    """Let the people of a suspended dealer group in again."""
    return await service.set_status(session, principal, tenant_id, "active", ("suspended",))


@delete("/tenants/{tenant_id:uuid}", operation_id="DeleteTenant", guards=PLATFORM_ONLY)
async def delete_tenant(session: Session, principal: By, tenant_id: uuid.UUID) -> None:
    """End a dealer group for good; its rows go with `-m backend admin purge`."""
    await service.set_status(session, principal, tenant_id, "deleted", ("active", "suspended"))


@post(
    "/tenants/{tenant_id:uuid}/remove-second-factor",
    operation_id="RemoveAdminSecondFactor",
    status_code=204,
    guards=PLATFORM_ONLY,
)
async def remove_admin_second_factor(
    state: State, session: Session, principal: By, tenant_id: uuid.UUID, data: AdminOfTenant
) -> None:
    """Remove the lost second factor of a dealer group's admin, whom no other admin of the group can help."""
    await service.find(session, tenant_id)
    await service.remove_second_factor(state.database, principal, tenant_id, data.email)
    done = event(Who.of(principal), "tenant.second_factor_removed", "tenant", tenant_id)
    await finish(session, principal.tenant_id, done)


@get("/tenant/export", operation_id="ExportTenant", guards=[allow("tenant_admin")])
async def export_tenant(state: State, session: Session, principal: By) -> Stream:
    """Take everything of one's own dealer group along, as JSON lines."""
    await finish(session, principal.tenant_id, event(Who.of(principal), "tenant.export", "tenant", principal.tenant_id))
    headers: dict[str, Any] = {"content-disposition": 'attachment; filename="autolytiq-export.jsonl"'}
    return Stream(service.export(state.database, principal.tenant_id), media_type="application/jsonl", headers=headers)


tenants_router = Router(
    path="/api/v1",
    tags=["dealer groups"],
    route_handlers=[
        create_tenant,
        list_tenants,
        get_tenant,
        change_tenant,
        suspend_tenant,
        resume_tenant,
        delete_tenant,
        remove_admin_second_factor,
        export_tenant,
    ],
)
