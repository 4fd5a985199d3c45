"""The short road to the database: what it sends and reads, and what becomes of it when something fails on the way."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from backend.db.direct import Direct
from backend.embedded import APP, EmbeddedPostgres
from tests.api.world import World

TEXTS = ["O'Neil", 'a "quoted" \\ word', "王", "", "{1,2}", "NULL", "a,b", "tab\there"]


@pytest.fixture
async def direct(world: World) -> AsyncIterator[Direct]:
    made = Direct(EmbeddedPostgres(world.server.folder / "data").url(APP), pool=2)
    yield made
    await made.close()


@pytest.fixture
def tenant(world: World) -> uuid.UUID:
    return uuid.UUID(world.north.id)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uuid", uuid.UUID("01a21400-0000-7000-8000-000000000001")),
        ("uuid[]", [uuid.UUID("01a21400-0000-7000-8000-000000000001")]),
        ("uuid[]", []),
        ("bigint", -(2**62)),
        ("integer", 7),
        ("boolean", False),
        ("double precision", 0.1),
        ("timestamptz", datetime(2026, 11, 25, 1, 2, 3, 45, tzinfo=UTC)),
        ("bytea", bytes(range(256))),
        *(("text", text) for text in TEXTS),
        ("text", None),
        ("uuid", None),
    ],
)
async def test_a_value_comes_back_as_it_was_sent(direct: Direct, tenant: uuid.UUID, kind: str, value: Any) -> None:
    for _ in range(2):
        row = (await direct.fetch(tenant, f"SELECT CAST(:it AS {kind}) AS it", {"it": value})).one()
        assert row.it == value
        assert type(row.it) is type(value)


async def test_texts_in_a_list_stay_apart_and_as_they_are(direct: Direct, tenant: uuid.UUID) -> None:
    rows = await direct.fetch(tenant, "SELECT it FROM unnest(CAST(:all AS text[])) AS it", {"all": [*TEXTS, None]})
    assert [row.it for row in rows] == [*TEXTS, None]


async def test_a_type_that_nobody_reads_is_refused_and_the_next_question_answered(
    direct: Direct, tenant: uuid.UUID
) -> None:
    with pytest.raises(TypeError, match="column span"):
        await direct.fetch(tenant, "SELECT interval '1 day' AS span", {})
    assert (await direct.fetch(tenant, "SELECT 1 AS one", {})).one().one == 1


async def test_an_answer_in_many_pieces_is_put_together(direct: Direct, tenant: uuid.UUID) -> None:
    sql = "SELECT n, repeat(CAST(n AS text), 30000) AS long FROM generate_series(1, 60) AS n"
    rows = await direct.fetch(tenant, sql, {})
    assert [(row.n, row.long) for row in rows] == [(n, str(n) * 30000) for n in range(1, 61)]


async def test_reads_cannot_write(direct: Direct, tenant: uuid.UUID) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await direct.fetch(tenant, "UPDATE rooftops SET name = name", {})


async def test_a_refused_transaction_is_rolled_back_and_says_so(direct: Direct, tenant: uuid.UUID) -> None:
    rename = "UPDATE rooftops SET name = :name WHERE tenant_id = :tenant"
    names = "SELECT DISTINCT name FROM rooftops ORDER BY name"
    before = await direct.fetch(tenant, names, {})
    with pytest.raises(ValueError, match="thought better"):
        async with direct.transaction(tenant) as work:
            await work.execute(rename, {"name": "Lost", "tenant": tenant})
            raise ValueError("thought better of it")
    with pytest.raises(RuntimeError, match="cannot be committed"):
        async with direct.transaction(tenant) as work:
            await work.execute(rename, {"name": "Lost", "tenant": tenant})
            with pytest.raises(asyncpg.DivisionByZeroError):
                await work.execute("SELECT 1 / 0 AS x")
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with direct.transaction(tenant) as work:
            await work.execute(rename, {"name": "Lost", "tenant": tenant})
            await work.last("SELECT 1 / 0 AS x")
    assert await direct.fetch(tenant, names, {}) == before


async def test_nothing_follows_the_last_statement(direct: Direct, tenant: uuid.UUID) -> None:
    with pytest.raises(RuntimeError, match="nothing follows"):
        async with direct.transaction(tenant) as work:
            assert (await work.last("SELECT 1 AS one")).one().one == 1
            await work.execute("SELECT 2 AS two")


async def test_a_statement_that_outlived_its_table_is_prepared_anew(
    direct: Direct, world: World, tenant: uuid.UUID
) -> None:
    world.sql("CREATE TABLE grown (a integer); GRANT SELECT ON grown TO autolytiq_app")
    try:
        await asyncio.gather(*(direct.fetch(tenant, "SELECT * FROM grown", {}) for _ in range(4)))
        world.sql("ALTER TABLE grown ADD b integer; INSERT INTO grown VALUES (1, 2)")
        assert (await direct.fetch(tenant, "SELECT * FROM grown", {})).one() == (1, 2)
    finally:
        world.sql("DROP TABLE grown")


async def test_a_connection_that_was_ended_is_not_handed_on(direct: Direct, world: World, tenant: uuid.UUID) -> None:
    pid = (await direct.fetch(tenant, "SELECT pg_backend_pid() AS pid", {})).one().pid
    world.sql(f"SELECT pg_terminate_backend({pid})")
    await asyncio.sleep(0.2)
    assert (await direct.fetch(tenant, "SELECT pg_backend_pid() AS pid", {})).one().pid != pid


async def test_more_askers_than_connections_wait_their_turn(direct: Direct, tenant: uuid.UUID) -> None:
    """Also when some of them give up while they wait or while they are served."""
    asked = [
        asyncio.create_task(direct.fetch(tenant, "SELECT pg_backend_pid() AS pid FROM pg_sleep(0.02)", {}))
        for _ in range(40)
    ]
    await asyncio.sleep(0.05)
    for task in asked[::3]:
        task.cancel()
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in done[6::3])
    left = [one for at, one in enumerate(done) if at % 3]
    assert not [one for one in left if isinstance(one, BaseException)]
    # Nothing is lost: two can still be held at once, and no more.
    first, second = await direct.take(), await direct.take()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await direct.take()
    direct.give(first)
    direct.give(second)
