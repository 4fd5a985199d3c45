"""Signing keys of access tokens: Ed25519, in the database, sealed, replaced while old tokens stay valid.

A key signs for thirty days and verifies for a day longer, so that nobody is signed out when the next one takes over.
"""

import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlalchemy import text

from backend.auth.sealing import SealedOtherwiseError, Sealer
from backend.db.engine import Database
from backend.ids import uuid7

log = structlog.get_logger("keys")
ISSUER = "autolytiq"
ACCESS_LIFE = timedelta(minutes=10)
SIGNS = timedelta(days=30)
VERIFIES = SIGNS + timedelta(days=1)
RELOAD_SECONDS = 60.0
UNKNOWN_RELOAD_SECONDS = 1.0


class KeyRing:
    """The keys that this process knows; looks again regularly and when a token names one it has not seen."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._public: dict[str, Ed25519PublicKey] = {}
        self._signing: tuple[str, Ed25519PrivateKey] | None = None
        self._loaded = 0.0

    async def sign(self, claims: dict[str, Any], life: timedelta = ACCESS_LIFE) -> str:
        """A token with these claims."""
        await self._fresh(RELOAD_SECONDS)
        if self._signing is None:
            await self.rotate()
        if self._signing is None:
            raise RuntimeError("a key was just made")
        kid, key = self._signing
        issued = datetime.now(UTC)
        return jwt.encode(
            {**claims, "iss": ISSUER, "iat": issued, "exp": issued + life}, key, "EdDSA", headers={"kid": kid}
        )

    async def verify(self, token: str, purpose: str) -> dict[str, Any] | None:
        """The claims of a valid token of this purpose."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            if not isinstance(kid, str):
                return None
            await self._fresh(RELOAD_SECONDS)
            if kid not in self._public:
                await self._fresh(UNKNOWN_RELOAD_SECONDS)
            key = self._public.get(kid)
            if key is None:
                return None
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=["EdDSA"],
                issuer=ISSUER,
                options={"require": ["exp", "iat", "iss", "sub", "tid", "use"]},
            )
        except jwt.InvalidTokenError:
            return None
        return claims if claims["use"] == purpose else None

    async def rotate(self) -> str:
        """Make a new signing key; tokens of the older ones stay valid until they expire."""
        key = Ed25519PrivateKey.generate()
        kid = uuid7()
        raw = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        now = datetime.now(UTC)
        async with self._database.transaction(None) as session:
            await session.execute(
                text(
                    "INSERT INTO signing_keys (kid, sealed, public, created_at, signs_until, verifies_until)"
                    " VALUES (:kid, :sealed, :public, :now, :signs, :verifies)"
                ),
                {
                    "kid": kid,
                    "sealed": self._sealer.seal(raw, kid.bytes),
                    "public": key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
                    "now": now,
                    "signs": now + SIGNS,
                    "verifies": now + VERIFIES,
                },
            )
            await session.execute(text("DELETE FROM signing_keys WHERE verifies_until < :now"), {"now": now})
        self._loaded = 0.0
        await self._fresh(0.0)
        return str(kid)

    async def _fresh(self, age: float) -> None:
        if self._loaded and time.monotonic() - self._loaded < age:
            return
        async with self._database.transaction(None) as session:
            rows = (
                await session.execute(
                    text(
                        "SELECT kid, sealed, public, signs_until > now() AS signs FROM signing_keys"
                        " WHERE verifies_until > now() ORDER BY created_at DESC, kid DESC"
                    )
                )
            ).all()
        self._public = {str(row.kid): Ed25519PublicKey.from_public_bytes(row.public) for row in rows}
        self._signing = None
        for row in rows:
            if row.signs:
                try:
                    raw = self._sealer.open(row.sealed, uuid.UUID(str(row.kid)).bytes)
                except SealedOtherwiseError:
                    # It goes on verifying; a key of our own signs.
                    log.warning("signing_key_sealed_otherwise", kid=str(row.kid))
                    continue
                self._signing = str(row.kid), Ed25519PrivateKey.from_private_bytes(raw)
                break
        self._loaded = time.monotonic()
