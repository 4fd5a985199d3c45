"""schemathesis over the served OpenAPI: no server error, no answer that the description does not know."""

import uuid
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.samples import new_customer, new_deal
from tests.api.world import World

# These end the session or the group that the test itself works with.
LEFT_OUT = {"ExportTenant", "ExportAudit", "ExportCustomers", "DeleteTenant", "SuspendTenant", "SignOut"}


@pytest.fixture(scope="module")
def described(world: World) -> dict[str, Any]:
    answer = httpx.get(world.server.url + "/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    assert document["openapi"].startswith("3.1")
    return document


def test_the_description_names_every_route_with_examples_that_work(world: World, described: dict[str, Any]) -> None:
    from tests.api.routes import ROUTES

    told = {
        f"{method.upper()} {path}"
        for path, operations in described["paths"].items()
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }
    hidden = {"GET /metrics", "GET /docs", "GET /docs.css", "GET /openapi.json"}
    assert told == set(ROUTES) - hidden
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            example = body.get("example")
            assert example is not None, f"{method} {path}"
            if operation["operationId"].startswith("Create"):
                person = world.platform if path.endswith("/tenants") else world.north.admin
                if "deal" in example:
                    example["deal"]["rooftop_id"] = world.north.rooftops[0]
                answer = person.post(path.removeprefix("/api/v1"), example)
                assert answer.status_code in (201, 409), answer.text


def test_the_page_of_the_description_is_our_own(world: World) -> None:
    page = httpx.get(world.server.url + "/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "/api/v1/deals/{deal_id}" in page.text
    assert "<script" not in page.text
    assert "//" not in page.text.replace("https://", "").replace("http://", "") or "src=" not in page.text


@pytest.mark.parametrize("role", ["tenant_admin", "sales", "platform_admin"])
def test_no_request_breaks_the_server_or_the_description(world: World, described: dict[str, Any], role: str) -> None:
    group = world.group("schema", ("sales",))
    person = world.platform if role == "platform_admin" else group.people[role]
    foreign = {new_customer(world.south.people["sales"])["id"]}
    foreign.add(new_deal(world.south.people["sales"], world.south.rooftops[0])["id"])
    schema = schemathesis.openapi.from_dict(described)
    schema.config.update(base_url=world.server.url)
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"] in LEFT_OUT:
            continue
        tried += 1

        @settings(
            max_examples=6,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        def probe(case: Any) -> None:
            headers = {"authorization": f"Bearer {person.token}", "x-request-id": uuid.uuid4().hex}
            answer = case.call(headers=headers, timeout=30)
            assert not any(one in answer.text for one in foreign)
            case.validate_response(
                answer,
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ],
            )

        import hypothesis

        hypothesis.given(case=operation.as_strategy())(probe)()
    assert tried > 40
