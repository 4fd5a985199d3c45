"""Customers: kept as typed, found again, merged, brought in and taken out."""

import csv
import io
import json
import random
import time
import uuid
from collections.abc import Callable

import msgspec
import pytest

from tests.api.samples import new_customer, new_deal
from tests.api.world import World

NAMES = [
    ("Zoë", "O’Brien"),
    ("Siobhán", "d'Arcy-Núñez"),
    ("小明", "王"),
    ("Дарья", "Иванова"),
    ("محمد", "الأحمد"),
    ("Kim 🚗", "Lee 👩‍🔧"),
    ("José", "Ünlü"),
]


@pytest.mark.parametrize(("first", "last"), NAMES)
def test_names_are_kept_as_typed_and_found_again(world: World, first: str, last: str) -> None:
    sales = world.north.people["sales"]
    made = new_customer(sales, first_name=first, last_name=last)
    got = sales.get(f"/customers/{made['id']}").json()
    assert (got["customer"]["first_name"], got["customer"]["last_name"]) == (first, last)
    found = sales.get("/customers", params={"q": f"{first} {last}"}).json()["items"]
    assert found[0]["name"] == f"{first} {last}"


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
    text = south.people["manager"].get("/customers/export?as=csv").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(lines)
    assert {row["first_name"][0] for row in rows if "HYPERLINK" in row["first_name"]} == {" "}
    body = text.encode()
    back = south.people["manager"].call("POST", "/customers/import", content=body, headers={"content-type": "text/csv"})
    assert back.json()["invalid"] == 0


def fifty_thousand(group: str) -> tuple[str, str]:
    """Rows of customers with names of many kinds, and of the pieces that they are found by."""
    from backend.customers.schemas import Contact, CustomerBody
    from backend.customers.search import terms

    dice = random.Random(7)
    heads = [
        "Kow",
        "Her",
        "Gar",
        "Ngu",
        "Oka",
        "Pet",
        "Had",
        "Sil",
        "Bro",
        "Joh",
        "Smi",
        "Wil",
        "Mur",
        "Fer",
        "Lin",
        "Chu",
    ]
    middles = ["al", "nan", "ci", "yen", "for", "ro", "da", "ve", "wn", "ns", "th", "lia", "phy", "gu", "den", "ang"]
    tails = ["ski", "dez", "a", "son", "v", "berg", "ez", "ton", "ley", "man", "o", "er", "s", "ova", "in", "well"]
    firsts = [
        head + tail for head in ("Jam", "Mar", "Rob", "Pat", "Jua", "Lin", "We", "Ol") for tail in ("es", "y", "a", "i")
    ]
    rows, pieces = io.StringIO(), io.StringIO()
    for n in range(50_000):
        doc = uuid.UUID(int=(1 << 120) + n)
        first, last = dice.choice(firsts), dice.choice(heads) + dice.choice(middles) + dice.choice(tails)
        phone = f"214{2_000_000 + n * 157 % 7_999_999:07d}"
        email = f"{last.lower()}{n}@example.com"
        body = CustomerBody(
            first_name=first,
            last_name=last,
            contacts=[Contact(id="m", kind="mobile", value=phone), Contact(id="e", kind="email", value=email)],
        )
        data = msgspec.json.encode(body).decode()
        rows.write(f"{group}\t{doc}\tcustomer\t1\t1\t{n + 1}\t{data}\t{first} {last}\tactive\t{doc}\t{doc}\n")
        pieces.writelines(f"{group}\t{term}\t{doc}\n" for term in terms(body))
    return rows.getvalue(), pieces.getvalue()


def test_fifty_thousand_customers_are_searched_in_a_tenth_of_a_second(world: World) -> None:
    """Made by SQL, searched over HTTP under row-level security: with typos, by number, by e-mail."""
    group = world.group("big")
    rows, pieces = fifty_thousand(group.id)
    columns = "tenant_id, id, kind, schema_version, rev, seq, body, title, status, created_by, changed_by"
    world.copy(f"documents ({columns})", rows)
    world.copy("search_terms (tenant_id, term, doc_id)", pieces)
    # As autovacuum does after a while.
    world.sql("VACUUM (ANALYZE) search_terms")
    world.sql("VACUUM (ANALYZE) documents")
    # On a machine that others share a trivial request takes long too, and so may a search.
    budget = max(0.1, 12 * quickest(lambda: group.admin.get("/rooftops")))
    asked = {"Wei Kowalsky": "Kowal", "Garcisom": "Garci", "2142000157": "", "murphyton": "Murphyton"}
    for query, near in asked.items():
        answer = group.admin.get("/customers", params={"q": query, "limit": 20})
        assert near in answer.json()["items"][0]["name"], query
        times = quickest(lambda query=query: group.admin.get("/customers", params={"q": query, "limit": 20}))
        assert times < budget, (query, times, budget)


def quickest(ask: Callable[[], object]) -> float:
    """Seconds of the quickest of eight."""
    times = []
    for _ in range(8):
        begun = time.perf_counter()
        ask()
        times.append(time.perf_counter() - begun)
    return min(times)
