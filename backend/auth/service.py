"""Signing in and out, second factors, refresh tokens, passwords."""

import hashlib
import hmac
import secrets
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from pyotp import random_base32
from pyotp.totp import TOTP
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.audit.record import Who, event
from backend.auth import data, passwords
from backend.auth.keys import ACCESS_LIFE, KeyRing
from backend.auth.principal import SECOND_FACTOR, Principal
from backend.auth.schemas import (
    Accept,
    Accepted,
    ChangePassword,
    Device,
    EnrollConfirm,
    Enrolled,
    MustEnroll,
    Secret,
    SignedIn,
    SignIn,
)
from backend.auth.sealing import SealedOtherwiseError, Sealer
from backend.db.clock import finish
from backend.db.engine import Database
from backend.http.problems import Problem, invalid
from backend.ids import NIL, uuid7

log = structlog.get_logger("auth")
SESSION_LIFE = timedelta(days=30)
REFRESH_LIFE = timedelta(days=14)
# Two tabs may send the same cookie within a moment; later than this, a used token is a stolen one.
REUSE_GRACE_SECONDS = 30
FREE_FAILURES = 5
FIRST_LOCK_SECONDS = 30
LONGEST_LOCK_SECONDS = 3600
ENROLL_LIFE = timedelta(minutes=15)
TOTP_SECONDS = 30
RECOVERY_CODES = 10


def failed() -> Problem:
    """One answer for an unknown group, an unknown person, a wrong password and a locked account."""
    return Problem(
        401,
        "sign_in_failed",
        "Dealer group, e-mail or password is wrong, or there were too many attempts: wait a little and try again.",
    )


def second_factor(readable: bool) -> Problem:
    """The password was right and the rest is missing or wrong."""
    if readable:
        return Problem(401, "second_factor_required", "Give the code of your authenticator app or a recovery code.")
    return Problem(
        401,
        "second_factor_unreadable",
        "The server cannot check your app's codes any more: give a recovery code, or ask an admin to remove your second"
        " factor and set it up anew.",
    )


class Issued:
    """What a sign-in or refresh gives: the body and the cookie's content."""

    def __init__(self, body: SignedIn, refresh: str, expires: datetime) -> None:
        self.body = body
        self.refresh = refresh
        self.expires = expires


