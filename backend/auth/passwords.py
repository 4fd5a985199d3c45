"""Passwords: argon2id, a minimum length, and a strength check that needs no network."""

import asyncio

import argon2

from backend.http.problems import invalid

MINIMUM = 12
MAXIMUM = 256
# zxcvbn: 3 is "safely unguessable: moderate protection from offline slow-hash scenario".
STRENGTH = 3
CHECKED = 72

_hasher = argon2.PasswordHasher()
# Each hash takes 64 MB and a core for a while; two at once leave room for other requests.
_at_once = asyncio.Semaphore(2)
_nobody = _hasher.hash("nobody has this password")


async def make_hash(password: str) -> str:
    """Hash a new password."""
    async with _at_once:
        return await asyncio.to_thread(_hasher.hash, password)


async def verify(password: str, stored: str | None) -> bool:
    """Compare; without a stored hash it takes as long and says no."""
    async with _at_once:
        matches = await asyncio.to_thread(_verify, password, stored or _nobody)
    return matches and stored is not None


def _verify(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def check_strength(password: str, *, about: list[str]) -> None:
    """Refuse what is short or easily guessed, also from the person's own name and e-mail."""
    if not MINIMUM <= len(password) <= MAXIMUM:
        raise invalid("password", "length", f"a password has {MINIMUM} to {MAXIMUM} characters")
    # Its lists of words are large, and only who chooses a password needs them.
    from zxcvbn import zxcvbn

    result = zxcvbn(password[:CHECKED], user_inputs=about)
    if result["score"] < STRENGTH:
        hints = [result["feedback"]["warning"], *result["feedback"]["suggestions"]]
        told = " ".join(hint.rstrip(".") + "." for hint in hints if hint)
        raise invalid("password", "too_weak", f"this password is easily guessed. {told}".strip())
