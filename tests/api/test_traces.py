"""Traces: a span a request, statements below it, nobody's data in them, and none lost at a stop."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

import pytest

from tests.api import patient
from tests.api.collector import Collector, Seen
from tests.api.samples import new_deal
from tests.api.server import TOP, Server, free_port
from tests.api.world import World

SERVER, CLIENT = 2, 3


class Traced:
    """What two workers sent until they had ended, and what they logged."""

    def __init__(self, spans: list[Seen], raw: bytes, log: str, ids: dict[str, str]) -> None:
        self.spans = spans
        self.raw = raw
        self.log = log
        self.ids = ids

    def request(self, name: str) -> Seen:
        """The span of the request with this id."""
        found = [one for one in self.spans if one.attributes.get("autolytiq.request_id") == self.ids[name]]
        assert len(found) == 1
        return found[0]

    def below(self, span: Seen) -> list[Seen]:
        return [one for one in self.spans if one.parent == span.id]


@pytest.fixture(scope="module")
def traced() -> Iterator[Traced]:
    collector = Collector()
    server = Server({"WORKERS": "2", "LOG_LEVEL": "info", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}).start()
    try:
        world = World(server, small=True)
        sales = world.north.people["sales"]
        deal = new_deal(sales, world.north.rooftops[0])
        ids = {name: uuid.uuid4().hex for name in ("search", "deal", "missing", "refused", "page")}
        parent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
        name = {"params": {"q": "Zaphod Beeblebrox"}}
        sales.get("/customers", headers={"x-request-id": ids["search"], **parent}, **name)
        sales.get(f"/deals/{deal['id']}", headers={"x-request-id": ids["deal"]})
        sales.get(f"/deals/{uuid.uuid4()}", headers={"x-request-id": ids["missing"]})
        sales.post("/customers", {"last_name": "Beeblebrox", "x": 1}, headers={"x-request-id": ids["refused"]})
        patient.get(server.url + "/zaphod.html", headers={"x-request-id": ids["page"], "traceparent": "no sense"})
        # Whichever worker took those: one of so many connections comes to the other.
        for _ in range(30):
            assert patient.get(server.url + "/health").status_code == 200
        # At once: what waits is sent before the workers end.
        assert server.stop() == 0
        log = (server.folder / "server.log").read_text()
        yield Traced(collector.spans, b"".join(collector.raw), log, ids)
    finally:
        server.close()
        collector.close()


def test_a_request_is_a_span_with_its_template_status_and_id(traced: Traced) -> None:
    deal, missing = traced.request("deal"), traced.request("missing")
    assert (deal.name, deal.kind, deal.failed) == ("GET /api/v1/deals/{deal_id}", SERVER, False)
    assert deal.attributes["http.route"] == "/api/v1/deals/{deal_id}"
    assert deal.attributes["http.request.method"] == "GET"
    assert (deal.attributes["http.response.status_code"], missing.attributes["http.response.status_code"]) == (200, 404)
    assert deal.parent == ""
    assert deal.trace != missing.trace
    assert traced.request("refused").attributes["http.response.status_code"] == 422
    assert traced.request("page").name == "GET"
    assert deal.resource["service.name"] == "autolytiq"
    assert deal.resource["service.version"] == "0.1.0"


def test_the_callers_trace_goes_on_and_a_malformed_one_is_passed_over(traced: Traced) -> None:
    search = traced.request("search")
    assert (search.trace, search.parent) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert traced.request("page").parent == ""


@pytest.mark.parametrize("name", ["search", "deal"])
def test_statements_are_below_their_request_without_values(traced: Traced, name: str) -> None:
    request = traced.request(name)
    statements = traced.below(request)
    assert {one.kind for one in statements} == {CLIENT}
    assert {one.trace for one in statements} == {request.trace}
    assert {one.name for one in statements} & {"SELECT", "WITH"}
    texts = [one.attributes["db.query.text"] for one in statements]
    assert any("FROM documents" in one or "JOIN documents" in one for one in texts)
    assert all("'" not in one for one in texts)
    assert {one.attributes["db.system.name"] for one in statements} == {"postgresql"}
    assert all(0 <= one.seconds < patient.PATIENCE for one in statements)


def test_nothing_about_people_is_sent(traced: Traced) -> None:
    for personal in (b"aphod", b"eeblebrox", b"example.com", b"Ada Admin", b"127.0.0.1", b"httpx"):
        assert personal not in traced.raw


def test_both_workers_send_and_all_of_it(traced: Traced) -> None:
    assert len({one.resource["process.pid"] for one in traced.spans}) == 2
    logged = [json.loads(line) for line in traced.log.splitlines() if line.startswith("{")]
    answered = {line["request_id"] for line in logged if line["event"] == "request"}
    sent = {one.attributes.get("autolytiq.request_id") for one in traced.spans if one.kind == SERVER}
    assert answered == sent


def test_a_log_line_names_its_trace(traced: Traced) -> None:
    span = traced.request("search")
    lines = [json.loads(line) for line in traced.log.splitlines() if traced.ids["search"] in line]
    assert [(line["trace_id"], line["span_id"]) for line in lines] == [(span.trace, span.id)]


def test_a_collector_that_is_away_delays_nothing() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    server = Server({"WORKERS": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": address}).start()
    try:
        for _ in range(20):
            assert patient.get(server.url + "/ready").status_code == 200
        begun = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - begun < 15
        lines = (server.folder / "server.log").read_text().splitlines()
        assert all(json.loads(line) for line in lines), lines
    finally:
        server.close()


def test_without_an_endpoint_nothing_of_it_is_loaded() -> None:
    code = (
        "import sys; from backend.app import create_app; from backend.settings import read_settings;"
        "create_app(read_settings({'SECRET_KEY': 'x' * 32}), 'postgresql://nobody@/none?host=/nowhere');"
        "large = ('opentelemetry.sdk', 'opentelemetry.exporter', 'google.', 'requests', 'redis');"
        "print([name for name in sys.modules if name.startswith(large)])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_endpoint_that_is_no_address_is_a_mistake_at_start() -> None:
    from backend.settings import SettingsError, read_settings

    with pytest.raises(SettingsError, match="OTEL_EXPORTER_OTLP_ENDPOINT is not an address"):
        read_settings({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"})
