"""Whatever is sent: the right status, a problem document that names the field, nothing half written."""

import base64
import json
import uuid
from typing import Any

import httpx
import pytest

from tests.api import patient
from tests.api.samples import deal_body, new_customer, new_deal
from tests.api.world import World

NOBODY = "01a21400-0000-7000-8000-000000000001"
DEEP: Any = []
for _ in range(200):
    DEEP = [DEEP]


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["status"] == status
    assert document["code"]
    assert document["detail"]
    return document


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b"nonsense", 400),
        (b"\xff\xfe", 400),
        (b"[" * 200_000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
        (b'{"first_name": 1}', 422),
        (b'{"first_name": "A", "last_name": "B", "shoe_size": 9}', 422),
        (b'{"first_name": "a\\u0000b"}', 422),
        (b'{"kind": "robot", "last_name": "B"}', 422),
        (b'{"first_name": "A", "last_name": "B", "last_name": "C"}', 422),
    ],
)
def test_malformed_and_wrong_bodies(world: World, body: bytes, status: int) -> None:
    before = world.sql("SELECT count(*) FROM documents")
    sales = world.north.people["sales"]
    answer = sales.call("POST", "/customers", content=body, headers={"content-type": "application/json"})
    problem(answer, status)
    assert world.sql("SELECT count(*) FROM documents") == before


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"first_name": "x" * 201}, "first_name"),
        ({"first_name": "line\nbreak"}, "first_name"),
        ({"contacts": [{"id": "e", "kind": "email", "value": "nobody"}]}, "contacts[0].value"),
        ({"contacts": [{"id": "e", "kind": "email", "value": "a@b"}]}, "contacts[0].value"),
        ({"contacts": [{"id": "m", "kind": "mobile", "value": "555-0100"}]}, "contacts[0].value"),
        ({"contacts": [{"id": "m", "kind": "mobile", "value": "114 555 0100"}]}, "contacts[0].value"),
        ({"contacts": [{"id": "m", "kind": "pigeon", "value": "114 555 0100"}]}, "contacts[0].kind"),
        ({"vehicles": [{"id": "v", "vin": "1HGCM82633A004353"}]}, "vehicles[0].vin"),
        ({"vehicles": [{"id": "v", "vin": "1HGCM82633A00435O"}]}, "vehicles[0].vin"),
        ({"vehicles": [{"id": "v", "model_year": 1800}]}, "vehicles[0].model_year"),
        ({"addresses": [{"id": "a", "state": "ZZ"}]}, "addresses[0].state"),
        ({"addresses": [{"id": "a", "zip": "123"}]}, "addresses[0].zip"),
        ({"consents": [{"id": "c", "channel": "text", "given": True, "at": "yesterday"}]}, "consents[0].at"),
        ({"consents": [{"id": "c", "channel": "text", "given": True, "at": "2026-01-01T08:00:00"}]}, "consents[0].at"),
        ({"consents": [{"id": "c", "channel": "text", "given": True, "at": "2099-01-01T00:00:00Z"}]}, "consents[0].at"),
        ({"notes": [{"id": "n", "text": "x", "at": "1969-12-31T23:00:00Z"}]}, "notes[0].at"),
        ({"first_name": "\u200b", "last_name": " \u2060"}, "last_name"),
        ({"first_name": "a\u0085b"}, "first_name"),
        ({"first_name": "a\u2028b"}, "first_name"),
        ({"contacts": [{"id": "e", "kind": "email", "value": "a\u0000@example.com"}]}, "contacts[0].value"),
        ({"notes": [{"id": "n", "text": "x" * 4001, "at": "2026-01-01T00:00:00Z"}]}, "notes[0].text"),
        ({"contacts": DEEP}, "contacts[0]"),
        ({"notes": [{"id": "n"}, {"id": "n"}]}, "notes[0].text"),
    ],
)
def test_each_wrong_field_of_a_customer_is_named(world: World, fields: dict[str, Any], named: str) -> None:
    body = {"first_name": "Ana", "last_name": "Q", **fields}
    document = problem(world.north.people["sales"].post("/customers", body), 422)
    assert named in {one["field"] for one in document["errors"]}
    # What is accepted is told in words, not as a pattern.
    assert all(one["message"] and "regex" not in one["message"] for one in document["errors"])


