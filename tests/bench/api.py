"""The API under load, beside pgbench running the same transactions on the same database in the same run.

The statements that pgbench runs are the application's own: its functions are called with a transaction that only
writes down what it is asked. pgbench sends them one by one, as `-M simple` does; `joined` is the same transaction in
one message, for comparison.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import tempfile
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from backend.audit.record import Who, event
from backend.auth.principal import Principal
from backend.customers import service as customers
from backend.customers.schemas import CustomerBody
from backend.db.clock import finish
from backend.db.engine import tenant_statement
from backend.deals import service as deals_service
from backend.documents import service as documents
from backend.documents.service import Draft
from backend.embedded import APP, DATABASE, EmbeddedPostgres
from backend.http.problems import Problem
from backend.rooftops.routes import read_all
from backend.tenant_settings.routes import read as read_settings
from tests.api.samples import deal_body, new_customer, new_deal
from tests.api.server import Server
from tests.api.world import Group, Person, World
from tests.bench import search

LUA = Path(__file__).with_name("api_load.lua")
CONNECTIONS = 16
DEALS = 200
CUSTOMERS = 200
GROUPS = 4
"""Dealer groups that write at once: within one, commits follow each other, and each waits for the disk."""
SECONDS = 5
WARM_SECONDS = 1
QUIET_RPS = 500
"""Requests a second at which the answer times are read."""
QUIET_PAUSE_MS = CONNECTIONS * 1000 / QUIET_RPS - 3
OTHERS = (
    *("get_customer", "get_settings", "list_rooftops", "list_deals", "list_customers", "search_customers"),
    "post_customer",
)
LIMITS = {f"RATE_LIMIT_{name}": "10000000" for name in ("USER", "TENANT", "ADDRESS")}


def wrk(
    url: str, mode: str, targets: Path, *, connections: int, threads: int, pause_ms: float = 0, seconds: int = SECONDS
) -> dict[str, float]:
    """One run of wrk; its figures."""
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "-s", str(LUA), url, "--"]
    done = subprocess.run([*command, mode, str(pause_ms), str(targets)], capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    if figures["wrong"]:
        print(f"   {mode}: {figures['wrong']:.0f} answers were not 200", flush=True)
    return figures


def literal(value: Any) -> str:
    """A value as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, list):
        return "'{" + ",".join('"' + str(item).replace("'", "''") + '"' for item in value) + "}'"
    return "'" + str(value).replace("'", "''") + "'"


def filled(statement: str, values: dict[str, Any]) -> str:
    """A statement of the application with values for its parameters, on one line, for pgbench.

    A colon before a letter would be a variable to pgbench; the only ones left are inside the values.
    """
    flat = " ".join(statement.split())
    return re.sub(r"(?<!:):([a-z_]+)", lambda match: literal(values[match[1]]), flat)


