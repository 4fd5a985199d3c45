"""A request that is cut off at any moment leaves nothing to those that follow on its connection."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text

from backend.db.direct import Direct
from backend.db.engine import Database
from backend.embedded import APP, EmbeddedPostgres
from tests.api.relay import slow_network
from tests.api.world import Group, World

MARKED = text(
    "SELECT CAST(:mark AS text) AS mark, CAST(tenant_id AS text) AS tenant,"
    " current_setting('app.tenant_id') AS told, repeat('x', 500) AS long FROM rooftops"
)
NAME = text("UPDATE rooftops SET name = :name WHERE tenant_id = :tenant AND code = :code")
NAMES = text("SELECT DISTINCT name FROM rooftops WHERE tenant_id = :tenant")
TURNS = 2_000
MOST_TURNS = 1_000_000


@pytest.fixture(params=["sessions", "direct"])
async def database(world: World, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """Both roads, with one connection, whose answers come in pieces."""
    postgres = EmbeddedPostgres(world.server.folder / "data")
    async with slow_network(postgres.sockets / ".s.PGSQL.5432") as relay:
        url = f"postgresql://{APP}@127.0.0.1:{relay.port}/autolytiq?sslmode=disable"
        made: Any = Database(url, pool=1) if request.param == "sessions" else Direct(url, pool=1)
        yield made
        await made.close()


@pytest.fixture(scope="module")
def cut(world: World) -> Group:
    return world.group("cut")


async def marked(database: Any, group: Group) -> None:
    """A read that knows its own answer."""
    mark = uuid.uuid4().hex
    async with database.transaction(uuid.UUID(group.id)) as work:
        rows = (await work.execute(MARKED, {"mark": mark})).all()
    assert {(row.mark, row.tenant, row.told) for row in rows} == {(mark, group.id, group.id)}
    assert len(rows) == 2


async def renamed(database: Any, group: Group) -> None:
    """A write of two statements; on the short road the commit goes along with the second."""
    tenant = uuid.UUID(group.id)
    name = uuid.uuid4().hex
    async with database.transaction(tenant) as work:
        await work.execute(NAME, {"name": name, "tenant": tenant, "code": "ONE"})
        last = getattr(work, "last", work.execute)
        await last(NAME, {"name": name, "tenant": tenant, "code": "TWO"})


async def fetched(database: Any, group: Group) -> None:
    """A read in one message, where the road has that."""
    if isinstance(database, Direct):
        mark = uuid.uuid4().hex
        rows = await database.fetch(uuid.UUID(group.id), MARKED, {"mark": mark})
        assert {(row.mark, row.tenant, row.told) for row in rows} == {(mark, group.id, group.id)}
    else:
        await marked(database, group)


async def cut_after(turns: int, work: Awaitable[None]) -> bool:
    """Cancel after so many turns of the loop; tells whether it was done by then."""
    task = asyncio.ensure_future(work)
    for _ in range(turns):
        if task.done():
            break
        await asyncio.sleep(0)
    done = task.done()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return done


@pytest.mark.parametrize("work", [marked, renamed, fetched])
async def test_whatever_moment_a_request_is_cut_off(
    world: World, cut: Group, database: Any, work: Callable[[Any, Group], Awaitable[None]]
) -> None:
    """At every turn of the loop: while it waits for its place, connects, sends, or has half an answer."""
    finished = turns = 0
    while finished < 20 and turns < MOST_TURNS:
        finished = finished + 1 if await cut_after(turns, work(database, cut)) else 0
        # The one connection, or its successor, is there for the other group, and only for it.
        await marked(database, world.north)
        async with database.transaction(uuid.UUID(cut.id)) as session:
            names = (await session.execute(NAMES, {"tenant": uuid.UUID(cut.id)})).all()
        if work is renamed and turns:
            assert len(names) == 1 or {row.name for row in names} == {f"{cut.slug} ONE", f"{cut.slug} TWO"}
        # Where all that is left is to wait for a busy database, many turns are alike.
        turns += 1 if turns < TURNS else turns // 10
    assert finished == 20, "it was never cut off late enough"


async def test_many_at_once_are_cut_off(world: World, cut: Group, database: Any) -> None:
    """They wait for one connection, so that some are woken in the very moment that they give up."""
    for turns in range(0, 400, 7):
        async with asyncio.TaskGroup() as group:
            for at in range(6):
                work = (marked, renamed, fetched)[at % 3]
                group.create_task(cut_after(turns + at, work(database, cut)))
            group.create_task(marked(database, world.north))
            group.create_task(fetched(database, world.north))
