"""Rows behind signing in."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession


async def tenant_by_slug(session: AsyncSession, slug: str) -> Row[Any] | None:
    """A dealer group that can be signed in to."""
    query = text("SELECT id, slug, name FROM tenants WHERE slug = :slug AND status = 'active'")
    return (await session.execute(query, {"slug": slug})).one_or_none()


USER = """
    SELECT id, email, name, role, status, password_hash, totp_sealed, totp_on, totp_step, failures,
           locked_until > now() AS locked
    FROM users WHERE tenant_id = :tenant AND
"""


async def user_by_email(session: AsyncSession, tenant: uuid.UUID, email: str) -> Row[Any] | None:
    """A user, locked against a second sign-in at the same moment."""
    query = text(USER + " email = :email FOR UPDATE")
    return (await session.execute(query, {"tenant": tenant, "email": email.lower()})).one_or_none()


async def user_by_id(session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID) -> Row[Any] | None:
    """A user, locked likewise."""
    return (
        await session.execute(text(USER + " id = :user FOR UPDATE"), {"tenant": tenant, "user": user})
    ).one_or_none()


async def note_failure(
    session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, free: int, base: int, most: int
) -> None:
    """Count a wrong attempt; beyond the free ones each locks twice as long as the one before."""
    await session.execute(
        text(
            """
            UPDATE users SET failures = failures + 1, locked_until = CASE WHEN failures + 1 >= :free
                THEN now() + make_interval(secs => least(:most, :base * power(2, least(failures + 1 - :free, 20))))
                ELSE locked_until END
            WHERE tenant_id = :tenant AND id = :user
            """
        ),
        {"tenant": tenant, "user": user, "free": free, "base": base, "most": most},
    )


async def clear_failures(session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, totp_step: int | None) -> None:
    """A right attempt."""
    await session.execute(
        text(
            "UPDATE users SET failures = 0, locked_until = NULL, totp_step = greatest(totp_step, :step)"
            " WHERE tenant_id = :tenant AND id = :user"
        ),
        {"tenant": tenant, "user": user, "step": totp_step or 0},
    )


async def use_recovery_code(session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, code_hash: bytes) -> bool:
    """Spend a recovery code; it works once."""
    done = await session.execute(
        text(
            "UPDATE recovery_codes SET used_at = now() WHERE tenant_id = :tenant AND user_id = :user"
            " AND code_hash = :hash AND used_at IS NULL RETURNING 1"
        ),
        {"tenant": tenant, "user": user, "hash": code_hash},
    )
    return done.one_or_none() is not None


async def replace_recovery_codes(
    session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, hashes: list[bytes]
) -> None:
    """Forget the old codes and keep the hashes of the new."""
    values = {"tenant": tenant, "user": user}
    await session.execute(text("DELETE FROM recovery_codes WHERE tenant_id = :tenant AND user_id = :user"), values)
    await session.execute(
        text(
            "INSERT INTO recovery_codes (tenant_id, user_id, code_hash)"
            " SELECT :tenant, :user, hash FROM unnest(CAST(:hashes AS bytea[])) AS hash"
        ),
        {**values, "hashes": hashes},
    )


async def set_totp(
    session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, sealed: bytes, on: bool, step: int
) -> None:
    """Keep a second factor; it counts once it is on."""
    await session.execute(
        text(
            "UPDATE users SET totp_sealed = :sealed, totp_on = :on, totp_step = :step"
            " WHERE tenant_id = :tenant AND id = :user"
        ),
        {"tenant": tenant, "user": user, "sealed": sealed, "on": on, "step": step},
    )


async def remove_totp(session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID) -> None:
    """Forget a second factor with its recovery codes, and end all sessions."""
    values = {"tenant": tenant, "user": user}
    await session.execute(
        text(
            "UPDATE users SET totp_sealed = NULL, totp_on = false, totp_step = 0, rev = rev + 1, changed_at = now()"
            " WHERE tenant_id = :tenant AND id = :user"
        ),
        values,
    )
    await session.execute(text("DELETE FROM recovery_codes WHERE tenant_id = :tenant AND user_id = :user"), values)
    await revoke_sessions(session, tenant, user, "second factor removed")


async def set_password(session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, password_hash: str) -> None:
    """A new password; the lock of failed attempts goes with the old one."""
    await session.execute(
        text(
            "UPDATE users SET password_hash = :hash, failures = 0, locked_until = NULL, changed_at = now()"
            " WHERE tenant_id = :tenant AND id = :user"
        ),
        {"tenant": tenant, "user": user, "hash": password_hash},
    )


async def see_device(session: AsyncSession, tenant: uuid.UUID, user: uuid.UUID, device: uuid.UUID, name: str) -> None:
    """A device signs in; one that was told to wipe has done so and starts anew."""
    await session.execute(
        text(
            """
            INSERT INTO devices (tenant_id, id, user_id, name) VALUES (:tenant, :id, :user, :name)
            ON CONFLICT (tenant_id, user_id, id) DO UPDATE SET name = :name, last_seen_at = now(), wipe = false
            """
        ),
        {"tenant": tenant, "id": device, "user": user, "name": name},
    )


async def add_session(session: AsyncSession, values: dict[str, Any]) -> None:
    """A new session."""
    await session.execute(
        text(
            "INSERT INTO sessions (tenant_id, id, user_id, device_id, address, agent, expires_at)"
            " VALUES (:tenant, :id, :user, :device, :address, :agent, :expires)"
        ),
        values,
    )


async def add_refresh_token(
    session: AsyncSession, tenant: uuid.UUID, sid: uuid.UUID, token_hash: bytes, expires: datetime
) -> None:
    """A refresh token's hash; the token itself is only in the cookie."""
    await session.execute(
        text(
            "INSERT INTO refresh_tokens (tenant_id, token_hash, session_id, expires_at)"
            " VALUES (:tenant, :hash, :sid, :expires)"
        ),
        {"tenant": tenant, "hash": token_hash, "sid": sid, "expires": expires},
    )


