"""Entity tags: the revision of a row, so that nobody overwrites a change that they have not seen."""

from typing import Any

from litestar import Response

from backend.deps import AnyRequest
from backend.http.problems import Problem, invalid


def tagged(body: Any, rev: int, status: int = 200, headers: dict[str, str] | None = None) -> Response[Any]:
    """An answer that carries its revision."""
    return Response(body, status_code=status, headers={"etag": f'"{rev}"', **(headers or {})})


def expected_rev(request: AnyRequest) -> int:
    """The revision that the client has seen, from If-Match."""
    given = request.headers.get("if-match")
    if given is None:
        raise Problem(428, "if_match_required", 'Send If-Match with the ETag that you have seen, such as "3".')
    text = given.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise invalid("header.if-match", "invalid", 'If-Match is the ETag of an earlier answer, such as "3"')
    return int(text)


def stale() -> Problem:
    """The row has moved on."""
    return Problem(412, "changed_meanwhile", "Somebody changed this since you read it: read it again.")


def has_tag(given: bytes, tag: bytes) -> bool:
    """Whether an If-None-Match names this tag, or with `*` any that there is (RFC 9110, 13.1.2)."""
    if not given:
        return False
    return given.strip() == b"*" or tag in {one.strip().removeprefix(b"W/") for one in given.split(b",")}


def unchanged(request: AnyRequest, rev: int) -> bool:
    """Whether the client holds this revision already."""
    return has_tag(request.headers.get("if-none-match", "").encode("latin-1"), b'"%d"' % rev)
