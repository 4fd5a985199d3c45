"""The short road to the database: what it sends and reads, and what becomes of it when something fails on the way."""

import asyncio
import os
import signal
import ssl
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import text

from backend.audit.record import ReadLog
from backend.auth.principal import Principal
from backend.db import direct as module
from backend.db import engine, wire
from backend.db.direct import Direct
from backend.db.engine import Database
from backend.embedded import APP, EmbeddedPostgres
from backend.http.errors import HANDLERS
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


async def test_a_row_of_many_megabytes_is_read(direct: Direct, tenant: uuid.UUID) -> None:
    """As long as the longest body there may be, several times over, with others behind it."""
    sql = "SELECT n, repeat('é', 4000000) AS long FROM generate_series(1, 3) AS n"
    rows = await direct.fetch(tenant, sql, {})
    assert [(row.n, len(row.long), row.long[-1]) for row in rows] == [(n, 4_000_000, "é") for n in (1, 2, 3)]


async def test_values_are_read_alike_whatever_the_database_has_for_a_default(world: World, tenant: uuid.UUID) -> None:
    """An operator may like another way to write dates and bytes; what a connection asks for counts."""
    settings = {"DateStyle": "'German'", "bytea_output": "'escape'", "TimeZone": "'America/Denver'"}
    for name, value in {**settings, "extra_float_digits": "-3"}.items():
        world.sql(f"ALTER ROLE {APP} SET {name} = {value}")
    direct = Direct(EmbeddedPostgres(world.server.folder / "data").url(APP), pool=1)
    try:
        moment = datetime(2026, 11, 3, 1, 2, 3, 45, tzinfo=UTC)
        ask = (
            "SELECT CAST(:at AS timestamptz) AS at, CAST(:raw AS bytea) AS raw, CAST(:part AS double precision) AS part"
        )
        row = (await direct.fetch(tenant, ask, {"at": moment, "raw": b"\x00\xffa", "part": 0.1 + 0.2})).one()
        assert row == (moment, b"\x00\xffa", 0.1 + 0.2)
    finally:
        await direct.close()
        world.sql(f"ALTER ROLE {APP} RESET ALL")


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


