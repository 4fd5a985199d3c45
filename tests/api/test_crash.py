"""kill -9 of the server and of PostgreSQL under load: every acknowledged write is there, none twice."""

import itertools
import os
import shutil
import signal
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.api import patient
from tests.api.samples import deal_body
from tests.api.server import Server, public_folder
from tests.api.world import Person, World, eventually

BACK_SECONDS = 90.0
LIMITS = {"RATE_LIMIT_USER": "1000000", "RATE_LIMIT_TENANT": "1000000", "RATE_LIMIT_ADDRESS": "1000000"}


class Load:
    """Writers that send new deals, each under a key of its own, and note what was acknowledged."""

    def __init__(self, person: Person, rooftop: str) -> None:
        self.person = person
        self.body = {"deal": deal_body(rooftop, "sc")}
        self.headers = {"authorization": f"Bearer {person.token}"}
        self.acknowledged: dict[str, str] = {}
        self.open: set[str] = set()
        self.wrong: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._write) for _ in range(4)]

    def start(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def _write(self) -> None:
        while not self.stop.is_set():
            key = uuid.uuid4().hex
            self.open.add(key)
            self.send(key)

    def send(self, key: str) -> bool:
        try:
            answer = patient.post(
                self.person.server.url + "/api/v1/deals",
                json=self.body,
                headers={**self.headers, "idempotency-key": key},
                timeout=10,
            )
        except httpx.HTTPError:
            time.sleep(0.05)
            return False
        if answer.status_code == 201:
            self.acknowledged[key] = answer.json()["id"]
            self.open.discard(key)
            return True
        if answer.status_code != 503:
            # Raised in a thread it would be heard by nobody.
            self.wrong.append(f"{answer.status_code} {answer.text}")
        return False

    def goes_on(self) -> None:
        """Wait until many more were acknowledged: others are under way at any moment then."""
        before = len(self.acknowledged)
        assert eventually(lambda: len(self.acknowledged) > before + 40, BACK_SECONDS), self.wrong

    def end(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(30)

    def settle(self) -> None:
        """Send again what got no answer, as a client does, until there is one."""
        for key in sorted(self.open):
            assert eventually(lambda key=key: self.send(key), BACK_SECONDS)


def check(world: World, load: Load) -> None:
    tenant = world.north.id
    assert load.wrong == []
    kept = {row[0] for row in world.sql(f"SELECT id FROM documents WHERE tenant_id = '{tenant}'")}
    assert set(load.acknowledged.values()) <= kept
    load.settle()
    kept = {row[0] for row in world.sql(f"SELECT id FROM documents WHERE tenant_id = '{tenant}'")}
    assert kept == set(load.acknowledged.values())
    assert len(kept) == len(load.acknowledged)
    seqs = world.sql(f"SELECT count(*), max(seq) FROM revisions WHERE tenant_id = '{tenant}'")
    assert seqs == [[str(len(kept)), str(len(kept))]]
    assert "no chains broken" in world.cli("verify-audit")


def crash(kill: Callable[[Server], Server]) -> None:
    folder = public_folder()
    server = Server({"WORKERS": "2", **LIMITS}, folder=folder).start()
    try:
        world = World(server, small=True)
        load = Load(world.north.people["sales"], world.north.rooftops[0]).start()
        load.goes_on()
        server = kill(server)
        world.server = server
        load.goes_on()
        load.end()
        check(world, load)
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)


def test_the_server_is_killed() -> None:
    def kill(server: Server) -> Server:
        server.kill()
        again = Server({}, folder=server.folder)
        again.env = server.env
        again.port, again.url = server.port, server.url
        return again.start()

    crash(kill)


def test_postgresql_is_killed_and_comes_back() -> None:
    def kill(server: Server) -> Server:
        pid = int((server.folder / "data" / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + BACK_SECONDS
        while Path(f"/proc/{pid}").exists() or patient.get(server.url + "/ready", timeout=10).status_code != 200:
            assert time.monotonic() < until
            # The page goes on meanwhile.
            assert patient.get(server.url + "/health", timeout=10).status_code == 200
            time.sleep(0.1)
        return server

    crash(kill)


def test_a_database_that_goes_away_in_flight_is_a_503() -> None:
    server = Server({"WORKERS": "1", **LIMITS}).start()
    try:
        world = World(server, small=True)
        pid = int((server.folder / "data" / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
        seen, good = set(), 0
        paths = itertools.cycle(("/rooftops", "/users"))
        until = time.monotonic() + BACK_SECONDS
        while time.monotonic() < until:
            # One by the short road, one by a session.
            answer = world.north.admin.get(next(paths))
            seen.add(answer.status_code)
            good = good + 1 if answer.status_code == 200 else 0
            if good == 2 and 503 in seen:
                break
            if answer.status_code == 503:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["retry-after"]
        assert seen <= {200, 503}
        assert 200 in seen
    finally:
        server.close()
