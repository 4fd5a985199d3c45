"""Two groups that share a server, a pool and a database never see each other's rows."""

import asyncio
import random
import re
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import text

from tests.api.samples import deal_body, new_customer, new_deal
from tests.api.world import Group, World

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def desk_log() -> str:
    """The deals of about today."""
    now, day = datetime.now(UTC), timedelta(days=1)
    return f"/desk-log?{httpx.QueryParams(since=(now - day).isoformat(), until=(now + day).isoformat())}"


def test_no_sequence_of_requests_shows_one_group_the_others_ids(world: World) -> None:
    """Random requests by both groups, some with ids of the other; every answer is searched for foreign ids.

    What a request leaves behind for later, above all the trail of reads, is searched when all of it has been written.
    """
    roles = ("manager", "sales", "auditor")
    groups = (world.group("prop", roles), world.group("prop", roles))
    # Each has one of everything from the start, so that the other has something to ask for.
    first = [
        (new_customer(group.people["sales"])["id"], new_deal(group.people["sales"], group.rooftops[0])["id"])
        for group in groups
    ]
    known: tuple[set[str], set[str]] = (set(), set())
    for group, ids, made in zip(groups, known, first, strict=True):
        ids |= {group.id, *group.rooftops, *(person.id for person in group.people.values()), *made}

    class Requests(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.customers = tuple([customer] for customer, _ in first)
            self.deals = tuple([deal] for _, deal in first)

        def ask(self, side: int, role: str, method: str, path: str, **kwargs: Any) -> httpx.Response:
            answer = groups[side].people[role].call(method, path, **kwargs)
            assert answer.status_code < 500, answer.text
            told = set(UUID.findall(answer.text)) | set(UUID.findall(str(answer.headers)))
            # An id that the request itself named may come back in a complaint about it.
            sent = set(UUID.findall(path + str(kwargs.get("json", ""))))
            assert not (told - sent) & known[1 - side]
            return answer

        def some(self, lists: tuple[list[str], ...], side: int, pick: int) -> str:
            chosen = [*lists[side], str(uuid.uuid4())]
            return chosen[pick % len(chosen)]

        @rule(side=st.integers(0, 1), name=st.sampled_from(["Ana", "O'Neil", "王"]))
        def add_customer(self, side: int, name: str) -> None:
            answer = self.ask(side, "sales", "POST", "/customers", json={"first_name": name})
            self.customers[side].append(answer.json()["id"])
            known[side].add(answer.json()["id"])

        @rule(side=st.integers(0, 1), whose=st.integers(0, 1), pick=st.integers(0, 9))
        def add_deal(self, side: int, whose: int, pick: int) -> None:
            party = [{"id": "b", "customer_id": self.some(self.customers, whose, pick)}]
            body = {"deal": deal_body(groups[side].rooftops[0], "sc", parties=party)}
            answer = self.ask(side, "sales", "POST", "/deals", json=body)
            if answer.status_code == 201:
                assert party[0]["customer_id"] in self.customers[side]
                self.deals[side].append(answer.json()["id"])
                known[side].add(answer.json()["id"])

        @rule(
            side=st.integers(0, 1),
            whose=st.integers(0, 1),
            role=st.sampled_from(["tenant_admin", "manager", "sales", "auditor"]),
            what=st.sampled_from(["", "/revisions", "/differences"]),
            pick=st.integers(0, 9),
        )
        def read_deal(self, side: int, whose: int, role: str, what: str, pick: int) -> None:
            deal = self.some(self.deals, whose, pick)
            answer = self.ask(side, role, "GET", f"/deals/{deal}{what}")
            assert (answer.status_code == 200) == (deal in self.deals[side])

        @rule(
            side=st.integers(0, 1),
            whose=st.integers(0, 1),
            what=st.sampled_from(["", "/revisions"]),
            pick=st.integers(0, 9),
        )
        def read_customer(self, side: int, whose: int, what: str, pick: int) -> None:
            customer = self.some(self.customers, whose, pick)
            answer = self.ask(side, "sales", "GET", f"/customers/{customer}{what}")
            assert (answer.status_code == 200) == (customer in self.customers[side])

        @rule(
            side=st.integers(0, 1),
            whose=st.integers(0, 1),
            how=st.sampled_from(["PUT ", "POST /status", "POST /pencils", "DELETE "]),
            pick=st.integers(0, 9),
        )
        def write_deal(self, side: int, whose: int, how: str, pick: int) -> None:
            deal = self.some(self.deals, whose, pick)
            method, what = how.split(" ")
            bodies = {"PUT ": {"deal": deal_body(groups[side].rooftops[0], "sc")}, "POST /status": {"status": "lost"}}
            more: dict[str, Any] = {} if method == "DELETE" else {"json": bodies.get(how, {})}
            # No deal of the group itself is at this revision: only its own gets as far as being told so.
            more["headers"] = {"if-match": '"99"'}
            answer = self.ask(side, "manager", method, f"/deals/{deal}{what}", **more)
            assert answer.status_code == (412 if deal in self.deals[side] else 404)

        @rule(side=st.integers(0, 1), whose=st.integers(0, 1), pick=st.integers(0, 9))
        def write_customer(self, side: int, whose: int, pick: int) -> None:
            customer = self.some(self.customers, whose, pick)
            path = f"/customers/{customer}"
            answer = self.ask(side, "manager", "PUT", path, json={"last_name": "New"}, headers={"if-match": '"1"'})
            assert answer.status_code in ((200, 412) if customer in self.customers[side] else (404,))

        @rule(side=st.integers(0, 1), pick=st.integers(0, 9), other=st.integers(0, 9))
        def merge_across(self, side: int, pick: int, other: int) -> None:
            path = f"/customers/{self.some(self.customers, side, pick)}/merge"
            body = {"other_id": self.some(self.customers, 1 - side, other), "other_rev": 1}
            answer = self.ask(side, "manager", "POST", path, json=body, headers={"if-match": '"1"'})
            assert answer.status_code == 404

        @rule(
            side=st.integers(0, 1),
            path=st.sampled_from(
                [
                    *("/customers", "/customers?q=ana", "/customers/duplicates", "/customers/export", "/deals"),
                    *("/users", "/rooftops", "/settings", "/audit", "/tenant/export", "/invitations", "/auth/me"),
                    *("/audit/export", desk_log(), "/auth/sessions", "/auth/devices"),
                ]
            ),
        )
        def look_around(self, side: int, path: str) -> None:
            assert self.ask(side, "tenant_admin", "GET", path).status_code == 200

    run_state_machine_as_test(
        Requests,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    looking = Requests()
    for side, group in enumerate(groups):
        wait_for_the_trail(group)
        for path in ("/tenant/export", "/audit/export", "/audit?limit=200", "/deals?limit=200", "/customers?limit=200"):
            assert looking.ask(side, "tenant_admin", "GET", path).status_code == 200


def wait_for_the_trail(group: Group) -> None:
    """Each worker writes its reads once a second, when the machine is not busy: until nothing more comes."""
    last = -1
    until = time.monotonic() + 60
    while time.monotonic() < until:
        count = int(group.admin.get("/audit?limit=1").json()["items"][0]["n"])
        if count == last:
            return
        last = count
        time.sleep(2.5)
    raise AssertionError("the trail of reads does not come to rest")


@pytest.fixture(params=["sessions", "direct"])
async def database(world: World, request: pytest.FixtureRequest) -> Any:
    """A pool of one connection to the tests' database, for both roads: every transaction gets the same backend."""
    from backend.db.direct import Direct
    from backend.db.engine import Database
    from backend.embedded import APP, EmbeddedPostgres

    url = EmbeddedPostgres(world.server.folder / "data").url(APP)
    made: Any = Database(url, pool=1) if request.param == "sessions" else Direct(url, pool=1)
    yield made
    await made.close()


ASK = text("SELECT pg_backend_pid() AS pid, current_setting('app.tenant_id', true) AS tenant, count(*) AS n FROM users")


async def alone(database: Any) -> tuple[int, str, int]:
    """What a transaction without a tenant finds on the pooled connection."""
    async with database.transaction(None) as session:
        row = (await session.execute(ASK)).one()
    return row.pid, row.tenant or "", row.n


async def test_a_pooled_connection_carries_no_tenant_over(world: World, database: Any) -> None:
    tenant = uuid.UUID(world.north.id)
    async with database.transaction(tenant) as session:
        first = (await session.execute(ASK)).one()
    assert first.n > 0
    assert await alone(database) == (first.pid, "", 0)


async def test_nor_after_an_error(world: World, database: Any) -> None:
    pid, _, _ = await alone(database)
    with pytest.raises(Exception, match="division by zero"):
        async with database.transaction(uuid.UUID(world.north.id)) as session:
            await session.execute(text("SELECT 1 / 0"))
    assert await alone(database) == (pid, "", 0)


async def test_nor_after_a_time_out(world: World, database: Any) -> None:
    with pytest.raises(Exception, match="statement timeout"):
        async with database.transaction(uuid.UUID(world.north.id)) as session:
            await session.execute(text("SET LOCAL statement_timeout = '50ms'"))
            await session.execute(text("SELECT pg_sleep(5)"))
    _, tenant, count = await alone(database)
    assert (tenant, count) == ("", 0)


async def test_nor_after_a_cancelled_request(world: World, database: Any) -> None:
    async def sleeping() -> None:
        async with database.transaction(uuid.UUID(world.north.id)) as session:
            await session.execute(text("SELECT pg_sleep(30)"))

    task = asyncio.create_task(sleeping())
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    _, tenant, count = await alone(database)
    assert (tenant, count) == ("", 0)


async def test_nor_to_the_next_tenant(world: World, database: Any) -> None:
    for group in (world.north, world.south, world.north):
        async with database.transaction(uuid.UUID(group.id)) as session:
            rows = (await session.execute(text("SELECT DISTINCT tenant_id FROM users"))).all()
        assert [row.tenant_id for row in rows] == [uuid.UUID(group.id)]


async def test_requests_given_up_half_way_leave_nothing_behind(world: World) -> None:
    """Many requests of one group are cut off, on each road; the other group's answers stay its own."""
    cut, whole = world.north, world.south
    deals = {group.id: new_deal(group.admin, group.rooftops[0])["id"] for group in (cut, whole)}
    dice = random.Random(11)

    async def give_up() -> None:
        headers = {"authorization": f"Bearer {cut.admin.token}", "if-match": '"1"'}
        bodies = {"PUT": {"deal": deal_body(cut.rooftops[0])}}
        async with httpx.AsyncClient(base_url=world.server.url) as client:
            for _ in range(40):
                method, path = dice.choice(
                    [("GET", ""), ("GET", "?limit=200"), ("PUT", ""), ("GET", "/revisions"), ("GET", "/differences")]
                )
                where = f"/api/v1/deals{path}" if path[:1] == "?" else f"/api/v1/deals/{deals[cut.id]}{path}"
                with suppress(httpx.HTTPError):
                    await client.request(
                        method, where, json=bodies.get(method), headers=headers, timeout=dice.uniform(0.001, 0.03)
                    )

    async def stay() -> None:
        headers = {"authorization": f"Bearer {whole.admin.token}"}
        async with httpx.AsyncClient(base_url=world.server.url, timeout=30) as client:
            for _ in range(40):
                users = (await client.get("/api/v1/users", headers=headers)).json()["items"]
                assert {user["email"].partition("@")[2] for user in users} == {"south.example.com"}
                deal = (await client.get(f"/api/v1/deals/{deals[whole.id]}", headers=headers)).json()
                assert (deal["id"], deal["rooftop_id"]) == (deals[whole.id], whole.rooftops[0])
                listed = (await client.get("/api/v1/deals?limit=200", headers=headers)).json()["items"]
                assert {one["rooftop_id"] for one in listed} <= set(whole.rooftops)
                assert deals[whole.id] in {one["id"] for one in listed}

    await asyncio.gather(*(give_up() for _ in range(6)), *(stay() for _ in range(2)))


def test_a_tenant_is_a_parsed_uuid_and_never_text() -> None:
    from backend.db.engine import tenant_statement

    with pytest.raises(AttributeError):
        tenant_statement("' OR true --")  # type: ignore[arg-type]
