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

import msgspec
import structlog
from litestar.datastructures import State
from litestar.types import ASGIApp, Receive, Scope, Send

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


class Claims(msgspec.Struct, frozen=True):
    """What a token of good signature says."""

    expires: float
    tenant: uuid.UUID
    session: uuid.UUID
    user: uuid.UUID


class Authenticator:
    """Checks tokens; one per worker."""

    def __init__(self, database: Database, keys: KeyRing) -> None:
        self.database = database
        self.keys = keys
        self._tokens: dict[str, Claims] = {}
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
        remembered = self._sessions.get(claims.session)
        if remembered is None or time.monotonic() - remembered[0] > REMEMBER_SECONDS:
            asked = time.monotonic()
            async with self.database.transaction(claims.tenant) as session:
                remembered = asked, await data.session_state(session, claims.tenant, claims.session)
            if len(self._sessions) > REMEMBERED:
                self._sessions.clear()
            self._sessions[claims.session] = remembered
        state = remembered[1]
        if state is None or not state.active or state.user_id != claims.user:
            return None
        return Principal(
            tenant_id=claims.tenant,
            user_id=claims.user,
            session_id=claims.session,
            role=state.role,
            rooftop_ids=frozenset(state.rooftops),
            address=address,
            request_id=request_id,
        )

    async def _claims(self, token: str) -> Claims | None:
        """The signature is checked once for a token; when it expires, each time."""
        known = self._tokens.get(token)
        if known is None:
            said = await self.keys.verify(token, "access")
            if said is None or "sid" not in said:
                return None
            if len(self._tokens) > REMEMBERED:
                self._tokens.clear()
            known = Claims(float(said["exp"]), uuid.UUID(said["tid"]), uuid.UUID(said["sid"]), uuid.UUID(said["sub"]))
            self._tokens[token] = known
        return known if known.expires > time.time() else None

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


async def authenticate(state: State, scope: Scope, authorization: str) -> Principal:
    """Who asks, counted against their limits; ends the request when nobody known does."""
    scheme, _, token = authorization.partition(" ")
    about: Any = scope["state"]
    limits: Limits = state.limits
    if scheme.lower() != "bearer" or not token or len(token) > 4096:
        await limits.check_address(about)
        raise not_signed_in()
    authenticator: Authenticator = state.authenticator
    principal = await authenticator.principal(token, about["address"], about["request_id"])
    if principal is None:
        await limits.check_address(about)
        raise not_signed_in()
    about["tenant_id"] = str(principal.tenant_id)
    about["user_id"] = str(principal.user_id)
    await limits.check_principal(about, principal)
    return principal


class AuthMiddleware:
    """ASGI layer inside the framework: every route but those marked with this key needs a principal."""

    def __init__(self, app: ASGIApp, exclude_from_auth_key: str) -> None:
        self.app = app
        self.key = exclude_from_auth_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "OPTIONS" and not scope["route_handler"].opt.get(self.key):
            given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
            scope["user"] = await authenticate(scope["litestar_app"].state, scope, given.decode("latin-1"))
            scope["auth"] = None
        await self.app(scope, receive, send)
