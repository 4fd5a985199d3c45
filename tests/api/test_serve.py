"""The server's start, end, page and headers, over HTTP."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest

from tests.api import patient
from tests.api.server import TOP, Server, free_port, processes_of, public_folder

CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
BROTLI = brotli.compress(b"export const long = 'plain';")


def write_page(dist: Path) -> None:
    dist.mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>Autolytiq</title>")
    (dist / "set.json").write_text('{"id": "0123456789abcdef"}')
    (dist / "sw.js").write_text("self.addEventListener('install', () => {})")
    (dist / "app-0123456789abcdef.js").write_text("export const long = 'plain';")
    (dist / "app-0123456789abcdef.js.br").write_bytes(BROTLI)
    (dist / "tax-0123456789abcdef.wasm").write_bytes(b"\0asm")


@pytest.fixture(scope="module")
def page() -> Iterator[Server]:
    folder = public_folder()
    write_page(folder / "dist")
    server = Server({"WORKERS": "1"}, folder=folder).start()
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def lonely() -> Iterator[Server]:
    """A server whose database is not there."""
    folder = public_folder()
    write_page(folder / "dist")
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    server = Server({"WORKERS": "1", "DATABASE_URL": url, "SECRET_KEY": "x" * 32}, folder=folder).start()
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("path", ["/", "/sw.js", "/health", "/api/v1/version", "/api/v1/none", "/none.js"])
def test_every_answer_carries_the_security_headers(page: Server, path: str) -> None:
    headers = patient.get(page.url + path).headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", path) for path in ("/health", "/ready", "/api/v1/version", "/api/v1/none", "/api/v1/deals", "/metrics")]
    + [("POST", "/api/v1/auth/sign-in"), ("POST", "/api/v1/auth/sign-out"), ("OPTIONS", "/api/v1/deals")],
)
def test_what_is_no_file_of_the_page_is_kept_by_no_cache(page: Server, method: str, path: str) -> None:
    assert patient.request(method, page.url + path).headers["cache-control"] == "no-store"


def test_hashed_files_are_kept_for_good_and_others_asked_anew(page: Server) -> None:
    kept = patient.get(page.url + "/app-0123456789abcdef.js").headers["cache-control"]
    assert kept == "public, max-age=31536000, immutable"
    for path in ("/", "/index.html", "/sw.js", "/set.json"):
        answer = patient.get(page.url + path)
        assert answer.headers["cache-control"] == "no-cache"
        for known in (answer.headers["etag"], "*"):
            again = patient.get(page.url + path, headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b"")
    assert patient.get(page.url + "/no-such-file.js", headers={"if-none-match": "*"}).status_code == 404


@pytest.mark.parametrize(
    ("accept", "encoded"), [("br", True), ("gzip, br;q=0.5", True), ("gzip", False), ("br;q=0", False), ("", False)]
)
def test_brotli_is_sent_to_those_who_take_it(page: Server, accept: str, encoded: bool) -> None:
    url, headers = page.url + "/app-0123456789abcdef.js", {"accept-encoding": accept}
    with httpx.stream("GET", url, headers=headers, timeout=patient.PATIENCE) as answer:
        body = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding") == ("br" if encoded else None)
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert (body == BROTLI) is encoded


def test_types_and_addresses_inside_the_page(page: Server) -> None:
    assert patient.get(page.url + "/tax-0123456789abcdef.wasm").headers["content-type"] == "application/wasm"
    inside = patient.get(page.url + "/deals/recent", headers={"accept": "text/html"})
    assert (inside.status_code, inside.text) == (200, "<!doctype html><title>Autolytiq</title>")
    assert patient.get(page.url + "/app-0123456789abcdef.js.br").status_code == 404
    assert patient.get(page.url + "/../backend/app.py").status_code == 404
    assert patient.request("HEAD", page.url + "/sw.js").content == b""


def test_health_ready_and_version(page: Server) -> None:
    assert patient.get(page.url + "/health").json() == {"status": "ok"}
    assert patient.get(page.url + "/ready").json() == {"status": "ready"}
    version = patient.get(page.url + "/api/v1/version").json()
    assert version["version"] == "0.1.0"
    assert version["page_set"] == "0123456789abcdef"


def test_without_a_database_the_page_is_served_and_ready_says_so(lonely: Server) -> None:
    assert patient.get(lonely.url + "/").status_code == 200
    assert patient.get(lonely.url + "/health").status_code == 200
    answer = patient.get(lonely.url + "/ready")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unavailable"


def test_a_body_beyond_the_limit_is_refused(page: Server) -> None:
    answer = patient.post(page.url + "/api/v1/version", content=b"x" * 1_048_577)
    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"PORT": "eighty"}, "PORT is 'eighty'; it must be a whole number from 1 to 65535."),
        ({"WORKERS": "0"}, "WORKERS is '0'; it must be a whole number from 1 to 64."),
        ({"DATABASE_URL": "mysql://x/y"}, "DATABASE_URL is not an address that begins with postgresql://"),
        ({"DATABASE_URL": "postgresql://h/d"}, "SECRET_KEY is missing; with DATABASE_URL set it must be given"),
        ({"ALLOWED_ORIGINS": "example.com"}, "ALLOWED_ORIGINS holds 'example.com'; each entry must be an origin"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL is 'loud'; it must be one of debug, info, warning, error."),
    ],
)
def test_each_mistake_in_the_environment_is_one_sentence(env: dict[str, str], sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backend", "serve"],
        cwd=TOP,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_sigterm_ends_all_with_code_zero_and_after_a_kill_the_next_start_works() -> None:
    folder = public_folder()
    try:
        server = Server({"WORKERS": "2"}, folder=folder).start()
        port = server.port
        server.kill()
        again = Server({"WORKERS": "1", "PORT": str(port)}, folder=folder)
        again.port, again.url = port, f"http://127.0.0.1:{port}"
        again.start()
        # A worker of the killed server may answer once more before it sees that its parent is gone.
        until = time.monotonic() + 30
        while patient.get(again.url + "/ready").status_code != 200:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert again.stop() == 0
        assert processes_of(folder) == []
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_sigint_is_a_clean_end_too_and_the_address_is_the_last_line() -> None:
    server = Server({"WORKERS": "1"}).start()
    assert server.process and server.process.stdout
    time.sleep(0.3)
    # As a terminal does it: the whole group hears it, and hears it again from an impatient hand.
    os.killpg(server.process.pid, signal.SIGINT)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal.SIGINT)
    output = server.process.stdout.read()
    assert server.process.wait(40) == 0
    assert output.strip().splitlines()[-1] == server.url
    server.close()


def test_requests_in_flight_at_sigterm_are_answered(page: Server) -> None:
    """Many requests run while the server is told to stop; none that was taken is dropped half-way."""
    server = Server({"WORKERS": "2"}).start()
    broken: list[str] = []
    stopping = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=server.url, timeout=patient.PATIENCE) as client:
            while True:
                try:
                    answer = client.get("/ready")
                except httpx.ConnectError:
                    return
                except (httpx.RemoteProtocolError, httpx.ReadError) as error:
                    # A kept connection that was closed between two requests is no lost request.
                    if not stopping.is_set():
                        broken.append(repr(error))
                    return
                if answer.status_code != 200:
                    broken.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    stopping.set()
    assert server.stop() == 0
    for thread in threads:
        thread.join(20)
    assert broken == []
    server.close()


def test_an_empty_database_gets_the_demo_group_once() -> None:
    folder = public_folder()
    try:
        server = Server({"WORKERS": "1", "DEMO": "1"}, folder=folder).start()
        assert server.process
        assert server.process.stdout
        told: list[str] = []
        for line in server.process.stdout:
            told.append(line)
            if line.startswith("http://"):
                break
        words = [line.split() for line in told if "@demo.example.com" in line]
        assert {line[0] for line in words} == {
            *("tenant_admin", "manager", "finance", "sales", "auditor", "platform_admin")
        }
        assert len({line[2] for line in words}) == 6
        device = {"id": "01a21400-6f3c-7c4e-9a51-3a8f2b1c7d90", "name": "Desk"}
        for role, email, password in (line[:3] for line in words):
            body = {
                "dealer_group": "platform" if role == "platform_admin" else "demo",
                "email": email,
                "password": password,
                "device": device,
            }
            answer = patient.post(server.url + "/api/v1/auth/sign-in", json=body)
            # Whoever reads customers sets a second factor up first.
            assert ("access_token" if role == "platform_admin" else "enroll_ticket") in answer.json()
        states = "count(DISTINCT body -> 'deal' -> 'place' -> 'state')"
        counts = psql(folder, f"SELECT kind, count(*), {states} FROM documents GROUP BY kind ORDER BY kind")
        assert counts[0][:2] == ["customer", "200"]
        assert counts[1][:2] == ["deal", "300"]
        assert int(counts[1][2]) >= 8
        assert psql(folder, "SELECT count(*) FROM documents WHERE kind = 'deal' AND total IS NULL") == [["0"]]
        assert server.stop() == 0
        again = Server({"WORKERS": "1", "DEMO": "1"}, folder=folder).start()
        assert psql(folder, "SELECT count(*) FROM documents") == [["500"]]
        assert again.stop() == 0
        assert again.process
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def psql(folder: Path, text: str) -> list[list[str]]:
    from backend.embedded import EmbeddedPostgres

    postgres = EmbeddedPostgres(folder / "data")
    done = subprocess.run(
        [
            *(postgres.program("psql"), "-X", "-A", "-t", "-F", "\t", "-h", str(postgres.sockets)),
            *("-U", "postgres", "-d", "autolytiq", "-c", text),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_the_role_must_own_nothing_and_bypass_nothing(page: Server) -> None:
    from backend.embedded import EmbeddedPostgres

    postgres = EmbeddedPostgres(page.folder / "data")
    for role, sentence in (("postgres", "bypasses row-level security"), ("autolytiq_owner", "owns tables")):
        env = {**os.environ, "DATABASE_URL": postgres.url(role), "SECRET_KEY": "x" * 32, "PORT": str(free_port())}
        done = subprocess.run(
            [sys.executable, "-m", "backend", "serve"], cwd=TOP, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 1
        assert sentence in done.stderr


def test_a_database_without_the_schema_is_not_ready_and_migrate_makes_it_so(page: Server) -> None:
    from backend.embedded import EmbeddedPostgres

    postgres = EmbeddedPostgres(page.folder / "data")
    postgres.sql("postgres", "CREATE DATABASE bare OWNER autolytiq_owner")
    env = {"WORKERS": "1", "DATABASE_URL": postgres.url("autolytiq_app", "bare"), "SECRET_KEY": "x" * 32}
    server = Server(env).start()
    try:
        answer = patient.get(server.url + "/ready")
        assert answer.status_code == 503
        assert "python -m backend migrate" in answer.json()["detail"]
        command = [sys.executable, "-m", "backend", "migrate"]
        alone = subprocess.run(command, cwd=TOP, env=server.env, capture_output=True, text=True, check=False)
        assert alone.returncode == 1
        assert "DATABASE_OWNER_URL is missing" in alone.stderr
        owner = {**server.env, "DATABASE_OWNER_URL": postgres.url("autolytiq_owner", "bare")}
        done = subprocess.run(command, cwd=TOP, env=owner, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert patient.get(server.url + "/ready").status_code == 200
    finally:
        server.close()


def test_the_newest_migration_is_the_one_that_ready_asks_for() -> None:
    from backend.db.migrate import FOLDER, HEAD

    assert max(path.name[:4] for path in (FOLDER / "versions").glob("0*.py")) == HEAD
