"""Deals: recomputed, versioned, moved from status to status, listed without gaps."""

import threading
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.api import patient
from tests.api.samples import deal_body, new_customer, new_deal, step
from tests.api.world import World


def test_a_deal_is_computed_here_and_differences_are_kept(world: World) -> None:
    north, sales = world.north, world.north.people["sales"]
    body = {"deal": deal_body(north.rooftops[0], "tx-finance"), "shown": {"balance": 3161250, "finance.payment": 53882}}
    made = sales.post("/deals", body)
    assert made.status_code == 201
    deal = made.json()
    assert deal["computed"]["tax.total"] == 178125
    assert deal["computed"]["finance.payment"] == 53881
    assert deal["differs"] is True
    found = north.people["manager"].get(f"/deals/{deal['id']}/differences").json()
    assert [(one["figure"], one["shown"], one["computed"]) for one in found] == [("finance.payment", 53882, 53881)]
    listed = north.people["manager"].get("/deals?differs=true&limit=200").json()["items"]
    assert deal["id"] in {one["id"] for one in listed}
    right = sales.put(f"/deals/{deal['id']}", {**body, "deal": deal["deal"], "shown": {"finance.payment": 53881}}, 1)
    assert right.json()["differs"] is False
    # What was wrong once stays on record.
    assert len(north.people["manager"].get(f"/deals/{deal['id']}/differences").json()) == 1


@pytest.mark.parametrize(
    ("example", "tax"),
    [("tx", 178125), ("ca", 290616), ("sc", 50000), ("mi-2023", 186000), ("mi-2026", 168000), ("mi-2029", 120000)],
)
def test_the_server_has_the_same_law_as_the_screen(world: World, example: str, tax: int) -> None:
    deal = new_deal(world.north.people["sales"], world.north.rooftops[0], example)
    assert deal["computed"]["tax.total"] == tax


def test_a_deal_in_work_may_wait_for_facts(world: World) -> None:
    deal = {"rooftop_id": world.north.rooftops[0], "selling_price": 3000000}
    made = world.north.people["sales"].post("/deals", {"deal": deal})
    assert made.status_code == 201
    assert made.json()["total"] is None
    assert "place.state" in made.json()["waits"]["otd_after_trade"]


def test_get_answers_with_its_tag_and_304(world: World) -> None:
    sales = world.north.people["sales"]
    deal = new_deal(sales, world.north.rooftops[0])
    got = sales.get(f"/deals/{deal['id']}")
    assert got.json() == deal
    assert got.headers["etag"] == '"1"'
    assert sales.get(f"/deals/{deal['id']}", headers={"if-none-match": '"1"'}).status_code == 304


def test_a_stale_or_missing_tag_changes_nothing(world: World) -> None:
    sales = world.north.people["sales"]
    deal = new_deal(sales, world.north.rooftops[0])
    path = f"/deals/{deal['id']}"
    changed = {**deal["deal"], "selling_price": 3900000}
    assert sales.call("PUT", path, json={"deal": changed}).status_code == 428
    assert sales.put(path, {"deal": changed}, 7).status_code == 412
    assert sales.put(path, {"deal": changed}, 1).headers["etag"] == '"2"'
    assert sales.put(path, {"deal": changed}, 1).status_code == 412
    assert sales.get(path).json()["rev"] == 2