def test_all_faults_are_told_at_once(world: World) -> None:
    body = {
        "first_name": "x" * 201,
        "shoe_size": 9,
        "addresses": [{"id": "a", "state": "ZZ", "zip": "1"}, {"id": "b", "zip": 5}],
        "contacts": [
            {"id": "e", "kind": "email", "value": "nobody"},
            {"id": "m", "kind": "mobile", "value": "555-0100"},
            {"id": "good", "kind": "email", "value": "ana@example.com"},
            {"id": "n", "kind": "pigeon", "value": "coo"},
        ],
        "vehicles": [{"id": "v", "vin": "1HGCM82633A004353"}],
        "consents": [{"id": "c", "channel": "text", "given": True, "at": "2099-01-01T00:00:00Z"}],
    }
    document = problem(world.north.people["sales"].post("/customers", body), 422)
    assert {one["field"] for one in document["errors"]} == {
        *("first_name", "shoe_size", "addresses[0].state", "addresses[0].zip", "addresses[1].zip"),
        *("contacts[0].value", "contacts[1].value", "contacts[3].kind", "vehicles[0].vin", "consents[0].at"),
    }


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"selling_price": -1}, "deal.selling_price"),
        ({"selling_price": 10**15}, "deal.selling_price"),
        ({"selling_price": 10**30}, "deal.selling_price"),
        ({"selling_price": 1.5}, "deal.selling_price"),
        ({"selling_price": "40000"}, "deal.selling_price"),
        ({"place": {"state": "ZZ"}}, "deal.place.state"),
        ({"dates": {"quoted_on": "2022-12-31"}}, "deal.dates.quoted_on"),
        ({"dates": {"quoted_on": "2031-01-01"}}, "deal.dates.quoted_on"),
        ({"dates": {"quoted_on": "yesterday"}}, "deal.dates.quoted_on"),
        ({"structure": {"kind": "barter"}}, "deal.structure"),
        ({"structure": {"kind": "finance", "months": 0, "rate": "5"}}, "deal.structure.months"),
        ({"structure": {"kind": "finance", "months": 72, "rate": "699"}}, "deal.structure.rate"),
        ({"gift": 1}, "deal.gift"),
        ({"status": "funded"}, "deal.status"),
        ({"rooftop_id": None}, "deal.rooftop_id"),
        ({"rooftop_id": "x"}, "deal.rooftop_id"),
        ({"id": str(uuid.uuid4())}, "deal.id"),
        ({"assigned_users": ["me"]}, "deal.assigned_users"),
        ({"parties": [{"id": "b", "customer_id": "x"}]}, "deal.parties.customer_id"),
        ({"by_hand": [{"path": "lines.nothing", "value": 1}]}, "deal.by_hand[0].path"),
        ({"vehicle": {"make": "a\u0000b"}}, "deal.vehicle.make"),
        ({"vehicle": {"make": "x" * 2001}}, "deal.vehicle.make"),
        ({"fees": [{"id": str(n), "kind": "other", "amount": 1} for n in range(101)]}, "deal.fees"),
        (
            {"pencils": [{"id": "p", "number": 1, "who": "x", "when": "x", "revision": "1", "figures": {}}]},
            "deal.pencils",
        ),
    ],
)
def test_each_wrong_field_of_a_deal_is_named(world: World, fields: dict[str, Any], named: str) -> None:
    before = world.sql("SELECT count(*) FROM documents")
    body = {"deal": {**deal_body(world.north.rooftops[0], "tx"), **fields}}
    document = problem(world.north.people["sales"].post("/deals", body), 422)
    assert named in {one["field"] for one in document["errors"]}, document
    assert world.sql("SELECT count(*) FROM documents") == before


