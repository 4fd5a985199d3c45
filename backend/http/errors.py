"""Every exception below a route becomes a problem document."""

import asyncio
import re
from typing import Any, cast

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from backend.http.problems import FieldError, Problem, unavailable

log = structlog.get_logger("errors")
AnyRequest = Request[Any, Any, Any]

CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
}
MISSING = re.compile(r"Missing required (?P<source>\w+) parameter '(?P<name>[^']+)'")
# PostgreSQL's own word for "not now": too many connections, shutting down, starting up, out of resources.
AWAY_CLASSES = ("08", "53", "57")
# In the way of another change; or a statement that was prepared before the schema changed, and is now prepared anew.
BUSY = ("40001", "40P01", "55P03", "0A000")
# The time of a statement, or of a transaction that was open and did nothing.
TOO_SLOW = ("57014", "25P03")
# The password or the name in DATABASE_URL counts no more: an operator can mend it while requests wait.
AWAY = ("28P01", "28000", "3D000")


def respond(problem: Problem) -> Response[bytes]:
    """A problem as a response."""
    return Response(
        problem.body(), status_code=problem.status, media_type="application/problem+json", headers=problem.headers
    )


def on_problem(_: AnyRequest, error: Problem) -> Response[bytes]:
    """Raised by our own code."""
    return respond(error)


def on_validation(_: AnyRequest, error: ValidationException) -> Response[bytes]:
    """Raised by the framework for parameters; bodies are read by ourselves before."""
    errors: list[FieldError] = []
    for entry in cast("list[dict[str, Any]]", error.extra if isinstance(error.extra, list) else []):
        source = str(getattr(entry.get("source"), "value", entry.get("source") or ""))
        message = str(entry.get("message"))
        if "matching regex" in message:
            message = "this text has a form or characters that are not accepted here"
        errors.append(FieldError(f"{source}.{entry.get('key')}".strip("."), "invalid", message))
    missing = MISSING.match(str(error.detail))
    if missing:
        errors.append(FieldError(f"{missing['source']}.{missing['name']}", "missing", "this parameter is required"))
    if not errors:
        return respond(Problem(400, "bad_request", "The request could not be read: " + str(error.detail)[:200]))
    return respond(Problem(422, "invalid_input", "Some of the input is not accepted.", errors))


def on_http(_: AnyRequest, error: HTTPException) -> Response[bytes]:
    """Raised by the framework: no such route, wrong method, unreadable request."""
    status = error.status_code
    detail = {
        401: "Sign in first: a valid access token is needed.",
        404: "There is nothing here under this address.",
        405: "This address does not take this method.",
    }.get(status, str(error.detail)[:300] or "The request was refused.")
    if status >= 500:
        log.error("framework", detail=str(error.detail)[:300])
        return respond(Problem(500, "server_error", "Something went wrong on our side."))
    headers = dict(error.headers or {})
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return respond(Problem(status, CODES.get(status, "refused"), detail, headers=headers))


def on_database(_: AnyRequest, error: DBAPIError) -> Response[bytes]:
    """The database refused or went away, behind SQLAlchemy."""
    # SQLAlchemy's own exception of an outdated statement has no code; the driver's behind it has.
    told = (error.orig, getattr(error.orig, "__cause__", None))
    state = next((str(code) for one in told if (code := getattr(one, "sqlstate", None))), "")
    lost = error.connection_invalidated or (isinstance(error, (OperationalError, InterfaceError)) and not state)
    return _by_state(state, lost, error)


def on_driver(_: AnyRequest, error: asyncpg.PostgresError) -> Response[bytes]:
    """The database refused or went away, on the direct road or while a connection was made."""
    return _by_state(str(error.sqlstate or ""), False, error)


def _by_state(state: str, lost: bool, error: Exception) -> Response[bytes]:
    if state in BUSY:
        return respond(Problem(503, "busy", "Another change was in the way; try again.", headers={"retry-after": "1"}))
    if state in TOO_SLOW:
        return respond(unavailable("The database took too long."))
    if lost or state[:2] in AWAY_CLASSES or state in AWAY:
        return respond(unavailable("The database is not available."))
    if state[:2] == "22":
        # A value that no column can hold; where it is known which, it was refused before.
        log.warning("data", sqlstate=state, kind=type(error).__name__)
        return respond(Problem(422, "invalid_input", "Some of the input is out of the range that can be stored."))
    log.error("database", sqlstate=state, kind=type(error).__name__)
    return respond(Problem(500, "server_error", "Something went wrong on our side."))


def on_away(_: AnyRequest, error: Exception) -> Response[bytes]:
    """No connection could be made."""
    del error
    return respond(unavailable("The database is not available."))


def on_depth(_: AnyRequest, error: RecursionError) -> Response[bytes]:
    """JSON nested beyond what any document of ours needs."""
    del error
    return respond(Problem(400, "too_deep", "The body is nested too deeply."))


def on_decode(request: AnyRequest, error: msgspec.MsgspecError) -> Response[bytes]:
    """A body that our own code decoded."""
    del request
    return respond(Problem(422, "invalid_input", "Some of the input is not accepted: " + str(error)[:300]))


def on_unforeseen(_: AnyRequest, error: Exception) -> Response[bytes]:
    """Anything else goes on to the outermost layer, which logs it under the request's id and answers."""
    raise error


HANDLERS: dict[int | type[Exception], Any] = {
    Problem: on_problem,
    ValidationException: on_validation,
    HTTPException: on_http,
    DBAPIError: on_database,
    PoolTimeout: on_away,
    ConnectionError: on_away,
    OSError: on_away,
    asyncio.TimeoutError: on_away,
    asyncpg.PostgresError: on_driver,
    asyncpg.InterfaceError: on_away,
    RecursionError: on_depth,
    msgspec.MsgspecError: on_decode,
    Exception: on_unforeseen,
}
