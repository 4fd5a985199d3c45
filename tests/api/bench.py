"""How fast deals are read and written over HTTP, next to pgbench with the same transaction in the same run.

    python -m tests.api.bench [--seconds N] [--json]

Two workers, sixteen connections. The ratio, not the number of requests, says something on a machine that others share.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.api.samples import deal_body, new_deal
from tests.api.server import Server
from tests.api.world import World

CONNECTIONS = 16
CLIENTS = 2
WRITE_DEALS = 64


async def _connection(
    port: int, requests: list[bytes], until: float, times: list[float], failures: list[str], offset: int
) -> None:
    """One kept connection that sends its requests one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    at = offset
    tags = [b'"1"'] * len(requests)
    while time.perf_counter() < until:
        begun = time.perf_counter()
        turn = at % len(requests)
        at += 1
        # A write names the revision that the answer before it gave.
        writer.write(requests[turn].replace(b'"TAG"', tags[turn], 1))
        head = await reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        await reader.readexactly(int(lower[start : lower.index(b"\r\n", start)]))
        times.append(time.perf_counter() - begun)
        mark = lower.find(b"etag:")
        if mark >= 0:
            tags[turn] = head[mark + 5 : head.index(b"\r\n", mark)].strip()
        if b" 200 " not in head[:20]:
            failures.append(head[:40].decode())
    writer.close()


def client(port: int, seconds: float, requests: list[bytes], connections: int, offset: int) -> dict[str, Any]:
    """A client process's share of the load."""
    times: list[float] = []
    failures: list[str] = []

    async def run() -> None:
        until = time.perf_counter() + seconds
        share = [requests[n::connections] for n in range(connections)]
        await asyncio.gather(*(_connection(port, one, until, times, failures, offset) for one in share))

    asyncio.run(run())
    return {"times": times, "failures": failures[:3]}


