"""The person behind a request, and the guards that routes declare."""

import uuid
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Literal, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from backend.http.problems import Problem

Role = Literal["platform_admin", "tenant_admin", "manager", "finance", "sales", "auditor"]
PLATFORM = uuid.UUID("00000000-0000-0000-0000-000000000001")

ALL_ROLES: tuple[Role, ...] = ("platform_admin", "tenant_admin", "manager", "finance", "sales", "auditor")
TENANT_ROLES: tuple[Role, ...] = ALL_ROLES[1:]
WRITERS: tuple[Role, ...] = ("tenant_admin", "manager", "finance", "sales")
ADMINS: tuple[Role, ...] = ("platform_admin", "tenant_admin")
# All who can read customer information need a second factor (16 CFR 314.4(c)(5)).
SECOND_FACTOR: frozenset[Role] = frozenset(TENANT_ROLES)

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in user in one request."""

    tenant_id: uuid.UUID
    user_id: uuid.UUID
    session_id: uuid.UUID
    role: Role
    rooftop_ids: frozenset[uuid.UUID]
    address: str
    request_id: str

    @property
    def sees_all_rooftops(self) -> bool:
        """Tenant admins and auditors are not bound to stores."""
        return self.role in ("tenant_admin", "auditor")


def check_role(principal: Principal, roles: Collection[str]) -> None:
    """End the request of whose role is none of these."""
    if principal.role not in roles:
        raise Problem(403, "not_allowed", "Your role may not do this.")


def allow(*roles: Role) -> Guard:
    """A guard that lets only these roles pass; the roles are kept on it for the table of routes and roles."""

    # Asynchronous only because the framework gives any other guard a thread, which costs more than the whole route.
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        check_role(cast("Principal", connection.user), roles)

    guard.roles = roles  # type: ignore[attr-defined]  # pyright: ignore[reportFunctionMemberAccess]
    return guard
