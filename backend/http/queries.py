"""A parameter that a route does not know, or twice, is refused: a mistyped filter would else find everything."""

import functools

from litestar import Litestar

from backend.deps import AnyRequest
from backend.http.bodies import read_strictly
from backend.http.faults import MOST
from backend.http.problems import FieldError, Problem
from backend.ops.docs import schema


@functools.cache
def _known(app: Litestar) -> dict[str, frozenset[str]]:
    """By method and path: the parameters that the description names."""
    return {
        f"{method.upper()} {path}": frozenset(one["name"] for one in told.get("parameters", []) if one["in"] == "query")
        for path, operations in schema(app)["paths"].items()
        for method, told in operations.items()
        if path.startswith("/api/")
    }


async def check(request: AnyRequest) -> None:
    """What every request must pass before its route: known parameters, and a body of the declared shape."""
    if request.scope["query_string"]:
        known = _known(request.app).get(f"{request.method} {request.scope['path_template']}")
        if known is not None:
            _refuse(request, known)
    await read_strictly(request)


def _refuse(request: AnyRequest, known: frozenset[str]) -> None:
    given = [name for name, _ in request.query_params.multi_items()]
    accepted = ", ".join(sorted(known)) or "none"
    wrong = [
        FieldError(f"query.{name[:60]}", "unknown_parameter", f"accepted: {accepted}")
        for name in sorted(set(given) - known)
    ]
    wrong += [
        FieldError(f"query.{name}", "repeated_parameter", "the parameter stands twice; accepted: once")
        for name in sorted(known)
        if given.count(name) > 1
    ]
    if wrong:
        raise Problem(422, "invalid_input", "Some of the input is not accepted.", wrong[:MOST])