def load(port: int, seconds: float, requests: list[bytes]) -> dict[str, float]:
    """Requests a second and their times in milliseconds, by several processes."""
    programs = []
    for number in range(CLIENTS):
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.api.bench", "--client", str(port), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert program.stdin
        own = requests[number::CLIENTS]
        program.stdin.write(json.dumps([one.decode() for one in own]))
        program.stdin.close()
        programs.append(program)
    times: list[float] = []
    for program in programs:
        assert program.stdout
        answer = json.loads(program.stdout.read())
        program.wait()
        if answer["failures"]:
            raise SystemExit(f"requests failed: {answer['failures']}")
        times += answer["times"]
    times.sort()
    return {
        "rps": len(times) / seconds,
        **{f"p{part}": 1000 * times[min(len(times) - 1, len(times) * part // 100)] for part in (50, 95, 99)},
    }


def get_request(deal: str, token: str) -> bytes:
    return f"GET /api/v1/deals/{deal} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n".encode()


def put_request(deal: str, token: str, body: bytes) -> bytes:
    head = (
        f"PUT /api/v1/deals/{deal} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n"
        'if-match: "TAG"\r\n'
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


PG_GET = """\\set n random(1, {count})
BEGIN;
SET LOCAL app.tenant_id = '{tenant}';
SELECT id, rev, status, title, rooftop_id, owner_id, customer_id, total, differs, created_at, changed_at, body::text
FROM documents WHERE tenant_id = '{tenant}' AND id = (ARRAY[{ids}])[:n] AND kind = 'deal' AND NOT deleted;
COMMIT;
"""
PG_PUT = """\\set n random(1, {count})
BEGIN;
SET LOCAL app.tenant_id = '{tenant}';
SELECT rev, status, body::text FROM documents WHERE tenant_id = '{tenant}' AND id = (ARRAY[{ids}])[:n] FOR UPDATE;
UPDATE documents SET rev = rev + 1, body = '{body}', changed_at = now()
WHERE tenant_id = '{tenant}' AND id = (ARRAY[{ids}])[:n];
SELECT rev, body::text FROM documents WHERE tenant_id = '{tenant}' AND id = (ARRAY[{ids}])[:n];
WITH clock AS (
    UPDATE tenant_clock SET seq = seq + 1, audit_n = audit_n + 1, audit_head = sha256(audit_head || 'entry')
    WHERE tenant_id = '{tenant}' RETURNING seq, audit_n, audit_head
), placed AS (
    UPDATE documents SET seq = clock.seq FROM clock
    WHERE documents.tenant_id = '{tenant}' AND documents.id = (ARRAY[{ids}])[:n]
    RETURNING documents.id, documents.rev, documents.seq, documents.deleted, documents.status, documents.body
), kept AS (
    INSERT INTO revisions (tenant_id, doc_id, rev, seq, at, by_user, action, deleted, status, body)
    SELECT '{tenant}', id, rev, seq, now(), '{user}', 'deal.change', deleted, status, body FROM placed
)
INSERT INTO audit (tenant_id, n, at, actor, action, kind, object_id, entry, hash)
SELECT '{tenant}', audit_n, now(), '{user}', 'deal.change', 'deal', NULL, 'entry', audit_head FROM clock;
COMMIT;
"""


def pgbench(world: World, script: str, seconds: float) -> float:
    """Transactions a second."""
    from backend.embedded import EmbeddedPostgres

    postgres = EmbeddedPostgres(world.server.folder / "data")
    file = world.server.folder / "script.sql"
    file.write_text(script)
    done = subprocess.run(
        [
            *(postgres.program("pgbench"), "-n", "-M", "simple", "-c", str(CONNECTIONS), "-j", "2"),
            *("-T", str(max(1, round(seconds))), "-f", str(file), "-h", str(postgres.sockets)),
            *("-U", "autolytiq_app", "autolytiq"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(next(line for line in done.stdout.splitlines() if line.startswith("tps")).split("=")[1].split()[0])


def memory(process: int) -> list[float]:
    """Resident memory of each worker, MB."""
    found = []
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        status = Path(f"/proc/{child}/status").read_text()
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        if b"backend" in command and b"serve" in command:
            found.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    return found


def measure(seconds: float) -> dict[str, float]:
    """One run: reads, writes, and pgbench beside each."""
    limits = {f"RATE_LIMIT_{name}": "10000000" for name in ("USER", "TENANT", "ADDRESS")}
    server = Server({"WORKERS": "2", "LOG_LEVEL": "error", **limits}).start()
    try:
        world = World(server, small=True)
        person, rooftop = world.north.people["sales"], world.north.rooftops[0]
        deals = [new_deal(person, rooftop, "tx-finance")["id"] for _ in range(WRITE_DEALS)]
        body = json.dumps({"deal": deal_body(rooftop, "tx-finance")}).encode()
        ids = ",".join(f"'{deal}'::uuid" for deal in deals)
        stored = world.sql(f"SELECT body::text FROM documents WHERE id = '{deals[0]}'")[0][0].replace("'", "''")
        names = {"tenant": world.north.id, "ids": ids, "count": len(deals), "user": person.id, "body": stored}
        token = person.token
        gets = [get_request(deal, token) for deal in deals]
        load(server.port, 1, gets)
        reads = load(server.port, seconds, gets)
        pg_reads = pgbench(world, PG_GET.format(**names), seconds)
        writes = load(server.port, seconds, [put_request(deal, token, body) for deal in deals])
        pg_writes = pgbench(world, PG_PUT.format(**names), seconds)
        assert server.process
        workers = memory(server.process.pid)
        return {
            "api_get_rps": reads["rps"],
            "api_get_p50_ms": reads["p50"],
            "api_get_p95_ms": reads["p95"],
            "api_get_p99_ms": reads["p99"],
            "pgbench_get_tps": pg_reads,
            "api_get_pgbench_ratio": reads["rps"] / pg_reads,
            "api_put_rps": writes["rps"],
            "api_put_p50_ms": writes["p50"],
            "api_put_p95_ms": writes["p95"],
            "api_put_p99_ms": writes["p99"],
            "pgbench_put_tps": pg_writes,
            "api_put_pgbench_ratio": writes["rps"] / pg_writes,
            "api_pgbench_ratio": min(reads["rps"] / pg_reads, writes["rps"] / pg_writes),
            "worker_rss_mb": max(workers, default=0.0),
        }
    finally:
        server.close()


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--client", nargs=2, metavar=("PORT", "SECONDS"), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.client:
        requests = [one.encode() for one in json.loads(sys.stdin.read())]
        answer = client(
            int(options.client[0]), float(options.client[1]), requests, CONNECTIONS // CLIENTS, os.getpid() % 7
        )
        print(json.dumps(answer))
        return
    figures = {name: round(value, 3) for name, value in measure(options.seconds).items()}
    for name, value in figures.items():
        print(f"{name:<24} {value:>12,.3f}")
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main(sys.argv[1:])