@pytest.fixture(params=["sessions", "direct"])
async def database(world: World, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """A pool of one connection, of either road."""
    url = EmbeddedPostgres(world.server.folder / "data").url(APP)
    made: Any = Database(url, pool=1) if request.param == "sessions" else Direct(url, pool=1)
    yield made
    await made.close()


async def test_a_transaction_whose_table_changed_asks_to_try_again_and_the_next_one_runs(
    database: Any, world: World, tenant: uuid.UUID
) -> None:
    world.sql("CREATE TABLE widened (a integer); GRANT SELECT ON widened TO autolytiq_app")

    async def look() -> tuple[int, ...]:
        async with database.transaction(tenant) as work:
            return tuple((await work.execute(text("SELECT * FROM widened"))).one())

    try:
        world.sql("INSERT INTO widened VALUES (1)")
        for _ in range(3):
            assert await look() == (1,)
        world.sql("ALTER TABLE widened ADD b bigint DEFAULT 2")
        with pytest.raises(Exception, match="cached") as caught:
            await look()
        handler: Any = next(HANDLERS[kind] for kind in type(caught.value).__mro__ if kind in HANDLERS)
        answer = handler(None, caught.value)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert await look() == (1, 2)
    finally:
        world.sql("DROP TABLE widened")


async def test_a_server_that_is_frozen_is_given_up_and_its_place_filled(
    database: Any, tenant: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off or stopped, it says neither yes nor no, and no time-out of its own can end."""
    for place in (engine, wire):
        monkeypatch.setattr(place, "ANSWER_SECONDS", 3.0)
    ask = text("SELECT pg_backend_pid() AS pid")

    async def pid() -> int:
        async with database.transaction(tenant) as work:
            return int((await work.execute(ask)).one().pid)

    frozen = await pid()
    os.kill(frozen, signal.SIGSTOP)
    try:
        async with asyncio.timeout(15):
            with pytest.raises(TimeoutError):
                await pid()
            assert await pid() != frozen
    finally:
        os.kill(frozen, signal.SIGCONT)


async def test_a_connection_that_comes_back_after_the_end_is_ended_too(direct: Direct, tenant: uuid.UUID) -> None:
    held = await direct.take()
    await direct.close()
    direct.give(held)
    assert held.lost


async def test_a_connection_that_was_ended_is_not_handed_on(direct: Direct, world: World, tenant: uuid.UUID) -> None:
    pid = (await direct.fetch(tenant, "SELECT pg_backend_pid() AS pid", {})).one().pid
    # It answers when that connection's process has ended.
    assert world.sql(f"SELECT pg_terminate_backend({pid}, 30000)") == [["t"]]
    await asyncio.sleep(0.2)
    assert (await direct.fetch(tenant, "SELECT pg_backend_pid() AS pid", {})).one().pid != pid


async def test_a_value_that_cannot_be_sent_leaves_nothing_behind(world: World, tenant: uuid.UUID) -> None:
    """What was asked before it, a transaction of this tenant, must not go out with the next one's."""
    direct = Direct(EmbeddedPostgres(world.server.folder / "data").url(APP), pool=1)
    other = uuid.UUID(world.south.id)
    ask = "SELECT current_setting('app.tenant_id') AS tenant, CAST(:it AS text) AS it"
    for wrong in ({"it": object()}, {"it": [object()]}, {}):
        with pytest.raises((TypeError, KeyError)):
            async with direct.transaction(tenant) as work:
                await work.execute(ask, wrong)
        assert (await direct.fetch(other, ask, {"it": "a"})).one() == (str(other), "a")
        with pytest.raises((TypeError, KeyError)):
            async with direct.transaction(tenant) as work:
                assert (await work.execute(ask, {"it": "b"})).one() == (str(tenant), "b")
                await work.execute("SELECT 2 AS two, CAST(:it AS text) AS it", wrong)
        assert (await direct.fetch(other, ask, {"it": "c"})).one() == (str(other), "c")
        with pytest.raises((TypeError, KeyError)):
            await direct.fetch(tenant, ask, wrong)
        async with direct.transaction(other) as work:
            assert (await work.last(ask, {"it": "d"})).one() == (str(other), "d")
    await direct.close()


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_a_connection_that_ends_within_a_transaction_leaves_its_place(
    world: World, tenant: uuid.UUID, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """Whether PostgreSQL's last word has come already when the next statement is sent, or comes while it is awaited."""

    async def run() -> None:
        direct = Direct(EmbeddedPostgres(world.server.folder / "data").url(APP), pool=1)
        for wait in (0, 0.3, 0, 0.3):
            with pytest.raises((asyncpg.AdminShutdownError, ConnectionResetError)):
                async with direct.transaction(tenant) as work:
                    pid = (await work.execute("SELECT pg_backend_pid() AS pid")).one().pid
                    os.kill(pid, signal.SIGTERM)
                    await asyncio.sleep(wait)
                    await work.execute("SELECT pg_sleep(0.3)")
        assert (await direct.fetch(tenant, "SELECT 1 AS one", {})).one().one == 1
        await direct.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())


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


async def test_who_waits_is_served_before_who_comes_later(world: World) -> None:
    """Nobody takes a connection that was given to somebody else, however busy it is."""
    direct = Direct(EmbeddedPostgres(world.server.folder / "data").url(APP), pool=1)
    served: list[str] = []

    async def one(name: str) -> None:
        wire = await direct.take()
        served.append(name)
        await asyncio.sleep(0)
        direct.give(wire)

    held = await direct.take()
    waiting = [asyncio.create_task(one(f"waiting {number}")) for number in range(3)]
    await asyncio.sleep(0)
    direct.give(held)
    # It is nobody's turn yet but theirs.
    later = asyncio.create_task(one("later"))
    await asyncio.gather(*waiting, later)
    assert served == ["waiting 0", "waiting 1", "waiting 2", "later"]
    # A connection that is of no more use leaves its place to the next, not to who comes by.
    held = await direct.take()
    waiting = [asyncio.create_task(one(f"again {number}")) for number in range(2)]
    await asyncio.sleep(0)
    held.end()
    direct.give(held)
    await asyncio.gather(*waiting, asyncio.create_task(one("last")))
    assert served[4:] == ["again 0", "again 1", "last"]
    await direct.close()


async def test_who_waits_too_long_is_told_and_takes_nothing_along(
    world: World, tenant: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POOL_SECONDS", 0.05)
    direct = Direct(EmbeddedPostgres(world.server.folder / "data").url(APP), pool=1)
    held = await direct.take()
    with pytest.raises(TimeoutError):
        await direct.take()
    direct.give(held)
    assert (await direct.fetch(tenant, "SELECT 1 AS one", {})).one().one == 1
    held = await direct.take()
    waiting = asyncio.create_task(direct.take())
    await asyncio.sleep(0)
    await direct.close()
    with pytest.raises(ConnectionResetError):
        await waiting
    direct.give(held)
    assert held.lost


def own_certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    about = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    about = about.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
    certificate = about.serial_number(x509.random_serial_number())
    pem = certificate.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "both.pem").write_bytes(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


async def test_an_encrypted_connection_is_taken_over_too(world: World, tenant: uuid.UUID, tmp_path: Path) -> None:
    """The wheel's PostgreSQL has no TLS, so a relay in front of it answers the driver's SSLRequest."""
    context = own_certificate(tmp_path)
    socket = EmbeddedPostgres(world.server.folder / "data").sockets / ".s.PGSQL.5432"

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"S")
        await writer.start_tls(context)
        behind = await asyncio.open_unix_connection(str(socket))

        async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                target.write(data)
            target.close()

        await asyncio.gather(pump(reader, behind[1]), pump(behind[0], writer))

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        direct = Direct(f"postgresql://{APP}@127.0.0.1:{port}/autolytiq?sslmode=require", pool=1)
        rows = await direct.fetch(tenant, "SELECT n, repeat('x', 1000) AS x FROM generate_series(1, 200) AS n", {})
        assert [row.n for row in rows] == list(range(1, 201))
        await direct.close()


async def test_reads_of_a_purged_group_do_not_wait_for_ever(direct: Direct, tenant: uuid.UUID) -> None:
    def reader(group: uuid.UUID) -> Principal:
        return Principal(
            tenant_id=group,
            user_id=uuid.uuid4(),
            session_id=uuid.uuid4(),
            role="sales",
            rooftop_ids=frozenset(),
            address="",
            request_id="",
        )

    reads = ReadLog(direct)
    gone, seen = uuid.uuid4(), uuid.uuid4()
    reads.note(reader(gone), "deal", [uuid.uuid4()])
    reads.note(reader(tenant), "deal", [seen])
    await reads.flush()
    assert reads.waiting == 0
    trail = await direct.fetch(tenant, "SELECT action FROM audit WHERE object_id = :seen", {"seen": seen})
    assert [row.action for row in trail] == ["deal.read"]
