"""The API's description: OpenAPI 3.1 as JSON, and a page to read it by, made here and without scripts."""

import functools
import html
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar._openapi.plugin import OpenAPIPlugin
from litestar.config.app import AppConfig
from litestar.openapi import OpenAPIConfig

from backend import VERSION
from backend.ops import examples

PUBLIC: dict[str, Any] = {"public": True}
STYLE = """
body { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 62rem; padding: 1rem }
h2 { border-bottom: 1px solid; margin-top: 2.5rem; text-transform: capitalize }
details { border: 1px solid #8886; border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem }
summary { cursor: pointer } code, pre { font: 14px/1.4 ui-monospace, monospace } pre { overflow-x: auto }
.method { display: inline-block; min-width: 4.5rem; font-weight: 700 } table { border-collapse: collapse }
td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top }
"""
METHODS = ("get", "post", "put", "patch", "delete")
Node = dict[str, Any]


def describe(app: Litestar) -> None:
    """Let the framework describe the application without serving its own pages, which load from elsewhere."""
    config = OpenAPIConfig(title="Autolytiq", version=VERSION, create_examples=False)
    # The routes of its pages go to a configuration that nobody uses.
    app.plugins.get(OpenAPIPlugin).on_app_init(AppConfig(openapi_config=config))


@get("/openapi.json", operation_id="OpenApi", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def openapi_json(request: Request[Any, Any, Any]) -> Response[Node]:
    """Give the description for programs."""
    return Response(schema(request.app), media_type="application/json", headers={"cache-control": "no-cache"})


@get("/docs", operation_id="Docs", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def docs_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Give the description for people."""
    return Response(page(request.app), media_type="text/html; charset=utf-8", headers={"cache-control": "no-cache"})


@get("/docs.css", operation_id="DocsStyle", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def docs_style() -> Response[str]:
    """Give the page's looks; the content-security policy takes no style from inside a page."""
    return Response(STYLE, media_type="text/css; charset=utf-8", headers={"cache-control": "no-cache"})


@functools.cache
def schema(app: Litestar) -> Node:
    """The description, with what every route has in common said once for each."""
    out = app.plugins.get(OpenAPIPlugin).provide_openapi_schema()
    problem = {"$ref": "#/components/schemas/ProblemDocument"}
    parts = out.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas.setdefault("ProblemDocument", PROBLEM)
    parts["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for path, operations in out["paths"].items():
        for method in METHODS:
            operation = operations.get(method)
            if operation is None:
                continue
            public = path in OPEN_PATHS or (path.startswith("/api/v1/auth/") and operation["operationId"] in OPEN)
            operation["security"] = [] if public else [{"bearer": []}]
            answers = operation.setdefault("responses", {})
            wanted = {"400", "422", "429", "503"}
            if not public:
                wanted |= {"401", "403"}
            if "{" in path:
                wanted.add("404")
            if operation["operationId"] == "ImportCustomers":
                content = {"text/csv": {"schema": {"type": "string"}, "example": examples.CSV}}
                operation["requestBody"] = {"required": True, "content": content}
            if method in ("post", "delete"):
                wanted.add("409")
            if operation["operationId"] in STREAMED:
                kinds = STREAMED[operation["operationId"]]
                answers["200"]["content"] = {kind: {"schema": {"type": "string"}} for kind in kinds}
            if "requestBody" in operation:
                for content in operation["requestBody"]["content"].values():
                    content.setdefault("example", examples.BODIES.get(operation["operationId"]))
                wanted |= {"409", "413", "415"}
            if operation["operationId"] in OPEN:
                wanted |= {"401", "403", "409"}
            if operation["operationId"] in CONDITIONAL:
                wanted |= {"404", "409", "412", "428"}
                _header(operation, "if-match", 'the ETag as seen, such as "3"', r'^(W/)?"?[0-9]{1,9}"?$', '"1"')
            if operation["operationId"] in TOLD_ONCE:
                _header(
                    operation, "idempotency-key", "made anew for each thing to do", "^[A-Za-z0-9_.:-]{8,128}$", None
                )
            if operation["operationId"] in ("GetCustomer", "GetDeal"):
                answers["304"] = {"description": "the revision named by If-None-Match is still the latest"}
            if "204" in answers:
                answers["204"].pop("content", None)
            for status in wanted:
                answers[status] = {
                    "description": TOLD[status],
                    "content": {"application/problem+json": {"schema": problem}},
                }
    return out


PROBLEM: Node = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
    },
}
TOLD = {
    "400": "not readable",
    "401": "not signed in",
    "403": "not allowed",
    "404": "nothing here under this id",
    "409": "not possible as things are",
    "412": "changed meanwhile",
    "413": "body too large",
    "415": "another media type is needed",
    "422": "some input is not accepted; all of it is named",
    "428": "If-Match is needed",
    "429": "too many requests",
    "503": "not available now",
}
OPEN_PATHS = ("/health", "/ready", "/api/v1/version")
OPEN = frozenset({"SignIn", "EnrollStart", "EnrollConfirm", "Refresh", "SignOut", "AcceptInvitation"})
CONDITIONAL = frozenset(
    {
        *("ChangeTenant", "ChangeRooftop", "ChangeUser", "PutSettings", "PutCustomer", "DeleteCustomer"),
        *("MergeCustomer", "PutDeal", "DeleteDeal", "MoveDeal", "PencilDeal"),
    }
)
STREAMED = {
    "ExportTenant": ("application/jsonl",),
    "ExportAudit": ("application/jsonl",),
    "ExportCustomers": ("application/jsonl", "text/csv"),
}
TOLD_ONCE = frozenset({"CreateCustomer", "CreateDeal"})


def _header(operation: Node, name: str, says: str, pattern: str, example: str | None) -> None:
    parameters = operation.setdefault("parameters", [])
    if any(one["name"] == name for one in parameters):
        return
    entry: Node = {"name": name, "in": "header", "description": says, "schema": {"type": "string", "pattern": pattern}}
    entry["required"] = example is not None
    if example is not None:
        entry["example"] = example
    parameters.append(entry)


@functools.cache
def page(app: Litestar) -> str:
    """All operations by what they are about."""
    whole = schema(app)
    groups: dict[str, list[str]] = {}
    for path, operations in whole["paths"].items():
        for method in METHODS:
            if method in operations:
                operation = operations[method]
                tag = (operation.get("tags") or ["other"])[0]
                groups.setdefault(tag, []).append(_operation(path, method, operation, whole))
    body = "".join(f"<h2>{html.escape(tag)}</h2>{''.join(entries)}" for tag, entries in sorted(groups.items()))
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Autolytiq API</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs.css">'
        '<main><h1>Autolytiq API</h1><p>For programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>'
        f"{body}"
        "</main></html>"
    )