async def lock_refresh_token(
    session: AsyncSession, tenant: uuid.UUID, token_hash: bytes, grace: int
) -> Row[Any] | None:
    """The token with all that decides whether it may be used."""
    return (
        await session.execute(
            text(
                """
                SELECT t.session_id, t.used_at IS NOT NULL AS used, t.expires_at < now() AS expired,
                       t.used_at < now() - make_interval(secs => :grace) AS reused,
                       s.revoked_at IS NOT NULL OR s.expires_at < now() AS ended, s.user_id, s.device_id,
                       u.role, u.status, d.wipe, g.status AS tenant_status
                FROM refresh_tokens t
                JOIN sessions s ON s.tenant_id = t.tenant_id AND s.id = t.session_id
                JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
                JOIN devices d ON d.tenant_id = s.tenant_id AND d.user_id = s.user_id AND d.id = s.device_id
                JOIN tenants g ON g.id = t.tenant_id
                WHERE t.tenant_id = :tenant AND t.token_hash = :hash
                FOR UPDATE OF t
                """
            ),
            {"tenant": tenant, "hash": token_hash, "grace": grace},
        )
    ).one_or_none()


async def use_refresh_token(session: AsyncSession, tenant: uuid.UUID, sid: uuid.UUID, token_hash: bytes) -> None:
    """Mark as used; its session was used too. Tokens that long expired go."""
    values = {"tenant": tenant, "sid": sid, "hash": token_hash}
    await session.execute(
        text(
            "UPDATE refresh_tokens SET used_at = coalesce(used_at, now())"
            " WHERE tenant_id = :tenant AND token_hash = :hash"
        ),
        values,
    )
    await session.execute(
        text("UPDATE sessions SET last_used_at = now() WHERE tenant_id = :tenant AND id = :sid"), values
    )
    await session.execute(
        text(
            "DELETE FROM refresh_tokens WHERE tenant_id = :tenant AND session_id = :sid"
            " AND expires_at < now() - interval '1 day'"
        ),
        values,
    )


async def revoke_sessions(
    session: AsyncSession,
    tenant: uuid.UUID,
    user: uuid.UUID,
    why: str,
    *,
    only: uuid.UUID | None = None,
    but: uuid.UUID | None = None,
    device: uuid.UUID | None = None,
) -> list[uuid.UUID]:
    """End sessions of a user and tell all workers when this transaction commits."""
    rows = await session.execute(
        text(
            """
            UPDATE sessions SET revoked_at = now(), revoked_why = :why
            WHERE tenant_id = :tenant AND user_id = :user AND revoked_at IS NULL
              AND (CAST(:only AS uuid) IS NULL OR id = :only) AND (CAST(:but AS uuid) IS NULL OR id <> :but)
              AND (CAST(:device AS uuid) IS NULL OR device_id = :device)
            RETURNING id
            """
        ),
        {"tenant": tenant, "user": user, "why": why, "only": only, "but": but, "device": device},
    )
    ended = [row.id for row in rows]
    await announce(session)
    return ended


async def announce(session: AsyncSession) -> None:
    """Rights or sessions changed: workers that remember sessions forget them when this commits."""
    await session.execute(text("NOTIFY rights_changed"))


async def session_state(session: AsyncSession, tenant: uuid.UUID, sid: uuid.UUID) -> Row[Any] | None:
    """Whether a session still counts, with its user's rights now."""
    return (
        await session.execute(
            text(
                """
                SELECT s.user_id, u.role,
                       s.revoked_at IS NULL AND s.expires_at > now() AND u.status = 'active'
                           AND g.status = 'active' AS active,
                       ARRAY(SELECT rooftop_id FROM user_rooftops r
                             WHERE r.tenant_id = :tenant AND r.user_id = s.user_id) AS rooftops
                FROM sessions s
                JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
                JOIN tenants g ON g.id = s.tenant_id
                WHERE s.tenant_id = :tenant AND s.id = :sid
                """
            ),
            {"tenant": tenant, "sid": sid},
        )
    ).one_or_none()