class AuthService:
    """One per worker."""

    def __init__(self, database: Database, keys: KeyRing, sealer: Sealer) -> None:
        self.database = database
        self.keys = keys
        self.sealer = sealer

    async def sign_in(self, request: SignIn, who: Who, agent: str) -> Issued | MustEnroll:
        """Check all that proves the person; wrong attempts are counted in a transaction that commits."""
        async with self.database.transaction(None) as session:
            tenant = await data.tenant_by_slug(session, request.dealer_group)
        tenant_id: uuid.UUID = tenant.id if tenant else NIL
        async with self.database.transaction(tenant_id) as session:
            user = await data.user_by_email(session, tenant_id, request.email) if tenant else None
            fine = await passwords.verify(request.password, user.password_hash if user else None)
            if user is None or user.locked or user.status != "active":
                problem = failed()
            elif not fine:
                await self._count_failure(session, tenant_id, user.id, who)
                problem = failed()
            elif user.totp_on:
                secret = self._totp_secret(user)
                step = await self._second_factor(session, tenant_id, user, secret, request.code)
                if step is not None:
                    return await self._open(session, tenant_id, user, request.device, who, agent, step)
                if request.code is not None:
                    await self._count_failure(session, tenant_id, user.id, who)
                problem = second_factor(secret is not None)
            elif user.role in SECOND_FACTOR:
                claims = {"sub": str(user.id), "tid": str(tenant_id), "use": "enroll"}
                return MustEnroll(enroll_ticket=await self.keys.sign(claims, ENROLL_LIFE))
            else:
                return await self._open(session, tenant_id, user, request.device, who, agent, 0)
        # Raised outside, so that the count of failures is committed.
        raise problem

    async def enroll_start(self, ticket: str) -> Secret:
        """A new secret, kept sealed and not yet in force."""
        tenant, user_id = await self._ticket(ticket)
        secret = random_base32()
        async with self.database.transaction(tenant) as session:
            user = await data.user_by_id(session, tenant, user_id)
            if user is None or user.totp_on:
                raise _bad_ticket()
            await data.set_totp(session, tenant, user_id, self.sealer.seal(secret.encode(), user_id.bytes), False, 0)
            address = TOTP(secret).provisioning_uri(name=user.email, issuer_name="Autolytiq")
        return Secret(secret=secret, otpauth=address)

    async def enroll_confirm(self, request: EnrollConfirm, who: Who, agent: str) -> tuple[Enrolled, Issued]:
        """The first right code turns the second factor on and signs in."""
        tenant, user_id = await self._ticket(request.enroll_ticket)
        async with self.database.transaction(tenant) as session:
            user = await data.user_by_id(session, tenant, user_id)
            if user is None or user.totp_on or user.totp_sealed is None or user.status != "active" or user.locked:
                raise _bad_ticket()
            secret = self._totp_secret(user)
            if secret is None:
                raise _bad_ticket()
            step = _totp_step(secret, user.totp_step, request.code)
            if step is None:
                raise invalid("code", "wrong_code", "this is not the app's present code; check the time on the phone")
            await data.set_totp(session, tenant, user_id, user.totp_sealed, True, step)
            codes, hashes = _recovery_codes()
            await data.replace_recovery_codes(session, tenant, user_id, hashes)
            issued = await self._open(session, tenant, user, request.device, who, agent, step)
        return Enrolled(recovery_codes=codes, signed_in=issued.body), issued

    async def refresh(self, cookie: str, who: Who) -> Issued:
        """A new access token and a new refresh token for the one in the cookie."""
        tenant, token_hash = _parse_refresh(cookie)
        async with self.database.transaction(tenant) as session:
            row = await data.lock_refresh_token(session, tenant, token_hash, REUSE_GRACE_SECONDS)
            problem: Problem | None = None
            if row is None or row.status != "active" or row.tenant_status != "active":
                problem = _signed_out()
            elif row.wipe:
                problem = Problem(401, "wipe", "This device was told to forget what it stores and to sign in again.")
            elif row.ended or row.expired:
                problem = _signed_out()
            elif row.reused:
                # Somebody holds a copy of a token that was exchanged long ago: nobody keeps this session.
                await data.revoke_sessions(session, tenant, row.user_id, "refresh token reused", only=row.session_id)
                seen = event(who.as_user(row.user_id), "session.reuse_detected", "session", row.session_id)
                await finish(session, tenant, seen)
                problem = _signed_out()
            else:
                await data.use_refresh_token(session, tenant, row.session_id, token_hash)
                return await self._issue(session, tenant, row.user_id, row.session_id, row.role)
        raise problem

    async def sign_out(self, cookie: str, who: Who) -> None:
        """End the session of this cookie; an unknown one is signed out already."""
        tenant, token_hash = _parse_refresh(cookie)
        async with self.database.transaction(tenant) as session:
            row = await data.lock_refresh_token(session, tenant, token_hash, REUSE_GRACE_SECONDS)
            if row is None or row.ended:
                return
            await data.revoke_sessions(session, tenant, row.user_id, "signed out", only=row.session_id)
            await finish(session, tenant, event(who.as_user(row.user_id), "session.end", "session", row.session_id))

    async def accept(self, request: Accept, who: Who) -> Accepted:
        """An invitation makes the user, a reset gives a new password and ends all sessions; each works once."""
        tenant, token_hash = _parse_invitation(request.token)
        async with self.database.transaction(tenant) as session:
            found = await session.execute(
                text(
                    """
                    SELECT i.id, i.kind, i.email, i.name, i.role, i.rooftop_ids, i.user_id, g.slug, g.name AS group_name
                    FROM invitations i JOIN tenants g ON g.id = i.tenant_id
                    WHERE i.tenant_id = :tenant AND i.token_hash = :hash AND i.accepted_at IS NULL
                      AND i.revoked_at IS NULL AND i.expires_at > now() AND g.status = 'active'
                    FOR UPDATE OF i
                    """
                ),
                {"tenant": tenant, "hash": token_hash},
            )
            row = found.one_or_none()
            if row is None:
                raise Problem(401, "invitation_not_valid", "This invitation is unknown, used, withdrawn or too old.")
            passwords.check_strength(request.password, about=[row.email, row.name, row.slug, row.group_name])
            password_hash = await passwords.make_hash(request.password)
            values: dict[str, Any] = {"tenant": tenant, "id": row.id}
            await session.execute(
                text("UPDATE invitations SET accepted_at = now() WHERE tenant_id = :tenant AND id = :id"), values
            )
            if row.kind == "reset":
                user_id = row.user_id
                await data.set_password(session, tenant, user_id, password_hash)
                await data.revoke_sessions(session, tenant, user_id, "password was reset")
            else:
                user_id = uuid7()
                await add_user(session, tenant, user_id, row.email, row.name, row.role, row.rooftop_ids, password_hash)
            await finish(session, tenant, event(who.as_user(user_id), f"{row.kind}.accept", "user", user_id))
        return Accepted(dealer_group=row.slug, email=row.email)

    async def change_password(self, session: AsyncSession, principal: Principal, request: ChangePassword) -> None:
        """A new password for oneself; the other sessions end."""
        user = await self.reauthenticate(session, principal, request.password)
        passwords.check_strength(request.new_password, about=[user.email, user.name])
        tenant = principal.tenant_id
        await data.set_password(session, tenant, user.id, await passwords.make_hash(request.new_password))
        await data.revoke_sessions(session, tenant, user.id, "password was changed", but=principal.session_id)
        await finish(session, tenant, event(Who.of(principal), "password.change", "user", user.id))

    async def new_recovery_codes(self, session: AsyncSession, principal: Principal, password: str) -> list[str]:
        """Ten new codes in the place of all old ones."""
        user = await self.reauthenticate(session, principal, password)
        if not user.totp_on:
            raise Problem(409, "no_second_factor", "There is no second factor set up that these codes could replace.")
        codes, hashes = _recovery_codes()
        await data.replace_recovery_codes(session, principal.tenant_id, user.id, hashes)
        await finish(session, principal.tenant_id, event(Who.of(principal), "recovery_codes.new", "user", user.id))
        return codes

    async def reauthenticate(self, session: AsyncSession, principal: Principal, password: str) -> Row[Any]:
        """The user's row, if the password is theirs; failures count here as well."""
        user = await data.user_by_id(session, principal.tenant_id, principal.user_id)
        stored = user.password_hash if user and not user.locked else None
        if user is None or not await passwords.verify(password, stored):
            async with self.database.transaction(principal.tenant_id) as apart:
                # The request's own transaction will roll back and holds the row: count after it.
                await session.rollback()
                await self._count_failure(apart, principal.tenant_id, principal.user_id, Who.of(principal))
            raise invalid("password", "wrong_password", "this is not your password")
        return user

    async def _count_failure(self, session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, who: Who) -> None:
        await data.note_failure(session, tenant, user, FREE_FAILURES, FIRST_LOCK_SECONDS, LONGEST_LOCK_SECONDS)
        await finish(session, tenant, event(who.as_user(user), "sign_in.failed", "user", user))

    async def _second_factor(
        self, session: AsyncSession, tenant: uuid.UUID, user: Row[Any], secret: str | None, code: str | None
    ) -> int | None:
        """The step of the right code, 0 for a recovery code, nothing for a wrong one."""
        if code is None:
            return None
        step = _totp_step(secret, user.totp_step, code) if secret is not None else None
        if step is not None:
            return step
        if await data.use_recovery_code(session, tenant, user.id, _code_hash(code)):
            return 0
        return None

    def _totp_secret(self, user: Row[Any]) -> str | None:
        """The secret that the user's app shares with us; nothing when it was sealed under another SECRET_KEY."""
        try:
            return self.sealer.open(user.totp_sealed, user.id.bytes).decode()
        except SealedOtherwiseError:
            log.error("second_factor_sealed_otherwise", user=str(user.id))
            return None

    async def _open(
        self, session: AsyncSession, tenant: uuid.UUID, user: Row[Any], device: Device, who: Who, agent: str, step: int
    ) -> Issued:
        await data.clear_failures(session, tenant, user.id, step)
        await data.see_device(session, tenant, user.id, device.id, device.name)
        sid = uuid7()
        await data.add_session(
            session,
            {
                "tenant": tenant,
                "id": sid,
                "user": user.id,
                "device": device.id,
                "address": who.address,
                "agent": agent[:200],
                "expires": datetime.now(UTC) + SESSION_LIFE,
            },
        )
        issued = await self._issue(session, tenant, user.id, sid, user.role)
        await finish(session, tenant, event(who.as_user(user.id), "session.begin", "session", sid))
        return issued

    async def _issue(
        self, session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, sid: uuid.UUID, role: Any
    ) -> Issued:
        claims = {"sub": str(user), "tid": str(tenant), "sid": str(sid), "use": "access"}
        access = await self.keys.sign(claims)
        secret = secrets.token_urlsafe(32)
        expires = datetime.now(UTC) + REFRESH_LIFE
        await data.add_refresh_token(session, tenant, sid, _hash(secret), expires)
        body = SignedIn(
            access_token=access,
            expires_in=int(ACCESS_LIFE.total_seconds()),
            tenant_id=tenant,
            user_id=user,
            session_id=sid,
            role=role,
        )
        return Issued(body, f"{tenant.hex}.{secret}", expires)

    async def _ticket(self, ticket: str) -> tuple[uuid.UUID, uuid.UUID]:
        claims = await self.keys.verify(ticket, "enroll")
        if claims is None:
            raise _bad_ticket()
        return uuid.UUID(claims["tid"]), uuid.UUID(claims["sub"])


