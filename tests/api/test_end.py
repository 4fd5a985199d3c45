"""The end: nothing that was read is lost, a database that hangs keeps nobody, a kill leaves no port taken."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded import APP, OWNER, EmbeddedPostgres
from backend.serve import PORT_WAIT_SECONDS
from tests.api import patient
from tests.api.samples import new_customer
from tests.api.server import START_SECONDS, TOP, Server, free_port, public_folder
from tests.api.world import World

KEY = {"SECRET_KEY": "k" * 40}


@pytest.fixture
def apart() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that the server does not start itself."""
    folder = public_folder()
    postgres = EmbeddedPostgres(folder / "data")
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


def of(postgres: EmbeddedPostgres) -> dict[str, str]:
    return {"DATABASE_URL": postgres.url(APP), "DATABASE_OWNER_URL": postgres.url(OWNER), **KEY}


def postmaster(postgres: EmbeddedPostgres) -> int:
    return int((postgres.cluster / "postmaster.pid").read_text().split()[0])


def family(pid: int) -> list[int]:
    """A process and those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_what_was_read_a_moment_ago_is_written_and_the_end_is_quick(number: int) -> None:
    # Reads come faster than a user's limit allows.
    server = Server({"WORKERS": "2", "RATE_LIMIT_USER": "1000000"}).start()
    try:
        world = World(server, small=True)
        sales = world.north.people["sales"]
        customer = new_customer(sales)["id"]
        # Again and again, so that a batch is being written at any moment.
        until, reads = time.monotonic() + 1.2, 0
        while time.monotonic() < until:
            assert sales.get(f"/customers/{customer}").status_code == 200
            reads += 1
        assert server.process
        begun = time.monotonic()
        server.process.send_signal(number)
        assert server.process.wait(30) == 0
        assert time.monotonic() - begun < 6
        kept = world.cli("verify-audit")
        assert "no chains broken" in kept
        assert (
            count(server, f"SELECT count(*) FROM audit WHERE action = 'customer.read' AND object_id = '{customer}'")
            == reads
        )
    finally:
        server.close()


def count(server: Server, sql: str) -> int:
    postgres = EmbeddedPostgres(server.folder / "data")
    postgres.start()
    try:
        return int(postgres.sql("autolytiq", sql))
    finally:
        postgres.stop()


def test_a_database_that_hangs_keeps_no_worker(apart: EmbeddedPostgres) -> None:
    env = {**os.environ, **of(apart)}
    command = [sys.executable, "-m", "backend", "migrate"]
    assert subprocess.run(command, cwd=TOP, env=env, capture_output=True, check=False).returncode == 0
    server = Server({"WORKERS": "2", **of(apart)}).start()
    stopped = family(postmaster(apart))
    try:
        for _ in range(8):
            assert patient.get(server.url + "/ready").status_code == 200
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 10
        assert "worker_killed" not in (server.folder / "server.log").read_text()
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
        server.close()


def marked(mark: str) -> list[int]:
    """Processes that were given this mark."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def taken(port: int) -> bool:
    with socket.socket() as probe:
        # As the server asks: a connection that was closed a moment ago does not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_told_to_stop_while_its_workers_start_it_ends_soon(number: int) -> None:
    for turn in range(4):
        mark = f"AUTOLYTIQ_STOP_{os.getpid()}_{number}_{turn}_"
        url = "postgresql://nobody@127.0.0.1:1/none"
        env = {**os.environ, **KEY, "DATABASE_URL": url, "PORT": str(free_port()), "MARK": mark}
        command = [sys.executable, "-m", "backend", "serve"]
        quiet = subprocess.DEVNULL
        server = subprocess.Popen(command, cwd=TOP, env=env, stdout=quiet, stderr=quiet)
        until = time.monotonic() + START_SECONDS
        while len(marked(mark)) < 2 and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(0.03 * turn)
        server.send_signal(number)
        # A worker that hangs would be waited for as long as requests in flight may take.
        assert server.wait(10) == 0
        assert marked(mark) == []


def test_killed_at_any_moment_of_its_start_it_leaves_no_process_and_no_port(tmp_path: Path) -> None:
    dice = random.Random(20261125)
    with_workers = 0
    for number in range(10):
        port, mark = free_port(), f"AUTOLYTIQ_TEST_{os.getpid()}_{number}"
        env = {
            **os.environ,
            **KEY,
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
            "PORT": str(port),
            "TMPDIR": str(tmp_path),
            "MARK": mark,
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "backend", "serve"],
            cwd=TOP,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        # Half of them from the moment at which the workers are started.
        until = time.monotonic() + START_SECONDS
        while number % 2 and len(marked(mark)) < 2 and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(dice.uniform(0, 2) if number % 2 == 0 else dice.uniform(0, 0.3))
        with_workers += len(marked(mark)) > 1
        server.kill()
        server.wait()
        # Whoever starts next waits so long for the port.
        until = time.monotonic() + PORT_WAIT_SECONDS
        while marked(mark) or taken(port):
            assert time.monotonic() < until, [Path(f"/proc/{pid}/status").read_text() for pid in marked(mark)]
            time.sleep(0.05)
    assert with_workers >= 4
