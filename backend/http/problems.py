"""Problem documents (RFC 9457): what was wrong with which input, and what is accepted."""

import msgspec

PROBLEM_JSON = b"application/problem+json"

TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Precondition failed",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Invalid input",
    428: "Precondition required",
    429: "Too many requests",
    500: "Server error",
    503: "Not available",
}


class FieldError(msgspec.Struct, frozen=True):
    """One wrong input: `field` is its path in the request, `message` says what is accepted."""

    field: str
    code: str
    message: str


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every answer that is not a success."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] = []


class Problem(Exception):
    """Raised anywhere below a route to end the request with a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: list[FieldError] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors or []
        self.headers = headers or {}

    def body(self) -> bytes:
        """The document as JSON."""
        document = ProblemDocument(
            title=TITLES.get(self.status, "Error"),
            status=self.status,
            detail=self.detail,
            code=self.code,
            errors=self.errors,
        )
        return msgspec.json.encode(document)


def not_found() -> Problem:
    """One body for what never was and for what belongs to somebody else."""
    return Problem(404, "not_found", "There is nothing here under this id.")


def invalid(field: str, code: str, message: str) -> Problem:
    """A single wrong input."""
    return Problem(422, "invalid_input", "Some of the input is not accepted.", [FieldError(field, code, message)])


def unavailable(detail: str) -> Problem:
    """Something the server needs is away; the same request may succeed in a moment."""
    return Problem(503, "unavailable", detail, headers={"retry-after": "2"})
