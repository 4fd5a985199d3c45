"""Bodies are read strictly before a route sees them: no text for a number, no key twice, all faults told at once."""

import functools
from typing import Any, cast

import msgspec

from backend.deps import AnyRequest
from backend.http.faults import find_faults
from backend.http.problems import FieldError, Problem
from pyapp.repeated import repeated_key


@functools.cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


async def read_strictly(request: AnyRequest) -> None:
    """Refuse a JSON body that is not of its route's declared shape."""
    field: Any = getattr(cast("Any", request.scope).get("route_handler"), "parsed_data_field", None)
    if field is None:
        return
    media, more = request.content_type
    is_json = media == "application/json" or media.endswith("+json")
    if not is_json and request.headers.get("content-type") is not None:
        raise Problem(415, "unsupported_media_type", "Send the body as application/json.")
    if more.get("charset", "utf-8").strip('"').lower() != "utf-8":
        raise Problem(415, "unsupported_media_type", "Send the body in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "unsupported_media_type", "Send the body as it is, without compression.")
    raw = await request.body()
    try:
        _decoder(field.annotation).decode(raw)
        twice = repeated_key(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        faults = find_faults(raw, field.annotation)
        if isinstance(faults, Problem):
            raise faults from error
        raise Problem(422, "invalid_input", "Some of the input is not accepted.", faults) from error
    if twice:
        error = FieldError(twice, "repeated_key", "the key stands twice in its object; accepted: each key once")
        raise Problem(422, "invalid_input", "Some of the input is not accepted.", [error])
