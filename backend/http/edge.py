"""The outermost layer: request id, security headers, body limit, access log and metrics, for every answer.

It stands outside the application so that also the page, a 404 and an unforeseen error carry the same headers.
"""

import ipaddress
import re
import time
from typing import Any, cast

import structlog
from litestar.types import ASGIApp, HTTPSendMessage, Message, Receive, Scope, Send

from backend.http import metrics
from backend.http.problems import PROBLEM_JSON, Problem
from backend.ids import uuid7

log = structlog.get_logger("http")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "worker-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS: list[tuple[bytes, bytes]] = [
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
]
RATE_HEADERS = (b"ratelimit-limit", b"ratelimit-remaining", b"ratelimit-reset")
DISCARDED_BYTES = 16 * 1024 * 1024
REQUEST_ID = re.compile(rb"[A-Za-z0-9_-]{8,64}")


class Edge:
    """ASGI layer round everything else."""

    def __init__(
        self, app: ASGIApp, *, body_limit: int, trusted_proxies: tuple[str, ...], allowed_origins: tuple[str, ...] = ()
    ) -> None:
        self.app = app
        self.origins = frozenset(origin.encode() for origin in allowed_origins)
        self.body_limit = body_limit
        self.trusted = frozenset(trusted_proxies)
        # Put together once: this one writes a line for every request.
        self.log: structlog.typing.FilteringBoundLogger = log.bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"")
        request_id = given.decode() if REQUEST_ID.fullmatch(given) else str(uuid7())
        state = cast("dict[str, Any]", scope.setdefault("state", {}))
        state["request_id"] = request_id
        state["address"] = self._address(scope, headers)
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                given = message["headers"]
                # What says nothing about caches must not be kept by one: it may hold a customer.
                if not any(name.lower() == b"cache-control" for name, _ in given):
                    given = [*given, (b"cache-control", b"no-store")]
                extra: list[tuple[bytes, bytes]] = []
                if limited := cast("tuple[int, int, int] | None", state.get("ratelimit")):
                    extra = [(name, b"%d" % number) for name, number in zip(RATE_HEADERS, limited, strict=True)]
                message["headers"] = [*given, *extra, *SECURITY_HEADERS, (b"x-request-id", request_id.encode())]
            await send(message)

        received = 0

        async def receive_limited() -> Any:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self.body_limit:
                    await _discard(receive, message)
                    raise self._too_large()
            return message

        try:
            length = headers.get(b"content-length", b"0")
            if length.isdigit() and int(length) > self.body_limit:
                await _discard(receive)
                raise self._too_large()
            if scope["method"] in ("GET", "HEAD") and (length != b"0" or b"transfer-encoding" in headers):
                # Nobody reads this body; left unread it would make the server cut off a long answer.
                while (await receive_limited()).get("more_body"):
                    pass
            await self.app(scope, receive_limited, send_with_headers)
        except Problem as problem:
            if status == 0:
                await self._answer(send_with_headers, headers, problem)
        except Exception:
            # The traceback goes to the log; the answer says nothing about our inside.
            log.exception("unhandled", request_id=request_id)
            if status == 0:
                wrong = Problem(500, "server_error", "Something went wrong on our side.")
                await self._answer(send_with_headers, headers, wrong)
        finally:
            seconds = time.perf_counter() - started
            route = str(scope.get("path_template") or ("page" if status in (200, 304) else "unknown"))
            metrics.observe(scope["method"], route, status, seconds)
            # No path and no query: they can hold names. Ids of tenant and user are not personal by themselves.
            self.log.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                tenant=state.get("tenant_id"),
                user=state.get("user_id"),
            )

    def _too_large(self) -> Problem:
        detail = f"The body is larger than {self.body_limit} bytes, the most that is accepted."
        return Problem(413, "body_too_large", detail)

    async def _answer(self, send: Send, asked: dict[bytes, bytes], problem: Problem) -> None:
        body = problem.body()
        headers = [(b"content-type", PROBLEM_JSON), (b"content-length", str(len(body)).encode())]
        headers += [(name.encode(), value.encode()) for name, value in problem.headers.items()]
        origin = asked.get(b"origin")
        if origin in self.origins:
            # Else a page of an allowed origin would learn of no status at all.
            headers += [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]
            headers.append((b"vary", b"Origin"))
        start: HTTPSendMessage = {"type": "http.response.start", "status": problem.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _address(self, scope: Scope, headers: dict[bytes, bytes]) -> str:
        """Where the request came from; a proxy's word counts only when the proxy is ours."""
        client = cast("tuple[str, int] | None", cast("Any", scope).get("client"))
        address = client[0] if client else ""
        if address in self.trusted:
            for hop in reversed(headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")):
                hop = hop.strip()
                if hop and hop not in self.trusted:
                    try:
                        return str(ipaddress.ip_address(hop))
                    except ValueError:
                        break
        return address


async def _discard(receive: Receive, message: Any = None) -> None:
    """Read on, up to a bound, and keep nothing: who is still sending would else miss the answer."""
    left = DISCARDED_BYTES
    while left > 0 and (message is None or (message["type"] == "http.request" and message.get("more_body", False))):
        message = await receive()
        left -= len(message.get("body", b"")) or 1