def _operation(path: str, method: str, operation: Node, whole: Node) -> str:
    rows = "".join(
        f"<tr><td><code>{html.escape(one['name'])}</code><td>{html.escape(one['in'])}"
        f"<td>{'required' if one.get('required') else 'optional'}<td>{html.escape(str(one.get('description') or ''))}"
        for one in operation.get("parameters", [])
    )
    table = f"<table><tr><th>parameter<th>in<th><th>says{rows}</table>" if rows else ""
    content = operation.get("requestBody", {}).get("content", {})
    body = "".join(
        f"<p>Body, {html.escape(kind)}:</p>{_shape(one.get('schema', {}), whole)}" for kind, one in content.items()
    )
    answers = "".join(
        f"<li><b>{html.escape(str(status))}</b> {html.escape(one.get('description') or '')}"
        for status, one in sorted(operation["responses"].items())
    )
    text = html.escape(operation.get("description") or operation.get("summary") or "")
    return (
        f'<details><summary><span class="method">{method.upper()}</span> <code>{html.escape(path)}</code> {text}'
        "</summary>"
        f"{table}{body}<ul>{answers}</ul></details>"
    )


def _shape(node: Node, whole: Node, depth: int = 0) -> str:
    if "$ref" in node:
        node = whole["components"]["schemas"].get(node["$ref"].rsplit("/", 1)[-1], {})
    properties: Node = node.get("properties", {})
    if not properties or depth > 3:
        return f"<code>{html.escape(str(node.get('type') or node.get('enum') or 'see openapi.json'))}</code>"
    required = set(node.get("required", []))
    rows = "".join(
        f"<tr><td><code>{html.escape(name)}</code><td>{'required' if name in required else ''}"
        f"<td>{html.escape(str(one.get('type') or one.get('enum') or one.get('$ref', '').rsplit('/', 1)[-1] or ''))}"
        f"<td>{html.escape(str(one.get('description') or ''))}"
        for name, one in properties.items()
    )
    return f"<table>{rows}</table>"
