"""From a bearer token to a principal.

The token is checked by its signature; whether its session still counts is asked from the database and remembered for a
few seconds. A change of rights reaches all workers by NOTIFY; should that fail, the seconds are the bound.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult

from backend.auth import data
from backend.auth.keys import KeyRing
from backend.auth.principal import Principal
from backend.db.engine import Database
from backend.http.limits import Limits
from backend.http.problems import Problem

log = structlog.get_logger("auth")
REMEMBER_SECONDS = 5.0
REMEMBERED = 20_000
RECONNECT_SECONDS = 5.0


def not_signed_in() -> Problem:
    """One answer for a missing, malformed, expired and revoked token."""
    return Problem(
        401,
        "not_signed_in",
        "Sign in first: a valid access token is needed.",
        headers={"www-authenticate": "Bearer"},
    )


class Authenticator:
    """Checks tokens; one per worker."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self.database = database
        self.keys = keys
        self._tokens: dict[str, tuple[float, dict[str, Any]]] = {}
        self._sessions: dict[uuid.UUID, tuple[float, Any]] = {}
        self._listener: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen for changes of rights."""
        self._listener = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Listen no more."""
        if self._listener:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener

    def forget(self) -> None:
        """Ask the database again about every session."""
        self._sessions.clear()

    async def principal(self, token: str, address: str, request_id: str) -> Principal | None:
        """Who holds this token, if it is good and its session still counts."""
        claims = await self._claims(token)
        if claims is None:
            return None
        tenant, sid = uuid.UUID(claims["tid"]), uuid.UUID(claims["sid"])
        remembered = self._sessions.get(sid)
        if remembered is None or time.monotonic() - remembered[0] > REMEMBER_SECONDS:
            asked = time.monotonic()
            async with self.database.transaction(tenant) as session:
                remembered = asked, await data.session_state(session, tenant, sid)
            if len(self._sessions) > REMEMBERED:
                self._sessions.clear()
            self._sessions[sid] = remembered
        state = remembered[1]
        if state is None or not state.active or str(state.user_id) != claims["sub"]:
            return None
        return Principal(
            tenant_id=tenant,
            user_id=state.user_id,
            session_id=sid,
            role=state.role,
            rooftop_ids=frozenset(state.rooftops),
            address=address,
            request_id=request_id,
        )

    async def _claims(self, token: str) -> dict[str, Any] | None:
        known = self._tokens.get(token)
        if known is not None:
            return known[1] if known[0] > time.time() else None
        claims = await self.keys.verify(token, "access")
        if claims is None or "sid" not in claims:
            return None
        if len(self._tokens) > REMEMBERED:
            self._tokens.clear()
        self._tokens[token] = float(claims["exp"]), claims
        return claims

    def _told(self, *_: object) -> None:
        self.forget()

    async def _listen(self) -> None:
        while True:
            try:
                async with self.database.engine.connect() as connection:
                    raw = await connection.get_raw_connection()
                    driver: Any = raw.driver_connection
                    gone = asyncio.Event()
                    driver.add_termination_listener(_setter(gone))
                    await driver.add_listener("rights_changed", self._told)
                    self.forget()
                    await gone.wait()
                    await connection.invalidate()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.warning("rights_listener", error=type(error).__name__)
            self.forget()
            await asyncio.sleep(RECONNECT_SECONDS)


def _setter(gone: asyncio.Event) -> Callable[..., None]:
    def set_it(*_: object) -> None:
        gone.set()

    return set_it


class AuthMiddleware(AbstractAuthenticationMiddleware):
    """Litestar's hook: every route but those marked public needs a principal."""

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        """Find the principal or end the request with 401."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        scope_state = connection.scope["state"]
        limits: Limits = connection.app.state.limits
        if scheme.lower() != "bearer" or not token or len(token) > 4096:
            await limits.check_address(scope_state)
            raise not_signed_in()
        authenticator: Authenticator = connection.app.state.authenticator
        principal = await authenticator.principal(token, scope_state["address"], scope_state["request_id"])
        if principal is None:
            await limits.check_address(scope_state)
            raise not_signed_in()
        scope_state["tenant_id"] = str(principal.tenant_id)
        scope_state["user_id"] = str(principal.user_id)
        await limits.check_principal(scope_state, principal)
        return AuthenticationResult(user=principal, auth=token)
