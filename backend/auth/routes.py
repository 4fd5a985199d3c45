"""Routes of signing in."""

import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from litestar import Response, Router, delete, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.handlers import BaseRouteHandler
from sqlalchemy import text

from backend.audit.record import Who, event
from backend.auth import data as rows
from backend.auth.principal import ALL_ROLES, allow
from backend.auth.schemas import (
    Accept,
    Accepted,
    ChangePassword,
    DeviceOut,
    EnrollConfirm,
    Enrolled,
    EnrollStart,
    Me,
    MustEnroll,
    Reauthenticate,
    RecoveryCodes,
    Secret,
    SessionOut,
    SignedIn,
    SignIn,
)
from backend.auth.service import AuthService, Issued
from backend.db.clock import finish
from backend.db.rows import values as values_of
from backend.deps import AnyRequest, By, From, Session
from backend.http.problems import Problem, not_found
from backend.settings import Settings

COOKIE = "autolytiq_refresh"
COOKIE_PATH = "/api/v1/auth"
PUBLIC: dict[str, Any] = {"public": True}
EVERYBODY = [allow(*ALL_ROLES)]


async def by_address(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Count requests of people not signed in, by their address."""
    await connection.app.state.limits.check_address(connection.scope["state"])


def same_site(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """The cookie works from our own page and from the allowed origins only."""
    origin = connection.headers.get("origin")
    if origin is None:
        return
    settings: Settings = connection.app.state.settings
    own = {connection.headers.get("host"), urlsplit(settings.public_url).netloc}
    if urlsplit(origin).netloc not in own and origin not in settings.allowed_origins:
        raise Problem(403, "wrong_origin", "This origin may not use the session's cookie.")


def _with_cookie(state: State, body: Any, issued: Issued, status: int = 200) -> Response[Any]:
    age = int((issued.expires - datetime.now(UTC)).total_seconds())
    return Response(
        body,
        status_code=status,
        headers={"cache-control": "no-store"},
        cookies=[
            Cookie(
                key=COOKIE,
                value=issued.refresh,
                path=COOKIE_PATH,
                max_age=age,
                httponly=True,
                samesite="strict",
                secure=state.settings.secure_cookies,
            )
        ],
    )


@post("/sign-in", operation_id="SignIn", status_code=200, opt=PUBLIC, guards=[by_address])
async def sign_in(state: State, request: AnyRequest, data: SignIn, place: From) -> Response[SignedIn | MustEnroll]:
    """Sign in; a role that reads customer data and has no second factor yet gets a ticket to set one up."""
    service: AuthService = state.auth
    result = await service.sign_in(data, place, request.headers.get("user-agent", ""))
    if isinstance(result, MustEnroll):
        return Response(result, headers={"cache-control": "no-store"})
    return _with_cookie(state, result.body, result)


@post("/enroll/start", operation_id="EnrollStart", status_code=200, opt=PUBLIC, guards=[by_address])
async def enroll_start(state: State, data: EnrollStart) -> Response[Secret]:
    """Get the secret for an authenticator app."""
    service: AuthService = state.auth
    return Response(await service.enroll_start(data.enroll_ticket), headers={"cache-control": "no-store"})


@post("/enroll/confirm", operation_id="EnrollConfirm", status_code=200, opt=PUBLIC, guards=[by_address])
async def enroll_confirm(state: State, request: AnyRequest, data: EnrollConfirm, place: From) -> Response[Enrolled]:
    """Prove the app with its first code; answers with the recovery codes and signs in."""
    service: AuthService = state.auth
    enrolled, issued = await service.enroll_confirm(data, place, request.headers.get("user-agent", ""))
    return _with_cookie(state, enrolled, issued)


@post("/refresh", operation_id="Refresh", status_code=200, opt=PUBLIC, guards=[by_address, same_site])
async def refresh(state: State, request: AnyRequest, place: From) -> Response[SignedIn]:
    """Get a new access token for the refresh cookie, which is exchanged for a new one."""
    service: AuthService = state.auth
    issued = await service.refresh(request.cookies.get(COOKIE, ""), place)
    return _with_cookie(state, issued.body, issued)


@post("/sign-out", operation_id="SignOut", status_code=204, opt=PUBLIC, guards=[by_address, same_site])
async def sign_out(state: State, request: AnyRequest, place: From) -> Response[None]:
    """End this session, on the server and in the browser."""
    service: AuthService = state.auth
    cookie = request.cookies.get(COOKIE)
    if cookie:
        await service.sign_out(cookie, place)
    answer: Response[None] = Response(None, status_code=204)
    answer.delete_cookie(COOKIE, path=COOKIE_PATH)
    return answer


@post("/accept", operation_id="AcceptInvitation", status_code=200, opt=PUBLIC, guards=[by_address])
async def accept(state: State, data: Accept, place: From) -> Accepted:
    """Take up an invitation or a reset by choosing a password."""
    service: AuthService = state.auth
    return await service.accept(data, place)


@get("/me", operation_id="Me", guards=EVERYBODY)
async def me(session: Session, principal: By) -> Me:
    """Tell who is signed in."""
    row = (
        await session.execute(
            text(
                "SELECT u.email, u.name, u.role, u.totp_on, g.slug, g.name AS group_name FROM users u"
                " JOIN tenants g ON g.id = u.tenant_id WHERE u.tenant_id = :tenant AND u.id = :user"
            ),
            {"tenant": principal.tenant_id, "user": principal.user_id},
        )
    ).one()
    return Me(
        id=principal.user_id,
        tenant_id=principal.tenant_id,
        dealer_group=row.slug,
        dealer_group_name=row.group_name,
        email=row.email,
        name=row.name,
        role=row.role,
        rooftop_ids=sorted(principal.rooftop_ids),
        second_factor=row.totp_on,
    )


@post("/password", operation_id="ChangePassword", status_code=204, guards=EVERYBODY)
async def change_password(state: State, session: Session, principal: By, data: ChangePassword) -> None:
    """Change one's own password; all other sessions end."""
    await state.auth.change_password(session, principal, data)


@post("/recovery-codes", operation_id="NewRecoveryCodes", status_code=200, guards=EVERYBODY)
async def recovery_codes(
    state: State, session: Session, principal: By, data: Reauthenticate
) -> Response[RecoveryCodes]:
    """Replace one's recovery codes."""
    codes = await state.auth.new_recovery_codes(session, principal, data.password)
    return Response(RecoveryCodes(codes), headers={"cache-control": "no-store"})


@get("/sessions", operation_id="ListSessions", guards=EVERYBODY)
async def list_sessions(session: Session, principal: By) -> list[SessionOut]:
    """List the places where one is signed in."""
    found = await session.execute(
        text(
            "SELECT id, device_id, address, agent, created_at, last_used_at, expires_at FROM sessions"
            " WHERE tenant_id = :tenant AND user_id = :user AND revoked_at IS NULL AND expires_at > now()"
            " ORDER BY created_at DESC LIMIT 100"
        ),
        {"tenant": principal.tenant_id, "user": principal.user_id},
    )
    return [SessionOut(**values_of(row), current=row.id == principal.session_id) for row in found]


@delete("/sessions/{session_id:uuid}", operation_id="EndSession", guards=EVERYBODY)
async def end_session(session: Session, principal: By, session_id: uuid.UUID) -> None:
    """End one of one's own sessions."""
    tenant = principal.tenant_id
    ended = await rows.revoke_sessions(session, tenant, principal.user_id, "ended by its user", only=session_id)
    if not ended:
        raise not_found()
    await finish(session, tenant, event(Who.of(principal), "session.end", "session", session_id))


@get("/devices", operation_id="ListDevices", guards=EVERYBODY)
async def list_devices(session: Session, principal: By) -> list[DeviceOut]:
    """List the browsers one has signed in with."""
    found = await session.execute(
        text(
            "SELECT id, name, wipe, created_at, last_seen_at FROM devices"
            " WHERE tenant_id = :tenant AND user_id = :user ORDER BY last_seen_at DESC LIMIT 100"
        ),
        {"tenant": principal.tenant_id, "user": principal.user_id},
    )
    return [DeviceOut(**values_of(row)) for row in found]


@post("/devices/{device_id:uuid}/wipe", operation_id="WipeOwnDevice", status_code=204, guards=EVERYBODY)
async def wipe_device(session: Session, principal: By, device_id: uuid.UUID) -> None:
    """Tell one of one's own browsers to forget what it stores; its sessions end."""
    await wipe(session, principal, principal.user_id, device_id)


async def wipe(session: Session, principal: By, user: uuid.UUID, device: uuid.UUID) -> None:
    """Flag a device and end its sessions."""
    tenant = principal.tenant_id
    flagged = await session.execute(
        text(
            "UPDATE devices SET wipe = true WHERE tenant_id = :tenant AND user_id = :user AND id = :device RETURNING id"
        ),
        {"tenant": tenant, "user": user, "device": device},
    )
    if flagged.one_or_none() is None:
        raise not_found()
    await rows.revoke_sessions(session, tenant, user, "device wiped", device=device)
    await finish(session, tenant, event(Who.of(principal), "device.wipe", "user", user, {"device": str(device)}))


auth_router = Router(
    path="/api/v1/auth",
    tags=["signing in"],
    route_handlers=[
        sign_in,
        enroll_start,
        enroll_confirm,
        refresh,
        sign_out,
        accept,
        me,
        change_password,
        recovery_codes,
        list_sessions,
        end_session,
        list_devices,
        wipe_device,
    ],
)