class Recorder:
    """A transaction that writes down what it is asked, and answers with one row of ones."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    async def execute(self, statement: Any, values: dict[str, Any]) -> Recorder:
        self.statements.append(filled(statement if isinstance(statement, str) else statement.text, values))
        return self

    def all(self) -> list[Any]:
        return []

    def one_or_none(self) -> Any:
        return self

    def scalar_one(self) -> int:
        return 1

    def __iter__(self) -> Any:
        return iter(())

    def __getattr__(self, name: str) -> Any:
        return 1


def asked(work: Callable[[Any], Awaitable[Any]]) -> list[str]:
    """The statements of a function that takes a transaction; what it makes of a row of ones does not matter."""
    recorder = Recorder()

    async def run() -> None:
        with suppress(Problem, TypeError, AttributeError):
            await work(recorder)

    asyncio.run(run())
    return recorder.statements


class Pgbench:
    """The same transactions without the application: what the database alone can do."""

    def __init__(self, server: Server) -> None:
        self.postgres = EmbeddedPostgres(server.folder / "data")

    def run(self, scripts: list[str]) -> float:
        """Transactions a second; each client takes one of the scripts at random each time."""
        with tempfile.TemporaryDirectory() as folder:
            files: list[str] = []
            for number, script in enumerate(scripts):
                path = Path(folder) / f"{number}.sql"
                path.write_text(script)
                files += ["-f", str(path)]
            command = [self.postgres.program("pgbench"), "-n", "-M", "simple", "-c", str(CONNECTIONS), "-j", "2"]
            where = ["-h", str(self.postgres.sockets), "-U", APP, "-T", str(SECONDS), *files, DATABASE]
            done = subprocess.run([*command, *where], capture_output=True, text=True, check=False)
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        if done.returncode != 0 or found is None:
            raise RuntimeError(f"pgbench: {done.stderr[-1500:]}")
        return float(found[1])


def transaction(tenant: uuid.UUID, statements: list[str], *, joined: bool = False) -> str:
    """A script of one transaction of a tenant, begun as the application begins it."""
    reads = len(statements) == 1 and "UPDATE" not in statements[0]
    lines = ["BEGIN READ ONLY" if reads else "BEGIN", tenant_statement(tenant), *statements, "COMMIT"]
    return (" \\; " if joined else ";\n").join(lines) + ";\n"


def by_client(scripts: list[str]) -> str:
    """One script in which each client has a part of its own, as each connection of wrk has a deal of its own."""
    lines: list[str] = []
    for number, script in enumerate(scripts):
        lines += ["\\if :client_id = 0" if number == 0 else f"\\elif :client_id = {number}", script]
    return "\n".join([*lines, "\\endif", ""])


def get_deal(principal: Principal, deal: str) -> list[str]:
    """The statements of a read."""
    return asked(lambda work: deals_service.find(work, principal, uuid.UUID(deal)))


def put_deal(principal: Principal, deal: str, row: dict[str, Any]) -> list[str]:
    """The statements of a write. The revision is taken as it is: pgbench cannot carry it from one to the next."""
    one = uuid.UUID(deal)
    draft = Draft(**{**row, "id": one, "body": row["body"].encode()})

    async def work(recorder: Any) -> None:
        await deals_service.find(recorder, principal, one, lock=True)
        detail = deals_service.detail_of(draft, {})
        await documents.change(recorder, principal, draft, 1, "change", detail, deals_service.CHANGED)

    find, change = asked(work)
    return [find, change.replace("AND rev = 1 ", "AND rev = rev ")]


def post_customer(principal: Principal) -> list[str]:
    """The statements of a new customer, each time with another id."""
    made = uuid.UUID("01a21400-0000-7000-8000-000000000000")
    body = CustomerBody(first_name="Ana", last_name="Quiroga")

    async def work(recorder: Any) -> None:
        await documents.insert(recorder, principal, customers.draft(made, body))
        with suppress(TypeError):
            await customers.find(recorder, principal, made)
        done = event(Who.of(principal), "customer.create", "customer", made)
        await finish(recorder, principal.tenant_id, done, document=True)

    statements = [one.replace("8000-000000000000", "8000-:fresh") for one in asked(work)]
    return ["\\set fresh random(100000000000, 999999999999)", *statements]


def principal_of(person: Person) -> Principal:
    """Who this person is to the server."""
    return Principal(
        user_id=uuid.UUID(person.id),
        tenant_id=uuid.UUID(person.tenant_id),
        session_id=uuid.UUID(person.session_id),
        role="tenant_admin",
        rooftop_ids=frozenset(),
        address="127.0.0.1",
        request_id="bench",
    )


def worker_memory(server: Server) -> dict[str, float]:
    """Memory of the largest worker in MB: all that it has mapped, and its share of it (pages that N have count 1/N)."""
    assert server.process
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    sizes: list[tuple[int, int]] = []
    for child in children:
        if b"python" in Path(f"/proc/{child}/cmdline").read_bytes():
            rollup = Path(f"/proc/{child}/smaps_rollup").read_text()
            found = {name: int(size) for name, size in re.findall(r"^(\w+):\s+(\d+) kB", rollup, re.MULTILINE)}
            sizes.append((found["Rss"], found["Pss"]))
    rss, pss = max(sizes)
    return {"worker_rss_mb": rss / 1024, "worker_pss_mb": pss / 1024}


def measure(dist: Path) -> dict[str, float]:
    """All figures of the API."""
    server = Server({**LIMITS, "WORKERS": "2", "AUTOLYTIQ_DIST": str(dist)}).start()
    try:
        world = World(server, small=True)
        load = Load(world, server)
        return {
            **load.get_and_put(),
            **load.others(),
            **load.many_groups(),
            **worker_memory(server),
            **search.measure(world),
        }
    finally:
        server.close()


class Target(NamedTuple):
    """What wrk asks for."""

    who: Person
    path: str
    body: Any = None


class Load:
    """The measurements, on one server with deals and customers."""

    def __init__(self, world: World, server: Server) -> None:
        self.world = world
        self.server = server
        self.bench = Pgbench(server)
        self.admin, self.rooftop = world.north.admin, world.north.rooftops[0]
        self.principal = principal_of(self.admin)
        self.deals = [new_deal(self.admin, self.rooftop)["id"] for _ in range(DEALS)]
        self.customers = [new_customer(self.admin, last_name=f"Quiroga{n:03}")["id"] for n in range(CUSTOMERS)]

    def wrk(self, mode: str, targets: list[Target], **more: Any) -> dict[str, float]:
        """One run of wrk over these targets."""
        file = self.server.folder / "targets"
        file.write_text("".join(f"{one.who.token} /api/v1{one.path}\n{json.dumps(one.body)}\n" for one in targets))
        return wrk(self.server.url, mode, file, **{"connections": CONNECTIONS, "threads": 1, **more})

    def get_and_put(self) -> dict[str, float]:
        """The two routes that carry the load."""
        body = {"deal": deal_body(self.rooftop)}
        targets = [Target(self.admin, f"/deals/{deal}", body) for deal in self.deals]
        self.wrk("get", targets, seconds=WARM_SECONDS)
        quiet = self.wrk("get", targets, pause_ms=QUIET_PAUSE_MS)
        get = self.wrk("get", targets)
        scripts = [get_deal(self.principal, deal) for deal in self.deals[:64]]
        get_alone = self.bench.run([transaction(self.principal.tenant_id, one) for one in scripts])
        joined = self.bench.run([transaction(self.principal.tenant_id, one, joined=True) for one in scripts])
        put = self.wrk("put", targets[:CONNECTIONS], threads=CONNECTIONS)
        rows = [(deal, _row(self.world, deal)) for deal in self.deals[:CONNECTIONS]]
        puts = [transaction(self.principal.tenant_id, put_deal(self.principal, deal, row)) for deal, row in rows]
        put_alone = self.bench.run([by_client(puts)])
        return {
            "api_get_rps": get["rps"],
            "api_put_rps": put["rps"],
            "api_quiet_rps": quiet["rps"],
            "api_get_p50_ms": quiet["p50"],
            "api_get_p95_ms": quiet["p95"],
            "api_get_p99_ms": quiet["p99"],
            "api_put_p95_ms": put["p95"],
            "api_pgbench_get_tps": get_alone,
            "api_pgbench_get_joined_tps": joined,
            "api_pgbench_put_tps": put_alone,
            "api_pgbench_get_ratio": get["rps"] / get_alone,
            "api_pgbench_put_ratio": put["rps"] / put_alone,
            "api_pgbench_ratio": min(get["rps"] / get_alone, put["rps"] / put_alone),
        }

    def others(self) -> dict[str, float]:
        """A choice of the other routes, reads and a write, each beside its own statements."""
        me, tenant = self.principal, self.principal.tenant_id
        every = deals_service.Wanted()
        one = uuid.UUID(self.customers[0])
        reads: dict[str, tuple[list[str], list[str]]] = {
            "get_customer": (
                [f"/customers/{customer}" for customer in self.customers],
                asked(lambda work: customers.find(work, me, one)),
            ),
            "get_settings": (["/settings"], asked(lambda work: read_settings(work, tenant))),
            "list_rooftops": (["/rooftops"], asked(lambda work: read_all(work, tenant))),
            "list_deals": (
                ["/deals"],
                asked(lambda work: deals_service.listed(work, me, every, "-created", None, 51)),
            ),
            "list_customers": (["/customers"], asked(lambda work: customers.listed(work, me, None, True, 51))),
            "search_customers": (
                [f"/customers?q=quiroga{n:03}" for n in range(0, CUSTOMERS, 10)],
                asked(lambda work: customers.found(work, me, "quiroga010", 50)),
            ),
        }
        figures: dict[str, float] = {}
        for name, (paths, statements) in reads.items():
            targets = [Target(self.admin, path) for path in paths]
            self.wrk("get", targets, seconds=WARM_SECONDS)
            figures |= self._beside(name, self.wrk("get", targets)["rps"], statements)
        customer = {"first_name": "Ana", "last_name": "Quiroga"}
        post = self.wrk("post", [Target(self.admin, "/customers", customer)])
        figures |= self._beside("post_customer", post["rps"], post_customer(me))
        figures["api_version_rps"] = self.wrk("get", [Target(self.admin, "/version")])["rps"]
        figures["api_other_ratio_min"] = min(value for name, value in figures.items() if name.endswith("_ratio"))
        return figures

    def _beside(self, name: str, rps: float, statements: list[str]) -> dict[str, float]:
        before = [one for one in statements if one.startswith("\\")]
        script = transaction(self.principal.tenant_id, [one for one in statements if one not in before])
        alone = self.bench.run(["\n".join([*before, script])])
        return {f"api_{name}_rps": rps, f"api_pgbench_{name}_tps": alone, f"api_{name}_ratio": rps / alone}

    def many_groups(self) -> dict[str, float]:
        """Writes of several dealer groups at once."""
        groups = [Group(self.world, f"load-{n}", ()) for n in range(GROUPS)]
        targets: list[Target] = []
        puts: list[str] = []
        for number in range(CONNECTIONS):
            group = groups[number % GROUPS]
            who, rooftop = principal_of(group.admin), group.rooftops[0]
            deal = new_deal(group.admin, rooftop)["id"]
            targets.append(Target(group.admin, f"/deals/{deal}", {"deal": deal_body(rooftop)}))
            puts.append(transaction(who.tenant_id, put_deal(who, deal, _row(self.world, deal))))
        put = self.wrk("put", targets, threads=CONNECTIONS)
        alone = self.bench.run([by_client(puts)])
        return {
            "api_put_groups_rps": put["rps"],
            "api_pgbench_put_groups_tps": alone,
            "api_put_groups_ratio": put["rps"] / alone,
        }


def _row(world: World, deal: str) -> dict[str, Any]:
    """The columns of a stored deal, as an update writes them."""
    columns = "kind, schema_version, deleted, body, title, status, rooftop_id, owner_id, assigned_ids, customer_id"
    columns += ", total, differs"
    (found,) = world.sql(f"SELECT to_jsonb(d) FROM (SELECT {columns} FROM documents WHERE id = '{deal}') AS d")
    row: dict[str, Any] = json.loads(found[0])
    row["body"] = json.dumps(row["body"])
    return row
