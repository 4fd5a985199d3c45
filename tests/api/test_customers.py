"""Customers: kept as typed, found again, merged, brought in and taken out."""

import csv
import io
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from backend.customers.service import searching
from tests.api.crowd import ASKED, crowded
from tests.api.samples import new_customer, new_deal, step
from tests.api.world import Group, World
from tests.bench.api import filled

NAMES = [
    ("Zoë", "O’Brien"),
    ("Siobhán", "d'Arcy-Núñez"),
    ("小明", "王"),
    ("Дарья", "Иванова"),
    ("محمد", "الأحمد"),
    ("Kim 🚗", "Lee 👩‍🔧"),
    ("José", "Ünlü"),
    ("İpek", "Işık"),
]


@pytest.mark.parametrize(("first", "last"), NAMES)
def test_names_are_kept_as_typed_and_found_again(world: World, first: str, last: str) -> None:
    sales = world.north.people["sales"]
    made = new_customer(sales, first_name=first, last_name=last)
    got = sales.get(f"/customers/{made['id']}").json()
    assert (got["customer"]["first_name"], got["customer"]["last_name"]) == (first, last)
    found = sales.get("/customers", params={"q": f"{first} {last}"}).json()["items"]
    assert found[0]["name"] == f"{first} {last}"


@pytest.mark.parametrize(
    ("last", "asked"),
    [
        *(
            ("O’Brien-Zyx", "obrien zyx"),
            ("O'Brienne", "O’Brienne"),
            ("Işıklı", "isikli"),
            ("Łukaszewicz", "lukaszewicz"),
        ),
        *(("Sørbø", "sorbo"), ("Straßmeier", "strassmeier"), ("Núñez-Ibáñez", "nunez ibanez"), ("王小明", "小明")),
        *(("الأحمدي", "الأحمدي"), ("🚗🔧", "🚗🔧"), ("Æbleskov", "aebleskov"), ("Θεοδωράκης", "θεοδωρακης")),
    ],
)
def test_a_name_is_found_without_its_accents_and_marks(world: World, last: str, asked: str) -> None:
    sales = world.north.people["sales"]
    made = new_customer(sales, first_name="", last_name=last)
    assert made["customer"]["last_name"] == last
    found = sales.get("/customers", params={"q": asked}).json()["items"]
    assert made["id"] in {one["id"] for one in found[:3]}


def test_search_by_name_phone_email_and_vin_forgives_typing(world: World) -> None:
    sales = world.south.people["sales"]
    made = new_customer(
        sales,
        first_name="Guadalupe",
        last_name="Hernández",
        contacts=[
            {"id": "m", "kind": "mobile", "value": "+1 (512) 555-0187"},
            {"id": "e", "kind": "email", "value": "lupe.hernandez@example.com"},
        ],
        vehicles=[{"id": "v", "vin": "1M8GDM9AXKP042788"}],
    )
    for asked in (
        *("hernandez", "Hernandes", "guadalupe hernadez", "5125550187", "512-555-0178", "555 0187"),
        *("lupe.hernandez@example.com", "lupe.hernandes@example.com", "1M8GDM9AXKP042788", "KP042788", "kp04278"),
    ):
        found = sales.get("/customers", params={"q": asked}).json()["items"]
        assert made["id"] in {one["id"] for one in found[:5]}, asked
    assert sales.get("/customers", params={"q": "xyzzyx"}).json()["items"] == []


def test_a_changed_customer_is_found_by_the_new_name_only(world: World) -> None:
    sales = world.north.people["sales"]
    made = new_customer(sales, last_name="Quackenbush")
    body = {**made["customer"], "last_name": "Featherstonehaugh"}
    assert sales.put(f"/customers/{made['id']}", body, 1).status_code == 200
    old = sales.get("/customers", params={"q": "Quackenbush"}).json()["items"]
    new = sales.get("/customers", params={"q": "Featherstonehaugh"}).json()["items"]
    assert made["id"] not in {one["id"] for one in old}
    assert new[0]["id"] == made["id"]


def test_a_stale_tag_changes_nothing_and_history_tells_who(world: World) -> None:
    sales, manager = world.north.people["sales"], world.north.people["manager"]
    made = new_customer(sales)
    path = f"/customers/{made['id']}"
    assert manager.put(path, {**made["customer"], "first_name": "Bea"}, 1).status_code == 200
    assert sales.put(path, {**made["customer"], "first_name": "Cy"}, 1).status_code == 412
    history = manager.get(path + "/revisions").json()["items"]
    assert [(one["rev"], one["by_user"]) for one in history] == [(2, manager.id), (1, sales.id)]


