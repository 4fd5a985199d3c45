"""schemathesis over the served OpenAPI: no server error, no answer that the description does not know."""

import uuid
from collections.abc import Callable
from typing import Any

import hypothesis
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api import patient
from tests.api.routes import ROUTES
from tests.api.samples import new_customer, new_deal
from tests.api.world import World

HIDDEN = {"GET /metrics", "GET /docs", "GET /docs.css", "GET /openapi.json"}


@pytest.fixture(scope="module")
def described(world: World) -> dict[str, Any]:
    answer = patient.get(world.server.url + "/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    assert document["openapi"].startswith("3.1")
    return document


def test_the_description_names_every_route_with_examples_that_work(world: World, described: dict[str, Any]) -> None:
    told = {
        f"{method.upper()} {path}"
        for path, operations in described["paths"].items()
        for method in operations
        if method in ("get", "post", "put", "patch", "delete")
    }
    assert told == set(ROUTES) - HIDDEN
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


def test_every_example_is_valid_against_its_own_schema(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    tried = 0

    def judge(schema: dict[str, Any], example: Any, where: str) -> None:
        nonlocal tried
        tried += 1
        whole = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **schema,
            "components": {"schemas": schemas},
        }
        faults = [fault.message for fault in jsonschema_rs.validator_for(whole).iter_errors(example)]
        assert faults == [], (where, faults)

    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for kind, body in operation.get("requestBody", {}).get("content", {}).items():
                judge(body["schema"], body["example"], f"{method} {path} {kind}")
            for one in operation.get("parameters", []):
                for example in [*one["schema"].get("examples", []), *([one["example"]] if "example" in one else [])]:
                    judge(one["schema"], example, f"{method} {path} {one['name']}")
    for name, schema in schemas.items():
        for field, inner in schema.get("properties", {}).items():
            for example in inner.get("examples", []):
                judge(inner, example, f"{name}.{field}")
    assert tried > 40


def test_the_page_of_the_description_is_our_own(world: World) -> None:
    page = patient.get(world.server.url + "/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "/api/v1/deals/{deal_id}" in page.text
    assert "<script" not in page.text
    assert "//" not in page.text.replace("https://", "").replace("http://", "") or "src=" not in page.text


class Fuzz:
    """One person's requests, and what each answer must be."""

    def __init__(self, world: World, described: dict[str, Any], role: str) -> None:
        self.world = world
        # What is sent here may end sessions and delete things: a group of its own.
        self.group = world.group("fuzz", ("sales",))
        self.person = world.platform if role == "platform_admin" else self.group.people[role]
        south = world.south
        self.foreign = {new_customer(south.people["sales"])["id"], new_deal(south.admin, south.rooftops[0])["id"]}
        schema = schemathesis.openapi.from_dict(described)
        schema.config.update(base_url=world.server.url)
        self.operations = {
            one.definition.raw["operationId"]: one for one in (r.ok() for r in schema.get_all_operations())
        }

    def real(self, operation: Any) -> dict[str, str]:
        """Ids of things that are there, made for this operation alone."""
        names = {one.name for one in operation.path_parameters}
        made: dict[str, Callable[[], str]] = {
            "customer_id": lambda: new_customer(self.group.admin)["id"],
            "deal_id": lambda: new_deal(self.group.admin, self.group.rooftops[0])["id"],
            "rooftop_id": lambda: self.group.rooftops[1],
            "user_id": lambda: self.group.people["sales"].id,
            "device_id": lambda: self.group.people["sales"].device["id"],
            "tenant_id": self._tenant,
            "invitation_id": self._invitation,
        }
        return {name: made[name]() for name in names if name in made}

    def _tenant(self) -> str:
        slug = "gone-" + uuid.uuid4().hex[:10]
        body = {"slug": slug, "name": slug, "admin_email": "a@example.com", "admin_name": "A"}
        return str(self.world.platform.post("/tenants", body).json()["tenant"]["id"])

    def _invitation(self) -> str:
        body = {"email": f"i{uuid.uuid4().hex[:8]}@example.com", "name": "I", "role": "sales"}
        return str(self.group.admin.post("/invitations", body).json()["id"])

    def run(self, strategy: Any, examples: int, more: list[Any], *, ids: dict[str, str] | None = None) -> None:
        """Send that many generated requests; with `ids`, about these things and with the tag that they have."""

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        @hypothesis.given(case=strategy)
        def probe(case: Any) -> None:
            headers = {"authorization": f"Bearer {self.person.token}", "x-request-id": uuid.uuid4().hex}
            if ids:
                case.path_parameters.update(ids)
                headers["if-match"] = '"1"'
            answer = case.call(headers=headers, timeout=patient.PATIENCE)
            assert not any(one in answer.text for one in self.foreign)
            case.validate_response(answer, checks=[*CHECKS, *more])

        probe()


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@pytest.mark.parametrize("role", ["tenant_admin", "sales", "platform_admin"])
def test_no_request_breaks_the_server_or_the_description(world: World, described: dict[str, Any], role: str) -> None:
    fuzz = Fuzz(world, described, role)
    for name, operation in fuzz.operations.items():
        fuzz.run(operation.as_strategy(), 12, [])
        ids = fuzz.real(operation)
        if ids:
            fuzz.run(operation.as_strategy(), 8, [], ids=ids)
        if operation.body or operation.query:
            negative = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
            fuzz.run(negative, 10, [negative_data_rejection])
        assert name
    assert len(fuzz.operations) == len(ROUTES) - len(HIDDEN)
