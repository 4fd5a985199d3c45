"""The API under load, beside pgbench running the same transactions on the same database in the same run.

The statements that pgbench runs are the application's own, taken from it, with the values of one deal put in.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import Any

from backend.audit.record import Who, event
from backend.auth.principal import Principal
from backend.db.clock import ONE_DOCUMENT
from backend.db.engine import tenant_statement
from backend.deals.service import HEAD
from backend.documents.service import UPDATE
from backend.embedded import APP, DATABASE, EmbeddedPostgres
from tests.api.samples import deal_body, new_deal
from tests.api.server import Server
from tests.api.world import Person, World
from tests.bench import search

LUA = Path(__file__).with_name("api_load.lua")
CONNECTIONS = 16
DEALS = 200
SECONDS = 5
QUIET_RPS = 500
"""Requests a second at which the answer times are read."""
LIMITS = {f"RATE_LIMIT_{name}": "10000000" for name in ("USER", "TENANT", "ADDRESS")}


def wrk(url: str, mode: str, targets: Path, *, connections: int, threads: int, pause_ms: int = 0) -> dict[str, float]:
    """One run of wrk; its figures."""
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{SECONDS}s", "-s", str(LUA), url, "--"]
    done = subprocess.run([*command, mode, str(pause_ms), str(targets)], capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    if figures["wrong"]:
        print(f"   {mode}: {figures['wrong']:.0f} answers were not 200", flush=True)
    return figures


def literal(value: Any) -> str:
    """A value as SQL."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, list):
        return "'{" + ",".join(map(str, value)) + "}'"
    return "'" + str(value).replace("'", "''") + "'"


def filled(statement: str, values: dict[str, Any]) -> str:
    """A statement of the application with values for its parameters, on one line, for pgbench.

    A colon before a letter would be a variable to pgbench; the only ones left are inside the values.
    """
    flat = " ".join(statement.split())
    return re.sub(r"(?<!:):([a-z_]+)", lambda match: literal(values[match[1]]), flat)


class Pgbench:
    """The same transactions without the application: what the database alone can do."""

    def __init__(self, server: Server, principal: Principal) -> None:
        self.postgres = EmbeddedPostgres(server.folder / "data")
        self.principal = principal

    def run(self, scripts: list[str]) -> float:
        """Transactions a second."""
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

    def _find(self, deal: str, more: str = "") -> str:
        tenant = literal(self.principal.tenant_id)
        return (
            f"SELECT {HEAD}, CAST(body AS text) AS body FROM documents WHERE tenant_id = {tenant} AND id = '{deal}'"
            f" AND kind = 'deal' AND NOT deleted AND true{more};"
        )

    def _transaction(self, *statements: str) -> str:
        return "\n".join(["BEGIN;", f"{tenant_statement(self.principal.tenant_id)};", *statements, "COMMIT;", ""])

    def get_deal(self, deal: str) -> str:
        """The transaction of a read."""
        return self._transaction(self._find(deal))

    def put_deal(self, deal: str, row: dict[str, Any]) -> str:
        """The transaction of a write. The revision is taken as it is: many clients write one deal here."""
        principal = self.principal
        done = event(Who.of(principal), "deal.change", "deal", uuid.UUID(deal), {"rev": 2})
        values = {**row, "tenant": principal.tenant_id, "id": deal, "by": principal.user_id}
        update = filled(UPDATE.text.replace("AND rev = :rev", ""), values)
        last = filled(
            ONE_DOCUMENT.text,
            {
                "tenant": principal.tenant_id,
                "entry": done.entry(),
                "at": done.at.isoformat(),
                "actor": done.actor,
                "action": done.action,
                "kind": done.kind,
                "doc": deal,
            },
        )
        return self._transaction(self._find(deal, " FOR UPDATE"), update + ";", self._find(deal), last + ";")


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


def worker_rss_mb(server: Server) -> float:
    """Memory of the largest worker, in MB."""
    assert server.process
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    sizes: list[int] = []
    for child in children:
        status = Path(f"/proc/{child}/status").read_text()
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        if found and b"python" in command:
            sizes.append(int(found[1]))
    return max(sizes) / 1024


def measure(dist: Path) -> dict[str, float]:
    """All figures of the API."""
    server = Server({**LIMITS, "WORKERS": "2", "AUTOLYTIQ_DIST": str(dist)}).start()
    try:
        world = World(server, small=True)
        admin, rooftop = world.north.admin, world.north.rooftops[0]
        deals = [new_deal(admin, rooftop)["id"] for _ in range(DEALS)]
        return _measure(world, server, admin, rooftop, deals) | search.measure(world)
    finally:
        server.close()


def _measure(world: World, server: Server, admin: Person, rooftop: str, deals: list[str]) -> dict[str, float]:
    body = json.dumps({"deal": deal_body(rooftop)})
    targets = server.folder / "targets"
    targets.write_text("\n".join([admin.token, body, *(f"/api/v1/deals/{deal}" for deal in deals)]) + "\n")
    pause = round(CONNECTIONS * 1000 / QUIET_RPS)
    quiet = wrk(server.url, "get", targets, connections=CONNECTIONS, threads=1, pause_ms=pause)
    get = wrk(server.url, "get", targets, connections=CONNECTIONS, threads=1)
    put = wrk(server.url, "put", targets, connections=CONNECTIONS, threads=CONNECTIONS)
    bench = Pgbench(server, principal_of(admin))
    get_alone = bench.run([bench.get_deal(deal) for deal in deals[:64]])
    rows = [_row(world, deal) for deal in deals[:CONNECTIONS]]
    put_alone = bench.run([bench.put_deal(deal, row) for deal, row in zip(deals, rows, strict=False)])
    return {
        "api_get_rps": get["rps"],
        "api_put_rps": put["rps"],
        "api_get_p50_ms": quiet["p50"],
        "api_get_p95_ms": quiet["p95"],
        "api_get_p99_ms": quiet["p99"],
        "api_put_p95_ms": put["p95"],
        "api_pgbench_get_tps": get_alone,
        "api_pgbench_put_tps": put_alone,
        "api_pgbench_get_ratio": get["rps"] / get_alone,
        "api_pgbench_put_ratio": put["rps"] / put_alone,
        "api_pgbench_ratio": min(get["rps"] / get_alone, put["rps"] / put_alone),
        "worker_rss_mb": worker_rss_mb(server),
    }


def _row(world: World, deal: str) -> dict[str, Any]:
    """The columns of a stored deal, as an update writes them."""
    columns = "kind, schema_version, deleted, body, title, status, rooftop_id, owner_id, assigned_ids, customer_id"
    columns += ", total, differs"
    (found,) = world.sql(f"SELECT to_jsonb(d) FROM (SELECT {columns} FROM documents WHERE id = '{deal}') AS d")
    row: dict[str, Any] = json.loads(found[0])
    row["body"] = json.dumps(row["body"])
    return row