def test_duplicates_are_found_and_merged_with_their_deals(world: World) -> None:
    north = world.north
    mark = uuid.uuid4().hex[:8]
    contact = {"id": "e", "kind": "email", "value": f"{mark}@example.com"}
    kept = new_customer(north.people["sales"], first_name="Rob", last_name=mark, contacts=[contact])
    gone = new_customer(
        north.people["sales"],
        first_name="Robert",
        last_name=mark,
        contacts=[contact, {"id": "m", "kind": "mobile", "value": "214 555 0111"}],
        notes=[{"id": "n", "text": "Likes red", "at": "2026-11-01T10:00:00Z"}],
    )
    deal = new_deal(north.people["sales"], north.rooftops[0], parties=[{"id": "b", "customer_id": gone["id"]}])
    found = north.people["manager"].get("/customers/duplicates?limit=200").json()
    same = next(one for one in found if one["by"] == "email" and one["value"] == f"{mark}@example.com")
    assert {one["id"] for one in same["customers"]} == {kept["id"], gone["id"]}
    path = f"/customers/{kept['id']}/merge"
    stale = {"other_id": gone["id"], "other_rev": 9}
    assert north.people["manager"].post(path, stale, headers={"if-match": '"1"'}).status_code == 412
    merge = {"other_id": gone["id"], "other_rev": 1}
    merged = north.people["manager"].post(path, merge, headers={"if-match": '"1"'})
    assert merged.status_code == 200, merged.text
    body = merged.json()["customer"]
    assert [one["value"] for one in body["contacts"]] == [f"{mark}@example.com", "214 555 0111"]
    assert body["notes"][0]["text"] == "Likes red"
    assert north.people["sales"].get(f"/customers/{gone['id']}").status_code == 404
    moved = north.people["sales"].get(f"/deals/{deal['id']}").json()
    assert moved["customer_id"] == kept["id"]
    assert moved["deal"]["parties"][0]["customer_id"] == kept["id"]
    assert moved["rev"] == 2


def test_a_merge_changes_nothing_in_what_was_signed(world: World) -> None:
    north = world.north
    sales, manager = north.people["sales"], north.people["manager"]
    kept, gone = new_customer(sales, first_name="Ed"), new_customer(sales, first_name="Eddy")
    made = new_deal(sales, north.rooftops[0], "sc", parties=[{"id": "b", "customer_id": gone["id"], "name": "Eddy"}])
    for status in ("presented", "committed", "in_finance", "contracted"):
        made = step(manager, made, status)
    merge = {"other_id": gone["id"], "other_rev": 1}
    done = manager.post(f"/customers/{kept['id']}/merge", merge, headers={"if-match": '"1"'})
    assert done.status_code == 200, done.text
    after = manager.get(f"/deals/{made['id']}").json()
    assert after["deal"] == made["deal"]
    assert after["computed"] == made["computed"]
    # It is found with the customer who stayed, and goes on its way.
    assert after["customer_id"] == kept["id"]
    found = manager.get(f"/deals?customer_id={kept['id']}").json()["items"]
    assert [one["id"] for one in found] == [made["id"]]
    assert step(north.people["finance"], after, "delivered")["status"] == "delivered"


def test_a_customer_with_deals_stays(world: World) -> None:
    north = world.north
    made = new_customer(north.people["sales"])
    deal = new_deal(north.people["sales"], north.rooftops[0], parties=[{"id": "b", "customer_id": made["id"]}])
    path = f"/customers/{made['id']}"
    tag = {"if-match": '"1"'}
    assert north.people["manager"].delete(path, headers=tag).json()["code"] == "has_deals"
    assert north.people["manager"].delete(f"/deals/{deal['id']}", headers=tag).status_code == 204
    assert north.people["manager"].delete(path, headers=tag).status_code == 204
    assert north.people["sales"].get(path).status_code == 404


def test_import_shows_first_and_reports_every_row(world: World) -> None:
    manager = world.north.people["manager"]
    mark = uuid.uuid4().hex[:8]
    text = (
        "first_name,last_name,mobile,email,state,zip,vin\n"
        f"Ann,{mark},214-555-0199,{mark}1@example.com,TX,75201,1HGCM82633A004352\n"
        f"Ann,{mark},214-555-0198,{mark}1@example.com,TX,75201,\n"
        f'"O\'Neil, Jr.",{mark},12,{mark}@,ZZ,7520,1HGCM82633A004353\n'
    )
    csv_type = {"content-type": "text/csv"}
    preview = manager.call("POST", "/customers/import", content=text.encode(), headers=csv_type).json()
    assert [row["outcome"] for row in preview["rows"]] == ["new", "duplicate", "invalid"]
    assert preview["preview"] is True
    assert len(preview["rows"][2]["errors"]) >= 2
    assert manager.get("/customers", params={"q": mark + "1@example.com"}).json()["items"] == []
    done = manager.call("POST", "/customers/import?preview=false", content=text.encode(), headers=csv_type).json()
    made = done["rows"][0]["customer_id"]
    assert (done["new"], done["duplicate"], done["invalid"]) == (1, 1, 1)
    assert manager.get(f"/customers/{made}").json()["customer"]["vehicles"][0]["vin"] == "1HGCM82633A004352"
    again = manager.call("POST", "/customers/import?preview=false", content=text.encode(), headers=csv_type).json()
    assert [row["outcome"] for row in again["rows"]] == ["duplicate", "duplicate", "invalid"]
    assert again["rows"][0]["duplicate_of"] == made


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"first_name,shoe_size\nAnn,9\n", "text/csv", 422),
        (b"", "text/csv", 422),
        (b"first_name,last_name,first_name\nAnn,Bee,Cee\n", "text/csv", 422),
        (b"\xff\xfe\x00", "text/csv", 400),
        (b"first_name\nAnn,Bee,Cee\n", "text/csv", 200),
        (b"first_name\nAnn\n", "application/json", 415),
    ],
)
def test_files_that_are_no_customers_are_refused(world: World, content: bytes, media: str, status: int) -> None:
    manager = world.north.people["manager"]
    answer = manager.call("POST", "/customers/import", content=content, headers={"content-type": media})
    assert answer.status_code == status, answer.text