def _totp_step(secret: str, last: int, code: str) -> int | None:
    """The time step whose code this is, one step of drift allowed; a step up to the `last` one used counts no more."""
    totp = TOTP(secret)
    plain = code.replace(" ", "").replace("-", "")
    present = int(time.time()) // TOTP_SECONDS
    for step in (present, present - 1, present + 1):
        if step > last and hmac.compare_digest(totp.at(step * TOTP_SECONDS).encode(), plain.encode()):
            return step
    return None


async def add_user(
    session: AsyncSession,
    tenant: uuid.UUID,
    user: uuid.UUID,
    email: str,
    name: str,
    role: str,
    rooftops: list[uuid.UUID],
    password_hash: str,
) -> None:
    """A new user with a password of their own."""
    made = await session.execute(
        text(
            "INSERT INTO users (tenant_id, id, email, name, role, status, password_hash)"
            " VALUES (:tenant, :id, :email, :name, :role, 'active', :hash)"
            " ON CONFLICT (tenant_id, email) DO NOTHING RETURNING id"
        ),
        {"tenant": tenant, "id": user, "email": email.lower(), "name": name, "role": role, "hash": password_hash},
    )
    if made.one_or_none() is None:
        raise Problem(409, "email_taken", "There is a user with this e-mail already.")
    await set_rooftops(session, tenant, user, rooftops)


