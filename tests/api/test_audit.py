"""The audit trail: every change and every read, chained, never altered unnoticed."""

import hashlib
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend.cli import admin
from backend.cli.database import Urls
from backend.cli.verify import verify
from backend.db import engine
from backend.embedded import APP, OWNER, EmbeddedPostgres
from backend.tenants.service import EXPORTED, KEPT_BACK
from tests.api.samples import new_customer, new_deal
from tests.api.world import NOTED_SECONDS, World, eventually


def entries(world: World, object_id: str, action: str) -> list[dict[str, Any]]:
    """Entries about a thing that are in the trail by now."""
    query = f"/audit?object_id={object_id}&action={action}"
    found: list[dict[str, Any]] = world.north.people["auditor"].get(query).json()["items"]
    return found


def test_changes_and_reads_say_who_when_where_and_what(world: World) -> None:
    sales, manager = world.north.people["sales"], world.north.people["manager"]
    customer = new_customer(sales)
    manager.get(f"/customers/{customer['id']}")
    manager.put(f"/customers/{customer['id']}", {**customer["customer"], "first_name": "Bea"}, 1)
    made = entries(world, customer["id"], "customer.create")[0]
    assert made["actor"] == sales.id
    assert made["address"] == "127.0.0.1"
    assert entries(world, customer["id"], "customer.change")[0]["detail"] == {"rev": 2}
    world.noted(world.north, "customer.read", customer["id"])
    assert entries(world, customer["id"], "customer.read")[0]["actor"] == manager.id


def test_searches_and_lists_are_reads_too(world: World) -> None:
    manager = world.north.people["manager"]
    first = new_customer(world.north.people["sales"], last_name="Readable")
    second = new_customer(world.north.people["sales"], last_name="Readable")
    manager.get("/customers?q=Readable")

    def noted() -> bool:
        found = world.north.people["auditor"].get("/audit?action=customer.search").json()["items"]
        return any({first["id"], second["id"]} <= set(one["detail"].get("ids", [])) for one in found)

    assert eventually(noted, NOTED_SECONDS)


def test_a_change_that_fails_leaves_no_entry(world: World) -> None:
    sales = world.north.people["sales"]
    customer = new_customer(sales)
    assert (
        sales.put(f"/customers/{customer['id']}", {**customer["customer"], "first_name": "Bea"}, 5).status_code == 412
    )
    # What changes a thing notes it in the same transaction.
    assert entries(world, customer["id"], "customer.change") == []