def test_wrong_settings_are_named_and_change_nothing(world: World) -> None:
    admin = world.north.admin
    before = admin.get("/settings")
    product = {"id": "vsc", "kind": "gap", "name": "A", "price": 1}
    body = {
        "default_place": {"state": "ZZ"},
        "document_fee": -1,
        "products": [product, {**product, "kind": "luck"}],
        "branding": {"color": "red"},
        "shoe_size": 9,
    }
    document = problem(admin.put("/settings", body, int(before.headers["etag"].strip('"'))), 422)
    assert {one["field"] for one in document["errors"]} == {
        *("default_place.state", "document_fee", "products[1].kind", "branding.color", "shoe_size")
    }
    assert "service_contract" in next(one["message"] for one in document["errors"] if one["field"].endswith("kind"))
    twice = problem(admin.put("/settings", {"products": [product, product]}, 1), 422)
    assert [(one["field"], one["code"]) for one in twice["errors"]] == [("products[1].id", "same_id")]
    assert admin.get("/settings").headers["etag"] == before.headers["etag"]


def test_a_figure_that_is_none_is_refused(world: World) -> None:
    body = {"deal": deal_body(world.north.rooftops[0]), "shown": {"luck": 1, "balance": "many"}}
    document = problem(world.north.people["sales"].post("/deals", body), 422)
    assert "shown.balance" in {one["field"] for one in document["errors"]}


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/deals?limit=0", "query.limit"),
        ("/deals?limit=1000", "query.limit"),
        ("/deals?limit=many", "query.limit"),
        ("/deals?sort=luck", "query.sort"),
        ("/deals?cursor=!!", "query.cursor"),
        ("/deals?cursor=bm90aGluZw", "query.cursor"),
        ("/deals?owner_id=me", "query.owner_id"),
        ("/customers?q=", "query.q"),
        ("/customers?q=%00", "query.q"),
        ("/deals?statu=working", "query.statu"),
        ("/deals?status=working&limt=5", "query.limt"),
        ("/customers?name=Ana", "query.name"),
        ("/customers/export?format=csv", "query.format"),
        ("/users?role=sales", "query.role"),
        ("/customers?q=Ana&q=Bea", "query.q"),
        ("/desk-log?since=9999-12-31T00:00:00-14:00&until=9999-12-31T23:59:59-14:00", "query.since"),
        ("/desk-log?since=0001-01-01T00:00:00%2B14:00&until=0001-01-02T00:00:00%2B14:00", "query.since"),
        ("/desk-log?since=2026-11-22T00:00:00&until=2026-11-23T00:00:00Z", "query.since"),
        ("/desk-log?until=2026-11-22T00:00:00Z", "query.since"),
    ],
)
def test_each_wrong_parameter_is_named(world: World, path: str, named: str) -> None:
    document = problem(world.north.admin.get(path), 422)
    assert named in {one["field"] for one in document["errors"]}, document


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/deals?", ["2026-01-01T00:00:00", NOBODY]),
        ("/deals?", ["9999-12-31T23:59:59-14:00", NOBODY]),
        ("/deals?", ["2026-01-01T00:00:00Z"]),
        ("/deals?sort=title&", ["a\0b", NOBODY]),
        ("/deals?sort=title&", ["a", "me"]),
        ("/deals?sort=total&", [10**30, NOBODY]),
        ("/customers?", ["0001-01-01T00:00:00+14:00", NOBODY]),
        ("/users?", ["a\0"]),
        ("/audit?", [10**30]),
        ("/audit?", [1, 2]),
    ],
)
def test_a_cursor_that_is_none_of_ours_is_refused(world: World, path: str, key: list[Any]) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
    document = problem(world.north.admin.get(f"{path}cursor={cursor}"), 422)
    assert [one["field"] for one in document["errors"]] == ["query.cursor"]


