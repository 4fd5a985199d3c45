"""Secrets at rest: AES-256-GCM under a key derived from SECRET_KEY."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12


class SealedOtherwiseError(Exception):
    """The value was sealed under another SECRET_KEY, or for another row."""


class Sealer:
    """Seals and opens small secrets; `about` binds a sealed value to the row that it belongs to."""

    def __init__(self, secret: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"autolytiq secrets at rest").derive(secret.encode())
        self._cipher = AESGCM(key)

    def seal(self, value: bytes, about: bytes) -> bytes:
        """Encrypt."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, value, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Decrypt; raises `SealedOtherwiseError` when the key or the row is another."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], about)
        except InvalidTag as error:
            raise SealedOtherwiseError from error
