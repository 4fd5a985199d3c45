"""What operators rely on: limits, cross-origin rules, metrics, logs, backup, migrations, documentation."""

import json
import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import fakeredis
import pytest

from tests.api import patient
from tests.api.samples import new_customer, new_deal
from tests.api.server import TOP, Server, free_port, public_folder
from tests.api.world import Person, World, at_rest, eventually

ORIGIN = "https://desk.example.com"


@pytest.fixture(scope="module")
def strict() -> Iterator[World]:
    """A server with small limits, one allowed origin, a token for metrics, and logs of everything."""
    server = Server(
        {
            "WORKERS": "1",
            "RATE_LIMIT_USER": "40",
            "RATE_LIMIT_ADDRESS": "60",
            "ALLOWED_ORIGINS": ORIGIN,
            "METRICS_TOKEN": "a-token-for-metrics",
            "LOG_LEVEL": "info",
            "TRUSTED_PROXIES": "127.0.0.1",
        }
    ).start()
    try:
        yield World(server, small=True)
    finally:
        server.close()


@pytest.fixture
def sales(strict: World) -> Person:
    """A salesperson who has asked for next to nothing yet."""
    return strict.north.add(strict, "s" + uuid.uuid4().hex[:8], "sales", [strict.north.rooftops[0]])


def test_a_user_beyond_the_limit_is_told_when_to_come_back(strict: World, sales: Person) -> None:
    answers = [sales.get("/rooftops") for _ in range(60)]
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 429}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "too_many_requests"
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["ratelimit-remaining"] == "0"
    assert answers[0].headers["ratelimit-limit"] == "40"
    # Others are not held up by it.
    assert strict.north.admin.get("/rooftops").status_code == 200


def test_the_short_road_to_a_deal_is_under_the_same_limit(sales: Person) -> None:
    """Also for what a refusal says; an origin makes a request take the long one."""
    path = f"/deals/{uuid.uuid4()}"
    for _ in range(60):
        sales.get("/rooftops")
    # Every second and a half one more is allowed, which may be one of these two: then it is not the next one.
    for _ in range(20):
        short, long = sales.get(path), sales.get(path, headers={"origin": "https://elsewhere.example.com"})
        if short.status_code == long.status_code:
            break
    assert short.status_code == long.status_code == 429
    assert short.json().keys() == long.json().keys()
    changing = {"x-request-id", "date", "ratelimit-reset", "content-length"}
    told = [
        {k: v for k, v in one.headers.items() if k not in changing and not k.startswith("access-control")}
        for one in (short, long)
    ]
    assert told[0] == told[1]


def test_an_address_without_sign_in_is_limited_too(strict: World) -> None:
    def ask(address: str) -> int:
        headers = {"x-forwarded-for": f"198.51.100.77, {address}"}
        return patient.get(strict.server.url + "/api/v1/deals", headers=headers).status_code

    assert {ask("203.0.113.9") for _ in range(80)} == {401, 429}
    assert ask("203.0.113.10") == 401


def test_servers_share_their_limits_through_a_store_and_go_on_without_it(tmp_path: Path) -> None:
    """The store is a stand-in that speaks the protocol over a real socket."""
    port = free_port()
    store = fakeredis.TcpFakeServer(("127.0.0.1", port), server_type="valkey")
    threading.Thread(target=store.serve_forever, daemon=True).start()
    server = Server({"WORKERS": "2", "RATE_LIMIT_ADDRESS": "30", "REDIS_URL": f"valkey://127.0.0.1:{port}"}).start()
    try:
        statuses = [patient.get(server.url + "/api/v1/deals").status_code for _ in range(70)]
        # Two windows of a minute may be met, hardly more; both workers count together.
        assert 30 <= statuses.count(401) <= 60
        assert 429 in statuses
        store.shutdown()
        store.server_close()
        alone = {patient.get(server.url + "/api/v1/deals").status_code for _ in range(3)}
        assert alone <= {401, 429}
    finally:
        server.close()


def test_other_origins_need_leave(strict: World) -> None:
    url = strict.server.url + "/api/v1/deals"
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "authorization"}
    allowed = patient.request("OPTIONS", url, headers={"origin": ORIGIN, **asked})
    assert allowed.headers["access-control-allow-origin"] == ORIGIN
    foreign = patient.request("OPTIONS", url, headers={"origin": "https://evil.example", **asked})
    assert "access-control-allow-origin" not in foreign.headers
    # What is refused before any route says so to them as well.
    for origin, told in ((ORIGIN, ORIGIN), ("https://evil.example", None)):
        refused = patient.post(url, headers={"origin": origin}, content=b"x" * 1_100_000)
        assert (refused.status_code, refused.headers.get("access-control-allow-origin")) == (413, told)