REFUSED = {
    "another group's deal": ("south", "/deals/{deal}"),
    "its revisions": ("south", "/deals/{deal}/revisions"),
    "its differences": ("south", "/deals/{deal}/differences"),
    "another group's customer": ("south", "/customers/{customer}"),
    "their revisions": ("south", "/customers/{customer}/revisions"),
    "another rooftop's deal": ("north", "/deals/{deal}"),
    "the revisions there": ("north", "/deals/{deal}/revisions"),
    "the differences there": ("north", "/deals/{deal}/differences"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_read_that_is_refused_leaves_no_entry(world: World, case: str) -> None:
    """Else the trail would say that somebody saw what they did not, by an id that is perhaps none of the group's."""
    whose, path = REFUSED[case]
    owner = world.south if whose == "south" else world.north
    reader, auditor = world.north.people["manager"], world.north.people["auditor"]
    deal, customer = new_deal(owner.admin, owner.rooftops[1])["id"], new_customer(owner.admin)["id"]
    mine = new_customer(world.north.people["sales"])["id"]
    assert reader.get(path.format(deal=deal, customer=customer)).status_code == 404
    # One connection, so one worker: a read that is allowed comes into the trail after it.
    reader.get(f"/customers/{mine}")
    world.noted(world.north, "customer.read", mine)
    found = [one for thing in (deal, customer) for one in auditor.get(f"/audit?object_id={thing}").json()["items"]]
    assert [one["action"] for one in found if one["actor"] == reader.id] == []


def test_the_exported_chain_can_be_verified_by_anybody(world: World) -> None:
    new_customer(world.north.people["sales"])
    lines = world.north.people["auditor"].get("/audit/export").text.splitlines()
    head = hashlib.sha256(world.north.id.encode()).digest()
    for number, line in enumerate(lines, 1):
        entry = json.loads(line)
        assert entry["n"] == number
        head = hashlib.sha256(head + entry["entry"].encode()).digest()
        assert head.hex() == entry["hash"]
    assert len(lines) > 10


def test_the_application_cannot_alter_the_trail(world: World) -> None:
    own = f"BEGIN; SET LOCAL app.tenant_id = '{world.north.id}';"
    for statement in ("UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit", "DELETE FROM revisions"):
        with pytest.raises(RuntimeError, match="permission denied"):
            world.sql(own + statement, role="autolytiq_app")


DAMAGE = {
    "entry 3: its text": "UPDATE audit SET entry = replace(entry, 'action', 'fiction') WHERE n = 3 AND {own}",
    "entry 4: its column actor": "UPDATE audit SET actor = gen_random_uuid() WHERE n = 4 AND {own}",
    "entry 5: this entry is missing": "DELETE FROM audit WHERE n = 5 AND {own}",
    "the chain ends here": "DELETE FROM audit WHERE {own} AND n = (SELECT max(n) FROM audit WHERE {own})",
    "head of the chain": "UPDATE tenant_clock SET audit_head = sha256('x') WHERE {own}",
}


def test_verify_audit_finds_every_kind_of_damage(world: World) -> None:
    group = world.group("audit")
    own = f"tenant_id = '{group.id}'"
    new_deal(group.admin, group.rooftops[0])
    assert "no chains broken" in world.cli("verify-audit")
    world.sql(f"CREATE TABLE kept AS SELECT * FROM audit WHERE {own}")
    world.sql(f"CREATE TABLE kept_clock AS SELECT * FROM tenant_clock WHERE {own}")
    mend = (
        f"DELETE FROM audit WHERE {own}; INSERT INTO audit SELECT * FROM kept;"
        "UPDATE tenant_clock c SET audit_head = k.audit_head FROM kept_clock k WHERE c.tenant_id = k.tenant_id"
    )
    try:
        for told, damage in DAMAGE.items():
            world.sql(damage.format(own=own))
            found = world.cli("verify-audit", code=1)
            world.sql(mend)
            assert f"{group.slug}: " in found
            assert told in found
    finally:
        world.sql("DROP TABLE kept; DROP TABLE kept_clock")


def test_the_export_of_a_group_is_complete(world: World) -> None:
    group = world.group("whole", ("sales",))
    sales = group.people["sales"]
    deal = new_deal(sales, group.rooftops[0])
    new_customer(sales, first_name="Zoë", last_name="O'Brien 🚗")
    group.admin.post("/invitations", {"email": "i@example.com", "name": "I", "role": "sales"})
    sales.get(f"/deals/{deal['id']}")
    world.noted(group, "deal.read", deal["id"])
    answer = group.admin.get("/tenant/export")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        rows.setdefault(line["table"], []).append(line["row"])
    tables = {
        row[0] for row in world.sql("SELECT table_name FROM information_schema.columns WHERE column_name = 'tenant_id'")
    }
    assert tables == set(EXPORTED) | KEPT_BACK
    for table in EXPORTED:
        there = int(world.sql(f"SELECT count(*) FROM {table} WHERE tenant_id = '{group.id}'")[0][0])
        assert len(rows.get(table, [])) == there, table
        assert {row["tenant_id"] for row in rows.get(table, [])} <= {group.id}
    assert [row["slug"] for row in rows["tenants"]] == [group.slug]
    assert {row["title"] for row in rows["documents"]} >= {"Zoë O'Brien 🚗"}
    for secret in ("password_hash", "totp_sealed", "token_hash", "argon2", "code_hash", sales.codes[0], sales.secret):
        assert secret not in answer.text
    assert world.north.id not in answer.text


def test_a_tenants_life_create_change_delete_and_purge(world: World) -> None:
    group = world.group("life")
    new_deal(group.admin, group.rooftops[0])
    export = group.admin.get("/tenant/export").text.splitlines()
    tables = {json.loads(line)["table"] for line in export}
    assert {"documents", "users", "rooftops", "audit"} <= tables
    assert "password_hash" not in "".join(export)
    got = world.platform.get(f"/tenants/{group.id}").json()
    renamed = world.platform.patch(f"/tenants/{group.id}", {"name": "Renamed"}, got["rev"])
    assert renamed.json()["name"] == "Renamed"
    assert world.platform.patch(f"/tenants/{group.id}", {"name": "Stale"}, got["rev"]).status_code == 412
    world.cli("admin", "purge", group.slug, code=1)
    assert world.platform.delete(f"/tenants/{group.id}").status_code == 204
    assert world.platform.post(f"/tenants/{group.id}/resume").status_code == 409
    assert "rows of" in world.cli("admin", "purge", group.slug)
    for table in ("documents", "users", "audit", "tenant_clock"):
        assert world.sql(f"SELECT count(*) FROM {table} WHERE tenant_id = '{group.id}'") == [["0"]]
    assert world.platform.get(f"/tenants/{group.id}").status_code == 404
    taken = {"slug": world.north.slug, "name": "N", "admin_email": "a@b.co", "admin_name": "A", "id": str(uuid.uuid4())}
    assert world.platform.post("/tenants", taken).status_code == 409


def test_what_an_operator_does_to_a_whole_group_takes_as_long_as_it_needs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time of a request is not that of a purge: a large group has millions of rows."""
    group = world.group("slow")
    assert world.platform.delete(f"/tenants/{group.id}").status_code == 204
    postgres = EmbeddedPostgres(world.server.folder / "data")
    urls = Urls(app=postgres.url(APP), owner=postgres.url(OWNER), dump=None, secret_key="", programs=None)
    monkeypatch.setattr(engine, "STATEMENT_MS", 300)
    monkeypatch.setattr(engine, "ANSWER_SECONDS", 0.5)
    held = f"BEGIN; SELECT FROM tenant_settings WHERE tenant_id = '{group.id}' FOR UPDATE; SELECT pg_sleep(1.5); COMMIT"
    with ThreadPoolExecutor(1) as beside:
        slow = beside.submit(world.sql, held)
        sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        assert eventually(lambda: world.sql(sleeping) == [["1"]], NOTED_SECONDS)
        assert "rows of" in admin.purge(urls, group.slug)
        slow.result()
    assert verify(urls)[1] == []
