"""The short road through HTTP for the one read that carries the load.

A route that is asked for all day declares, beside its handler, a function that answers it from the principal and the
id alone (`opt={"short": …}`). This layer stands in front of the framework and takes only requests that are plainly
such a one; anything else goes the long way, to the same function. Who may pass is read from the route's own guards.
"""

import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, cast

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, HTTPSendMessage, Receive, Scope, Send

from backend.auth.middleware import authenticate
from backend.auth.principal import check_role
from backend.http.errors import HANDLERS
from backend.http.problems import Problem

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ID = re.compile(r"\{[a-z_]+:uuid\}")
Headers = dict[bytes, bytes]


class Sent(NamedTuple):
    """An answer as it goes out."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


Answer = Callable[[Any, Any, uuid.UUID, Headers], Awaitable[Sent]]
"""Application state, principal, id and request headers → the answer."""


class Road(NamedTuple):
    """One route that has a short answer."""

    path: re.Pattern[str]
    template: str
    roles: frozenset[str]
    answer: Answer


class ShortRoad:
    """ASGI layer in front of the framework."""

    def __init__(self, api: Litestar) -> None:
        self.app: ASGIApp = api
        self.state = api.state
        self.roads = [
            _road(route, handler)
            for route in api.routes
            if isinstance(route, HTTPRoute)
            for handler in route.route_handlers
            if "short" in handler.opt
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # With an Origin the framework has headers to add.
        if scope["type"] == "http" and scope["method"] == "GET" and not scope["query_string"]:
            for road in self.roads:
                found = road.path.fullmatch(scope["path"])
                if found is not None:
                    headers = cast("Headers", dict(scope["headers"]))
                    # A name that comes twice is not plain either: which of the two counts is the framework's to say.
                    if b"origin" not in headers and len(headers) == len(scope["headers"]):
                        await self._answer(road, uuid.UUID(found[1]), scope, headers, send)
                        return
        await self.app(scope, receive, send)

    async def _answer(self, road: Road, id_: uuid.UUID, scope: Scope, headers: Headers, send: Send) -> None:
        cast("Any", scope)["path_template"] = road.template
        try:
            given = headers.get(b"authorization", b"").decode("latin-1")
            principal = await authenticate(self.state, scope, given)
            check_role(principal, road.roles)
            sent = await road.answer(self.state, principal, id_, headers)
        except Problem:
            # The outermost layer answers it.
            raise
        except Exception as error:
            sent = _failed(error)
        start: HTTPSendMessage = {"type": "http.response.start", "status": sent.status, "headers": sent.headers}
        await send(start)
        await send({"type": "http.response.body", "body": sent.body, "more_body": False})


def _road(route: HTTPRoute, handler: HTTPRouteHandler) -> Road:
    guards: list[Any] = cast("Any", handler).resolve_guards()
    if handler.http_methods != {"GET"} or len(ID.findall(route.path)) != 1 or not guards:
        raise RuntimeError(f"{route.path}: the short road is for guarded reads by one id")
    before, after = ID.split(route.path)
    roles = frozenset[str].intersection(*(frozenset(guard.roles) for guard in guards))
    pattern = re.compile(f"{re.escape(before)}({UUID}){re.escape(after)}")
    return Road(pattern, route.path_format, roles, handler.opt["short"])


def _failed(error: Exception) -> Sent:
    """What the framework would make of it."""
    handler = next(HANDLERS[kind] for kind in type(error).__mro__ if kind in HANDLERS)
    response = handler(None, error)
    headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
    headers.append((b"content-type", response.media_type.encode()))
    headers.append((b"content-length", str(len(response.content)).encode()))
    return Sent(response.status_code, headers, response.content)
