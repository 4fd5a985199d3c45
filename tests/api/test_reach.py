"""A database that cannot be reached, or refuses: one sentence that names the variable, and no password in it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded import APP, OWNER, EmbeddedPostgres
from tests.api import patient
from tests.api.server import TOP, Server, free_port, public_folder

SECRET = "hunter2-and-more"
DEVICE = {"id": "01a21400-6f3c-7c4e-9a51-3a8f2b1c7d90", "name": "Desk"}
KEY = {"SECRET_KEY": "k" * 40}
COMMANDS = (
    ("migrate",),
    ("admin", "create", "--email", "a@example.com", "--name", "A"),
    ("admin", "rotate-keys"),
    ("admin", "purge", "nobody"),
    ("backup", "/tmp/never-written.dump"),
    ("restore", __file__),
    ("verify-audit",),
    ("distribute",),
)


class Guarded:
    """A PostgreSQL that asks for passwords."""

    def __init__(self, postgres: EmbeddedPostgres, place: str) -> None:
        self.postgres = postgres
        self.place = place


@pytest.fixture(scope="module")
def guarded() -> Iterator[Guarded]:
    folder, port = public_folder(), free_port()
    before = os.environ.get("PGPORT")
    os.environ["PGPORT"] = str(port)
    postgres = EmbeddedPostgres(folder / "data", options={"listen_addresses": "127.0.0.1", "port": str(port)})
    try:
        postgres.start()
        hba = postgres.cluster / "pg_hba.conf"
        hba.write_text("host all all 127.0.0.1/32 scram-sha-256\n" + hba.read_text())
        postgres.sql("postgres", f"SELECT pg_reload_conf(); ALTER ROLE {APP} PASSWORD '{SECRET}';")
        postgres.sql("postgres", f"ALTER ROLE {OWNER} PASSWORD '{SECRET}'")
        yield Guarded(postgres, f"127.0.0.1:{port}")
    finally:
        postgres.stop()
        os.environ.pop("PGPORT")
        if before is not None:
            os.environ["PGPORT"] = before
        shutil.rmtree(folder, ignore_errors=True)


def told(env: dict[str, str], *arguments: str) -> str:
    """What a command that fails says, which is one line."""
    command = [sys.executable, "-m", "backend", *arguments]
    whole = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "PG"))} | env | KEY
    done = subprocess.run(command, cwd=TOP, env=whole, input="", capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def urls(place: str, *, password: str = SECRET, database: str = "autolytiq", more: str = "") -> dict[str, str]:
    return {
        "DATABASE_URL": f"postgresql://{APP}:{password}@{place}/{database}{more}",
        "DATABASE_OWNER_URL": f"postgresql://{OWNER}:{password}@{place}/{database}{more}",
    }


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda one: "-".join(one[:2]))
def test_a_command_names_the_variable_whose_database_it_cannot_use(
    guarded: Guarded, arguments: tuple[str, ...]
) -> None:
    as_app = arguments[0] == "admin" and arguments[1] != "purge"
    name, role = ("DATABASE_URL", APP) if as_app else ("DATABASE_OWNER_URL", OWNER)
    nowhere = f"127.0.0.1:{free_port()}"
    assert told(urls(nowhere), *arguments) == f"{name}: PostgreSQL cannot be reached at {nowhere} (Connection refused)."
    wrong = told(urls(guarded.place, password=SECRET + "x"), *arguments)
    assert wrong == f"{name}: PostgreSQL at {guarded.place} does not let the role {role!r} in."
    unknown = told(urls(guarded.place, database="nothing"), *arguments)
    assert unknown == f"{name} names the database 'nothing', which {guarded.place} does not have."


def test_serve_ends_when_the_address_is_wrong_for_good(guarded: Guarded, tmp_path: Path) -> None:
    port = {"PORT": str(free_port())}
    wrong = told(urls(guarded.place, password="other") | port, "serve")
    assert wrong == f"DATABASE_URL: PostgreSQL at {guarded.place} does not let the role {APP!r} in."
    assert "'nothing'" in told(urls(guarded.place, database="nothing") | port, "serve")


def test_what_the_driver_cannot_read_is_told_without_the_password(guarded: Guarded) -> None:
    said = told(urls(guarded.place, more="?sslmode=sometimes"), "verify-audit")
    assert said.startswith("DATABASE_OWNER_URL cannot be used: ")
    encrypted = told(urls(guarded.place, more="?sslmode=require"), "verify-audit")
    assert encrypted.startswith("DATABASE_OWNER_URL")


def test_an_address_with_ssl_options_as_hosts_give_it_works(guarded: Guarded) -> None:
    env = {**os.environ, **urls(guarded.place, more="?sslmode=prefer"), **KEY}
    command = [sys.executable, "-m", "backend", "migrate"]
    done = subprocess.run(command, cwd=TOP, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    refused = told(urls(guarded.place, more=""), "restore", __file__)
    assert refused == "The database is not empty; restore into a new one."


def test_the_password_is_on_no_command_line(guarded: Guarded, tmp_path: Path) -> None:
    """A stand-in for pg_dump writes down how it was called."""
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/called\necho "$PGPASSWORD" > {tmp_path}/password\n')
    program.chmod(0o755)
    env = {**os.environ, **urls(guarded.place, password="a%2Fb" + SECRET), **KEY}
    guarded.postgres.sql("postgres", f"ALTER ROLE {OWNER} PASSWORD 'a/b{SECRET}'")
    try:
        command = [sys.executable, "-m", "backend", "backup", str(tmp_path / "all.dump")]
        path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=TOP, env={**env, **path}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    finally:
        guarded.postgres.sql("postgres", f"ALTER ROLE {OWNER} PASSWORD '{SECRET}'")
    assert SECRET not in (tmp_path / "called").read_text()
    assert f"postgresql://{OWNER}@{guarded.place}/autolytiq" in (tmp_path / "called").read_text()
    assert (tmp_path / "password").read_text().strip() == "a/b" + SECRET


def test_a_password_that_counts_no_more_while_serving_is_503(guarded: Guarded) -> None:
    env = {**os.environ, **urls(guarded.place), **KEY}
    command = [sys.executable, "-m", "backend", "migrate"]
    assert subprocess.run(command, cwd=TOP, env=env, capture_output=True, check=False).returncode == 0
    server = Server({"WORKERS": "1", **urls(guarded.place), **KEY}).start()
    postgres_role = f"ALTER ROLE {APP} PASSWORD "
    try:
        assert patient.get(server.url + "/ready").status_code == 200
        guarded.postgres.sql("postgres", postgres_role + "'changed'")
        guarded.postgres.sql(
            "postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{APP}'"
        )
        time.sleep(0.2)
        body = {"dealer_group": "platform", "email": "a@example.com", "password": "x", "device": DEVICE}
        for _ in range(3):
            answer = patient.post(server.url + "/api/v1/auth/sign-in", json=body, timeout=20)
            assert answer.status_code == 503, answer.text
        guarded.postgres.sql("postgres", postgres_role + f"'{SECRET}'")
        assert patient.post(server.url + "/api/v1/auth/sign-in", json=body, timeout=20).status_code == 401
    finally:
        server.close()