def test_metrics_are_summed_and_guarded(strict: World, world: World) -> None:
    url = strict.server.url + "/metrics"
    assert patient.get(url).status_code == 401
    assert strict.north.admin.get("/rooftops").status_code == 200

    def told() -> str:
        return patient.get(url, headers={"authorization": "Bearer a-token-for-metrics"}).text

    # An answer is counted when it is out.
    series = 'autolytiq_requests_total{method="GET",route="/api/v1/rooftops",status="200"}'
    assert eventually(lambda: series in told())
    assert strict.north.id not in told()
    # Two workers, one sum: however the requests were spread, all are counted.
    before = at_rest(lambda: counted(world))
    for _ in range(20):
        patient.get(world.server.url + "/api/v1/version")
    assert at_rest(lambda: counted(world)) == before + 20


def counted(world: World) -> float:
    text = patient.get(world.server.url + "/metrics").text
    wanted = 'autolytiq_requests_total{method="GET",route="/api/v1/version",status="200"} '
    return sum(float(line.removeprefix(wanted)) for line in text.splitlines() if line.startswith(wanted))


def test_logs_are_json_with_the_request_and_without_people(strict: World) -> None:
    mark = uuid.uuid4().hex
    strict.north.admin.get(f"/customers?q=Zaphod{mark[:6]}", headers={"x-request-id": mark})
    strict.north.admin.post("/customers", {"first_name": "Zaphod", "last_name": "Beeblebrox"})
    file = strict.server.folder / "server.log"
    # A request's line is written when its answer is out.
    assert eventually(lambda: mark in file.read_text())
    log = file.read_text()
    line = json.loads(next(line for line in log.splitlines() if mark in line))
    assert line["route"] == "/api/v1/customers"
    assert (line["status"], line["tenant"]) == (200, strict.north.id)
    for personal in ("Zaphod", "Beeblebrox", "example.com"):
        assert personal not in log


def test_a_backup_restores_everything_into_an_empty_database(world: World) -> None:
    deal = new_deal(world.north.people["sales"], world.north.rooftops[0])
    folder = public_folder()
    try:
        file = folder / "all.dump"
        assert "Written to" in world.cli("backup", str(file))
        assert file.stat().st_mode & 0o777 == 0o600
        assert "is there already" in world.cli("backup", str(file), code=1)
        assert "not empty" in world.cli("restore", str(file), code=1)
        other = Server({"WORKERS": "1"}, folder=folder)
        done = run(other, "restore", str(file))
        assert "Restored" in done
        shutil.copy(world.server.folder / "data" / "secret.key", folder / "data" / "secret.key")
        assert "no chains broken" in run(other, "verify-audit")
        other.start()
        headers = {"authorization": f"Bearer {world.north.admin.token}"}
        answer = patient.get(f"{other.url}/api/v1/deals/{deal['id']}", headers=headers)
        assert answer.json() == deal
        other.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(server: Server, *arguments: str) -> str:
    command = [sys.executable, "-m", "backend", *arguments]
    done = subprocess.run(command, cwd=TOP, env=server.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_migrating_twice_changes_nothing(world: World) -> None:
    assert "schema is that of this version" in world.cli("migrate")
    assert world.sql("SELECT version_num FROM alembic_version") == [["0001"]]


def test_the_settings_that_are_documented_are_those_that_are_read() -> None:
    from backend.settings import DOCUMENTED

    source = (TOP / "backend" / "settings.py").read_text()
    for name, _, _ in DOCUMENTED:
        assert source.count(f'"{name}"') >= 2, name
    readme = (TOP / "backend" / "README.md").read_text()
    for name, says, default in DOCUMENTED:
        assert f"| `{name}` | {says} | {default} |" in readme


def test_no_identity_of_a_customer_is_in_the_error_of_a_conflict(world: World) -> None:
    customer = new_customer(world.north.people["sales"], first_name="Secret")
    answer = world.north.people["sales"].put(f"/customers/{customer['id']}", customer["customer"], 9)
    assert "Secret" not in answer.text