@pytest.mark.parametrize("tag", [b'"\xb2"', b"*", b"", b'"1", "2"', b'"9999999999"', b"-1", '"١"'.encode()])
def test_a_tag_that_is_none_of_ours_is_refused(world: World, tag: bytes) -> None:
    sales = world.north.people["sales"]
    made = new_customer(sales)
    headers = [(b"authorization", f"Bearer {sales.token}".encode()), (b"if-match", tag)]
    url = f"{world.server.url}/api/v1/customers/{made['id']}"
    document = problem(patient.put(url, json=made["customer"], headers=headers), 422)
    assert [one["field"] for one in document["errors"]] == ["header.if-match"]


@pytest.mark.parametrize(
    "headers",
    [
        *({"content-type": kind} for kind in ("text/plain", "application/x-www-form-urlencoded", "nonsense", ";;")),
        *({"content-type": f"application/json; charset={name}"} for name in ("latin-1", "utf-16")),
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_a_body_in_another_form_is_refused(world: World, headers: dict[str, str]) -> None:
    sales = world.north.people["sales"]
    problem(sales.call("POST", "/customers", content=b'{"last_name": "A"}', headers=headers), 415)


@pytest.mark.parametrize("kind", ["application/json", 'application/json; charset="UTF-8"', "application/vnd.api+json"])
def test_json_in_utf8_is_taken(world: World, kind: str) -> None:
    sales = world.north.people["sales"]
    made = sales.call("POST", "/customers", content=b'{"last_name": "A"}', headers={"content-type": kind})
    assert made.status_code == 201


def test_unknown_addresses_and_methods(world: World) -> None:
    admin = world.north.admin
    problem(admin.get("/nothing"), 404)
    problem(admin.get("/deals/not-an-id"), 404)
    wrong = admin.call("PATCH", "/deals")
    problem(wrong, 405)
    assert {"GET", "POST"} <= {method.strip() for method in wrong.headers["allow"].split(",")}
    problem(admin.get(f"/deals/{uuid.uuid4()}"), 404)


def test_conditions_and_media_types(world: World) -> None:
    sales = world.north.people["sales"]
    made = new_customer(sales)
    path = f"/customers/{made['id']}"
    problem(sales.call("PUT", path, json=made["customer"]), 428)
    problem(sales.call("PUT", path, json=made["customer"], headers={"if-match": '"x"'}), 422)
    problem(sales.put(path, made["customer"], 9), 412)
    problem(sales.post("/customers", {**made["customer"], "id": made["id"]}), 409)
    manager = world.north.people["manager"]
    problem(manager.call("POST", "/customers/import", content=b"{}", headers={"content-type": "text/xml"}), 415)


def test_a_body_beyond_the_limit(world: World) -> None:
    sales = world.north.people["sales"]
    problem(sales.call("POST", "/customers", content=b'{"last_name": "' + b"x" * 1_100_000 + b'"}'), 413)

    def endless() -> Any:
        for _ in range(40):
            yield b" " * 65536

    problem(sales.call("POST", "/customers", content=endless()), 413)


def test_the_same_deal_id_twice_is_a_conflict(world: World) -> None:
    sales = world.north.people["sales"]
    deal = new_deal(sales, world.north.rooftops[0])
    problem(sales.post("/deals", {"id": deal["id"], "deal": deal_body(world.north.rooftops[0])}), 409)
    # In another group the same id is free: ids of one group tell nothing about the other.
    other = world.south.people["sales"].post("/deals", {"id": deal["id"], "deal": deal_body(world.south.rooftops[0])})
    assert other.status_code == 201
    assert sales.get(f"/deals/{deal['id']}").json()["rooftop_id"] == world.north.rooftops[0]
