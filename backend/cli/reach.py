"""Whether a configured database can be reached, told in one sentence that holds no password."""

import asyncio
import os
from urllib.parse import unquote, urlsplit

import asyncpg
from sqlalchemy.exc import DBAPIError

from backend.cli.errors import CommandError
from backend.db.engine import CONNECT_SECONDS

WRONG_PASSWORD = ("28P01", "28000")
UNKNOWN_DATABASE = "3D000"


def check(name: str, url: str) -> None:
    """Connect once; `name` is the variable that holds the address. Raises `CommandError`."""
    told = fault(name, url)
    if told is not None:
        raise CommandError(told)


def fault(name: str, url: str, *, settings_only: bool = False) -> str | None:
    """Why no connection can be made with this address; with `settings_only` nothing that may pass by itself."""
    try:
        asyncio.run(_connect(url))
    except asyncpg.PostgresError as error:
        state = str(error.sqlstate)
        if settings_only and state not in (*WRONG_PASSWORD, UNKNOWN_DATABASE):
            return None
        return _refused(name, url, state, str(error))
    except OSError as error:
        if settings_only:
            return None
        return f"{name}: PostgreSQL cannot be reached at {_place(url)} ({_why(error)})."
    except (asyncpg.InterfaceError, ValueError, TypeError) as error:
        return f"{name} cannot be used: {_line(str(error))}."
    return None


def sentence(error: Exception) -> str:
    """What the database said in the middle of a command, without the statement and its values."""
    inner = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return f"The database refused: {_line(str(inner).rpartition('>: ')[2])}."


async def _connect(url: str) -> None:
    connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS)
    await connection.close(timeout=CONNECT_SECONDS)


def _refused(name: str, url: str, state: str, message: str) -> str:
    parts = urlsplit(url)
    if state in WRONG_PASSWORD:
        return f"{name}: PostgreSQL at {_place(url)} does not let the role {unquote(parts.username or '')!r} in."
    if state == UNKNOWN_DATABASE:
        return f"{name} names the database {unquote(parts.path.lstrip('/'))!r}, which {_place(url)} does not have."
    return f"{name}: PostgreSQL at {_place(url)} refuses: {_line(message)}."


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    # The loop puts the address into its own text; the number has the plain one.
    return os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or type(error).__name__


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or 5432}" if parts.hostname else "the socket that it names"


def _line(message: str) -> str:
    return (message.strip().splitlines() or ["no reason given"])[0].rstrip(".")[:300]
