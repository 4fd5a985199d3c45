"""Identifiers: UUID version 7, which any device can make and which sort roughly by time.

They name things and never order them: device clocks lie.
"""

import os
import time
import uuid

NIL = uuid.UUID(int=0)


def uuid7() -> uuid.UUID:
    """A fresh UUIDv7 (RFC 9562 §5.7); the standard library has its own only from Python 3.14 on."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & ((1 << 48) - 1)) << 80
    value |= 0x7 << 76
    value |= (random >> 62 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random & ((1 << 62) - 1)
    return uuid.UUID(int=value)
