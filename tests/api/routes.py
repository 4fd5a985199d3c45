"""The table of routes and roles: who may do what. A route without an entry here fails the tests."""

from typing import Any

EVERY = frozenset({"platform_admin", "tenant_admin", "manager", "finance", "sales", "auditor"})
TENANT = EVERY - {"platform_admin"}
WRITERS = frozenset({"tenant_admin", "manager", "finance", "sales"})
MANAGERS = frozenset({"tenant_admin", "manager"})
ADMINS = frozenset({"platform_admin", "tenant_admin"})
WATCHERS = frozenset({"platform_admin", "tenant_admin", "auditor"})
SEE_PEOPLE = frozenset({"platform_admin", "tenant_admin", "manager", "auditor"})
PLATFORM = frozenset({"platform_admin"})
OWNER = frozenset({"tenant_admin"})
PUBLIC = None

ROUTES: dict[str, frozenset[str] | None] = {
    "GET /health": PUBLIC,
    "GET /ready": PUBLIC,
    "GET /metrics": PUBLIC,
    "GET /docs": PUBLIC,
    "GET /docs.css": PUBLIC,
    "GET /openapi.json": PUBLIC,
    "GET /api/v1/version": PUBLIC,
    "POST /api/v1/auth/sign-in": PUBLIC,
    "POST /api/v1/auth/enroll/start": PUBLIC,
    "POST /api/v1/auth/enroll/confirm": PUBLIC,
    "POST /api/v1/auth/refresh": PUBLIC,
    "POST /api/v1/auth/sign-out": PUBLIC,
    "POST /api/v1/auth/accept": PUBLIC,
    "GET /api/v1/auth/me": EVERY,
    "POST /api/v1/auth/password": EVERY,
    "POST /api/v1/auth/recovery-codes": EVERY,
    "GET /api/v1/auth/sessions": EVERY,
    "DELETE /api/v1/auth/sessions/{session_id}": EVERY,
    "GET /api/v1/auth/devices": EVERY,
    "POST /api/v1/auth/devices/{device_id}/wipe": EVERY,
    "POST /api/v1/tenants": PLATFORM,
    "GET /api/v1/tenants": PLATFORM,
    "GET /api/v1/tenants/{tenant_id}": PLATFORM,
    "PATCH /api/v1/tenants/{tenant_id}": PLATFORM,
    "DELETE /api/v1/tenants/{tenant_id}": PLATFORM,
    "POST /api/v1/tenants/{tenant_id}/suspend": PLATFORM,
    "POST /api/v1/tenants/{tenant_id}/resume": PLATFORM,
    "POST /api/v1/tenants/{tenant_id}/remove-second-factor": PLATFORM,
    "GET /api/v1/tenant/export": OWNER,
    "GET /api/v1/rooftops": TENANT,
    "POST /api/v1/rooftops": OWNER,
    "GET /api/v1/rooftops/{rooftop_id}": TENANT,
    "PATCH /api/v1/rooftops/{rooftop_id}": OWNER,
    "GET /api/v1/users": SEE_PEOPLE,
    "GET /api/v1/users/{user_id}": SEE_PEOPLE,
    "PATCH /api/v1/users/{user_id}": ADMINS,
    "POST /api/v1/users/{user_id}/reset": ADMINS,
    "POST /api/v1/users/{user_id}/sign-out": ADMINS,
    "DELETE /api/v1/users/{user_id}/second-factor": ADMINS,
    "GET /api/v1/users/{user_id}/devices": ADMINS,
    "POST /api/v1/users/{user_id}/devices/{device_id}/wipe": ADMINS,
    "GET /api/v1/invitations": ADMINS,
    "POST /api/v1/invitations": ADMINS,
    "DELETE /api/v1/invitations/{invitation_id}": ADMINS,
    "GET /api/v1/settings": TENANT,
    "PUT /api/v1/settings": OWNER,
    "GET /api/v1/customers": TENANT,
    "POST /api/v1/customers": WRITERS,
    "GET /api/v1/customers/{customer_id}": TENANT,
    "PUT /api/v1/customers/{customer_id}": WRITERS,
    "DELETE /api/v1/customers/{customer_id}": MANAGERS,
    "GET /api/v1/customers/{customer_id}/revisions": TENANT,
    "GET /api/v1/customers/duplicates": TENANT,
    "POST /api/v1/customers/{customer_id}/merge": MANAGERS,
    "POST /api/v1/customers/import": MANAGERS,
    "GET /api/v1/customers/export": MANAGERS,
    "GET /api/v1/deals": TENANT,
    "POST /api/v1/deals": WRITERS,
    "GET /api/v1/deals/{deal_id}": TENANT,
    "PUT /api/v1/deals/{deal_id}": WRITERS,
    "DELETE /api/v1/deals/{deal_id}": MANAGERS,
    "POST /api/v1/deals/{deal_id}/status": WRITERS,
    "POST /api/v1/deals/{deal_id}/pencils": WRITERS,
    "GET /api/v1/deals/{deal_id}/revisions": TENANT,
    "GET /api/v1/deals/{deal_id}/differences": TENANT,
    "GET /api/v1/desk-log": TENANT,
    "GET /api/v1/audit": WATCHERS,
    "GET /api/v1/audit/export": WATCHERS,
}

# Bodies that are accepted, for the routes with an id: so that only the id decides.
BODIES: dict[str, Any] = {
    "PATCH /api/v1/tenants/{tenant_id}": {"name": "Another"},
    "PATCH /api/v1/rooftops/{rooftop_id}": {"name": "Another"},
    "PATCH /api/v1/users/{user_id}": {"name": "Another"},
    "PUT /api/v1/customers/{customer_id}": {"last_name": "Another"},
    "POST /api/v1/customers/{customer_id}/merge": {"other_id": "01a21400-0000-7000-8000-000000000001", "other_rev": 1},
    "PUT /api/v1/deals/{deal_id}": {"deal": {}},
    "POST /api/v1/deals/{deal_id}/status": {"status": "presented"},
    "POST /api/v1/deals/{deal_id}/pencils": {},
}