def test_of_many_writers_at_once_one_wins(world: World) -> None:
    sales = world.north.people["sales"]
    deal = new_deal(sales, world.north.rooftops[0])
    token = sales.token
    statuses: list[int] = []

    def write(price: int) -> None:
        answer = patient.put(
            f"{world.server.url}/api/v1/deals/{deal['id']}",
            json={"deal": {**deal["deal"], "selling_price": price}},
            headers={"authorization": f"Bearer {token}", "if-match": '"1"'},
        )
        statuses.append(answer.status_code)

    writers = [threading.Thread(target=write, args=(3_000_000 + n,)) for n in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(statuses) == [200] + [412] * 7


def test_an_idempotency_key_does_a_thing_once(world: World) -> None:
    sales = world.north.people["sales"]
    key = {"idempotency-key": uuid.uuid4().hex}
    body = {"deal": deal_body(world.north.rooftops[0])}
    first = sales.post("/deals", body, headers=key)
    again = sales.post("/deals", body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]
    other = sales.post("/deals", {**body, "shown": {"balance": 1}}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert sales.post("/deals", body, headers={"idempotency-key": "short"}).status_code == 422
    # Another person's key of the same text is another key.
    manager = world.north.people["manager"].post("/deals", body, headers=key)
    assert manager.json()["id"] != first.json()["id"]


def test_an_idempotency_key_sent_many_times_at_once_makes_one(world: World) -> None:
    sales = world.north.people["sales"]
    headers = {"authorization": f"Bearer {sales.token}", "idempotency-key": uuid.uuid4().hex}
    body = {"deal": deal_body(world.north.rooftops[0])}
    answers: list[httpx.Response] = []

    def write() -> None:
        answers.append(patient.post(world.server.url + "/api/v1/deals", json=body, headers=headers))

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_the_way_of_a_deal_and_who_may_take_each_step(world: World) -> None:
    people = world.north.people
    deal = new_deal(people["sales"], world.north.rooftops[0])
    path = f"/deals/{deal['id']}/status"

    def tried(who: str, status: str, rev: int) -> int:
        return people[who].post(path, {"status": status}, headers={"if-match": f'"{rev}"'}).status_code

    assert tried("sales", "funded", 1) == 409
    deal = step(people["sales"], deal, "presented")
    deal = step(people["sales"], deal, "committed")
    assert tried("sales", "in_finance", deal["rev"]) == 403
    assert tried("finance", "in_finance", deal["rev"]) == 403
    assert tried("manager", "in_finance", 1) == 412
    deal = step(people["manager"], deal, "in_finance")
    deal = step(people["finance"], deal, "contracted")
    # Signed: nothing changes any more.
    locked = people["manager"].put(f"/deals/{deal['id']}", {"deal": deal["deal"]}, deal["rev"])
    assert (locked.status_code, locked.json()["code"]) == (409, "deal_locked")
    tag = {"if-match": f'"{deal["rev"]}"'}
    assert people["manager"].post(f"/deals/{deal['id']}/pencils", {}, headers=tag).status_code == 409
    assert people["manager"].delete(f"/deals/{deal['id']}", headers=tag).status_code == 409
    deal = step(people["finance"], deal, "delivered")
    deal = step(people["finance"], deal, "funded")
    assert tried("tenant_admin", "unwound", deal["rev"]) == 409
    history = people["manager"].get(f"/deals/{deal['id']}/revisions").json()["items"]
    assert [one["status"] for one in history] == [
        *("funded", "delivered", "contracted", "in_finance", "committed", "presented", "working")
    ]
    assert [one["seq"] for one in history] == sorted((one["seq"] for one in history), reverse=True)


def test_a_contract_waits_for_no_figure(world: World) -> None:
    admin = world.north.admin
    deal = admin.post("/deals", {"deal": {"rooftop_id": world.north.rooftops[0], "selling_price": 3000000}}).json()
    for status in ("presented", "committed", "in_finance"):
        deal = step(admin, deal, status)
    tag = {"if-match": f'"{deal["rev"]}"'}
    refused = admin.post(f"/deals/{deal['id']}/status", {"status": "contracted"}, headers=tag)
    assert (refused.status_code, refused.json()["code"]) == (409, "figures_wait")


def test_pencils_only_grow(world: World) -> None:
    sales = world.north.people["sales"]
    deal = new_deal(sales, world.north.rooftops[0])
    path = f"/deals/{deal['id']}"
    first = sales.post(path + "/pencils", {}, headers={"if-match": '"1"'}).json()
    assert first["deal"]["pencils"][0]["number"] == 1
    assert first["deal"]["pencils"][0]["figures"]["balance"] == 3161250
    assert first["deal"]["pencils"][0]["who"] == sales.id
    gone = sales.put(path, {"deal": {**first["deal"], "pencils": []}}, 2)
    assert gone.json()["errors"][0] | {"message": ""} == {"field": "deal.pencils", "code": "append_only", "message": ""}
    pencil = first["deal"]["pencils"][0]
    forged = {**pencil, "figures": {**pencil["figures"], "balance": 1}}
    assert sales.put(path, {"deal": {**first["deal"], "pencils": [forged]}}, 2).status_code == 422
    assert sales.put(path, {"deal": first["deal"]}, 2).status_code == 200
    second = sales.post(path + "/pencils", {}, headers={"if-match": '"3"'}).json()
    assert [one["number"] for one in second["deal"]["pencils"]] == [1, 2]


def test_pages_neither_skip_nor_repeat_while_others_write(world: World) -> None:
    group = world.south
    sales, admin = group.people["sales"], group.admin
    before = {new_deal(sales, group.rooftops[0], "sc")["id"] for _ in range(12)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = admin.get(f"/deals?limit=5&sort=created{cursor}").json()
        seen += [one["id"] for one in page["items"]]
        # Between pages one deal is added, one is changed and one goes.
        new_deal(sales, group.rooftops[0], "sc")
        touched = seen[0]
        now = admin.get(f"/deals/{touched}").json()
        admin.put(f"/deals/{touched}", {"deal": now["deal"]}, now["rev"])
        if page["next"] is None or len(seen) > 60:
            break
        cursor = "&cursor=" + page["next"]
    assert len(seen) == len(set(seen))
    assert before <= set(seen)


@pytest.mark.parametrize("sort", ["total", "-total", "title", "-title", "created", "-created", "changed", "-changed"])
def test_every_sort_pages_through_everything_once(world: World, sort: str) -> None:
    admin = world.north.admin
    if len(admin.get("/deals?limit=200").json()["items"]) < 3:
        for example in ("tx", "ca", "sc"):
            new_deal(admin, world.north.rooftops[0], example)
    whole = [one["id"] for one in admin.get(f"/deals?limit=200&sort={sort}").json()["items"]]
    seen: list[str] = []
    cursor = ""
    while len(seen) < 400:
        page = admin.get(f"/deals?limit=7&sort={sort}{cursor}").json()
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = "&cursor=" + page["next"]
    assert seen == whole


def test_a_closed_store_begins_no_deal_and_finishes_what_it_has(world: World) -> None:
    admin = world.north.admin
    made = admin.post("/rooftops", {"code": "C" + uuid.uuid4().hex[:6], "name": "Closing", "state": "TX"}).json()
    deal = new_deal(admin, made["id"])
    assert admin.patch(f"/rooftops/{made['id']}", {"active": False}, made["rev"]).json()["active"] is False
    refused = admin.post("/deals", {"deal": deal_body(made["id"])})
    assert [one["code"] for one in refused.json()["errors"]] == ["closed_rooftop"]
    changed = admin.put(f"/deals/{deal['id']}", {"deal": {**deal["deal"], "selling_price": 1_000_000}}, deal["rev"])
    assert changed.status_code == 200, changed.text
    moved = admin.put(f"/deals/{deal['id']}", {"deal": {**changed.json()["deal"], "rooftop_id": str(uuid.uuid4())}}, 2)
    assert [one["code"] for one in moved.json()["errors"]] == ["unknown_rooftop"]


def test_filters(world: World) -> None:
    north = world.north
    sales = north.people["sales"]
    customer = new_customer(sales)
    deal = new_deal(sales, north.rooftops[0], parties=[{"id": "buyer", "customer_id": customer["id"]}])
    step(sales, deal, "presented")

    def ids(query: str) -> set[str]:
        return {one["id"] for one in north.admin.get(f"/deals?limit=200&{query}").json()["items"]}

    assert ids(f"customer_id={customer['id']}") == {deal["id"]}
    assert deal["id"] in ids("status=presented") & ids(f"owner_id={sales.id}") & ids(f"rooftop_id={north.rooftops[0]}")
    assert deal["id"] not in ids("status=working") | ids(f"rooftop_id={north.rooftops[1]}")
    assert north.admin.get("/deals?status=nonsense").status_code == 422


def test_the_desk_log_shows_a_time(world: World) -> None:
    north = world.north
    deal = new_deal(north.people["sales"], north.rooftops[0])
    now = datetime.now(UTC)
    span = {"since": (now - timedelta(minutes=5)).isoformat(), "until": (now + timedelta(minutes=5)).isoformat()}
    log = north.people["manager"].get("/desk-log", params=span).json()
    assert log["deals"][0]["id"] == deal["id"]
    assert log["counts"]["working"] >= 1
    old = {"since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
    assert north.people["manager"].get("/desk-log", params=old).json()["deals"] == []
    assert north.people["manager"].get("/desk-log", params={**old, "until": "2027-01-02T00:00:00Z"}).status_code == 422
    assert north.people["manager"].get("/desk-log", params={**old, "since": "2026-01-01T00:00:00"}).status_code == 422


def test_a_deleted_deal_is_gone_from_the_desk(world: World) -> None:
    north = world.north
    deal = new_deal(north.people["sales"], north.rooftops[0])
    assert north.people["manager"].delete(f"/deals/{deal['id']}", headers={"if-match": '"1"'}).status_code == 204
    assert north.people["sales"].get(f"/deals/{deal['id']}").status_code == 404
    assert north.people["sales"].put(f"/deals/{deal['id']}", {"deal": deal["deal"]}, 2).status_code == 404


def test_every_write_has_its_place_in_the_groups_order(world: World) -> None:
    """Revisions carry each seq once, without a gap, and the counter row stands at the last."""
    rows = world.sql(
        f"SELECT count(*), count(DISTINCT seq), min(seq), max(seq) FROM revisions WHERE tenant_id = '{world.north.id}'"
    )
    clock = world.sql(f"SELECT seq FROM tenant_clock WHERE tenant_id = '{world.north.id}'")
    assert rows == [[rows[0][0], rows[0][0], "1", rows[0][0]]]
    assert clock == [[rows[0][0]]]
    loose = world.sql(
        "SELECT count(*) FROM documents d LEFT JOIN revisions r USING (tenant_id, rev, seq)"
        f" WHERE r.doc_id IS NULL AND tenant_id IN ('{world.north.id}', '{world.south.id}')"
    )
    assert loose == [["0"]]


def test_an_idempotency_key_is_forgotten_after_a_week(world: World) -> None:
    sales = world.north.people["sales"]
    key = {"idempotency-key": uuid.uuid4().hex}
    body = {"deal": deal_body(world.north.rooftops[0])}
    first = sales.post("/deals", body, headers=key).json()
    world.sql("UPDATE idempotency SET created_at = now() - interval '8 days'")
    second = sales.post("/deals", body, headers=key)
    assert second.status_code == 201
    assert second.json()["id"] != first["id"]
