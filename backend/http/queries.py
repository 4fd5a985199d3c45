"""A parameter that a route does not know is refused: a filter with a typing mistake would else find everything."""

import functools

from litestar import Litestar

from backend.deps import AnyRequest
from backend.http.bodies import read_strictly
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
        unknown = set(request.query_params) - known if known is not None else set[str]()
        if known is not None and unknown:
            accepted = ", ".join(sorted(known)) or "none"
            wrong = [
                FieldError(f"query.{name[:60]}", "unknown_parameter", f"accepted: {accepted}")
                for name in sorted(unknown)[:20]
            ]
            raise Problem(422, "invalid_input", "Some of the input is not accepted.", wrong)
    await read_strictly(request)