def test_export_is_whole_and_its_csv_harmless_and_readable(world: World) -> None:
    south = world.south
    formula = new_customer(south.people["sales"], first_name="=HYPERLINK(1)", last_name="Ångström")
    lines = south.people["manager"].get("/customers/export").text.splitlines()
    total = world.sql(
        f"SELECT count(*) FROM documents WHERE tenant_id = '{south.id}' AND kind = 'customer' AND NOT deleted"
    )
    assert len(lines) == int(total[0][0])
    assert formula["id"] in {json.loads(line)["id"] for line in lines}
    exported = south.people["manager"].get("/customers/export?as=csv")
    assert exported.headers["content-type"] == "text/csv; charset=utf-8"
    text = exported.text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(lines)
    assert {row["first_name"][0] for row in rows if "HYPERLINK" in row["first_name"]} == {" "}
    body = text.encode()
    back = south.people["manager"].call("POST", "/customers/import", content=body, headers={"content-type": "text/csv"})
    assert back.json()["invalid"] == 0


@pytest.fixture(scope="module")
def crowd(world: World) -> Group:
    return crowded(world)


@pytest.mark.parametrize("asked", ASKED)
def test_fifty_thousand_customers_are_searched_by_the_index(world: World, crowd: Group, asked: str) -> None:
    """What the database does for a search at that size, under row-level security; the bench has its time."""
    statement, values = searching(asked)
    explained = filled(statement.text, {"tenant": crowd.id, **values})
    answer = world.sql(
        f"BEGIN; SET LOCAL app.tenant_id = '{crowd.id}'; EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {explained}; COMMIT",
        "autolytiq_app",
    )
    plan = json.loads("".join(line[0] for line in answer))[0]["Plan"]
    scans = [node for node in walk(plan) if "Relation Name" in node]
    found = {(node["Relation Name"], node.get("Index Name")) for node in scans}
    assert found == {("search_terms", "search_terms_pkey"), ("documents", "documents_pkey")}
    # Rows that are looked at and thrown away would be those of other pieces or other people.
    assert all(node.get("Rows Removed by Filter", 0) == 0 for node in scans)
    assert (
        sum(node["Actual Rows"] * node["Actual Loops"] for node in scans if node["Relation Name"] == "documents") <= 200
    )
    pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    assert pages <= 2_000, pages


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from walk(child)


@pytest.mark.parametrize("asked", ASKED)
def test_fifty_thousand_customers_are_searched_with_typos(crowd: Group, asked: str) -> None:
    took: list[float] = []
    # A bound for the worst: many times what it takes alone. A machine that others use too may hold up one, or another.
    while len(took) < 5 and (not took or took[-1] >= 3):
        begun = time.monotonic()
        answer = crowd.admin.get("/customers", params={"q": asked, "limit": 20})
        took.append(time.monotonic() - begun)
        assert ASKED[asked] in answer.json()["items"][0]["name"]
    assert took[-1] < 3, took


@pytest.mark.parametrize(("known", "status"), [('"1"', 304), ('"0", W/"1"', 304), ("*", 304), ('"2"', 200)])
def test_who_holds_a_customer_already_is_sent_nothing(world: World, known: str, status: int) -> None:
    """RFC 9110, 13.1.2: `*` names any that there is."""
    sales = world.north.people["sales"]
    path = f"/customers/{new_customer(sales)['id']}"
    answer = sales.get(path, headers={"if-none-match": known})
    assert (answer.status_code, answer.headers["etag"], bool(answer.content)) == (status, '"1"', status == 200)
    assert sales.get(f"/customers/{uuid.uuid4()}", headers={"if-none-match": known}).status_code == 404