async def set_rooftops(session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, rooftops: list[uuid.UUID]) -> None:
    """The stores that a user works at."""
    values: dict[str, Any] = {"tenant": tenant, "user": user, "rooftops": rooftops}
    await session.execute(text("DELETE FROM user_rooftops WHERE tenant_id = :tenant AND user_id = :user"), values)
    added = await session.execute(
        text(
            "INSERT INTO user_rooftops (tenant_id, user_id, rooftop_id) SELECT :tenant, :user, r.id FROM rooftops r"
            " WHERE r.tenant_id = :tenant AND r.id = ANY(CAST(:rooftops AS uuid[])) RETURNING rooftop_id"
        ),
        values,
    )
    if len(added.all()) != len(set(rooftops)):
        raise invalid("rooftop_ids", "unknown_rooftop", "each entry must be the id of one of your rooftops")


def new_invitation_token(tenant: uuid.UUID) -> tuple[str, bytes]:
    """A token that carries its tenant, and the hash that is kept of it."""
    secret = secrets.token_urlsafe(32)
    return f"{tenant.hex}.{secret}", _hash(secret)


def _parse_invitation(token: str) -> tuple[uuid.UUID, bytes]:
    try:
        return _parse(token)
    except ValueError:
        raise Problem(401, "invitation_not_valid", "This invitation is unknown, used, withdrawn or too old.") from None


def _parse_refresh(cookie: str) -> tuple[uuid.UUID, bytes]:
    try:
        return _parse(cookie)
    except ValueError:
        raise _signed_out() from None


def _parse(token: str) -> tuple[uuid.UUID, bytes]:
    tenant, dot, secret = token.partition(".")
    if not dot or len(tenant) != 32 or not 40 <= len(secret) <= 64:
        raise ValueError("not a token of ours")
    return uuid.UUID(hex=tenant), _hash(secret)


def _signed_out() -> Problem:
    return Problem(401, "signed_out", "This session has ended; sign in again.")


def _bad_ticket() -> Problem:
    return Problem(401, "ticket_not_valid", "This ticket is unknown, used or too old; sign in again.")


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _code_hash(code: str) -> bytes:
    return _hash("recovery:" + code.replace(" ", "").replace("-", "").lower())


def _recovery_codes() -> tuple[list[str], list[bytes]]:
    raw = [secrets.token_hex(8) for _ in range(RECOVERY_CODES)]
    codes = ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in raw]
    return codes, [_code_hash(code) for code in codes]
